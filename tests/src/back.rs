//! The planner's stages on a case's sources, each result as text.

use std::collections::BTreeMap;

use crate::front::Outcome;

/// What a case's runs share: the world, the log.
#[derive(Default)]
pub struct Back {}

impl Back {
    /// Changes the world behind the provider's back.
    ///
    /// # Errors
    /// A line that says nothing known.
    pub fn tamper(&mut self, _text: &str) -> Result<(), String> {
        Ok(())
    }

    /// Runs a stage.
    pub fn check(
        &mut self,
        _verb: &str,
        _texts: &BTreeMap<String, String>,
        _arguments: &[String],
    ) -> Outcome {
        Outcome::default()
    }
}
