//! Values that are known only after an apply, as plain data.
//!
//! An unknown is the expression that is left when all that is known has been computed away: it
//! says what is waited for and what will be done with it. It is the language that makes and
//! computes such residuals, but they live here so that a plan can carry them, a fingerprint can
//! hash them, and apply can fill them in without reading any source.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{
    Address, Diagnostic, EnvironmentName, Path, Problem, ProviderSchema, Str, Type, Value,
};

/// A value that is known only after an apply.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Unknown {
    /// The type that it will have.
    pub ty: Type,
    /// What it will be.
    pub residual: Residual,
}

/// The expression that is left.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Residual {
    /// What a resource or a data source will have at a path.
    Attribute {
        /// Which resource.
        address: Address,
        /// Where in it; empty for all of it.
        path: Path,
    },
    /// What another environment will have as an output once it is applied.
    Output {
        /// Which environment.
        environment: EnvironmentName,
        /// The output's name.
        name: Str,
        /// Where in it; empty for all of it.
        path: Path,
    },
    /// The provider's own: it says that it will know after its apply. Only in planned values.
    Provider,
    /// A variable of an enclosing [`Residual::Each`], by number.
    Local(u32),
    /// An operation of the language on operands of which at least one is unknown.
    Apply {
        /// The operation's name; the language knows what it means.
        operation: Str,
        /// Its operands.
        operands: Vec<Value>,
    },
    /// A comprehension over an unknown collection.
    Each(Box<Each>),
}

/// A comprehension over an unknown collection.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Each {
    /// The collection.
    pub source: Value,
    /// The number of the variable that holds the key or index.
    pub key_local: u32,
    /// The number of the variable that holds the element.
    pub value_local: u32,
    /// Which elements are taken; all when absent.
    pub condition: Option<Value>,
    /// The key of each entry; the result is a map when present, else a list.
    pub key: Option<Value>,
    /// The value of each entry.
    pub value: Value,
}

impl Unknown {
    /// Returns what a resource or a data source will have at a path.
    #[must_use]
    pub fn attribute(ty: Type, address: &Address, path: Path) -> Value {
        let residual = Residual::Attribute { address: address.clone(), path };
        Value::Unknown(Arc::new(Self { ty, residual }))
    }

    /// Adds to `into` every resource that the value waits for.
    pub fn waits_for(&self, into: &mut Vec<Address>) {
        self.each_residual(&mut |residual| waited_for(residual, into));
    }

    /// Calls `visit` for what is left of the expression, and then for what is left within it, in order of appearance.
    pub fn each_residual(&self, visit: &mut dyn FnMut(&Residual)) {
        visit(&self.residual);
        match &self.residual {
            Residual::Attribute { .. }
            | Residual::Output { .. }
            | Residual::Provider
            | Residual::Local(_) => {}
            Residual::Apply { operands, .. } => {
                operands.iter().for_each(|own| own.each_residual(visit));
            }
            Residual::Each(each) => {
                let parts = [Some(&each.source), Some(&each.value)].into_iter();
                let parts = parts.chain([each.condition.as_ref(), each.key.as_ref()]);
                parts.flatten().for_each(|own| own.each_residual(visit));
            }
        }
    }
}

fn waited_for(residual: &Residual, into: &mut Vec<Address>) {
    if let Residual::Attribute { address, .. } = residual {
        into.push(address.clone());
    }
}

impl Value {
    /// Adds to `into` every output of another environment that something unknown in the value waits
    /// for, in order of appearance, duplicates included.
    pub fn waits_for_outputs(&self, into: &mut Vec<(EnvironmentName, Str)>) {
        self.each_residual(&mut |residual| {
            if let Residual::Output { environment, name, .. } = residual {
                into.push((environment.clone(), name.clone()));
            }
        });
    }

    /// Adds to `into` every resource that something unknown in the value waits for, in order of
    /// appearance, duplicates included.
    pub fn waits_for(&self, into: &mut Vec<Address>) {
        self.each_residual(&mut |residual| waited_for(residual, into));
    }

    /// Calls `visit` for everything that is left of an expression in the value, in order of appearance.
    pub fn each_residual(&self, visit: &mut dyn FnMut(&Residual)) {
        match self {
            Self::Unknown(unknown) => unknown.each_residual(visit),
            Self::List(items) | Self::Set(items) => {
                items.iter().for_each(|item| item.each_residual(visit));
            }
            Self::Map(map) => map.values().for_each(|value| value.each_residual(visit)),
            Self::Secret(secret) => {
                if let crate::Secret::Clear(value) = &**secret {
                    value.each_residual(visit);
                }
            }
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::String(_) | Self::Quantity(_) => {}
        }
    }
}

/// Calls functions that providers offer; implemented by whoever has the providers, and called while an environment
/// is evaluated, planned and applied.
pub trait Functions: Send + Sync {
    /// Returns what a provider offers, by its local name.
    fn schema(&self, provider: &str) -> Option<Arc<ProviderSchema>>;

    /// Calls a function; the same arguments may be answered without asking again. The arguments are without marks.
    ///
    /// # Errors
    /// What the provider says; its path is the index of the argument that is to blame.
    fn call(&self, provider: &str, function: &str, arguments: &[Value]) -> Result<Value, Problem>;
}

/// Computes residuals; implemented by the language, called by the planner and the executor.
pub trait Resolve: Send + Sync {
    /// Returns `value` with every residual computed as far as `lookup` allows.
    ///
    /// `lookup` returns all attributes of a resource or data source as one map (which may hold
    /// unknowns), or `None` when nothing is known of it yet; what waits for that stays unknown.
    /// What is computed from a secret is secret.
    ///
    /// # Errors
    /// The diagnostic of an operation that fails on the values that have become known, such as a
    /// missing key or a type that does not fit.
    fn resolve(
        &self,
        value: &Value,
        lookup: &dyn Fn(&Address) -> Option<Value>,
    ) -> Result<Value, Box<Diagnostic>>;
}
