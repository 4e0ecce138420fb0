//! The records of an environment's log, and the log as the planner sees it.
//!
//! One environment has one append-only log. Its replay (`State::replay`) is the current
//! state; its lease records are the lock; its run records are the history. A record is chained to
//! the one before by hash.
//!
//! Laws of writing, kept by `execute`:
//! * an [`Body::Intent`] is durable before its provider is called;
//! * an [`Body::Outcome`] is durable before anything that depends on it starts;
//! * nothing is appended by a run that does not hold the lease.
//!
//! Laws of replay: any prefix of a log is a valid state; an intent without an outcome is what a
//! crash leaves (the resource is then *in flight*, and the next run asks its provider).

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use syncline_model::{Address, Digest, Lifecycle, ProviderId, Str, Value};

use crate::configuration::{Configuration, DeclaredProvider};
use crate::plan::{Action, Bytes, Counts, Goal, Operation};

/// A moment, in milliseconds since 1970-01-01 UTC.
pub type Millis = u64;

/// One record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Its place in the log, from 1, without gaps.
    pub sequence: u64,
    /// The hash of the record before; [`Digest::ZERO`] for the first.
    pub previous: Digest,
    /// The hash of this record: see the store's documentation for the bytes.
    pub hash: Digest,
    /// When it was written.
    pub time: Millis,
    /// What it says.
    pub body: Body,
}

/// What a record says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// A run takes the environment, until a moment.
    Lease(Lease),
    /// A run begins.
    Begin(Box<Begin>),
    /// What the environment is configured with from now on.
    Configured(Box<Configuration>),
    /// A provider is used with this configuration from now on.
    Provider(Box<ProviderUse>),
    /// A provider is about to be called.
    Intent(Box<Intent>),
    /// A provider has answered.
    Outcome(Box<Outcome>),
    /// A resource has another address from now on.
    Moved {
        /// The old one.
        from: Address,
        /// The new one.
        to: Address,
    },
    /// A resource is not managed any more, and was not touched.
    Forgotten {
        /// Which.
        address: Address,
    },
    /// The outputs from now on.
    Outputs {
        /// By name; secret ones sealed.
        values: Vec<(Str, Value)>,
    },
    /// A run has ended.
    Applied(Applied),
    /// The keys that secrets are sealed with from now on.
    Keys(Box<Keys>),
    /// The environment is free again.
    Released {
        /// The lease's number: the sequence of its first record.
        lease: u64,
        /// Who broke it, when it was not its holder.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        broken_by: Option<Holder>,
    },
}

impl Body {
    /// Returns a copy for [`State::apply_body`](crate::State::apply_body), which looks only at the print of a
    /// configuration and at the sources of its providers; the rest may be large.
    pub(crate) fn for_state(&self) -> Self {
        let Self::Configured(whole) = self else { return self.clone() };
        Self::Configured(Box::new(Configuration {
            root: whole.root,
            print: whole.print,
            resources: BTreeMap::new(),
            providers: whole.providers.iter().map(DeclaredProvider::bare).collect(),
            outputs: Vec::new(),
            checks: Vec::new(),
        }))
    }
}

/// The data keys of an environment, wrapped for those who may read its secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keys {
    /// The id of the key that seals from now on.
    pub current: Str,
    /// Each key that sealed something, once for each reader.
    pub wrapped: Vec<WrappedKey>,
}

/// A data key that one recipient can unwrap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrappedKey {
    /// The key's id.
    pub key: Str,
    /// For whom.
    pub recipient: Str,
    /// The wrapped key.
    pub text: Str,
}

/// A lease of an environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// Who has it.
    pub holder: Holder,
    /// Since when.
    pub since: Millis,
    /// Until when, unless it is renewed.
    pub expires: Millis,
    /// What for: `apply`, `destroy`, `state mv`.
    pub purpose: Str,
    /// For how long it is taken and renewed; 0 in logs that did not say it.
    #[serde(default)]
    pub lasts: Millis,
    /// The lease that this one renews: the sequence of its first record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renews: Option<u64>,
}

/// Who holds a lease or made a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The user's name.
    pub user: Str,
    /// The machine's name.
    pub host: Str,
    /// The process.
    pub process: u32,
    /// What tells this process from a later one of the same number: its start time as the
    /// operating system tells it; empty where unknown.
    #[serde(default)]
    pub started: Str,
}

/// How a run begins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Begin {
    /// The run's number in this environment, from 1.
    pub run: u64,
    /// Who.
    pub holder: Holder,
    /// Apply or destroy.
    pub goal: Goal,
    /// The configuration's fingerprint.
    pub config: Digest,
    /// The print of the configuration, where that is kept in the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub configuration: Option<Digest>,
    /// The run that this one goes back to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back_to: Option<u64>,
    /// The plan's fingerprint.
    pub plan: Digest,
    /// The commit of the source, with `-dirty` when files differ from it; empty without one.
    #[serde(default)]
    pub commit: Str,
    /// What is planned.
    pub counts: Counts,
    /// The version of Syncline.
    pub syncline: Str,
}

/// What a provider is set up with: so that what it manages can be destroyed when that cannot be
/// computed any more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProviderUse {
    /// Which.
    pub provider: ProviderId,
    /// Its configuration, wholly known; secrets sealed.
    pub config: Value,
}

/// A provider is about to be called.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Intent {
    /// The call's number, unique in the log: `RUN.STEP`.
    pub operation: Str,
    /// Which resource.
    pub address: Address,
    /// What the call does.
    pub does: Operation,
    /// What the change as a whole is.
    pub action: Action,
    /// The type without the provider's name.
    pub kind: Str,
    /// Who does it.
    pub provider: ProviderId,
    /// What that name stands for, as in [`Recorded::source`].
    #[serde(default, skip_serializing_if = "Str::is_empty")]
    pub source: Str,
    /// The fingerprint that it brings about.
    pub fingerprint: Digest,
    /// What the provider is asked for, as far as it is known: the next run finds by this what a
    /// crash left behind. What depends on others is computed by then. Secrets sealed.
    pub planned: Value,
    /// The provider's own bytes from its plan.
    #[serde(default)]
    pub private: Bytes,
    /// The version of the schema that `planned` follows.
    pub schema_version: u32,
    /// The dependencies that the record would have had.
    #[serde(default)]
    pub depends_on: Vec<Address>,
}

impl Intent {
    /// Tells whether the call makes a resource while the one that it replaces is still there.
    #[must_use]
    pub fn is_create_first(&self) -> bool {
        self.does == Operation::Create && self.action == Action::ReplaceCreateFirst
    }
}

/// A provider has answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The call's number; that of its intent, or a new one where none was needed (a refresh).
    pub operation: Str,
    /// Which resource.
    pub address: Address,
    /// What came of it.
    pub result: OutcomeResult,
    /// How long the call took.
    pub millis: u64,
    /// What is to be replaced since this has changed, and was not yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outdates: Vec<Address>,
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeResult {
    /// The resource is so.
    Present(Box<Recorded>),
    /// The resource is no more.
    Absent,
    /// The call failed and left what was before.
    Failed {
        /// What the provider said, without secrets.
        message: Str,
    },
    /// The call failed and left something.
    Partial {
        /// What it left, tainted where a create failed.
        recorded: Box<Recorded>,
        /// What the provider said, without secrets.
        message: Str,
    },
    /// In a create-first replacement: the new one is there, the old one (kept under `deposed`)
    /// is still to be destroyed.
    Replaced {
        /// The new one.
        recorded: Box<Recorded>,
    },
    /// In a create-first replacement: the old one is no more.
    DeposedAbsent,
}

/// What is recorded of a resource.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recorded {
    /// Managed or data is not told: only managed resources are recorded.
    /// The type without the provider's name.
    pub kind: Str,
    /// The type as its provider calls it, where that does not follow ([`State::resource_type`]). Empty almost
    /// everywhere.
    ///
    /// [`State::resource_type`]: crate::State::resource_type
    #[serde(default, skip_serializing_if = "Str::is_empty")]
    pub resource_type: Str,
    /// Who manages it.
    pub provider: ProviderId,
    /// What that name stands for, where it is not what the log says of it ([`State::sources`]): the provider's source
    /// address. Empty almost everywhere.
    ///
    /// [`State::sources`]: crate::State::sources
    #[serde(default, skip_serializing_if = "Str::is_empty")]
    pub source: Str,
    /// The version of the schema that the attributes follow.
    pub schema_version: u32,
    /// The attributes; secrets sealed.
    pub attributes: Value,
    /// The provider's own bytes.
    #[serde(default)]
    pub private: Bytes,
    /// The fingerprint that the resource was brought to; [`Digest::ZERO`] when none is.
    pub fingerprint: Digest,
    /// What it depends on.
    #[serde(default)]
    pub depends_on: Vec<Address>,
    /// How it is treated: `@protect` holds for what the source no longer declares, too.
    #[serde(default)]
    pub lifecycle: Lifecycle,
    /// A create failed half-way: it is replaced at the next chance.
    #[serde(default)]
    pub tainted: bool,
    /// What it is to be replaced with has changed since it was made: it is replaced at the next chance.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub outdated: bool,
    /// Its health has not been seen since it was made or changed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unseen: bool,
}

impl Recorded {
    /// Returns the record of what a call has left that nobody has recorded.
    pub(crate) fn left(intent: &Intent, attributes: Value, private: Bytes) -> Self {
        Self {
            kind: intent.kind.clone(),
            resource_type: Str::new(),
            provider: intent.provider.clone(),
            source: intent.source.clone(),
            schema_version: intent.schema_version,
            attributes,
            private,
            fingerprint: Digest::ZERO,
            depends_on: intent.depends_on.clone(),
            lifecycle: Lifecycle::default(),
            tainted: false,
            outdated: false,
            unseen: true,
        }
    }
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Applied {
    /// The run's number.
    pub run: u64,
    /// Whether all of it succeeded.
    pub success: bool,
    /// Whether it was interrupted.
    #[serde(default)]
    pub interrupted: bool,
    /// What was done.
    pub counts: Counts,
    /// How many steps failed.
    #[serde(default)]
    pub failed: u64,
    /// How many were not started.
    #[serde(default)]
    pub skipped: u64,
    /// How long it took.
    pub millis: u64,
}

/// Why a log could not be read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogError {
    /// Another writer came first: the environment's lease was lost or broken.
    #[error("another run has written to this environment's log since")]
    Moved,
    /// The log is damaged.
    #[error("record {sequence} of the log is damaged: {reason}")]
    Corrupt {
        /// The first bad record.
        sequence: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// The log was written by a newer version.
    #[error("the log has format {found}, and this version of Syncline reads up to {known}")]
    Format {
        /// The format found.
        found: u32,
        /// The newest known.
        known: u32,
    },
    /// What should hold the log is damaged as a whole, or something else.
    #[error("the log cannot be read: {reason}")]
    Foreign {
        /// What is wrong with it.
        reason: String,
    },
    /// A record is sound, but a secret in it cannot be opened.
    #[error("record {sequence} of the log cannot be opened: {reason}")]
    Sealed {
        /// The first such record.
        sequence: u64,
        /// Why.
        reason: String,
    },
    /// The storage refused, and it is known what to do about that.
    #[error("the log could not be {doing}: {reason}")]
    Refused {
        /// `read` or `written`.
        doing: &'static str,
        /// What the storage said.
        reason: String,
        /// The way out.
        help: String,
    },
    /// The storage failed.
    #[error("the log could not be {doing}: {reason}")]
    Storage {
        /// `read` or `written`.
        doing: &'static str,
        /// What the storage said.
        reason: String,
    },
}

/// The log of one environment.
///
/// Implementations seal secrets on the way in and open them on the way out.
#[async_trait]
pub trait Log: Send + Sync {
    /// Returns every record after a sequence number, verified against the chain.
    async fn read(&self, after: u64) -> Result<Vec<Record>, LogError>;

    /// Appends records as one unit and returns the last one's sequence number and hash once they
    /// are durable. Appends that are under way at once may share an fsync; each caller's records
    /// stay together and in order.
    ///
    /// With `expected`, the append succeeds only when that is the sequence number of the log's
    /// last record (compare-and-swap). Without it, it succeeds as long as the log's tail was
    /// written through this handle.
    ///
    /// # Errors
    /// [`LogError::Moved`] when another handle has written in between; then nothing is appended.
    async fn append(
        &self,
        bodies: Vec<Body>,
        expected: Option<u64>,
    ) -> Result<crate::plan::StateMark, LogError>;
}
