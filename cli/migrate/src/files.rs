//! Functions that read files of the project: `file`, `fileset`, `templatefile` and their kin.
//!
//! Takes the call of one; returns the call as the language has it, and notes which files the new
//! project needs. Terraform sees a path from where it runs, and `path.module` leads to the module; here
//! a path is seen from the folder of the source that says it. A template is taken over where it means the
//! same in both languages.

#![expect(clippy::wildcard_enum_match_arm, reason = "every other kind of expression is no path")]

use std::cell::RefCell;
use std::collections::BTreeMap;

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, FuncCall, Traversal, TraversalOperator};
use hcl_edit::template::Element;

use crate::expression::{Out, Scope};
use crate::source::join;
use crate::text;

/// The files beside the sources, and which of them the new project reads.
#[derive(Debug, Default)]
pub struct Others {
    /// The text of each by its path; nothing of what is no text, or long.
    pub all: BTreeMap<String, Option<String>>,
    /// Those that are read: their paths in the new project, and here.
    pub read: RefCell<BTreeMap<String, String>>,
}

/// A path as the language has it.
struct Path {
    text: String,
    /// Where it leads to, seen from the project; nothing where that is computed.
    whole: Option<String>,
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
        if name == "templatefile"
            && let Some(problem) = self.template_problem(&path)
        {
            return Some(self.missing(call.span(), problem));
        }
        match &path.whole {
            Some(whole) if name == "fileset" => self.read_folder(whole, call),
            Some(whole) => self.read(whole),
            None => self.note(
                call.span(),
                "the path is computed: it is seen from the folder of this source, and the files have to be \
                 copied",
            ),
        }
        let arguments: Vec<String> = std::iter::once(path.text).chain(rest).collect();
        Some(Out::tight_of(format!("{own}({})", arguments.join(", "))))
    }

    fn module_folder(&self) -> &str {
        self.file.path.rsplit_once('/').map_or("", |(folder, _)| folder)
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
        let text = self.text(expression);
        let inner = text.strip_prefix('"').and_then(|own| own.strip_suffix('"'));
        let Some(mut rest) = inner else { return Path { text, whole: None } };
        if root.is_some() {
            let shown = if base.is_empty() { "." } else { base };
            let Some(own) = rest.strip_prefix(shown) else { return Path { text, whole: None } };
            rest = own.trim_start_matches('/');
        }
        let rest = rest.trim_start_matches("./");
        let own = if up.is_empty() && rest.is_empty() { "." } else { &format!("{up}{rest}") };
        let is_plain = !rest.contains("${") && !rest.contains('\\') && !rest.starts_with('/');
        let whole = if is_plain { join(base, rest) } else { None };
        Path { text: format!("\"{own}\""), whole }
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
        let inside = format!("{folder}/");
        self.file
            .others
            .all
            .keys()
            .filter(|path| path.starts_with(&inside))
            .for_each(|path| self.read(path));
    }

    /// Returns why a template does not mean the same in both languages.
    fn template_problem(&self, path: &Path) -> Option<String> {
        let Some(whole) = &path.whole else {
            return Some("which template is filled in is computed".to_owned());
        };
        let Some(Some(template)) = self.file.others.all.get(whole) else {
            return Some(format!("the template `{whole}` is not here, or no text"));
        };
        let (line, what) = foreign(template)?;
        Some(format!(
            "the template `{whole}` has {what} in line {line}, which is written another way here"
        ))
    }
}

/// Finds what of a template the language writes another way: its line, and what it is.
fn foreign(template: &str) -> Option<(usize, &'static str)> {
    let line = |at: usize| template[..at].matches('\n').count() + 1;
    if let Some(at) = template.find("%{") {
        return Some((line(at), "a directive (`%{ ... }`)"));
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
            return Some((line(start), "an expression"));
        }
    }
    None
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
            ("port ${port} $${HOME} ${ a.b[0].c[\"d\"] }", None),
            ("a\n${upper(b)}", Some(2)),
            ("a\n\n%{ if b }x%{ endif }", Some(3)),
            ("%%{ if }", Some(1)),
            ("${a ~}", Some(1)),
            ("${a + b}", Some(1)),
            ("${", Some(1)),
        ] {
            assert_eq!(foreign(template).map(|(line, _)| line), expected, "{template}");
        }
    }
}
