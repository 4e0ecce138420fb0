//! State files where nothing can be written.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use syncline_model::EnvironmentName;
use syncline_planner::record::{Body, Log, LogError, Record};
use syncline_state::{KeySeal, SqliteBackend, StoredLog};

fn log(path: &Path) -> StoredLog {
    let seal = Arc::new(KeySeal::new(&[1; 32]));
    SqliteBackend::new(path).log(&EnvironmentName("dev".into()), seal, Arc::new(|| 5))
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap().block_on(future)
}

fn append(path: &Path, after: u64) -> Result<(), LogError> {
    let body = Body::Outputs { values: vec![("n".into(), syncline_model::Value::from(1))] };
    block_on(log(path).append(vec![body], Some(after))).map(drop)
}

fn read(log: &StoredLog) -> Result<Vec<Record>, LogError> {
    block_on(log.read(0))
}

/// Makes a log of one record, beside which the file that SQLite needs cannot be made, not even by the superuser.
fn unwritable(name: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    append(&path, 0).unwrap();
    bar(&path);
    (folder, path)
}

/// Puts a link that leads nowhere in its place.
fn bar(path: &Path) {
    std::os::unix::fs::symlink("nowhere/at/all", beside(path, "-shm")).unwrap();
}

fn beside(path: &Path, end: &str) -> PathBuf {
    PathBuf::from(format!("{}{end}", path.display()))
}

#[test]
fn what_cannot_be_written_is_read() {
    for name in ["state.db", "a b/what? 100%#.db"] {
        let (_folder, path) = unwritable(name);
        assert_eq!(read(&log(&path)).unwrap().len(), 1, "{name}");
        let error = append(&path, 1).unwrap_err();
        assert!(matches!(error, LogError::Storage { doing: "written", .. }), "{error}");
    }
}

#[test]
fn what_somebody_else_writes_meanwhile_is_seen() {
    let (_folder, path) = unwritable("state.db");
    let reader = log(&path);
    assert_eq!(read(&reader).unwrap().len(), 1);
    std::fs::remove_file(beside(&path, "-shm")).unwrap();
    append(&path, 1).unwrap();
    bar(&path);
    assert_eq!(read(&reader).unwrap().len(), 2);
}

#[test]
fn what_is_not_in_the_file_itself_is_not_taken_for_missing() {
    let (_folder, path) = unwritable("state.db");
    std::fs::write(beside(&path, "-wal"), [0; 100]).unwrap();
    let error = read(&log(&path)).unwrap_err().to_string();
    assert!(error.contains("state.db-wal"), "{error}");
}
