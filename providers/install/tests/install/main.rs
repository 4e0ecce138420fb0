//! Installation against a registry and a network mirror that run here, over HTTPS with a
//! certificate authority of their own, and against folders.

#![expect(clippy::unwrap_used, reason = "a test fails where it cannot go on")]

mod folders;
mod mirrors;
mod openpgp;
mod registry;
mod server;
mod support;
