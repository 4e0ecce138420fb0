//! Lengths of time, set in parts: years, months, days, hours, minutes, seconds.
//!
//! Years and months are those of the calendar: a month after the 31st of January is the last day of
//! February.

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use syncline_model::{Problem, Type};
use syncline_protocol::sdk::schema::AttributeBuilder;
use syncline_protocol::sdk::{Attributes, Plan, attribute, invalid};

/// The most that a part may be: more than a hundred years of minutes, and years to the calendar's
/// end.
const MOST: i64 = 100_000_000;

/// The parts of a length, from the greatest, with their names as attributes.
pub(crate) struct Parts {
    names: [&'static str; 6],
    /// A part may be less than zero.
    signed: bool,
}

/// The parts of an offset.
pub(crate) const OFFSET: Parts = Parts {
    names: [
        "offset_years",
        "offset_months",
        "offset_days",
        "offset_hours",
        "offset_minutes",
        "offset_seconds",
    ],
    signed: true,
};

/// The parts of a rotation.
pub(crate) const ROTATION: Parts = Parts {
    names: [
        "rotation_years",
        "rotation_months",
        "rotation_days",
        "rotation_hours",
        "rotation_minutes",
        "rotation_seconds",
    ],
    signed: false,
};

impl Parts {
    /// Describes the attributes; `how` says what a part does.
    pub(crate) fn schema(&self, how: &str) -> [(&'static str, AttributeBuilder); 6] {
        self.names.map(|name| {
            let unit = name.split_once('_').map_or(name, |(_, unit)| unit);
            (name, attribute::of(Type::Int).describe(&format!("How many {unit} {how}.")))
        })
    }

    /// Checks a configuration.
    pub(crate) fn check(&self, config: &Attributes) -> Vec<Problem> {
        let mut problems = Vec::new();
        let least = if self.signed { -MOST } else { 1 };
        for name in self.names {
            let Some(number) = config.get(name).as_i64() else { continue };
            if !(least..=MOST).contains(&number) {
                let summary = format!("`{name}` must be from {least} to {MOST}");
                problems.push(invalid(name, summary, format!("It is {number}.")));
            }
        }
        if self.names.iter().all(|name| config.is_null(name)) {
            let [_, _, days, hours, ..] = self.names;
            let detail = format!("Set one of its parts, such as `{days}` or `{hours}`.");
            problems.push(Problem::error("no length of time is set", detail));
        }
        problems
    }

    /// Tells whether a part is planned to change.
    pub(crate) fn changes(&self, plan: &Plan) -> bool {
        self.names.iter().any(|name| plan.changes(name))
    }

    /// Returns the length; `None` while a part is unknown.
    pub(crate) fn span(&self, state: &Attributes) -> Result<Option<Span>, Problem> {
        if self.names.iter().any(|name| state.get(name).is_unknown()) {
            return Ok(None);
        }
        let [years, months, days, hours, minutes, seconds] =
            self.names.map(|name| state.get(name).as_i64().unwrap_or(0));
        let span = Span::new()
            .try_years(years)
            .and_then(|span| span.try_months(months))
            .and_then(|span| span.try_days(days))
            .and_then(|span| span.try_hours(hours))
            .and_then(|span| span.try_minutes(minutes))
            .and_then(|span| span.try_seconds(seconds));
        span.map(Some).map_err(|error| too_far(&error))
    }
}

/// Returns the moment that comes a length of time after another one.
pub(crate) fn after(moment: Timestamp, span: Span) -> Result<Timestamp, Problem> {
    let there = moment.to_zoned(TimeZone::UTC).checked_add(span);
    there.map(|there| there.timestamp()).map_err(|error| too_far(&error))
}

/// Returns the first of the moments that come once, twice, three times ... a length of time after
/// `start` and that lies after `now`.
pub(crate) fn next(start: Timestamp, span: Span, now: Timestamp) -> Result<Timestamp, Problem> {
    let at = |times: i64| {
        let span = span.checked_mul(times).map_err(|error| too_far(&error))?;
        after(start, span)
    };
    let is_late = |times: i64| at(times).is_ok_and(|moment| moment <= now);
    let mut late = 0;
    let mut early = 1;
    while is_late(early) {
        late = early;
        early *= 2;
    }
    while early - late > 1 {
        let middle = late + (early - late) / 2;
        if is_late(middle) {
            late = middle;
        } else {
            early = middle;
        }
    }
    at(early)
}

fn too_far(error: &jiff::Error) -> Problem {
    let detail = format!("Moments are in the years from -9999 to 9999: {error}.");
    Problem::error("that length of time leads out of the calendar", detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn months_are_those_of_the_calendar() {
        let span = Span::new().months(1);
        let there = after(moment("2024-01-31T10:00:00Z"), span).unwrap();
        assert_eq!(there, moment("2024-02-29T10:00:00Z"));
    }

    #[test]
    fn the_next_moment_is_the_first_to_come() {
        let start = moment("1990-01-31T00:00:00Z");
        let span = Span::new().months(1);
        let next = |now| super::next(start, span, moment(now)).unwrap();
        assert_eq!(next("1990-01-31T00:00:00Z"), moment("1990-02-28T00:00:00Z"));
        assert_eq!(next("2024-02-28T23:59:59Z"), moment("2024-02-29T00:00:00Z"));
        assert_eq!(next("2024-02-29T00:00:00Z"), moment("2024-03-31T00:00:00Z"));
        assert_eq!(next("1980-01-01T00:00:00Z"), moment("1990-02-28T00:00:00Z"));
        let minutes = super::next(start, Span::new().minutes(7), moment("2024-01-01T00:00:00Z"));
        assert_eq!(minutes.unwrap(), moment("2024-01-01T00:03:00Z"));
    }

    #[test]
    fn what_leads_out_of_the_calendar_is_a_problem() {
        assert!(after(moment("2024-01-31T10:00:00Z"), Span::new().years(9000)).is_err());
    }
}
