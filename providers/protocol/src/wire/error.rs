//! Why a value could not be put on the wire or taken off it.

use syncline_model::{Path, Step};

/// A value that does not fit its schema, or bytes that are no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{kind}", if path.0.is_empty() { String::new() } else { format!("`{path}`: ") })]
pub struct CodecError {
    /// Where in the value.
    pub path: Path,
    /// What is wrong there.
    pub kind: CodecErrorKind,
}

/// What is wrong with a value or its bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodecErrorKind {
    /// The bytes end within a value.
    #[error("the bytes end too early")]
    Truncated,
    /// Bytes are left after the value.
    #[error("{0} bytes are left over")]
    Trailing(usize),
    /// Values within values, deeper than anything real.
    #[error("it is nested too deeply")]
    TooDeep,
    /// A string that is not UTF-8.
    #[error("a string is not UTF-8")]
    NotText,
    /// A number that is not finite or beyond the limits.
    #[error("`{0}` is no number that can be kept")]
    Number(String),
    /// Another kind of value than the schema has.
    #[error("{expected} is expected, and it is {found}")]
    Mismatch {
        /// What the schema has.
        expected: &'static str,
        /// What is there.
        found: String,
    },
    /// An object without one of its attributes.
    #[error("the attribute `{0}` is missing")]
    Missing(String),
    /// An object with an attribute that its type does not have.
    #[error("there is no attribute `{0}`")]
    Extra(String),
    /// A type that cannot be read.
    #[error("`{0}` is no type")]
    Type(String),
    /// A secret that was not opened.
    #[error("it is a sealed secret")]
    Sealed,
    /// JSON that cannot be read.
    #[error("the JSON cannot be read: {0}")]
    Json(String),
    /// An unknown value where only known ones may be.
    #[error("it is not known")]
    Unknown,
}

impl CodecErrorKind {
    /// Returns the error at the value itself.
    pub(crate) fn here(self) -> CodecError {
        CodecError { path: Path::default(), kind: self }
    }
}

impl CodecError {
    /// Returns the error as seen from outside: one step further in.
    pub(crate) fn under(mut self, step: Step) -> Self {
        self.path.0.insert(0, step);
        self
    }
}
