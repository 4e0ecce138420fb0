//! Saved plans.
//!
//! A plan file is one JSON document on one line:
//!
//! | field | what |
//! | --- | --- |
//! | `syncline_plan` | the version of this format: [`FORMAT`] |
//! | `syncline` | the version of Syncline that wrote it |
//! | `environment` | whose plan it is |
//! | `fingerprint` | the plan's fingerprint, as shown with the plan: what an approval names |
//! | `checksum` | BLAKE3-256 over `syncline plan 1` and a line feed, the fingerprint's 32 bytes, and the bytes of `plan` as they stand in the file |
//! | `plan` | the plan, secrets and private bytes sealed |
//!
//! Equal plans give equal files, but for the nonces of sealed secrets. The file has mode 0600 and is
//! written as a whole or not at all. The checksum finds damage and careless edits; it is no
//! signature.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use syncline_model::{Digest, EnvironmentName, Str};
use syncline_planner::plan::Plan;

use crate::{Seal, SealError, codec, private, sealing};

/// The version of the format that is written and read.
pub const FORMAT: u32 = 1;

/// A plan as it was saved.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedPlan {
    /// The plan, its secrets in clear, inside their marks.
    pub plan: Plan,
    /// Its fingerprint.
    pub fingerprint: Digest,
}

/// Why a plan could not be saved or read.
#[derive(Debug, thiserror::Error)]
pub enum PlanFileError {
    /// The file could not be read or written.
    #[error("the plan file {} could not be {doing}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// `read` or `written`.
        doing: &'static str,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// Its end is missing.
    #[error("the plan file {} is cut off: make the plan again", path.display())]
    Truncated {
        /// The file.
        path: PathBuf,
    },
    /// It is something else.
    #[error("{} is not a plan file: {reason}", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// It is not what was written.
    #[error("the plan file {} was changed after it was written: make the plan again", path.display())]
    Edited {
        /// The file.
        path: PathBuf,
    },
    /// A newer version wrote it.
    #[error(
        "the plan file {} has format {found}, and this version of Syncline reads up to {known}",
        path.display()
    )]
    Format {
        /// The file.
        path: PathBuf,
        /// The format found.
        found: u32,
        /// The newest known.
        known: u32,
    },
    /// The plan cannot be written as JSON.
    #[error("the plan cannot be saved: {reason}")]
    Encode {
        /// Why.
        reason: String,
    },
    /// A secret in it could not be sealed or opened.
    #[error("the plan file {}: {source}", path.display())]
    Seal {
        /// The file.
        path: PathBuf,
        /// Why.
        source: SealError,
    },
}

#[derive(Serialize)]
struct Written<'a> {
    syncline_plan: u32,
    syncline: &'a Str,
    environment: &'a EnvironmentName,
    fingerprint: Digest,
    checksum: Digest,
    plan: Box<RawValue>,
}

#[derive(Deserialize)]
struct Version {
    syncline_plan: u32,
}

#[derive(Deserialize)]
struct Found<'a> {
    fingerprint: Digest,
    checksum: Digest,
    #[serde(borrow)]
    plan: &'a RawValue,
}

/// Saves a plan.
///
/// # Errors
/// [`PlanFileError::File`], [`PlanFileError::Encode`] or [`PlanFileError::Seal`].
pub fn write(
    path: &Path,
    plan: &Plan,
    fingerprint: Digest,
    seal: &dyn Seal,
) -> Result<(), PlanFileError> {
    let encode = |error: serde_json::Error| PlanFileError::Encode { reason: error.to_string() };
    let sealed = sealing::seal_plan(plan, seal)
        .map_err(|source| PlanFileError::Seal { path: path.to_owned(), source })?;
    let body = serde_json::value::to_raw_value(&sealed).map_err(encode)?;
    if codec::depth(body.get().as_bytes()) > codec::DEPTH {
        let reason = format!("a value in it is nested more than {} levels deep", codec::DEPTH);
        return Err(PlanFileError::Encode { reason });
    }
    let written = Written {
        syncline_plan: FORMAT,
        syncline: &plan.syncline,
        environment: &plan.environment,
        fingerprint,
        checksum: checksum(&fingerprint, &body),
        plan: body,
    };
    let mut bytes = serde_json::to_vec(&written).map_err(encode)?;
    bytes.push(b'\n');
    private::replace(path, &bytes).map_err(|source| PlanFileError::File {
        path: path.to_owned(),
        doing: "written",
        source,
    })
}

/// A plan file, read once: what it says in clear, and what is sealed with keys that depend on that.
#[derive(Debug)]
pub struct PlanFile {
    path: PathBuf,
    bytes: Vec<u8>,
    /// Whose plan it holds.
    pub environment: EnvironmentName,
}

impl PlanFile {
    /// Reads a file, which may be a pipe.
    ///
    /// # Errors
    /// A [`PlanFileError`] that says what is wrong with it; nothing sealed is opened.
    pub fn open(path: &Path) -> Result<Self, PlanFileError> {
        #[derive(Deserialize)]
        struct Named {
            environment: EnvironmentName,
        }
        let bytes = bytes(path)?;
        let named: Named =
            serde_json::from_slice(&bytes).map_err(|error| malformed(path, &error))?;
        Ok(Self { path: path.to_owned(), bytes, environment: named.environment })
    }

    /// Returns the plan.
    ///
    /// # Errors
    /// As [`read`].
    pub fn read(&self, seal: &dyn Seal) -> Result<SavedPlan, PlanFileError> {
        plan(&self.path, &self.bytes, seal)
    }
}

/// Reads a saved plan.
///
/// # Errors
/// A [`PlanFileError`] that says what is wrong with the file.
pub fn read(path: &Path, seal: &dyn Seal) -> Result<SavedPlan, PlanFileError> {
    plan(path, &bytes(path)?, seal)
}

/// Reads a file. What does not begin as a plan does is not read any further: it may have no end.
fn bytes(path: &Path) -> Result<Vec<u8>, PlanFileError> {
    let fail = |source| PlanFileError::File { path: path.to_owned(), doing: "read", source };
    let foreign =
        |reason: &str| PlanFileError::Foreign { path: path.to_owned(), reason: reason.to_owned() };
    let mut file = std::fs::File::open(path).map_err(fail)?;
    let mut bytes = Vec::new();
    (&mut file).take(1).read_to_end(&mut bytes).map_err(fail)?;
    match bytes.first() {
        Some(b'{') => {}
        Some(_) => return Err(foreign("it is no JSON object")),
        None => return Err(foreign("it is empty")),
    }
    file.read_to_end(&mut bytes).map_err(fail)?;
    Ok(bytes)
}

fn malformed(path: &Path, error: &serde_json::Error) -> PlanFileError {
    let path = path.to_owned();
    if error.is_eof() {
        PlanFileError::Truncated { path }
    } else {
        PlanFileError::Foreign { path, reason: error.to_string() }
    }
}

fn plan(path: &Path, bytes: &[u8], seal: &dyn Seal) -> Result<SavedPlan, PlanFileError> {
    let path_buf = || path.to_owned();
    let foreign = |reason: String| PlanFileError::Foreign { path: path_buf(), reason };
    let malformed = |error: serde_json::Error| malformed(path, &error);
    let version: Version = serde_json::from_slice(bytes).map_err(malformed)?;
    if version.syncline_plan > FORMAT {
        let (found, known) = (version.syncline_plan, FORMAT);
        return Err(PlanFileError::Format { path: path_buf(), found, known });
    }
    let found: Found<'_> = serde_json::from_slice(bytes).map_err(malformed)?;
    if checksum(&found.fingerprint, found.plan) != found.checksum {
        return Err(PlanFileError::Edited { path: path_buf() });
    }
    let plan: Plan = codec::parse(found.plan.get().as_bytes()).map_err(foreign)?;
    if plan.format > Plan::FORMAT {
        let (found, known) = (plan.format, Plan::FORMAT);
        return Err(PlanFileError::Format { path: path_buf(), found, known });
    }
    let plan = sealing::open_plan(&plan, seal)
        .map_err(|source| PlanFileError::Seal { path: path_buf(), source })?;
    Ok(SavedPlan { plan, fingerprint: found.fingerprint })
}

fn checksum(fingerprint: &Digest, plan: &RawValue) -> Digest {
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"syncline plan 1\n");
    hasher.update(&fingerprint.0);
    hasher.update(plan.get().as_bytes());
    Digest(*hasher.finalize().as_bytes())
}
