//! What a served provider has to say, on standard error: JSON lines as the plugin library reads
//! them, so that whoever runs the provider shows them at their level.

use std::io::Write as _;

use serde_json::json;
use syncline_model::Str;

/// Writes log lines under the provider's name.
#[derive(Clone, Debug)]
pub(super) struct Log {
    module: Str,
}

impl Log {
    pub(super) fn new(provider: &str) -> Self {
        Self { module: format!("provider.{provider}").into() }
    }

    pub(super) fn error(&self, message: &str) {
        self.line("error", message);
    }

    pub(super) fn debug(&self, message: &str) {
        self.line("debug", message);
    }

    /// Tells of panics as of everything else.
    pub(super) fn panics(&self) {
        let log = self.clone();
        std::panic::set_hook(Box::new(move |panic| log.error(&panic.to_string())));
    }

    fn line(&self, level: &str, message: &str) {
        let line = json!({
            "@level": level,
            "@message": message,
            "@module": self.module.as_str(),
        });
        plain(&line.to_string());
    }
}

/// Writes a line. There is no one to tell when standard error is gone.
pub(super) fn plain(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
