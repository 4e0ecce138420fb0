//! How a provider is talked to, whether it is linked in or a process of its own.
//!
//! The calls follow the Terraform plugin protocol (version 6), so that one trait serves both.
//! Values are whole resources as maps of attributes; secrets reach a provider in clear form inside
//! their mark, and a provider may return attributes unmarked: the caller marks what the schema
//! calls sensitive.

use std::sync::Arc;

use async_trait::async_trait;

use crate::{Mode, Path, ProviderSchema, Severity, Str, Value};

/// Something that a provider has to say to the user.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Problem {
    /// Whether the call failed.
    pub is_error: bool,
    /// What is wrong, in one line.
    pub summary: String,
    /// Why, and the way out; may be empty or of many lines.
    pub detail: String,
    /// The attribute that is to blame; empty for the resource as a whole.
    pub path: Path,
    /// The call may have had its effect all the same: its answer was lost, or cannot be used.
    #[serde(default)]
    pub is_in_doubt: bool,
}

impl Problem {
    /// Returns an error about the resource as a whole.
    #[must_use]
    pub fn error(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            is_error: true,
            summary: summary.into(),
            detail: detail.into(),
            path: Path::default(),
            is_in_doubt: false,
        }
    }

    /// Returns the problem of a call that may have had its effect all the same.
    #[must_use]
    pub const fn in_doubt(mut self) -> Self {
        self.is_in_doubt = true;
        self
    }

    /// Returns the problem with an attribute to blame.
    #[must_use]
    pub fn at(mut self, path: Path) -> Self {
        self.path = path;
        self
    }

    /// Returns how bad it is.
    #[must_use]
    pub const fn severity(&self) -> Severity {
        if self.is_error { Severity::Error } else { Severity::Warning }
    }
}

/// An answer and what was said beside it. An answer may come with errors: then it is partial.
#[derive(Clone, Debug)]
pub struct Response<T> {
    /// The answer; `None` when the call failed without a partial result.
    pub answer: Option<T>,
    /// Errors and warnings.
    pub problems: Vec<Problem>,
}

impl<T> Response<T> {
    /// Returns an answer without problems.
    #[must_use]
    pub const fn ok(answer: T) -> Self {
        Self { answer: Some(answer), problems: Vec::new() }
    }

    /// Returns a failure.
    #[must_use]
    pub fn fail(problem: Problem) -> Self {
        Self { answer: None, problems: vec![problem] }
    }

    /// Tells whether an error was said.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.answer.is_none() || self.problems.iter().any(|problem| problem.is_error)
    }
}

/// Asks whether a configuration is sound; unknowns may be in it.
#[derive(Clone, Debug)]
pub struct ValidateRequest {
    /// Managed or data.
    pub mode: Mode,
    /// The type without the provider's name.
    pub kind: Str,
    /// The configuration: every configurable attribute, null where unset.
    pub config: Value,
}

/// Asks what a resource is now.
#[derive(Clone, Debug)]
pub struct ReadRequest {
    /// The type without the provider's name.
    pub kind: Str,
    /// What was recorded.
    pub state: Value,
    /// The provider's own bytes, as recorded.
    pub private: Vec<u8>,
}

/// What a resource is now.
#[derive(Clone, Debug)]
pub struct ReadState {
    /// Its attributes, or null when it is gone.
    pub state: Value,
    /// The provider's own bytes, to be recorded.
    pub private: Vec<u8>,
}

/// Asks what an apply would do. `prior` is null for a create, `proposed` and `config` for a destroy.
#[derive(Clone, Debug)]
pub struct PlanRequest {
    /// The type without the provider's name.
    pub kind: Str,
    /// What is now.
    pub prior: Value,
    /// The configuration, with prior values where it leaves computed attributes open.
    pub proposed: Value,
    /// The configuration alone.
    pub config: Value,
    /// The provider's own bytes, as recorded.
    pub private: Vec<u8>,
}

/// What an apply would do.
#[derive(Clone, Debug, Default)]
pub struct Planned {
    /// The attributes after it, with unknowns ([`crate::Residual::Provider`]) where only the apply
    /// will tell.
    pub state: Value,
    /// The attributes whose change cannot be made in place.
    pub requires_replace: Vec<Path>,
    /// The provider's own bytes, to be given to apply.
    pub private: Vec<u8>,
    /// It is built on an SDK that cannot tell null from empty: what it plans beside the
    /// configuration is no error.
    pub is_lenient: bool,
}

/// Asks to make it so. `prior` is null for a create, `planned` for a destroy.
#[derive(Clone, Debug)]
pub struct ApplyRequest {
    /// The type without the provider's name.
    pub kind: Str,
    /// What is now.
    pub prior: Value,
    /// What [`Provider::plan`] answered.
    pub planned: Value,
    /// The configuration, wholly known.
    pub config: Value,
    /// The provider's own bytes, from the plan.
    pub private: Vec<u8>,
}

/// What was made.
#[derive(Clone, Debug, Default)]
pub struct Applied {
    /// The attributes, wholly known; null after a destroy.
    pub state: Value,
    /// The provider's own bytes, to be recorded.
    pub private: Vec<u8>,
    /// It is built on an SDK that cannot tell null from empty: what differs from the plan is no
    /// error.
    pub is_lenient: bool,
}

/// Asks for a data source's values.
#[derive(Clone, Debug)]
pub struct DataRequest {
    /// The type without the provider's name.
    pub kind: Str,
    /// The configuration, wholly known.
    pub config: Value,
}

/// Asks to take over something that exists.
#[derive(Clone, Debug)]
pub struct ImportRequest {
    /// The type without the provider's name.
    pub kind: Str,
    /// What identifies it to the provider; empty where `identity` does.
    pub id: Str,
    /// What identifies it by attributes, a map of those of the type's identity; null where the id does.
    pub identity: Value,
}

impl ImportRequest {
    /// Returns the request for what has an id.
    #[must_use]
    pub fn by_id(kind: impl Into<Str>, id: impl Into<Str>) -> Self {
        Self { kind: kind.into(), id: id.into(), identity: Value::Null }
    }
}

/// Something that exists, as far as its id tells; a read follows.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The attributes.
    pub state: Value,
    /// The provider's own bytes.
    pub private: Vec<u8>,
}

/// A record that becomes one of another type.
#[derive(Clone, Debug)]
pub struct HandOverRequest {
    /// Its type without the provider's name.
    pub kind: Str,
    /// The schema version that it was recorded with.
    pub version: u32,
    /// What was recorded.
    pub state: Value,
    /// The provider's own bytes, as recorded.
    pub private: Vec<u8>,
}

/// A record that becomes one of another type, as its own provider puts it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HandedOver {
    /// The source address of its provider, `registry.opentofu.org/hashicorp/null`; empty for one that is linked in.
    pub provider: Str,
    /// Its type with its provider's name, `null_resource`.
    pub kind: Str,
    /// The schema version that it was recorded with.
    pub version: u32,
    /// Its attributes, as JSON.
    pub json: String,
    /// Its provider's own bytes.
    pub private: Vec<u8>,
}

/// Asks to open an ephemeral resource.
#[derive(Clone, Debug)]
pub struct OpenRequest {
    /// The type without the provider's name.
    pub kind: Str,
    /// The configuration, wholly known.
    pub config: Value,
}

/// An ephemeral resource that is open.
#[derive(Clone, Debug)]
pub struct Opened {
    /// Its attributes, which are never recorded.
    pub result: Value,
    /// What goes on with it.
    pub lease: Open,
}

/// What goes on with an ephemeral resource that is open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Open {
    /// The provider's own bytes, for its renewal and its end.
    pub private: Vec<u8>,
    /// By when it has to be renewed, in milliseconds since 1970; never, where nothing is said.
    pub renew_at: Option<u64>,
}

/// A provider.
///
/// Calls may run concurrently; [`Provider::configure`] comes before all but schema and validation.
#[async_trait]
pub trait Provider: Send + Sync {
    /// Returns what the provider offers.
    ///
    /// # Errors
    /// A problem when the provider cannot be started or does not answer.
    async fn schema(&self) -> Result<Arc<ProviderSchema>, Problem>;

    /// Sets the provider up with its configuration, a map of attributes, wholly known.
    async fn configure(&self, config: Value) -> Vec<Problem>;

    /// Checks a configuration beyond what types can say.
    async fn validate(&self, request: ValidateRequest) -> Vec<Problem>;

    /// Reads a resource. Differences are drift, never errors.
    async fn read(&self, request: ReadRequest) -> Response<ReadState>;

    /// Plans a change. It changes nothing.
    async fn plan(&self, request: PlanRequest) -> Response<Planned>;

    /// Makes a change. Errors may come with a partial answer, which is recorded.
    async fn apply(&self, request: ApplyRequest) -> Response<Applied>;

    /// Reads a data source.
    async fn read_data(&self, request: DataRequest) -> Response<Value>;

    /// Finds something that exists by its id or its identity.
    async fn import(&self, request: ImportRequest) -> Response<Imported>;

    /// Brings recorded attributes of an older schema version to the current one.
    async fn upgrade(&self, kind: &str, version: u32, state: Value) -> Response<Value>;

    /// Brings an identity of an older version of its schema to the current one.
    async fn upgrade_identity(&self, kind: &str, version: u32, identity: Value) -> Response<Value> {
        let _ = (kind, version);
        Response::ok(identity)
    }

    /// Returns a record of its own as the provider of another type takes it over.
    async fn hand_over(&self, request: HandOverRequest) -> Response<HandedOver> {
        let summary = format!("records of `{}` do not become those of another type", request.kind);
        Response::fail(Problem::error(summary, ""))
    }

    /// Takes over a record of another type, perhaps another provider's, as one of `kind`.
    async fn take_over(&self, kind: &str, record: HandedOver) -> Response<Imported> {
        let summary = format!("`{kind}` takes over no records of `{}`", record.kind);
        Response::fail(Problem::error(summary, ""))
    }

    /// Opens an ephemeral resource.
    async fn open(&self, request: OpenRequest) -> Response<Opened> {
        let kind = &request.kind;
        Response::fail(Problem::error(format!("there is no ephemeral resource `{kind}`"), ""))
    }

    /// Renews an ephemeral resource that is open.
    async fn renew(&self, kind: &str, private: Vec<u8>) -> Response<Open> {
        let _ = kind;
        Response::ok(Open { private, renew_at: None })
    }

    /// Closes an ephemeral resource.
    async fn close(&self, kind: &str, private: Vec<u8>) -> Vec<Problem> {
        let _ = (kind, private);
        Vec::new()
    }

    /// Calls a function. A problem's path is the index of the argument that is to blame.
    async fn call(&self, function: &str, arguments: Vec<Value>) -> Response<Value> {
        let _ = arguments;
        Response::fail(Problem::error(format!("there is no function `{function}`"), ""))
    }

    /// Asks running calls to come to an end soon.
    async fn stop(&self) {}
}
