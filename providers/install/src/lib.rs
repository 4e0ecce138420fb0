//! Finds, checks and keeps the programs of external providers.
//!
//! Takes which providers a project asks for and what its lock file says; returns where each one's
//! program is. It owns its part of the disk (mirrors, the shared cache, the lock file) and of the
//! network (registries, network mirrors) and knows nothing of sources, schemas or plans.
//!
//! | module | what it has |
//! | --- | --- |
//! | [`address`] | addresses of providers, platforms |
//! | [`version`] | versions and constraints |
//! | [`settings`] | environment variables and configuration files |
//! | [`installer`] | the one way in: from a request to a program |
//! | [`fill`] | filling a mirror |
//! | [`lock`] | the lock file |
//! | [`hash`], [`signature`] | what a package is trusted by |
//!
//! Laws: offline first (what is locked and in the cache asks no one); nothing is started, unpacked
//! or kept that does not have the hash that its registry, its mirror and the lock file say; a folder
//! of the cache is whole or absent, whoever runs beside.

pub mod address;
mod archive;
mod blocks;
mod cache;
pub mod credentials;
mod error;
pub mod fetch;
pub mod fill;
mod folder;
pub mod hash;
pub mod installer;
pub mod lock;
mod network;
mod place;
mod registry;
pub mod settings;
pub mod signature;
pub mod version;

pub use address::{Platform, Source, SourceError, TERRAFORM_HOST};
pub use error::{Error, Looked};
pub use installer::{Event, Installed, Installer, Observer, Request};
pub use lock::{LockFile, Locked};
pub use place::{Place, Trust};
pub use settings::Settings;
pub use version::{Constraints, Version};
