//! The language alone as a program: a file's environments to JSON, or how fast a file is parsed.
//!
//! `workload FILE` evaluates every environment of a file whose resources are of the type `app.node`
//! and prints `{environment: {resource: attributes}}`; `--kept TREES` before the file reads the trees
//! of an earlier run, if there are any, and keeps those of this one. `workload --parse FILE` prints what
//! parsing took: the bytes of the text, the best seconds of several runs, the best seconds where the
//! trees of an earlier run are read, their bytes, and by how many bytes the peak memory grew at first.
//! `cargo xtask bench lang` runs it beside other languages.

#[path = "fuzz/peak.rs"]
mod peak;

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use syncline_lang::syntax::{self, Trees};
use syncline_lang::{Inputs, Project, World, evaluate, resolve};
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
        ["--kept", trees, file] => environments(file, Some(trees)),
        [file] => environments(file, None),
        _ => Err("usage: workload [--parse | --kept TREES] FILE".to_owned()),
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

/// Parses a file with the trees of an earlier run, and keeps its own.
#[expect(clippy::disallowed_methods, reason = "the caller of the language keeps the trees")]
fn parse_kept(text: &str, path: &str) -> Result<(syntax::ast::File, Vec<Diagnostic>), String> {
    let bytes = std::fs::read(path).unwrap_or_default();
    let parsed =
        syntax::parse_with(FileId(0), text, &Trees::from_bytes(&bytes).unwrap_or_default());
    if parsed.fresh > 0 {
        let written = std::fs::write(path, parsed.trees.to_bytes());
        written.map_err(|error| format!("{path} cannot be written: {error}"))?;
    }
    Ok((parsed.file, parsed.diagnostics))
}

/// Evaluates every environment of a file and prints what they desire.
fn environments(file: &str, trees: Option<&str>) -> Result<(), String> {
    let text = read(file)?;
    let (file, found) = match trees {
        Some(trees) => parse_kept(&text, trees)?,
        None => syntax::parse(FileId(0), &text),
    };
    refuse(&found)?;
    let (project, found) = resolve(vec![file]);
    refuse(&found)?;
    print(&project)?;
    // The process ends: its memory goes back as a whole.
    std::mem::forget(project);
    Ok(())
}

/// Evaluates the environments on as many threads as there are cores, and prints them in order.
fn print(project: &Project) -> Result<(), String> {
    let all = project.environments().filter(|environment| !environment.is_abstract);
    let names: Vec<Str> = all.map(|environment| environment.name).collect();
    let app = App::new();
    let next = AtomicUsize::new(0);
    let work = || {
        let mut made = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::SeqCst);
            let Some(name) = names.get(at) else { return made };
            made.push((at, rendered(project, name, &app)));
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(names.len());
    let mut made: Vec<(usize, Result<Vec<u8>, String>)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().filter_map(|worker| worker.join().ok()).flatten().collect()
    });
    made.sort_by_key(|(at, _)| *at);
    let mut out = std::io::stdout().lock();
    let failed = |error: std::io::Error| error.to_string();
    out.write_all(b"{\n").map_err(failed)?;
    for (at, text) in made {
        let mut text = text?;
        // A text that ends its line is not looked through for where it does.
        text.extend_from_slice(if at + 1 < names.len() { b",\n" } else { b"}\n" });
        out.write_all(&text).map_err(failed)?;
    }
    out.flush().map_err(failed)
}

/// Returns an environment as a member of a JSON object.
fn rendered(project: &Project, name: &str, app: &App) -> Result<Vec<u8>, String> {
    let (evaluated, found) = evaluate(project, name, &Inputs::default(), app);
    refuse(&found)?;
    let evaluated = evaluated.ok_or("nothing was evaluated")?;
    let failed = |error: std::io::Error| error.to_string();
    let mut out = Vec::with_capacity(evaluated.desired.resources.len() * 160);
    write!(out, "\"{name}\":").map_err(failed)?;
    let mut before = '{';
    for resource in &evaluated.desired.resources {
        // Instances of a keyed resource are called `r/7` here and `r7` in other languages.
        let name = resource.address.as_str().replace('/', "");
        write!(out, "{before}\"{name}\":").map_err(failed)?;
        write_value(&resource.config, &mut out).map_err(failed)?;
        before = ',';
    }
    out.push(b'}');
    Ok(out)
}

fn write_value(value: &Value, out: &mut Vec<u8>) -> std::io::Result<()> {
    match value {
        Value::Null => out.write_all(b"null"),
        Value::Bool(value) => write!(out, "{value}"),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => write_whole(whole, out),
            None => write!(out, "{number}"),
        },
        Value::String(text) => write_text(text, out),
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
                out.write_all(before.as_bytes())?;
                write_text(key, out)?;
                out.push(b':');
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

/// Writes a whole number without the machinery of formatting.
fn write_whole(number: i64, out: &mut Vec<u8>) -> std::io::Result<()> {
    let mut digits = [0; 20];
    let (mut rest, mut start) = (number.unsigned_abs(), digits.len());
    loop {
        start -= 1;
        digits[start] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if number < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(&digits[start..]);
    Ok(())
}

/// Which bytes do not stand for themselves in JSON.
const ODD: [bool; 256] = {
    let mut odd = [true; 256];
    let mut byte = b' ';
    while byte <= b'~' {
        odd[byte as usize] = byte == b'"' || byte == b'\\';
        byte += 1;
    }
    odd
};

fn write_text(text: &str, out: &mut Vec<u8>) -> std::io::Result<()> {
    // To look at each is quicker than to stop at the first.
    if text.bytes().fold(false, |odd, byte| odd | ODD[byte as usize]) {
        return write!(out, "{text:?}");
    }
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
    Ok(())
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
#[expect(clippy::print_stdout, reason = "its output is what it is for")]
fn parse_speed(file: &str) -> Result<(), String> {
    let text = read(file)?;
    let before = peak();
    let (file, found) = syntax::parse(FileId(0), &text);
    refuse(&found)?;
    let grown = peak().saturating_sub(before);
    drop(file);
    let cold = best(|| syntax::parse(FileId(0), &text));
    let kept = syntax::parse_with(FileId(0), &text, &Trees::default()).trees.to_bytes();
    let warm = best(|| {
        let known = Trees::from_bytes(&kept).unwrap_or_default();
        syntax::parse_with(FileId(0), &text, &known)
    });
    println!("{} {cold:.6} {warm:.6} {} {grown}", text.len(), kept.len());
    Ok(())
}

/// Returns the fewest seconds that something took; what it made is dropped afterwards.
#[expect(clippy::disallowed_methods, reason = "a measurement needs a clock")]
fn best<T>(work: impl Fn() -> T) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..5 {
        let start = Instant::now();
        let made = std::hint::black_box(work());
        best = best.min(start.elapsed().as_secs_f64());
        drop(made);
    }
    best
}
