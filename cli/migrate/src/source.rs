//! HCL as found: modules and variable files.
//!
//! Takes the text of every file of a project and returns its modules, block by block, each with
//! the file that it stands in. What cannot be parsed is an issue, and the rest is read all the same.

use std::collections::BTreeMap;
use std::rc::Rc;

use hcl_edit::Span as _;
use hcl_edit::expr::Expression;
use hcl_edit::structure::{Block, Body};

use crate::Schemas;
use crate::configuration;
use crate::files::Others;
use crate::issue::{Issue, Issues, Kind};
use crate::json;
use crate::lenient::{filled, joined};
use crate::overrides::merged;

/// The files of a project.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The project's name: that of its folder.
    pub name: String,
    /// The text of each file that [`is_source`] tells of, by its path relative to the project.
    pub files: BTreeMap<String, String>,
    /// The workspaces that have a state, `default` among them.
    pub workspaces: Vec<String>,
    /// Where modules from elsewhere were put: their address to a folder of [`Sources::files`], as
    /// `terraform init` noted it.
    pub installed: BTreeMap<String, String>,
    /// The other files by their paths: the text of each, and nothing of what is no text or long.
    pub others: BTreeMap<String, Option<String>>,
    /// Providers are named with Terraform's registry, where no other is: they are there under that address alone.
    pub is_terraform: bool,
    /// The new project is written beside the old one.
    pub beside: bool,
    /// Modules that lie outside of the project's folder: by the folder that calls one and the source that
    /// it says, the folder of [`Sources::files`] that it was put to.
    pub links: BTreeMap<(String, String), String>,
    /// Where those lie, seen from the project, by the folders that they were put to.
    pub outside: BTreeMap<String, String>,
    /// Where the project lies on the disk; empty where that is not known.
    pub place: String,
}

/// A file with what it holds.
#[derive(Clone, Debug)]
pub struct File {
    /// Its path relative to the project.
    pub path: String,
    /// Its text.
    pub text: String,
    /// Its blocks and attributes.
    pub body: Body,
    /// The files beside the sources.
    pub others: Rc<Others>,
    /// Where its text was made of others (of JSON, of files that override it), where each line of it comes from.
    pub lines: Vec<Line>,
}

/// Where a line comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The file, as its owner knows it; none for the one that it is read as.
    pub file: Option<Rc<str>>,
    /// The line, from 1.
    pub line: usize,
}

/// A block and the file that it stands in.
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    /// The file.
    pub file: &'a File,
    /// The block.
    pub block: &'a Block,
}

impl File {
    /// Returns the file and the line of a place, from 1, as its owner knows them.
    #[must_use]
    pub fn place(&self, span: Option<std::ops::Range<usize>>) -> (String, usize) {
        let at = span.map_or(0, |span| span.start.min(self.text.len()));
        let line = self.text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count();
        let own = self.origin(line);
        (own.file.map_or_else(|| self.shown(), |file| file.to_string()), own.line)
    }

    /// Returns where a line comes from, by its number from 0.
    #[must_use]
    pub fn origin(&self, line: usize) -> Line {
        let own = self.lines.get(line).cloned().unwrap_or(Line { file: None, line: line + 1 });
        Line { file: own.file.or_else(|| Some(self.shown().into())), line: own.line }
    }

    /// Returns its path as its owner knows it.
    #[must_use]
    pub fn shown(&self) -> String {
        let (folder, name) = self.path.rsplit_once('/').unwrap_or(("", &self.path));
        match self.others.outside.get(folder) {
            Some(own) => format!("{own}/{name}"),
            None => self.path.clone(),
        }
    }

    /// Returns the text of a place.
    #[must_use]
    pub fn slice(&self, span: Option<std::ops::Range<usize>>) -> &str {
        span.and_then(|span| self.text.get(span)).unwrap_or_default().trim()
    }
}

impl<'a> Found<'a> {
    /// Returns the block's label, by its place among the labels.
    #[must_use]
    pub fn label(&self, at: usize) -> &'a str {
        self.block.labels.get(at).map_or("", |label| label.as_str())
    }

    /// Returns an attribute's value.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&'a Expression> {
        self.block.body.get_attribute(name).map(|attribute| &attribute.value)
    }

    /// Returns an attribute's value where it is a plain text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&'a str> {
        self.value(name).and_then(Expression::as_str)
    }

    /// Returns Terraform's local name of the provider that manages a resource.
    #[must_use]
    pub fn provider(&self) -> String {
        let kind = self.label(0);
        let implied = kind.split_once('_').map_or(kind, |(prefix, _)| prefix);
        match self.value("provider") {
            Some(Expression::Variable(name)) => name.as_str().to_owned(),
            Some(Expression::Traversal(own)) => {
                own.expr.as_variable().map_or(implied, |name| name.as_str()).to_owned()
            }
            Some(other) => {
                let name = other.as_str().unwrap_or(implied);
                name.split_once('.').map_or(name, |(name, _)| name).to_owned()
            }
            None => implied.to_owned(),
        }
    }

    /// Returns the file and the line that the block starts in.
    #[must_use]
    pub fn place(&self) -> (String, usize) {
        self.file.place(self.block.span())
    }
}

/// A folder with its files: a module.
#[derive(Clone, Debug, Default)]
pub struct Module {
    /// The folder relative to the project; empty for the root.
    pub folder: String,
    /// Its files, sorted by their names.
    pub files: Vec<File>,
}

impl Module {
    /// Returns the blocks of a kind, in the order of files and in them of lines.
    pub fn blocks<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = Found<'a>> {
        self.files.iter().flat_map(move |file| {
            file.body.get_blocks(kind).map(move |block| Found { file, block })
        })
    }
}

/// Everything that a project holds.
#[derive(Clone, Debug, Default)]
pub struct Parsed {
    /// The modules by their folders.
    pub modules: BTreeMap<String, Module>,
    /// The variable files of the root folder and of folders without modules.
    pub variables: Vec<File>,
    /// The files beside the sources.
    pub others: Rc<Others>,
    /// What is wrong with whole files, by the folders of their modules.
    pub left: BTreeMap<String, Vec<Issue>>,
    /// A file could not be parsed.
    pub is_broken: bool,
}

impl Parsed {
    /// Notes that nothing of a file is translated.
    fn leave(&mut self, issues: &Issues, (path, line): (&str, usize), why: String) {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        let issue = Issue { file: path.to_owned(), line, kind: Kind::Missing, message: why };
        issues.add(issue.clone());
        self.left.entry(folder).or_default().push(issue);
    }

    /// Merges what overrides files of a module into them.
    fn merge(&mut self, folder: &str, all: &[File], issues: &Issues) {
        let Some(module) = self.modules.get_mut(folder) else { return };
        let (texts, loose) = merged(&module.files, all);
        for (at, (text, lines)) in texts {
            // What does not parse is a mistake of ours: the file stays as it is, and `check` has a line that fails.
            match read(&text) {
                Ok(body) => {
                    let file = &mut module.files[at];
                    (file.text, file.body, file.lines) = (text, body, lines);
                }
                Err(_) => {
                    let why =
                        "what overrides it could not be joined with it: say it here".to_owned();
                    let path = module.files[at].path.clone();
                    self.leave(issues, (&path, 0), why);
                    return;
                }
            }
        }
        for (file, span, message) in loose {
            let (file, line) = file.place(span);
            let issue = Issue { file, line, kind: Kind::Missing, message };
            issues.add(issue.clone());
            self.left.entry(folder.to_owned()).or_default().push(issue);
        }
    }
}

/// Parses every file; schemas tell which parts of one in JSON are blocks.
#[must_use]
pub fn parse(sources: &Sources, schemas: &dyn Schemas, issues: &Issues) -> Parsed {
    let others = Rc::new(Others {
        all: sources.others.clone(),
        beside: sources.beside,
        outside: sources.outside.clone(),
        place: sources.place.clone(),
        ..Others::default()
    });
    let mut parsed = Parsed { others: Rc::clone(&others), ..Parsed::default() };
    let mut overrides = BTreeMap::<String, Vec<File>>::new();
    parsed.modules.insert(String::new(), Module::default());
    for (path, text) in &sources.files {
        let Hcl { text, lines, body } = match in_hcl(path, text, schemas) {
            Ok(own) => own,
            Err((line, why)) => {
                let why = format!("the file cannot be parsed: {why}");
                parsed.leave(issues, (path, line), why);
                parsed.is_broken = true;
                continue;
            }
        };
        let lines = lines.into_iter().map(|line| Line { file: None, line }).collect();
        let file = File { path: path.clone(), text, body, others: Rc::clone(&others), lines };
        if is_variables(path) {
            parsed.variables.push(file);
            continue;
        }
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let module = parsed.modules.entry(folder.to_owned()).or_default();
        folder.clone_into(&mut module.folder);
        if is_override(path) {
            overrides.entry(folder.to_owned()).or_default().push(file);
        } else {
            module.files.push(file);
        }
    }
    for (folder, all) in overrides {
        parsed.merge(&folder, &all, issues);
    }
    parsed
}

/// A file, whatever it is written in.
struct Hcl {
    text: String,
    lines: Vec<usize>,
    body: Body,
}

/// Reads a file of a project, in HCL or JSON.
fn in_hcl(path: &str, text: &str, schemas: &dyn Schemas) -> Result<Hcl, (usize, String)> {
    let of_json = |error: serde_json::Error| (error.line(), error.to_string());
    let (text, lines) = if is_configuration(path) {
        configuration::written(text, schemas)?
    } else if path.ends_with(".json") {
        (json::variables(text).map_err(of_json)?, Vec::new())
    } else {
        (text.to_owned(), Vec::new())
    };
    let body = read(&text).map_err(|error| {
        let (line, why) = of_hcl(error);
        (lines.get(line.saturating_sub(1)).copied().unwrap_or(line), why)
    })?;
    Ok(Hcl { text, lines, body })
}

/// Tells whether a file is a configuration in JSON.
fn is_configuration(path: &str) -> bool {
    path.ends_with(".tf.json") || path.ends_with(".tofu.json")
}

/// Returns where a file cannot be parsed, and why.
fn of_hcl(error: hcl_edit::parser::Error) -> (usize, String) {
    (error.location().line(), error.message().to_owned())
}

/// Tells whether a file is one of the project's sources.
#[must_use]
pub fn is_source(path: &str) -> bool {
    path.ends_with(".tf") || path.ends_with(".tofu") || is_configuration(path) || is_variables(path)
}

/// Tells whether a file gives values to variables.
#[must_use]
pub fn is_variables(path: &str) -> bool {
    path.ends_with(".tfvars") || path.ends_with(".tfvars.json")
}

/// Tells whether a file changes blocks of other ones.
#[must_use]
pub fn is_override(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let name = name.strip_suffix(".json").unwrap_or(name);
    let stem = name.strip_suffix(".tf").or_else(|| name.strip_suffix(".tofu"));
    stem.is_some_and(|stem| stem == "override" || stem.ends_with("_override"))
}

/// Returns the kind of the backend that a file sets, and the path that it says.
#[must_use]
pub fn backend(path: &str, text: &str) -> Option<(String, Option<String>)> {
    let Hcl { body, .. } = in_hcl(path, text, &()).ok()?;
    let mut all = body.get_blocks("terraform").flat_map(|own| own.body.get_blocks("backend"));
    let block = all.next()?;
    let path = block.body.get_attribute("path").and_then(|own| own.value.as_str());
    Some((block.labels.first()?.as_str().to_owned(), path.map(str::to_owned)))
}

/// Parses a file. The parser wants some expressions on one line that the language does not.
fn read(text: &str) -> Result<Body, hcl_edit::parser::Error> {
    filled(text).parse().or_else(|error| joined(text).parse().map_err(|_| error))
}

/// Returns the sources of the modules in folders that a file calls; none where it cannot be parsed.
#[must_use]
pub fn local_calls(path: &str, text: &str) -> Vec<String> {
    let Ok(Hcl { body, .. }) = in_hcl(path, text, &()) else { return Vec::new() };
    let sources = body.get_blocks("module").filter_map(|block| {
        let source = block.body.get_attribute("source")?.value.as_str()?;
        is_local(source).then(|| source.to_owned())
    });
    sources.collect()
}

/// Tells whether a module's source is a folder.
#[must_use]
pub fn is_local(source: &str) -> bool {
    source == "." || source == ".." || source.starts_with("./") || source.starts_with("../")
}

/// Returns the folder that a path leads to from another one; none when that is outside.
#[must_use]
pub fn join(folder: &str, path: &str) -> Option<String> {
    syncline_lang::below(folder, path).map(Into::into)
}
