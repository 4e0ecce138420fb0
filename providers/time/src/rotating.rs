//! `time.rotating`: a moment that passes, and is taken anew then.

use async_trait::async_trait;
use jiff::Span;
use syncline_model::{Path, Problem, ResourceSchema, Type, Value};
use syncline_protocol::sdk::{
    Call, Proposal, Resource, State, attribute, resource_schema, unknown,
};

use crate::moment::{described, of_seconds, parse, plan_parts, plus, text, with_parts};
use crate::{Clock, triggers};

/// The type `time.rotating`.
pub(crate) struct Rotating {
    clock: Clock,
}

/// The units of a period.
const UNITS: [&str; 5] =
    ["rotation_years", "rotation_months", "rotation_days", "rotation_hours", "rotation_minutes"];

impl Rotating {
    pub(crate) const fn new(clock: Clock) -> Self {
        Self { clock }
    }
}

/// Returns the period that some attributes give.
fn period(get: &dyn Fn(&str) -> Option<i64>) -> Result<Span, Problem> {
    let unit = |name: &str| get(name).unwrap_or(0);
    let wrong = |error: jiff::Error| {
        Problem::error(format!("the period is out of range: {error}"), "Use smaller numbers.")
    };
    Span::new()
        .try_years(unit(UNITS[0]))
        .and_then(|span| span.try_months(unit(UNITS[1])))
        .and_then(|span| span.try_days(unit(UNITS[2])))
        .and_then(|span| span.try_hours(unit(UNITS[3])))
        .and_then(|span| span.try_minutes(unit(UNITS[4])))
        .map_err(wrong)
}

#[async_trait]
impl Resource for Rotating {
    fn schema(&self) -> ResourceSchema {
        let [unix, year, month, day, hour, minute, second] = described();
        let unit = |what: &str| {
            attribute(Type::Int, &format!("After how many {what} it is taken anew.")).replaces()
        };
        let start = "When the period begins, as RFC 3339 writes it: at the creation unless set.";
        let end =
            "When the period ends, as RFC 3339 writes it: a plan after that takes a new moment.";
        resource_schema(
            1,
            "A moment that is taken anew after a period.",
            [
                ("rfc3339", attribute(Type::String, start).optional_computed().replaces()),
                ("triggers", triggers()),
                ("rotation_years", unit("years")),
                ("rotation_months", unit("months")),
                ("rotation_days", unit("days")),
                ("rotation_hours", unit("hours")),
                ("rotation_minutes", unit("minutes")),
                ("rotation_rfc3339", attribute(Type::String, end).computed()),
                unix,
                year,
                month,
                day,
                hour,
                minute,
                second,
            ],
        )
    }

    fn validate(&self, config: &Value) -> Vec<Problem> {
        let start = config.attribute("rfc3339").as_str();
        let mut problems: Vec<Problem> =
            start.and_then(|text| parse("rfc3339", text).err()).into_iter().collect();
        let mut given = false;
        for name in UNITS {
            let value = config.attribute(name);
            given |= !value.is_null();
            if let Some(number) = value.as_i64().filter(|number| *number < 1) {
                let problem =
                    Problem::error(format!("`{name}` is {number}"), "It must be positive.");
                problems.push(problem.at(Path::attribute(name)));
            }
        }
        if !given {
            let problem =
                Problem::error("no period is given", "Set for example `rotation_days = 30`.");
            problems.push(problem.at(Path::attribute("rotation_days")));
        }
        problems
    }

    fn plan(&self, proposal: &mut Proposal) -> Result<(), Problem> {
        let known = UNITS.iter().all(|name| !proposal.get(name).is_unknown());
        let start = proposal.get("rfc3339").as_str().filter(|_| known);
        let start = start.map(|text| parse("rfc3339", text)).transpose()?;
        let end = match &start {
            Some(start) => {
                let period = period(&|name| proposal.get(name).as_i64())?;
                Value::from(text(&plus(start, period)?))
            }
            None => unknown(Type::String),
        };
        proposal.set("rotation_rfc3339", end);
        plan_parts(proposal, start.as_ref());
        Ok(())
    }

    async fn create(&self, call: Call) -> Result<State, Problem> {
        let given = call.string("rfc3339").is_some();
        let start = match call.string("rfc3339") {
            Some(text) => parse("rfc3339", text)?,
            None => of_seconds((self.clock)())?,
        };
        let end = plus(&start, period(&|name| call.int(name))?)?;
        let mut state = State::of(call.planned.clone());
        if !given {
            state = state.with("rfc3339", Value::from(text(&start)));
        }
        Ok(with_parts(state.with("rotation_rfc3339", Value::from(text(&end))), &start))
    }

    async fn read(&self, state: State) -> Result<State, Problem> {
        let end = state.value.attribute("rotation_rfc3339").as_str().map(str::to_owned);
        let Some(end) = end else { return Ok(state) };
        let passed = parse("rotation_rfc3339", &end)?.timestamp().as_second() <= (self.clock)();
        Ok(if passed { State::of(Value::Null) } else { state })
    }
}
