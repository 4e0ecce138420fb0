//! Conditions, and what a `lifecycle` block says.
//!
//! Takes blocks with conditions and returns `ensure`s. One of a resource with instances holds for each of
//! them: it is asked in a comprehension, and says which ones it does not hold for.

use hcl_edit::Span as _;
use hcl_edit::expr::Expression;

use crate::body;
use crate::expression::{Out, Scope};
use crate::members::whole;
use crate::names::Instances;
use crate::source::Found;
use crate::text;

/// How a condition goes through the instances of a resource.
#[derive(Clone, Debug)]
pub(crate) enum Through {
    /// There is one.
    One,
    /// There is one where this holds.
    Maybe(String),
    /// What stands between `for` and `:`.
    Each(String),
}

/// Returns how conditions go through the instances that stand behind a member's name.
pub(crate) fn through(instances: &Instances, head: &str) -> Through {
    match instances {
        Instances::One => Through::One,
        Instances::Maybe => Through::Maybe(head.trim_start_matches(" if ").to_owned()),
        Instances::Count | Instances::Each => {
            let inner = head.strip_prefix('[').and_then(|own| own.strip_suffix(']'));
            Through::Each(inner.unwrap_or(head).to_owned())
        }
    }
}

/// Returns a condition that has to hold.
pub(crate) fn ensure(
    scope: &Scope<'_>,
    condition: &Expression,
    message: Option<&Expression>,
) -> String {
    match parts(scope, condition, message) {
        Ok((condition, message)) => format!("ensure {} else {message}", condition.text),
        Err(original) => original,
    }
}

/// Returns a condition and its message; the original as a comment where it is not translated as a whole, since
/// half a condition would be another one.
fn parts(
    scope: &Scope<'_>,
    condition: &Expression,
    message: Option<&Expression>,
) -> Result<(Out, String), String> {
    let before = scope.issues.list().len();
    let message = message.map_or("\"does not hold\"".to_owned(), |own| scope.text(own));
    let own = scope.expression(condition);
    if scope.issues.list().len() == before {
        return Ok((own, message));
    }
    Err(text::comment(scope.file.slice(condition.span())).trim_end().to_owned())
}

/// Returns a condition of what may be absent.
fn perhaps(scope: &Scope<'_>, there: &str, found: Found<'_>, condition: &Expression) -> String {
    match parts(scope, condition, found.value("error_message")) {
        Ok((own, message)) => {
            let there =
                if text::is_name(there) { format!("!{there}") } else { format!("!({there})") };
            format!("ensure {there} || {} else {message}", own.tight())
        }
        Err(original) => original,
    }
}

/// Returns a condition that has to hold for each instance; where the message names the instance, all
/// messages of those that it does not hold for are said.
fn each(scope: &Scope<'_>, head: &str, found: Found<'_>, condition: &Expression) -> String {
    let whole = ensure(scope, condition, None);
    if !whole.starts_with("ensure ") {
        return whole;
    }
    let own = scope.expression(condition);
    let message = found.value("error_message").map(|message| scope.text(message));
    let message = message.unwrap_or_else(|| "\"does not hold\"".to_owned());
    let keys = [&scope.key, &scope.value];
    let names_one = keys.into_iter().flatten().any(|key| {
        message.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == key)
    });
    let message = if names_one {
        format!("std.strings.join([for {head} if !{}: {message}], \"\\n\")", own.tight())
    } else {
        message
    };
    format!("ensure !(false in [for {head}: {}]) else {message}", own.text)
}

/// Translates a `lifecycle` block.
pub(crate) fn lifecycle(
    scope: &Scope<'_>,
    (resource, found): (Found<'_>, Found<'_>),
    lines: &mut Vec<String>,
    conditions: &mut Vec<String>,
    through: &Through,
) {
    let is_true =
        |name: &str| matches!(found.value(name), Some(Expression::Bool(value)) if *value.value());
    if is_true("prevent_destroy") {
        lines.push("@protect".to_owned());
    }
    if is_true("create_before_destroy") {
        lines.push("@replace(create_first)".to_owned());
    }
    match found.value("ignore_changes") {
        Some(Expression::Variable(all)) if all.as_str() == "all" => {
            let paths = body::written(&resource.block.body);
            if !paths.is_empty() {
                lines.push(format!("@ignore({})", paths.join(", ")));
            }
        }
        Some(Expression::Array(list)) => {
            let paths: Vec<String> = list.iter().map(|own| path(found, own)).collect();
            if !paths.is_empty() {
                lines.push(format!("@ignore({})", paths.join(", ")));
            }
        }
        Some(other) => {
            let _null = scope.missing(other.span(), "this `ignore_changes` has no counterpart");
        }
        None => {}
    }
    match found.value("replace_triggered_by") {
        Some(Expression::Array(list)) if !list.is_empty() => {
            let names: Vec<String> = list.iter().map(|own| whole(scope, own)).collect();
            lines.push(format!("@replace_with({})", names.join(", ")));
        }
        Some(Expression::Array(_)) | None => {}
        Some(other) => {
            let _null = scope.missing(other.span(), "only a list of references can be translated");
        }
    }
    for kind in ["precondition", "postcondition"] {
        for block in found.block.body.get_blocks(kind) {
            let inner = Found { file: found.file, block };
            let Some(condition) = inner.value("condition") else { continue };
            conditions.push(match through {
                Through::One => ensure(scope, condition, inner.value("error_message")),
                Through::Maybe(there) => perhaps(scope, there, inner, condition),
                Through::Each(head) => each(scope, head, inner, condition),
            });
        }
    }
}

/// Returns the path of an attribute; version 0.11 wrote it as a text.
fn path(found: Found<'_>, expression: &Expression) -> String {
    let written = expression.as_str().map(str::to_owned);
    written.unwrap_or_else(|| found.file.slice(expression.span()).to_owned())
}
