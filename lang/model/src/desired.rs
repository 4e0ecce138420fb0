//! What an environment desires: the front end's result and the planner's input.

use serde::{Deserialize, Serialize};

use crate::{Address, EnvironmentName, Origin, Origins, Path, Span, Str, Type, Value};

/// What an environment desires.
#[derive(Clone, Debug)]
pub struct Desired {
    /// The environment.
    pub environment: EnvironmentName,
    /// Managed resources and data sources, sorted by address.
    pub resources: Vec<DesiredResource>,
    /// The providers that they use, sorted by id, each with its configuration.
    pub providers: Vec<DesiredProvider>,
    /// The outputs, sorted by name.
    pub outputs: Vec<DesiredOutput>,
    /// Conditions that could not be decided yet; those that could are decided.
    pub checks: Vec<DesiredCheck>,
    /// What was called otherwise, is let go, or is taken over; in the order of the source.
    pub handovers: Vec<Handover>,
    /// What it reads of other environments, sorted by environment and name.
    pub reads: Vec<OutputRead>,
}

/// An output of another environment that is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputRead {
    /// Whose.
    pub environment: EnvironmentName,
    /// Its name.
    pub name: Str,
    /// The first reference in the source.
    pub span: Span,
    /// What is known of it.
    pub found: Found,
}

/// What is known of another environment's output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Its value.
    Known,
    /// Its value as it was applied; the source says another one by now.
    Outdated,
    /// Nothing that could be used: the environment has not been applied, or not with this output.
    Nothing,
}

/// What the source says about records, rather than about resources.
#[derive(Clone, Debug, PartialEq)]
pub struct Handover {
    /// What it does.
    pub kind: HandoverKind,
    /// A resource, an instance of one, or a unit with all that is in it.
    pub address: Address,
    /// Where it says so.
    pub span: Span,
}

/// The kinds of handover.
#[derive(Clone, Debug, PartialEq)]
pub enum HandoverKind {
    /// It has another address from now on.
    Moved {
        /// Which.
        to: Address,
    },
    /// It is managed no more, and is not destroyed.
    Forget,
    /// It exists already, and is taken over.
    Adopt {
        /// What identifies it to its provider: a string, or a map of attributes; it may be unknown.
        id: Value,
    },
}

impl Desired {
    /// Returns the resource at an address.
    #[must_use]
    pub fn get(&self, address: &Address) -> Option<&DesiredResource> {
        let at = self.resources.binary_search_by(|own| own.address.cmp(address)).ok()?;
        Some(&self.resources[at])
    }
}

/// Managed, only read, or open for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Created, updated and destroyed.
    Managed,
    /// Read.
    Data,
    /// Opened for a run and closed after it; never recorded.
    Ephemeral,
}

impl Mode {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Managed, Self::Data, Self::Ephemeral];

    /// Returns the keyword that declares one.
    #[must_use]
    pub const fn keyword(self) -> &'static str {
        match self {
            Self::Managed => "resource",
            Self::Data => "data",
            Self::Ephemeral => "ephemeral",
        }
    }

    /// Returns what a keyword declares.
    #[must_use]
    pub fn of_keyword(keyword: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.keyword() == keyword)
    }

    /// Returns what one is called.
    #[must_use]
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Managed => "resource",
            Self::Data => "data source",
            Self::Ephemeral => "ephemeral resource",
        }
    }
}

/// A configuration of a provider: `aws`, or `aws.us` for an alias.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ProviderId {
    /// The provider's local name.
    pub name: Str,
    /// Which of several configurations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<Str>,
}

impl std::fmt::Display for ProviderId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.alias {
            Some(alias) => write!(f, "{}.{alias}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

/// A resource or data source, as it should be.
#[derive(Clone, Debug)]
pub struct DesiredResource {
    /// Its address.
    pub address: Address,
    /// Managed or data.
    pub mode: Mode,
    /// Its type without the provider's name: `file`.
    pub kind: Str,
    /// Who manages it. The type as written is `provider.name` and `kind`, joined by `.`.
    pub provider: ProviderId,
    /// Its configuration: a map of what the source sets (nulls included), checked against the
    /// schema, with unknowns.
    pub config: Value,
    /// What it refers to or is put after, sorted by address, without duplicates.
    pub depends_on: Vec<Edge>,
    /// How it is treated.
    pub lifecycle: Lifecycle,
    /// What is looked at once it was made or changed, before anything that depends on it: one map for each
    /// `@health`, with unknowns; those of the resource itself among them.
    pub health: Vec<Value>,
    /// Where it is declared.
    pub span: Span,
    /// Where its attributes come from.
    pub origins: Origins,
}

impl DesiredResource {
    /// Returns the type as written: `local.file`.
    #[must_use]
    pub fn type_name(&self) -> String {
        format!("{}.{}", self.provider.name, self.kind)
    }
}

/// A dependency on another resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// On which.
    pub to: Address,
    /// The reference in the source.
    pub span: Span,
}

/// How a resource is treated: its annotations. Most resources have none, and take no room for them.
#[derive(Clone, Default)]
pub struct Lifecycle(Option<Box<Treatment>>);

impl std::ops::Deref for Lifecycle {
    type Target = Treatment;

    fn deref(&self) -> &Treatment {
        static NONE: Treatment = Treatment::NONE;
        self.0.as_deref().unwrap_or(&NONE)
    }
}

impl std::ops::DerefMut for Lifecycle {
    fn deref_mut(&mut self) -> &mut Treatment {
        self.0.get_or_insert_default()
    }
}

impl std::fmt::Debug for Lifecycle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        (**self).fmt(f)
    }
}

impl PartialEq for Lifecycle {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Lifecycle {}

impl From<Treatment> for Lifecycle {
    fn from(treatment: Treatment) -> Self {
        Self((treatment != Treatment::NONE).then(|| Box::new(treatment)))
    }
}

impl Serialize for Lifecycle {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Lifecycle {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Treatment::deserialize(deserializer).map(Self::from)
    }
}

/// What annotations say of how a resource is treated.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Treatment {
    /// `@protect`: refuse to destroy it.
    #[serde(default)]
    pub protect: bool,
    /// `@ignore(path, ...)`: changes of these are not looked at.
    #[serde(default)]
    pub ignore: Vec<Path>,
    /// `@replace(create_first)`: a replacement is made before the old one is destroyed.
    #[serde(default)]
    pub create_first: bool,
    /// `@replace_with(x, y.attribute)`: it is replaced where one of these changes. Sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replace_with: Vec<Trigger>,
    /// `@timeout(create = 30m)`: for how long a change may take, in milliseconds.
    #[serde(default, skip_serializing_if = "Timeouts::is_empty")]
    pub timeouts: Timeouts,
}

impl Treatment {
    /// That of a resource without annotations.
    pub const NONE: Self = Self {
        protect: false,
        ignore: Vec::new(),
        create_first: false,
        replace_with: Vec::new(),
        timeouts: Timeouts::NONE,
    };
}

/// A resource, or an attribute of it, whose change replaces another one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Trigger {
    /// The resource.
    pub to: Address,
    /// The attribute, or a part of it; empty for the whole resource, whatever is done to it but a destroy.
    #[serde(default, skip_serializing_if = "Path::is_empty")]
    pub path: Path,
}

/// For how long changes of a resource may take, in milliseconds; as long as its provider lets them where nothing is
/// said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Timeouts {
    /// A create.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub create: Option<u64>,
    /// An update in place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update: Option<u64>,
    /// A destroy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delete: Option<u64>,
}

impl Timeouts {
    /// Nothing is said.
    pub const NONE: Self = Self { create: None, update: None, delete: None };

    /// Tells whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::NONE
    }
}

/// A provider's configuration, as it should be.
#[derive(Clone, Debug)]
pub struct DesiredProvider {
    /// Which.
    pub id: ProviderId,
    /// Its source address, `hashicorp/random`; empty for a built-in one.
    pub source: Str,
    /// The version constraint of the project; empty for any.
    pub version: Str,
    /// Its configuration: a map of what the source sets, with unknowns.
    pub config: Value,
    /// Where it is declared, if it is.
    pub span: Option<Span>,
    /// Where its attributes come from.
    pub origins: Origins,
}

/// An output.
#[derive(Clone, Debug)]
pub struct DesiredOutput {
    /// Its name.
    pub name: Str,
    /// Its value, with unknowns.
    pub value: Value,
    /// Its type.
    pub ty: Type,
    /// The `///` text above it.
    pub doc: Str,
    /// Where it is declared or was amended last.
    pub origin: Origin,
}

/// A condition that waits for a value.
#[derive(Clone, Debug)]
pub struct DesiredCheck {
    /// The condition, unknown.
    pub condition: Value,
    /// What to say when it does not hold; may be unknown.
    pub message: Value,
    /// The `ensure`.
    pub origin: Origin,
}
