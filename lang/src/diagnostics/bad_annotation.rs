//! E0213: an annotation is wrong.
//!
//! `@protect`, `@ignore(path, ...)`, `@after(member, ...)`, `@replace(create_first)`,
//! `@replace_with(member, ...)`, `@timeout(create = 30m)`, `@health(http = ...)` and
//! `@provider(name.alias)` say how a resource is treated.
//!
//! ```sync
//! resource local.file motd {
//!   @protected
//!   path = "motd"
//! }
//! ```
//!
//! Mend it:
//!
//! ```sync
//! resource local.file motd {
//!   @protect
//!   path = "motd"
//! }
//! ```

use syncline_model::{Code, Diagnostic, Span};

use crate::near::nearest;
use crate::syntax::ast::{self, Ident};

/// What this is reported as.
pub const CODE: Code = Code { id: "E0213", summary: "an annotation is wrong" };

const KNOWN: [&str; 8] =
    ["protect", "ignore", "after", "replace", "replace_with", "provider", "timeout", "health"];

/// Returns the report about an annotation that there is not.
pub(crate) fn unknown(annotation: &ast::Annotation) -> Diagnostic {
    let name = &annotation.name;
    let diagnostic = Diagnostic::error(CODE, format!("there is no annotation `@{}`", name.name))
        .label(name.span, "not found");
    match nearest(&name.name, KNOWN) {
        Some(near) => diagnostic.help(format!("Did you mean `@{near}`?")).suggest(name.span, near),
        None => diagnostic.help(format!("There are: @{}.", KNOWN.join(", @"))),
    }
}

/// Returns the report about a time that nothing can take.
pub(crate) fn time(span: Span) -> Diagnostic {
    Diagnostic::error(CODE, "a timeout is a known time of at least a millisecond")
        .label(span, "not such a time")
        .help("Write a duration, as in `30m`.")
}

/// Returns the report about an annotation's arguments.
pub(crate) fn arguments(annotation: &ast::Annotation, takes: &str) -> Diagnostic {
    let name = &annotation.name;
    Diagnostic::error(CODE, format!("`@{}` takes {takes}", name.name))
        .label(name.span, "other arguments here")
        .help(match name.name.as_str() {
            "ignore" => "Name attributes, as in `@ignore(content, tags.owner)`.",
            "after" => "Name resources, as in `@after(database)`.",
            "replace_with" => "Name resources or attributes, as in `@replace_with(image.id)`.",
            "replace" => "Write `@replace(create_first)`.",
            "timeout" => "Write times, as in `@timeout(create = 30m, delete = 5m)`.",
            "health" => {
                "Write `@health(http = \"http://${self.host}/ready\")`, or `tcp` or `command`."
            }
            "provider" => "Name a provider and one of its aliases, as in `@provider(aws.us)`.",
            _ => "Write `@protect`.",
        })
}

/// Returns the report about an argument of `@ignore` that is no path.
pub(crate) fn path(arg: &ast::Arg) -> Diagnostic {
    Diagnostic::error(CODE, "`@ignore` takes the paths of attributes")
        .label(arg.value.span, "no path")
        .help("Name attributes, as in `@ignore(content, tags.owner)`.")
}

/// Returns the report about an argument of `@after` that names no resource.
pub(crate) fn after(span: Span) -> Diagnostic {
    Diagnostic::error(CODE, "`@after` takes the names of resources")
        .label(span, "no resource")
        .help("Name resources, as in `@after(database)` or `@after(jobs[\"mail\"])`.")
}

/// Returns the report about an argument of `@replace_with` that names no resource.
pub(crate) fn replace_with(span: Span) -> Diagnostic {
    Diagnostic::error(CODE, "`@replace_with` takes resources and attributes of resources")
        .label(span, "no resource")
        .help(
            "Name what a change of has to replace this one, as in `@replace_with(config)` or \
             `@replace_with(image.id)`.",
        )
}

/// Returns the report about an argument of `@provider` that names no alias of the provider.
pub(crate) fn provider(
    arg: &ast::Arg,
    provider: &str,
    aliases: &[&syncline_model::Str],
) -> Diagnostic {
    let diagnostic =
        Diagnostic::error(CODE, format!("this is no configuration of the provider `{provider}`"))
            .label(arg.value.span, "not found");
    if aliases.is_empty() {
        return diagnostic.help(format!(
            "Set one up in the environment: `provider {provider} as other {{ ... }}`, and name it as \
             `@provider({provider}.other)`."
        ));
    }
    let known: Vec<String> = aliases.iter().map(|alias| format!("`{provider}.{alias}`")).collect();
    diagnostic.help(format!("There are: `{provider}`, {}.", known.join(", ")))
}

/// Returns the report about an annotation inside an attribute.
pub(crate) fn nested(annotation: &ast::Annotation) -> Diagnostic {
    Diagnostic::error(CODE, format!("`@{}` stands inside an attribute", annotation.name.name))
        .label(annotation.name.span, "only a resource has annotations")
        .help("Move it to the top of the resource's body.")
}

/// Returns the report about a `@health` of something that is not made.
pub(crate) fn health_of_nothing(annotation: &ast::Annotation) -> Diagnostic {
    Diagnostic::error(CODE, "only a resource that is made has health")
        .label(annotation.name.span, "nothing is made here")
        .help("Move it to the resource that has to answer.")
}

/// Returns the report about an argument of `@health` that there is not.
pub(crate) fn health_argument(arg: &ast::Arg, known: &[&str]) -> Diagnostic {
    let Some(name) = &arg.name else {
        return Diagnostic::error(CODE, "an argument of `@health` has a name")
            .label(arg.value.span, "which one?")
            .help("Write `http = \"http://...\"`, `tcp = \"host:port\"` or `command = [\"program\"]`.");
    };
    let report = Diagnostic::error(CODE, format!("`@health` has no argument `{}`", name.name))
        .label(name.span, "not found");
    match nearest(&name.name, known.iter().copied()) {
        Some(near) => report.help(format!("Did you mean `{near}`?")).suggest(name.span, near),
        None => report.help(format!("It takes: {}.", known.join(", "))),
    }
}

/// Returns the report about a `@health` that asks nothing, or more than one.
pub(crate) fn health_target(annotation: &ast::Annotation, asked: &[&str]) -> Diagnostic {
    let message = match asked {
        [] => "`@health` says nothing that could be asked".to_owned(),
        _ => format!("`@health` asks {} at once", asked.join(" and ")),
    };
    Diagnostic::error(CODE, message)
        .label(annotation.name.span, "one of `http`, `tcp` and `command`")
        .help("Write one `@health` for each; a resource may have several.")
}

/// Returns the report about an argument that only `http` has.
pub(crate) fn health_needs_http(name: &Ident, asked: &str) -> Diagnostic {
    Diagnostic::error(CODE, format!("`{}` goes with `http`, not with `{asked}`", name.name))
        .label(name.span, "of an answer that there is not")
        .help("Take it out.")
}

/// Returns the report about a value that an argument of `@health` cannot have.
pub(crate) fn health_value(span: Span, takes: &str) -> Diagnostic {
    Diagnostic::error(CODE, "an argument of `@health` makes no sense")
        .label(span, format!("this takes {takes}"))
}
