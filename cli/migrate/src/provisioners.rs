//! Provisioners: what to write in their place.
//!
//! Takes the provisioners of a resource and returns comments: the block as it was, and for a command of this machine the
//! resource that runs it. Nothing of it runs: whether a command may run again is for its owner to say.

use hcl_edit::Span as _;
use hcl_edit::structure::Block;

use crate::expression::Scope;
use crate::issue::Issues;
use crate::source::Found;
use crate::text;
use crate::types::Shape;

/// What stands in the place of provisioners, as comments.
#[derive(Debug, Default)]
pub(crate) struct Advice {
    /// The blocks as they were.
    pub(crate) original: Vec<String>,
    /// Resources that run the same.
    pub(crate) instead: Vec<String>,
}

/// Returns what is said of the provisioners of a resource that has a name and perhaps keys.
pub(crate) fn advice(scope: &Scope<'_>, found: Found<'_>, (name, head): (&str, &str)) -> Advice {
    let mut advice = Advice::default();
    for (at, block) in found.block.body.get_blocks("provisioner").enumerate() {
        let label = block.labels.first().map_or("", |label| label.as_str());
        let number = if at == 0 { String::new() } else { format!("_{}", at + 1) };
        let own = scope.names.free(&format!("{name}_command{number}"));
        let command = (label == "local-exec").then(|| command(scope, block, (&own, name, head)));
        let why = match (label, command.flatten()) {
            ("local-exec", Some(command)) => {
                advice.instead.push(text::comment(&command).trim_end().to_owned());
                "`local.command` runs a command where what triggers it changes: take the one that stands beside it as a comment"
            }
            ("local-exec", None) => {
                "`local.command` runs a command where what triggers it changes (`create = \"...\"`, `triggers = { ... }`)"
            }
            _ => {
                "say it in the image or in what the machine is started with (`user_data`), or have a `local.command` run \
                 `ssh` or `scp`"
            }
        };
        let message = format!("a provisioner `{label}` has no counterpart: {why}");
        let _null = scope.missing(block.span(), message);
        advice.original.push(text::comment(found.file.slice(block.span())).trim_end().to_owned());
    }
    advice
}

/// Returns the resource that runs a command as a `local-exec` does; nothing where the command is not translated.
fn command(
    scope: &Scope<'_>,
    block: &Block,
    (name, of, head): (&str, &str, &str),
) -> Option<String> {
    let issues = Issues::default();
    let scope = Scope { issues: &issues, ..scope.clone() };
    let value = |name: &str| block.body.get_attribute(name).map(|own| &own.value);
    let text = |name: &str| Some(scope.converted(value(name)?, &Shape::String).text);
    let is_destroy = value("when").is_some_and(|own| own.to_string().trim().ends_with("destroy"));
    let line = text("command").filter(|_| value("interpreter").is_none())?;
    let mut lines = if is_destroy {
        vec!["create = \"true\"".to_owned(), format!("delete = {line}")]
    } else {
        vec![format!("create = {line}")]
    };
    // What the command says of its resource is of the instance with the same key.
    let own = scope.own.as_ref().map_or(of, |(own, _)| own);
    lines.push(format!("triggers = {{ id = {own}.id }}"));
    if let Some(environment) = value("environment") {
        let map = Shape::Map(Box::new(Shape::String));
        lines.push(format!("environment = {}", scope.converted(environment, &map).text));
    }
    lines.extend(text("working_dir").map(|own| format!("working_directory = {own}")));
    if !issues.take().is_empty() {
        return None;
    }
    let lines: Vec<String> = lines.iter().map(|line| format!("  {line}")).collect();
    Some(format!("resource local.command {name}{head} {{\n{}\n}}", lines.join("\n")))
}
