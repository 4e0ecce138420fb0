//! Where the programs are, and what to say where one is missing.

use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Returns the executable of one of our providers.
pub(crate) fn plugin(name: &str) -> PathBuf {
    match name {
        "local" => env!("CARGO_BIN_EXE_terraform-provider-local"),
        "random" => env!("CARGO_BIN_EXE_terraform-provider-random"),
        "time" => env!("CARGO_BIN_EXE_terraform-provider-time"),
        "notes" => return example(),
        other => panic!("there is no provider `{other}`"),
    }
    .into()
}

/// Returns the provider of the documentation for authors, which cargo builds with the tests.
fn example() -> PathBuf {
    // This test is at target/PROFILE/deps/plugins-HASH.
    let own = std::env::current_exe().unwrap();
    own.parent().unwrap().parent().unwrap().join("examples/notes")
}

/// Returns the client that is written in Go; none where it was not built, which is said.
pub(crate) fn client() -> Option<PathBuf> {
    let folder = std::env::var_os("SYNCLINE_TEST_PROVIDERS").map(PathBuf::from).or_else(|| {
        let tests = std::env::current_exe().ok()?;
        Some(tests.parent()?.parent()?.parent()?.join("providers"))
    })?;
    let file = folder.join("plugin-client");
    if file.exists() {
        return Some(file);
    }
    let said = "the plugin client was not built: `cargo xtask test` does, with Go";
    let list = std::env::var_os("SYNCLINE_SKIPPED");
    match list.map(|list| std::fs::OpenOptions::new().append(true).open(list)) {
        Some(Ok(mut list)) => writeln!(list, "{said}").unwrap(),
        Some(Err(_)) | None => eprintln!("skipped: {said}"),
    }
    None
}

/// Returns the OpenTofu that is named or on the path. Where there is none that is said, and no
/// failure anywhere: the client makes the same calls.
pub(crate) fn tofu() -> Option<PathBuf> {
    let named = std::env::var_os("SYNCLINE_TOFU").map(PathBuf::from);
    let found = named.or_else(|| {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).map(|folder| folder.join("tofu")).find(|file| file.is_file())
    });
    if found.is_none() {
        eprintln!("skipped: no `tofu` is on the path or named by SYNCLINE_TOFU");
    }
    found
}

/// Returns the definition of a version of the protocol.
pub(crate) fn protocol(version: u32) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../protocol/proto");
    folder.join(format!("tfplugin{version}.proto"))
}
