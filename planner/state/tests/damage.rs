//! State files that were cut, edited, replaced, left behind by a kill, or never were one.
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::Connection;
use syncline_model::{Address, Digest, EnvironmentName, Value};
use syncline_planner::record::{Body, Log, LogError};
use syncline_state::{Backend as _, KeySeal, SqliteBackend, StoredLog, Verified, VerifyError};

fn environment() -> EnvironmentName {
    EnvironmentName("dev".into())
}

fn open_with(path: &Path, key: u8) -> StoredLog {
    let seal = Arc::new(KeySeal::new(&[key; 32]));
    SqliteBackend::new(path).log(&environment(), seal, Arc::new(|| 5))
}

fn open(path: &Path) -> StoredLog {
    open_with(path, 1)
}

fn verify(path: &Path, environment: &EnvironmentName) -> Result<Verified, LogError> {
    block_on(syncline_state::verify(&SqliteBackend::new(path), environment)).map_err(|error| {
        match error {
            VerifyError::Log(error) => error,
            VerifyError::Checkpoint { .. } => panic!("{error}"),
        }
    })
}

fn environments(path: &Path) -> Result<Vec<EnvironmentName>, LogError> {
    block_on(SqliteBackend::new(path).environments())
}

fn body(number: usize) -> Body {
    let secret = Value::secret(Value::from("tiger"));
    Body::Outputs { values: vec![("n".into(), Value::from(number as i64)), ("s".into(), secret)] }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap().block_on(future)
}

/// Makes a log of some records and returns its folder and file.
fn log_of(records: usize) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(".syncline/state.db");
    let log = open(&path);
    block_on(async {
        for number in 0..records {
            log.append(vec![body(number)], Some(number as u64)).await.unwrap();
        }
    });
    (folder, path)
}

fn edit(path: &Path, sql: &str) {
    Connection::open(path).unwrap().execute_batch(sql).unwrap();
}

#[test]
fn a_folder_that_others_use_is_not_hidden_from_git() {
    let folder = tempfile::tempdir().unwrap();
    let written = |path: &str| {
        let log = open(&folder.path().join(path));
        block_on(log.append(vec![body(1)], Some(0))).unwrap();
    };
    written("own.db");
    assert!(!folder.path().join(".gitignore").exists(), "its sources shall be seen");
    written("made/own.db");
    assert!(folder.path().join("made/.gitignore").exists());
}

#[test]
fn the_file_and_its_folder_are_the_owners_alone() {
    let (folder, path) = log_of(1);
    let names: Vec<_> = std::fs::read_dir(path.parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(names.iter().all(|name| name.starts_with("state.db") || name == ".gitignore"));
    assert_eq!(std::fs::read(folder.path().join(".syncline/.gitignore")).unwrap(), b"*\n");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(path.parent().unwrap()), mode(&path)), (0o700, 0o600));
        let log = open(&path);
        block_on(log.append(vec![body(1)], Some(1))).unwrap();
        assert_eq!(mode(&path.with_file_name("state.db-wal")), 0o600);
    }
}

#[test]
fn reading_makes_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(".syncline/state.db");
    let log = open(&path);
    assert_eq!(block_on(log.read(0)).unwrap(), []);
    assert_eq!(environments(&path).unwrap(), []);
    assert_eq!(
        verify(&path, &environment()).unwrap(),
        Verified { records: 0, head: Digest::ZERO, checkpoint: None }
    );
    drop(log);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn no_secret_is_in_the_file_and_verifying_needs_no_key() {
    let (_folder, path) = log_of(3);
    let bytes = std::fs::read(&path).unwrap();
    assert!(!bytes.windows(5).any(|window| window == b"tiger"));
    let records = block_on(open(&path).read(0)).unwrap();
    assert!(records[2].body == body(2));
    let verified = verify(&path, &environment()).unwrap();
    assert_eq!(verified, Verified { records: 3, head: records[2].hash, checkpoint: None });
    let error = block_on(open_with(&path, 2).read(0)).unwrap_err().to_string();
    assert!(error.contains("SYNCLINE_KEY_FILE") && error.contains("record 1"), "{error}");
}

#[test]
fn environments_are_apart_and_listed() {
    let (_folder, path) = log_of(1);
    let prod = EnvironmentName("prod/eu".into());
    let seal = Arc::new(KeySeal::new(&[1; 32]));
    let log = SqliteBackend::new(&path).log(&prod, seal, Arc::new(|| 5));
    block_on(log.append(vec![body(1), body(2)], Some(0))).unwrap();
    assert_eq!(environments(&path).unwrap(), [environment(), prod.clone()]);
    assert_eq!(verify(&path, &environment()).unwrap().records, 1);
    assert_eq!(verify(&path, &prod).unwrap().records, 2);
}

#[test]
fn every_flipped_byte_of_a_body_is_found_and_its_record_named() {
    let (_folder, path) = log_of(4);
    let connection = Connection::open(&path).unwrap();
    let read = |sequence: u64| -> Vec<u8> {
        connection
            .query_row("SELECT body FROM records WHERE sequence = ?1", [sequence as i64], |row| {
                row.get(0)
            })
            .unwrap()
    };
    let write = |sequence: u64, body: &[u8]| {
        let values = rusqlite::params![body, sequence as i64];
        connection.execute("UPDATE records SET body = ?1 WHERE sequence = ?2", values).unwrap();
    };
    connection.execute_batch("PRAGMA synchronous = OFF").unwrap();
    for sequence in [1, 3, 4] {
        let sound = read(sequence);
        for at in 0..sound.len() {
            let mut flipped = sound.clone();
            flipped[at] ^= 1 << (at % 8);
            write(sequence, &flipped);
            match verify(&path, &environment()) {
                Err(LogError::Corrupt { sequence: named, .. }) => assert_eq!(named, sequence),
                other => panic!("byte {at} of record {sequence}: {other:?}"),
            }
        }
        write(sequence, &sound);
    }
    assert_eq!(verify(&path, &environment()).unwrap().records, 4);
}

#[test]
fn every_other_edit_is_found_and_its_record_named() {
    let edits = [
        ("UPDATE records SET time = time + 1 WHERE sequence = 2", 2),
        ("UPDATE records SET time = -1 WHERE sequence = 2", 2),
        ("UPDATE records SET hash = randomblob(32) WHERE sequence = 2", 2),
        ("UPDATE records SET hash = x'00' WHERE sequence = 2", 2),
        ("UPDATE records SET previous = randomblob(32) WHERE sequence = 3", 3),
        ("DELETE FROM records WHERE sequence = 2", 2),
        ("DELETE FROM records WHERE sequence = 1", 1),
        ("UPDATE records SET sequence = 9 WHERE sequence = 3", 3),
        ("UPDATE records SET sequence = -3 WHERE sequence = 1", 1),
    ];
    for (sql, sequence) in edits {
        let (_folder, path) = log_of(3);
        edit(&path, sql);
        for result in
            [verify(&path, &environment()).map(|_| ()), block_on(open(&path).read(0)).map(|_| ())]
        {
            match result {
                // A changed hash shows in its own record or in the next one's link.
                Err(LogError::Corrupt { sequence: named, .. }) => {
                    assert!(named == sequence || named == sequence + 1, "{sql}: {named}");
                }
                other => panic!("{sql}: {other:?}"),
            }
        }
    }
}

#[test]
fn a_log_whose_tail_was_exchanged_is_not_continued() {
    let (_folder, path) = log_of(2);
    let log = open(&path);
    block_on(log.read(0)).unwrap();
    edit(&path, "UPDATE records SET hash = randomblob(32) WHERE sequence = 2");
    assert_eq!(block_on(log.append(vec![body(2)], Some(2))), Err(LogError::Moved));
}

#[test]
fn a_file_cut_anywhere_is_told_of_or_reads_as_a_sound_prefix() {
    let (_folder, path) = log_of(60);
    let all = block_on(open(&path).read(0)).unwrap();
    let whole = std::fs::read(&path).unwrap();
    let copy = tempfile::tempdir().unwrap();
    let path = copy.path().join("state.db");
    for length in (0..whole.len()).step_by(509) {
        std::fs::write(&path, &whole[..length]).unwrap();
        let result = block_on(open(&path).read(0));
        let read = result.as_ref().map_or(0, Vec::len);
        assert!(result.is_err(), "cut at {length}, read: {read}");
        let (sound, damage) = block_on(open(&path).read_sound());
        assert!(damage.is_some() && all.starts_with(&sound), "cut at {length}");
    }
}

#[test]
fn what_is_no_state_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    for content in [&b""[..], b"hello", &[0; 8192], &[0xff; 100], b"SQLite format 3\0"] {
        std::fs::write(&path, content).unwrap();
        for error in [
            block_on(open(&path).read(0)).unwrap_err(),
            environments(&path).unwrap_err(),
            verify(&path, &environment()).unwrap_err(),
        ] {
            assert!(error.to_string().contains("state.db"), "{error}");
        }
        assert_eq!(std::fs::read(&path).unwrap(), content);
    }
    assert!(block_on(open(folder.path()).read(0)).unwrap_err().to_string().contains("not a file"));
    std::fs::remove_file(&path).unwrap();
    edit(&path, "CREATE TABLE notes (id INTEGER)");
    let error = block_on(open(&path).read(0)).unwrap_err().to_string();
    assert!(error.contains("not a state file"), "{error}");
}

#[test]
fn a_newer_format_is_refused() {
    let (_folder, path) = log_of(1);
    edit(&path, "UPDATE meta SET value = '2' WHERE key = 'format'");
    let refused = block_on(open(&path).read(0)).unwrap_err();
    assert_eq!(refused, LogError::Format { found: 2, known: 1 });
}

/// Copies what a killed process leaves: the file and its write-ahead log, cut at a length.
fn killed(path: &Path, into: &Path, length: Option<usize>) -> usize {
    std::fs::copy(path, into).unwrap();
    let wal = std::fs::read(path.with_file_name("state.db-wal")).unwrap();
    let kept = &wal[..length.unwrap_or(wal.len()).min(wal.len())];
    std::fs::write(into.with_file_name("copy.db-wal"), kept).unwrap();
    let _ = std::fs::remove_file(into.with_file_name("copy.db-shm"));
    wal.len()
}

#[test]
fn a_kill_leaves_every_record_that_was_acknowledged() {
    let (_folder, path) = log_of(0);
    let log = open(&path);
    block_on(log.append((0..10).map(body).collect(), Some(0))).unwrap();
    block_on(log.append(vec![body(10)], None)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.db");
    let length = killed(&path, &copy, None);
    let found = block_on(open(&copy).read(0)).unwrap();
    assert_eq!(found, block_on(log.read(0)).unwrap());
    // Wherever the write-ahead log ends, what is left is whole appends.
    for cut in (0..length).step_by(97) {
        killed(&path, &copy, Some(cut));
        let left = block_on(open(&copy).read(0)).unwrap();
        assert!(matches!(left.len(), 0 | 10 | 11) && found.starts_with(&left), "cut at {cut}");
    }
}

#[test]
#[cfg(unix)]
fn a_file_that_is_removed_under_a_run_is_told_of() {
    let (_folder, path) = log_of(1);
    let log = open(&path);
    block_on(log.append(vec![body(1)], Some(1))).unwrap();
    std::fs::remove_dir_all(path.parent().unwrap()).unwrap();
    let error = block_on(log.append(vec![body(2)], None)).unwrap_err().to_string();
    assert!(error.contains("removed or replaced"), "{error}");
}

#[test]
fn addresses_that_are_none_are_damage() {
    let (_folder, path) = log_of(0);
    let log = open(&path);
    let address = Address::parse("a").unwrap();
    block_on(log.append(vec![Body::Forgotten { address }], Some(0))).unwrap();
    assert_eq!(verify(&path, &environment()).unwrap().records, 1);
}

#[test]
fn a_flip_anywhere_in_the_file_is_told_of_or_changes_nothing() {
    let (_folder, path) = log_of(24);
    let all = block_on(open(&path).read(0)).unwrap();
    let whole = std::fs::read(&path).unwrap();
    let copy = tempfile::tempdir().unwrap();
    let path = copy.path().join("state.db");
    let mut told = 0;
    for at in (0..whole.len()).step_by(29) {
        let mut flipped = whole.clone();
        flipped[at] ^= 1 << (at % 8);
        std::fs::write(&path, &flipped).unwrap();
        let (sound, damage) = block_on(open(&path).read_sound());
        let _ = std::fs::remove_file(path.with_file_name("state.db-wal"));
        let _ = std::fs::remove_file(path.with_file_name("state.db-shm"));
        assert!(all.starts_with(&sound), "byte {at}");
        // Much of a file is free, or of use to nobody; what is lost is always told of.
        assert!(damage.is_some() || sound.len() == all.len(), "byte {at}: {}", sound.len());
        told += usize::from(damage.is_some());
    }
    assert!(told > 100, "{told}");
}

#[test]
fn a_lost_end_is_missed() {
    let (_folder, path) = log_of(5);
    edit(&path, "DELETE FROM records WHERE sequence > 3");
    let error = block_on(open(&path).read(0)).unwrap_err();
    assert!(matches!(error, LogError::Corrupt { sequence: 4, .. }), "{error}");
    let (sound, _) = block_on(open(&path).read_sound());
    assert_eq!(sound.len(), 3);
    // A file from before its end was noted cannot tell, and takes note from the next record on.
    edit(&path, "DROP TABLE heads");
    let log = open(&path);
    assert_eq!(block_on(log.read(0)).unwrap().len(), 3);
    block_on(log.append(vec![body(3)], Some(3))).unwrap();
    edit(&path, "DELETE FROM records WHERE sequence > 3");
    assert!(block_on(open(&path).read(0)).is_err());
}
