//! The `time` provider: moments that stay once taken.
//!
//! A moment is taken from the clock when a resource is created and stays as recorded until it is
//! replaced. Nothing exists outside the record: reading a moment returns it as recorded, but for a
//! rotation that is due, which reads as gone so that it is made anew.
//!
//! Laws: moments are whole seconds of UTC; whatever follows from known settings is planned exactly.

mod fixed;
mod moment;
mod offset;
mod reading;
mod rotating;
mod span;

use std::sync::Arc;
use std::time::SystemTime;

use syncline_model::Provider;
use syncline_protocol::sdk::ProviderBuilder;

use self::moment::Clock;

/// Returns the provider with the clock of this machine.
#[must_use]
pub fn provider() -> Arc<dyn Provider> {
    provider_at(SystemTime::now)
}

/// Returns the provider with a clock of the caller's.
#[must_use]
pub fn provider_at(clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Arc<dyn Provider> {
    let clock = Clock::new(clock);
    let provider = ProviderBuilder::new("time", env!("CARGO_PKG_VERSION"))
        .describe(DESCRIPTION)
        .resource("offset", offset::Offset::new(clock.clone()))
        .resource("rotating", rotating::Rotating::new(clock.clone()))
        .resource("static", fixed::Static::new(clock))
        .function("rfc3339_parse", reading::rfc3339_parse())
        .build();
    Arc::new(provider)
}

const DESCRIPTION: &str = "Moments that are taken once and stay, and moments at which to renew.";
