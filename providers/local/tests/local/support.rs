//! A provider on a folder of its own, driven as the planner drives it.

use std::path::PathBuf;
use std::sync::Arc;

use syncline_model::{
    ApplyRequest, DataRequest, Map, Mode, PlanRequest, Planned, Problem, Provider, ReadRequest,
    ReadState, Response, ValidateRequest, Value,
};

/// What a resource is configured with.
pub(crate) type Config<'a> = &'a [(&'static str, Value)];

/// A provider on a folder of its own.
pub(crate) struct Desk {
    pub(crate) provider: Arc<dyn Provider>,
    folder: tempfile::TempDir,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self { provider: syncline_provider_local::provider(folder.path().to_owned()), folder }
    }

    /// Forgets all that the provider knows, as another process does.
    pub(crate) fn begin_anew(&mut self) {
        self.provider = syncline_provider_local::provider(self.folder.path().to_owned());
    }

    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        std::fs::write(self.at(path), text).expect("a file is written");
    }

    pub(crate) fn text(&self, path: &str) -> String {
        std::fs::read_to_string(self.at(path)).unwrap_or_else(|error| error.kind().to_string())
    }

    /// Returns all that is in the folder, sorted.
    pub(crate) fn listing(&self) -> Vec<String> {
        let mut names = Vec::new();
        let mut folders = vec![self.folder.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder is read") {
                let path = entry.expect("an entry is read").path();
                let shown = path.strip_prefix(self.folder.path()).expect("it is inside");
                names.push(shown.display().to_string());
                if path.is_dir() && !path.is_symlink() {
                    folders.push(path);
                }
            }
        }
        names.sort();
        names
    }

    pub(crate) async fn validate(&self, kind: &str, config: Config<'_>) -> Vec<Problem> {
        let (kind, config) = (kind.into(), Value::map(config.iter().cloned()));
        self.provider.validate(ValidateRequest { mode: Mode::Managed, kind, config }).await
    }

    pub(crate) async fn plan(&self, kind: &str, now: &ReadState, config: Config<'_>) -> Planned {
        let config = Value::map(config.iter().cloned());
        let request = PlanRequest {
            kind: kind.into(),
            prior: now.state.clone(),
            proposed: config.clone(),
            config,
            private: now.private.clone(),
        };
        answer(self.provider.plan(request).await).expect("it can be planned")
    }

    /// Creates a resource, or changes it in place.
    pub(crate) async fn bring(
        &self,
        kind: &str,
        now: &ReadState,
        config: Config<'_>,
    ) -> Result<ReadState, Problem> {
        let planned = self.plan(kind, now, config).await;
        let request = ApplyRequest {
            kind: kind.into(),
            prior: now.state.clone(),
            planned: planned.state,
            config: Value::map(config.iter().cloned()),
            private: planned.private,
        };
        let made = answer(self.provider.apply(request).await)?;
        Ok(ReadState { state: made.state, private: made.private })
    }

    pub(crate) async fn create(
        &self,
        kind: &str,
        config: Config<'_>,
    ) -> Result<ReadState, Problem> {
        self.bring(kind, &nothing(), config).await
    }

    pub(crate) async fn read(&self, kind: &str, now: &ReadState) -> Result<ReadState, Problem> {
        let (state, private) = (now.state.clone(), now.private.clone());
        answer(self.provider.read(ReadRequest { kind: kind.into(), state, private }).await)
    }

    pub(crate) async fn destroy(&self, kind: &str, now: &ReadState) -> Result<(), Problem> {
        let request = ApplyRequest {
            kind: kind.into(),
            prior: now.state.clone(),
            planned: Value::Null,
            config: Value::Null,
            private: now.private.clone(),
        };
        answer(self.provider.apply(request).await).map(|made| assert!(made.state.is_null()))
    }

    pub(crate) async fn data(&self, kind: &str, config: Config<'_>) -> Result<Value, Problem> {
        let config = Value::map(config.iter().cloned());
        answer(self.provider.read_data(DataRequest { kind: kind.into(), config }).await)
    }
}

/// Returns what there is before a create.
pub(crate) fn nothing() -> ReadState {
    ReadState { state: Value::Null, private: Vec::new() }
}

/// Returns a problem as a user reads it.
pub(crate) fn said<T>(result: Result<T, Problem>) -> String {
    match result {
        Ok(_) => "it succeeded".to_owned(),
        Err(problem) => format!("{}: {}\n{}", problem.path, problem.summary, problem.detail),
    }
}

fn answer<T>(response: Response<T>) -> Result<T, Problem> {
    match (response.answer, response.problems.into_iter().find(|own| own.is_error)) {
        (_, Some(problem)) => Err(problem),
        (answer, None) => answer.ok_or_else(|| Problem::error("no answer", "")),
    }
}

/// Returns an attribute's text.
pub(crate) fn text_of(state: &ReadState, name: &str) -> String {
    let map = state.state.as_map().cloned().unwrap_or_else(Map::new);
    map.get(name).and_then(Value::as_str).unwrap_or("(none)").to_owned()
}
