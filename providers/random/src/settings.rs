//! Settings that several types share, and the checks of them.

use syncline_model::{Path, Problem, Type, Value};
use syncline_protocol::sdk::{AttributeBuilder, attribute};

/// Describes the keepers, which every type has.
pub(crate) fn keepers() -> AttributeBuilder {
    let description = "Values that the drawn value is kept for: when one of them changes, a new \
                       value is drawn.";
    attribute(Type::map(Type::String), description).replaces()
}

/// Returns the problem with a setting.
pub(crate) fn bad(name: &str, summary: impl Into<String>, detail: impl Into<String>) -> Problem {
    Problem::error(summary, detail).at(Path::attribute(name))
}

/// Checks that a number, where it is known, lies in a range.
pub(crate) fn in_range(config: &Value, name: &str, least: i64, most: i64) -> Option<Problem> {
    let number = config.attribute(name).as_i64()?;
    (!(least..=most).contains(&number)).then(|| {
        let summary = format!("`{name}` must be from {least} to {most}");
        bad(name, summary, format!("It is {number}."))
    })
}
