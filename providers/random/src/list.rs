//! `random.choice` and `random.shuffle`: one of some texts, or several in a random order.

use async_trait::async_trait;
use syncline_model::{Problem, ResourceSchema, Type, Value};
use syncline_protocol::sdk::{Call, Resource, State, attribute, resource_schema};

use crate::draw;
use crate::settings::{bad, keepers};

/// The type `random.choice`.
pub(crate) struct Choice;

#[async_trait]
impl Resource for Choice {
    fn schema(&self) -> ResourceSchema {
        let options = "What is chosen from. An option that is listed twice is twice as likely.";
        resource_schema(1, "One of some texts, chosen at random once.", [
            ("keepers", keepers()),
            ("options", attribute(Type::list(Type::String), options).required().replaces()),
            ("result", attribute(Type::String, "The option that was chosen.").computed()),
        ])
    }

    fn validate(&self, config: &Value) -> Vec<Problem> {
        match config.attribute("options").as_items() {
            Some([]) => vec![bad("options", "there is nothing to choose from", "List an option.")],
            _ => Vec::new(),
        }
    }

    async fn create(&self, call: Call) -> Result<State, Problem> {
        let options = call.get("options").as_items().unwrap_or_default().to_vec();
        let Some(result) = draw::one_of(&options)? else {
            return Err(bad("options", "there is nothing to choose from", "List an option."));
        };
        Ok(State::of(call.planned).with("result", result.clone()))
    }
}

/// The type `random.shuffle`.
pub(crate) struct Shuffle;

#[async_trait]
impl Resource for Shuffle {
    fn schema(&self) -> ResourceSchema {
        let texts = || Type::list(Type::String);
        let count = "How many of them are taken, at most as many as there are. All unless set.";
        resource_schema(1, "Texts in a random order, shuffled once.", [
            ("keepers", keepers()),
            ("input", attribute(texts(), "What is shuffled.").required().replaces()),
            ("count", attribute(Type::Int, count).replaces()),
            ("result", attribute(texts(), "The texts in their random order.").computed()),
        ])
    }

    fn validate(&self, config: &Value) -> Vec<Problem> {
        let Some(count) = config.attribute("count").as_i64() else { return Vec::new() };
        let there = config.attribute("input").as_items().map(<[Value]>::len);
        let fits = count >= 0 && there.is_none_or(|there| count as u64 <= there as u64);
        if fits {
            return Vec::new();
        }
        let most = there.map_or_else(|| "as many as there are".to_owned(), |n| n.to_string());
        let detail = format!("It is {count}. From 0 to {most} can be taken.");
        vec![bad("count", "`count` is more than can be taken", detail)]
    }

    async fn create(&self, call: Call) -> Result<State, Problem> {
        let mut items = call.get("input").as_items().unwrap_or_default().to_vec();
        draw::shuffle(&mut items)?;
        if let Some(count) = call.int("count") {
            items.truncate(usize::try_from(count).unwrap_or(0));
        }
        Ok(State::of(call.planned).with("result", Value::list(items)))
    }
}
