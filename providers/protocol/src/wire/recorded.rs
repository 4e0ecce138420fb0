//! What others have recorded of an older schema, which only the provider knows.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use syncline_model::{Map, Number, Value};

/// Returns the value that a JSON text is; none where it is no JSON.
pub(crate) fn read(bytes: &[u8]) -> Option<Value> {
    take(serde_json::from_slice(bytes).ok()?)
}

fn take(raw: &RawValue) -> Option<Value> {
    let text = raw.get();
    Some(match text.as_bytes().first()? {
        b'n' => Value::Null,
        b't' => Value::Bool(true),
        b'f' => Value::Bool(false),
        b'"' => Value::from(serde_json::from_str::<String>(text).ok()?),
        b'[' => {
            let items: Vec<&RawValue> = serde_json::from_str(text).ok()?;
            Value::List(items.into_iter().map(take).collect::<Option<Vec<_>>>()?.into())
        }
        b'{' => {
            let entries: BTreeMap<String, &RawValue> = serde_json::from_str(text).ok()?;
            let mut map = Map::with_capacity(entries.len());
            for (key, value) in entries {
                map.insert(key, take(value)?);
            }
            Value::from(map)
        }
        _ => Value::Number(Number::parse(text).ok()?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_exact() {
        let read = read(br#"{"a":[1,0.10,null,true],"b":"x"}"#).unwrap();
        assert_eq!(read.attribute("b"), &Value::from("x"));
        let items = read.attribute("a").as_items().unwrap();
        assert_eq!(items[1], Value::Number(Number::parse("0.1").unwrap()));
        assert_eq!(super::read(b"{"), None);
    }
}
