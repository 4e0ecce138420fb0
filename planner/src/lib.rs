//! Desired and recorded state to a plan, and a plan to events.
//!
//! Takes what an environment desires ([`syncline_model::Desired`]) and the records of its log
//! ([`State::replay`]); returns a [`plan::Plan`] as plain data ([`plan()`]), carries one out
//! ([`execute()`]), and keeps an environment to one run at a time ([`lease`]).
//!
//! It never reads source, a file, the environment or the clock: providers, the log, the language's
//! operations and time come in through traits. It never prints.

mod called;
mod clock;
pub mod configuration;
pub mod diagnostics;
pub mod drift;
mod event;
mod execute;
mod fingerprint;
mod freshness;
mod graph;
pub mod health;
pub mod history;
pub mod lease;
mod leases;
pub mod plan;
mod planning;
mod promises;
mod proposal;
mod providers;
pub mod record;
mod resource_type;
mod state;
mod trigger;
mod values;

pub use called::call_as_now;
pub use clock::{CancelToken, Clock, Stage};
pub use event::{Event, Observer, Silent};
pub use execute::{Execution, Executor, Failure, RunInfo, execute};
pub use fingerprint::{Fingerprints, fingerprints, plan_fingerprint};
pub use freshness::check_fresh;
pub use graph::Dependencies;
pub use planning::{PlanOptions, Planner, Refresh, plan};
pub use providers::{Factory, Origin, ProviderRegistry, Providers, address};
pub use resource_type::to_record as resource_type_to_record;
pub use state::{Entry, Run, State};
