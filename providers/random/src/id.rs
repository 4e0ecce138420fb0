//! `random.id`: bytes, written in several ways.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use syncline_model::Problem;
use syncline_protocol::sdk::{Attributes, Schema, attribute};

use crate::kept::{Random, within};
use crate::source;

/// Random bytes.
pub(crate) struct Id;

impl Random for Id {
    const RESULT: &'static str = "hex";

    fn schema(&self) -> Schema {
        Schema::new(
            "Random bytes for names that must be unique. They are shown in plans and records: for \
             what must stay secret, use `random.password`.",
        )
        .attribute(
            "byte_length",
            attribute::integer()
                .required()
                .requires_replace()
                .describe("How many bytes are made, from 1 to 1024. Eight are enough for a name."),
        )
        .attribute(
            "prefix",
            attribute::string()
                .requires_replace()
                .describe("What each way of writing the bytes starts with."),
        )
        .attribute(
            "hex",
            attribute::string().computed().describe("The bytes as lowercase hexadecimal digits."),
        )
        .attribute(
            "base64_url",
            attribute::string()
                .computed()
                .describe("The bytes as base64 for URLs and file names, without padding."),
        )
        .attribute(
            "dec",
            attribute::string()
                .computed()
                .describe("The bytes as a decimal number, the first byte being the highest."),
        )
    }

    fn validate(&self, config: &Attributes) -> Vec<Problem> {
        within(config, "byte_length", 1, 1024).into_iter().collect()
    }

    fn make(&self, planned: &mut Attributes) -> Result<(), Problem> {
        let mut bytes = vec![0; planned.integer("byte_length")? as usize];
        source::fill(&mut bytes)?;
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let prefix = planned.optional_string("prefix")?.unwrap_or_default().to_owned();
        let ways = [
            ("hex", hex),
            ("base64_url", URL_SAFE_NO_PAD.encode(&bytes)),
            ("dec", decimal(&bytes)),
        ];
        for (name, written) in ways {
            planned.set_from(name, format!("{prefix}{written}"), &["prefix"]);
        }
        Ok(())
    }
}

/// Returns a big-endian number's decimal digits.
fn decimal(bytes: &[u8]) -> String {
    // Nine decimal digits a limb, the lowest first.
    const LIMB: u64 = 1_000_000_000;
    let mut limbs: Vec<u64> = vec![0];
    for byte in bytes {
        let mut carry = u64::from(*byte);
        for limb in &mut limbs {
            let value = *limb * 256 + carry;
            *limb = value % LIMB;
            carry = value / LIMB;
        }
        if carry > 0 {
            limbs.push(carry);
        }
    }
    let mut limbs = limbs.iter().rev();
    let first = limbs.next().copied().unwrap_or_default();
    limbs.fold(first.to_string(), |digits, limb| digits + &format!("{limb:09}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact() {
        assert_eq!(decimal(&[0]), "0");
        assert_eq!(decimal(&[1, 0]), "256");
        assert_eq!(decimal(&[0xff; 8]), u64::MAX.to_string());
        assert_eq!(decimal(&[0xff; 16]), u128::MAX.to_string());
        assert_eq!(decimal(&1_000_000_000_000_000_007_u64.to_be_bytes()), "1000000000000000007");
    }
}
