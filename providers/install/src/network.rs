//! Network mirrors.
//!
//! Takes a mirror's address and returns what it has, by the provider network mirror protocol:
//! `HOST/NAMESPACE/TYPE/index.json` and `VERSION.json` beside it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::fetch::{Client, join};
use crate::place::{Package, Remote, Trust};
use crate::{Error, Platform, Source, Version};

#[derive(Deserialize)]
struct Index {
    versions: BTreeMap<String, serde_json::Value>,
}

#[derive(Deserialize)]
struct Archives {
    archives: BTreeMap<String, Archive>,
}

#[derive(Deserialize)]
struct Archive {
    url: String,
    #[serde(default)]
    hashes: Vec<String>,
}

/// Returns a JSON document and where it came from.
pub(crate) fn document<T: DeserializeOwned>(
    client: &Client,
    url: &str,
) -> Result<Option<(T, String)>, Error> {
    let Some(answer) = client.get(url)? else { return Ok(None) };
    let document = serde_json::from_slice(&answer.body)
        .map_err(|error| Error::network(url, format!("the answer is not understood: {error}")))?;
    Ok(Some((document, answer.url)))
}

pub(crate) fn versions(
    mirror: &str,
    source: &Source,
    client: &Client,
) -> Result<Vec<Version>, Error> {
    let url = format!("{mirror}{}/index.json", source);
    let index: Option<(Index, String)> = document(client, &url)?;
    let versions = index.map(|(index, _)| index.versions).unwrap_or_default();
    let mut versions: Vec<Version> = versions.keys().filter_map(|text| text.parse().ok()).collect();
    versions.sort();
    Ok(versions)
}

pub(crate) fn package(
    mirror: &str,
    source: &Source,
    version: &Version,
    platform: &Platform,
    client: &Client,
) -> Result<Option<Package>, Error> {
    let url = format!("{mirror}{source}/{version}.json");
    let Some((mut found, from)) = document::<Archives>(client, &url)? else { return Ok(None) };
    let Some(own) = found.archives.remove(&platform.to_string()) else { return Ok(None) };
    let hashes =
        |archive: &Archive| archive.hashes.iter().filter_map(|hash| hash.parse().ok()).collect();
    let expected: Vec<_> = hashes(&own);
    let trust = if expected.is_empty() { Trust::Place } else { Trust::Checksum };
    Ok(Some(Package::Remote(Remote {
        url: join(&from, &own.url),
        expected,
        others: found.archives.values().flat_map(hashes).collect(),
        trust,
    })))
}
