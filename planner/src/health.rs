//! Health: whether what was made works, asked again and again for a while.
//!
//! Takes what `@health` says, computed; returns a [`Probe`], which a [`Prober`] tries once and [`see`] tries until
//! it has succeeded as often as is wanted. What is asked never changes anything here: a resource whose health is
//! not seen stays as it was recorded, and the next run asks again.

use std::time::Duration;

use async_trait::async_trait;
use syncline_model::{Str, Value};

use crate::clock::Clock;

/// One try.
#[async_trait]
pub trait Prober: Send + Sync {
    /// Asks once. Whoever asks stops waiting when the time is over.
    ///
    /// # Errors
    /// What was seen in place of health.
    async fn ask(&self, target: &Target, timeout: Duration) -> Result<(), Seen>;
}

/// What was seen in place of health.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// In a few words of ours, without anything that was asked with: `it answered 503`.
    pub what: String,
    /// What somebody else says of it; it may quote what was asked with. May be empty.
    pub quote: String,
}

impl Seen {
    /// Returns what was seen, and what somebody else says of it.
    pub fn new(what: impl Into<String>, quote: impl Into<String>) -> Self {
        Self { what: what.into(), quote: quote.into() }
    }
}

/// Takes everything for healthy: for whoever has nobody to ask.
#[derive(Clone, Copy, Debug)]
pub struct Trusting;

#[async_trait]
impl Prober for Trusting {
    async fn ask(&self, _: &Target, _: Duration) -> Result<(), Seen> {
        Ok(())
    }
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A web server, by a GET.
    Http {
        /// Its address.
        url: Str,
        /// Headers by name.
        headers: Vec<(Str, Str)>,
        /// The statuses that are fine; any from 200 to 299 when there are none.
        status: Vec<u16>,
        /// What the answer's body has to contain.
        contains: Option<Str>,
    },
    /// A server that has to accept a connection: `host:port`.
    Tcp(Str),
    /// A program that has to end with 0, and its arguments.
    Command(Vec<Str>),
}

/// A target, and how often and for how long it is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// What is asked.
    pub target: Target,
    /// How long to wait between two tries.
    pub every: Duration,
    /// How long a try may take.
    pub timeout: Duration,
    /// How long it may take until health is seen.
    pub within: Duration,
    /// How many tries have to succeed one after the other.
    pub successes: u64,
}

impl Probe {
    /// Returns the probe that a map says, as the language makes it; `None` when it says none.
    #[must_use]
    pub fn of(said: &Value) -> Option<Self> {
        let said = said.as_map()?;
        let get = |name: &str| said.get(name).map(Value::reveal);
        let text = |value: &Value| value.reveal().as_str().map(Str::from);
        let texts = |value: &Value| value.as_items()?.iter().map(text).collect::<Option<Vec<_>>>();
        let time = |name: &str| get(name)?.as_i64()?.try_into().ok().map(Duration::from_millis);
        let target = if let Some(url) = get("http") {
            let headers = get("headers").and_then(Value::as_map);
            let headers = headers.into_iter().flat_map(|headers| headers.iter());
            let status = get("status").and_then(Value::as_items).unwrap_or_default().iter();
            Target::Http {
                url: text(url)?,
                headers: headers
                    .map(|(name, value)| Some((name.clone(), text(value)?)))
                    .collect::<Option<_>>()?,
                status: status.filter_map(|status| status.as_i64()?.try_into().ok()).collect(),
                contains: get("contains").and_then(text),
            }
        } else if let Some(address) = get("tcp") {
            Target::Tcp(text(address)?)
        } else {
            Target::Command(texts(get("command")?)?)
        };
        Some(Self {
            target,
            every: time("every")?,
            timeout: time("timeout")?,
            within: time("within")?,
            successes: get("successes")?.as_i64()?.try_into().ok()?,
        })
    }
}

/// What was seen last, when health was not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unhealthy {
    /// The last answer.
    pub seen: Seen,
    /// How often it was asked.
    pub tries: u64,
    /// For how long.
    pub took: Duration,
}

/// Asks until health is seen.
///
/// # Errors
/// What was seen last, once the time is over.
pub async fn see(probe: &Probe, prober: &dyn Prober, clock: &dyn Clock) -> Result<(), Unhealthy> {
    let begun = clock.monotonic();
    let (mut good, mut tries) = (0, 0);
    loop {
        tries += 1;
        let asked =
            tokio::time::timeout(probe.timeout, prober.ask(&probe.target, probe.timeout)).await;
        let seen = match asked {
            Ok(Ok(())) => {
                good += 1;
                if good >= probe.successes {
                    return Ok(());
                }
                let what = format!("it was healthy {good} times in a row, of {}", probe.successes);
                Seen::new(what, "")
            }
            Ok(Err(seen)) => {
                good = 0;
                seen
            }
            Err(_) => {
                good = 0;
                Seen::new(format!("no answer came within {:?}", probe.timeout), "")
            }
        };
        let took = clock.monotonic().saturating_sub(begun);
        // A clock that stands still must not ask for ever.
        let pauses = probe.every.saturating_mul(u32::try_from(tries - 1).unwrap_or(u32::MAX));
        let left = probe.within.saturating_sub(took.max(pauses));
        if left.is_zero() {
            return Err(Unhealthy { seen, tries, took });
        }
        // The last pause is cut to what is left, so that a last try is made at the end.
        tokio::time::sleep(probe.every.min(left)).await;
    }
}
