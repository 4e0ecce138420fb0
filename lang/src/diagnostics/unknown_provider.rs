//! E0307: there is no such provider.
//!
//! The first part of a type is the name of a provider: one that is built in, or one that `project`
//! lists under `providers`.
//!
//! ```sync
//! resource locl.file motd {}
//! ```
//!
//! Mend it:
//!
//! ```sync
//! resource local.file motd {}
//! ```

use syncline_model::{Code, Diagnostic, Span, Str};

use crate::near::nearest;

/// What this is reported as.
pub const CODE: Code = Code { id: "E0307", summary: "there is no such provider" };

/// Returns the report about a type whose provider calls it as it is written, and which is another one here.
pub(crate) fn called_otherwise(
    name: &str,
    span: Span,
    (whole, written): (Span, &str),
) -> Diagnostic {
    Diagnostic::error(CODE, format!("there is no provider `{name}`"))
        .label(span, "not found")
        .help(format!("A type is the provider's name here, a dot, and the rest: `{written}`."))
        .suggest(whole, written)
}

/// Returns the report about a provider's name.
pub(crate) fn diagnostic(name: &str, span: Span, known: &[Str]) -> Diagnostic {
    let diagnostic =
        Diagnostic::error(CODE, format!("there is no provider `{name}`")).label(span, "not found");
    // As Terraform writes it.
    let parts =
        name.split_once('_').filter(|(provider, _)| known.iter().any(|own| own == provider));
    if let Some((provider, kind)) = parts {
        let written = format!("{provider}.{kind}");
        return diagnostic
            .help(format!("A type is the provider's name, a dot, and the rest: `{written}`."))
            .suggest(span, written);
    }
    match nearest(name, known.iter().map(Str::as_str)) {
        Some(near) => diagnostic.help(format!("Did you mean `{near}`?")).suggest(span, near),
        None if name.starts_with(|letter: char| letter.is_ascii_uppercase()) => diagnostic
            .help(format!("A component is made by a unit: `unit name = {name} {{ ... }}`.")),
        None => {
            let names: Vec<&str> = known.iter().map(Str::as_str).collect();
            let names = names.join(", ");
            diagnostic.help(format!(
                "There are: {names}. The project names others: `providers = {{ {name} = {{ source = \"hashicorp/{name}\" }} }}`."
            ))
        }
    }
}
