//! Time, and the wish to stop.
//!
//! The clock comes in from outside, so that tests decide what time it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::watch;

use crate::record::Millis;

/// What time it is.
pub trait Clock: Send + Sync {
    /// Returns the time of day, in milliseconds since 1970-01-01 UTC.
    fn now(&self) -> Millis;

    /// Returns the time since some fixed moment; it never goes back.
    fn monotonic(&self) -> Duration;
}

/// How urgently a run shall stop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Not at all.
    #[default]
    Run,
    /// Nothing new starts; what runs comes to its end.
    Drain,
    /// Providers are asked to stop, and nothing is waited for.
    Abort,
}

/// Tells a run to stop; its clones are one token.
#[derive(Clone, Debug)]
pub struct CancelToken(Arc<Token>);

#[derive(Debug)]
struct Token {
    stage: watch::Sender<Stage>,
    /// Until when the run may start something, in milliseconds of the monotonic clock.
    until: AtomicU64,
}

impl Default for CancelToken {
    fn default() -> Self {
        Self::new()
    }
}

impl CancelToken {
    /// Returns a token that asks for nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(Token {
            stage: watch::Sender::new(Stage::Run),
            until: AtomicU64::new(u64::MAX),
        }))
    }

    /// Asks that nothing new starts.
    pub fn drain(&self) {
        self.raise(Stage::Drain);
    }

    /// Asks to stop at once.
    pub fn abort(&self) {
        self.raise(Stage::Abort);
    }

    /// Lets the run start something until a moment of the monotonic clock, and not after it: until
    /// then it has its environment for sure.
    pub fn keep_until(&self, moment: Duration) {
        let millis = u64::try_from(moment.as_millis()).unwrap_or(u64::MAX);
        self.0.until.store(millis, Ordering::SeqCst);
    }

    /// Tells whether the moment has passed until which the run may start something.
    #[must_use]
    pub fn is_over(&self, clock: &dyn Clock) -> bool {
        let until = self.0.until.load(Ordering::SeqCst);
        clock.monotonic().as_millis() > u128::from(until)
    }

    /// Returns what is asked for.
    #[must_use]
    pub fn stage(&self) -> Stage {
        *self.0.stage.borrow()
    }

    /// Waits until more than `stage` is asked for.
    pub async fn beyond(&self, stage: Stage) {
        let mut receiver = self.0.stage.subscribe();
        // The sender lives as long as `self`, so there is always an end to wait for.
        let _ = receiver.wait_for(|now| *now > stage).await;
    }

    fn raise(&self, stage: Stage) {
        self.0.stage.send_if_modified(|now| {
            let raised = *now < stage;
            *now = stage.max(*now);
            raised
        });
    }
}
