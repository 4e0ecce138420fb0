//! The plugin protocol's data: messages, values, schemas, diagnostics.
//!
//! Takes and returns the model's types on one side and the protocol's messages on the other; it
//! never does any input or output. Whatever bytes come in, the answer is a value or a typed error:
//! nothing here panics, recurses without bound or reserves memory that the bytes do not fill.

pub(crate) mod decode;
pub(crate) mod diagnostics;
pub(crate) mod encode;
pub(crate) mod error;
pub(crate) mod json;
pub(crate) mod msgpack;
pub(crate) mod recorded;
pub(crate) mod schema;
pub(crate) mod shape;

#[cfg(test)]
mod tests;

pub use self::error::{CodecError, CodecErrorKind};

/// The messages, generated from the files in `proto`.
#[allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::wildcard_enum_match_arm,
    reason = "generated code"
)]
pub(crate) mod proto {
    /// Of version 5, as far as they differ from those of version 6.
    pub(crate) mod tfplugin5 {
        include!(concat!(env!("OUT_DIR"), "/tfplugin5.rs"));
    }
    /// Of version 6, which serve both versions.
    pub(crate) mod tfplugin6 {
        include!(concat!(env!("OUT_DIR"), "/tfplugin6.rs"));
    }
    /// Of the plugin library.
    pub(crate) mod plugin {
        include!(concat!(env!("OUT_DIR"), "/plugin.rs"));
    }
}
