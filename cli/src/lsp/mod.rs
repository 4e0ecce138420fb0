//! The language server: a thin adapter between editors and [`syncline_lang::ide`].
//!
//! Takes messages of the Language Server Protocol on the standard input, answers on the standard
//! output. What an editor has open and not saved overlays the disk.
//!
//! The main thread alone speaks with the editor and never evaluates anything; for each project a
//! thread analyses the newest text, and gives up when there is a newer one. Completion, hover and
//! signatures are answered at once from the text as it is and the newest analysis; everything else
//! waits for the analysis of exactly that text.
//!
//! | module | what it has |
//! | --- | --- |
//! | [`answers`] | results as the protocol writes them |
//! | [`documents`] | what is open, and its positions |
//! | [`project`] | the analysis of one project, on a thread of its own |
//! | [`server`] | the loop and who answers what |
//! | [`transport`] | messages on the standard streams |

mod answers;
mod documents;
mod project;
mod requests;
mod server;
mod transport;

pub use self::server::serve;
