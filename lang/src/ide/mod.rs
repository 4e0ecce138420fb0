//! What an editor asks of a project, as plain offsets and strings.
//!
//! Takes an [`Analysis`] and a place; returns names, texts and places. It knows no editor, no protocol
//! and no file system, and works on text that does not parse: the stages before it are total, and
//! what stands around a cursor is read from the text alone.
//!
//! Two kinds of question, by what they need:
//! * [`complete`], [`hover`](hover()) and [`signature`](signature()) take the text as it is at this moment
//!   and an analysis that may be a little older: names come from the analysis, the place from the
//!   text. So they answer within milliseconds, however large the project is.
//! * All others need an analysis of exactly the text that the editor shows.

mod actions;
mod analysis;
mod complete;
mod completion;
mod cursor;
mod fields;
mod highlight;
mod hints;
mod hover;
mod navigate;
mod occurrence;
mod outline;
mod paths;
mod reach;
mod renaming;
mod settings;
mod signature;
mod site;
mod subject;
mod tokens;
mod vocabulary;
mod walk;

pub use self::actions::{Action, actions};
pub use self::analysis::{Analysis, SharedWorld};
pub use self::complete::{complete, fits};
pub use self::completion::{Completion, CompletionKind, Completions};
pub use self::cursor::Buffer;
pub use self::highlight::{Highlight, HighlightKind, KINDS, highlights};
pub use self::hints::{Hint, hints};
pub use self::hover::{Hover, hover};
pub use self::navigate::{Location, definition, references};
pub use self::outline::{Symbol, SymbolKind, symbols};
pub use self::renaming::{Rename, renamable, rename};
pub use self::signature::{SignatureHelp, signature};

#[cfg(test)]
mod tests;
