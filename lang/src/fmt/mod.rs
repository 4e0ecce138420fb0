//! Source text to the same text, well laid out.
//!
//! Takes a file's text and returns it with lines of at most 100 columns where they can break,
//! two spaces a level, and at most one empty line in a row; or what is wrong with its syntax.
//!
//! Laws: the tree of the result is that of the text, spans aside; every comment is kept, in its
//! order; formatting the result changes nothing; strings and blocks of text stay as written. What
//! the author broke behind an opening bracket stays broken. `=` is aligned in a run of entries of
//! one line each without an empty line or a comment between them.

mod declarations;
mod document;
mod expressions;
mod plain;
mod printer;
mod sequences;
mod types;

use syncline_model::{Diagnostic, FileId};

use crate::syntax::{self, ast::File};
use printer::Printer;

pub use plain::expression;

/// Formats a file.
///
/// # Errors
/// The syntax errors, when there are any: what does not parse is left alone.
pub fn format(text: &str) -> Result<String, Vec<Diagnostic>> {
    let (file, diagnostics) = syntax::parse(FileId(0), text);
    if diagnostics.iter().any(Diagnostic::is_error) {
        return Err(diagnostics);
    }
    Ok(print(text, &file))
}

/// Formats a file that has been parsed without an error.
#[must_use]
pub fn print(text: &str, file: &File) -> String {
    let mut printer = Printer::new(text, &file.comments);
    let doc = printer.file(file);
    without_returns(document::layout(&doc))
}

/// Returns text whose lines end with nothing but a line feed: carriage returns before it mean nothing.
fn without_returns(text: String) -> String {
    if !text.contains('\r') {
        return text;
    }
    let lines = text.split_inclusive('\n').map(|line| match line.strip_suffix('\n') {
        Some(line) => [line.trim_end_matches('\r'), "\n"],
        None => [line, ""],
    });
    lines.flatten().collect()
}

#[cfg(test)]
mod tests;
