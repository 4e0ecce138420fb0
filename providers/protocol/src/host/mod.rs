//! Providers of others, unmodified, as processes of their own.
//!
//! Takes the path of an executable that speaks the Terraform plugin protocol (version 5 or 6) and
//! returns a [`syncline_model::Provider`]. Laws:
//!
//! * Nothing is started before something is asked. One [`Host`] is one process, from its first
//!   call to its end; what is not configured yet is handed on to the next one that needs it.
//! * A process ends when its host is dropped, and when Syncline ends in whatever way.
//! * Whatever a provider does (hang, flood, crash, lie), a call comes back with a problem that
//!   names the provider and the call and quotes its last output; memory and time are bounded.
//! * What a provider answers is passed on as it is. Whether it keeps to what it planned is for the
//!   planner to judge, for all providers alike.

mod attached;
mod calls;
mod channel;
mod client;
mod failure;
mod handshake;
mod launch;
mod options;
mod orphan;
mod output;
mod process;
mod provider;
mod restore;
mod schemas;
mod tls;

pub use self::attached::Attached;
pub use self::options::{HostOptions, Level, Limits, LogLine, LogSink};
pub use self::provider::Host;
