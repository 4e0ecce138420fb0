//! Files of the project as values: `file("motd.txt")`, `template("nginx.conf", { port })`.
//!
//! A path is seen from the folder of the file that says it, and never leads out of the project. What
//! it holds comes from the [`World`](super::World), once in a run, so that one run never sees two
//! contents. A template is text with `${}`, each an expression that sees the given values and functions,
//! and nothing else; `$${` is `${` itself.
//!
//! Laws: what is wrong in a template is told at the call, with the template's line and column; the work
//! is bounded by the size of what is read.

use std::sync::Arc;

use base64::Engine as _;
use syncline_model::{FileId, Span, Str, Value};

use super::scope::{Failed, Scope};
use super::view::Callee;
use crate::diagnostics::unreadable_file;
use crate::resolve::below;
use crate::stdlib::{StdFunction, digest};
use crate::syntax::ast::{Expr, ExprKind, Part};

/// Why a file of the project cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileProblem {
    /// There is none of that name; perhaps one of nearly that name.
    Missing(Option<Str>),
    /// It, or what it links to, is not below the project's folder.
    Outside,
    /// It has more bytes than this.
    TooLarge(u64),
    /// The system says why.
    Unreadable(Str),
}

/// The file that expressions of templates stand in: none that has sources.
pub(crate) const TEMPLATE: FileId = FileId(u32::MAX - 1);

/// What reading a file came to.
pub(super) type Content = Result<Arc<[u8]>, FileProblem>;

impl Scope<'_> {
    /// Calls a function of `std.files`. What a secret leads to is secret, and why it leads to nothing, too.
    pub(super) fn call_files(
        &mut self,
        function: &'static StdFunction,
        operands: &[Value],
        spans: &[Span],
        span: Span,
    ) -> Result<Value, Failed> {
        let Some(secret) = operands.iter().position(Value::is_secret) else {
            return self.use_files(function, operands, spans, span);
        };
        let before = self.diagnostics.borrow().len();
        match self.use_files(function, operands, spans, span) {
            Ok(value) => Ok(Value::secret(value)),
            Err(Failed) => {
                self.diagnostics.borrow_mut().truncate(before);
                let at = spans.get(secret).copied().unwrap_or(span);
                self.fail(unreadable_file::concealed(function.name, at))
            }
        }
    }

    fn use_files(
        &mut self,
        function: &'static StdFunction,
        operands: &[Value],
        spans: &[Span],
        span: Span,
    ) -> Result<Value, Failed> {
        let at = spans.first().copied().unwrap_or(span);
        // Where no value leads to, the path may be any.
        let is_open = |own: &Value| matches!(own.reveal(), Value::Unknown(_));
        if (self.explores || self.rehearses) && operands.iter().any(is_open) {
            return Ok(super::explore::unknown(function.signature.result.clone()));
        }
        let Some(path) = operands.first().and_then(Value::as_str) else {
            let value = operands.first().unwrap_or(&Value::Null);
            return self.fail(unreadable_file::no_path(value, at));
        };
        let path: Str = path.into();
        if function.name == "list" {
            let folder = folder_of(self.own_folder(span), &path).ok_or(path);
            let pattern = operands.get(1).cloned().unwrap_or_default();
            return self.list_files(folder, &pattern, spans, span);
        }
        let content = self.read(&path, span);
        if function.name == "exists" {
            return Ok(matches!(content, Some((_, Ok(_)))).into());
        }
        let (full, bytes) = match content {
            Some((full, Ok(bytes))) => (full, bytes),
            Some((full, Err(problem))) => {
                return self.fail(unreadable_file::diagnostic(&full, &problem, at));
            }
            None => {
                return self.fail(unreadable_file::diagnostic(&path, &FileProblem::Outside, at));
            }
        };
        self.spend(1 + bytes.len() / 256, span)?;
        if function.name == "base64" {
            let text = base64::engine::general_purpose::STANDARD.encode(&bytes);
            return Ok(Value::from(text));
        }
        if let Some(digest) = digest(function.name, &bytes) {
            return Ok(digest);
        }
        let text = match std::str::from_utf8(&bytes) {
            Ok(text) => text,
            Err(error) => {
                let report = unreadable_file::not_text(&full, error.valid_up_to(), at);
                return self.fail(report);
            }
        };
        if function.name == "text" {
            return Ok(Value::from(text));
        }
        let values = operands.get(1).cloned().unwrap_or_default();
        self.fill_in(function, (&full, text), &values, (at, span))
    }

    /// Returns the folder of the source that a path is seen from.
    fn own_folder(&self, span: Span) -> &str {
        let span = self.written_at(span);
        let own = self.project.files().iter().find(|file| file.id == span.file);
        own.map_or("", |file| file.folder.as_str())
    }

    /// Reads a file; nothing for a path that leads out of the project.
    fn read(&self, path: &str, span: Span) -> Option<(Str, Content)> {
        let full = file_of(self.own_folder(span), path)?;
        let content = self.exchange.file(&full);
        Some((full, content))
    }

    /// Fills in a template.
    fn fill_in(
        &mut self,
        function: &'static StdFunction,
        (name, text): (&Str, &str),
        values: &Value,
        (at, span): (Span, Span),
    ) -> Result<Value, Failed> {
        if self.calls.templates.contains(name) {
            return self.fail(unreadable_file::circle(name, at));
        }
        let pieces = match pieces(text) {
            Ok(pieces) => pieces,
            Err(place) => {
                return self.fail(unreadable_file::unclosed((name.as_str(), text), place, span));
            }
        };
        if let Some(place) = directive(text, &pieces) {
            return self.fail(unreadable_file::directive((name.as_str(), text), place, span));
        }
        let secret = values.is_secret();
        let Value::Map(map) = values.reveal() else {
            return self.fail(unreadable_file::no_values(values, span));
        };
        let given: Vec<(Str, Value)> =
            map.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        let of_template = |start, end| Span::new(TEMPLATE, start as u32, end as u32);
        let mut parts = Vec::with_capacity(pieces.len());
        let mut locals = Vec::new();
        for piece in pieces {
            let (start, inner) = match piece {
                Piece::Text(text) => {
                    parts.push(Part::Text(text));
                    continue;
                }
                Piece::Expression(start, inner) => (start, inner),
            };
            let before = self.diagnostics.borrow().len();
            self.calls.templates.push(name.clone());
            let value = self.piece(function, inner, &given, span);
            self.calls.templates.pop();
            for diagnostic in &mut self.diagnostics.borrow_mut()[before..] {
                unreadable_file::locate(diagnostic, (name.as_str(), text), start);
            }
            let own: Str = format!("{}", locals.len()).into();
            let place = of_template(start, start + inner.len());
            parts.push(Part::Expr(Expr { span: place, kind: ExprKind::Name(own.clone()) }));
            locals.push((own, value?));
        }
        let kind = ExprKind::Template(parts.into());
        let whole = Expr { span: of_template(0, text.len()), kind };
        let made = self.call_body(&whole, Callee::Std(function), span, |scope| {
            scope.locals.extend(locals);
            Ok(())
        })?;
        Ok(if secret { Value::secret(made) } else { made })
    }

    /// Evaluates an expression of a template.
    fn piece(
        &mut self,
        function: &'static StdFunction,
        text: &str,
        given: &[(Str, Value)],
        span: Span,
    ) -> Result<Value, Failed> {
        let (expr, found) = crate::syntax::parse_expression(TEMPLATE, text);
        let failed = !found.is_empty();
        self.call_body(&expr, Callee::Std(function), span, |scope| {
            found.into_iter().for_each(|diagnostic| scope.report(diagnostic));
            scope.locals.extend_from_slice(given);
            if failed { Err(Failed) } else { Ok(()) }
        })
    }
}

/// Returns the file that a path names, seen from a folder; nothing when that is out of the project.
fn file_of(folder: &str, path: &str) -> Option<Str> {
    if path.is_empty() || path.starts_with('/') || path.contains(['\\', '\0', ':']) {
        return None;
    }
    below(folder, path)
}

/// Returns the folder that a path names, seen from a folder; nothing when that is out of the project.
fn folder_of(folder: &str, path: &str) -> Option<Str> {
    if path.is_empty() { Some(folder.into()) } else { file_of(folder, path) }
}

/// A piece of a template.
#[derive(Debug, PartialEq, Eq)]
enum Piece<'t> {
    Text(Str),
    /// What stands between `${` and `}`, and where it starts.
    Expression(usize, &'t str),
}

/// Cuts a template into pieces, or returns where a `${` is that is not closed.
fn pieces(text: &str) -> Result<Vec<Piece<'_>>, usize> {
    let mut pieces = Vec::new();
    let mut plain = Str::new();
    let mut at = 0;
    while let Some(found) = text[at..].find("${") {
        let found = at + found;
        if text[..found].ends_with('$') && found > at {
            plain.push_str(&text[at..found - 1]);
            plain.push_str("${");
            at = found + 2;
            continue;
        }
        plain.push_str(&text[at..found]);
        if !plain.is_empty() {
            pieces.push(Piece::Text(std::mem::take(&mut plain)));
        }
        let start = found + 2;
        let length = closing(&text[start..]).ok_or(found)?;
        pieces.push(Piece::Expression(start, &text[start..start + length]));
        at = start + length + 1;
    }
    plain.push_str(&text[at..]);
    if !plain.is_empty() {
        pieces.push(Piece::Text(plain));
    }
    Ok(pieces)
}

/// Returns where a template has a directive of Terraform's, which would be text here.
fn directive(text: &str, pieces: &[Piece<'_>]) -> Option<usize> {
    let mut from = 0;
    let mut plain = Vec::new();
    for piece in pieces {
        if let Piece::Expression(start, inner) = piece {
            plain.push(from..start - 2);
            from = start + inner.len() + 1;
        }
    }
    plain.push(from..text.len());
    plain.into_iter().find_map(|range| {
        let own = &text[range.clone()];
        let mut all = own.match_indices("%{").map(|(at, _)| at);
        let found = all.find(|at| {
            let rest = own[at + 2..].trim_start_matches('~').trim_start();
            let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
            matches!(&rest[..end], "if" | "else" | "endif" | "for" | "endfor")
        });
        Some(range.start + found?)
    })
}

/// Returns where the `}` is that closes what an expression's text begins in.
fn closing(text: &str) -> Option<usize> {
    // `{` of the expression, and `"` of the texts in it, which may hold expressions themselves.
    let mut open: Vec<u8> = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let in_text = open.last() == Some(&b'"');
        match bytes[at] {
            b'\\' if in_text => at += 1,
            b'"' if in_text => drop(open.pop()),
            b'"' => open.push(b'"'),
            b'$' if in_text && bytes.get(at + 1) == Some(&b'{') => {
                open.push(b'{');
                at += 1;
            }
            b'{' if !in_text => open.push(b'{'),
            b'}' if !in_text && open.pop().is_none() => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_cut_at_their_expressions() {
        let text = |text: &str| Piece::Text(text.into());
        let cases: &[(&str, Result<Vec<Piece<'_>>, usize>)] = &[
            ("", Ok(vec![])),
            ("a $b", Ok(vec![text("a $b")])),
            ("a ${b} c", Ok(vec![text("a "), Piece::Expression(4, "b"), text(" c")])),
            ("${\"}${ { a = 1 }.a }\"}", Ok(vec![Piece::Expression(2, "\"}${ { a = 1 }.a }\"")])),
            ("$${HOME} ${x}", Ok(vec![text("${HOME} "), Piece::Expression(11, "x")])),
            ("a ${b", Err(2)),
            ("a ${\"}", Err(2)),
        ];
        for (template, expected) in cases {
            assert_eq!(pieces(template), *expected, "{template}");
        }
    }

    #[test]
    fn paths_lead_below_the_project() {
        let cases = [
            ("", "a.txt", Some("a.txt")),
            ("x/y", "../a", Some("x/a")),
            ("x", "../../a", None),
            ("", "/etc/passwd", None),
            ("", "..\\a", None),
            ("", "", None),
            ("x", "./b//c", Some("x/b/c")),
        ];
        for (folder, path, expected) in cases {
            assert_eq!(file_of(folder, path).as_deref(), expected, "{folder} {path}");
        }
    }
}
