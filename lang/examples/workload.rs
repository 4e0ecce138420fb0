//! The language alone as a program: a file's environments to JSON, or how fast a file is parsed.
//!
//! `workload FILE` evaluates every environment of a file whose resources are of the type `app.node`
//! and prints `{environment: {resource: attributes}}`; `workload --parse FILE` prints what parsing
//! took: the bytes, the best seconds of several runs, and by how many bytes the peak memory grew.
//! `cargo xtask bench lang` runs it beside other languages.

#[path = "fuzz/peak.rs"]
mod peak;

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use syncline_lang::{Inputs, Project, World, evaluate, resolve, syntax};
use syncline_model::{
    Attribute, Block, Diagnostic, FileId, ProviderSchema, ResourceSchema, Str, Type, Value,
};

use peak::peak;

// The allocator of the binary that users run.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A provider `app` whose one type has every attribute of the workload.
struct App(Arc<ProviderSchema>);

impl App {
    fn new() -> Self {
        let attribute = |ty: Type, required| Attribute {
            ty,
            required,
            optional: !required,
            ..Attribute::default()
        };
        let attributes = [
            ("name", attribute(Type::String, true)),
            ("size", attribute(Type::Int, true)),
            ("tags", attribute(Type::Map(Arc::new(Type::String)), true)),
            ("prev", attribute(Type::String, true)),
            ("versioning", attribute(Type::Bool, false)),
            ("retention", attribute(Type::Int, false)),
        ];
        let attributes = attributes.map(|(name, attribute)| (Str::from(name), attribute)).into();
        let node = ResourceSchema { block: Block { attributes }, ..ResourceSchema::default() };
        Self(Arc::new(ProviderSchema {
            name: "app".into(),
            resources: [(Str::from("node"), Arc::new(node))].into(),
            ..ProviderSchema::default()
        }))
    }
}

impl World for App {
    fn schema(&self, provider: &str) -> Option<Arc<ProviderSchema>> {
        (provider == "app").then(|| self.0.clone())
    }

    fn providers(&self) -> Vec<Str> {
        vec!["app".into()]
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        ["--parse", file] => parse_speed(file),
        [file] => environments(file),
        _ => Err("usage: workload [--parse] FILE".to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            let _gone = writeln!(std::io::stderr(), "{reason}");
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the caller of the language reads the files")]
fn read(file: &str) -> Result<String, String> {
    std::fs::read_to_string(file).map_err(|error| format!("{file} cannot be read: {error}"))
}

/// Evaluates every environment of a file and prints what they desire.
fn environments(file: &str) -> Result<(), String> {
    let text = read(file)?;
    let (file, found) = syntax::parse(FileId(0), &text);
    refuse(&found)?;
    let (project, found) = resolve(vec![file]);
    refuse(&found)?;
    let stdout = std::io::stdout().lock();
    let mut out = std::io::BufWriter::with_capacity(1 << 16, stdout);
    print(&project, &mut out)?;
    out.flush().map_err(|error| error.to_string())
}

fn print(project: &Project, out: &mut dyn Write) -> Result<(), String> {
    let app = App::new();
    let failed = |error: std::io::Error| error.to_string();
    let mut before = '{';
    for environment in project.environments().filter(|environment| !environment.is_abstract) {
        let (evaluated, found) = evaluate(project, &environment.name, &Inputs::default(), &app);
        refuse(&found)?;
        let evaluated = evaluated.ok_or("nothing was evaluated")?;
        write!(out, "{before}\"{}\":", environment.name).map_err(failed)?;
        before = '{';
        for resource in &evaluated.desired.resources {
            // Instances of a keyed resource are called `r/7` here and `r7` in other languages.
            let name = resource.address.as_str().replace('/', "");
            write!(out, "{before}\"{name}\":").map_err(failed)?;
            write_value(&resource.config, out).map_err(failed)?;
            before = ',';
        }
        write!(out, "}}").map_err(failed)?;
        before = ',';
    }
    writeln!(out, "}}").map_err(failed)
}

fn write_value(value: &Value, out: &mut dyn Write) -> std::io::Result<()> {
    match value {
        Value::Null => out.write_all(b"null"),
        Value::Bool(value) => write!(out, "{value}"),
        Value::Number(number) => write!(out, "{number}"),
        Value::String(text) => write!(out, "{text:?}"),
        Value::List(items) | Value::Set(items) => {
            let mut before = "[";
            for item in items.iter() {
                out.write_all(before.as_bytes())?;
                write_value(item, out)?;
                before = ",";
            }
            out.write_all(if before == "[" { b"[]" } else { b"]" })
        }
        Value::Map(map) => {
            let mut before = "{";
            // What is not configured is null here and absent in other languages.
            for (key, value) in map.iter().filter(|(_, value)| !value.is_null()) {
                write!(out, "{before}{key:?}:")?;
                write_value(value, out)?;
                before = ",";
            }
            out.write_all(if before == "{" { b"{}" } else { b"}" })
        }
        Value::Quantity(_) | Value::Unknown(_) | Value::Secret(_) => {
            Err(std::io::Error::other("the workload has no such value"))
        }
    }
}

fn refuse(found: &[Diagnostic]) -> Result<(), String> {
    match found.iter().find(|found| found.is_error()) {
        Some(first) => {
            Err(format!("{}: {} ({} in all)", first.code.id, first.message, found.len()))
        }
        None => Ok(()),
    }
}

/// Prints how fast a file is parsed, on as many threads as the parser takes.
#[expect(clippy::disallowed_methods, reason = "a measurement needs a clock")]
#[expect(clippy::print_stdout, reason = "its output is what it is for")]
fn parse_speed(file: &str) -> Result<(), String> {
    let text = read(file)?;
    let before = peak();
    let (file, found) = syntax::parse(FileId(0), &text);
    refuse(&found)?;
    let grown = peak().saturating_sub(before);
    drop(file);
    let mut best = f64::INFINITY;
    for _ in 0..5 {
        let start = Instant::now();
        let parsed = std::hint::black_box(syntax::parse(FileId(0), &text));
        best = best.min(start.elapsed().as_secs_f64());
        drop(parsed);
    }
    println!("{} {best:.6} {grown}", text.len());
    Ok(())
}
