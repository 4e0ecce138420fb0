//! The house rules that no compiler checks: headers, sizes, imports, codes, cases, links.
//!
//! Takes the checkout as it is and fails with every offence at once, each as `file:line: what`.

#![expect(clippy::unwrap_used, reason = "a test fails where it cannot go on")]

mod codes;
mod documents;
mod imports;
mod links;
mod source;

use std::path::{Path, PathBuf};

/// A file of the checkout with its text.
pub(crate) struct File {
    /// Relative to the root, with `/`.
    pub(crate) path: String,
    /// What it says.
    pub(crate) text: String,
}

impl File {
    /// Returns the lines, numbered from 1.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }
}

/// Returns the root of the checkout.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// Returns every file of the checkout with one of the endings, but what is built and hidden.
pub(crate) fn files(endings: &[&str]) -> Vec<File> {
    let mut found = Vec::new();
    walk(&root(), &mut |path| {
        let name = path.file_name().unwrap().to_str().unwrap();
        if endings.iter().any(|ending| name.ends_with(ending)) {
            let relative = path.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/");
            let text = std::fs::read_to_string(path).unwrap();
            found.push(File { path: relative, text });
        }
    });
    found.sort_by(|left, right| left.path.cmp(&right.path));
    found
}

fn walk(folder: &Path, visit: &mut dyn FnMut(&Path)) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with('.') || name == "target" || name == "node_modules" || path.is_symlink()
        {
            continue;
        }
        if path.is_dir() {
            walk(&path, visit);
        } else {
            visit(&path);
        }
    }
}

/// Fails with every offence, or passes when there is none.
#[track_caller]
pub(crate) fn report(rule: &str, offences: &[String]) {
    assert!(offences.is_empty(), "{rule}:\n  {}\n", offences.join("\n  "));
}

/// Every case belongs to a stage, so that the runner finds it.
#[test]
fn no_case_is_forgotten() {
    let stages = syncline_tests::suite::STAGES;
    let mut offences = Vec::new();
    let suite = root().join("tests").join("suite");
    walk(&suite, &mut |path| {
        let relative = path.strip_prefix(&suite).unwrap().to_str().unwrap().replace('\\', "/");
        let parts: Vec<&str> = relative.split('/').collect();
        match parts.as_slice() {
            [stage, name] if stages.contains(stage) && name.ends_with(".txt") => {}
            _ => offences.push(relative),
        }
    });
    report("files that no stage's runner runs", &offences);
}
