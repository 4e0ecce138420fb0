//! Equal changes of many instances, told once.

use std::collections::BTreeMap;

use syncline_model::Value;
use syncline_planner::plan::{Action, Change};

use crate::report::difference::{self, Line};
use crate::report::layout::places;

/// Changes that read the same.
#[derive(Debug)]
pub(super) struct Group<'a> {
    /// The first of them.
    pub(super) first: &'a Change,
    /// How many there are.
    pub(super) instances: usize,
    /// The keys of the first few.
    pub(super) keys: Vec<String>,
    /// What each of them shows.
    pub(super) lines: Vec<Line>,
    /// How many attributes of each are not shown.
    pub(super) hidden: usize,
}

/// The most keys that are named when all are.
const NAMED: usize = 4;
/// How many are named when not all are.
const NAMED_OF_MANY: usize = 2;

impl Group<'_> {
    /// Returns what the group is called: `web.task`, `jobs/{mail,invoice,...}`.
    pub(super) fn name(&self) -> String {
        if self.instances == 1 {
            return self.first.address.to_string();
        }
        let all = self.instances <= NAMED;
        let count = if all { NAMED } else { NAMED_OF_MANY };
        let keys: Vec<&str> = self.keys.iter().take(count).map(String::as_str).collect();
        let rest = if all { "" } else { ",..." };
        format!("{}/{{{}{rest}}}", self.first.address.group(), keys.join(","))
    }

    /// Returns how many instances there are, when there are several.
    pub(super) fn count(&self) -> String {
        if self.instances == 1 { String::new() } else { format!(" {} instances", self.instances) }
    }
}

/// Puts what destroys first, and what reads the same together; `take` is given the groups of one member after the other.
pub(super) fn each_member<'a>(changes: &[&'a Change], mut take: impl FnMut(Vec<Group<'a>>)) {
    let (first, rest): (Vec<&Change>, Vec<&Change>) = changes.iter().copied().partition(|change| {
        matches!(change.action, Action::Replace | Action::ReplaceCreateFirst | Action::Delete)
    });
    for changes in [first, rest] {
        // Only neighbours in the order of addresses can share a member.
        let members = changes.chunk_by(|one, next| one.address.group() == next.address.group());
        members.for_each(|member| take(of_member(member)));
    }
}

fn of_member<'a>(changes: &[&'a Change]) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for change in changes {
        let key = change.address.as_str().split_once('/').map(|(_, key)| key.to_owned());
        let (lines, hidden) = lines(change);
        let look = key.is_some().then(|| look(change, &lines, hidden));
        if let (Some(key), Some(look)) = (&key, &look)
            && let Some(at) = known.get(look)
            && let Some(group) = groups.get_mut(*at)
        {
            group.instances += 1;
            if group.keys.len() < NAMED {
                group.keys.push(key.clone());
            }
            continue;
        }
        if let Some(look) = look {
            known.insert(look, groups.len());
        }
        let keys = key.into_iter().collect();
        groups.push(Group { first: change, instances: 1, keys, lines, hidden });
    }
    groups
}

/// Returns what a change shows. A destroy shows no attributes: they all go.
fn lines(change: &Change) -> (Vec<Line>, usize) {
    match change.action {
        Action::Delete => {
            let count = change
                .before
                .as_map()
                .map_or(0, |map| map.values().filter(|value| !value.is_null()).count());
            let (lines, _) = identity(&change.before);
            let shown = lines.len();
            (lines, count.saturating_sub(shown))
        }
        Action::Create
        | Action::Update
        | Action::Replace
        | Action::ReplaceCreateFirst
        | Action::Read
        | Action::Check
        | Action::Record => difference::attributes(&change.before, &change.after),
    }
}

/// Returns the attributes by which people know what is destroyed.
fn identity(before: &Value) -> (Vec<Line>, usize) {
    const KNOWN_BY: [&str; 5] = ["arn", "id", "name", "path", "url"];
    let shown = before.as_map().map(|map| {
        Value::map(
            KNOWN_BY
                .iter()
                .filter_map(|name| Some((*name, map.get(name)?.clone())))
                .filter(|(_, value)| difference::is_plain(value)),
        )
    });
    difference::attributes(&shown.unwrap_or_default(), &Value::Null)
}

/// Returns everything of a change that a reader would see, but its key.
fn look(change: &Change, lines: &[Line], hidden: usize) -> String {
    let mut look =
        format!("{:?} {:?} {} {hidden}", change.action, change.reason, change.type_name());
    for line in lines {
        let place = super::provenance(change, &line.path).map(places).unwrap_or_default();
        look.push_str(&format!(
            "\n{}{}{} {} {place}",
            line.depth,
            line.mark.sign(),
            line.name,
            line.text
        ));
    }
    look.extend(change.health.iter().map(super::health));
    look
}
