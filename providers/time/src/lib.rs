//! The `time` provider: moments that are taken once and stay.
//!
//! The provider is given its clock, so that nothing in it depends on when it runs. Moments are in
//! UTC, to the second, as RFC 3339 writes them.

mod moment;
mod offset;
mod rotating;
mod statics;

use std::sync::Arc;

use syncline_model::{Provider, Type};
use syncline_protocol::sdk::{AttributeBuilder, ProviderBuilder, attribute};

/// Tells the moment, in seconds since 1970-01-01 UTC.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// Returns the provider with the clock of this machine.
#[must_use]
pub fn provider() -> Arc<dyn Provider> {
    provider_at(Arc::new(|| jiff::Timestamp::now().as_second()))
}

/// Returns the provider with a clock.
#[must_use]
pub fn provider_at(clock: Clock) -> Arc<dyn Provider> {
    let description = "Moments that are taken once and stay.";
    ProviderBuilder::new("time", env!("CARGO_PKG_VERSION"), description)
        .resource("static", statics::Static::new(Arc::clone(&clock)))
        .resource("offset", offset::Offset::new(Arc::clone(&clock)))
        .resource("rotating", rotating::Rotating::new(clock))
        .build()
}

/// The attribute that every type has.
fn triggers() -> AttributeBuilder {
    let description = "Values that take a new moment when they change.";
    attribute(Type::map(Type::String), description).replaces()
}
