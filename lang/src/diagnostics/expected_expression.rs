//! E0106: a value is missing.
//!
//! An expression must follow, for example behind `=` or an operator.
//!
//! ```sync
//! let size =
//! ```
//!
//! Write the value:
//!
//! ```sync
//! let size = 3
//! ```

use syncline_model::{Code, Diagnostic, Span};

/// What this is reported as.
pub const CODE: Code = Code { id: "E0106", summary: "a value is missing" };

/// Returns the report that an expression is missing `place`, such as "after `=`".
#[must_use]
pub fn expected_expression(span: Span, place: &str, found: &str) -> Diagnostic {
    let message = if place.is_empty() {
        format!("expected an expression, found {found}")
    } else {
        format!("expected an expression {place}, found {found}")
    };
    let diagnostic = Diagnostic::error(CODE, message).label(span, "expected an expression");
    match found {
        "`in`" => diagnostic.help(
            "`in` is a word of the language and no name: `key in map` tells whether a map has a key.",
        ),
        "`then`" | "`else`" => diagnostic
            .help("A choice is `if condition then a else b`; what it stands for goes between its words."),
        "`for`" => diagnostic
            .help("A loop stands in brackets: `[for x in list: value]`, `{for k, v in map: k => v}`."),
        _ => diagnostic,
    }
}
