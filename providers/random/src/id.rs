//! `random.id`: random bytes, written in several ways.

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use syncline_model::{Problem, ResourceSchema, Type, Value};
use syncline_protocol::sdk::{Call, Resource, State, attribute, resource_schema};

use crate::draw;
use crate::settings::{in_range, keepers};

const MAX_BYTES: i64 = 1024;

/// The type `random.id`.
pub(crate) struct Id;

#[async_trait]
impl Resource for Id {
    fn schema(&self) -> ResourceSchema {
        let computed = |description| attribute(Type::String, description).computed();
        resource_schema(
            1,
            "Random bytes that tell one thing from another, written in several ways. They are \
             drawn once and are no secret.",
            [
                ("keepers", keepers()),
                (
                    "byte_length",
                    attribute(Type::Int, "How many bytes are drawn, from 1 to 1024.")
                        .required()
                        .replaces(),
                ),
                (
                    "prefix",
                    attribute(Type::String, "What every way of writing them starts with.")
                        .replaces(),
                ),
                ("hex", computed("The bytes in lower-case hexadecimal, after the prefix.")),
                (
                    "base64_url",
                    computed("The bytes in URL-safe base64 without padding, after the prefix."),
                ),
                ("dec", computed("The bytes as one decimal number, after the prefix.")),
            ],
        )
    }

    fn validate(&self, config: &Value) -> Vec<Problem> {
        in_range(config, "byte_length", 1, MAX_BYTES).into_iter().collect()
    }

    async fn create(&self, call: Call) -> Result<State, Problem> {
        let length = call.int("byte_length").unwrap_or(1).clamp(1, MAX_BYTES);
        let bytes = draw::bytes(length as usize)?;
        let prefix = call.string("prefix").unwrap_or_default().to_owned();
        let written = |text: String| Value::from(format!("{prefix}{text}"));
        Ok(State::of(call.planned)
            .with("hex", written(hex(&bytes)))
            .with("base64_url", written(URL_SAFE_NO_PAD.encode(&bytes)))
            .with("dec", written(decimal(&bytes))))
    }
}

/// Writes bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Writes bytes as one decimal number, the first byte being the highest.
fn decimal(bytes: &[u8]) -> String {
    // Groups of nine digits, the lowest first.
    let mut groups: Vec<u32> = vec![0];
    for byte in bytes {
        let mut carry = u64::from(*byte);
        for group in &mut groups {
            let sum = u64::from(*group) * 256 + carry;
            *group = (sum % 1_000_000_000) as u32;
            carry = sum / 1_000_000_000;
        }
        if carry > 0 {
            groups.push(carry as u32);
        }
    }
    let mut text = groups.pop().unwrap_or_default().to_string();
    for group in groups.iter().rev() {
        text.push_str(&format!("{group:09}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_one_decimal_number() {
        assert_eq!(decimal(&[0]), "0");
        assert_eq!(decimal(&[1, 0]), "256");
        assert_eq!(decimal(&[0xff; 8]), u64::MAX.to_string());
        assert_eq!(decimal(&[0xff; 16]), u128::MAX.to_string());
        assert_eq!(decimal(&[0x3b, 0x9a, 0xca, 0x00]), "1000000000");
    }
}
