//! `random.string` and `random.password`: random characters, the latter secret.

use async_trait::async_trait;
use syncline_model::{Problem, ResourceSchema, Type, Value};
use syncline_protocol::sdk::{AttributeBuilder, Call, Resource, State, attribute, resource_schema};

use crate::draw;
use crate::settings::{bad, in_range, keepers};

const MAX_LENGTH: i64 = 4096;
const SPECIAL: &str = "!@#$%&*()-_=+[]{}<>:?";

/// The kinds of characters: the setting that allows one, the setting that says how many of it there
/// are at least, and the characters.
const CLASSES: [(&str, &str, &str); 4] = [
    ("lower", "min_lower", "abcdefghijklmnopqrstuvwxyz"),
    ("upper", "min_upper", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    ("numeric", "min_numeric", "0123456789"),
    ("special", "min_special", SPECIAL),
];

/// The types `random.string` and `random.password`.
pub(crate) struct Text {
    /// The result is a password.
    pub(crate) secret: bool,
}

impl Text {
    fn result(&self) -> AttributeBuilder {
        if self.secret {
            attribute(Type::String, "The password that was drawn; it is secret.")
                .computed()
                .sensitive()
        } else {
            attribute(Type::String, "The characters that were drawn.").computed()
        }
    }
}

#[async_trait]
impl Resource for Text {
    fn schema(&self) -> ResourceSchema {
        let allowed = |text| attribute(Type::Bool, text).default(true).replaces();
        let at_least = |text| attribute(Type::Int, text).default(0).replaces();
        let length = attribute(Type::Int, "How many characters are drawn, from 1 to 4096.");
        let special = "The special characters to draw from, in place of `!@#$%&*()-_=+[]{}<>:?`.";
        let about = if self.secret {
            "A random password, drawn once. It is secret wherever it is used."
        } else {
            "Random characters, drawn once. They are no secret: for a secret there is \
             `random.password`."
        };
        resource_schema(1, about, [
            ("keepers", keepers()),
            ("length", length.required().replaces()),
            ("lower", allowed("Whether lower-case letters are drawn. They are unless set.")),
            ("upper", allowed("Whether upper-case letters are drawn. They are unless set.")),
            ("numeric", allowed("Whether digits are drawn. They are unless set.")),
            ("special", allowed("Whether special characters are drawn. They are unless set.")),
            ("min_lower", at_least("How many lower-case letters there are at least.")),
            ("min_upper", at_least("How many upper-case letters there are at least.")),
            ("min_numeric", at_least("How many digits there are at least.")),
            ("min_special", at_least("How many special characters there are at least.")),
            ("override_special", attribute(Type::String, special).replaces()),
            ("result", self.result()),
        ])
    }

    fn validate(&self, config: &Value) -> Vec<Problem> {
        let mut problems: Vec<Problem> =
            in_range(config, "length", 1, MAX_LENGTH).into_iter().collect();
        let mut least = 0_i64;
        for (allows, name, _) in CLASSES {
            problems.extend(in_range(config, name, 0, MAX_LENGTH));
            let min = config.attribute(name).as_i64().unwrap_or(0);
            least = least.saturating_add(min.max(0));
            if min > 0 && config.attribute(allows).as_bool() == Some(false) {
                let detail = format!("`{allows} = false` rules them out: take one of the two out.");
                problems.push(bad(name, format!("`{name}` asks for what is ruled out"), detail));
            }
        }
        if config.attribute("length").as_i64().is_some_and(|length| length < least) {
            let detail = format!("The least numbers of characters add up to {least}.");
            problems.push(bad("length", "`length` is too small for what must be in it", detail));
        }
        let none = CLASSES.iter().all(|(allows, ..)| {
            config.attribute(allows).as_bool() == Some(false)
        });
        if none {
            let detail = "Allow one of `lower`, `upper`, `numeric` and `special`.";
            problems.push(bad("length", "every kind of character is ruled out", detail));
        }
        if config.attribute("override_special").as_str() == Some("") {
            let detail = "Name some, or set `special = false`.";
            problems.push(bad("override_special", "there is no special character", detail));
        }
        problems
    }

    async fn create(&self, call: Call) -> Result<State, Problem> {
        let text = draw_text(&call)?;
        let result = Value::from(text);
        let result = if self.secret { Value::secret(result) } else { result };
        Ok(State::of(call.planned).with("result", result))
    }
}

/// Returns the distinct characters of a kind.
fn characters(call: &Call, allows: &str, usual: &str) -> Vec<char> {
    let own = (allows == "special").then(|| call.string("override_special")).flatten();
    let mut characters: Vec<char> = own.unwrap_or(usual).chars().collect();
    characters.sort_unstable();
    characters.dedup();
    characters
}

/// Draws what must be there of each kind, the rest from all kinds, and shuffles it.
fn draw_text(call: &Call) -> Result<String, Problem> {
    let length = call.int("length").unwrap_or(1).clamp(1, MAX_LENGTH) as usize;
    let mut text: Vec<char> = Vec::with_capacity(length);
    let mut all: Vec<char> = Vec::new();
    for (allows, least, usual) in CLASSES {
        if call.get(allows).as_bool() == Some(false) {
            continue;
        }
        let own = characters(call, allows, usual);
        for _ in 0..call.int(least).unwrap_or(0).clamp(0, MAX_LENGTH) {
            text.extend(draw::one_of(&own)?);
        }
        all.extend(own);
    }
    // A special character that is a letter too must not be twice as likely.
    all.sort_unstable();
    all.dedup();
    if all.is_empty() || text.len() > length {
        return Err(bad("length", "no such text exists", "Allow more characters, or more kinds."));
    }
    while text.len() < length {
        text.extend(draw::one_of(&all)?);
    }
    draw::shuffle(&mut text)?;
    Ok(text.into_iter().collect())
}
