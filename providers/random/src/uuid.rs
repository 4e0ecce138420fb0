//! `random.uuid`: a random universally unique identifier.

use async_trait::async_trait;
use syncline_model::{Problem, ResourceSchema, Type, Value};
use syncline_protocol::sdk::{Call, Resource, State, attribute, resource_schema};

use crate::draw;
use crate::id::hex;
use crate::settings::keepers;

/// The type `random.uuid`.
pub(crate) struct Uuid;

#[async_trait]
impl Resource for Uuid {
    fn schema(&self) -> ResourceSchema {
        let result = "The identifier in lower case, such as `936da01f-9abd-4d9d-80c7-02af85c822a8`.";
        resource_schema(
            1,
            "A random universally unique identifier, version 4 of RFC 9562. It is drawn once.",
            [
                ("keepers", keepers()),
                ("result", attribute(Type::String, result).computed()),
            ],
        )
    }

    async fn create(&self, call: Call) -> Result<State, Problem> {
        let mut bytes = draw::bytes(16)?;
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let parts = [&bytes[..4], &bytes[4..6], &bytes[6..8], &bytes[8..10], &bytes[10..]];
        let text = parts.map(hex).join("-");
        Ok(State::of(call.planned).with("result", Value::from(text)))
    }
}
