//! Which commit of its repository a project was read from.
//!
//! Takes the project's folder, returns what the record of a run says. Git is asked while the run plans: it reads the
//! whole folder to tell whether something differs.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::{Builder, JoinHandle};

/// A commit that Git is being asked for.
#[derive(Debug)]
pub(super) struct Commit {
    root: PathBuf,
    asked: Option<JoinHandle<String>>,
}

impl Commit {
    /// Begins to ask.
    pub(super) fn ask(root: &Path) -> Self {
        let own = root.to_owned();
        let asked = Builder::new().name("commit".to_owned()).spawn(move || read(&own)).ok();
        Self { root: root.to_owned(), asked }
    }

    /// Returns the commit, with `-dirty` where the folder differs from it; empty without one.
    pub(super) fn get(self) -> String {
        match self.asked {
            Some(asked) => asked.join().unwrap_or_default(),
            None => read(&self.root),
        }
    }
}

fn read(root: &Path) -> String {
    let git = |arguments: &[&str]| {
        let output = Command::new("git")
            .arg("-C")
            .arg(root)
            .args(arguments)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output()
            .ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let Some(commit) = git(&["rev-parse", "HEAD"]) else { return String::new() };
    let differs = git(&["status", "--porcelain", "--", "."]).is_some_and(|text| !text.is_empty());
    if differs { format!("{commit}-dirty") } else { commit }
}
