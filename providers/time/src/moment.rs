//! Moments, their parts, and spans of calendar time.

use jiff::{Span, Timestamp, Zoned, tz::TimeZone};
use syncline_model::{Path, Problem, Type, Value};
use syncline_protocol::sdk::{AttributeBuilder, Proposal, State, attribute, unknown};

/// The parts of a moment, as attributes are called.
pub(crate) const PARTS: [&str; 7] = ["unix", "year", "month", "day", "hour", "minute", "second"];

/// Reads a moment.
pub(crate) fn parse(name: &str, text: &str) -> Result<Zoned, Problem> {
    let parsed: Result<Timestamp, _> = text.parse();
    parsed.map(|moment| moment.to_zoned(TimeZone::UTC)).map_err(|_| {
        let detail = "Write it as RFC 3339 does, such as `2027-01-31T12:00:00Z`.";
        Problem::error(format!("`{text}` is no moment"), detail).at(Path::attribute(name))
    })
}

/// Returns the moment of a clock.
pub(crate) fn of_seconds(seconds: i64) -> Result<Zoned, Problem> {
    match Timestamp::from_second(seconds) {
        Ok(moment) => Ok(moment.to_zoned(TimeZone::UTC)),
        Err(error) => Err(Problem::error(format!("the clock is wrong: {error}"), "Set the clock.")),
    }
}

/// Writes a moment, to the second.
pub(crate) fn text(moment: &Zoned) -> String {
    moment.timestamp().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Adds a span of calendar time.
pub(crate) fn plus(moment: &Zoned, span: Span) -> Result<Zoned, Problem> {
    moment.checked_add(span).map_err(|error| {
        Problem::error(format!("the moment is out of range: {error}"), "Use smaller numbers.")
    })
}

/// Returns the value of each part of a moment.
fn parts(moment: &Zoned) -> [i64; 7] {
    [
        moment.timestamp().as_second(),
        i64::from(moment.year()),
        i64::from(moment.month()),
        i64::from(moment.day()),
        i64::from(moment.hour()),
        i64::from(moment.minute()),
        i64::from(moment.second()),
    ]
}

/// Describes the parts of a moment.
pub(crate) fn described() -> [(&'static str, AttributeBuilder); 7] {
    let part =
        |what: &str| attribute(Type::Int, &format!("{what} of the moment, in UTC.")).computed();
    [
        ("unix", attribute(Type::Int, "The moment in seconds since 1970-01-01 UTC.").computed()),
        ("year", part("The year")),
        ("month", part("The month, from 1,")),
        ("day", part("The day of the month")),
        ("hour", part("The hour")),
        ("minute", part("The minute")),
        ("second", part("The second")),
    ]
}

/// Returns the state with the parts of a moment.
pub(crate) fn with_parts(mut state: State, moment: &Zoned) -> State {
    for (name, value) in PARTS.into_iter().zip(parts(moment)) {
        state = state.with(name, Value::from(value));
    }
    state
}

/// Plans the parts of a moment; unknown where the moment is.
pub(crate) fn plan_parts(proposal: &mut Proposal, moment: Option<&Zoned>) {
    let values = moment.map(parts);
    for (at, name) in PARTS.into_iter().enumerate() {
        let value = values.map_or_else(|| unknown(Type::Int), |values| Value::from(values[at]));
        proposal.set(name, value);
    }
}
