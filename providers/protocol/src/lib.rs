//! Providers: of our own making, and of others.
//!
//! Takes an author's resources and data sources ([`sdk`]), or the executable of a provider that
//! knows nothing of Syncline ([`host`]), and returns a [`syncline_model::Provider`], which the
//! feature `server` serves to programs that know nothing of Syncline; knows nothing of the language
//! or the planner.

pub mod host;
mod identity;
mod pinned;
pub mod sdk;
#[cfg(feature = "server")]
pub mod server;
mod wire;

pub use wire::{CodecError, CodecErrorKind};
