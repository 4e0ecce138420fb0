//! E0128: a character has no meaning here.
//!
//! Outside of strings and comments the text is made of ASCII letters, digits and punctuation.
//!
//! ```sync
//! let owner = “web”
//! ```
//!
//! ```sync
//! let owner = "web"
//! ```

use syncline_model::{Code, Diagnostic, Span};

/// What this is reported as.
pub const CODE: Code = Code { id: "E0128", summary: "a character has no meaning here" };

/// Returns the report about a character.
#[must_use]
pub fn invalid_character(span: Span, character: char) -> Diagnostic {
    let (shown, help) = match character {
        '\0' => ("the byte 0".to_owned(), "Remove it; is this a text file?".to_owned()),
        '\u{2018}' | '\u{2019}' | '\u{201c}' | '\u{201d}' => {
            (format!("`{character}`"), "Write the plain quote `\"`.".to_owned())
        }
        '\u{feff}' | '\u{a0}' | '\u{200b}' => (
            format!("the invisible character U+{:04X}", u32::from(character)),
            "Remove it, or write a plain space.".to_owned(),
        ),
        _ if character.is_control() => (
            format!("the control character U+{:04X}", u32::from(character)),
            "Remove it.".to_owned(),
        ),
        _ => (
            format!("`{character}`"),
            "Names have ASCII letters, digits and `_`; other characters stand in strings."
                .to_owned(),
        ),
    };
    Diagnostic::error(CODE, format!("{shown} has no meaning here"))
        .label(span, "unexpected character")
        .help(help)
}
