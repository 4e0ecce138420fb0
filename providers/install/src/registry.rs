//! Provider registries.
//!
//! Takes a provider's address and asks the registry that it names, by the provider registry
//! protocol: service discovery, the list of versions, the package of one, the file of checksums
//! and its signature. Law: a package is believed only when its checksum is in the file of checksums
//! and, where the registry names keys, one of them has signed that file.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde::Deserialize;

use crate::fetch::{Client, join};
use crate::hash::{self, Hash};
use crate::network::document;
use crate::place::{Package, Remote, Trust};
use crate::{Error, Platform, Source, Version, signature};

#[derive(Deserialize)]
struct Versions {
    #[serde(default)]
    versions: Option<Vec<VersionEntry>>,
}

#[derive(Deserialize)]
struct VersionEntry {
    version: String,
    #[serde(default)]
    protocols: Vec<String>,
    #[serde(default)]
    platforms: Vec<PlatformEntry>,
}

#[derive(Deserialize)]
struct PlatformEntry {
    os: String,
    arch: String,
}

#[derive(Deserialize)]
struct Download {
    filename: String,
    download_url: String,
    shasum: String,
    #[serde(default)]
    shasums_url: String,
    #[serde(default)]
    shasums_signature_url: String,
    #[serde(default)]
    signing_keys: Keys,
}

#[derive(Default, Deserialize)]
struct Keys {
    #[serde(default)]
    gpg_public_keys: Option<Vec<Key>>,
}

#[derive(Deserialize)]
struct Key {
    #[serde(default)]
    key_id: String,
    ascii_armor: String,
}

/// The registries, each discovered once.
#[derive(Debug)]
pub(crate) struct Registries {
    pub(crate) client: Client,
    services: Mutex<BTreeMap<String, String>>,
}

impl Registries {
    pub(crate) fn new(client: Client) -> Self {
        Self { client, services: Mutex::default() }
    }

    /// Returns the address of a host's provider registry, with `/` at its end.
    fn service(&self, host: &str) -> Result<String, Error> {
        let services = || self.services.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = services().get(host) {
            return Ok(known.clone());
        }
        let url = format!("https://{host}/.well-known/terraform.json");
        let found: Option<(BTreeMap<String, serde_json::Value>, String)> =
            document(&self.client, &url)?;
        let none = || Error::network(&url, "the host has no provider registry");
        let (found, from) = found.ok_or_else(none)?;
        let service = found.get("providers.v1").and_then(|own| own.as_str()).ok_or_else(none)?;
        let mut service = join(&from, service);
        if !service.ends_with('/') {
            service.push('/');
        }
        services().insert(host.to_owned(), service.clone());
        Ok(service)
    }

    /// Returns the versions that can be used here, sorted.
    pub(crate) fn versions(
        &self,
        source: &Source,
        platform: &Platform,
    ) -> Result<Vec<Version>, Error> {
        let service = self.service(&source.host)?;
        let url = format!("{service}{}/{}/versions", source.namespace, source.kind);
        let found: Option<(Versions, String)> = document(&self.client, &url)?;
        let found = found.and_then(|(found, _)| found.versions).unwrap_or_default();
        let understood = |own: &str| own.starts_with("5.") || own.starts_with("6.");
        let usable = |entry: &&VersionEntry| {
            let here = |own: &PlatformEntry| own.os == platform.os && own.arch == platform.arch;
            (entry.platforms.is_empty() || entry.platforms.iter().any(here))
                && (entry.protocols.is_empty() || entry.protocols.iter().any(|own| understood(own)))
        };
        let mut versions: Vec<Version> =
            found.iter().filter(usable).filter_map(|entry| entry.version.parse().ok()).collect();
        versions.sort();
        Ok(versions)
    }

    /// Returns what the registry vouches for.
    pub(crate) fn package(
        &self,
        source: &Source,
        version: &Version,
        platform: &Platform,
    ) -> Result<Option<Package>, Error> {
        let service = self.service(&source.host)?;
        let url = format!(
            "{service}{}/{}/{version}/download/{}/{}",
            source.namespace, source.kind, platform.os, platform.arch
        );
        let Some((found, from)) = document::<Download>(&self.client, &url)? else {
            return Ok(None);
        };
        let own = Hash::archive(&found.shasum);
        let (others, trust) = self.checksums(&found, &from)?;
        Ok(Some(Package::Remote(Remote {
            url: join(&from, &found.download_url),
            expected: vec![own],
            others,
            trust,
        })))
    }

    /// Checks the file of checksums and returns what it says of every platform.
    fn checksums(&self, found: &Download, from: &str) -> Result<(Vec<Hash>, Trust), Error> {
        let untrusted = |why: String| Error::Untrusted { what: found.filename.clone(), why };
        if found.shasums_url.is_empty() {
            return Err(untrusted("the registry names no file of checksums".to_owned()));
        }
        let fetch = |relative: &str| {
            let url = join(from, relative);
            let answer = self.client.get(&url)?;
            answer.map(|answer| answer.body).ok_or_else(|| Error::network(&url, "there is nothing"))
        };
        let sums = fetch(&found.shasums_url)?;
        let keys = found.signing_keys.gpg_public_keys.as_deref().unwrap_or_default();
        let trust = if keys.is_empty() {
            Trust::Checksum
        } else {
            let made = fetch(&found.shasums_signature_url)?;
            let armoured: Vec<String> = keys.iter().map(|key| key.ascii_armor.clone()).collect();
            signature::verify(&armoured, &sums, &made).map_err(|why| {
                untrusted(format!("the signature of its checksums cannot be verified: {why}"))
            })?;
            Trust::Signed { key: keys[0].key_id.clone() }
        };
        let mut others = Vec::new();
        let mut listed = false;
        for line in String::from_utf8_lossy(&sums).lines() {
            let Some((digest, name)) = line.split_once(char::is_whitespace) else { continue };
            let name = name.trim_start().trim_start_matches('*');
            if name == found.filename {
                listed = digest.eq_ignore_ascii_case(&found.shasum);
            } else if name.ends_with(".zip") {
                others.push(Hash::archive(digest));
            }
        }
        if listed {
            Ok((others, trust))
        } else {
            Err(untrusted("the file of checksums has another checksum for it".to_owned()))
        }
    }
}

/// Fails unless an archive is what its place says.
pub(crate) fn expect(url: &str, expected: &[Hash], got: &[Hash]) -> Result<(), Error> {
    if expected.is_empty() || got.iter().any(|hash| expected.contains(hash)) {
        return Ok(());
    }
    let list =
        |hashes: &[Hash]| hashes.iter().map(hash::Hash::as_str).collect::<Vec<_>>().join(" or ");
    Err(Error::Untrusted {
        what: url.to_owned(),
        why: format!("it is {} and should be {}", list(got), list(expected)),
    })
}
