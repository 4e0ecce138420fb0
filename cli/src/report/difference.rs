//! The difference of two values, as lines.
//!
//! Takes the value before and after and the path that they are at; returns [`Line`]s, one for each
//! changed part and a count for what did not change. Maps and lists are compared part by part,
//! strings of several lines by line, and strings that hold JSON by what they hold. Secrets and
//! unknown values are named, never shown.

mod sequence;
mod write;

use syncline_model::{Map, Path, Value};

pub use self::write::{brief, inline, is_plain};

/// What happens to a part of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mark {
    /// It is new.
    Add,
    /// It goes.
    Remove,
    /// It becomes something else.
    Change,
    /// It stays, and is shown for orientation.
    Context,
}

impl Mark {
    /// Returns the sign in front of a line.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Remove => "-",
            Self::Change => "~",
            Self::Context => " ",
        }
    }
}

/// One line of a difference.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Line {
    /// How deep it stands: each level is four columns.
    pub depth: usize,
    /// What happens.
    pub mark: Mark,
    /// The name in front of ` = `, already quoted where it needs quotes.
    pub name: String,
    /// The width to which the name is padded.
    pub padding: usize,
    /// What follows the name.
    pub text: String,
    /// Where in the resource it is; empty for closing brackets and the like.
    pub path: Path,
    /// Whether the line tells a change that has a place in the source.
    pub has_place: bool,
}

/// What to compare, and where it stands.
#[derive(Clone, Copy, Debug)]
pub struct Sides<'a> {
    /// Before; `None` where there was nothing.
    pub before: Option<&'a Value>,
    /// After; `None` where there will be nothing.
    pub after: Option<&'a Value>,
}

/// The most lines around a change of a text that are shown for orientation.
const CONTEXT: usize = 2;

/// Returns the difference of two sets of attributes, with the number of unchanged attributes.
#[must_use]
pub fn attributes(before: &Value, after: &Value) -> (Vec<Line>, usize) {
    let empty = Map::new();
    let (before, after) = (before.as_map().unwrap_or(&empty), after.as_map().unwrap_or(&empty));
    let mut lines = Vec::new();
    let hidden = entries(before, after, &Path::default(), 0, &mut lines);
    (lines, hidden)
}

/// Adds the difference of two values under a name.
pub fn entry(name: &str, sides: Sides<'_>, path: &Path, depth: usize, lines: &mut Vec<Line>) {
    let mut writer = write::Writer { name, padding: name.chars().count(), path, depth, lines };
    writer.entry(sides);
}

/// Adds the differences of two maps and returns how many entries did not change. An attribute that
/// is null is as good as absent.
fn entries(before: &Map, after: &Map, path: &Path, depth: usize, lines: &mut Vec<Line>) -> usize {
    let mut names: Vec<&str> = before.keys().chain(after.keys()).map(|key| key.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let mut hidden = 0;
    let mut changed = Vec::new();
    for name in names {
        let present = |value: Option<&'_ Value>| value.is_some_and(|value| !value.is_null());
        let sides = Sides { before: before.get(name), after: after.get(name) };
        if !present(sides.before) && !present(sides.after) {
            continue;
        }
        if sides.before == sides.after {
            hidden += 1;
        } else {
            changed.push((name, sides));
        }
    }
    let named: Vec<(String, &str, Sides<'_>)> =
        changed.into_iter().map(|(name, sides)| (write::name(name), name, sides)).collect();
    let padding = named.iter().map(|(name, ..)| name.chars().count()).max().unwrap_or(0);
    for (shown, name, sides) in &named {
        let path = path.key(*name);
        let mut writer =
            write::Writer { name: shown, padding, path: &path, depth, lines: &mut *lines };
        writer.entry(*sides);
    }
    hidden
}

#[cfg(test)]
mod tests {
    use super::*;
    use syncline_model::{Residual, Type, Unknown};

    fn check(before: &Value, after: &Value, expected: &str) {
        let (lines, hidden) = attributes(before, after);
        let mut text = String::new();
        for line in &lines {
            let name = if line.name.is_empty() {
                String::new()
            } else {
                format!("{:width$} = ", line.name, width = line.padding)
            };
            let indent = " ".repeat(4 * line.depth);
            let row = format!("{indent}{} {name}{}", line.mark.sign(), line.text);
            text.push_str(row.trim_end());
            text.push('\n');
        }
        text.push_str(&format!("({hidden})"));
        assert_eq!(text, expected.trim_start_matches('\n'), "\n{text}");
    }

    #[test]
    fn scalars_and_maps_are_compared_by_part() {
        let before = Value::map([
            ("count", Value::from(1)),
            ("name", Value::from("a")),
            ("same", Value::from(true)),
            ("tags", Value::map([("a b", Value::from(1)), ("keep", Value::from(1))])),
        ]);
        let after = Value::map([
            ("count", Value::from(2)),
            ("extra", Value::from("x")),
            ("same", Value::from(true)),
            ("tags", Value::map([("a b", Value::from(2)), ("keep", Value::from(1))])),
        ]);
        check(
            &before,
            &after,
            r#"
~ count = 1 -> 2
+ extra = "x"
- name  = "a"
~ tags  = {
    ~ "a b" = 1 -> 2
      # (1 unchanged element hidden)
  }
(1)"#,
        );
    }

    #[test]
    fn lists_keep_what_is_common() {
        let list = |items: &[i64]| {
            Value::map([("l", Value::list(items.iter().map(|item| Value::from(*item))))])
        };
        check(
            &list(&[1, 2, 3, 4, 5]),
            &list(&[1, 3, 4, 5, 6]),
            "
~ l = [
      # (1 unchanged element hidden)
    - 2
      # (3 unchanged elements hidden)
    + 6
  ]
(0)",
        );
    }

    #[test]
    fn texts_are_compared_by_line_and_json_by_content() {
        let before = Value::map([
            ("j", Value::from(r#"{"a":1,"b":[1,2]}"#)),
            ("t", Value::from("one\ntwo\nthree\n")),
        ]);
        let after = Value::map([
            ("j", Value::from(r#"{"a":2,"b":[1,2]}"#)),
            ("t", Value::from("one\n2\nthree\n")),
        ]);
        check(
            &before,
            &after,
            r#"
~ j = json({
    ~ a = 1 -> 2
      # (1 unchanged element hidden)
  })
~ t = """
      one
    - two
    + 2
      three
  """
(0)"#,
        );
    }

    #[test]
    fn secrets_and_unknowns_are_named() {
        let unknown = Value::Unknown(std::sync::Arc::new(Unknown {
            ty: Type::String,
            residual: Residual::Provider,
        }));
        let before = Value::map([
            ("id", Value::from("x")),
            ("password", Value::secret(Value::from("hunter2"))),
        ]);
        let after =
            Value::map([("id", unknown), ("password", Value::secret(Value::from("hunter3")))]);
        check(
            &before,
            &after,
            r#"
~ id       = "x" -> (known after apply)
~ password = (secret) -> (secret)
(0)"#,
        );
    }
}
