//! `local.file`: a file with its content and mode.
//!
//! A new file has no name until it is whole and synced. One that takes another's place is written
//! beside it and renamed into it. Whoever reads it sees the old content or the new one, and after a
//! crash one of them is there.

use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use syncline_model::{Problem, Type, Value};
use syncline_protocol::sdk::{
    Attributes, Failure, Instance, Plan, Resource, Schema, attribute, invalid,
};

use crate::parents::{self, Memory, is_gone};
use crate::place::{Root, blocking, check_mode, check_path, mode, mode_text, problem, remove_file};

/// The largest file whose content is read back, in bytes: 16 MiB.
pub(crate) const MAX_CONTENT: u64 = 16 * 1024 * 1024;

const CONTENT: [&str; 2] = ["content", "content_base64"];

/// The type `local.file`.
pub(crate) struct File {
    root: Root,
}

impl File {
    pub(crate) const fn new(root: Root) -> Self {
        Self { root }
    }
}

#[async_trait]
impl Resource for File {
    fn schema(&self) -> Schema {
        let path = "Where it is; relative to the project's folder unless it starts with `/`. \
                    Missing directories above it are made, and go with it when they are empty.";
        let overwrite = "Whether a file that is there already and differs is overwritten when \
                         this one is created. Otherwise that is an error, so that nothing foreign \
                         is lost.";
        Schema::new("A file with its content and mode.")
            .attribute(
                "path",
                attribute::string().required().requires_replace().identifies().describe(path),
            )
            .attribute("content", attribute::string().describe("What is in it, as text."))
            .attribute(
                "content_base64",
                attribute::string().describe("What is in it, in base64, for what is no text."),
            )
            .attribute(
                "mode",
                attribute::string()
                    .default("0644")
                    .describe("Its permissions, in octal digits. They are `0644` unless set."),
            )
            .attribute(
                "directory_mode",
                attribute::string()
                    .describe("The permissions of directories that are made for it."),
            )
            .attribute("overwrite", attribute::boolean().describe(overwrite))
            .attribute("id", attribute::string().computed().describe("The path again."))
            .attribute(
                "sha256",
                attribute::string()
                    .computed()
                    .describe("The SHA-256 of the content, in lower-case hexadecimal."),
            )
            .attribute(
                "size",
                attribute::integer().computed().describe("The length of the content in bytes."),
            )
    }

    fn validate(&self, config: &Attributes) -> Vec<Problem> {
        let mut problems: Vec<Problem> = check_path(config).into_iter().collect();
        problems.extend(check_mode(config, "mode"));
        problems.extend(check_mode(config, "directory_mode"));
        if CONTENT.iter().all(|name| !config.is_null(name)) {
            let detail = "Take one of `content` and `content_base64` out.";
            problems.push(invalid("content_base64", "the content is given twice", detail));
        }
        if let Err(problem) = content(config) {
            problems.push(problem);
        }
        problems
    }

    async fn plan(&self, plan: &mut Plan) -> Result<(), Failure> {
        let path = plan.planned.get("path").clone();
        plan.set("id", path);
        match content(&plan.planned)? {
            Some(bytes) => describe(&mut plan.planned, &hash(&bytes), bytes.len() as u64),
            None => {
                plan.forget("sha256", Type::String);
                plan.forget("size", Type::Int);
            }
        }
        parents::plan(&self.root, plan);
        Ok(())
    }

    async fn create(&self, planned: Instance) -> Result<Instance, Failure> {
        let root = self.root.clone();
        blocking(move || {
            let over = make_way(&root, &planned)?;
            write(&root, planned, over)
        })
        .await
    }

    async fn read(&self, recorded: Instance) -> Result<Option<Instance>, Failure> {
        let root = self.root.clone();
        blocking(move || read(&root, recorded)).await
    }

    async fn update(&self, prior: Instance, planned: Instance) -> Result<Instance, Failure> {
        let root = self.root.clone();
        blocking(move || {
            let same = CONTENT.iter().all(|name| prior.get(name) == planned.get(name));
            if same { set_mode(&root, planned) } else { write(&root, planned, true) }
        })
        .await
    }

    async fn delete(&self, recorded: Instance) -> Result<(), Failure> {
        let root = self.root.clone();
        blocking(move || {
            let path = recorded.string("path")?;
            let place = root.resolve(path);
            remove_file(&place, path)?;
            forget_beside(&place);
            parents::forget(&root, &recorded);
            Ok(())
        })
        .await
    }

    async fn import(&self, id: &str) -> Result<Instance, Failure> {
        let mut instance = Instance::default();
        instance.set("path", id);
        instance.set("mode", "0644");
        Ok(instance)
    }
}

/// Refuses to create a file where something else is; tells whether what is there may be replaced.
fn make_way(root: &Root, planned: &Instance) -> Result<bool, Problem> {
    let path = planned.string("path")?;
    let place = root.resolve(path);
    let found = match std::fs::symlink_metadata(&place) {
        Ok(found) => found,
        Err(error) if is_gone(&error) => return Ok(false),
        Err(error) => return Err(problem("look at", path, &error)),
    };
    if found.is_dir() {
        return Err(problem("write", path, &io::Error::from(io::ErrorKind::IsADirectory)));
    }
    let ours = hash(&content(planned)?.unwrap_or_default());
    let same = found.is_file() && hash_file(&place).is_ok_and(|theirs| theirs == ours);
    if same || planned.get("overwrite").as_bool() == Some(true) {
        return Ok(true);
    }
    let detail = "Move it away, or set `overwrite = true` to lose what is in it.";
    Err(invalid("path", format!("there is a file `{path}` already, and it differs"), detail))
}

/// Puts a file in its place, over what is there or only where nothing is.
fn write(root: &Root, mut planned: Instance, over: bool) -> Result<Instance, Problem> {
    let path = planned.string("path")?.to_owned();
    let place = root.resolve(&path);
    let bytes = content(&planned)?.unwrap_or_default();
    let own_mode = mode(&planned, "mode").unwrap_or(0o644);
    let directory_mode = mode(&planned, "directory_mode");
    parents::with(root, &mut planned, (&place, directory_mode), || {
        replace(&place, &bytes, own_mode, over)
    })
    .map_err(|error| problem("write", &path, &error))?;
    planned.set("id", path);
    describe(&mut planned, &hash(&bytes), bytes.len() as u64);
    Ok(planned)
}

/// Puts a file in its place, whole and synced.
///
/// The directory is synced too: a recorded outcome must not outlive the file. Unless it may go over
/// what is there, a file that came meanwhile is an error.
fn replace(place: &Path, content: &[u8], mode: u32, over: bool) -> io::Result<()> {
    let directory = place.parent().unwrap_or(Path::new("/"));
    match (!over).then(|| unnamed(directory)).flatten() {
        Some(file) => {
            forget_beside(place);
            fill(&file, content, mode)?;
            name(&file, place)?;
        }
        None => {
            let beside = beside(directory, place)?;
            let mut builder = tempfile::Builder::new();
            let file = builder.prefix(&beside).rand_bytes(0).tempfile_in(directory)?;
            fill(file.as_file(), content, mode)?;
            let kept = if over { file.persist(place) } else { file.persist_noclobber(place) };
            kept.map_err(|error| error.error)?;
        }
    }
    let synced = sync(directory);
    if synced.is_err() && !over {
        // What failed must leave nothing that nobody records.
        let _ = std::fs::remove_file(place);
    }
    synced
}

/// Makes durable what stands in a directory. One that may be written and not read cannot be synced;
/// what was made is there all the same.
pub(crate) fn sync(directory: &Path) -> io::Result<()> {
    std::fs::File::open(directory).map_or(Ok(()), |directory| directory.sync_all())
}

fn fill(mut file: &std::fs::File, content: &[u8], mode: u32) -> io::Result<()> {
    file.write_all(content)?;
    file.set_permissions(std::fs::Permissions::from_mode(mode))?;
    file.sync_all()
}

/// Opens a file in a directory that has no name yet, and goes with this process: a kill leaves
/// nothing of it. Some file systems cannot.
#[cfg(target_os = "linux")]
fn unnamed(directory: &Path) -> Option<std::fs::File> {
    use rustix::fs::{Mode, OFlags, open};
    // It is given its name through this folder.
    if !Path::new("/proc/self/fd").exists() {
        return None;
    }
    let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
    open(directory, flags, Mode::RUSR | Mode::WUSR).ok().map(std::fs::File::from)
}

/// Gives a file its name, unless there is one of that name.
#[cfg(target_os = "linux")]
fn name(file: &std::fs::File, place: &Path) -> io::Result<()> {
    use rustix::fs::{AtFlags, CWD, linkat};
    let own = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(file));
    Ok(linkat(CWD, own, CWD, place, AtFlags::SYMLINK_FOLLOW)?)
}

#[cfg(not(target_os = "linux"))]
fn unnamed(_: &Path) -> Option<std::fs::File> {
    None
}

#[cfg(not(target_os = "linux"))]
fn name(_: &std::fs::File, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Returns a free name beside a place.
///
/// It depends on the place alone, so that what a killed run left there goes when the next one makes
/// or removes the same.
pub(crate) fn beside(directory: &Path, place: &Path) -> io::Result<String> {
    let beside = name_beside(place);
    match std::fs::remove_file(directory.join(&beside)) {
        Err(error) if !is_gone(&error) => Err(error),
        Ok(()) | Err(_) => Ok(beside),
    }
}

/// Removes what a killed run left beside a place.
pub(crate) fn forget_beside(place: &Path) {
    // What cannot be removed is in the way of nothing.
    let _ = std::fs::remove_file(place.with_file_name(name_beside(place)));
}

fn name_beside(place: &Path) -> String {
    let name = place.file_name().unwrap_or_default();
    format!(".syncline-{}", &hash(name.as_encoded_bytes())[..16])
}

/// Sets the mode of a file; one that is gone is written.
fn set_mode(root: &Root, planned: Instance) -> Result<Instance, Problem> {
    let path = planned.string("path")?;
    let mode = mode(&planned, "mode").unwrap_or(0o644);
    let permissions = std::fs::Permissions::from_mode(mode);
    match std::fs::set_permissions(root.resolve(path), permissions) {
        Ok(()) => Ok(planned),
        Err(error) if is_gone(&error) => write(root, planned, true),
        Err(error) => Err(problem("set the mode of", path, &error)),
    }
}

fn read(root: &Root, mut recorded: Instance) -> Result<Option<Instance>, Problem> {
    let path = recorded.string("path")?.to_owned();
    let place = root.resolve(&path);
    let found = match std::fs::metadata(&place) {
        Ok(found) if found.is_file() => found,
        Ok(_) => return Ok(None),
        Err(error) if is_gone(&error) => return Ok(None),
        Err(error) => return Err(problem("look at", &path, &error)),
    };
    let fail = |error| problem("read", &path, &error);
    let sha256 = hash_file(&place).map_err(fail)?;
    let same = recorded.get("sha256").as_str() == Some(&sha256);
    if Memory::of(&recorded.private).planned && !same {
        // What was planned is written whole or not at all: this is somebody else's.
        return Ok(None);
    }
    parents::found(root, &mut recorded);
    let mode = mode_text(found.mode(), &recorded);
    recorded.set("mode", mode);
    recorded.set("id", path.as_str());
    if !same {
        let bytes = if found.len() > MAX_CONTENT {
            Vec::new()
        } else {
            std::fs::read(&place).map_err(fail)?
        };
        take(&mut recorded, bytes);
        describe(&mut recorded, &sha256, found.len());
    }
    Ok(Some(recorded))
}

/// Takes another content over, in the way in which the file is configured where it can be.
fn take(instance: &mut Instance, bytes: Vec<u8>) {
    let in_base64 = !instance.is_null("content_base64");
    let (text, encoded) = match String::from_utf8(bytes) {
        Ok(text) if in_base64 => (Value::Null, Value::from(STANDARD.encode(text))),
        Ok(text) => (Value::from(text), Value::Null),
        Err(other) => (Value::Null, Value::from(STANDARD.encode(other.as_bytes()))),
    };
    let secret = CONTENT.iter().any(|name| instance.get(name).is_secret());
    for (name, value) in CONTENT.into_iter().zip([text, encoded]) {
        let marked = secret && !value.is_null();
        instance.set(name, if marked { Value::secret(value) } else { value });
    }
}

/// Returns the content; `None` while it is unknown.
fn content(attributes: &Attributes) -> Result<Option<Vec<u8>>, Problem> {
    if CONTENT.iter().any(|name| attributes.is_unknown(name)) {
        return Ok(None);
    }
    let (text, encoded) = (attributes.get("content"), attributes.get("content_base64"));
    match (text.as_str(), encoded.as_str()) {
        (Some(text), _) => Ok(Some(text.as_bytes().to_vec())),
        (None, Some(encoded)) => STANDARD.decode(encoded).map(Some).map_err(|error| {
            let detail = format!("{error}. `std.base64.encode` encodes a text.");
            invalid("content_base64", "`content_base64` is no base64", detail)
        }),
        (None, None) => Ok(Some(Vec::new())),
    }
}

/// Sets what follows from the content.
fn describe(attributes: &mut Attributes, sha256: &str, size: u64) {
    attributes.set_from("sha256", sha256, &CONTENT);
    attributes.set_from("size", i64::try_from(size).unwrap_or(i64::MAX), &CONTENT);
}

/// Returns the SHA-256 of bytes, in hexadecimal.
pub(crate) fn hash(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hash_file(place: &Path) -> io::Result<String> {
    let mut file = std::fs::File::open(place)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex(&hasher.finalize())),
            length => hasher.update(&buffer[..length]),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
