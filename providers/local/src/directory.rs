//! `local.directory`: a directory with its mode.

use std::os::unix::fs::{MetadataExt, PermissionsExt};

use async_trait::async_trait;
use syncline_model::{Path as AttributePath, Problem, ResourceSchema, Type, Value};
use syncline_protocol::sdk::{Call, Proposal, Resource, State, attribute, resource_schema};

use crate::file::is_gone;
use crate::parents;
use crate::place::{Root, bad_mode, mode, mode_text, problem};

/// The type `local.directory`.
pub(crate) struct Directory {
    root: Root,
}

impl Directory {
    pub(crate) const fn new(root: Root) -> Self {
        Self { root }
    }

    fn set_mode(&self, call: &Call) -> Result<(), Problem> {
        let path = call.string("path").unwrap_or_default();
        let mode = mode(call.string("mode").unwrap_or("0755")).unwrap_or(0o755);
        std::fs::set_permissions(self.root.resolve(path), std::fs::Permissions::from_mode(mode))
            .map_err(|error| problem("set the mode of", path, &error))
    }
}

#[async_trait]
impl Resource for Directory {
    fn schema(&self) -> ResourceSchema {
        let path = "Where it is; relative to the project's folder unless it starts with `/`. Missing directories above it are made too.";
        resource_schema(
            1,
            "A directory with its mode.",
            [
                ("path", attribute(Type::String, path).required().replaces()),
                (
                    "mode",
                    attribute(Type::String, "Its permissions, in octal digits. `0755` unless set.")
                        .default("0755"),
                ),
                (
                    "force",
                    attribute(
                        Type::Bool,
                        "Whether it is destroyed with all that is in it. Otherwise one that is not empty is an error.",
                    ),
                ),
                ("id", attribute(Type::String, "The path again.").computed()),
            ],
        )
    }

    fn validate(&self, config: &Value) -> Vec<Problem> {
        let text = config.attribute("mode").as_str().filter(|text| mode(text).is_none());
        text.map(|text| bad_mode("mode", text)).into_iter().collect()
    }

    fn plan(&self, proposal: &mut Proposal) -> Result<(), Problem> {
        let path = proposal.get("path").clone();
        proposal.set("id", path);
        Ok(())
    }

    async fn create(&self, call: Call) -> Result<State, Problem> {
        let path = call.string("path").unwrap_or_default();
        let place = self.root.resolve(path);
        let private = parents::make(&self.root, &place, &call.private)
            .map_err(|error| problem("make the directory above", path, &error))?;
        match std::fs::create_dir(&place) {
            Ok(()) => {}
            // A directory that is there is taken over, with what is in it.
            Err(_) if place.is_dir() => {}
            Err(error) => return Err(problem("make the directory", path, &error)),
        }
        self.set_mode(&call)?;
        Ok(State::of(call.planned.clone()).private(private))
    }

    async fn read(&self, state: State) -> Result<State, Problem> {
        let path = state.value.attribute("path").as_str().unwrap_or_default().to_owned();
        match std::fs::metadata(self.root.resolve(&path)) {
            Ok(found) if found.is_dir() => {
                let mode = Value::from(mode_text(found.mode()));
                Ok(state.with("mode", mode).with("id", Value::from(path)))
            }
            Ok(_) => Ok(State::of(Value::Null)),
            Err(error) if is_gone(&error) => Ok(State::of(Value::Null)),
            Err(error) => Err(problem("look at", &path, &error)),
        }
    }

    async fn update(&self, call: Call) -> Result<State, Problem> {
        self.set_mode(&call)?;
        Ok(State::of(call.planned).private(call.private))
    }

    async fn delete(&self, call: Call) -> Result<(), Problem> {
        let path = call.string("path").unwrap_or_default();
        let place = self.root.resolve(path);
        let removed = if call.flag("force") {
            std::fs::remove_dir_all(&place)
        } else {
            std::fs::remove_dir(&place)
        };
        match removed {
            Ok(()) => {}
            Err(error) if is_gone(&error) => {}
            Err(error) if error.kind() == std::io::ErrorKind::DirectoryNotEmpty => {
                let summary = format!("the directory `{path}` is not empty");
                let detail =
                    "Something else has put files there: move them away, or set `force = true`.";
                return Err(Problem::error(summary, detail).at(AttributePath::attribute("path")));
            }
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
