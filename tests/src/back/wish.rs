//! The wish to stop, at the very moment at which something is done.
//!
//! | argument | what comes when a step at the address is done |
//! | --- | --- |
//! | `--drain ADDRESS` | the wish to end |
//! | `--abort ADDRESS` | that, and in one breath with it the wish to end at once |
//! | `--signals ADDRESS` | the same from a task that listens, as it is with signals |

use std::sync::Arc;

use syncline_planner::{CancelToken, Event};
use tokio::sync::Notify;

/// Wishes that come once something is done.
pub(super) struct Wish<'a> {
    drain: Option<&'a str>,
    abort: Option<&'a str>,
    signals: Option<&'a str>,
    sent: Arc<Notify>,
    pub(super) cancel: CancelToken,
}

impl<'a> Wish<'a> {
    /// Returns what a run's arguments wish for.
    pub(super) fn of(arguments: &'a [String]) -> Self {
        let after = |flag: &str| {
            let mut pairs = arguments.windows(2);
            pairs.find(|pair| pair[0] == flag).map(|pair| pair[1].as_str())
        };
        let (sent, cancel) = (Arc::new(Notify::new()), CancelToken::new());
        let (listened, token) = (Arc::clone(&sent), cancel.clone());
        tokio::spawn(async move {
            listened.notified().await;
            token.drain();
            token.abort();
        });
        let (drain, abort) = (after("--drain"), after("--abort"));
        Self { drain, abort, signals: after("--signals"), sent, cancel }
    }

    /// Stops the run when what has happened is what it waits for.
    pub(super) fn hear(&self, event: &Event<'_>) {
        let Event::Finished { change, .. } = event else { return };
        let address = Some(change.address.as_str());
        if address == self.signals {
            self.sent.notify_one();
        }
        if address == self.drain || address == self.abort {
            self.cancel.drain();
        }
        if address == self.abort {
            self.cancel.abort();
        }
    }
}
