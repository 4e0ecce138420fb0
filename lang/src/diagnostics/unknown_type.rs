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
const FOREIGN: [(&str, &str); 17] = [
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
    ("array", "[any]"),
    ("List", "[any]"),
    ("map", "{string: any}"),
    ("dict", "{string: any}"),
    ("Mapping", "{string: any}"),
    ("Map", "{string: any}"),
    ("object", "{string: any}"),
];

/// How types that are made of others are written here: their names in other languages, what they
/// are, and what stands before and behind the type within.
const MADE: [(&[&str], &str, &str, &str); 5] = [
    (&["list", "array", "vec", "seq", "tuple", "listing"], "a list", "[", "]"),
    (&["map", "dict", "mapping"], "a map", "{string: ", "}"),
    (&["set"], "a set", "set[", "]"),
    (&["object", "record", "struct"], "a record", "{ name: ", " }"),
    (&["optional", "option", "maybe", "nullable"], "an optional value", "", "?"),
];

/// Returns the report about a type's name behind which other types stand in brackets.
///
/// `whole` is all of it, and the name in the brackets, where it is one.
pub(crate) fn with_arguments(name: &str, span: Span, whole: Option<(Span, &str)>) -> Diagnostic {
    let lower = name.to_ascii_lowercase();
    let made = MADE.iter().find(|(names, ..)| names.contains(&lower.as_str()));
    let known = whole.filter(|(_, inner)| *inner == name).map(|_| &MADE[0]);
    let Some((_, what, before, behind)) = made.or(known) else {
        return Diagnostic::error(CODE, format!("`{name}` takes no types in brackets"))
            .label(span, "no type is made of others by its name")
            .help("A list is written `[T]`, a map `{string: T}`, a set `set[T]`.");
    };
    let report = Diagnostic::error(CODE, format!("{what} is not written like this"))
        .label(whole.map_or(span, |(all, _)| all), "as in another language");
    match whole {
        Some((all, inner)) => {
            let ours = own_name(inner);
            let written = format!("{before}{ours}{behind}");
            report.help(format!("Write `{written}`.")).suggest(all, written)
        }
        None => report.help(format!("Write `{before}T{behind}`, where `T` is the type within.")),
    }
}

/// Returns a type's name as it is here.
fn own_name(name: &str) -> &str {
    FOREIGN.iter().find(|(own, _)| *own == name).map_or(name, |(_, ours)| ours)
}

/// Returns the report about a type's name.
pub(crate) fn diagnostic(name: &str, span: Span, declared: &[&str]) -> Diagnostic {
    let diagnostic =
        Diagnostic::error(CODE, format!("no type is called `{name}`")).label(span, "not found");
    let foreign = FOREIGN.iter().find(|(own, _)| *own == name).map(|(_, ours)| *ours);
    let known = BUILT_IN.iter().copied().chain(declared.iter().copied());
    if name == "secret" {
        return diagnostic.help("Write the type of what is secret behind it: `secret string`.");
    }
    match foreign.or_else(|| nearest(name, known)) {
        Some(near) => diagnostic.help(format!("Did you mean `{near}`?")).suggest(span, near),
        None => diagnostic.help(format!("Declare it: `type {name} = ...`.")),
    }
}
