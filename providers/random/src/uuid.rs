//! `random.uuid`: a UUID of version 4 (RFC 9562).

use syncline_model::Problem;
use syncline_protocol::sdk::{Attributes, Schema, attribute};

use crate::kept::Random;
use crate::source;

/// A random UUID.
pub(crate) struct Uuid;

impl Random for Uuid {
    const RESULT: &'static str = "result";

    fn schema(&self) -> Schema {
        let result = attribute::string().computed().describe(
            "The UUID in lowercase with hyphens, such as `f81d4fae-7dec-4d0e-a765-00a0c91e6bf6`.",
        );
        Schema::new("A random UUID of version 4.").attribute("result", result)
    }

    fn make(&self, planned: &mut Attributes) -> Result<(), Problem> {
        let mut bytes = [0; 16];
        source::fill(&mut bytes)?;
        planned.set("result", written(bytes));
        Ok(())
    }
}

/// Returns a UUID with the version and the variant set.
fn written(mut bytes: [u8; 16]) -> String {
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut text = String::with_capacity(36);
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_and_variant_are_set() {
        assert_eq!(written([0; 16]), "00000000-0000-4000-8000-000000000000");
        assert_eq!(written([0xff; 16]), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    }
}
