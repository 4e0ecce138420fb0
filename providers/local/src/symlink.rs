//! `local.symlink`: a symbolic link.

use std::path::Path;

use async_trait::async_trait;
use syncline_model::Problem;
use syncline_protocol::sdk::{
    Attributes, Failure, Instance, Plan, Resource, Schema, attribute, invalid,
};

use crate::file::{beside, forget_beside, sync};
use crate::parents::{self, Memory, is_gone};
use crate::place::{Root, blocking, check_path, problem, remove_file};

/// The type `local.symlink`.
pub(crate) struct Symlink {
    root: Root,
}

impl Symlink {
    pub(crate) const fn new(root: Root) -> Self {
        Self { root }
    }
}

#[async_trait]
impl Resource for Symlink {
    fn schema(&self) -> Schema {
        let path = "Where it is; relative to the project's folder unless it starts with `/`. \
                    Missing directories above it are made, and go with it when they are empty.";
        let target = "What it points to, as it is written into the link: relative to the link's \
                      own directory unless it starts with `/`. It need not be there.";
        Schema::new("A symbolic link.")
            .attribute(
                "path",
                attribute::string().required().requires_replace().identifies().describe(path),
            )
            .attribute("target", attribute::string().required().describe(target))
            .attribute("id", attribute::string().computed().describe("The path again."))
    }

    fn validate(&self, config: &Attributes) -> Vec<Problem> {
        let mut problems: Vec<Problem> = check_path(config).into_iter().collect();
        let target = config.get("target").as_str();
        if target.is_some_and(|target| target.is_empty() || target.contains('\0')) {
            problems.push(invalid("target", "a link cannot point there", "Name a path."));
        }
        problems
    }

    async fn plan(&self, plan: &mut Plan) -> Result<(), Failure> {
        let path = plan.planned.get("path").clone();
        plan.set("id", path);
        parents::plan(&self.root, plan);
        Ok(())
    }

    async fn create(&self, planned: Instance) -> Result<Instance, Failure> {
        let root = self.root.clone();
        blocking(move || {
            let (path, target) = (planned.string("path")?, planned.string("target")?);
            let place = root.resolve(path);
            let same = std::fs::read_link(&place).is_ok_and(|found| found == Path::new(target));
            if !same && std::fs::symlink_metadata(&place).is_ok() {
                let summary = format!("there is something at `{path}` already");
                return Err(invalid("path", summary, "Move it away, or use another path."));
            }
            put(&root, planned, same)
        })
        .await
    }

    async fn read(&self, mut recorded: Instance) -> Result<Option<Instance>, Failure> {
        let root = self.root.clone();
        blocking(move || {
            let path = recorded.string("path")?.to_owned();
            let target = match std::fs::read_link(root.resolve(&path)) {
                Ok(target) => target.to_string_lossy().into_owned(),
                // A file or a directory in its place is no link.
                Err(error) if error.kind() == std::io::ErrorKind::InvalidInput => return Ok(None),
                Err(error) if is_gone(&error) => return Ok(None),
                Err(error) => return Err(problem("look at", &path, &error)),
            };
            let same = recorded.get("target").as_str() == Some(&target);
            if Memory::of(&recorded.private).planned && !same {
                // What was planned is there or not: this is somebody else's.
                return Ok(None);
            }
            if !same {
                recorded.set("target", target);
            }
            recorded.set("id", path);
            parents::found(&root, &mut recorded);
            Ok(Some(recorded))
        })
        .await
    }

    async fn update(&self, _prior: Instance, planned: Instance) -> Result<Instance, Failure> {
        let root = self.root.clone();
        blocking(move || put(&root, planned, true)).await
    }

    async fn delete(&self, recorded: Instance) -> Result<(), Failure> {
        let root = self.root.clone();
        blocking(move || {
            let path = recorded.string("path")?;
            let place = root.resolve(path);
            // What has taken its place is not the link, and stays.
            if std::fs::symlink_metadata(&place).is_ok_and(|found| found.is_symlink()) {
                remove_file(&place, path)?;
            }
            forget_beside(&place);
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

/// Makes the link; one that goes over another is made beside it and renamed into its place, so that
/// it is never missing.
fn put(root: &Root, mut planned: Instance, over: bool) -> Result<Instance, Problem> {
    let path = planned.string("path")?.to_owned();
    let target = planned.string("target")?.to_owned();
    let place = root.resolve(&path);
    parents::with(root, &mut planned, (&place, None), || {
        let directory = place.parent().unwrap_or(Path::new("/"));
        if over {
            let made = tempfile::Builder::new()
                .prefix(&beside(directory, &place)?)
                .rand_bytes(0)
                .make_in(directory, |beside| std::os::unix::fs::symlink(&target, beside))?;
            made.into_temp_path().persist(&place).map_err(|error| error.error)?;
        } else {
            std::os::unix::fs::symlink(&target, &place)?;
        }
        sync(directory)
    })
    .map_err(|error| problem("make the link", &path, &error))?;
    planned.set("id", path);
    Ok(planned)
}
