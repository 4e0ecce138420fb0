//! What all random values have in common: keepers, and that they stay.

use syncline_model::Problem;
use syncline_protocol::sdk::{
    Attributes, Failure, Instance, Resource, Schema, async_trait, attribute,
};

/// A way to make a value.
pub(crate) trait Random: Send + Sync + 'static {
    /// The attribute that tells whether a value was made.
    const RESULT: &'static str;

    /// Returns its attributes but the keepers.
    fn schema(&self) -> Schema;

    /// Checks a configuration.
    fn validate(&self, config: &Attributes) -> Vec<Problem> {
        let _ = config;
        Vec::new()
    }

    /// Brings attributes that were recorded by an older version of the schema to the current one.
    fn upgrade(&self, version: u32, attributes: Attributes) -> Attributes {
        let _ = version;
        attributes
    }

    /// Makes a value and sets what is computed.
    fn make(&self, planned: &mut Attributes) -> Result<(), Problem>;
}

/// A value that is made once and kept in the record.
pub(crate) struct Kept<R>(pub(crate) R);

#[async_trait]
impl<R: Random> Resource for Kept<R> {
    fn schema(&self) -> Schema {
        self.0.schema().attribute(
            "keepers",
            attribute::string_map().requires_replace().describe(
                "Any values; when one of them changes, a new random value is made. Use it to tie \
                 the value to what it belongs to.",
            ),
        )
    }

    fn validate(&self, config: &Attributes) -> Vec<Problem> {
        self.0.validate(config)
    }

    async fn create(&self, mut planned: Instance) -> Result<Instance, Failure> {
        // What could not be checked while it was unknown is checked now.
        if let Some(problem) = self.0.validate(&planned).into_iter().next() {
            return Err(problem.into());
        }
        self.0.make(&mut planned)?;
        Ok(planned)
    }

    async fn read(&self, recorded: Instance) -> Result<Option<Instance>, Failure> {
        // A create that was interrupted has made nothing.
        Ok((!recorded.is_null(R::RESULT)).then_some(recorded))
    }

    async fn delete(&self, _recorded: Instance) -> Result<(), Failure> {
        Ok(())
    }

    fn upgrade(&self, version: u32, attributes: Attributes) -> Result<Attributes, Problem> {
        Ok(self.0.upgrade(version, attributes))
    }
}

/// Returns a problem when a number is known and not within a range.
pub(crate) fn within(config: &Attributes, name: &str, low: i64, high: i64) -> Option<Problem> {
    let value = config.known(name)?.as_i64();
    if value.is_some_and(|value| (low..=high).contains(&value)) {
        return None;
    }
    let summary = format!("`{name}` must be from {low} to {high}");
    let found = config.known(name).filter(|_| !config.get(name).is_secret());
    let detail = found.map(|value| format!("It is {value}.")).unwrap_or_default();
    Some(syncline_protocol::sdk::invalid(name, summary, detail))
}
