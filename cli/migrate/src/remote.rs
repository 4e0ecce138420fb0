//! `terraform_remote_state`: what another project has made.
//!
//! Takes the data source and returns its entries where its state is a file: a path there is seen from where Terraform runs,
//! and here from the project's folder.

use hcl_edit::Span as _;
use hcl_edit::expr::Expression;

use crate::expression::Scope;
use crate::files::absolute;
use crate::source::Found;
use crate::text;
use crate::types::key_text;

/// The data source's type.
const KIND: &str = "terraform_remote_state";

/// Tells whether a block reads what only Terraform itself knows.
#[must_use]
pub(crate) fn is_own_data(found: Found<'_>) -> bool {
    let is_read = found.label(0) == KIND && found.text("backend") == Some("local");
    !found.block.has_ident("resource") && found.label(0).starts_with("terraform_") && !is_read
}

/// Returns why such a block is not translated, and the way out.
pub(crate) fn why_not(found: Found<'_>) -> String {
    let backend = found.text("backend").unwrap_or_default();
    let one = "take its outputs as parameters, or have both in one project, where an environment reads the outputs of \
               another one";
    match backend {
        "s3" => format!(
            "what the backend `s3` keeps is not read as a state: {one}; until then `data aws.s3_object state {{ bucket = \
             ..., key = ... }}` reads it, and `std.json.decode(state.body).outputs.NAME.value` is an output"
        ),
        "" => format!("what another project has made is not read here: {one}"),
        own => format!(
            "what the backend `{own}` keeps is not read here: {one}; until then `terraform state pull` prints the state to \
             a file, which `terraform.remote_state` reads with the backend `local`"
        ),
    }
}

/// Returns the line of `config` of a block that reads a file; nothing where it is another block, or says no plain map.
pub(crate) fn config(scope: &Scope<'_>, found: Found<'_>) -> Option<String> {
    let others = &scope.file.others;
    let is_there = others.beside || others.place.is_empty();
    let is_own = found.block.has_ident("data") && found.label(0) == KIND && !is_there;
    let object = found.value("config").filter(|_| is_own)?.as_object()?;
    let lines = object.iter().map(|(key, value)| {
        let key = key_text(key);
        let own = path(scope, value.expr(), &others.place);
        format!("{} = {own}", text::key(&key))
    });
    Some(format!("config = {{\n{}\n}}", lines.collect::<Vec<_>>().join("\n")))
}

/// Returns a path as the new project sees it.
fn path(scope: &Scope<'_>, value: &Expression, place: &str) -> String {
    let text = scope.text(value);
    let inner = text.strip_prefix('"').and_then(|own| own.strip_suffix('"'));
    match inner {
        Some(own) if own.starts_with(['/', '~']) => text,
        Some(own) if !own.contains("${") && !own.contains('\\') => {
            text::string(&absolute(place, own))
        }
        Some(own) if !own.starts_with("${") => format!("\"{}/{own}\"", text::escaped(place)),
        _ => {
            scope.placed(value.span());
            format!(
                "if std.paths.is_absolute({text}) then {text} else std.paths.join({}, {text})",
                text::string(place)
            )
        }
    }
}
