//! `time.static`: a moment.

use async_trait::async_trait;
use syncline_model::{Problem, ResourceSchema, Type, Value};
use syncline_protocol::sdk::{Call, Proposal, Resource, State, attribute, resource_schema};

use crate::moment::{described, of_seconds, parse, plan_parts, text, with_parts};
use crate::{Clock, triggers};

/// The type `time.static`.
pub(crate) struct Static {
    clock: Clock,
}

impl Static {
    pub(crate) const fn new(clock: Clock) -> Self {
        Self { clock }
    }
}

#[async_trait]
impl Resource for Static {
    fn schema(&self) -> ResourceSchema {
        let [unix, year, month, day, hour, minute, second] = described();
        let moment = "The moment, as RFC 3339 writes it: that of the creation unless set.";
        resource_schema(
            1,
            "A moment that stays.",
            [
                ("rfc3339", attribute(Type::String, moment).optional_computed().replaces()),
                ("triggers", triggers()),
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
        let text = config.attribute("rfc3339").as_str();
        text.and_then(|text| parse("rfc3339", text).err()).into_iter().collect()
    }

    fn plan(&self, proposal: &mut Proposal) -> Result<(), Problem> {
        let moment =
            proposal.get("rfc3339").as_str().map(|text| parse("rfc3339", text)).transpose()?;
        plan_parts(proposal, moment.as_ref());
        Ok(())
    }

    async fn create(&self, call: Call) -> Result<State, Problem> {
        let moment = match call.string("rfc3339") {
            Some(text) => parse("rfc3339", text)?,
            None => of_seconds((self.clock)())?,
        };
        let state = State::of(call.planned.clone());
        let state = match call.string("rfc3339") {
            Some(_) => state,
            None => state.with("rfc3339", Value::from(text(&moment))),
        };
        Ok(with_parts(state, &moment))
    }
}
