//! Record bodies as bytes: JSON, secrets sealed.
//!
//! Nesting is bounded by [`DEPTH`] both ways, so that whatever was written can be read, and what
//! was edited cannot exhaust the stack.

use bytes::Bytes;
use serde::de::DeserializeOwned;
use syncline_planner::record::{Body, LogError};

use crate::{Seal, sealing};

/// How deep JSON may be nested.
pub(crate) const DEPTH: usize = 1024;

/// What the parser takes without more stack than any thread has.
const SHALLOW: usize = 100;

/// Enough for [`DEPTH`] levels of a build without optimisation.
const STACK: usize = 64 << 20;

/// Returns a body's bytes.
pub(crate) fn encode(body: Body, seal: &dyn Seal) -> Result<Bytes, LogError> {
    let fail = |reason: String| LogError::Storage { doing: "written", reason };
    let sealed = sealing::seal_body(body, seal).map_err(|error| fail(error.to_string()))?;
    let bytes = serde_json::to_vec(&sealed).map_err(|error| fail(error.to_string()))?;
    if depth(&bytes) > DEPTH {
        return Err(fail(format!("a value in it is nested more than {DEPTH} levels deep")));
    }
    Ok(bytes.into())
}

/// Returns JSON of bounded depth as data.
pub(crate) fn parse<T: DeserializeOwned + Send>(bytes: &[u8]) -> Result<T, String> {
    match depth(bytes) {
        0..=SHALLOW => serde_json::from_slice(bytes).map_err(|error| error.to_string()),
        levels if levels <= DEPTH => std::thread::scope(|scope| {
            std::thread::Builder::new()
                .stack_size(STACK)
                .spawn_scoped(scope, || parse_deep(bytes))
                .map_err(|error| error.to_string())?
                .join()
                .unwrap_or_else(|_| Err("the parser failed".to_owned()))
        }),
        _ => Err(format!("it is nested more than {DEPTH} levels deep")),
    }
}

fn parse_deep<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    deserializer.disable_recursion_limit();
    let parsed = T::deserialize(&mut deserializer).map_err(|error| error.to_string())?;
    deserializer.end().map_err(|error| error.to_string())?;
    Ok(parsed)
}

/// Returns how deep brackets nest, without parsing.
pub(crate) fn depth(json: &[u8]) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0usize, 0usize, false, false);
    for byte in json {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
        } else {
            match byte {
                b'"' => in_string = true,
                b'[' | b'{' => {
                    depth += 1;
                    deepest = deepest.max(depth);
                }
                b']' | b'}' => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;
    use syncline_model::Value;

    #[test]
    fn depth_counts_brackets_outside_strings() {
        assert_eq!(depth(br#"{"a[[\"[":[1,[2]],"b":{}}"#), 3);
        assert_eq!(depth(b"]]]]["), 1);
    }

    #[test]
    fn nesting_is_read_up_to_the_bound_and_refused_beyond() {
        let nested = |levels| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(parse::<Value>(nested(DEPTH).as_bytes()).is_ok());
        assert!(parse::<Value>(nested(DEPTH + 1).as_bytes()).unwrap_err().contains("nested"));
        assert!(parse::<Value>(format!("{} 1", nested(200)).as_bytes()).is_err());
    }
}
