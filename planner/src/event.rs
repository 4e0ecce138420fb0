//! What happens while a plan is made or carried out, for whoever shows progress.

use syncline_model::{Address, Diagnostic};

use crate::plan::{Change, Operation};

/// Something that happened.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// A resource is being read through its provider.
    Refreshing {
        /// Which.
        address: &'a Address,
    },
    /// One more resource is planned.
    Planned {
        /// How many are.
        done: usize,
        /// How many there are.
        total: usize,
    },
    /// A step has started.
    Started {
        /// The change that it is part of.
        change: &'a Change,
        /// What it does.
        operation: Operation,
    },
    /// A step has succeeded.
    Finished {
        /// The change that it is part of.
        change: &'a Change,
        /// What it did.
        operation: Operation,
        /// How long it took.
        millis: u64,
    },
    /// A step has failed.
    Failed {
        /// The change that it is part of.
        change: &'a Change,
        /// What it should have done.
        operation: Operation,
        /// Why it did not.
        diagnostic: &'a Diagnostic,
    },
    /// A step will not be started, since something before it failed or the run was stopped.
    Skipped {
        /// The change that it is part of.
        change: &'a Change,
    },
}

/// Is told what happens. It must return soon.
pub trait Observer: Send + Sync {
    /// Takes note.
    fn observe(&self, event: Event<'_>);
}

impl<F: Fn(Event<'_>) + Send + Sync> Observer for F {
    fn observe(&self, event: Event<'_>) {
        self(event);
    }
}

/// Takes note of nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Observer for Silent {
    fn observe(&self, _event: Event<'_>) {}
}
