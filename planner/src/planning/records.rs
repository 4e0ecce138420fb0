//! Changes that do nothing to a resource: its record is brought up to date, and its health looked at where nobody has
//! seen it.

use syncline_model::{DesiredResource, Digest, Value};

use super::context::{Context, Node};
use super::subject::{Job, blank, deletion};
use crate::plan::{Action, Change, Reason};
use crate::record::Recorded;
use crate::state::Entry;

/// Returns the change that brings only the record up to date, where it is not.
pub(super) fn bookkeeping(
    context: &Context<'_>,
    at: u32,
    recorded: &Recorded,
    fingerprint: Digest,
) -> Option<Change> {
    let node = &context.nodes[at as usize];
    let desired = node.desired?;
    let same = recorded.fingerprint == fingerprint
        && recorded.provider == desired.provider
        && !context.is_taken_over(recorded)
        && recorded.lifecycle == desired.lifecycle
        && recorded.depends_on == node.depends_on
        && !is_unseen(node);
    if same {
        return None;
    }
    let mut change = record(context, at, desired, Reason::Changed);
    change.fingerprint = fingerprint;
    change.before = recorded.attributes.clone();
    change.after = recorded.attributes.clone();
    change.private = recorded.private.clone();
    change.schema_version = recorded.schema_version;
    Some(change)
}

/// Returns the change that does nothing to a resource but to record it, and to look at its health where that has not
/// been seen.
pub(super) fn record(
    context: &Context<'_>,
    at: u32,
    desired: &DesiredResource,
    why: Reason,
) -> Change {
    if desired.health.is_empty() || !is_unseen(&context.nodes[at as usize]) {
        return blank(context, at, desired, Action::Record, why);
    }
    let change = blank(context, at, desired, Action::Check, Reason::Unseen);
    Change { health: desired.health.clone(), ..change }
}

/// Returns the change that records what is there already.
pub(super) fn adoption(
    context: &Context<'_>,
    job: &Job,
    adopted: &Recorded,
    reason: Reason,
) -> Change {
    let after = adopted.attributes.clone();
    let change = deletion(context, job, adopted, reason);
    Change { action: Action::Record, before: Value::Null, after, ..change }
}

/// Tells whether nobody has seen a resource's health since it was made or changed, or may have been.
pub(super) fn is_unseen(node: &Node<'_>) -> bool {
    let unseen = |entry: &Entry| entry.recorded.as_deref().is_some_and(|recorded| recorded.unseen);
    node.entry.is_some_and(|entry| entry.in_flight.is_some() || unseen(entry))
}
