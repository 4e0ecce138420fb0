//! Attributes by name, as Rust types.
//!
//! Law: an accessor looks through secret marks, and an error of it never shows a value, only the
//! attribute's name and the kind of what it holds.

use std::collections::BTreeMap;

use syncline_model::{Map, Path, Problem, Str, Value};

/// The attributes of a configuration or an instance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes {
    /// The attributes by name; what is not there is null.
    pub map: Map,
}

impl Attributes {
    /// Returns the attributes of a map; of anything else there are none.
    #[must_use]
    pub fn new(value: &Value) -> Self {
        Self { map: value.as_map().cloned().unwrap_or_default() }
    }

    /// Returns them as one value.
    #[must_use]
    pub fn into_value(self) -> Value {
        Value::from(self.map)
    }

    /// Returns an attribute as it is; null when it is not there.
    #[must_use]
    pub fn get(&self, name: &str) -> &Value {
        self.map.get(name).unwrap_or(&Value::Null)
    }

    /// Sets an attribute.
    pub fn set(&mut self, name: impl Into<Str>, value: impl Into<Value>) {
        self.map.insert(name, value.into());
    }

    /// Sets an attribute, as a secret when one of the attributes that it was made from has one.
    pub fn set_from(&mut self, name: impl Into<Str>, value: impl Into<Value>, from: &[&str]) {
        let value = value.into();
        let secret = from.iter().any(|source| self.get(source).has_secret());
        self.map.insert(name, if secret { Value::secret(value) } else { value });
    }

    /// Tells whether an attribute is null.
    #[must_use]
    pub fn is_null(&self, name: &str) -> bool {
        self.get(name).reveal().is_null()
    }

    /// Tells whether something in an attribute is not known yet.
    #[must_use]
    pub fn is_unknown(&self, name: &str) -> bool {
        !self.get(name).is_known()
    }

    /// Returns an attribute that is set and wholly known, without its secret mark.
    #[must_use]
    pub fn known(&self, name: &str) -> Option<&Value> {
        let value = self.get(name);
        (value.is_known() && !value.reveal().is_null()).then(|| value.reveal())
    }

    /// Returns a text.
    ///
    /// # Errors
    /// A problem with the attribute's path when it is null, unknown or something else.
    pub fn string(&self, name: &str) -> Result<&str, Problem> {
        self.get(name).as_str().ok_or_else(|| self.unexpected(name, "a string"))
    }

    /// Returns a text, or nothing for null.
    ///
    /// # Errors
    /// A problem with the attribute's path when it is unknown or something else.
    pub fn optional_string(&self, name: &str) -> Result<Option<&str>, Problem> {
        if self.is_null(name) { Ok(None) } else { self.string(name).map(Some) }
    }

    /// Returns a whole number of 64 bits.
    ///
    /// # Errors
    /// A problem with the attribute's path when it is null, unknown or something else.
    pub fn integer(&self, name: &str) -> Result<i64, Problem> {
        self.get(name).as_i64().ok_or_else(|| self.unexpected(name, "a whole number of 64 bits"))
    }

    /// Returns a whole number of 64 bits, or nothing for null.
    ///
    /// # Errors
    /// A problem with the attribute's path when it is unknown or something else.
    pub fn optional_integer(&self, name: &str) -> Result<Option<i64>, Problem> {
        if self.is_null(name) { Ok(None) } else { self.integer(name).map(Some) }
    }

    /// Returns a truth value.
    ///
    /// # Errors
    /// A problem with the attribute's path when it is null, unknown or something else.
    pub fn boolean(&self, name: &str) -> Result<bool, Problem> {
        self.get(name).as_bool().ok_or_else(|| self.unexpected(name, "a bool"))
    }

    /// Returns the texts of a list or set; none for null.
    ///
    /// # Errors
    /// A problem with the path of what is unknown or something else.
    pub fn strings(&self, name: &str) -> Result<Vec<&str>, Problem> {
        if self.is_null(name) {
            return Ok(Vec::new());
        }
        let items =
            self.get(name).as_items().ok_or_else(|| self.unexpected(name, "a list of strings"))?;
        let path = Path::attribute(name);
        items
            .iter()
            .enumerate()
            .map(|(at, item)| {
                item.as_str().ok_or_else(|| unexpected(path.index(at), item, "a string"))
            })
            .collect()
    }

    /// Returns the texts of a map by key; none for null. A null entry is left out.
    ///
    /// # Errors
    /// A problem with the path of what is unknown or something else.
    pub fn string_map(&self, name: &str) -> Result<BTreeMap<&str, &str>, Problem> {
        if self.is_null(name) {
            return Ok(BTreeMap::new());
        }
        let map =
            self.get(name).as_map().ok_or_else(|| self.unexpected(name, "a map of strings"))?;
        let path = Path::attribute(name);
        map.iter()
            .filter(|(_, value)| !value.reveal().is_null())
            .map(|(key, value)| match value.as_str() {
                Some(text) => Ok((key.as_str(), text)),
                None => Err(unexpected(path.key(key.clone()), value, "a string")),
            })
            .collect()
    }

    /// Returns a truth value, or nothing for null.
    ///
    /// # Errors
    /// A problem with the attribute's path when it is unknown or something else.
    pub fn optional_boolean(&self, name: &str) -> Result<Option<bool>, Problem> {
        if self.is_null(name) { Ok(None) } else { self.boolean(name).map(Some) }
    }

    /// Returns the attributes of a record, or nothing for null.
    ///
    /// # Errors
    /// A problem with the attribute's path when it is unknown or something else.
    pub fn record(&self, name: &str) -> Result<Option<Self>, Problem> {
        if self.is_null(name) {
            return Ok(None);
        }
        let map = self.get(name).as_map().ok_or_else(|| self.unexpected(name, "a record"))?;
        Ok(Some(Self { map: map.clone() }))
    }

    /// Returns the attributes of the records in a list or a set; none for null.
    ///
    /// # Errors
    /// A problem with the path of what is unknown or something else.
    pub fn records(&self, name: &str) -> Result<Vec<Self>, Problem> {
        if self.is_null(name) {
            return Ok(Vec::new());
        }
        let items = self.get(name).as_items();
        let items = items.ok_or_else(|| self.unexpected(name, "a list of records"))?;
        let path = Path::attribute(name);
        let one = |(at, item): (usize, &Value)| match item.as_map() {
            Some(map) => Ok(Self { map: map.clone() }),
            None => Err(unexpected(path.index(at), item, "a record")),
        };
        items.iter().enumerate().map(one).collect()
    }

    /// Returns the attributes of the records in a map by key; none for null.
    ///
    /// # Errors
    /// A problem with the path of what is unknown or something else.
    pub fn record_map(&self, name: &str) -> Result<BTreeMap<&str, Self>, Problem> {
        if self.is_null(name) {
            return Ok(BTreeMap::new());
        }
        let map = self.get(name).as_map();
        let map = map.ok_or_else(|| self.unexpected(name, "a map of records"))?;
        let path = Path::attribute(name);
        let one = |(key, item): (&'_ Str, &Value)| match item.as_map() {
            Some(own) => Ok(Self { map: own.clone() }),
            None => Err(unexpected(path.key(key.clone()), item, "a record")),
        };
        map.iter().map(|own| Ok((own.0.as_str(), one(own)?))).collect()
    }

    fn unexpected(&self, name: &str, wanted: &str) -> Problem {
        unexpected(Path::attribute(name), self.get(name), wanted)
    }
}

fn unexpected(path: Path, value: &Value, wanted: &str) -> Problem {
    let summary = format!("`{path}` must be {wanted}, and it is {}", value.reveal().kind());
    Problem::error(summary, "").at(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accessors_look_through_marks_and_never_show_values() {
        let mut attributes = Attributes::default();
        attributes.set("password", Value::secret(Value::from("hunter2")));
        attributes.set("tags", Value::map([("a", Value::from("x")), ("b", Value::Null)]));
        attributes.set("ports", Value::list([Value::from("80"), Value::from(81)]));
        attributes.set_from("hash", "abc", &["password"]);
        assert_eq!(attributes.string("password"), Ok("hunter2"));
        assert!(attributes.get("hash").is_secret());
        assert_eq!(attributes.string_map("tags"), Ok(BTreeMap::from([("a", "x")])));
        assert_eq!(attributes.optional_integer("absent"), Ok(None));
        let problem = attributes.integer("password").unwrap_err();
        assert!(!format!("{problem:?}").contains("hunter2"));
        assert_eq!(
            problem.summary,
            "`password` must be a whole number of 64 bits, and it is a string"
        );
        let problem = attributes.strings("ports").unwrap_err();
        assert_eq!(problem.path.to_string(), "ports[1]");
    }
}
