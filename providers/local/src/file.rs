//! `local.file`: a file with its content and mode.
//!
//! A file is written beside its place, synced and renamed into it: whoever reads it sees the old
//! content or the new one, and after a crash one of them is there.

use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use syncline_model::{Path as AttributePath, Problem, ResourceSchema, Type, Value};
use syncline_protocol::sdk::{
    Call, Proposal, Resource, State, attribute, resource_schema, unknown,
};

use crate::parents;
use crate::place::{Root, bad_mode, mode, mode_text, problem};

/// The largest file whose content is read back, in bytes: 16 MiB.
pub(crate) const MAX_CONTENT: u64 = 16 * 1024 * 1024;

/// The type `local.file`.
#[derive(Clone)]
pub(crate) struct File {
    root: Root,
}

impl File {
    pub(crate) const fn new(root: Root) -> Self {
        Self { root }
    }

    /// Puts a file in its place.
    fn write(&self, call: &Call) -> Result<State, Problem> {
        let path = call.string("path").unwrap_or_default();
        let place = self.root.resolve(path);
        let content = content(call)?;
        let mode = mode(call.string("mode").unwrap_or("0644")).unwrap_or(0o644);
        let private = parents::make(&self.root, &place, &call.private)
            .map_err(|error| problem("make the directory of", path, &error))?;
        replace(&place, &content, mode).map_err(|error| problem("write", path, &error))?;
        let size = Value::from(content.len() as i64);
        Ok(State::of(call.planned.clone())
            .with("id", Value::from(path))
            .with("sha256", Value::from(hex(&Sha256::digest(&content))))
            .with("size", size)
            .private(private))
    }

    fn create_now(&self, call: &Call) -> Result<State, Problem> {
        let path = call.string("path").unwrap_or_default();
        let place = self.root.resolve(path);
        match std::fs::symlink_metadata(&place) {
            Ok(found) if found.is_dir() => {
                let error = io::Error::from(io::ErrorKind::IsADirectory);
                return Err(problem("write", path, &error));
            }
            Ok(found) if !call.flag("overwrite") => {
                let same = found.is_file()
                    && std::fs::read(&place)
                        .is_ok_and(|own| content(call).is_ok_and(|ours| own == ours));
                if !same {
                    let summary = format!("there is a file `{path}` already, and it differs");
                    let detail = "Move it away, or set `overwrite = true` to lose what is in it.";
                    return Err(
                        Problem::error(summary, detail).at(AttributePath::attribute("path"))
                    );
                }
            }
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(problem("look at", path, &error)),
        }
        let state = self.write(call)?;
        Ok(secret_as_planned(state, &call.planned))
    }

    fn read_now(&self, state: State) -> Result<State, Problem> {
        let path = state.value.attribute("path").as_str().unwrap_or_default().to_owned();
        let place = self.root.resolve(&path);
        let found = match std::fs::metadata(&place) {
            Ok(found) if found.is_file() => found,
            Ok(_) => return Ok(State::of(Value::Null)),
            Err(error) if is_gone(&error) => return Ok(State::of(Value::Null)),
            Err(error) => return Err(problem("look at", &path, &error)),
        };
        let recorded = state.value.clone();
        let mut now = state.with("mode", Value::from(mode_text(found.mode())));
        if found.len() > MAX_CONTENT {
            let size = Value::from(found.len() as i64);
            return Ok(secret_as_planned(now.with("size", size), &recorded));
        }
        let bytes = std::fs::read(&place).map_err(|error| problem("read", &path, &error))?;
        now = now
            .with("id", Value::from(path.as_str()))
            .with("size", Value::from(bytes.len() as i64))
            .with("sha256", Value::from(hex(&Sha256::digest(&bytes))));
        let in_base64 = !recorded.attribute("content_base64").reveal().is_null();
        let unset = recorded.attribute("content").reveal().is_null() && !in_base64;
        now = match String::from_utf8(bytes) {
            _ if unset && found.len() == 0 => now,
            Ok(text) if !in_base64 => now.with("content", Value::from(text)),
            Ok(text) => now.with("content_base64", Value::from(STANDARD.encode(text))),
            Err(other) => now
                .with("content", Value::Null)
                .with("content_base64", Value::from(STANDARD.encode(other.as_bytes()))),
        };
        Ok(secret_as_planned(now, &recorded))
    }

    fn update_now(&self, call: Call) -> Result<State, Problem> {
        let only_mode = !call.changes("sha256") && !call.changes("content");
        let path = call.string("path").unwrap_or_default();
        let place = self.root.resolve(path);
        if only_mode && call.changes("mode") && place.is_file() {
            let mode = mode(call.string("mode").unwrap_or("0644")).unwrap_or(0o644);
            std::fs::set_permissions(&place, std::fs::Permissions::from_mode(mode))
                .map_err(|error| problem("set the mode of", path, &error))?;
            return Ok(State::of(call.planned.clone()).private(call.private));
        }
        let state = self.write(&call)?;
        Ok(secret_as_planned(state, &call.planned))
    }

    fn delete_now(&self, call: &Call) -> Result<(), Problem> {
        let path = call.string("path").unwrap_or_default();
        match std::fs::remove_file(self.root.resolve(path)) {
            Ok(()) => {}
            Err(error) if is_gone(&error) => {}
            Err(error) => return Err(problem("remove", path, &error)),
        }
        parents::remove(&self.root, &call.private);
        Ok(())
    }
}

#[async_trait]
impl Resource for File {
    fn schema(&self) -> ResourceSchema {
        let replaces = "Where it is; relative to the project's folder unless it starts with `/`.";
        resource_schema(
            1,
            "A file with its content and mode.",
            [
                ("path", attribute(Type::String, replaces).required().replaces()),
                ("content", attribute(Type::String, "What is in it, as UTF-8 text.")),
                (
                    "content_base64",
                    attribute(Type::String, "What is in it, in base64, for what is no text."),
                ),
                (
                    "mode",
                    attribute(Type::String, "Its permissions, in octal digits. `0644` unless set.")
                        .default("0644"),
                ),
                (
                    "overwrite",
                    attribute(
                        Type::Bool,
                        "Whether a file that is there already and differs is overwritten when this one is made. Otherwise that is an error, so that nothing foreign is lost.",
                    ),
                ),
                ("id", attribute(Type::String, "The path again.").computed()),
                (
                    "sha256",
                    attribute(Type::String, "The SHA-256 of the content, in hexadecimal.")
                        .computed(),
                ),
                ("size", attribute(Type::Int, "The length of the content in bytes.").computed()),
            ],
        )
    }

    fn validate(&self, config: &Value) -> Vec<Problem> {
        let mut problems = Vec::new();
        if let Some(text) = config.attribute("mode").as_str().filter(|text| mode(text).is_none()) {
            problems.push(bad_mode("mode", text));
        }
        if config
            .attribute("path")
            .as_str()
            .is_some_and(|path| path.is_empty() || path.contains('\0'))
        {
            let problem = Problem::error("a path cannot be empty or hold a NUL", "Name a file.");
            problems.push(problem.at(AttributePath::attribute("path")));
        }
        let text = config.attribute("content").reveal();
        let bytes = config.attribute("content_base64").reveal();
        if !text.is_null() && !bytes.is_null() {
            let detail = "Take one of `content` and `content_base64` out.";
            let problem = Problem::error("the content is given twice", detail);
            problems.push(problem.at(AttributePath::attribute("content_base64")));
        }
        if bytes.as_str().is_some_and(|text| STANDARD.decode(text).is_err()) {
            let problem =
                Problem::error("this is no base64", "Encode it with `std.base64.encode`.");
            problems.push(problem.at(AttributePath::attribute("content_base64")));
        }
        problems
    }

    fn plan(&self, proposal: &mut Proposal) -> Result<(), Problem> {
        let path = proposal.get("path").clone();
        proposal.set("id", path);
        let bytes = match (proposal.get("content"), proposal.get("content_base64")) {
            (Value::String(text), _) => Some(text.as_bytes().to_vec()),
            (Value::Null, Value::String(text)) => STANDARD.decode(text.as_bytes()).ok(),
            (Value::Null, Value::Null) => Some(Vec::new()),
            _ => None,
        };
        let secret = ["content", "content_base64"]
            .iter()
            .any(|name| proposal.planned.get(name).is_some_and(Value::is_secret));
        let (sha256, size) = match bytes {
            Some(bytes) => {
                (Value::from(hex(&Sha256::digest(&bytes))), Value::from(bytes.len() as i64))
            }
            None => (unknown(Type::String), unknown(Type::Int)),
        };
        let mark = |value| if secret { Value::secret(value) } else { value };
        proposal.set("sha256", mark(sha256));
        proposal.set("size", mark(size));
        Ok(())
    }

    async fn create(&self, call: Call) -> Result<State, Problem> {
        let this = self.clone();
        blocking(move || this.create_now(&call)).await
    }

    async fn read(&self, state: State) -> Result<State, Problem> {
        let this = self.clone();
        blocking(move || this.read_now(state)).await
    }

    async fn update(&self, call: Call) -> Result<State, Problem> {
        let this = self.clone();
        blocking(move || this.update_now(call)).await
    }

    async fn delete(&self, call: Call) -> Result<(), Problem> {
        let this = self.clone();
        blocking(move || this.delete_now(&call)).await
    }

    async fn import(&self, id: &str) -> Result<State, Problem> {
        let path = Value::from(id);
        Ok(State::of(Value::map([("path", path.clone()), ("id", path)])))
    }
}

/// Runs work on files beside the tasks, so that several run at once.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => {
            let summary = "the provider failed on a mistake of its own";
            Err(Problem::error(summary, error.to_string()))
        }
    }
}

/// Tells whether there is nothing at a path.
pub(crate) fn is_gone(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

fn content(call: &Call) -> Result<Vec<u8>, Problem> {
    match (call.string("content"), call.string("content_base64")) {
        (Some(text), _) => Ok(text.as_bytes().to_vec()),
        (None, Some(text)) => STANDARD.decode(text).map_err(|error| {
            Problem::error(
                format!("this is no base64: {error}"),
                "Encode it with `std.base64.encode`.",
            )
            .at(AttributePath::attribute("content_base64"))
        }),
        (None, None) => Ok(Vec::new()),
    }
}

/// Marks as secret what another value marks so.
fn secret_as_planned(mut state: State, planned: &Value) -> State {
    for (name, value) in planned.as_map().into_iter().flat_map(syncline_model::Map::iter) {
        if value.is_secret() && !state.value.attribute(name).is_null() {
            let marked = Value::secret(state.value.attribute(name).clone());
            state = state.with(name, marked);
        }
    }
    state
}

/// Writes a file beside its place, syncs it, and renames it into it.
fn replace(place: &Path, content: &[u8], mode: u32) -> io::Result<()> {
    let directory = place.parent().unwrap_or(Path::new("/"));
    let mut file = tempfile::Builder::new().prefix(".syncline-").tempfile_in(directory)?;
    file.write_all(content)?;
    file.as_file().set_permissions(std::fs::Permissions::from_mode(mode))?;
    file.as_file().sync_all()?;
    file.persist(place).map_err(|error| error.error)?;
    Ok(())
}

/// Writes bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
