//! Translates Terraform projects and their states.
//!
//! Takes the files of a project in HCL, and states as JSON; returns the files of a Syncline project
//! and what is recorded of its resources, with a list of everything that could not be translated.
//! It reads no disk and calls no provider: schemas come in through [`Schemas`].
//!
//! | module | what it has |
//! | --- | --- |
//! | [`project`] | the one way in: from files to files |
//! | [`source`] | HCL as found: modules and variable files; [`lenient`] joins lines that the parser wants joined, [`json`] makes HCL of variable files in JSON, `configuration` of other ones |
//! | `overrides` | files that change blocks of others, joined with them |
//! | [`names`] | Terraform's many namespaces to one |
//! | [`expression`] | expressions, [`references`] and [`calls`] in them |
//! | [`functions`] | Terraform's functions and the standard library's; [`formats`] has those with verbs |
//! | [`tries`] | `try` and `can`: what may be absent; [`holds`] has what is put together |
//! | [`shapes`] | what an expression gives, as far as that can be seen |
//! | [`convert`] | expressions where a certain type is wanted; [`unify`] says where that is one of several |
//! | [`files`] | functions that read files, and which files the new project needs |
//! | [`template`] | strings and blocks of text |
//! | [`comments`] | comments, where they stood |
//! | [`members`] | variables, locals, resources, modules and outputs as members |
//! | [`handed`] | configurations of providers |
//! | `provisioners` | what to write in the place of provisioners |
//! | `remote` | states of other projects |
//! | [`conditions`] | conditions, and what a `lifecycle` block says |
//! | `imports` | `import` blocks as `adopt` |
//! | [`environments`] | workspaces and variable files as environments |
//! | [`state`] | state files, which `document` reads |
//!
//! Laws: what is not translated is listed with its place and leaves a line that fails `check`;
//! nothing is dropped in silence, comments neither; the same input gives the same output.

pub mod body;
pub mod calls;
pub mod comments;
pub mod conditions;
mod configuration;
pub mod convert;
mod document;
pub mod environments;
pub mod expression;
pub mod files;
pub mod formats;
pub mod functions;
pub mod handed;
pub mod holds;
mod imports;
pub mod issue;
pub mod json;
pub mod lenient;
pub mod members;
pub mod names;
mod overrides;
pub mod project;
mod provisioners;
pub mod references;
mod remote;
pub mod shapes;
pub mod source;
mod spanned;
pub mod state;
pub mod template;
pub mod text;
pub mod tries;
pub mod types;
pub mod unify;

use std::sync::Arc;

use syncline_model::{Mode, ProviderSchema, ResourceSchema};

pub use issue::{Issue, Kind};
pub use project::{Migrated, migrate};
pub use source::{Sources, backend, is_override, is_source, is_variables, local_calls};

/// What is known of providers; where nothing is, a block that occurs once is taken for a record.
pub trait Schemas {
    /// Returns what a provider offers, by its local name.
    fn provider(&self, name: &str) -> Option<Arc<ProviderSchema>>;

    /// Returns the schema of a type.
    fn resource(&self, provider: &str, mode: Mode, kind: &str) -> Option<Arc<ResourceSchema>> {
        self.provider(provider)?.get(mode, kind).cloned()
    }
}

/// Nothing is known.
impl Schemas for () {
    fn provider(&self, _name: &str) -> Option<Arc<ProviderSchema>> {
        None
    }
}
