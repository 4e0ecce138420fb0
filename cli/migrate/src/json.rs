//! Variable files in JSON.
//!
//! Takes the text of one and returns the same in HCL. Nothing in it is a template.

use serde_json::Value as Json;

/// Returns the values of variables in HCL.
///
/// # Errors
/// When the text is no object of JSON.
pub fn variables(text: &str) -> Result<String, serde_json::Error> {
    let all: serde_json::Map<String, Json> = serde_json::from_str(text)?;
    Ok(all.iter().map(|(name, own)| format!("{name} = {}\n", value(own))).collect())
}

fn value(json: &Json) -> String {
    match json {
        Json::Null | Json::Bool(_) | Json::Number(_) => json.to_string(),
        Json::String(text) => string(text),
        Json::Array(items) => {
            format!("[{}]", items.iter().map(value).collect::<Vec<_>>().join(", "))
        }
        Json::Object(entries) => {
            let entry = |(key, own): (&String, &Json)| format!("{} = {}", string(key), value(own));
            format!("{{ {} }}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
    }
}

fn string(text: &str) -> String {
    let mut own = String::from("\"");
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' | '\\' => own.extend(['\\', letter]),
            '\n' => own.push_str("\\n"),
            '\r' => own.push_str("\\r"),
            '\t' => own.push_str("\\t"),
            '$' | '%' if letters.peek() == Some(&'{') => own.extend([letter, letter]),
            control if control.is_control() => {
                own.push_str(&format!("\\u{:04x}", control as u32));
            }
            other => own.push(other),
        }
    }
    own.push('"');
    own
}

#[cfg(test)]
mod tests {
    #[test]
    fn values_say_the_same() {
        let json = r#"{"a": ["x\"${y}", 1.5, null], "b": {"k-1": true, "c": "\\b\n\u0008"}}"#;
        let hcl = "a = [\"x\\\"$${y}\", 1.5, null]\nb = { \"c\" = \"\\\\b\\n\\u0008\", \"k-1\" = true }\n";
        assert_eq!(super::variables(json).ok().as_deref(), Some(hcl));
    }
}
