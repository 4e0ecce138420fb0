//! Why an operation failed.
//!
//! Each error has two texts: one with the values at fault, and a discreet one without any, which
//! [`OpError::conceal`] puts in its place as soon as a secret has flowed in.

use syncline_model::{NumberError, Value};

/// What kind of failure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// An operand is of a kind that the operation does not take.
    Mismatch,
    /// There is no such key, member, index or element.
    Missing,
    /// A key is there twice.
    Duplicate,
    /// A number beyond the limits, or a division by zero.
    Arithmetic,
    /// A text that cannot be read as what it should be, or an argument out of its range.
    Invalid,
    /// The result or the work would be beyond the limits.
    TooLarge,
    /// There is no such operation: a plan of another version.
    Unsupported,
}

/// Why an operation failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpError {
    /// What kind of failure it is.
    pub kind: ErrorKind,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// The way out, in full sentences.
    pub help: Option<String>,
    /// Which operand is at fault, from 0.
    pub operand: Option<usize>,
    discreet: Discreet,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Discreet {
    message: String,
    help: Option<&'static str>,
}

impl OpError {
    /// Returns an error whose message holds no value, nor a part of one.
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        let message = message.into();
        let discreet = Discreet { message: message.clone(), help: None };
        Self { kind, message, help: None, operand: None, discreet }
    }

    /// Returns the error for an operand of the wrong kind; `wanted` is such as `a string`.
    pub(crate) fn mismatch(operand: usize, wanted: &str, value: &Value) -> Self {
        let got = value.reveal().kind();
        Self::new(ErrorKind::Mismatch, format!("expected {wanted}, got {got}")).at(operand)
    }

    /// Says it again with the values at fault.
    pub(crate) fn detail(mut self, message: impl Into<String>) -> Self {
        self.message = message.into();
        self
    }

    /// Sets the way out, which holds no value.
    pub(crate) fn help(mut self, text: &'static str) -> Self {
        self.help = Some(text.to_owned());
        self.discreet.help = Some(text);
        self
    }

    /// Sets what stands in the place of a message that may hold values.
    pub(crate) fn instead(mut self, text: &'static str) -> Self {
        self.discreet.help = Some(text);
        self
    }

    /// Sets a way out that names values.
    pub(crate) fn hint(mut self, text: Option<String>) -> Self {
        if text.is_some() {
            self.help = text;
        }
        self
    }

    /// Says which operand is at fault, unless that has been said.
    pub(crate) fn at(mut self, operand: usize) -> Self {
        self.operand = self.operand.or(Some(operand));
        self
    }

    /// Takes out whatever came from a value.
    #[must_use]
    pub fn conceal(self) -> Self {
        Self {
            message: self.discreet.message.clone(),
            help: self.discreet.help.map(str::to_owned),
            ..self
        }
    }
}

impl From<NumberError> for OpError {
    fn from(error: NumberError) -> Self {
        let message = match error {
            NumberError::Malformed => "it is not a number",
            NumberError::TooLarge => {
                "the number would have more than 400 digits, or an exponent beyond ±400"
            }
            NumberError::DivisionByZero => "division by zero",
        };
        let kind = match error {
            NumberError::Malformed => ErrorKind::Invalid,
            NumberError::TooLarge | NumberError::DivisionByZero => ErrorKind::Arithmetic,
        };
        Self::new(kind, message)
    }
}

impl std::fmt::Display for OpError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for OpError {}
