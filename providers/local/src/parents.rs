//! Directories that are made on the way to a path, and go with it.
//!
//! What was made is remembered in the resource's own bytes, the outermost first; when the resource
//! goes, those that are empty by then go too.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde::{Deserialize, Serialize};
use syncline_protocol::sdk::{Instance, Plan};

use crate::place::Root;

/// What a resource on the disk remembers beside its attributes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Memory {
    /// It was planned and not made yet, as far as is known: what is there may be somebody else's.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) planned: bool,
    /// The directories that were made for it, the outermost first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) parents: Vec<String>,
}

impl Memory {
    /// Reads what is remembered; nothing where it is not readable.
    pub(crate) fn of(private: &[u8]) -> Self {
        serde_json::from_slice(private).unwrap_or_default()
    }

    fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }
}

/// Remembers in the plan of a create which directories will have to be made, for the case that the
/// apply does not come to remember it.
pub(crate) fn plan(root: &Root, plan: &mut Plan) {
    let Some(path) = plan.planned.get("path").as_str().filter(|_| plan.is_create()) else { return };
    let place = root.resolve(path);
    let mut parents = kept(root, &place, &plan.private);
    parents.extend(missing(&place).into_iter().map(|own| shown(root, own)));
    plan.private = Memory { planned: true, parents }.to_bytes();
}

/// Returns the remembered directories that lie above a path: after a replacement others may not.
fn kept(root: &Root, place: &Path, private: &[u8]) -> Vec<String> {
    let mut parents = Memory::of(private).parents;
    parents.retain(|own| place.starts_with(root.resolve(own)));
    parents
}

/// Returns the missing directories above a path, the outermost first.
fn missing(path: &Path) -> Vec<&Path> {
    let mut missing: Vec<&Path> = path
        .ancestors()
        .skip(1)
        .take_while(|own| !own.as_os_str().is_empty() && !own.exists())
        .collect();
    missing.reverse();
    missing
}

/// Returns a directory as it is remembered: relative to the root where it is below it.
fn shown(root: &Root, directory: &Path) -> String {
    directory.strip_prefix(root.path()).unwrap_or(directory).to_string_lossy().into_owned()
}

/// Makes the missing directories above a path and returns all that are remembered.
fn make(root: &Root, place: &Path, mode: Option<u32>, known: &Memory) -> io::Result<Memory> {
    // What was only planned counts when it is made.
    let mut parents = if known.planned { Vec::new() } else { known.parents.clone() };
    for directory in missing(place) {
        match std::fs::create_dir(directory) {
            Ok(()) => {}
            // Somebody else was faster: it is theirs.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            Err(error) => {
                remove(root, &parents);
                return Err(error);
            }
        }
        parents.push(shown(root, directory));
        if let Some(mode) = mode {
            std::fs::set_permissions(directory, std::fs::Permissions::from_mode(mode))?;
        }
    }
    parents.dedup();
    Ok(Memory { planned: false, parents })
}

/// Does some work at a path for which the directories above it are made first, and remembers them.
/// When the work fails, they go again.
pub(crate) fn with(
    root: &Root,
    instance: &mut Instance,
    (place, mode): (&Path, Option<u32>),
    work: impl FnOnce() -> io::Result<()>,
) -> io::Result<()> {
    let known = Memory::of(&instance.private);
    let memory = make(root, place, mode, &known)?;
    work().inspect_err(|_| remove(root, &memory.parents))?;
    instance.private = memory.to_bytes();
    Ok(())
}

/// Keeps what was remembered by a plan, now that what it planned is found to be there.
pub(crate) fn found(instance: &mut Instance) {
    let memory = Memory::of(&instance.private);
    if memory.planned {
        instance.private = Memory { planned: false, ..memory }.to_bytes();
    }
}

/// Removes the directories that an instance remembers and that are empty, the innermost first.
pub(crate) fn forget(root: &Root, instance: &Instance) {
    remove(root, &Memory::of(&instance.private).parents);
}

fn remove(root: &Root, parents: &[String]) {
    for directory in parents.iter().rev() {
        // One that is not empty, or gone, stays as it is: that is no failure.
        if std::fs::remove_dir(root.resolve(directory)).is_err_and(|error| !is_gone(&error)) {
            break;
        }
    }
}

/// Tells whether there is nothing at a path.
pub(crate) fn is_gone(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
