//! Reading recorded states while the source is still being evaluated.
//!
//! Both take a while in a large project and neither needs the other, so a thread of its own reads
//! the logs of the environments that the command line names. It makes nothing: where there is no
//! key or no state file yet, it has nothing, and whoever asks reads for themselves.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

use syncline_model::EnvironmentName;
use syncline_planner::State;
use syncline_state::KeySeal;

use super::{Backends, Records, key_path, root};

/// States that are being read.
#[derive(Debug)]
pub struct Ahead(Option<JoinHandle<BTreeMap<EnvironmentName, State>>>);

impl Ahead {
    /// Starts to read what is recorded of environments of the project that a folder belongs to.
    #[must_use]
    pub fn start(folder: &Path, environments: &[String]) -> Self {
        let (folder, environments) = (folder.to_owned(), environments.to_vec());
        if environments.is_empty() {
            return Self(None);
        }
        let thread = std::thread::Builder::new().name("states".to_owned());
        Self(thread.spawn(move || read(&folder, &environments).unwrap_or_default()).ok())
    }

    /// Waits for the states that could be read.
    #[must_use]
    pub fn finish(self) -> BTreeMap<EnvironmentName, State> {
        self.0.and_then(|thread| thread.join().ok()).unwrap_or_default()
    }
}

/// Reads the states; what fails is left to whoever reads next, and told then.
fn read(folder: &Path, environments: &[String]) -> Option<BTreeMap<EnvironmentName, State>> {
    let backends = Arc::new(Backends::read(&root(folder).ok()?).ok()?);
    let seal = KeySeal::load(&key_path().ok()?).ok()??;
    let records = Records::new(backends, seal);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
    let mut states = BTreeMap::new();
    for environment in environments {
        let environment = EnvironmentName(environment.as_str().into());
        if let Ok(state) = runtime.block_on(records.state(&environment)) {
            states.insert(environment, state);
        }
    }
    Some(states)
}
