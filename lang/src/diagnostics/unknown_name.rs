//! E0201: nothing has this name.
//!
//! An expression uses a name that neither the environment nor what it stands on declares.
//!
//! ```sync
//! environment dev {
//!   let replicas = 2
//!   output count = replcias
//! }
//! ```
//!
//! Mend it:
//!
//! ```sync
//! environment dev {
//!   let replicas = 2
//!   output count = replicas
//! }
//! ```

use syncline_model::{Code, Diagnostic};

use crate::near::nearest;
use crate::resolve::{LayerId, Project, Reference, Table};

/// What this is reported as.
pub const CODE: Code = Code { id: "E0201", summary: "nothing has this name" };

/// Returns the report about a reference that finds nothing.
pub(crate) fn diagnostic(
    project: &Project,
    layer: LayerId,
    reference: &Reference,
    table: &Table<'_>,
) -> Diagnostic {
    let name = &reference.name;
    let owner = &project.layer(layer).name;
    let diagnostic = Diagnostic::error(CODE, format!("nothing is called `{name}` in `{owner}`"))
        .label(reference.span, "not found");
    if let Some((by, span)) = table.removed.get(name.as_str()) {
        let by = &project.layer(*by).name;
        return diagnostic
            .label(*span, format!("`{by}` takes it out here"))
            .help("Take the reference out too, or keep the member.");
    }
    let known = table.slots.keys().copied().chain(["environment"]);
    let modules =
        project.module(project.layer(layer).module).names.keys().map(syncline_model::Str::as_str);
    // What is followed by `.outputs` is meant to be another environment.
    let is_other = reference.next.as_deref() == Some("outputs");
    let others = project.environments().filter(|_| is_other).map(|own| own.group);
    let others: Vec<syncline_model::Str> = others.collect();
    let others = others.iter().map(syncline_model::Str::as_str);
    if let Some(module) = module_before(reference) {
        return of_module(diagnostic, reference, module);
    }
    match nearest(name, known.chain(modules).chain(others)) {
        Some(near) if habit(name).is_none() => diagnostic
            .help(format!("Did you mean `{near}`?"))
            .suggest(reference.span, near.to_owned()),
        _ if habit(name).is_some() => diagnostic.help(habit(name).unwrap_or_default()),
        _ if project.layer(layer).is_component => diagnostic
            .note("A component sees its own members, and nothing of what is around its units.")
            .help(format!(
                "Make it a parameter, `param {name}: string`, and give it to each unit."
            )),
        _ => diagnostic
            .help(format!("Declare it, for example `param {name}: string` or `let {name} = ...`.")),
    }
}

/// Returns the module of the standard library that stands before the name of one of its functions, be
/// it misspelled.
fn module_before(reference: &Reference) -> Option<&'static str> {
    let function = reference.next.as_deref()?;
    let has_it = |module: &&str| {
        crate::stdlib::module(module).is_some_and(|own| own.get(function).is_some())
    };
    let mut names = crate::stdlib::module_names();
    let exact = names.find(|module| *module == reference.name);
    exact.or_else(|| nearest(&reference.name, crate::stdlib::module_names().filter(has_it)))
}

fn of_module(diagnostic: Diagnostic, reference: &Reference, module: &str) -> Diagnostic {
    let full = format!("std.{module}");
    let function = reference.next.as_deref().unwrap_or_default();
    let own = crate::stdlib::module(module).filter(|own| own.get(function).is_none());
    if let Some(own) = own {
        let near = nearest(function, own.names());
        let near = near.map_or_else(
            || format!("`{full}` has no such function."),
            |near| format!("Did you mean `{full}.{near}`?"),
        );
        return diagnostic.help(near);
    }
    diagnostic
        .help(format!("Write `{full}.{function}`, or `use {full}` at the top of the file."))
        .suggest(reference.span, full)
}

/// Returns what stands for a name that other tools know.
fn habit(name: &str) -> Option<&'static str> {
    Some(match name {
        "var" | "local" | "locals" | "module" => {
            "Parameters, `let`s and units are known by their own names, without a prefix."
        }
        "each" | "count" => {
            "The variables of keys have the names that you give them: `web[key, value in map]`."
        }
        "None" | "nil" | "undefined" | "NULL" | "Null" | "none" => "What is not there is `null`.",
        "True" | "TRUE" | "yes" | "on" => "Write `true`.",
        "False" | "FALSE" | "no" | "off" => "Write `false`.",
        "path" | "terraform" => {
            "A path is seen from the folder of its source, and needs nothing before it; the \
             environment's name is `environment.name`."
        }
        "final" => {
            "`final` stands before what it protects: `final name = value`, `final let name = value`."
        }
        "param" | "let" | "resource" | "unit" | "output" | "provider" | "ensure" | "remove" => {
            "This word starts a member of an environment, an overlay or a component, and is no value."
        }
        "self" | "this" => "Members and attributes of others are known by their names.",
        _ => return None,
    })
}

/// Returns the report about a name in a function's body that is no parameter.
pub(crate) fn in_function<'a>(
    reference: &Reference,
    function: &str,
    params: impl Iterator<Item = &'a str> + Clone,
) -> Diagnostic {
    let name = &reference.name;
    let diagnostic =
        Diagnostic::error(CODE, format!("nothing is called `{name}` in the function `{function}`"))
            .label(reference.span, "not found");
    if let Some(module) = module_before(reference) {
        return of_module(diagnostic, reference, module);
    }
    match nearest(name, params) {
        Some(near) => diagnostic
            .help(format!("Did you mean `{near}`?"))
            .suggest(reference.span, near.to_owned()),
        None => diagnostic
            .note("A function sees its parameters, and nothing of an environment.")
            .help(format!("Make it a parameter: `{name}: type`.")),
    }
}

/// Returns the report about a name in a template that it is not given.
pub(crate) fn in_template(reference: &Reference) -> Diagnostic {
    let name = &reference.name;
    let diagnostic =
        Diagnostic::error(CODE, format!("nothing is called `{name}` in this template"))
            .label(reference.span, "not found");
    match module_before(reference) {
        Some(module) => of_module(diagnostic, reference, module),
        None => diagnostic.help("A template sees the values that it is given, and functions."),
    }
}

/// Returns the report about a name that a function does not see.
pub(crate) fn hidden(name: &str, span: syncline_model::Span) -> Diagnostic {
    Diagnostic::error(CODE, format!("a function does not see `{name}`"))
        .label(span, "not found")
        .help(format!("Make it a parameter: `{name}: type`."))
}
