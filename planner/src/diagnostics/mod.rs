//! What can be wrong while an environment is planned or applied.
//!
//! The codes are `E0600` to `E0649`; each is explained at its constant. The functions return the
//! reports; whether there is something to report is decided elsewhere.

mod plans;
mod provider;

use syncline_model::Code;

pub(crate) use plans::{
    Protection, Same, adopted_to_go, check_failed, declared, dependency_cycle, no_probe, not_known,
    protected, same, unhealthy, unknown_address,
};
pub(crate) use provider::{
    Blame, broken_promise, in_doubt, interrupted, invalid_plan, lost, missing_kind, moved,
    newer_schema, problem, stranger, unknown_identity, warned,
};

/// Resources need each other in a circle, so that none can be the first.
pub const DEPENDENCY_CYCLE: Code =
    Code { id: "E0601", summary: "resources depend on each other in a circle" };

/// `--target`, `--exclude` or `--replace` names nothing of the environment.
pub const UNKNOWN_ADDRESS: Code = Code { id: "E0602", summary: "there is no such resource" };

/// A provider refused or failed.
pub const PROVIDER: Code = Code { id: "E0603", summary: "a provider reported a problem" };

/// A recorded resource is of a provider or type that is not known here.
pub const MISSING_KIND: Code = Code { id: "E0604", summary: "the provider does not offer this" };

/// A plan would destroy what `@protect` guards. The command's exit code is that of a refusal.
pub const PROTECTED: Code =
    Code { id: "E0605", summary: "a protected resource would be destroyed" };

/// A provider's apply or second plan does not fit what was approved.
pub const BROKEN_PROMISE: Code =
    Code { id: "E0606", summary: "a provider did not do what it planned" };

/// A resource was recorded by a newer version of its provider.
pub const NEWER_SCHEMA: Code =
    Code { id: "E0607", summary: "the record is of a newer version of the provider" };

/// An `ensure` that waited for values does not hold.
pub const CHECK_FAILED: Code = Code { id: "E0608", summary: "a condition does not hold" };

/// A value is still not known when it is needed.
pub const NOT_KNOWN: Code = Code { id: "E0609", summary: "a value is not known when it is needed" };

/// A run was killed while it made something, and its provider cannot tell what came of it.
pub const INTERRUPTED: Code =
    Code { id: "W0610", summary: "an interrupted run may have left something behind" };

/// A resource was changed, or has gone, between plan and apply.
pub const MOVED: Code =
    Code { id: "E0611", summary: "a resource is not as it was when its change was planned" };

/// A run could not renew its lease in time and starts nothing any more.
pub const LOST: Code = Code { id: "E0612", summary: "a run may have lost its environment" };

/// A provider plans what the configuration does not ask for.
pub const INVALID_PLAN: Code =
    Code { id: "E0613", summary: "a provider planned what is not configured" };

/// What was made does not work, or not yet.
pub const UNHEALTHY: Code = Code { id: "E0614", summary: "a resource is not healthy" };

/// Two addresses are of one thing in the world.
pub const SAME: Code = Code { id: "W0615", summary: "two resources are one and the same" };

/// What is recorded was made by a provider that the project does not name.
pub const STRANGER: Code =
    Code { id: "E0616", summary: "the provider that made a resource is not in the project" };

/// What `adopt` takes over cannot become what is configured without being destroyed.
pub const ADOPTED_TO_GO: Code =
    Code { id: "W0617", summary: "what is adopted would be destroyed and made anew" };

/// Every code of this crate.
pub const ALL: &[Code] = &[
    DEPENDENCY_CYCLE,
    UNKNOWN_ADDRESS,
    PROVIDER,
    MISSING_KIND,
    PROTECTED,
    BROKEN_PROMISE,
    NEWER_SCHEMA,
    CHECK_FAILED,
    NOT_KNOWN,
    INTERRUPTED,
    MOVED,
    LOST,
    INVALID_PLAN,
    UNHEALTHY,
    SAME,
    STRANGER,
    ADOPTED_TO_GO,
];
