//! `terraform.data`: a value that is kept, and replaced with what it belongs to.

use async_trait::async_trait;
use syncline_model::{Problem, Type};
use syncline_protocol::sdk::{Failure, Instance, Plan, Resource, Schema, attribute};

/// The type `terraform.data`.
pub(crate) struct Data;

#[async_trait]
impl Resource for Data {
    fn schema(&self) -> Schema {
        Schema::new(
            "A value that is kept in the record. Changes of it go through a plan, so that others may be replaced with \
             it (`@replace_with`).",
        )
        .attribute("input", attribute::of(Type::Any).describe("The value, of any type."))
        .attribute(
            "triggers_replace",
            attribute::of(Type::Any)
                .requires_replace()
                .describe("A value, of any type; where it changes, it is made anew, with another id."),
        )
        .attribute(
            "output",
            attribute::of(Type::Any).computed().describe("The value of `input` that was applied last."),
        )
        .attribute(
            "id",
            attribute::string().computed().stable().describe("A UUID, made when it is created."),
        )
    }

    async fn plan(&self, plan: &mut Plan) -> Result<(), Failure> {
        let input = plan.planned.get("input").clone();
        if !input.is_known() {
            plan.forget("output", Type::Any);
        } else {
            plan.set("output", input);
        }
        Ok(())
    }

    async fn create(&self, mut planned: Instance) -> Result<Instance, Failure> {
        planned.set("id", uuid()?);
        Ok(kept(planned))
    }

    async fn read(&self, recorded: Instance) -> Result<Option<Instance>, Failure> {
        // A create that was interrupted has made nothing.
        Ok((!recorded.is_null("id")).then_some(recorded))
    }

    async fn update(&self, _prior: Instance, planned: Instance) -> Result<Instance, Failure> {
        Ok(kept(planned))
    }

    async fn delete(&self, _recorded: Instance) -> Result<(), Failure> {
        Ok(())
    }

    async fn import(&self, id: &str) -> Result<Instance, Failure> {
        let mut instance = Instance::default();
        instance.set("id", id);
        Ok(instance)
    }
}

/// Returns an instance of which the output is the input.
fn kept(mut planned: Instance) -> Instance {
    let input = planned.get("input").clone();
    planned.set("output", input);
    planned
}

/// Returns a UUID of version 4.
fn uuid() -> Result<String, Problem> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| {
        Problem::error(
            format!("the operating system gave no random bytes: {error}"),
            "Try again; early in a machine's start its generator may not be ready.",
        )
    })?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok([&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-"))
}
