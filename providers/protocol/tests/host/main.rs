//! The host, against providers that run as processes of their own.
//!
//! `cargo xtask test` builds the providers; a test whose provider is not there says so and passes.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "these are tests, and what they skip is said"
)]

mod faults;
mod fixture;
mod legacy;
mod lifecycle;
mod support;
mod transport;
