//! What every stage must keep to, whatever its input: `Err` says what is broken.

use std::sync::Arc;
use std::time::{Duration, Instant};

use syncline_lang::syntax::{self, ast};
use syncline_lang::{Inputs, World, check, evaluate, fmt, resolve};
use syncline_model::{
    Attribute, Block, Diagnostic, FileId, ProviderSchema, ResourceSchema, Str, Type,
};

/// How many inputs each stage took.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Taken {
    pub(crate) parsed: u64,
    pub(crate) formatted: u64,
    pub(crate) checked: u64,
    pub(crate) evaluated: u64,
}

/// The most environments of an input that are evaluated.
const ENVIRONMENTS: usize = 4;

/// The longest that a stage may take: an environment's evaluation, or the rest.
const LONGEST: Duration = Duration::from_secs(2);

/// Gives a text to every stage.
pub(crate) fn run(text: &str, taken: &mut Taken) -> Result<(), String> {
    taken.parsed += 1;
    let watch = Watch::new();
    let (file, found) = syntax::parse(FileId(0), text);
    places("parsing", &found, text)?;
    comments(&file, text)?;
    let is_right = !found.iter().any(Diagnostic::is_error);
    taken.formatted += 1;
    match fmt::format(text) {
        Ok(once) => stable(&file, &once)?,
        Err(_) if is_right => return Err("what parses is not formatted".to_owned()),
        Err(_) => {}
    }
    let (project, found) = resolve(vec![file]);
    places("resolving", &found, text)?;
    let world = Things::new();
    taken.checked += 1;
    watch.stop("parsing and formatting", 1)?;
    let watch = Watch::new();
    places("checking", &check(&project, &Inputs::default(), &world), text)?;
    watch.stop("checking", project.environments().count().max(1))?;
    let environments = project.environments().filter(|own| !own.is_abstract);
    let mut any = false;
    for environment in environments.take(ENVIRONMENTS) {
        let (evaluated, found) = evaluate(&project, &environment.name, &Inputs::default(), &world);
        places("evaluating", &found, text)?;
        if evaluated.is_none() && !found.iter().any(Diagnostic::is_error) {
            return Err("nothing was evaluated, and nothing said".to_owned());
        }
        watch.stop("evaluating", 1)?;
        any = true;
    }
    taken.evaluated += u64::from(any);
    Ok(())
}

/// Measures how long something takes. On a busy machine much of the wall time is others'.
struct Watch(Instant, Duration);

impl Watch {
    #[expect(clippy::disallowed_methods, reason = "what is measured is time")]
    fn new() -> Self {
        Self(Instant::now(), processor_time())
    }

    fn stop(&self, what: &str, times: usize) -> Result<(), String> {
        let longest = LONGEST * u32::try_from(times).unwrap_or(u32::MAX);
        if self.0.elapsed() > longest && processor_time().saturating_sub(self.1) > longest {
            return Err(format!("{what} takes more than two seconds"));
        }
        Ok(())
    }
}

/// Returns for how long this thread has run; nothing where the system does not tell.
#[expect(clippy::disallowed_methods, reason = "it is the kernel's, not a source")]
fn processor_time() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = text.split_whitespace().next().and_then(|word| word.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or(0))
}

/// What is formatted stays as it is, and has every comment.
fn stable(file: &ast::File, once: &str) -> Result<(), String> {
    match fmt::format(once) {
        Ok(twice) if twice == once => {}
        Ok(_) => return Err("the format is not stable".to_owned()),
        Err(_) => return Err("what is formatted does not parse".to_owned()),
    }
    let (again, _) = syntax::parse(FileId(0), once);
    if again.comments.len() == file.comments.len() {
        Ok(())
    } else {
        Err("the format loses a comment".to_owned())
    }
}

/// Every place is one of the text, between characters.
fn places(stage: &str, found: &[Diagnostic], text: &str) -> Result<(), String> {
    let labels = found.iter().flat_map(|diagnostic| &diagnostic.labels).map(|label| label.span);
    let mends = found.iter().flat_map(|diagnostic| &diagnostic.suggestions).map(|own| own.span);
    for span in labels.chain(mends) {
        let range = span.start as usize..span.end as usize;
        if span.file != FileId(0) || text.get(range).is_none() {
            return Err(format!("{stage} says something of a place that is none"));
        }
    }
    Ok(())
}

fn comments(file: &ast::File, text: &str) -> Result<(), String> {
    let mut end = 0;
    for comment in &file.comments {
        let range = comment.span.start as usize..comment.span.end as usize;
        if range.start < end || text.get(range.clone()).is_none() {
            return Err("comments are not in order".to_owned());
        }
        end = range.end;
    }
    Ok(())
}

/// A provider `mem` like that of the text cases.
struct Things(Arc<ProviderSchema>);

impl Things {
    fn new() -> Self {
        let own = |ty: Type, required: bool, computed: bool| Attribute {
            ty,
            required,
            optional: !required && !computed,
            computed,
            ..Attribute::default()
        };
        let attributes = [
            ("name", own(Type::String, true, false)),
            ("size", own(Type::Int, false, false)),
            ("zone", own(Type::String, false, false)),
            ("tags", own(Type::map(Type::String), false, false)),
            ("members", own(Type::list(Type::String), false, false)),
            ("settings", own(Type::Any, false, false)),
            ("id", own(Type::String, false, true)),
            ("token", Attribute { sensitive: true, ..own(Type::String, false, true) }),
        ];
        let attributes = attributes.map(|(name, own)| (Str::from(name), own)).into();
        let thing =
            Arc::new(ResourceSchema { block: Block { attributes }, ..ResourceSchema::default() });
        Self(Arc::new(ProviderSchema {
            name: "mem".into(),
            resources: [
                (Str::from("thing"), Arc::clone(&thing)),
                (Str::from("group"), Arc::clone(&thing)),
            ]
            .into(),
            data: [(Str::from("lookup"), thing)].into(),
            ..ProviderSchema::default()
        }))
    }
}

impl World for Things {
    fn schema(&self, provider: &str) -> Option<Arc<ProviderSchema>> {
        (provider == "mem").then(|| self.0.clone())
    }

    fn providers(&self) -> Vec<Str> {
        vec!["mem".into()]
    }
}
