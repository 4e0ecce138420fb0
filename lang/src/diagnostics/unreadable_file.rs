//! E0340: a file of the project cannot be used.
//!
//! `file` and `template` read files below the project's folder, by a path that is seen from the folder
//! of the source that says it. A template's expressions see the values that it is given.
//!
//! ```sync
//! let motd = file("modt.txt")
//! let conf = template("nginx.conf", {})
//! ```
//!
//! Mend it:
//!
//! ```sync
//! let motd = file("motd.txt")
//! let conf = template("nginx.conf", { port = 80 })
//! ```

use syncline_model::{Code, Diagnostic, Span, Value};

use crate::eval::{FileProblem, TEMPLATE};

/// What this is reported as.
pub const CODE: Code = Code { id: "E0340", summary: "a file of the project cannot be used" };

/// Returns the report about a file that cannot be read.
pub(crate) fn diagnostic(path: &str, problem: &FileProblem, span: Span) -> Diagnostic {
    let message = match problem {
        FileProblem::Missing(_) => format!("there is no file `{path}`"),
        FileProblem::Outside => format!("`{path}` is not below the project's folder"),
        FileProblem::TooLarge(limit) => format!("`{path}` has more than {} MiB", limit >> 20),
        FileProblem::Unreadable(reason) => format!("`{path}` cannot be read: {reason}"),
    };
    let diagnostic = Diagnostic::error(CODE, message).label(span, "this file");
    match problem {
        FileProblem::Missing(Some(near)) => diagnostic.help(format!("Did you mean `{near}`?")),
        FileProblem::Missing(None) => diagnostic
            .note("A path is seen from the folder of the source that says it.")
            .help("Make the file, or ask `std.files.exists(path)` first."),
        FileProblem::Outside => diagnostic
            .note("The same source gives the same everywhere, so that it reads the project alone.")
            .help("Copy the file into the project, or give its content as a parameter."),
        FileProblem::TooLarge(_) => diagnostic.help("Give the path to whoever needs the content."),
        FileProblem::Unreadable(_) => diagnostic,
    }
}

/// Returns the report about a function of files that fails on a secret, of which it says nothing.
pub(crate) fn concealed(function: &str, span: Span) -> Diagnostic {
    Diagnostic::error(CODE, format!("`std.files.{function}` fails on a secret"))
        .label(span, "this is secret")
        .note("What is wrong with it would tell something of the secret, so it is not shown.")
        .help("Try it with a value that is no secret, or ask `std.files.exists(path)` first.")
}

/// Returns the report about a folder that cannot be listed.
pub(crate) fn folder(path: &str, problem: &FileProblem, span: Span) -> Diagnostic {
    let mut diagnostic = diagnostic(path, problem, span);
    if let FileProblem::Missing(near) = problem {
        let name = if path.is_empty() { "." } else { path };
        diagnostic = Diagnostic::error(CODE, format!("there is no folder `{name}`"))
            .label(span, "this folder")
            .note("A path is seen from the folder of the source that says it.");
        if let Some(near) = near {
            diagnostic = diagnostic.help(format!("Did you mean `{near}`?"));
        }
    }
    diagnostic
}

/// Returns the report about what is no pattern of paths.
pub(crate) fn no_pattern(problem: &str, span: Span) -> Diagnostic {
    Diagnostic::error(CODE, format!("the pattern of paths is not understood: {problem}"))
        .label(span, "this pattern")
        .help("A pattern looks like `*.txt`, `configs/**/*.{yaml,yml}` or `[a-z]?.conf`.")
}

/// Returns the report about a file that is no text.
pub(crate) fn not_text(path: &str, at: usize, span: Span) -> Diagnostic {
    Diagnostic::error(CODE, format!("`{path}` is not UTF-8 text: byte {at} is none"))
        .label(span, "this file")
        .help("Use `std.files.base64(path)` for what is no text.")
}

/// Returns the report about a path that is not known, or secret.
pub(crate) fn no_path(value: &Value, span: Span) -> Diagnostic {
    Diagnostic::error(CODE, format!("the path of a file is {}", value.kind()))
        .label(span, "must be a text that is known")
        .help("Which files are read is decided before anything is applied.")
}

/// Returns the report about values of a template that are no map.
pub(crate) fn no_values(value: &Value, span: Span) -> Diagnostic {
    Diagnostic::error(CODE, format!("the values of a template are {}", value.kind()))
        .label(span, "must be a map that is known")
        .help("Write a map: its values may be known after apply, its keys not.")
}

/// Returns the report about a template that includes itself.
pub(crate) fn circle(name: &str, span: Span) -> Diagnostic {
    Diagnostic::error(CODE, format!("the template `{name}` includes itself"))
        .label(span, "for this template")
        .help("Put what both need into a template of its own.")
}

/// Returns the report about a `${` that nothing closes.
pub(crate) fn unclosed((name, text): (&str, &str), at: usize, span: Span) -> Diagnostic {
    let (line, column) = position(text, at);
    Diagnostic::error(CODE, format!("{name}:{line}:{column}: this `${{` is never closed"))
        .label(span, "for this template")
        .note(format!("{line} | {}", shown(text, line)))
        .help("Close it with `}`, or write `$${` for `${` itself.")
}

/// Returns the report about a `%{ if }` or `%{ for }`, as Terraform has them.
pub(crate) fn directive((name, text): (&str, &str), at: usize, span: Span) -> Diagnostic {
    let (line, column) = position(text, at);
    Diagnostic::error(CODE, format!("{name}:{line}:{column}: a template has no `%{{ }}`"))
        .label(span, "for this template")
        .note(format!("{line} | {}", shown(text, line)))
        .help(
            "Write an expression: `${if condition then a else b}`, `${std.strings.join([for x in list: \
             \"${x}\"], \"\\n\")}`. The two signs themselves are `${\"%{\"}`.",
        )
}

/// Moves a report about an expression of a template to the template's line and column.
pub(crate) fn locate(diagnostic: &mut Diagnostic, (name, text): (&str, &str), start: usize) {
    let inner = diagnostic.labels.iter().find(|label| label.span.file == TEMPLATE);
    let at = start + inner.map_or(0, |label| label.span.start as usize);
    let (line, column) = position(text, at);
    diagnostic.message = format!("{name}:{line}:{column}: {}", diagnostic.message);
    diagnostic.notes.push(format!("{line} | {}", shown(text, line)));
    diagnostic.labels.retain(|label| label.span.file != TEMPLATE);
    diagnostic.suggestions.clear();
}

fn position(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    (line, column)
}

fn shown(text: &str, line: usize) -> String {
    text.lines().nth(line - 1).unwrap_or("").chars().take(100).collect()
}
