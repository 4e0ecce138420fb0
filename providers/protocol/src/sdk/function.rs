//! Functions: what an author gives users to compute with.
//!
//! Takes a description, parameters and a body; [`super::ProviderBuilder::function`] offers it. A body gets as
//! many arguments as there are parameters, none of them null or unknown unless its parameter says so.
//!
//! Law: a function is pure. The same arguments give the same result, whenever and wherever it is called.
//!
//! ```
//! use syncline_model::{Type, Value};
//! use syncline_protocol::sdk::{Function, ProviderBuilder, argument};
//!
//! let double = Function::new("Doubles a number.", Type::Int, |arguments| {
//!     let number = arguments[0].as_i64();
//!     let double = number.and_then(|number| number.checked_mul(2));
//!     double.map(Value::from).ok_or_else(|| argument(0, "the number is too large", ""))
//! })
//! .parameter("number", Type::Int, "What is doubled.");
//! let provider = ProviderBuilder::new("arithmetic", "1.0.0").function("double", double).build();
//! # let _ = provider;
//! ```

use syncline_model::{FunctionParameter, FunctionSchema, Path, Problem, Type, Value};

use super::answer::guard;

type Body = Box<dyn Fn(&[Value]) -> Result<Value, Problem> + Send + Sync>;

/// A function that a provider offers.
pub struct Function {
    pub(super) schema: FunctionSchema,
    body: Body,
}

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Function").field(&self.schema).finish()
    }
}

/// Returns the problem that an argument is to blame for, counted from 0.
#[must_use]
pub fn argument(at: usize, summary: impl Into<String>, detail: impl Into<String>) -> Problem {
    Problem::error(summary, detail).at(Path::default().index(at))
}

impl Function {
    /// Returns a function without parameters.
    #[must_use]
    pub fn new(
        description: &str,
        returns: Type,
        body: impl Fn(&[Value]) -> Result<Value, Problem> + Send + Sync + 'static,
    ) -> Self {
        let description = description.into();
        let schema = FunctionSchema {
            parameters: Vec::new(),
            variadic: None,
            returns,
            description,
            deprecated: None,
        };
        Self { schema, body: Box::new(body) }
    }

    /// Adds a parameter.
    #[must_use]
    pub fn parameter(mut self, name: &str, ty: Type, description: &str) -> Self {
        self.schema.parameters.push(parameter(name, ty, description));
        self
    }

    /// Lets the last parameter be null.
    #[must_use]
    pub fn nullable(mut self) -> Self {
        if let Some(last) = self.last() {
            last.nullable = true;
        }
        self
    }

    /// Lets what is not known yet be given for the last parameter; else it is waited for.
    #[must_use]
    pub fn unknowns(mut self) -> Self {
        if let Some(last) = self.last() {
            last.allows_unknown = true;
        }
        self
    }

    /// Takes any number of arguments behind the parameters.
    #[must_use]
    pub fn variadic(mut self, name: &str, ty: Type, description: &str) -> Self {
        self.schema.variadic = Some(parameter(name, ty, description));
        self
    }

    /// Says what to use in its place.
    #[must_use]
    pub fn deprecated(mut self, instead: &str) -> Self {
        self.schema.deprecated = Some(instead.into());
        self
    }

    fn last(&mut self) -> Option<&mut FunctionParameter> {
        let Self { schema: FunctionSchema { parameters, variadic, .. }, .. } = self;
        variadic.as_mut().or_else(|| parameters.last_mut())
    }

    /// Calls it, when the arguments are what it takes.
    pub(super) fn call(&self, arguments: &[Value]) -> Result<Value, Problem> {
        let fixed = self.schema.parameters.len();
        let too_many = arguments.len() > fixed && self.schema.variadic.is_none();
        if arguments.len() < fixed || too_many {
            let detail = format!("It takes {fixed}, and {} are given.", arguments.len());
            return Err(Problem::error("the number of arguments is wrong", detail));
        }
        for (at, value) in arguments.iter().enumerate() {
            let Some(parameter) = self.schema.parameter(at) else { continue };
            let name = &parameter.name;
            if value.is_null() && !parameter.nullable {
                return Err(argument(at, format!("`{name}` must not be null"), ""));
            }
            if !value.is_known() && !parameter.allows_unknown {
                return Err(argument(at, format!("`{name}` is not known yet"), ""));
            }
        }
        match guard(|| (self.body)(arguments)) {
            Ok(answer) => answer,
            Err(mut failure) => Err(failure.problems.swap_remove(0)),
        }
    }
}

fn parameter(name: &str, ty: Type, description: &str) -> FunctionParameter {
    let (name, description) = (name.into(), description.into());
    FunctionParameter { name, ty, description, nullable: false, allows_unknown: false }
}
