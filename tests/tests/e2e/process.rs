//! Runs of `syncline` in folders of their own.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

/// After this a run hangs: it is ended, and the test fails.
const PATIENCE: Duration = Duration::from_secs(300);
/// The memory that a run may map, in KiB.
const MEMORY: u64 = 6_000_000;

/// Returns the binary.
pub(crate) fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        if let Some(path) = std::env::var_os("SYNCLINE_BIN") {
            return PathBuf::from(path);
        }
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let built = Command::new(cargo).args(["build", "--package", "syncline-cli"]).status();
        assert!(built.unwrap().success(), "the command line builds");
        // This test is at target/PROFILE/deps/e2e-HASH.
        let own = std::env::current_exe().unwrap();
        let profile = own.parent().unwrap().parent().unwrap();
        profile.with_file_name("debug").join("syncline")
    })
}

/// A project in a temporary folder.
pub(crate) struct Project {
    folder: tempfile::TempDir,
}

/// What a run gave.
#[derive(Debug)]
pub(crate) struct Run {
    /// Its exit code; none when a signal ended it.
    pub(crate) code: Option<i32>,
    /// What it printed.
    pub(crate) stdout: String,
    /// What it said.
    pub(crate) stderr: String,
}

impl Run {
    /// Fails unless the exit code is this one.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert!(
            self.code == Some(code) && !self.stderr.contains("panicked"),
            "exit code {:?} in place of {code}\n--- stdout\n{}\n--- stderr\n{}",
            self.code,
            shortened(&self.stdout),
            shortened(&self.stderr)
        );
        self
    }

    /// Fails unless a text is somewhere in what it printed or said.
    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(
            self.stdout.contains(text) || self.stderr.contains(text),
            "`{text}` is missing\n--- stdout\n{}\n--- stderr\n{}",
            shortened(&self.stdout),
            shortened(&self.stderr)
        );
        self
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(6_000).collect()
}

impl Project {
    /// Returns an empty folder.
    pub(crate) fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// Returns a folder that is the root of a project, whatever is in the folders above.
    pub(crate) fn new() -> Self {
        let project = Self::empty();
        project.write("project.sync", "project \"test\" {}\n");
        project
    }

    /// Returns a project with one more source.
    pub(crate) fn with(source: &str) -> Self {
        let project = Self::new();
        project.write("main.sync", source);
        project
    }

    /// Returns a copy of an example.
    pub(crate) fn example(name: &str) -> Self {
        let project = Self::empty();
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples").join(name);
        project.copy(&from, Path::new(""));
        project
    }

    /// Copies the files of a folder and of those in it; what an earlier run left is not copied.
    fn copy(&self, from: &Path, into: &Path) {
        for entry in std::fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            let name = into.join(entry.file_name());
            if entry.file_type().unwrap().is_file() {
                std::fs::copy(entry.path(), self.path(name)).unwrap();
            } else if entry.file_name() != ".syncline" && entry.file_name() != "out" {
                std::fs::create_dir(self.path(&name)).unwrap();
                self.copy(&entry.path(), &name);
            }
        }
    }

    /// Returns the path of a file in it.
    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    /// Makes a pipe on which a command of the project can wait.
    pub(crate) fn pipe(&self, name: &str) {
        let made = Command::new("mkfifo").arg(self.path(name)).status().unwrap();
        assert!(made.success());
    }

    /// Lets go whoever reads from a pipe; waits until there is somebody.
    pub(crate) fn release(&self, name: &str) {
        std::fs::write(self.path(name), "go\n").unwrap();
    }

    /// Returns the command for a run, with a clean environment and bounded memory.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("sh");
        command
            .args(["-c", &format!("ulimit -v {MEMORY}; exec \"$0\" \"$@\"")])
            .arg(binary())
            .args(arguments)
            .current_dir(self.folder.path())
            .env("NO_COLOR", "1")
            .env("XDG_CACHE_HOME", self.path(".cache"))
            // What the S3 of the tests takes; nothing else looks at them.
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            // No test may depend on a network, or on how a machine is set up.
            .env("SYNCLINE_OFFLINE", "1")
            .env("SYNCLINE_CONFIG_FILE", "/dev/null")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        for name in ["CI", "SYNCLINE_LOG", "COLUMNS"] {
            command.env_remove(name);
        }
        command
    }

    /// Runs to the end.
    #[track_caller]
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        finish(self.command(arguments).spawn().unwrap())
    }
}

/// Waits for a run's end.
#[track_caller]
pub(crate) fn finish(child: Child) -> Run {
    let process = child.id();
    let (sender, receiver) = channel();
    let waiting = std::thread::spawn(move || {
        let output = child.wait_with_output();
        let _nobody_waits = sender.send(());
        output
    });
    if receiver.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
        signal(process, "KILL");
        panic!("the run did not end");
    }
    let output = waiting.join().unwrap().unwrap();
    Run {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Sends a signal.
pub(crate) fn signal(process: u32, name: &str) -> ExitStatus {
    Command::new("kill").args([format!("-{name}"), process.to_string()]).status().unwrap()
}

/// Returns every file and folder below a folder, hidden ones left out, sorted.
pub(crate) fn tree(folder: &Path) -> Vec<String> {
    fn walk(folder: &Path, root: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
            if name.starts_with('.') {
                continue;
            }
            found.push(name);
            if path.is_dir() && !path.is_symlink() {
                walk(&path, root, found);
            }
        }
    }
    let mut found = Vec::new();
    walk(folder, folder, &mut found);
    found.sort();
    found
}
