//! HCL as found: modules and variable files.
//!
//! Takes the text of every file of a project and returns its modules, block by block, each with
//! the file that it stands in. What cannot be parsed is an issue, and the rest is read all the same.

use std::collections::BTreeMap;
use std::rc::Rc;

use hcl_edit::Span as _;
use hcl_edit::expr::Expression;
use hcl_edit::structure::{Block, Body};

use crate::files::Others;
use crate::issue::{Issue, Issues, Kind};
use crate::lenient::{filled, joined};

/// The files of a project.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The project's name: that of its folder.
    pub name: String,
    /// The text of each `.tf`, `.tofu` and `.tfvars` file, by its path relative to the project.
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
    /// Returns the line of a place, from 1.
    #[must_use]
    pub fn line(&self, span: Option<std::ops::Range<usize>>) -> usize {
        let at = span.map_or(0, |span| span.start.min(self.text.len()));
        self.text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1
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

    /// Returns the line that the block starts in.
    #[must_use]
    pub fn line(&self) -> usize {
        self.file.line(self.block.span())
    }
}

/// A folder with its files: a module.
#[derive(Clone, Debug, Default)]
pub struct Module {
    /// The folder relative to the project; empty for the root.
    pub folder: String,
    /// Its files, sorted by their names, overrides last.
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
}

/// Parses every file.
#[must_use]
pub fn parse(sources: &Sources, issues: &Issues) -> Parsed {
    let others = Rc::new(Others {
        all: sources.others.clone(),
        beside: sources.beside,
        outside: sources.outside.clone(),
        ..Others::default()
    });
    let mut parsed = Parsed { others: Rc::clone(&others), ..Parsed::default() };
    parsed.modules.insert(String::new(), Module::default());
    for (path, text) in &sources.files {
        let body: Body = match read(text) {
            Ok(body) => body,
            Err(error) => {
                issues.add(Issue {
                    file: path.clone(),
                    line: error.location().line(),
                    kind: Kind::Missing,
                    message: format!("the file cannot be parsed: {}", error.message()),
                });
                continue;
            }
        };
        let file =
            File { path: path.clone(), text: text.clone(), body, others: Rc::clone(&others) };
        if path.ends_with(".tfvars") {
            parsed.variables.push(file);
            continue;
        }
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let module = parsed.modules.entry(folder.to_owned()).or_default();
        folder.clone_into(&mut module.folder);
        module.files.push(file);
    }
    parsed
}

/// Parses a file. The parser wants some expressions on one line that the language does not.
fn read(text: &str) -> Result<Body, hcl_edit::parser::Error> {
    filled(text).parse().or_else(|error| joined(text).parse().map_err(|_| error))
}

/// Returns the sources of the modules in folders that a file calls; none where it cannot be parsed.
#[must_use]
pub fn local_calls(text: &str) -> Vec<String> {
    let Ok(body) = read(text) else { return Vec::new() };
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
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            other => parts.push(other),
        }
    }
    Some(parts.join("/"))
}
