//! The health of what was made: looked at before anything that depends on it starts.
//!
//! Takes a step with what is asked; returns what is recorded once health was seen. What is not healthy stays as it is
//! recorded, with the mark that its health has not been seen.

use syncline_model::{Diagnostic, Value};

use super::Executor;
use super::calls::{Call, Called};
use crate::clock::Stage;
use crate::diagnostics;
use crate::health::{self, Probe, Seen};
use crate::record::OutcomeResult;

/// Looks at a resource's health until it is seen.
pub(super) async fn check(
    executor: &Executor<'_>,
    call: &Call<'_>,
    called: &mut Called,
) -> Result<(), Box<Diagnostic>> {
    for said in call.health.clone()? {
        let Some(probe) = Probe::of(&said) else {
            return Err(Box::new(diagnostics::no_probe(call.change)));
        };
        let seen = health::see(&probe, executor.prober, executor.clock);
        tokio::select! {
            seen = seen => {
                seen.map_err(|unhealthy| report(call, &probe, &said, &unhealthy))?;
            }
            () = executor.cancel.beyond(Stage::Run) => {
                called.is_given_up = true;
                return Ok(());
            }
        }
    }
    called.result = call.seen.clone().map(|recorded| OutcomeResult::Present(Box::new(recorded)));
    Ok(())
}

fn report(
    call: &Call<'_>,
    probe: &Probe,
    said: &Value,
    unhealthy: &health::Unhealthy,
) -> Box<Diagnostic> {
    // A quote may be of what was asked with, or of a part of it.
    let Seen { what, quote } = &unhealthy.seen;
    let hides = quote.is_empty() || said.has_secret();
    let seen = if hides { what.clone() } else { format!("{what}: {quote}") };
    Box::new(diagnostics::unhealthy(call.change, probe, &seen, unhealthy))
}
