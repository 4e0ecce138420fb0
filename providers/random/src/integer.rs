//! `random.integer`: a whole number of a range.

use syncline_model::Problem;
use syncline_protocol::sdk::{Attributes, Schema, attribute, invalid};

use crate::kept::Random;
use crate::source;

/// A whole number.
pub(crate) struct Integer;

impl Random for Integer {
    const RESULT: &'static str = "result";

    fn schema(&self) -> Schema {
        Schema::new("A random whole number of a range.")
            .attribute(
                "min",
                attribute::integer()
                    .required()
                    .requires_replace()
                    .describe("The least number that may be made."),
            )
            .attribute(
                "max",
                attribute::integer()
                    .required()
                    .requires_replace()
                    .describe("The greatest number that may be made."),
            )
            .attribute("result", attribute::integer().computed().describe("The number."))
    }

    fn validate(&self, config: &Attributes) -> Vec<Problem> {
        let number = |name| config.known(name).and_then(syncline_model::Value::as_i64);
        match (number("min"), number("max")) {
            (Some(min), Some(max)) if min > max => {
                let detail = format!("`min` is {min}, and `max` is {max}. Swap them.");
                vec![invalid("min", "`min` is greater than `max`", detail)]
            }
            _ => Vec::new(),
        }
    }

    fn make(&self, planned: &mut Attributes) -> Result<(), Problem> {
        planned.set("result", between(planned.integer("min")?, planned.integer("max")?)?);
        Ok(())
    }
}

fn between(min: i64, max: i64) -> Result<i64, Problem> {
    match max.wrapping_sub(min).cast_unsigned().checked_add(1) {
        Some(count) => Ok(min.wrapping_add(source::below(count)?.cast_signed())),
        // All 64 bits.
        None => {
            let mut bytes = [0; 8];
            source::fill(&mut bytes)?;
            Ok(i64::from_le_bytes(bytes))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_kept_to_their_ends() {
        for (min, max) in [(-2, 2), (7, 7), (i64::MIN, i64::MIN + 1), (i64::MAX - 1, i64::MAX)] {
            for _ in 0..100 {
                assert!((min..=max).contains(&between(min, max).unwrap()));
            }
        }
        between(i64::MIN, i64::MAX).unwrap();
        let drawn: std::collections::BTreeSet<i64> =
            (0..200).map(|_| between(-2, 2).unwrap()).collect();
        assert_eq!(drawn.len(), 5);
    }
}
