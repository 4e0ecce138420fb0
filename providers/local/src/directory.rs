//! `local.directory`: a directory with its mode.

use std::os::unix::fs::{MetadataExt, PermissionsExt};

use async_trait::async_trait;
use syncline_model::Problem;
use syncline_protocol::sdk::{
    Attributes, Failure, Instance, Plan, Resource, Schema, attribute, invalid,
};

use crate::parents::{self, is_gone};
use crate::place::{Root, blocking, check_mode, check_path, mode, mode_text, problem};

/// The type `local.directory`.
pub(crate) struct Directory {
    root: Root,
}

impl Directory {
    pub(crate) const fn new(root: Root) -> Self {
        Self { root }
    }
}

#[async_trait]
impl Resource for Directory {
    fn schema(&self) -> Schema {
        let path = "Where it is; relative to the project's folder unless it starts with `/`. \
                    Missing directories above it are made, and go with it when they are empty.";
        let force = "Whether it is destroyed with all that is in it. Otherwise it is an error to \
                     destroy one that is not empty.";
        Schema::new("A directory with its mode.")
            .attribute(
                "path",
                attribute::string().required().requires_replace().identifies().describe(path),
            )
            .attribute(
                "mode",
                attribute::string()
                    .default("0755")
                    .describe("Its permissions, in octal digits. They are `0755` unless set."),
            )
            .attribute("force", attribute::boolean().describe(force))
            .attribute("id", attribute::string().computed().describe("The path again."))
    }

    fn validate(&self, config: &Attributes) -> Vec<Problem> {
        check_path(config).into_iter().chain(check_mode(config, "mode")).collect()
    }

    async fn plan(&self, plan: &mut Plan) -> Result<(), Failure> {
        let path = plan.planned.get("path").clone();
        plan.set("id", path);
        parents::plan(&self.root, plan);
        Ok(())
    }

    async fn create(&self, mut planned: Instance) -> Result<Instance, Failure> {
        let root = self.root.clone();
        blocking(move || {
            let path = planned.string("path")?.to_owned();
            let place = root.resolve(&path);
            parents::with(&root, &mut planned, (&place, None), || {
                match std::fs::create_dir(&place) {
                    // A directory that is there is taken over, with what is in it.
                    Err(_) if place.is_dir() => Ok(()),
                    made => made,
                }
            })
            .map_err(|error| problem("make the directory", &path, &error))?;
            root.ways.manage(&place);
            planned.set("id", path);
            set_mode(&root, planned)
        })
        .await
    }

    async fn read(&self, mut recorded: Instance) -> Result<Option<Instance>, Failure> {
        let root = self.root.clone();
        blocking(move || {
            let path = recorded.string("path")?.to_owned();
            let place = root.resolve(&path);
            match std::fs::metadata(&place) {
                Ok(found) if found.is_dir() => {
                    root.ways.manage(&place);
                    let mode = mode_text(found.mode(), &recorded);
                    recorded.set("mode", mode);
                    recorded.set("id", path);
                    parents::found(&root, &mut recorded);
                    Ok(Some(recorded))
                }
                Ok(_) => Ok(None),
                Err(error) if is_gone(&error) => Ok(None),
                Err(error) => Err(problem("look at", &path, &error)),
            }
        })
        .await
    }

    async fn update(&self, _prior: Instance, planned: Instance) -> Result<Instance, Failure> {
        let root = self.root.clone();
        blocking(move || set_mode(&root, planned)).await
    }

    async fn delete(&self, recorded: Instance) -> Result<(), Failure> {
        let root = self.root.clone();
        blocking(move || {
            let path = recorded.string("path")?;
            let place = root.resolve(path);
            let removed = if recorded.get("force").as_bool() == Some(true) {
                std::fs::remove_dir_all(&place)
            } else {
                std::fs::remove_dir(&place)
            };
            match removed {
                Ok(()) => {}
                Err(error) if is_gone(&error) => {}
                Err(error) if error.kind() == std::io::ErrorKind::DirectoryNotEmpty => {
                    let detail = "Something else has put files there: move them away, or set \
                                  `force = true`, apply, and destroy it then.";
                    let summary = format!("the directory `{path}` is not empty");
                    return Err(invalid("path", summary, detail));
                }
                Err(error) => return Err(problem("remove", path, &error)),
            }
            root.ways.leave(&place);
            parents::forget(&root, &recorded);
            Ok(())
        })
        .await
    }

    async fn import(&self, id: &str) -> Result<Instance, Failure> {
        let mut instance = Instance::default();
        instance.set("path", id);
        Ok(instance)
    }
}

fn set_mode(root: &Root, planned: Instance) -> Result<Instance, Problem> {
    let path = planned.string("path")?;
    let mode = mode(&planned, "mode").unwrap_or(0o755);
    std::fs::set_permissions(root.resolve(path), std::fs::Permissions::from_mode(mode))
        .map_err(|error| problem("set the mode of", path, &error))?;
    Ok(planned)
}
