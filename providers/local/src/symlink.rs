//! `local.symlink`: a symbolic link.

use async_trait::async_trait;
use syncline_model::{Path as AttributePath, Problem, ResourceSchema, Type, Value};
use syncline_protocol::sdk::{Call, Proposal, Resource, State, attribute, resource_schema};

use crate::file::is_gone;
use crate::parents;
use crate::place::{Root, problem};

/// The type `local.symlink`.
pub(crate) struct Symlink {
    root: Root,
}

impl Symlink {
    pub(crate) const fn new(root: Root) -> Self {
        Self { root }
    }

    /// Makes the link beside its place and renames it into it, so that it is never missing.
    fn put(&self, call: &Call) -> Result<(), Problem> {
        let path = call.string("path").unwrap_or_default();
        let target = call.string("target").unwrap_or_default();
        let place = self.root.resolve(path);
        let beside = place.with_file_name(format!(
            ".syncline-{}-{}",
            std::process::id(),
            place.file_name().unwrap_or_default().to_string_lossy()
        ));
        let made = std::os::unix::fs::symlink(target, &beside)
            .and_then(|()| std::fs::rename(&beside, &place));
        made.map_err(|error| {
            // What is left of a failed attempt is of no use to anyone.
            let _ = std::fs::remove_file(&beside);
            problem("make the link", path, &error)
        })
    }
}

#[async_trait]
impl Resource for Symlink {
    fn schema(&self) -> ResourceSchema {
        let path = "Where it is; relative to the project's folder unless it starts with `/`.";
        resource_schema(
            1,
            "A symbolic link.",
            [
                ("path", attribute(Type::String, path).required().replaces()),
                (
                    "target",
                    attribute(Type::String, "What it points to, as it is written into the link.")
                        .required(),
                ),
                ("id", attribute(Type::String, "The path again.").computed()),
            ],
        )
    }

    fn plan(&self, proposal: &mut Proposal) -> Result<(), Problem> {
        let path = proposal.get("path").clone();
        proposal.set("id", path);
        Ok(())
    }

    async fn create(&self, call: Call) -> Result<State, Problem> {
        let path = call.string("path").unwrap_or_default();
        let place = self.root.resolve(path);
        let same =
            std::fs::read_link(&place).is_ok_and(|found| found.to_str() == call.string("target"));
        if !same && std::fs::symlink_metadata(&place).is_ok() {
            let summary = format!("there is something at `{path}` already");
            let detail = "Move it away, or use another path.";
            return Err(Problem::error(summary, detail).at(AttributePath::attribute("path")));
        }
        let private = parents::make(&self.root, &place, &call.private)
            .map_err(|error| problem("make the directory of", path, &error))?;
        self.put(&call)?;
        Ok(State::of(call.planned.clone()).private(private))
    }

    async fn read(&self, state: State) -> Result<State, Problem> {
        let path = state.value.attribute("path").as_str().unwrap_or_default().to_owned();
        match std::fs::read_link(self.root.resolve(&path)) {
            Ok(target) => {
                let target = Value::from(target.to_string_lossy().as_ref());
                Ok(state.with("target", target).with("id", Value::from(path)))
            }
            // A file or a directory in its place is no link.
            Err(error) if is_gone(&error) || error.kind() == std::io::ErrorKind::InvalidInput => {
                Ok(State::of(Value::Null))
            }
            Err(error) => Err(problem("look at", &path, &error)),
        }
    }

    async fn update(&self, call: Call) -> Result<State, Problem> {
        self.put(&call)?;
        Ok(State::of(call.planned).private(call.private))
    }

    async fn delete(&self, call: Call) -> Result<(), Problem> {
        let path = call.string("path").unwrap_or_default();
        match std::fs::remove_file(self.root.resolve(path)) {
            Ok(()) => {}
            Err(error) if is_gone(&error) => {}
            Err(error) => return Err(problem("remove", path, &error)),
        }
        parents::remove(&self.root, &call.private);
        Ok(())
    }

    async fn import(&self, id: &str) -> Result<State, Problem> {
        let path = Value::from(id);
        Ok(State::of(Value::map([("path", path.clone()), ("id", path)])))
    }
}
