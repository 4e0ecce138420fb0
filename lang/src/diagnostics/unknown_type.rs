//! E0209: no type has this name.
//!
//! Types are `any`, `bool`, `int`, `number`, `string`, lists `[T]`, maps `{string: T}`, records,
//! unions of literals, and what `type` declares.
//!
//! ```sync
//! type Port = integer where it > 0
//! ```
//!
//! Mend it:
//!
//! ```sync
//! type Port = int where it > 0
//! ```

use syncline_model::{Code, Diagnostic, Span};

use crate::near::nearest;

/// What this is reported as.
pub const CODE: Code = Code { id: "E0209", summary: "no type has this name" };

const BUILT_IN: [&str; 6] = ["any", "bool", "int", "number", "string", "null"];

/// Names of types in other languages, and what they are here.
const FOREIGN: [(&str, &str); 12] = [
    ("integer", "int"),
    ("Int", "int"),
    ("float", "number"),
    ("double", "number"),
    ("Number", "number"),
    ("boolean", "bool"),
    ("str", "string"),
    ("String", "string"),
    ("text", "string"),
    ("list", "[any]"),
    ("map", "{string: any}"),
    ("object", "{string: any}"),
];

/// Returns the report about a type's name.
pub(crate) fn diagnostic(name: &str, span: Span, declared: &[&str]) -> Diagnostic {
    let diagnostic =
        Diagnostic::error(CODE, format!("no type is called `{name}`")).label(span, "not found");
    let foreign = FOREIGN.iter().find(|(own, _)| *own == name).map(|(_, ours)| *ours);
    let known = BUILT_IN.iter().copied().chain(declared.iter().copied());
    match foreign.or_else(|| nearest(name, known)) {
        Some(near) => diagnostic.help(format!("Did you mean `{near}`?")).suggest(span, near),
        None => diagnostic.help(format!("Declare it: `type {name} = ...`.")),
    }
}
