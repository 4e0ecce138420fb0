//! The front end's stages on a case's sources, each result as text.
//!
//! One `check_*` for each stage. The schemas are those of the in-memory provider.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use syncline_lang::diagnostics::unapplied_output;
use syncline_lang::syntax::{ast, parse, parse_expression};
use syncline_lang::{
    Evaluated, EvaluatedMember, Export, FileProblem, FolderEntry, Input, InputValue, Inputs,
    Project, World, check, evaluate, evaluate_expression, fmt, resolve, test,
};
use syncline_model::{
    DesiredResource, Diagnostic, Functions, Mode, Origin, Problem, ProviderSchema, Sources, Str,
    Treatment, Value,
};

use crate::{dump, memory, render};

/// The world that cases see: the in-memory provider under its names, and nothing else.
#[derive(Debug)]
pub struct Schemas;

/// The same, with the files of a case that are no sources.
#[derive(Debug, Default)]
pub struct Files(BTreeMap<String, String>);

impl World for Files {
    fn schema(&self, provider: &str) -> Option<Arc<ProviderSchema>> {
        World::schema(&Schemas, provider)
    }

    fn functions(&self) -> Option<&dyn Functions> {
        Some(&Schemas)
    }

    fn providers(&self) -> Vec<Str> {
        Schemas.providers()
    }

    fn file(&self, path: &str) -> Result<Arc<[u8]>, FileProblem> {
        let near = || syncline_model::nearest(path, self.0.keys().map(String::as_str));
        let found = self.0.get(path).map(|text| text.trim_end_matches('\n').as_bytes().into());
        found.ok_or_else(|| FileProblem::Missing(near().map(Str::from)))
    }

    fn folder(&self, path: &str) -> Result<Arc<[FolderEntry]>, FileProblem> {
        let start = if path.is_empty() { String::new() } else { format!("{path}/") };
        let below = self.0.keys().filter_map(|name| name.strip_prefix(&start));
        let mut entries: Vec<FolderEntry> = below
            .map(|rest| match rest.split_once('/') {
                Some((name, _)) => FolderEntry { name: name.into(), is_folder: true },
                None => FolderEntry { name: rest.into(), is_folder: false },
            })
            .collect();
        entries.dedup();
        if entries.is_empty() { Err(FileProblem::Missing(None)) } else { Ok(entries.into()) }
    }
}

impl Functions for Schemas {
    fn schema(&self, provider: &str) -> Option<Arc<ProviderSchema>> {
        memory::NAMES.contains(&provider).then(|| memory::schema(provider))
    }

    fn call(&self, _: &str, function: &str, arguments: &[Value]) -> Result<Value, Problem> {
        memory::call(function, arguments)
    }
}

impl World for Schemas {
    fn schema(&self, provider: &str) -> Option<Arc<ProviderSchema>> {
        Functions::schema(self, provider)
    }

    fn functions(&self) -> Option<&dyn Functions> {
        Some(self)
    }

    fn providers(&self) -> Vec<Str> {
        memory::NAMES.iter().map(|name| Str::from(*name)).collect()
    }
}

/// What a run gives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The text to compare.
    pub text: String,
    /// Whether there was an error.
    pub failed: bool,
    /// The marks that no diagnostic answers.
    pub unanswered: Vec<String>,
}

/// The sources of a case, parsed.
#[derive(Debug, Default)]
pub struct Parsed {
    /// The texts.
    pub sources: Sources,
    /// The trees.
    pub files: Vec<ast::File>,
    /// What the parser said.
    pub diagnostics: Vec<Diagnostic>,
    /// The files that are no sources.
    pub others: Files,
}

impl Parsed {
    /// Parses sources, given by name.
    #[must_use]
    pub fn new(texts: &BTreeMap<String, String>) -> Self {
        let mut parsed = Self::default();
        for (name, text) in texts {
            if !name.ends_with(".sync") {
                parsed.others.0.insert(name.clone(), text.clone());
                continue;
            }
            let id = parsed.sources.add(name.as_str(), text.as_str());
            let (mut file, diagnostics) = parse(id, text);
            if let Some((folder, _)) = name.rsplit_once('/') {
                file.folder = folder.into();
            }
            parsed.files.push(file);
            parsed.diagnostics.extend(diagnostics);
        }
        parsed
    }

    /// Resolves the trees.
    #[must_use]
    pub fn resolve(self) -> Resolved {
        let Self { sources, files, mut diagnostics, others } = self;
        let (project, found) = resolve(files);
        diagnostics.extend(found);
        Resolved { sources, project, diagnostics, others }
    }
}

/// The sources of a case, resolved.
#[derive(Debug)]
pub struct Resolved {
    /// The texts.
    pub sources: Sources,
    /// The project.
    pub project: Project,
    /// What parser and resolver said.
    pub diagnostics: Vec<Diagnostic>,
    /// The files that are no sources.
    pub others: Files,
}

impl Resolved {
    /// Evaluates an environment, unless something is wrong already.
    pub fn evaluate(&mut self, environment: &str, inputs: &Inputs) -> Option<Evaluated> {
        let (evaluated, found) = evaluate(&self.project, environment, inputs, &self.others);
        self.diagnostics.extend(found);
        evaluated.filter(|_| !self.diagnostics.iter().any(Diagnostic::is_error))
    }
}

/// Joins a text and diagnostics to an outcome.
#[must_use]
pub fn outcome(text: &str, diagnostics: &[Diagnostic], sources: &Sources) -> Outcome {
    let said = render::diagnostics(diagnostics, sources);
    let text = if text.is_empty() || said.is_empty() {
        format!("{text}{said}")
    } else {
        format!("{text}\n{said}")
    };
    Outcome {
        text: if text.is_empty() { "nothing to report\n".to_owned() } else { text },
        failed: diagnostics.iter().any(Diagnostic::is_error),
        unanswered: render::unanswered_marks(diagnostics, sources),
    }
}

/// Text to trees.
#[must_use]
pub fn check_parse(texts: &BTreeMap<String, String>) -> Outcome {
    let parsed = Parsed::new(texts);
    let trees: Vec<String> = parsed.files.iter().map(dump::file).collect();
    outcome(&trees.join("\n"), &parsed.diagnostics, &parsed.sources)
}

/// Text to text in the one format, which must not change when it is formatted again.
#[must_use]
pub fn check_format(texts: &BTreeMap<String, String>) -> Outcome {
    let mut formatted = Vec::new();
    for (name, text) in texts {
        match fmt::format(text) {
            Ok(once) => {
                match fmt::format(&once) {
                    Ok(twice) if twice == once => {}
                    Ok(twice) => formatted.push(format!("NOT STABLE:\n{twice}\nbefore that:\n")),
                    Err(_) => formatted.push("IT DOES NOT PARSE ANY MORE:\n".to_owned()),
                }
                formatted.push(once);
            }
            Err(diagnostics) => {
                let mut sources = Sources::default();
                let _id = sources.add(name.as_str(), text.as_str());
                return outcome(&formatted.join("\n"), &diagnostics, &sources);
            }
        }
    }
    Outcome { text: formatted.join("\n"), ..Outcome::default() }
}

/// Trees to a project: who stands on whom.
#[must_use]
pub fn check_resolve(texts: &BTreeMap<String, String>) -> Outcome {
    let resolved = Parsed::new(texts).resolve();
    let mut text = String::new();
    if let Some(name) = resolved.project.name() {
        let _infallible = writeln!(text, "project {name}");
    }
    for environment in resolved.project.environments() {
        let mark = if environment.is_abstract { "abstract " } else { "" };
        let _infallible = write!(text, "{mark}environment {}", environment.name);
        if let Some(parent) = &environment.extends {
            let _infallible = write!(text, " extends {parent}");
        }
        if !environment.with.is_empty() {
            let _infallible = write!(text, " with {}", environment.with.join(", "));
        }
        text.push('\n');
    }
    outcome(&text, &resolved.diagnostics, &resolved.sources)
}

/// A project against types and schemas.
#[must_use]
pub fn check_check(texts: &BTreeMap<String, String>, arguments: &[String]) -> Outcome {
    let mut resolved = Parsed::new(texts).resolve();
    let inputs = inputs(arguments, &mut resolved.sources);
    let found = check(&resolved.project, &inputs, &resolved.others);
    resolved.diagnostics.extend(found);
    // As the command line does: what both stages say is said once.
    syncline_lang::diagnostics::deduplicate(&mut resolved.diagnostics);
    outcome("", &resolved.diagnostics, &resolved.sources)
}

/// The tests of a project to what comes of each.
#[must_use]
pub fn check_test(texts: &BTreeMap<String, String>) -> Outcome {
    let Resolved { sources, project, mut diagnostics, .. } = Parsed::new(texts).resolve();
    let mut text = String::new();
    for own in project.tests() {
        let outcome = test(&project, own, &Schemas);
        let verdict = if outcome.failures.is_empty() { "ok" } else { "FAILED" };
        let count = outcome.expectations;
        let _infallible = writeln!(text, "{verdict} {} ({count} expected)", own.name.name);
        diagnostics.extend(outcome.failures);
    }
    outcome(&text, &diagnostics, &sources)
}

/// An environment, or one expression in it, to values. Arguments: the environment, perhaps an
/// expression in single quotes, `--set name=value`, `--origins`, and what another environment was
/// applied with: `--applied environment:output=value`.
#[must_use]
pub fn check_eval(texts: &BTreeMap<String, String>, arguments: &[String]) -> Outcome {
    let mut resolved = Parsed::new(texts).resolve();
    let inputs = inputs(arguments, &mut resolved.sources);
    let environment = arguments.first().map_or("dev", String::as_str);
    // What stands behind a flag is its value.
    let is_expression = |pair: &&[String]| !pair[0].starts_with("--") && pair[1].starts_with('\'');
    if let Some([_, text]) = arguments.windows(2).find(is_expression) {
        let text = text.trim_matches('\'');
        let id = resolved.sources.add("(expression)", text);
        let (expr, found) = parse_expression(id, text);
        resolved.diagnostics.extend(found);
        let (value, found) =
            evaluate_expression(&resolved.project, environment, &inputs, &resolved.others, &expr);
        resolved.diagnostics.extend(found);
        let text = value.map_or(String::new(), |value| format!("{}\n", shown(&value)));
        return outcome(&text, &resolved.diagnostics, &resolved.sources);
    }
    let evaluated = resolved.evaluate(environment, &inputs);
    let origins = arguments.iter().any(|argument| argument == "--origins");
    if let Some(evaluated) = evaluated.as_ref().filter(|_| !inputs.exports.is_empty()) {
        let found = unapplied_output::diagnostics(environment, evaluated.desired.reads.iter());
        resolved.diagnostics.extend(found);
    }
    let text = evaluated.map_or(String::new(), |evaluated| {
        Printer { sources: &resolved.sources, origins }.evaluated(&evaluated)
    });
    outcome(&text, &resolved.diagnostics, &resolved.sources)
}

/// Returns the inputs that arguments give, each text a source of its own.
pub fn inputs(arguments: &[String], sources: &mut Sources) -> Inputs {
    let mut values = Vec::new();
    for pair in arguments.windows(2).filter(|pair| pair[0] == "--set") {
        let (name, text) = pair[1].split_once('=').unwrap_or((&pair[1], ""));
        let text = text.trim_matches('\'');
        values.push(Input {
            name: name.into(),
            value: InputValue::Text(text.into()),
            source: "--set".into(),
            file: sources.add_input(format!("--set {name}"), text),
            required: true,
        });
    }
    let mut exports: BTreeMap<Str, Export> = BTreeMap::new();
    for pair in arguments.windows(2).filter(|pair| pair[0] == "--applied") {
        let text = pair[1].trim_matches('\'');
        let (environment, output) = text.split_once(':').unwrap_or((text, ""));
        let export = exports.entry(environment.into()).or_default();
        export.source = "run 7".into();
        let Some((name, text)) = output.split_once('=') else { continue };
        let id = sources.add_input(format!("--applied {environment}:{name}"), text);
        let value = syncline_lang::literal(&parse_expression(id, text).0).unwrap_or_default();
        export.values.insert(name.into(), value);
    }
    Inputs { values, exports }
}

/// Returns a value; of an unknown, what it waits for.
#[must_use]
pub fn shown(value: &Value) -> String {
    let (mut waits, mut environments) = (Vec::new(), Vec::new());
    value.waits_for(&mut waits);
    value.waits_for_outputs(&mut environments);
    let mut waits: Vec<String> = waits.iter().map(ToString::to_string).collect();
    waits.extend(environments.iter().map(|(own, _)| format!("an apply of {own}")));
    waits.sort();
    waits.dedup();
    if waits.is_empty() {
        return value.to_string();
    }
    format!("{value}   # waits for {}", waits.join(", "))
}

/// Writes what an environment evaluates to.
struct Printer<'a> {
    sources: &'a Sources,
    origins: bool,
}

impl Printer<'_> {
    fn evaluated(&self, evaluated: &Evaluated) -> String {
        let mut text = String::new();
        for (kind, members) in [("param", &evaluated.params), ("let", &evaluated.lets)] {
            for member in members {
                self.member(kind, member, &mut text);
            }
        }
        for provider in &evaluated.desired.providers {
            let _infallible =
                writeln!(text, "provider {} {}", provider.id, shown(&provider.config));
        }
        for resource in &evaluated.desired.resources {
            self.resource(resource, &mut text);
        }
        for output in &evaluated.desired.outputs {
            let value = shown(&output.value);
            let _infallible = writeln!(text, "output {}: {} = {value}", output.name, output.ty);
        }
        for check in &evaluated.desired.checks {
            let _infallible = writeln!(text, "ensure {}", shown(&check.condition));
        }
        text
    }

    fn member(&self, kind: &str, member: &EvaluatedMember, text: &mut String) {
        let _infallible = write!(text, "{kind} {} = {}", member.name, shown(&member.value));
        self.chain(member.origins.iter(), text);
        text.push('\n');
    }

    fn resource(&self, resource: &DesiredResource, text: &mut String) {
        let mode = if resource.mode == Mode::Data { "data " } else { "" };
        let _infallible = writeln!(text, "{mode}{} {}", resource.type_name(), resource.address);
        if resource.provider.alias.is_some() {
            let _infallible = writeln!(text, "  by {}", resource.provider);
        }
        let Treatment { protect, ignore, create_first, replace_with, timeouts } =
            &*resource.lifecycle;
        if *protect {
            text.push_str("  @protect\n");
        }
        if !ignore.is_empty() {
            let paths: Vec<String> = ignore.iter().map(ToString::to_string).collect();
            let _infallible = writeln!(text, "  @ignore({})", paths.join(", "));
        }
        if *create_first {
            text.push_str("  @replace(create_first)\n");
        }
        for trigger in replace_with {
            let (to, path) = (&trigger.to, &trigger.path);
            let dot = if path.is_empty() { "" } else { "." };
            let _infallible = writeln!(text, "  @replace_with({to}{dot}{path})");
        }
        let times =
            [("create", timeouts.create), ("update", timeouts.update), ("delete", timeouts.delete)];
        for (name, millis) in times.into_iter().filter_map(|(name, time)| Some((name, time?))) {
            let _infallible = writeln!(text, "  @timeout({name} = {millis} ms)");
        }
        let empty = syncline_model::Map::new();
        for (name, value) in resource.config.as_map().unwrap_or(&empty).iter() {
            let _infallible = write!(text, "  {}.{name} = {}", resource.address, shown(value));
            let path = syncline_model::Path::attribute(name.clone());
            self.chain(resource.origins.chain(&path), text);
            text.push('\n');
        }
        let edges: Vec<String> =
            resource.depends_on.iter().map(|edge| edge.to.to_string()).collect();
        if !edges.is_empty() {
            let _infallible = writeln!(text, "  after {}", edges.join(", "));
        }
    }

    /// Writes the places that made a value, the winner first.
    fn chain<'a>(&self, origins: impl DoubleEndedIterator<Item = &'a Origin>, text: &mut String) {
        if !self.origins {
            return;
        }
        let places: Vec<String> = origins
            .rev()
            .filter_map(|origin| self.sources.place(origin.span, &origin.overlay))
            .map(|place| place.to_string())
            .collect();
        let _infallible = write!(text, "   # {}", places.join(" <- "));
    }
}
