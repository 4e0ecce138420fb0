//! What the text behind `ENV:` names: something that has a name, and a part of it.
//!
//! Takes the text and a way to tell which names there are; returns the longest such name and the path
//! that is left. Instances are written as they are printed, `jobs/mail`, or as in a source, `jobs["mail"]`.

use syncline_model::{Address, Path, Step, Str};

/// Splits `config.mode` into the longest name that is there, as it is printed, and the path in it.
pub(super) fn split(text: &str, exists: &dyn Fn(&str) -> bool) -> Option<(String, Path)> {
    let mut ends: Vec<usize> = text.match_indices(['.', '[']).map(|(at, _)| at).collect();
    ends.push(text.len());
    for end in ends.into_iter().rev() {
        let (head, rest) = text.split_at(end);
        let mut names = std::iter::once(head.to_owned()).chain(address(head));
        let name = names.find(|name| exists(name));
        if let Some(name) = name {
            return path(rest.trim_start_matches('.')).map(|path| (name, path));
        }
    }
    None
}

/// Returns the printed form of an address as a source writes it: `jobs/mail` of `jobs["mail"]`.
fn address(text: &str) -> Option<String> {
    let (mut prefix, mut rest) = (Str::new(), text);
    loop {
        let (name, after) = rest.split_at(rest.find(['.', '[']).unwrap_or(rest.len()));
        let (key, after) = match after.strip_prefix('[') {
            Some(inner) => {
                let (key, after) = index(inner)?;
                (Some(key), after)
            }
            None => (None, after),
        };
        if after.is_empty() {
            return Some(Address::inside(&prefix, name, key).to_string());
        }
        prefix = Address::prefix(&prefix, name, key);
        rest = after.strip_prefix('.')?;
    }
}

/// Takes what is in brackets apart from what follows them.
fn index(inner: &str) -> Option<(&str, &str)> {
    match inner.strip_prefix('"') {
        Some(quoted) => quoted.split_once("\"]"),
        None => inner.split_once(']'),
    }
}

/// Parses a printed path: `tags.owner`, `disk[0].size`, `labels["a b"]`.
fn path(text: &str) -> Option<Path> {
    let mut steps = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let after = if let Some(inner) = rest.strip_prefix('[') {
            let (own, after) = index(inner)?;
            let position = own.parse().ok().filter(|_| !inner.starts_with('"'));
            steps.push(position.map_or_else(|| Step::Key(own.into()), Step::Index));
            after
        } else {
            let (name, after) = rest.split_at(rest.find(['.', '[']).unwrap_or(rest.len()));
            steps.push(Step::Key(name.into()));
            after
        };
        rest = after.strip_prefix('.').unwrap_or(after);
    }
    Some(steps.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_paths_are_read_again() {
        for text in ["tags.owner", "disk[0].size", "labels[\"a b\"].x", ""] {
            assert_eq!(path(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn the_longest_name_wins() {
        let exists = |name: &str| {
            matches!(name, "web" | "web.task" | "jobs/a.b" | "jobs/a%20b" | "unit/eu%2Ewest.task")
        };
        let split = |text| split(text, &exists).map(|(name, path)| (name, path.to_string()));
        assert_eq!(split("web.task.cpu"), Some(("web.task".into(), "cpu".into())));
        assert_eq!(split("web.tags.a"), Some(("web".into(), "tags.a".into())));
        assert_eq!(split("jobs/a.b.c"), Some(("jobs/a.b".into(), "c".into())));
        assert_eq!(split("jobs[\"a b\"].c"), Some(("jobs/a%20b".into(), "c".into())));
        assert_eq!(
            split("unit[\"eu.west\"].task[0]"),
            Some(("unit/eu%2Ewest.task".into(), "[0]".into()))
        );
        assert_eq!(split("nobody"), None);
    }
}
