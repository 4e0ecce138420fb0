//! Desired and recorded state to a plan, and a plan to events.

pub mod plan;
pub mod record;
