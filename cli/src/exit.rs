//! How a command ends.

use syncline_planner::record::LogError;

/// How a command ends, as its exit code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Done, or nothing to do.
    Done,
    /// There are changes, with `--detailed-exitcode`; or there is drift.
    Changes,
    /// An error.
    Error,
    /// The plan is stale, or another run holds the environment.
    Stale,
    /// A protection refused.
    Refused,
    /// Interrupted; the state is saved.
    Interrupted,
}

impl Exit {
    /// Returns the exit code.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Error => 1,
            Self::Changes => 2,
            Self::Stale => 3,
            Self::Refused => 4,
            Self::Interrupted => 130,
        }
    }
}

/// Why a command failed, where no source is to blame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// What is wrong; empty when that has been said already.
    pub message: String,
    /// Why: full sentences.
    pub notes: Vec<String>,
    /// The way out.
    pub help: Option<String>,
}

impl Failure {
    /// Returns an error.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self { exit: Exit::Error, message: message.into(), notes: Vec::new(), help: None }
    }

    /// Returns the failure of a command that has said already what is wrong.
    #[must_use]
    pub fn told(exit: Exit) -> Self {
        Self { exit, ..Self::new("") }
    }

    /// Sets the way out.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds a reason.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Sets the exit code.
    #[must_use]
    pub fn exits(mut self, exit: Exit) -> Self {
        self.exit = exit;
        self
    }
}

impl From<LogError> for Failure {
    fn from(error: LogError) -> Self {
        let help = match &error {
            LogError::Corrupt { .. } => {
                "A copy of the state from before brings back what it held. `syncline state verify` says which \
                 other logs hold."
            }
            LogError::Foreign { .. } => "A copy of the state from before brings back what it held.",
            LogError::Sealed { .. } => {
                "Whoever can read the secrets of an environment lets others: `syncline state key add ENV WHO`. \
                 A key of yours that is elsewhere is named by SYNCLINE_KEY_FILE, SYNCLINE_AGE_IDENTITY, \
                 SYNCLINE_PASSPHRASE or SYNCLINE_KEY_COMMAND."
            }
            LogError::Format { .. } => "Use the version of Syncline that wrote it, or a later one.",
            LogError::Moved => "Do it again: what the other run did is taken note of then.",
            LogError::Refused { help, .. } => help,
            LogError::Storage { .. } => {
                "`state` in the `project` block says where state is kept; without it, that is \
                 `.syncline/state.db`."
            }
        };
        Self::new(error.to_string()).help(help)
    }
}
