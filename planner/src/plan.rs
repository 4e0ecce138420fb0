//! The plan, as plain data.
//!
//! A [`Plan`] says everything that apply will do: apply reads nothing else, neither source nor
//! the desired environment. It is made by `plan`, reviewed, perhaps saved, and executed by
//! `execute`. Where a configuration holds values that are unknown at plan time, the plan
//! carries their residuals (see [`syncline_model::Unknown`]) and apply fills them in.
//!
//! Laws: changes are sorted by address and steps by change, so that the same input gives the same
//! bytes; secrets in it are sealed before it is written (serialising a clear one fails).

use serde::{Deserialize, Serialize};
use syncline_model::{
    Address, Digest, EnvironmentName, Lifecycle, Mode, Path, Place, ProviderId, Str, Type, Value,
};

/// What will be done to an environment, and from what that was computed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The version of this format: [`Plan::FORMAT`].
    pub format: u32,
    /// The version of Syncline that made it.
    pub syncline: Str,
    /// The environment.
    pub environment: EnvironmentName,
    /// What was asked for.
    pub goal: Goal,
    /// The run that it goes back to; none for a plan that follows the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back_to: Option<u64>,
    /// The fingerprint of the configuration: the root over all desired resources and outputs.
    pub config: Digest,
    /// The recorded state that it was made from.
    pub state: StateMark,
    /// The providers that it needs, sorted by id.
    pub providers: Vec<PlannedProvider>,
    /// What changes; sorted by address. Resources that do not change are not among them.
    pub changes: Vec<Change>,
    /// How many managed resources do not change.
    pub unchanged: u64,
    /// The order of execution.
    pub steps: Vec<PlanStep>,
    /// What is called otherwise, let go or taken over; in the order in which it is recorded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub handovers: Vec<PlannedHandover>,
    /// What was found to differ between record and reality; sorted by address.
    pub drift: Vec<Drift>,
    /// What data sources said while it was made; sorted by address. Only reports tell of it: what was computed from it
    /// is in the plan, so it is neither saved nor part of what a plan's fingerprint says.
    #[serde(skip)]
    pub data: Vec<ReadData>,
    /// Every output of the environment, sorted by name, changed or not.
    pub outputs: Vec<OutputChange>,
    /// Conditions that wait for values.
    pub checks: Vec<PlannedCheck>,
    /// How it was read: for the report's last line.
    pub reads: Reads,
    /// `--target` or `--exclude` left something out.
    pub partial: bool,
    /// Another run was under way and at work on something: what was found of that may be otherwise
    /// by now, though the log says nothing more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub contested: bool,
}

/// What a plan was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Goal {
    /// Bring the environment to its configuration.
    Apply,
    /// Destroy everything in it.
    Destroy,
}

/// A point in an environment's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateMark {
    /// The sequence number of the last record that changed the state; 0 for an empty log.
    pub sequence: u64,
    /// That record's hash.
    pub hash: Digest,
}

/// What a data source said while a plan was made.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadData {
    /// Its address.
    pub address: Address,
    /// Its type without the provider's name.
    pub kind: Str,
    /// Its type as its provider calls it.
    pub resource_type: Str,
    /// Who was asked.
    pub provider: ProviderId,
    /// That provider's source address; empty for a built-in one.
    pub source: Str,
    /// The version of the schema that the attributes follow.
    pub schema_version: u32,
    /// What it said.
    pub attributes: Value,
}

/// A provider that a plan needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlannedProvider {
    /// Which.
    pub id: ProviderId,
    /// Its source address; empty for a built-in one.
    pub source: Str,
    /// Its version.
    pub version: Str,
    /// Its configuration, with residuals.
    pub config: Value,
}

/// What happens to one resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It is made.
    Create,
    /// It is changed in place.
    Update,
    /// It is destroyed, then made anew.
    Replace,
    /// It is made anew, then the old one is destroyed.
    ReplaceCreateFirst,
    /// It is destroyed.
    Delete,
    /// A data source is read during apply, since what it needs is not known before.
    Read,
    /// Nothing is done to it; its health, which has not been seen since it was made or changed, is
    /// looked at.
    Check,
    /// Nothing is done to it; only its record is brought up to date (its fingerprint, its
    /// dependencies or its address), which is not shown as a change.
    Record,
}

/// Why an action is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The source declares it and nothing is recorded.
    New,
    /// Its configuration, or what it was computed from, changed.
    Changed,
    /// Reality differs from the record.
    Drifted,
    /// It was recorded, but is gone.
    Gone,
    /// An attribute changed that cannot be changed in place.
    CannotUpdate,
    /// Its creation failed half-way.
    Tainted,
    /// `--replace` named it.
    Requested,
    /// The source no longer declares it.
    Removed,
    /// The source declares the resource, but no longer this key of it.
    KeyRemoved,
    /// The source declares a resource of another type at its address.
    OtherType,
    /// The source gives it another configuration of its provider, which is set up otherwise.
    OtherConfiguration,
    /// The environment is destroyed.
    Destroy,
    /// What it reads is not known before apply.
    Deferred,
    /// It is opened for the run, and closed after it.
    Ephemeral,
    /// A resource that it depends on changes, and it asked to be replaced with it.
    Dependency,
    /// An interrupted run made it, and it is not recorded yet.
    Interrupted,
    /// It exists already, and `adopt` takes it over.
    Adopted,
    /// Its record was one of another type, and `moved` takes it over.
    Moved,
    /// Its health has not been seen since it was made or changed.
    Unseen,
}

impl Reason {
    /// Tells whether something is recorded that was there already.
    #[must_use]
    pub const fn is_adoption(self) -> bool {
        matches!(self, Self::Interrupted | Self::Adopted | Self::Moved)
    }
}

/// What happens to one resource, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Its address.
    pub address: Address,
    /// Managed or data.
    pub mode: Mode,
    /// Its type without the provider's name.
    pub kind: Str,
    /// The same as its provider calls it: `aws_vpc`. Empty in plans that were saved before it was known.
    #[serde(default)]
    pub resource_type: Str,
    /// Who does it.
    pub provider: ProviderId,
    /// What.
    pub action: Action,
    /// Why.
    pub reason: Reason,
    /// The attributes now; null when there is nothing. Sensitive ones are marked.
    pub before: Value,
    /// The attributes afterwards, with unknowns; null when there will be nothing.
    pub after: Value,
    /// The attributes that force a replacement.
    pub replace_paths: Vec<Path>,
    /// The configuration with residuals, without the attributes that are null; null for a delete.
    pub config: Value,
    /// The provider's own bytes from its plan, in base64.
    pub private: Bytes,
    /// The version of the schema that `after` follows.
    pub schema_version: u32,
    /// The fingerprint to be recorded.
    pub fingerprint: Digest,
    /// What the record will say it depends on, sorted.
    pub depends_on: Vec<Address>,
    /// How it is treated.
    pub lifecycle: Lifecycle,
    /// What is looked at afterwards, with residuals: see [`crate::health`]. Empty where nothing is
    /// made or changed, and its health was seen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub health: Vec<Value>,
    /// The source of each changed attribute: the path and what set it, the winner first.
    pub provenance: Vec<(Path, Vec<Place>)>,
    /// Where the resource is declared; none when it is no longer.
    pub declared: Option<Place>,
}

impl Change {
    /// Returns the type as written: `local.file`.
    #[must_use]
    pub fn type_name(&self) -> String {
        format!("{}.{}", self.provider.name, self.kind)
    }

    /// Tells whether what is destroyed is an old one that a replacement has left behind: no other deletion has that
    /// reason.
    #[must_use]
    pub fn is_of_deposed(&self) -> bool {
        self.action == Action::Delete && self.reason == Reason::CannotUpdate
    }

    /// Tells whether nothing is done that a user would call a change.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.action == Action::Record && self.health.is_empty()
    }
}

/// Opaque bytes, written as base64.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

/// What happens to a record, rather than to a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlannedHandover {
    /// It has another address from now on.
    Moved {
        /// The old one.
        from: Address,
        /// The new one.
        to: Address,
    },
    /// It is managed no more, and is not destroyed.
    Forgotten {
        /// Which.
        address: Address,
    },
    /// It exists already, and is taken over; a change of the plan records it.
    Adopted {
        /// Which.
        address: Address,
        /// What identifies it to its provider, as an expression.
        id: Str,
    },
    /// Its record is one of another type from now on; a change of the plan records it.
    Retyped {
        /// Which.
        address: Address,
        /// The type that it was of, with the provider's name.
        from: String,
        /// The type that it is of.
        to: String,
    },
    /// What a provider has made is another name's, or another source's, from now on; changes of the plan record it.
    Called {
        /// The local name that it had.
        from: Str,
        /// The one that it has.
        to: Str,
        /// The source address of what has made it.
        was: Str,
        /// That of the provider that has it.
        is: Str,
    },
}

/// One call of a provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanStep {
    /// The change that it is part of, an index into [`Plan::changes`].
    pub change: u32,
    /// Which part.
    pub operation: Operation,
    /// The steps that must have succeeded before, indices into [`Plan::steps`]; sorted.
    pub after: Vec<u32>,
}

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// Makes the resource.
    Create,
    /// Changes it in place.
    Update,
    /// Destroys it; in a create-first replacement, the old one.
    Delete,
    /// Reads a data source.
    Read,
    /// Only records.
    Record,
    /// Looks at its health until it is seen, or for as long as is said.
    Check,
}

/// A difference between record and reality.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Drift {
    /// Its address.
    pub address: Address,
    /// Its type without the provider's name.
    pub kind: Str,
    /// The same as its provider calls it.
    #[serde(default)]
    pub resource_type: Str,
    /// Who manages it.
    pub provider: ProviderId,
    /// As recorded.
    pub recorded: Value,
    /// As found; null when it is gone.
    pub found: Value,
}

/// An output before and after.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutputChange {
    /// Its name.
    pub name: Str,
    /// As recorded; null when it is new.
    pub before: Value,
    /// Afterwards, with residuals; null when it is removed.
    pub after: Value,
    /// Its type; none when it is removed.
    pub ty: Option<Type>,
    /// Its place in the source; none when it is removed.
    pub place: Option<Place>,
}

/// A condition that waits for a value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlannedCheck {
    /// The condition, with residuals.
    pub condition: Value,
    /// What to say when it does not hold.
    pub message: Value,
    /// The `ensure`.
    pub place: Option<Place>,
}

/// How much was read to make the plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reads {
    /// How many resources were read through their provider.
    pub read: u64,
    /// How many could have been: those that are recorded and managed.
    pub total: u64,
    /// How many were left alone since their fingerprint is as recorded.
    pub unchanged_by_fingerprint: u64,
}

/// The numbers of a plan's summary line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Creations, the second half of replacements among them.
    pub add: u64,
    /// Updates in place.
    pub change: u64,
    /// Destructions, the first half of replacements among them.
    pub destroy: u64,
}

impl Plan {
    /// The version of the format that this version of Syncline writes and reads.
    pub const FORMAT: u32 = 1;

    /// Returns the numbers of the summary line.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for change in &self.changes {
            match change.action {
                Action::Create => counts.add += 1,
                Action::Update => counts.change += 1,
                Action::Delete => counts.destroy += 1,
                Action::Replace | Action::ReplaceCreateFirst => {
                    counts.add += 1;
                    counts.destroy += 1;
                }
                Action::Read | Action::Check | Action::Record => {}
            }
        }
        counts
    }

    /// Tells whether nothing would be done that a user would call a change.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.handovers.is_empty()
            && self.changes.iter().all(Change::is_silent)
            && self.outputs.iter().all(|output| output.before == output.after)
    }
}

impl Serialize for Bytes {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use base64::Engine as _;
        serializer.serialize_str(&base64::engine::general_purpose::STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use base64::Engine as _;
        let text = Str::deserialize(deserializer)?;
        base64::engine::general_purpose::STANDARD
            .decode(text.as_bytes())
            .map(Self)
            .map_err(serde::de::Error::custom)
    }
}
