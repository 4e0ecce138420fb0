//! What the tests share: where the providers are, and a resource's life in few words.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use syncline_model::{
    Applied, ApplyRequest, Map, PlanRequest, Planned, Provider, ReadRequest, Response, Value,
};
use syncline_protocol::host::{Host, HostOptions};

/// Returns the executable of a provider; none where it was not built, which is said.
pub(crate) fn executable(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("SYNCLINE_TEST_PROVIDERS").map(PathBuf::from).or_else(|| {
        let tests = std::env::current_exe().ok()?;
        Some(tests.parent()?.parent()?.parent()?.join("providers"))
    })?;
    let file = folder.join(format!("terraform-provider-{name}"));
    if file.exists() {
        return Some(file);
    }
    let said = format!("the provider `{name}` was not built: `cargo xtask test` does, with Go");
    match std::env::var_os("SYNCLINE_SKIPPED")
        .map(|list| OpenOptions::new().append(true).open(list))
    {
        Some(Ok(mut list)) => writeln!(list, "{said}").unwrap(),
        Some(Err(_)) | None => eprintln!("skipped: {said}"),
    }
    None
}

/// Returns options for a provider; none where it was not built.
pub(crate) fn options(name: &str) -> Option<HostOptions> {
    Some(HostOptions::new(name, executable(name)?))
}

/// Returns a provider that is set up with a configuration.
pub(crate) async fn configured(options: HostOptions, config: Value) -> Arc<Host> {
    let host = Host::new(options);
    let problems = host.configure(config).await;
    assert!(problems.is_empty(), "{problems:?}");
    host
}

/// Returns a map of attributes.
pub(crate) fn attributes<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::map(entries)
}

/// Returns the answer of a call that succeeded.
#[track_caller]
pub(crate) fn answer<T>(response: Response<T>) -> T {
    assert!(!response.failed(), "{:?}", response.problems);
    response.answer.unwrap()
}

/// A resource's record between two calls.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    pub(crate) state: Value,
    pub(crate) private: Vec<u8>,
}

/// Drives one type of resource as the planner does.
pub(crate) struct Driver {
    pub(crate) host: Arc<Host>,
    pub(crate) kind: &'static str,
}

impl Driver {
    /// Plans with a proposed state that has the record's values wherever the configuration is
    /// null, which does for flat resources.
    pub(crate) async fn plan(&self, record: &Record, config: &Value) -> Response<Planned> {
        let request = PlanRequest {
            kind: self.kind.into(),
            prior: record.state.clone(),
            proposed: proposed(&record.state, config),
            config: config.clone(),
            private: record.private.clone(),
        };
        self.host.plan(request).await
    }

    pub(crate) async fn apply(
        &self,
        record: &Record,
        planned: &Planned,
        config: &Value,
    ) -> Response<Applied> {
        let request = ApplyRequest {
            kind: self.kind.into(),
            prior: record.state.clone(),
            planned: planned.state.clone(),
            config: config.clone(),
            private: planned.private.clone(),
        };
        self.host.apply(request).await
    }

    pub(crate) async fn make(&self, record: &Record, config: &Value) -> Record {
        let planned = answer(self.plan(record, config).await);
        let applied = answer(self.apply(record, &planned, config).await);
        Record { state: applied.state, private: applied.private }
    }

    pub(crate) async fn read(&self, record: &Record) -> Record {
        let request = ReadRequest {
            kind: self.kind.into(),
            state: record.state.clone(),
            private: record.private.clone(),
        };
        let read = answer(self.host.read(request).await);
        Record { state: read.state, private: read.private }
    }

    pub(crate) async fn destroy(&self, record: &Record) -> Value {
        let planned = answer(self.plan(record, &Value::Null).await);
        assert!(planned.state.is_null());
        answer(self.apply(record, &planned, &Value::Null).await).state
    }
}

fn proposed(prior: &Value, config: &Value) -> Value {
    let (Some(prior), Some(configured)) = (prior.as_map(), config.as_map()) else {
        return config.clone();
    };
    let mut whole: Map = prior.clone();
    for (name, value) in configured.iter().filter(|(_, value)| !value.is_null()) {
        whole.insert(name.clone(), value.clone());
    }
    Value::from(whole)
}
