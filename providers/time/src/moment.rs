//! Moments: from the clock, from text, and as attributes.

use std::sync::Arc;
use std::time::SystemTime;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use syncline_model::{Problem, Type, Value};
use syncline_protocol::sdk::schema::AttributeBuilder;
use syncline_protocol::sdk::{Attributes, attribute, invalid};

/// Where the present comes from.
#[derive(Clone)]
pub(crate) struct Clock(Arc<dyn Fn() -> SystemTime + Send + Sync>);

impl Clock {
    pub(crate) fn new(clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(clock))
    }

    /// Returns the present second.
    pub(crate) fn now(&self) -> Result<Timestamp, Problem> {
        let now = Timestamp::try_from((self.0)());
        let whole = now.and_then(|now| Timestamp::from_second(now.as_second()));
        whole.map_err(|error| {
            Problem::error("the clock of this machine is far off", format!("{error}. Set it."))
        })
    }
}

/// Reads a moment as RFC 3339 writes it.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

/// Returns the problem when a setting is known and no moment.
pub(crate) fn check(config: &Attributes, name: &str) -> Option<Problem> {
    let text = config.get(name).as_str()?;
    parse(text).is_none().then(|| bad(name, text))
}

/// Returns the problem with a text that is no moment.
pub(crate) fn bad(name: &str, text: &str) -> Problem {
    let detail = "Write it as RFC 3339 does, such as `2026-01-31T12:00:00Z`.";
    invalid(name, format!("`{text}` is no moment"), detail)
}

/// Returns a moment as text.
pub(crate) fn text(moment: Timestamp) -> Value {
    Value::from(moment.to_string())
}

/// Describes what a moment has beside its text; `of` names the moment.
pub(crate) fn parts_schema(of: &str) -> [(&'static str, AttributeBuilder); 7] {
    let describe =
        |what: &str| attribute::of(Type::Int).describe(&format!("{what} of {of}.")).computed();
    [
        ("unix", describe("The seconds since 1970 in UTC")),
        ("year", describe("The year in UTC")),
        ("month", describe("The month in UTC, from 1 to 12,")),
        ("day", describe("The day of the month in UTC, from 1 to 31,")),
        ("hour", describe("The hour in UTC, from 0 to 23,")),
        ("minute", describe("The minute in UTC, from 0 to 59,")),
        ("second", describe("The second in UTC, from 0 to 59,")),
    ]
}

/// Returns what a moment has beside its text.
fn parts(moment: Timestamp) -> [(&'static str, Value); 7] {
    let civil: DateTime = TimeZone::UTC.to_datetime(moment);
    let number = |number: i8| Value::from(i64::from(number));
    [
        ("unix", Value::from(moment.as_second())),
        ("year", Value::from(i64::from(civil.year()))),
        ("month", number(civil.month())),
        ("day", number(civil.day())),
        ("hour", number(civil.hour())),
        ("minute", number(civil.minute())),
        ("second", number(civil.second())),
    ]
}

/// Describes the triggers, which every type has.
pub(crate) fn triggers() -> AttributeBuilder {
    let description = "Values that the moment stands for: when one of them changes, a new moment \
                       is taken.";
    attribute::of(Type::map(Type::String)).describe(description).requires_replace()
}

/// Sets what a moment has beside its text.
pub(crate) fn set_parts(attributes: &mut Attributes, moment: Timestamp, from: &[&str]) {
    for (name, value) in parts(moment) {
        attributes.set_from(name, value, from);
    }
}

/// Returns the moment of an attribute; an unset or unknown one is none.
pub(crate) fn read(attributes: &Attributes, name: &str) -> Result<Option<Timestamp>, Problem> {
    match attributes.get(name).as_str() {
        Some(text) => parse(text).map(Some).ok_or_else(|| bad(name, text)),
        None => Ok(None),
    }
}
