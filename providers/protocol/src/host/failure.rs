//! Why a provider could not be started, or did not answer.

use std::fmt::Write as _;
use std::io;
use std::process::ExitStatus;
use std::time::Duration;

use syncline_model::Problem;

use super::handshake::HandshakeError;

/// Why a provider could not be started.
#[derive(Debug, thiserror::Error)]
pub(super) enum LaunchError {
    /// The executable could not be run.
    #[error("`{executable}` cannot be run: {source}{}", unrun(executable, source))]
    Spawn { executable: String, source: io::Error },
    /// The folder for its socket could not be made.
    #[error("no folder for its socket can be made: {0}")]
    Folder(io::Error),
    /// It ended before it said where it listens.
    #[error("it ended before it said where it listens: {}", ended(*.0))]
    Ended(Option<ExitStatus>),
    /// It said nothing in time.
    #[error("it did not say where it listens within {}", span(*.0))]
    Silent(Duration),
    /// What it said is not understood.
    #[error("{0}")]
    Handshake(#[from] HandshakeError),
    /// A certificate could not be made.
    #[error("no certificate can be made for it: {0}")]
    Certificate(#[from] rcgen::Error),
    /// TLS could not be set up.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
    /// It does not take a connection where it says that it listens.
    #[error("it does not take a connection where it says that it listens: {0}")]
    Connect(String),
}

/// Returns what is wrong with a program that is there and cannot be run.
fn unrun(executable: &str, error: &io::Error) -> &'static str {
    let kind = error.kind();
    if !std::path::Path::new(executable).exists() {
        ""
    } else if kind == io::ErrorKind::PermissionDenied {
        "; it is not executable: `chmod +x` makes it so, unless its file system forbids to run programs"
    } else if kind == io::ErrorKind::NotFound {
        "; what it needs to be run is not there: its interpreter, or the loader of the C library that it was built for"
    } else {
        ""
    }
}

/// Why a call came to nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum CallError {
    /// The process ended.
    #[error("it stopped: {}", ended(*.0))]
    Ended(Option<ExitStatus>),
    /// The process had ended before the call.
    #[error("it had stopped before: {}", ended(*.0))]
    Gone(Option<ExitStatus>),
    /// No answer in time.
    #[error("it did not answer within {}", span(*.0))]
    Silent(Duration),
    /// It does not have the call.
    #[error("it does not offer this")]
    Unsupported,
    /// The answer is larger than what is taken.
    #[error("its answer is larger than {0} MiB")]
    TooLarge(usize),
    /// Any other error of the provider.
    #[error("{0}")]
    Status(String),
    /// The connection is broken.
    #[error("the connection was lost: {0}")]
    Lost(String),
    /// The answer cannot be read.
    #[error("its answer cannot be read: {0}")]
    Answer(String),
    /// The question cannot be put.
    #[error("the question cannot be put: {0}")]
    Question(String),
}

impl LaunchError {
    /// Returns the problem, with what the provider wrote last.
    pub(super) fn problem(&self, title: &str, tail: &str) -> Problem {
        Problem::error(format!("the provider {title} does not start"), detail(&self, "", tail))
    }
}

impl CallError {
    /// Returns the problem, with what the provider wrote last.
    pub(super) fn problem(&self, title: &str, call: &str, tail: &str) -> Problem {
        let summary = match self {
            Self::Ended(_) | Self::Gone(_) => format!("the provider {title} stopped"),
            Self::Silent(_) => format!("the provider {title} does not answer"),
            Self::Unsupported => format!("the provider {title} does not offer `{call}`"),
            Self::TooLarge(_) | Self::Answer(_) => {
                format!("the provider {title} gave an answer that cannot be used")
            }
            Self::Status(_) | Self::Lost(_) => format!("the provider {title} failed"),
            Self::Question(_) => format!("the provider {title} cannot be asked"),
        };
        let was_put = match self {
            Self::Unsupported | Self::Question(_) | Self::Gone(_) => false,
            Self::Ended(_)
            | Self::Silent(_)
            | Self::TooLarge(_)
            | Self::Status(_)
            | Self::Lost(_)
            | Self::Answer(_) => true,
        };
        let tail = if matches!(self, Self::Unsupported | Self::Question(_)) { "" } else { tail };
        let problem = Problem::error(summary, detail(&self, call, tail));
        if was_put { problem.in_doubt() } else { problem }
    }
}

fn detail(error: &dyn std::fmt::Display, call: &str, tail: &str) -> String {
    let mut detail = error.to_string();
    if let Some(first) = detail.get(..1) {
        let upper = first.to_uppercase();
        detail.replace_range(..1, &upper);
    }
    if !call.is_empty() {
        let _infallible = write!(detail, " (in the call `{call}`)");
    }
    if !detail.ends_with('.') {
        detail.push('.');
    }
    if !tail.is_empty() {
        detail.push_str("\nIts last output:\n");
        detail.push_str(tail);
    }
    detail
}

/// Returns how a process ended.
fn ended(status: Option<ExitStatus>) -> String {
    match status {
        Some(status) => status.to_string(),
        None => "it closed its output".to_owned(),
    }
}

fn span(duration: Duration) -> String {
    match duration.as_secs() {
        0 => format!("{} ms", duration.as_millis()),
        seconds if seconds % 60 == 0 => format!("{} min", seconds / 60),
        seconds => format!("{seconds} s"),
    }
}
