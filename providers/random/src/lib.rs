//! Random values that stay once they are made.
//!
//! Takes lengths and ranges, returns values from the operating system's generator, without bias.
//! A value is made when the resource is created and lives in the record alone: it changes when the
//! resource is replaced, which any change of its attributes does. Nothing outside is touched.

mod choice;
mod id;
mod integer;
mod kept;
mod source;
mod text;
mod uuid;

use std::sync::Arc;

use syncline_model::Provider;
use syncline_protocol::sdk::ProviderBuilder;

use self::choice::{Choice, Shuffle};
use self::id::Id;
use self::integer::Integer;
use self::kept::Kept;
use self::text::{Passing, Password, Text};
use self::uuid::Uuid;

/// Returns the provider.
#[must_use]
pub fn provider() -> Arc<dyn Provider> {
    let provider = ProviderBuilder::new("random", env!("CARGO_PKG_VERSION"))
        .describe("Random values that stay once they are made.")
        .ephemeral("password", Passing)
        .resource("choice", Kept(Choice))
        .resource("id", Kept(Id))
        .resource("integer", Kept(Integer))
        .resource("password", Kept(Password))
        .resource("shuffle", Kept(Shuffle))
        .resource("string", Kept(Text))
        .resource("uuid", Kept(Uuid));
    Arc::new(provider.build())
}
