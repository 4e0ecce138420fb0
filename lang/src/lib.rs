//! The Syncline language: text to what an environment desires.
//!
//! Takes the text of `.sync` files and what the caller's [`World`] offers; returns syntax trees, a
//! [`Project`], diagnostics and, for an environment, what it desires. Every stage is total: it
//! returns what it could build and everything that is wrong. It never reads a file, a clock or an
//! environment variable.
//!
//! ```text
//! text --parse--> ast::File --resolve--> Project --check--> diagnostics
//!                                            \--evaluate--> Evaluated (Desired, params, lets)
//! ```

mod check;
pub mod diagnostics;
mod eval;
pub mod fmt;
pub mod ide;
#[cfg(test)]
mod mem;
mod near;
pub mod ops;
mod resolve;
pub mod stdlib;
pub mod syntax;
mod testing;

pub use check::check;
pub use eval::{
    DataQuery, Evaluated, EvaluatedMember, Export, FileProblem, FolderEntry, Input, InputValue,
    Inputs, World, evaluate, evaluate_all, evaluate_expression,
};
pub use resolve::{EnvironmentInfo, Project, below, imports, resolve};
pub use testing::{Outcome, literal, test};
