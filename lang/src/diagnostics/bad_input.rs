//! E0308: an input fits no parameter.
//!
//! `--set`, variable files and `SYNCLINE_VAR_name` give values to parameters of the environment.
//!
//! ```console
//! $ syncline plan dev --set replcias=2
//! ```
//!
//! Mend it:
//!
//! ```console
//! $ syncline plan dev --set replicas=2
//! ```

use syncline_model::{Code, Diagnostic, Span, Str};

use crate::eval::Input;
use crate::near::nearest;

/// What this is reported as.
pub const CODE: Code = Code { id: "E0308", summary: "an input fits no parameter" };

/// Returns the report about an input for which there is no parameter.
pub(crate) fn unknown(input: &Input, span: Span, environment: &Str, known: &[&str]) -> Diagnostic {
    let name = &input.name;
    let message = format!("`{environment}` has no parameter `{name}` ({})", input.source);
    let diagnostic = Diagnostic::error(CODE, message).label(span, "given here");
    match nearest(name, known.iter().copied()) {
        Some(near) => diagnostic.help(format!("Did you mean `{near}`?")),
        None if known.is_empty() => diagnostic.help("It has no parameters."),
        None => diagnostic.help(format!("It has: {}.", known.join(", "))),
    }
}

/// Returns the report about an input for a final parameter.
pub(crate) fn is_final(input: &Input, span: Span, made: Span) -> Diagnostic {
    Diagnostic::error(CODE, format!("`{}` is final, and {} sets it", input.name, input.source))
        .label(span, "given here")
        .label(made, "made final here")
        .help("Take the input out, or the `final`.")
}
