//! `random.string` and `random.password`: text of chosen kinds of characters.

use syncline_model::Problem;
use syncline_protocol::sdk::{
    Attributes, Ephemeral, Failure, Open, Schema, async_trait, attribute, invalid,
};

use crate::kept::{Random, within};
use crate::source;

/// Text that may be seen.
pub(crate) struct Text;

/// Text that is secret.
pub(crate) struct Password;

/// A kind of characters.
struct Kind {
    name: &'static str,
    at_least: &'static str,
    characters: &'static str,
}

const KINDS: [Kind; 4] = [
    Kind { name: "upper", at_least: "min_upper", characters: "ABCDEFGHIJKLMNOPQRSTUVWXYZ" },
    Kind { name: "lower", at_least: "min_lower", characters: "abcdefghijklmnopqrstuvwxyz" },
    Kind { name: "numeric", at_least: "min_numeric", characters: "0123456789" },
    Kind { name: "special", at_least: "min_special", characters: "!@#$%&*()-_=+[]{}<>:?" },
];

const LONGEST: i64 = 4096;

impl Random for Text {
    const RESULT: &'static str = "result";

    fn schema(&self) -> Schema {
        let result = attribute::string().computed().describe("The text.");
        schema(
            "Random text for names. It is shown in plans and records: for what must stay secret, \
             use `random.password`.",
        )
        .attribute("result", result)
    }

    fn validate(&self, config: &Attributes) -> Vec<Problem> {
        validate(config)
    }

    fn make(&self, planned: &mut Attributes) -> Result<(), Problem> {
        planned.set("result", text(planned)?);
        Ok(())
    }
}

impl Random for Password {
    const RESULT: &'static str = "result";

    fn schema(&self) -> Schema {
        let result = attribute::string().computed().sensitive().describe(
            "The password. It is secret: it is never shown, and it is encrypted in the record.",
        );
        schema("A random password.").attribute("result", result)
    }

    fn validate(&self, config: &Attributes) -> Vec<Problem> {
        validate(config)
    }

    fn make(&self, planned: &mut Attributes) -> Result<(), Problem> {
        planned.set("result", text(planned)?);
        Ok(())
    }
}

/// A password for one run.
pub(crate) struct Passing;

#[async_trait]
impl Ephemeral for Passing {
    fn schema(&self) -> Schema {
        let result = attribute::string().computed().sensitive().describe(
            "The password. It is another one each time, and kept only where it is handed to.",
        );
        schema(
            "A random password that is recorded nowhere: for an attribute that is write-only, or for the \
             configuration of a provider.",
        )
        .attribute("result", result)
    }

    fn validate(&self, config: &Attributes) -> Vec<Problem> {
        validate(config)
    }

    async fn open(&self, mut config: Attributes) -> Result<(Attributes, Open), Failure> {
        if let Some(problem) = validate(&config).into_iter().next() {
            return Err(problem.into());
        }
        let made = text(&config)?;
        config.set("result", made);
        Ok((config, Open::default()))
    }
}

fn schema(description: &str) -> Schema {
    let texts = [
        "Whether the letters `A` to `Z` are used.",
        "Whether the letters `a` to `z` are used.",
        "Whether the digits `0` to `9` are used.",
        "Whether special characters are used: those of `override_special`, or \
         ``!@#$%&*()-_=+[]{}<>:?``.",
    ];
    let least = [
        "How many uppercase letters there are at least.",
        "How many lowercase letters there are at least.",
        "How many digits there are at least.",
        "How many special characters there are at least.",
    ];
    let mut schema = Schema::new(description)
        .attribute(
            "length",
            attribute::integer()
                .required()
                .requires_replace()
                .describe("How many characters are made, from 1 to 4096."),
        )
        .attribute(
            "override_special",
            attribute::string()
                .requires_replace()
                .describe("The special characters to use in place of the usual ones."),
        );
    for ((kind, text), least) in KINDS.iter().zip(texts).zip(least) {
        let used = attribute::boolean().default(true).requires_replace().describe(text);
        let count = attribute::integer().default(0).requires_replace().describe(least);
        schema = schema.attribute(kind.name, used).attribute(kind.at_least, count);
    }
    schema
}

fn validate(config: &Attributes) -> Vec<Problem> {
    let mut problems: Vec<Problem> = within(config, "length", 1, LONGEST).into_iter().collect();
    for kind in &KINDS {
        problems.extend(within(config, kind.at_least, 0, LONGEST));
        let least = config.known(kind.at_least).and_then(syncline_model::Value::as_i64);
        let off = config.known(kind.name).and_then(syncline_model::Value::as_bool) == Some(false);
        if off && least.is_some_and(|least| least > 0) {
            let summary = format!("`{}` is set, and `{}` is false", kind.at_least, kind.name);
            let detail = format!("Set `{}` to 0, or `{}` to true.", kind.at_least, kind.name);
            problems.push(invalid(kind.at_least, summary, detail));
        }
    }
    let specials = config.known("override_special").and_then(syncline_model::Value::as_str);
    if specials == Some("") {
        let detail = "Leave it out for the usual ones, or set `special` to false.";
        problems.push(invalid("override_special", "`override_special` is empty", detail));
    }
    if !problems.is_empty() {
        return problems;
    }
    let used: Option<Vec<bool>> =
        KINDS.iter().map(|kind| config.known(kind.name)?.as_bool()).collect();
    if used.is_some_and(|used| !used.contains(&true)) {
        let detail = "Leave at least one of `upper`, `lower`, `numeric` and `special` true.";
        problems.push(invalid("length", "there is no character to choose from", detail));
    }
    let least: Option<i64> = KINDS.iter().map(|kind| config.known(kind.at_least)?.as_i64()).sum();
    let length = config.known("length").and_then(syncline_model::Value::as_i64);
    if let (Some(least), Some(length)) = (least, length)
        && least > length
    {
        let detail = format!("`length` is {length}, and {least} characters are asked for.");
        problems.push(invalid("length", "`length` is less than all the minimums", detail));
    }
    problems
}

/// Returns text of a checked configuration.
fn text(config: &Attributes) -> Result<String, Problem> {
    let length = config.integer("length")? as usize;
    let mut all: Vec<char> = Vec::new();
    let mut chosen: Vec<char> = Vec::with_capacity(length);
    for kind in &KINDS {
        if !config.boolean(kind.name)? {
            continue;
        }
        let characters = match config.optional_string("override_special")? {
            Some(specials) if kind.name == "special" => specials,
            _ => kind.characters,
        };
        let mut characters: Vec<char> = characters.chars().collect();
        characters.sort_unstable();
        characters.dedup();
        for _ in 0..config.integer(kind.at_least)? {
            chosen.push(characters[source::index(characters.len())?]);
        }
        all.extend(characters);
    }
    // A character of two kinds must not be twice as likely.
    all.sort_unstable();
    all.dedup();
    while chosen.len() < length {
        chosen.push(all[source::index(all.len())?]);
    }
    source::shuffle(&mut chosen)?;
    Ok(chosen.into_iter().collect())
}
