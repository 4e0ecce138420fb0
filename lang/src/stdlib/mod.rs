//! The standard library: signatures and documentation from `stdlib/*.sync`, bodies in Rust.
//!
//! Takes the name of a module or function; returns it with its signature, its documentation and a
//! way to call it. A module's file is parsed the first time that one of its functions is asked for
//! and never again. Functions are pure and bounded, and never read a file, a clock or an
//! environment variable.
//!
//! Laws:
//! * The files are the single source of names, types and documentation. A function has its body
//!   there, in the language, or exactly one in Rust, and every body in Rust has a signature there.
//! * Arguments are checked against the signature before a body runs, so that a body sees what its
//!   signature promises: known values, without secret marks, as deep as it looks.

mod arguments;
mod base64;
mod call;
mod charset;
mod cidr;
mod csv;
mod files;
mod glob;
mod gzip;
mod hashes;
mod hex;
mod json;
mod json_read;
mod lists;
mod maps;
mod numbers;
mod paths;
mod prelude;
mod regex;
mod semver;
mod sets;
mod signature;
mod strings;
mod terraform;
mod time;
mod toml;
mod url;
mod uuid;
mod yaml;
mod yaml_write;

use std::sync::OnceLock;

use syncline_model::{Str, Value};

pub(crate) use self::call::call;
pub(crate) use self::files::digest;
pub(crate) use self::glob::Glob;
pub use self::signature::{ParamType, Signature};
use crate::ops::OpError;
use crate::syntax::ast::Function;

/// Returns what a text of JSON says, with every digit; a key that comes twice is an error.
///
/// # Errors
/// What is wrong with the text, and where; at most a letter of it is quoted.
pub fn read_json(text: &str) -> Result<Value, OpError> {
    json_read::decode(text)
}

/// A body in Rust: one value for each parameter, those of a variadic one singly behind them.
pub type Native = fn(&[Value]) -> Result<Value, OpError>;

/// What a function computes.
#[derive(Clone, Debug)]
pub enum Body {
    /// A body in Rust, on known values without marks; the evaluator calls [`crate::ops::apply`].
    Native(Native),
    /// An expression of the language. It may take functions, and what is unknown in it stays in its
    /// own operations.
    Written(Box<Function>),
}

/// A function of the standard library.
#[derive(Debug)]
pub struct StdFunction {
    /// The module's name, `strings`; `prelude` for what needs no module.
    pub module: &'static str,
    /// Its name in the module.
    pub name: &'static str,
    /// Its parameters and its result.
    pub signature: Signature,
    /// The `///` text above its signature: what it does, then a line `` Example: `...` `` or more
    /// of them, each an expression that is true.
    pub doc: Str,
    /// What it computes.
    pub body: Body,
    /// How deep the body looks into each argument, 0 for the value itself; the last one holds for
    /// those that follow, and all of it without any.
    looks: &'static [u8],
    full_name: Str,
}

impl StdFunction {
    /// Returns the name that is stored in residuals: `std.strings.upper`.
    #[must_use]
    pub fn full_name(&self) -> Str {
        self.full_name.clone()
    }

    /// Returns the expressions of the documentation's examples, each of which is true.
    pub fn examples(&self) -> impl Iterator<Item = &str> {
        self.doc.lines().filter_map(|line| {
            line.trim().strip_prefix("Example: `").and_then(|rest| rest.strip_suffix('`'))
        })
    }
}

/// A module of the standard library.
#[derive(Debug)]
pub struct Module {
    /// Its name, without `std.`.
    pub name: &'static str,
    /// What it is for: the `//!` text of its file.
    pub doc: Str,
    /// Its functions, as they stand in its file.
    pub functions: Vec<StdFunction>,
}

impl Module {
    /// Returns the function of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&StdFunction> {
        self.functions.iter().find(|function| function.name == name)
    }

    /// Returns the functions' names, as they stand in the module's file.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + Clone {
        self.functions.iter().map(|function| function.name)
    }
}

/// A body in Rust with its name, and how deep it looks into its arguments.
struct Entry {
    name: &'static str,
    body: Native,
    looks: &'static [u8],
}

impl Entry {
    /// A body that looks at everything in its arguments.
    const fn deep(name: &'static str, body: Native) -> Self {
        Self { name, body, looks: &[] }
    }

    /// A body that looks so many levels deep into each argument.
    const fn looking(name: &'static str, looks: &'static [u8], body: Native) -> Self {
        Self { name, body, looks }
    }
}

/// A module before it is parsed.
struct Source {
    name: &'static str,
    text: &'static str,
    natives: &'static [Entry],
    parsed: OnceLock<Module>,
}

impl Source {
    const fn new(name: &'static str, text: &'static str, natives: &'static [Entry]) -> Self {
        Self { name, text, natives, parsed: OnceLock::new() }
    }

    fn module(&'static self) -> &'static Module {
        self.parsed.get_or_init(|| signature::module(self))
    }
}

static PRELUDE: Source =
    Source::new("prelude", include_str!("../../../stdlib/prelude.sync"), prelude::NATIVES);

static SOURCES: [Source; 21] = [
    Source::new("base64", include_str!("../../../stdlib/base64.sync"), base64::NATIVES),
    Source::new("cidr", include_str!("../../../stdlib/cidr.sync"), cidr::NATIVES),
    Source::new("csv", include_str!("../../../stdlib/csv.sync"), csv::NATIVES),
    Source::new("files", include_str!("../../../stdlib/files.sync"), files::NATIVES),
    Source::new("hashes", include_str!("../../../stdlib/hashes.sync"), hashes::NATIVES),
    Source::new("hex", include_str!("../../../stdlib/hex.sync"), hex::NATIVES),
    Source::new("json", include_str!("../../../stdlib/json.sync"), json::NATIVES),
    Source::new("lists", include_str!("../../../stdlib/lists.sync"), lists::NATIVES),
    Source::new("maps", include_str!("../../../stdlib/maps.sync"), maps::NATIVES),
    Source::new("numbers", include_str!("../../../stdlib/numbers.sync"), numbers::NATIVES),
    Source::new("paths", include_str!("../../../stdlib/paths.sync"), paths::NATIVES),
    Source::new("regex", include_str!("../../../stdlib/regex.sync"), regex::NATIVES),
    Source::new("semver", include_str!("../../../stdlib/semver.sync"), semver::NATIVES),
    Source::new("sets", include_str!("../../../stdlib/sets.sync"), sets::NATIVES),
    Source::new("strings", include_str!("../../../stdlib/strings.sync"), strings::NATIVES),
    Source::new("terraform", include_str!("../../../stdlib/terraform.sync"), terraform::NATIVES),
    Source::new("time", include_str!("../../../stdlib/time.sync"), time::NATIVES),
    Source::new("toml", include_str!("../../../stdlib/toml.sync"), toml::NATIVES),
    Source::new("url", include_str!("../../../stdlib/url.sync"), url::NATIVES),
    Source::new("uuid", include_str!("../../../stdlib/uuid.sync"), uuid::NATIVES),
    Source::new("yaml", include_str!("../../../stdlib/yaml.sync"), yaml::NATIVES),
];

/// Returns the functions that need no module.
#[must_use]
pub fn prelude() -> &'static Module {
    PRELUDE.module()
}

/// Returns a module by its name without `std.`, or `None` when there is none.
#[must_use]
pub fn module(name: &str) -> Option<&'static Module> {
    SOURCES.iter().find(|source| source.name == name).map(Source::module)
}

/// Returns all modules but the prelude, by name; parses them all.
pub fn modules() -> impl Iterator<Item = &'static Module> {
    SOURCES.iter().map(Source::module)
}

/// Returns the names of all modules but the prelude, sorted; parses nothing.
pub fn module_names() -> impl Iterator<Item = &'static str> + Clone {
    SOURCES.iter().map(|source| source.name)
}

/// Returns a function by its module and name; the prelude is the module `prelude`.
#[must_use]
pub fn lookup(module_name: &str, name: &str) -> Option<&'static StdFunction> {
    if module_name == PRELUDE.name {
        return prelude().get(name);
    }
    module(module_name)?.get(name)
}

/// Returns a function by its full name, `std.strings.upper`.
#[must_use]
pub fn find(full_name: &str) -> Option<&'static StdFunction> {
    let (module, name) = full_name.strip_prefix("std.")?.split_once('.')?;
    lookup(module, name)
}

#[cfg(test)]
mod cases;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_signature_has_one_body_and_every_body_a_signature() {
        for source in SOURCES.iter().chain([&PRELUDE]) {
            let mut bodies: Vec<&str> = source.natives.iter().map(|native| native.name).collect();
            let functions = &source.module().functions;
            let natives = functions.iter().filter(|own| matches!(own.body, Body::Native(_)));
            let mut signatures: Vec<&str> = natives.map(|own| own.name).collect();
            bodies.sort_unstable();
            signatures.sort_unstable();
            assert_eq!(bodies, signatures, "{}", source.name);
            let count = source.text.lines().filter(|line| line.starts_with("fn ")).count();
            assert_eq!(functions.len(), count, "{}", source.name);
        }
    }

    #[test]
    fn every_function_is_documented_with_an_example() {
        for module in modules().chain([prelude()]) {
            assert!(!module.doc.is_empty(), "{}", module.name);
            for function in &module.functions {
                let first = function.doc.lines().next().unwrap_or("");
                assert!(first.ends_with('.'), "{}: {first:?}", function.full_name());
                assert!(function.examples().count() > 0, "{}", function.full_name());
                for example in function.examples() {
                    assert!(example.contains(function.name), "{example}");
                }
            }
        }
    }

    #[test]
    fn files_are_formatted() {
        for source in SOURCES.iter().chain([&PRELUDE]) {
            let formatted = crate::fmt::format(source.text);
            assert_eq!(formatted.as_deref(), Ok(source.text), "{}", source.name);
        }
    }

    #[test]
    fn names_are_found() {
        assert_eq!(find("std.strings.upper").unwrap().full_name(), "std.strings.upper");
        assert_eq!(find("std.prelude.length").unwrap().module, "prelude");
        assert!(find("std.strings").is_none() && find("strings.upper").is_none());
        assert!(module("prelude").is_none());
        assert!(module_names().is_sorted());
    }
}
