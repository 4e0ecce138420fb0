//! Functions that read files of the project: `file`, `fileset`, `templatefile` and their kin.
//!
//! Takes the call of one; returns the call as the language has it, and notes which files the new
//! project needs. Terraform sees a path from where it runs, and `path.module` leads to the module; here
//! a path is seen from the folder of the source that says it. A template that does not mean
//! the same in both languages is translated, too.

#![expect(clippy::wildcard_enum_match_arm, reason = "every other kind of expression is no path")]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, FuncCall, Traversal, TraversalOperator};
use hcl_edit::structure::Body;
use hcl_edit::template::{Element, Template};

use crate::expression::{Out, Scope};
use crate::issue::Issues;
use crate::source::{File, join};
use crate::text;

/// The files beside the sources, and which of them the new project reads.
#[derive(Debug, Default)]
pub struct Others {
    /// The text of each by its path; nothing of what is no text, or long.
    pub all: BTreeMap<String, Option<String>>,
    /// Those that are read: their paths in the new project, and here.
    pub read: RefCell<BTreeMap<String, String>>,
    /// Templates that were translated: their texts by their paths in the new project.
    pub written: RefCell<BTreeMap<String, String>>,
    /// The new project is written beside the old one.
    pub beside: bool,
    /// Where modules from outside lie, by the folders that they were put to.
    pub outside: BTreeMap<String, String>,
    /// Where the project lies on the disk; empty where that is not known.
    pub place: String,
}

/// A path as the language has it.
struct Path {
    text: String,
    /// Where it leads to, seen from the project; nothing where that is computed.
    whole: Option<String>,
    /// The folder that it leads into, where what is behind that is computed.
    folder: Option<String>,
}

/// Returns the counterpart of a function that reads a file.
fn counterpart(name: &str) -> Option<&'static str> {
    Some(match name {
        "file" => "file",
        "fileexists" => "std.files.exists",
        "filebase64" => "std.files.base64",
        "filebase64sha256" => "std.files.base64_sha256",
        "filebase64sha512" => "std.files.base64_sha512",
        "filemd5" => "std.files.md5",
        "filesha1" => "std.files.sha1",
        "filesha256" => "std.files.sha256",
        "filesha512" => "std.files.sha512",
        "fileset" => "std.files.list",
        "templatefile" => "template",
        _ => return None,
    })
}

/// Returns where a path leads to from a folder.
pub(crate) fn absolute(place: &str, path: &str) -> String {
    match join(place, path) {
        Some(whole) => format!("/{whole}"),
        None => "/".to_owned(),
    }
}

/// Returns the folder of the new project that a module's files go to.
#[must_use]
pub fn target(folder: &str) -> String {
    folder.replace(".terraform/modules/", "modules/")
}

impl Scope<'_> {
    /// Translates a call that reads files; nothing returns where the function is another one.
    pub(crate) fn file_call(&self, call: &FuncCall) -> Option<Out> {
        let name = call.name.name.as_str();
        let own = counterpart(name)?;
        let path = self.path(call.args.get(0)?);
        let rest: Vec<String> = call.args.iter().skip(1).map(|own| self.text(own)).collect();
        if name == "templatefile" {
            return Some(self.template_call(call, &path, &rest));
        }
        match &path.whole {
            Some(whole) if name == "fileset" => self.read_folder(whole, call),
            Some(whole) => self.read(whole),
            None if path.folder.is_some() => {
                self.read_folder(&path.folder.unwrap_or_default(), call)
            }
            None => {
                let ends = call.args.get(0).map_or(Vec::new(), |own| self.leads_to(own));
                ends.iter().for_each(|whole| self.read(whole));
                if ends.is_empty() {
                    let message =
                        "the path is computed: the files that it leads to have to be copied";
                    self.note(call.span(), message);
                }
            }
        }
        let arguments: Vec<String> = std::iter::once(path.text).chain(rest).collect();
        Some(Out::tight_of(format!("{own}({})", arguments.join(", "))))
    }

    /// Translates the call of another function that reads files, with the same arguments.
    pub(crate) fn beside(&self, name: &str, call: &FuncCall) -> Option<Out> {
        let issues = Issues::default();
        let path = Scope { issues: &issues, ..self.clone() }.path(call.args.get(0)?);
        Some(Out::tight_of(format!("{}({})", counterpart(name)?, path.text)))
    }

    fn module_folder(&self) -> &str {
        self.file.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// Translates `abspath`, and `basename` of where the project lies: here a path is seen from the project, and has no
    /// place on the disk.
    pub(crate) fn place_call(&self, call: &FuncCall) -> Option<Out> {
        let own = call.args.get(0)?;
        match call.name.name.as_str() {
            "abspath" if !self.file.others.place.is_empty() => {
                let place = &self.file.others.place;
                let text = self.text(own);
                self.placed(call.span());
                let inner = text.strip_prefix('"').and_then(|own| own.strip_suffix('"'));
                let is_plain = |own: &&str| !own.contains("${") && !own.contains('\\');
                Some(match inner.filter(is_plain) {
                    Some(path) if path.starts_with('/') => Out::tight_of(text),
                    Some(path) => Out::tight_of(text::string(&absolute(place, path))),
                    None if inner.is_some_and(|own| !own.starts_with("${")) => {
                        Out::tight_of(format!("std.paths.join({}, {text})", text::string(place)))
                    }
                    None => Out::loose(format!(
                        "if std.paths.is_absolute({text}) then {text} else std.paths.join({}, {text})",
                        text::string(place)
                    )),
                })
            }
            "basename" => {
                let text = match own {
                    Expression::FuncCall(inner) => self.place_call(inner)?.text,
                    own => first_root(own).filter(|own| *own == "cwd").map(|_| self.text(own))?,
                };
                let path = text.strip_prefix('"')?.strip_suffix('"')?;
                let (_, last) = path.rsplit_once('/')?;
                (!path.contains("${") && !path.contains('\\'))
                    .then(|| Out::tight_of(text::string(last)))
            }
            _ => None,
        }
    }

    /// Says that it is written out where the project lies.
    pub(crate) fn placed(&self, span: Option<std::ops::Range<usize>>) {
        self.note(
            span,
            "where the old project lies is written out: here paths are seen from the project's folder",
        );
    }

    /// Translates a path.
    fn path(&self, expression: &Expression) -> Path {
        let root = first_root(expression);
        let (base, up) = match root {
            Some("module") => (self.module_folder(), String::new()),
            // What starts nowhere starts where Terraform runs.
            Some(_) | None => {
                let folder = target(self.module_folder());
                let depth = folder.split('/').filter(|own| !own.is_empty()).count();
                ("", "../".repeat(depth))
            }
        };
        // A file is found wherever the project lies.
        let issues = Issues::default();
        let text = match root {
            Some("cwd") => Scope { issues: &issues, ..self.clone() }.text(expression),
            _ => self.text(expression),
        };
        let inner = text.strip_prefix('"').and_then(|own| own.strip_suffix('"'));
        let Some(mut rest) = inner else {
            // Whatever it is: where it was said, it was seen from where Terraform runs.
            let text = if up.is_empty() { text } else { format!("\"{up}${{{text}}}\"") };
            return Path { text, whole: None, folder: None };
        };
        if root.is_some() {
            let shown = match root {
                Some("cwd") => self.folder("cwd"),
                _ if base.is_empty() => ".",
                _ => base,
            };
            let Some(own) = rest.strip_prefix(shown) else {
                return Path { text, whole: None, folder: None };
            };
            rest = own.trim_start_matches('/');
        }
        let rest = rest.trim_start_matches("./");
        let own = if up.is_empty() && rest.is_empty() { "." } else { &format!("{up}{rest}") };
        let is_plain = !rest.contains("${") && !rest.contains('\\') && !rest.starts_with('/');
        let whole = if is_plain { join(base, rest) } else { None };
        let folder = rest.split_once("${").and_then(|(before, _)| {
            let (folder, _) = before.rsplit_once('/')?;
            let is_plain = !folder.contains('\\') && !folder.starts_with('/');
            join(base, folder).filter(|own| is_plain && !own.is_empty())
        });
        Path { text: format!("\"{own}\""), whole, folder }
    }

    /// Returns the files that a computed path may lead to, as far as that is written down.
    pub(crate) fn leads_to(&self, path: &Expression) -> Vec<String> {
        let mut ends = Vec::new();
        self.follow(path, 8, &mut ends);
        ends
    }

    fn follow(&self, path: &Expression, depth: usize, ends: &mut Vec<String>) {
        let Some(depth) = depth.checked_sub(1) else { return };
        match path {
            Expression::Parenthesis(inner) => self.follow(inner.inner(), depth, ends),
            Expression::Conditional(own) => {
                self.follow(&own.true_expr, depth, ends);
                self.follow(&own.false_expr, depth, ends);
            }
            Expression::Traversal(own) => {
                let root = own.expr.as_variable().map_or("", |name| name.as_str());
                let [only] = own.operators.as_slice() else { return };
                let TraversalOperator::GetAttr(name) = only.value() else { return };
                let names = self.names;
                let value = match root {
                    "var" => {
                        ends.extend(names.files(name).cloned());
                        names.default_of(name)
                    }
                    "local" => names.value_of_local(name),
                    _ => None,
                };
                value.into_iter().for_each(|own| self.follow(own, depth, ends));
            }
            Expression::String(_) | Expression::StringTemplate(_) => {
                // What is missing in it is said where it stands.
                let issues = Issues::default();
                let whole = Scope { issues: &issues, ..self.clone() }.path(path).whole;
                ends.extend(whole.filter(|whole| self.file.others.all.contains_key(whole)));
            }
            _ => {}
        }
    }

    /// Notes that the new project needs the file that an attribute is the path of.
    pub(crate) fn data_file(&self, value: &Expression) {
        self.leads_to(value).iter().for_each(|whole| self.read(whole));
    }

    /// Notes that the new project reads a file.
    fn read(&self, path: &str) {
        let mut read = self.file.others.read.borrow_mut();
        read.insert(target(path), path.to_owned());
    }

    /// Notes that it reads a folder.
    fn read_folder(&self, folder: &str, call: &FuncCall) {
        if folder.is_empty() {
            let message = "files of the whole project are listed: copy those that are wanted";
            return self.note(call.span(), message);
        }
        self.inside(folder).iter().for_each(|path| self.read(path));
    }

    /// Returns the files that are in a folder.
    fn inside(&self, folder: &str) -> Vec<String> {
        let inside = format!("{folder}/");
        let all = self.file.others.all.keys();
        all.filter(|path| path.starts_with(&inside)).cloned().collect()
    }

    /// Translates the call of a template. One that means the same in both languages is copied, another one
    /// is translated.
    fn template_call(&self, call: &FuncCall, path: &Path, rest: &[String]) -> Out {
        let others = &self.file.others;
        let values = rest.join(", ");
        let Some(whole) = &path.whole else {
            let mut ends = call.args.get(0).map_or(Vec::new(), |own| self.leads_to(own));
            if ends.is_empty() {
                ends = path.folder.as_deref().map_or(Vec::new(), |own| self.inside(own));
            }
            let text = |whole: &String| others.all.get(whole).and_then(Option::as_ref);
            // Beside the old ones they would get other names, and which one it is, is not known.
            let stays =
                |whole: &String| !others.beside || text(whole).is_some_and(|own| is_alike(own));
            if ends.is_empty() || !ends.iter().all(stays) {
                return self.missing(call.span(), "which template is filled in is computed");
            }
            for whole in &ends {
                if text(whole).is_none_or(|own| is_alike(own) || !self.fill(whole, own)) {
                    self.read(whole);
                }
            }
            return Out::tight_of(format!("template({}, {values})", path.text));
        };
        let Some(Some(template)) = others.all.get(whole) else {
            let message = format!("the template `{whole}` is not here, or no text");
            return self.missing(call.span(), message);
        };
        if is_alike(template) {
            self.read(whole);
            return Out::tight_of(format!("template({}, {values})", path.text));
        }
        if !self.fill(whole, template) {
            return self.missing(call.span(), format!("the template `{whole}` cannot be parsed"));
        }
        Out::tight_of(format!("template({}, {values})", self.renamed_template(&path.text)))
    }

    /// Returns the path of a translated template: where both projects share a folder, the old one stays.
    fn renamed_template(&self, path: &str) -> String {
        if self.file.others.beside { beside(path) } else { path.to_owned() }
    }

    /// Translates a template; tells whether it can be parsed.
    fn fill(&self, whole: &str, template: &str) -> bool {
        let Ok(parsed) = template.parse::<Template>() else { return false };
        let others = &self.file.others;
        let file = File {
            path: whole.to_owned(),
            text: template.to_owned(),
            body: Body::new(),
            others: Rc::clone(others),
            lines: Vec::new(),
        };
        let mut scope = Scope::new(&file, self.names, self.issues);
        scope.is_template = true;
        let text = crate::template::file(&scope, &parsed);
        others.written.borrow_mut().insert(self.renamed_template(&target(whole)), text);
        true
    }
}

/// Returns the path of a translated template that lies beside the old one.
fn beside(path: &str) -> String {
    match path.rsplit_once('.') {
        Some((stem, ending)) if !ending.contains('/') => format!("{stem}.sync.{ending}"),
        Some(_) | None => format!("{path}.template"),
    }
}

/// Tells whether both languages read a template alike: it has names in `${}` and nothing else.
fn is_alike(template: &str) -> bool {
    if template.contains("%{") {
        return false;
    }
    let mut at = 0;
    while let Some(found) = template[at..].find("${") {
        let start = at + found;
        at = start + 2;
        if template[..start].ends_with('$') {
            continue;
        }
        let inner = template[at..].find('}').map(|end| &template[at..at + end]);
        if !inner.is_some_and(is_reference) {
            return false;
        }
    }
    true
}

/// Tells whether an expression is a name with members and indices, which both languages write alike.
fn is_reference(expression: &str) -> bool {
    let mut parts = expression.trim().split(['.', '[']);
    let is_first = parts.next().is_some_and(text::is_name);
    is_first
        && parts.all(|part| {
            let inner = part.strip_suffix(']').unwrap_or(part);
            let quoted = inner.strip_prefix('"').and_then(|own| own.strip_suffix('"'));
            let is_plain = |own: &str| {
                !own.is_empty() && own.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            };
            match (part.ends_with(']'), quoted) {
                (true, Some(key)) => is_plain(key),
                (true, None) => inner.parse::<u32>().is_ok(),
                (false, _) => text::is_name(part),
            }
        })
}

/// Returns what `path.` starts a path: `module`, `root` or `cwd`.
fn first_root(expression: &Expression) -> Option<&str> {
    let named = |traversal: &'_ Traversal| -> bool {
        traversal.expr.as_variable().is_some_and(|name| name.as_str() == "path")
    };
    let first = match expression {
        Expression::StringTemplate(own) => match own.iter().next() {
            Some(Element::Interpolation(first)) => &first.expr,
            Some(_) | None => return None,
        },
        other => other,
    };
    let traversal = first.as_traversal().filter(|own| named(own))?;
    match traversal.operators.first()?.value() {
        TraversalOperator::GetAttr(name) => Some(name.as_str()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_that_mean_the_same_are_told_from_others() {
        for (template, expected) in [
            ("port ${port} $${HOME} ${ a.b[0].c[\"d\"] }", true),
            ("a\n${upper(b)}", false),
            ("a\n\n%{ if b }x%{ endif }", false),
            ("%%{ if }", false),
            ("${a ~}", false),
            ("${a + b}", false),
            ("${", false),
        ] {
            assert_eq!(is_alike(template), expected, "{template}");
        }
        assert_eq!(beside("\"a/b.tpl\""), "\"a/b.sync.tpl\"");
    }
}
