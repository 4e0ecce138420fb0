//! E0310: there is no such function.
//!
//! Functions are those of the prelude (`range`, `length`, ...), of a module behind `use`, and of
//! `std`.
//!
//! ```sync
//! output name = std.strings.uper("a")
//! ```
//!
//! Mend it:
//!
//! ```sync
//! output name = std.strings.upper("a")
//! ```

use syncline_model::{Code, Diagnostic, Span};

use crate::near::{listed, nearest};
use crate::stdlib::Module;
use crate::syntax::ast;

/// What this is reported as.
pub const CODE: Code = Code { id: "E0310", summary: "there is no such function" };

/// Returns the modules of the standard library that have a function of that name.
fn modules_of(name: &str) -> impl Iterator<Item = &'static str> {
    let has_it = move |module: &&Module| module.get(name).is_some();
    crate::stdlib::modules().filter(has_it).map(|module| module.name)
}

/// Returns the first of them.
pub(super) fn module_of(name: &str) -> Option<&'static str> {
    modules_of(name).next()
}

/// Names of functions in other languages, and what they are here.
const FOREIGN: [(&str, &str); 8] = [
    ("len", "length"),
    ("size", "length"),
    ("count", "length"),
    ("str", "string"),
    ("float", "number"),
    ("parseInt", "int"),
    ("Number", "number"),
    ("String", "string"),
];

/// Names of methods in other languages, and the functions that do it here.
const METHODS: [(&str, &str); 16] = [
    ("toString", "string"),
    ("length", "length"),
    ("size", "length"),
    ("count", "length"),
    ("keys", "keys"),
    ("values", "values"),
    ("toUpperCase", "std.strings.upper"),
    ("toLowerCase", "std.strings.lower"),
    ("startsWith", "std.strings.starts_with"),
    ("endsWith", "std.strings.ends_with"),
    ("strip", "std.strings.trim"),
    ("format", "std.numbers.format"),
    ("push", "std.lists.concat"),
    ("includes", "std.lists.contains"),
    ("every", "std.lists.all"),
    ("some", "std.lists.any"),
];

/// Returns the function that does what a method of another language does.
pub(super) fn of_method(name: &str) -> Option<String> {
    let known = METHODS.iter().find(|(own, _)| *own == name).map(|(_, ours)| (*ours).to_owned());
    known.or_else(|| {
        let module = ["lists", "strings", "maps"].into_iter().chain(crate::stdlib::module_names());
        let module = module.filter(|module| *module != "terraform");
        let has_it = |module: &&str| {
            crate::stdlib::module(module).is_some_and(|own| own.get(name).is_some())
        };
        Some(format!("std.{}.{name}", module.into_iter().find(has_it)?))
    })
}

/// Returns what stands for a function of Terraform.
fn of_terraform(name: &str) -> Option<&'static str> {
    let mut lines = include_str!("../stdlib/of_terraform.txt").lines();
    lines.find_map(|line| line.strip_prefix(name)?.strip_prefix('\t'))
}

/// Returns where what a function of another language takes from outside comes from here: the same source gives the same.
fn from_outside(name: &str) -> Option<&'static str> {
    Some(match name {
        "env" | "getenv" | "environ" | "get_env" => {
            "What comes from outside is a parameter: `param home: string`, given by `--set home=...` or `SYNCLINE_VAR_home`."
        }
        "now" | "today" | "date" | "time" => {
            "Evaluation has no clock: `resource time.static start {}` keeps the moment at which it is made."
        }
        "rand" | "random" | "randint" => {
            "What is random is a resource, so that it stays: `random.id`, `random.integer`, `random.password`."
        }
        "exec" | "shell" | "system" | "run" => {
            "A command is run by a resource, `local.command`, or read by the data source of that name."
        }
        "http" | "fetch" | "curl" => {
            "What is asked over the network is a data source of a provider."
        }
        _ => return None,
    })
}

fn not_found(message: String, span: Span) -> Diagnostic {
    Diagnostic::error(CODE, message).label(span, "not found")
}

/// Returns the report about a bare function's name.
pub(crate) fn bare(name: &str, span: Span) -> Diagnostic {
    let diagnostic = not_found(format!("there is no function `{name}`"), span);
    // What is there for sources that were migrated is nothing to advise.
    let modules = modules_of(name).filter(|module| *module != "terraform");
    let full: Vec<String> = modules.map(|module| format!("std.{module}.{name}")).collect();
    match full.as_slice() {
        [] => {}
        [full] => {
            return diagnostic.help(format!("Did you mean `{full}`?")).suggest(span, full.clone());
        }
        several => {
            return diagnostic.help(format!("Did you mean `{}`?", several.join("` or `")));
        }
    }
    if let Some(instead) = from_outside(name) {
        return diagnostic.help(instead);
    }
    let foreign = FOREIGN.iter().find(|(own, _)| *own == name).map(|(_, ours)| *ours);
    match foreign.or_else(|| nearest(name, crate::stdlib::prelude().names())) {
        Some(near) => diagnostic.help(format!("Did you mean `{near}`?")).suggest(span, near),
        None if of_terraform(name).is_some() => {
            let ours = of_terraform(name).unwrap_or_default();
            diagnostic.help(format!("What Terraform calls `{name}` is here: {ours}."))
        }
        None => diagnostic.help("The reference of `std` lists all functions."),
    }
}

/// Returns the report about a function that a module does not have.
pub(crate) fn member(module: &Module, name: &ast::Ident) -> Diagnostic {
    let diagnostic =
        not_found(format!("`std.{}` has no function `{}`", module.name, name.name), name.span);
    match nearest(&name.name, module.names()) {
        Some(near) => diagnostic.help(format!("Did you mean `{near}`?")).suggest(name.span, near),
        None => {
            if let Some(other) = module_of(&name.name) {
                return diagnostic.help(format!("There is `std.{other}.{}`.", name.name));
            }
            let names: Vec<&str> = module.names().collect();
            diagnostic.help(format!("It has: {}.", names.join(", ")))
        }
    }
}

/// Returns the report about a call of something that belongs to no module.
#[expect(clippy::wildcard_enum_match_arm, reason = "only members name modules")]
pub(crate) fn module(callee: &ast::Expr) -> Diagnostic {
    let names: Vec<&str> = crate::stdlib::module_names().collect();
    let message = match &callee.kind {
        ast::ExprKind::Member { base, name, .. } if is_std(base) => match module_of(&name.name) {
            Some(module) => {
                let full = format!("std.{module}.{}", name.name);
                return not_found(
                    format!("`std` itself has no function `{}`", name.name),
                    name.span,
                )
                .help(format!("Did you mean `{full}`?"))
                .suggest(callee.span, full);
            }
            None => format!("`std` has no function `{}`", name.name),
        },
        ast::ExprKind::Member { base: module, .. } => match &module.kind {
            ast::ExprKind::Member { base, name, .. } if is_std(base) => {
                let message = format!("`std` has no module `{}`", name.name);
                match nearest(&name.name, names.iter().copied()) {
                    Some(near) => {
                        return not_found(message, name.span)
                            .help(format!("Did you mean `std.{near}`?"))
                            .suggest(name.span, near);
                    }
                    None => message,
                }
            }
            _ => return method(callee),
        },
        _ => "functions are members of modules, and this is none".to_owned(),
    };
    not_found(message, callee.span).help(format!(
        "There are: std.{}. `use std.NAME` makes one known by its short name.",
        names.join(", std.")
    ))
}

/// Returns the report about a call behind the dot of a value.
fn method(callee: &ast::Expr) -> Diagnostic {
    let ast::ExprKind::Member { name, .. } = &callee.kind else { return no_function(callee.span) };
    let report = not_found(format!("values have no functions such as `{}`", name.name), name.span)
        .note("A function takes the value as an argument.");
    match of_method(&name.name) {
        Some(function) => {
            let more = if takes_more(&function) { ", ..." } else { "" };
            report.help(format!("Write `{function}(value{more})`."))
        }
        None => report.help("The reference of `std` lists all functions."),
    }
}

/// Tells whether a function of the library needs more than one argument.
fn takes_more(function: &str) -> bool {
    let found = match function.strip_prefix("std.").and_then(|path| path.split_once('.')) {
        Some((module, name)) => crate::stdlib::module(module).and_then(|own| own.get(name)),
        None => crate::stdlib::prelude().get(function),
    };
    let needed = |own: &&crate::stdlib::ParamType| own.default.is_none() && !own.variadic;
    found.is_some_and(|own| own.signature.params.iter().filter(needed).count() > 1)
}

fn is_std(expr: &ast::Expr) -> bool {
    matches!(&expr.kind, ast::ExprKind::Name(name) if name == "std")
}

/// Returns the report about a function that a folder's module does not have.
pub(crate) fn of_folder<'a>(
    alias: &str,
    name: &ast::Ident,
    known: impl Iterator<Item = &'a syncline_model::Str>,
) -> Diagnostic {
    let message = format!("`{alias}` has no function `{}`", name.name);
    let diagnostic = not_found(message, name.span);
    let mut known: Vec<&str> = known.map(syncline_model::Str::as_str).collect();
    known.sort_unstable();
    match nearest(&name.name, known.iter().copied()) {
        Some(near) => diagnostic.help(format!("Did you mean `{near}`?")).suggest(name.span, near),
        None if known.is_empty() => diagnostic.help("It has no functions."),
        None => diagnostic.help(format!("It has: {}.", listed(known.iter().copied()))),
    }
}

/// Returns the report about a function that a provider does not offer.
pub(crate) fn of_provider<'a>(
    provider: &str,
    name: &ast::Ident,
    known: impl Iterator<Item = &'a str> + Clone,
) -> Diagnostic {
    let message = format!("the provider `{provider}` has no function `{}`", name.name);
    let diagnostic = not_found(message, name.span);
    match nearest(&name.name, known.clone()) {
        Some(near) => diagnostic.help(format!("Did you mean `{near}`?")).suggest(name.span, near),
        None => match known.collect::<Vec<_>>().as_slice() {
            [] => diagnostic.help("It offers no functions."),
            names => diagnostic.help(format!("It has: {}.", names.join(", "))),
        },
    }
}

/// Returns the report about a call of a value.
pub(crate) fn no_function(span: Span) -> Diagnostic {
    Diagnostic::error(CODE, "only functions can be called")
        .label(span, "no function")
        .help("Take the parentheses out.")
}
