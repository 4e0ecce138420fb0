//! Directories that are made on the way to a path, and go with it.
//!
//! What was made is remembered in the resource's own bytes, the outermost first; when the resource
//! goes, those that are empty by then go too. Whoever comes to use such a directory remembers it as
//! well, as far as this process has come to know of it: the last one to leave removes it. One that
//! is a resource of its own is never removed here.

use std::collections::BTreeSet;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

use serde::{Deserialize, Serialize};
use syncline_protocol::sdk::{Instance, Plan};

use crate::place::Root;

/// What this process knows of directories on the way to paths.
#[derive(Debug, Default)]
pub(crate) struct Ways {
    known: Mutex<Known>,
    /// Held shared while something is made in directories, and alone while directories go, so that
    /// none goes between being found and being used.
    gate: RwLock<()>,
}

#[derive(Debug, Default)]
struct Known {
    /// Those that were made on the way.
    made: BTreeSet<PathBuf>,
    /// Those that are resources of their own.
    managed: BTreeSet<PathBuf>,
}

impl Ways {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a directory is a resource of its own.
    pub(crate) fn manage(&self, place: &Path) {
        self.known().managed.insert(place.to_owned());
    }

    /// Notes that a directory is no resource any more.
    pub(crate) fn leave(&self, place: &Path) {
        self.known().managed.remove(place);
    }
}

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
    /// While it is planned: the directories that a run made for it which was killed before it came
    /// to make the rest.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) left: Vec<String>,
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
    // What was planned before and is planned again was interrupted: what is there by now, it made.
    let mut left = if Memory::of(&plan.private).planned { parents.clone() } else { Vec::new() };
    left.retain(|own| root.resolve(own).is_dir());
    parents.extend(missing(&place).into_iter().map(|own| shown(root, own)));
    parents.sort_by_key(String::len);
    parents.dedup();
    plan.private = Memory { planned: true, parents, left }.to_bytes();
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
    let mut parents = if known.planned { known.left.clone() } else { known.parents.clone() };
    let mut ways = root.ways.known();
    let mut used: Vec<&Path> = place.ancestors().skip(1).collect();
    used.retain(|directory| ways.made.contains(*directory) && directory.is_dir());
    used.reverse();
    parents.extend(used.into_iter().map(|directory| shown(root, directory)));
    for directory in missing(place) {
        match std::fs::create_dir(directory) {
            Ok(()) => {}
            // Somebody else was faster: it is theirs.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            Err(error) => {
                remove(root, &ways, &parents);
                return Err(error);
            }
        }
        ways.made.insert(directory.to_owned());
        parents.push(shown(root, directory));
        if let Some(mode) = mode {
            std::fs::set_permissions(directory, std::fs::Permissions::from_mode(mode))?;
        }
    }
    // The outermost is the shortest, and comes first.
    parents.sort_by_key(String::len);
    parents.dedup();
    Ok(Memory { parents, ..Memory::default() })
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
    let memory = {
        let _gate = root.ways.gate.read().unwrap_or_else(PoisonError::into_inner);
        let memory = make(root, place, mode, &known)?;
        work().map(|()| memory.clone()).map_err(|error| (error, memory))
    };
    let memory = memory.map_err(|(error, memory)| {
        let _gate = root.ways.gate.write().unwrap_or_else(PoisonError::into_inner);
        remove(root, &root.ways.known(), &memory.parents);
        error
    })?;
    instance.private = memory.to_bytes();
    Ok(())
}

/// Notes what an instance that is there remembers; what was planned counts now.
pub(crate) fn found(root: &Root, instance: &mut Instance) {
    let memory = Memory::of(&instance.private);
    let places = memory.parents.iter().map(|own| root.resolve(own));
    root.ways.known().made.extend(places);
    if memory.planned {
        instance.private = Memory { parents: memory.parents, ..Memory::default() }.to_bytes();
    }
}

/// Removes the directories that an instance remembers and that are empty, the innermost first.
pub(crate) fn forget(root: &Root, instance: &Instance) {
    let _gate = root.ways.gate.write().unwrap_or_else(PoisonError::into_inner);
    remove(root, &root.ways.known(), &Memory::of(&instance.private).parents);
}

fn remove(root: &Root, ways: &Known, parents: &[String]) {
    for place in parents.iter().rev().map(|own| root.resolve(own)) {
        if ways.managed.contains(&place) {
            break;
        }
        // One that is not empty, or gone, stays as it is: that is no failure.
        if std::fs::remove_dir(place).is_err_and(|error| !is_gone(&error)) {
            break;
        }
    }
}

/// Tells whether there is nothing at a path.
pub(crate) fn is_gone(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
