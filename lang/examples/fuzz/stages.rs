//! What every stage must keep to, whatever its input: `Err` says what is broken.

use std::hash::{Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustc_hash::FxHasher;
use syncline_lang::syntax::{self, ast};
use syncline_lang::{Evaluated, Inputs, World, check, evaluate, fmt, resolve};
use syncline_model::{
    Attribute, Block, Diagnostic, FileId, ProviderSchema, ResourceSchema, Str, Type, Value,
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

/// Says that a stage took too long by the clock; whether the processor did is asked again.
pub(crate) const SLOW: &str = "takes more than two seconds";

/// All stages, with what they have in common for every input.
pub(crate) struct Stages {
    pub(crate) taken: Taken,
    /// What was said of the last input, without the names in it, as numbers.
    pub(crate) said: Vec<u64>,
    /// What else it led to: kinds of items and of values.
    pub(crate) seen: Vec<u64>,
    inputs: Inputs,
    world: Things,
    /// Time is taken by the processor: on a busy machine much of the wall time is others'. The
    /// kernel is not asked for it with every input.
    is_careful: bool,
}

impl Stages {
    pub(crate) fn new() -> Self {
        Self {
            taken: Taken::default(),
            said: Vec::new(),
            seen: Vec::new(),
            inputs: Inputs::default(),
            world: Things::new(),
            is_careful: false,
        }
    }

    /// Gives a text to every stage.
    pub(crate) fn run(&mut self, text: &str) -> Result<(), String> {
        match self.once(text) {
            Err(failure) if failure.contains(SLOW) => {
                self.is_careful = true;
                let taken = self.taken;
                let result = self.once(text);
                (self.is_careful, self.taken) = (false, taken);
                result
            }
            result => result,
        }
    }

    fn once(&mut self, text: &str) -> Result<(), String> {
        self.said.clear();
        self.seen.clear();
        self.taken.parsed += 1;
        let watch = self.watch();
        let (file, found) = syntax::parse(FileId(0), text);
        self.places("parsing", &found, text)?;
        comments(&file, text)?;
        self.taken.formatted += 1;
        if found.iter().any(Diagnostic::is_error) {
            // What does not parse is left alone: that costs another parsing and says little.
            if text.len().is_multiple_of(8) && fmt::format(text).is_ok() {
                return Err("what does not parse is formatted".to_owned());
            }
        } else {
            stable(&file, text)?;
        }
        watch.stop("parsing and formatting", 1)?;
        let watch = self.watch();
        for item in &file.items {
            note(&mut self.seen, "item", &std::mem::discriminant(&item.kind));
        }
        let (project, found) = resolve(vec![file]);
        self.places("resolving", &found, text)?;
        self.taken.checked += 1;
        let found = check(&project, &self.inputs, &self.world);
        self.places("checking", &found, text)?;
        watch.stop("checking", project.environments().count().max(1))?;
        let environments = project.environments().filter(|own| !own.is_abstract);
        let mut any = false;
        for environment in environments.take(ENVIRONMENTS) {
            let watch = self.watch();
            let (evaluated, found) =
                evaluate(&project, &environment.name, &self.inputs, &self.world);
            self.places("evaluating", &found, text)?;
            match evaluated {
                Some(evaluated) => self.values(&evaluated),
                None if found.iter().any(Diagnostic::is_error) => {}
                None => return Err("nothing was evaluated, and nothing said".to_owned()),
            }
            watch.stop("evaluating", 1)?;
            any = true;
        }
        self.taken.evaluated += u64::from(any);
        Ok(())
    }

    fn watch(&self) -> Watch {
        Watch::new(self.is_careful)
    }

    /// Every place is one of the text, between characters. What is said is a feature.
    fn places(&mut self, stage: &str, found: &[Diagnostic], text: &str) -> Result<(), String> {
        for diagnostic in found {
            let labels = diagnostic.labels.iter().map(|label| label.span);
            for span in labels.chain(diagnostic.suggestions.iter().map(|own| own.span)) {
                let range = span.start as usize..span.end as usize;
                if span.file != FileId(0) || text.get(range).is_none() {
                    return Err(format!("{stage} says something of a place that is none"));
                }
            }
            let quoted = diagnostic.message.split('`');
            // Every other part stands in backticks: a name of the input.
            let words = quoted.step_by(2).flat_map(str::chars).filter(|own| own.is_alphabetic());
            note(&mut self.said, stage, &words.collect::<String>());
        }
        Ok(())
    }

    fn values(&mut self, evaluated: &Evaluated) {
        let desired = &evaluated.desired;
        note(
            &mut self.seen,
            "resources",
            &(desired.resources.len().min(4), desired.checks.len().min(2)),
        );
        let outputs = desired.outputs.iter().map(|own| &own.value);
        let members = evaluated.params.iter().chain(&evaluated.lets).map(|own| &own.value);
        for value in outputs.chain(members) {
            note(&mut self.seen, "value", &shape(value));
        }
        for resource in &desired.resources {
            note(&mut self.seen, "resource", &shape(&resource.config));
        }
    }
}

/// Adds a feature, once.
fn note(features: &mut Vec<u64>, what: &str, of: &impl std::hash::Hash) {
    let mut hasher = FxHasher::default();
    (what, of).hash(&mut hasher);
    let feature = hasher.finish();
    if !features.contains(&feature) {
        features.push(feature);
    }
}

/// Returns the kind of a value, and of what is first in it.
fn shape(value: &Value) -> Vec<std::mem::Discriminant<Value>> {
    let mut kinds = vec![std::mem::discriminant(value)];
    if let Some(map) = value.as_map() {
        kinds.extend(map.iter().take(3).map(|(_, value)| std::mem::discriminant(value)));
    } else if let Some(list) = value.as_items() {
        kinds.extend(list.iter().take(2).map(std::mem::discriminant));
    }
    kinds
}

/// Measures how long something takes.
struct Watch {
    start: Instant,
    processor: Option<Duration>,
}

impl Watch {
    #[expect(clippy::disallowed_methods, reason = "what is measured is time")]
    fn new(is_careful: bool) -> Self {
        Self { start: Instant::now(), processor: is_careful.then(processor_time) }
    }

    fn stop(&self, what: &str, times: usize) -> Result<(), String> {
        let longest = LONGEST * u32::try_from(times).unwrap_or(u32::MAX);
        let used = |before| processor_time().saturating_sub(before);
        if self.start.elapsed() > longest && self.processor.is_none_or(|own| used(own) > longest) {
            return Err(format!("{what} {SLOW}"));
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

/// What is formatted parses, has every comment, and stays as it is.
fn stable(file: &ast::File, text: &str) -> Result<(), String> {
    let once = fmt::print(text, file);
    if once == text {
        return Ok(());
    }
    let (again, found) = syntax::parse(FileId(0), &once);
    if found.iter().any(Diagnostic::is_error) {
        return Err("what is formatted does not parse".to_owned());
    }
    if again.comments.len() != file.comments.len() {
        return Err("the format loses a comment".to_owned());
    }
    if fmt::print(&once, &again) == once {
        Ok(())
    } else {
        Err("the format is not stable".to_owned())
    }
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
