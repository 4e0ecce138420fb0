//! The way to a value inside a value: `tags.owner`, `disk[0].size`.

use ecow::EcoVec;
use serde::{Deserialize, Serialize};

use crate::{Str, Value};

/// One step of a [`Path`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Step {
    /// An element of a list, from 0.
    Index(u32),
    /// An attribute of a record or a key of a map.
    Key(Str),
}

/// The way to a value inside a value; empty for the value itself. Copies share their steps.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Path(pub EcoVec<Step>);

impl Path {
    /// Returns the path of one attribute.
    #[must_use]
    pub fn attribute(name: impl Into<Str>) -> Self {
        // Room for one step: most paths are of one, and stay so.
        Self::default().key(name)
    }

    /// Returns this path with a step more.
    #[must_use]
    pub fn with(&self, step: Step) -> Self {
        let mut steps = EcoVec::with_capacity(self.0.len() + 1);
        steps.extend_from_slice(&self.0);
        steps.push(step);
        Self(steps)
    }

    /// Returns this path with a key more.
    #[must_use]
    pub fn key(&self, name: impl Into<Str>) -> Self {
        self.with(Step::Key(name.into()))
    }

    /// Returns this path with an index more.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.with(Step::Index(index as u32))
    }

    /// Tells whether `prefix` is this path or leads to it.
    #[must_use]
    pub fn starts_with(&self, prefix: &Self) -> bool {
        self.0.starts_with(&prefix.0)
    }

    /// Tells whether it leads to the value itself.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the first step's name, for paths that start at an attribute.
    #[must_use]
    pub fn root(&self) -> Option<&Str> {
        match self.0.first() {
            Some(Step::Key(name)) => Some(name),
            Some(Step::Index(_)) | None => None,
        }
    }

    /// Returns the value that the path leads to, looking through secrets; `None` where there is
    /// none.
    #[must_use]
    pub fn get<'a>(&self, value: &'a Value) -> Option<&'a Value> {
        self.0.iter().try_fold(value, |value, step| match (value.reveal(), step) {
            (Value::Map(map), Step::Key(key)) => map.get(key),
            (Value::List(list) | Value::Set(list), Step::Index(index)) => list.get(*index as usize),
            (Value::Map(map), Step::Index(index)) => map.get(&index.to_string()),
            _ => None,
        })
    }
}

impl From<Vec<Step>> for Path {
    fn from(steps: Vec<Step>) -> Self {
        Self(steps.into())
    }
}

impl From<&[Step]> for Path {
    fn from(steps: &[Step]) -> Self {
        Self(steps.into())
    }
}

impl std::fmt::Display for Path {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            match step {
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Key(key) if !is_identifier(key) => write!(f, "[{key:?}]")?,
                Step::Key(key) if at == 0 => f.write_str(key)?,
                Step::Key(key) => write!(f, ".{key}")?,
            }
        }
        Ok(())
    }
}

/// Tells whether a name needs no quotes.
pub(crate) fn is_identifier(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
