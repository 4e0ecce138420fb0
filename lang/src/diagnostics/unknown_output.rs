//! E0233: an environment has no such output.
//!
//! What an environment gives to others are its outputs, and nothing else.
//!
//! ```sync
//! environment network {
//!   output vpc = "vpc-1"
//! }
//! environment shop {
//!   let vpc = network.outputs.vcp
//! }
//! ```
//!
//! Mend it:
//!
//! ```sync
//! environment network {
//!   output vpc = "vpc-1"
//! }
//! environment shop {
//!   let vpc = network.outputs.vpc
//! }
//! ```

use syncline_model::{Code, Diagnostic, Span};

use crate::near::{listed, nearest};
use crate::resolve::LayerInfo;
use crate::syntax::ast::Ident;

/// What this is reported as.
pub const CODE: Code = Code { id: "E0233", summary: "an environment has no such output" };

/// Returns the report about the name of an output.
pub(crate) fn diagnostic<'a>(
    environment: &str,
    name: &Ident,
    known: impl Iterator<Item = &'a str> + Clone,
) -> Diagnostic {
    let text = &name.name;
    let diagnostic = Diagnostic::error(CODE, format!("`{environment}` has no output `{text}`"))
        .label(name.span, "not found");
    if let Some(near) = nearest(text, known.clone()) {
        return diagnostic
            .help(format!("Did you mean `{near}`?"))
            .suggest(name.span, near.to_owned());
    }
    let known = listed(known);
    diagnostic.help(match known.as_str() {
        "" => format!("It has no outputs. Declare it there: `output {text} = ...`."),
        known => format!("It has: {known}. Or declare it there: `output {text} = ...`."),
    })
}

/// Returns the report about an environment that is used as a value, or of which something else than
/// an output is read.
pub(crate) fn not_outputs(environment: &str, span: Span) -> Diagnostic {
    let written = match environment.split_once('/') {
        Some((group, key)) => format!("{group}[\"{key}\"]"),
        None => environment.to_owned(),
    };
    Diagnostic::error(CODE, format!("of `{environment}` only its outputs can be read"))
        .label(span, "another environment")
        .help(format!("Write `{written}.outputs.NAME`; what it makes can be given by an output."))
}

/// Returns the report about an environment with keys, of which none or a wrong one is given.
pub(crate) fn which(layer: &LayerInfo, key: Option<&str>, span: Span) -> Diagnostic {
    let name = &layer.name;
    let keys = layer.keys.as_deref().unwrap_or_default();
    let message = match key {
        Some(key) => format!("there is no environment `{name}` with the key `{key}`"),
        None => format!("`{name}` is one environment for each of its keys"),
    };
    let diagnostic = Diagnostic::error(CODE, message).label(span, "which of them?");
    let near = key.and_then(|key| nearest(key, keys.iter().map(|own| own.as_str())));
    let keys: Vec<String> = keys.iter().take(20).map(|own| format!("\"{own}\"")).collect();
    diagnostic.help(match (near, keys.first()) {
        (Some(near), _) => format!("Did you mean `{name}[\"{near}\"]`?"),
        (None, Some(first)) => {
            format!("Write `{name}[{first}].outputs.NAME`. It has: {}.", keys.join(", "))
        }
        (None, None) => "It has no keys.".to_owned(),
    })
}

/// Returns the report about an index of an environment without keys.
pub(crate) fn no_keys(environment: &str, span: Span) -> Diagnostic {
    Diagnostic::error(CODE, format!("`{environment}` is one environment, without keys"))
        .label(span, "an index")
        .help(format!("Write `{environment}.outputs.NAME`."))
}

/// Returns the report about an abstract environment.
pub(crate) fn of_abstract(environment: &str, span: Span, heirs: &[&str]) -> Diagnostic {
    let diagnostic =
        Diagnostic::error(CODE, format!("`{environment}` is abstract, and is never applied"))
            .label(span, "has no outputs of its own");
    match heirs {
        [] => diagnostic.help("Read the outputs of an environment that extends it."),
        heirs => {
            diagnostic.help(format!("Read those of one that extends it: {}.", heirs.join(", ")))
        }
    }
}

/// Returns the report about an environment that a component reads.
pub(crate) fn in_component(environment: &str, span: Span) -> Diagnostic {
    Diagnostic::error(CODE, format!("a component does not see the environment `{environment}`"))
        .label(span, "not seen here")
        .note("A component gives the same wherever it is used: what it needs is a parameter.")
        .help("Declare a `param`, and give it in the unit: `param = network.outputs.NAME`.")
}
