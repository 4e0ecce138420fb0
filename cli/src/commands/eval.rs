//! `syncline eval ENV [EXPR or ADDRESS]`.

use serde_json::{Map, json};
use syncline_lang::{Evaluated, EvaluatedMember};
use syncline_model::{Address, Value};

use crate::arguments::InputArguments;
use crate::commands::planning::{One, evaluate_one};
use crate::exit::{Exit, Failure};
use crate::output::Paint;
use crate::report::difference::inline;
use crate::report::json::value as to_json;
use crate::report::text::attributes;
use crate::session::Session;

/// Arguments of `eval`.
#[derive(clap::Args, Clone, Debug)]
pub struct EvalArguments {
    /// The environment
    env: String,
    /// An expression such as `replicas * 2`, or an address such as `jobs/mail`; everything when it is
    /// not given
    #[arg(allow_hyphen_values = true)]
    expression: Option<String>,
    /// Print JSON (`--json`)
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    inputs: InputArguments,
}

pub(super) fn run(session: &Session, arguments: &EvalArguments) -> Result<Exit, Failure> {
    let One { mut loaded, inputs, environment, evaluated } =
        evaluate_one(session, &arguments.env, &arguments.inputs)?;
    if let Some(text) = &arguments.expression {
        if let Ok(address) = Address::parse(text)
            && let Some(resource) = evaluated.desired.get(&address)
        {
            print(session, &resource.config, arguments.json);
            return Ok(Exit::Done);
        }
        let file = loaded.sources.add("(expression)", text.as_str());
        let (expr, found) = syncline_lang::syntax::parse_expression(file, text);
        if !found.is_empty() {
            session.tell(&found, &loaded.sources)?;
        }
        let (value, found) = syncline_lang::evaluate_expression(
            &loaded.project,
            &environment,
            &inputs,
            &loaded.world,
            &expr,
        );
        session.tell(&found, &loaded.sources)?;
        print(session, &value.unwrap_or_default(), arguments.json);
    } else if arguments.json {
        session.output.line(&super::pretty(&as_json(&environment, &evaluated)));
    } else {
        session.output.data(&as_text(&evaluated, session.output.data_paint));
    }
    Ok(Exit::Done)
}

/// Returns everything that an environment evaluates to as one document.
fn as_json(environment: &str, evaluated: &Evaluated) -> serde_json::Value {
    let mut resources = Map::new();
    for resource in &evaluated.desired.resources {
        let entry = json!({
            "type": resource.type_name(),
            "mode": resource.mode,
            "config": to_json(&resource.config),
        });
        resources.insert(resource.address.to_string(), entry);
    }
    let members = |members: &[EvaluatedMember]| -> Map<String, serde_json::Value> {
        members.iter().map(|own| (own.name.to_string(), to_json(&own.value))).collect()
    };
    let outputs = evaluated.desired.outputs.iter();
    let outputs: Map<_, _> =
        outputs.map(|own| (own.name.to_string(), to_json(&own.value))).collect();
    json!({
        "environment": environment,
        "params": members(&evaluated.params),
        "lets": members(&evaluated.lets),
        "resources": resources,
        "outputs": outputs,
    })
}

/// Returns the same for people.
fn as_text(evaluated: &Evaluated, paint: Paint) -> String {
    let mut text = String::new();
    for (word, members) in [("param", &evaluated.params), ("let", &evaluated.lets)] {
        for member in members {
            text.push_str(&format!("{word} {} = {}\n", member.name, inline(&member.value)));
        }
    }
    for resource in &evaluated.desired.resources {
        let word = resource.mode.keyword();
        text.push_str(&format!("\n{word} {} {}\n", resource.type_name(), resource.address));
        text.push_str(&attributes(&resource.config, paint));
    }
    if !evaluated.desired.outputs.is_empty() {
        text.push('\n');
    }
    for output in &evaluated.desired.outputs {
        text.push_str(&format!("output {} = {}\n", output.name, inline(&output.value)));
    }
    text
}

pub(super) fn print(session: &Session, value: &Value, as_json: bool) {
    if as_json {
        session.output.line(&super::pretty(&to_json(value)));
    } else if value.as_map().is_some_and(|map| !map.is_empty()) && !value.is_secret() {
        let text = attributes(value, session.output.data_paint);
        let lines: Vec<&str> =
            text.lines().map(|line| line.strip_prefix("  ").unwrap_or(line)).collect();
        session.output.line(&lines.join("\n"));
    } else {
        session.output.line(&inline(value));
    }
}
