//! Our own providers as plugins: run by Syncline's host, by a client on the library that others run
//! providers with, and by OpenTofu where there is one.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "these are tests, and what they skip is said"
)]

mod client;
mod hosted;
mod support;
mod tofu;
mod versions;
