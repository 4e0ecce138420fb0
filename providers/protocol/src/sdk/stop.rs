//! How running calls learn that they should come to an end.

use tokio::sync::watch;

/// Tells running calls that they should come to an end; clones share one state.
#[derive(Clone, Debug)]
pub struct Stop {
    sender: watch::Sender<bool>,
}

impl Stop {
    /// Returns a signal that was not given yet.
    #[must_use]
    pub fn new() -> Self {
        Self { sender: watch::Sender::new(false) }
    }

    /// Gives the signal, for good.
    pub fn request(&self) {
        self.sender.send_replace(true);
    }

    /// Tells whether the signal was given.
    #[must_use]
    pub fn is_requested(&self) -> bool {
        *self.sender.borrow()
    }

    /// Waits for the signal.
    pub async fn requested(&self) {
        // The sender lives as long as `self`, so that the wait ends with the signal alone.
        let _ = self.sender.subscribe().wait_for(|requested| *requested).await;
    }
}

impl Default for Stop {
    fn default() -> Self {
        Self::new()
    }
}
