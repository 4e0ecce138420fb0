//! What a change means for those that are to be replaced with its resource (`@replace_with`).
//!
//! Laws:
//! * a whole resource is a trigger where it is made, changed in place or replaced; a part of it, where that part changes or
//!   may change: what is not known before may;
//! * what an interrupted run did counts when it is found to be done, since nobody has followed it yet;
//! * what somebody else changed counts where it is changed back, and not where it is left.

use syncline_model::{Path, Value};

use crate::plan::{Action, Change};
use crate::state::Entry;
use crate::values;

/// Tells whether a change is a trigger by a path. The entry is what is recorded of its resource before it.
pub(crate) fn fires(change: &Change, path: &Path, entry: Option<&Entry>) -> bool {
    let recorded = entry.and_then(|entry| entry.recorded.as_deref());
    let recorded = recorded.map(|recorded| &recorded.attributes);
    let (before, whole) = match change.action {
        Action::Read => (&change.before, false),
        Action::Create | Action::Update | Action::Replace | Action::ReplaceCreateFirst => {
            (&change.before, true)
        }
        Action::Record | Action::Check if entry.is_some_and(|own| own.in_flight.is_some()) => {
            let before = recorded.unwrap_or(&Value::Null);
            (before, !values::same(before, &change.after))
        }
        Action::Delete | Action::Record | Action::Check => return false,
    };
    if path.is_empty() {
        return whole;
    }
    let (old, new) = (path.get(before), path.get(&change.after));
    let (old, new) = (old.unwrap_or(&Value::Null), new.unwrap_or(&Value::Null));
    !new.is_known() || !values::same(old, new)
}
