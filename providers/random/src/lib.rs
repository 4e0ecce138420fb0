//! The `random` provider: random values that stay once made.
//!
//! Every type draws from the operating system when it is created and keeps what it drew until one
//! of its settings or keepers changes. Nothing exists outside the record: reading a value returns
//! it as recorded, and destroying one only forgets it.
//!
//! Laws: draws are uniform, without the bias of a remainder; a password is secret wherever it goes.

mod draw;
mod id;
mod integer;
mod list;
mod settings;
mod text;
mod uuid;

use std::sync::Arc;

use syncline_model::Provider;
use syncline_protocol::sdk::ProviderBuilder;

/// Returns the provider.
#[must_use]
pub fn provider() -> Arc<dyn Provider> {
    ProviderBuilder::new("random", env!("CARGO_PKG_VERSION"), DESCRIPTION)
        .resource("choice", list::Choice)
        .resource("id", id::Id)
        .resource("integer", integer::Integer)
        .resource("password", text::Text { secret: true })
        .resource("shuffle", list::Shuffle)
        .resource("string", text::Text { secret: false })
        .resource("uuid", uuid::Uuid)
        .build()
}

const DESCRIPTION: &str = "Random values that are drawn once and stay until they are replaced.";
