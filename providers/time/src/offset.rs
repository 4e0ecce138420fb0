//! `time.offset`: a moment before or after another one.

use async_trait::async_trait;
use jiff::{Span, Zoned};
use syncline_model::{Path, Problem, ResourceSchema, Type, Value};
use syncline_protocol::sdk::{
    Call, Proposal, Resource, State, attribute, resource_schema, unknown,
};

use crate::moment::{described, of_seconds, parse, plan_parts, plus, text, with_parts};
use crate::{Clock, triggers};

/// The type `time.offset`.
pub(crate) struct Offset {
    clock: Clock,
}

/// The parts of the offset.
const UNITS: [&str; 6] = [
    "offset_years",
    "offset_months",
    "offset_days",
    "offset_hours",
    "offset_minutes",
    "offset_seconds",
];

impl Offset {
    pub(crate) const fn new(clock: Clock) -> Self {
        Self { clock }
    }
}

/// Returns the span that some attributes give.
fn span(get: &dyn Fn(&str) -> Option<i64>) -> Result<Span, Problem> {
    let unit = |name: &str| get(name).unwrap_or(0);
    let wrong = |error: jiff::Error| {
        Problem::error(format!("the offset is out of range: {error}"), "Use smaller numbers.")
    };
    let span = Span::new();
    span.try_years(unit(UNITS[0]))
        .and_then(|span| span.try_months(unit(UNITS[1])))
        .and_then(|span| span.try_days(unit(UNITS[2])))
        .and_then(|span| span.try_hours(unit(UNITS[3])))
        .and_then(|span| span.try_minutes(unit(UNITS[4])))
        .and_then(|span| span.try_seconds(unit(UNITS[5])))
        .map_err(wrong)
}

fn moved(base: &Zoned, get: &dyn Fn(&str) -> Option<i64>) -> Result<Zoned, Problem> {
    plus(base, span(get)?)
}

#[async_trait]
impl Resource for Offset {
    fn schema(&self) -> ResourceSchema {
        let [unix, year, month, day, hour, minute, second] = described();
        let unit = |what: &str| {
            let text = format!("How many {what} after the base it is; before it, when negative.");
            attribute(Type::Int, &text)
        };
        let base =
            "The moment to start from, as RFC 3339 writes it: that of the creation unless set.";
        resource_schema(
            1,
            "A moment before or after another one.",
            [
                ("base_rfc3339", attribute(Type::String, base).optional_computed().replaces()),
                ("triggers", triggers()),
                ("offset_years", unit("years")),
                ("offset_months", unit("months")),
                ("offset_days", unit("days")),
                ("offset_hours", unit("hours")),
                ("offset_minutes", unit("minutes")),
                ("offset_seconds", unit("seconds")),
                (
                    "rfc3339",
                    attribute(Type::String, "The moment, as RFC 3339 writes it.").computed(),
                ),
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
        let base = config.attribute("base_rfc3339").as_str();
        let mut problems: Vec<Problem> =
            base.and_then(|text| parse("base_rfc3339", text).err()).into_iter().collect();
        if UNITS.iter().all(|name| config.attribute(name).is_null()) {
            let problem =
                Problem::error("no offset is given", "Set for example `offset_days = 7`.");
            problems.push(problem.at(Path::attribute("offset_days")));
        }
        problems
    }

    fn plan(&self, proposal: &mut Proposal) -> Result<(), Problem> {
        let known = UNITS.iter().all(|name| !proposal.get(name).is_unknown());
        let base = proposal.get("base_rfc3339").as_str().filter(|_| known);
        let moment = match base.map(|text| parse("base_rfc3339", text)).transpose()? {
            Some(base) => Some(moved(&base, &|name| proposal.get(name).as_i64())?),
            None => None,
        };
        let shown = moment.as_ref().map(|moment| Value::from(text(moment)));
        proposal.set("rfc3339", shown.unwrap_or_else(|| unknown(Type::String)));
        plan_parts(proposal, moment.as_ref());
        Ok(())
    }

    async fn create(&self, call: Call) -> Result<State, Problem> {
        let given = call.string("base_rfc3339").is_some();
        let base = match call.string("base_rfc3339") {
            Some(text) => parse("base_rfc3339", text)?,
            None => of_seconds((self.clock)())?,
        };
        let moment = moved(&base, &|name| call.int(name))?;
        let mut state = State::of(call.planned.clone());
        if !given {
            state = state.with("base_rfc3339", Value::from(text(&base)));
        }
        Ok(with_parts(state.with("rfc3339", Value::from(text(&moment))), &moment))
    }
}
