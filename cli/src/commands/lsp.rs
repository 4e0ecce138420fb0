//! `syncline lsp`.

use crate::exit::{Exit, Failure};
use crate::lsp;
use crate::session::Session;

/// Arguments of `lsp`.
#[derive(clap::Args, Clone, Debug)]
pub struct LspArguments {
    /// Speak on the standard streams, which is the only way there is; some editors say so (`--stdio`)
    #[arg(long, hide = true)]
    stdio: bool,
}

pub(super) fn run(session: &Session, _arguments: &LspArguments) -> Result<Exit, Failure> {
    lsp::serve(session)
}
