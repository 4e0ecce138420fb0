//! `random.integer`: a whole number in a range.

use async_trait::async_trait;
use syncline_model::{Problem, ResourceSchema, Type, Value};
use syncline_protocol::sdk::{Call, Resource, State, attribute, resource_schema};

use crate::draw;
use crate::settings::{bad, keepers};

/// The type `random.integer`.
pub(crate) struct Integer;

#[async_trait]
impl Resource for Integer {
    fn schema(&self) -> ResourceSchema {
        let bound = |description| attribute(Type::Int, description).required().replaces();
        resource_schema(1, "A random whole number in a range, drawn once.", [
            ("keepers", keepers()),
            ("min", bound("The least number that may be drawn.")),
            ("max", bound("The greatest number that may be drawn.")),
            ("result", attribute(Type::Int, "The number that was drawn.").computed()),
        ])
    }

    fn validate(&self, config: &Value) -> Vec<Problem> {
        let bounds = (config.attribute("min").as_i64(), config.attribute("max").as_i64());
        match bounds {
            (Some(min), Some(max)) if min > max => {
                let detail = format!("No number is from {min} to {max}: exchange the two.");
                vec![bad("max", "`max` is less than `min`", detail)]
            }
            _ => Vec::new(),
        }
    }

    async fn create(&self, call: Call) -> Result<State, Problem> {
        let min = call.int("min").unwrap_or_default();
        let max = call.int("max").unwrap_or(min).max(min);
        // The whole range of numbers has 2^64 of them, which wraps to 0, the bound of that meaning.
        let count = (max.wrapping_sub(min) as u64).wrapping_add(1);
        let result = min.wrapping_add(draw::below(count)? as i64);
        Ok(State::of(call.planned).with("result", Value::from(result)))
    }
}
