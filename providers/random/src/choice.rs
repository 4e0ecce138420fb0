//! `random.choice` and `random.shuffle`: items of a list.

use syncline_model::{Problem, Value};
use syncline_protocol::sdk::{Attributes, Schema, attribute, invalid};

use crate::kept::Random;
use crate::source;

/// One item of a list.
pub(crate) struct Choice;

/// Items of a list in another order.
pub(crate) struct Shuffle;

impl Random for Choice {
    const RESULT: &'static str = "result";

    fn schema(&self) -> Schema {
        Schema::new("A random item of a list.")
            .attribute(
                "options",
                attribute::strings().required().requires_replace().describe(
                    "What is chosen from; an item that is there twice is twice as likely.",
                ),
            )
            .attribute("result", attribute::string().computed().describe("The item."))
            .attribute(
                "index",
                attribute::integer().computed().describe("The item's place in the list, from 0."),
            )
    }

    fn validate(&self, config: &Attributes) -> Vec<Problem> {
        empty(config)
    }

    fn make(&self, planned: &mut Attributes) -> Result<(), Problem> {
        let items = planned.strings("options")?;
        let index = source::index(items.len())?;
        let item = items[index].to_owned();
        planned.set_from("result", item, &["options"]);
        planned.set("index", index as i64);
        Ok(())
    }
}

impl Random for Shuffle {
    const RESULT: &'static str = "result";

    fn schema(&self) -> Schema {
        Schema::new("A list in random order, or some of its items.")
            .version(1)
            .attribute(
                "input",
                attribute::strings().required().requires_replace().describe("The items."),
            )
            .attribute(
                "result_count",
                attribute::integer().requires_replace().describe(
                    "How many items are taken; all when it is not set. No item is taken twice.",
                ),
            )
            .attribute(
                "result",
                attribute::strings().computed().describe("The items in their new order."),
            )
    }

    fn validate(&self, config: &Attributes) -> Vec<Problem> {
        let items = config.get("input").as_items().map(<[Value]>::len);
        let count = config.known("result_count").and_then(Value::as_i64);
        match (items, count) {
            (_, Some(count)) if count < 0 => {
                let detail = format!("It is {count}.");
                vec![invalid("result_count", "`result_count` must not be negative", detail)]
            }
            (Some(items), Some(count)) if count > items as i64 => {
                let detail = format!("`input` has {items} items, and `result_count` is {count}.");
                let summary = "`result_count` is greater than the number of items";
                vec![invalid("result_count", summary, detail)]
            }
            _ => Vec::new(),
        }
    }

    /// Before version 1 it was called `count`, which OpenTofu takes for its own.
    fn upgrade(&self, version: u32, mut attributes: Attributes) -> Attributes {
        if version == 0
            && let Some(count) = attributes.map.remove("count")
        {
            attributes.set("result_count", count);
        }
        attributes
    }

    fn make(&self, planned: &mut Attributes) -> Result<(), Problem> {
        let mut items: Vec<Value> =
            planned.strings("input")?.into_iter().map(Value::from).collect();
        source::shuffle(&mut items)?;
        if let Some(count) = planned.optional_integer("result_count")? {
            items.truncate(count as usize);
        }
        planned.set_from("result", Value::list(items), &["input"]);
        Ok(())
    }
}

fn empty(config: &Attributes) -> Vec<Problem> {
    match config.get("options").as_items() {
        Some([]) => {
            vec![invalid("options", "`options` is empty", "Give at least one item to choose from.")]
        }
        Some(_) | None => Vec::new(),
    }
}
