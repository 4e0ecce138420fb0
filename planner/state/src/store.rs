//! The state file: one SQLite database for all environments of a project.
//!
//! | table | columns |
//! | --- | --- |
//! | `meta` | `key` text, `value` text; `format` is [`FORMAT`] |
//! | `records` | `environment` text, `sequence` integer, `previous` blob of 32, `hash` blob of 32, `time` integer, `body` blob; key (`environment`, `sequence`) |
//! | `heads` | `environment` text, key; `sequence`, `hash` of the last record: so that a lost end is noticed |
//! | `checkpoint_parts` | `environment` text, `part` integer, `body` blob; key (`environment`, `part`): the bytes of a checkpoint, see there, in parts, of which SQLite holds one at a time |
//!
//! Why it is durable: with `journal_mode = WAL` and `synchronous = FULL`, SQLite appends a
//! transaction's pages to the write-ahead log and syncs that file before a commit returns, so a
//! record that was acknowledged survives a kill, a crash and a loss of power, and one that was not
//! is there wholly or not at all. Readers never wait for a writer. `busy_timeout` lets two writers
//! take turns.
//!
//! Where nothing can be written (see [`unwritable`]) the file is read as it stands.
//!
//! The file is made complete beside its place and then linked there, so that nobody ever sees half
//! of it. A folder that is made for it has mode 0700 and a `.gitignore` for everything in it; the file
//! has mode 0600, and SQLite gives its write-ahead log the same.

mod unwritable;

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use syncline_planner::record::LogError;

use self::unwritable::Standing;
use crate::private;

/// The format that this version writes and reads.
pub(crate) const FORMAT: u32 = 1;

/// Made with the file, and in one that is older than they are, when they are first needed.
pub(crate) const BESIDE: &str = "
    CREATE TABLE IF NOT EXISTS heads (
        environment TEXT PRIMARY KEY,
        sequence INTEGER NOT NULL,
        hash BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS checkpoint_parts (
        environment TEXT NOT NULL,
        part INTEGER NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (environment, part)
    ) STRICT, WITHOUT ROWID;
    -- Where they once stood whole.
    DROP TABLE IF EXISTS checkpoints;
";

const SCHEMA: &str = "
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE records (
        environment TEXT NOT NULL,
        sequence INTEGER NOT NULL,
        previous BLOB NOT NULL,
        hash BLOB NOT NULL,
        time INTEGER NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (environment, sequence)
    ) STRICT, WITHOUT ROWID;
";

/// An open state file.
pub(crate) struct Store {
    pub(crate) connection: Connection,
    path: PathBuf,
    identity: Option<Identity>,
    /// What it was when it was opened, where it cannot be written: SQLite does not look for changes of others then.
    standing: Option<Standing>,
}

/// What tells a file from another one that was put in its place: device and inode.
type Identity = (u64, u64);

/// What was being done when the storage failed.
pub(crate) type Doing = &'static str;

impl Store {
    /// Opens a state file; `None` where there is none.
    pub(crate) fn open(path: &Path, doing: Doing) -> Result<Option<Self>, LogError> {
        let metadata = match std::fs::metadata(path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(doing, path, &error)),
        };
        if !metadata.is_file() || metadata.len() == 0 {
            let reason = if metadata.is_file() { "it is empty" } else { "it is not a file" };
            return Err(foreign(path, reason));
        }
        let (connection, standing) = match connect(path) {
            Ok(connection) => (connection, None),
            Err(error) if unwritable::is_so(&error) && doing == "read" => {
                let standing = unwritable::look(path);
                let connection = unwritable::connect(path);
                (connection.map_err(|error| failed(doing, path, &error))?, standing)
            }
            Err(error) => return Err(unwritable::told(path, doing, &error)),
        };
        let identity = identity(path);
        let store = Self { connection, path: path.to_owned(), identity, standing };
        store.prepare(doing)?;
        Ok(Some(store))
    }

    /// Opens a state file and makes it where there is none.
    pub(crate) fn open_or_create(path: &Path) -> Result<Self, LogError> {
        let doing = "written";
        if let Some(store) = Self::open(path, doing)? {
            return Ok(store);
        }
        create(path).map_err(|error| failed(doing, path, &error))?;
        Self::open(path, doing)?
            .ok_or_else(|| failed(doing, path, &"it was removed as soon as it was made"))
    }

    /// Tells whether another file, or none, is now where this one was.
    pub(crate) fn is_replaced(&self) -> bool {
        let changed = || self.standing.is_some() && unwritable::look(&self.path) != self.standing;
        identity(&self.path) != self.identity || changed()
    }

    /// Returns the error for what SQLite said.
    pub(crate) fn failed(&self, doing: Doing, error: &rusqlite::Error) -> LogError {
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
        match error.sqlite_error_code() {
            Some(NotADatabase | DatabaseCorrupt) => foreign(&self.path, &error.to_string()),
            _ => unwritable::told(&self.path, doing, error),
        }
    }

    fn prepare(&self, doing: Doing) -> Result<(), LogError> {
        let fail = |error: rusqlite::Error| self.failed(doing, &error);
        self.connection.busy_timeout(Duration::from_secs(30)).map_err(fail)?;
        self.connection.set_prepared_statement_cache_capacity(8);
        // Nothing that the file itself defines is run.
        self.connection.execute_batch("PRAGMA trusted_schema = OFF;").map_err(fail)?;
        let found: String = self
            .connection
            .query_row("SELECT value FROM meta WHERE key = 'format'", [], |row| row.get(0))
            .map_err(|error| {
                // No such table or no such row: a database, but not of this kind.
                let reason = match error.sqlite_error_code() {
                    Some(rusqlite::ErrorCode::Unknown) => error.to_string(),
                    None => "it names no format".to_owned(),
                    Some(_) => return fail(error),
                };
                foreign(&self.path, &reason)
            })?;
        let found: u32 = found.parse().map_err(|_| foreign(&self.path, "it names no format"))?;
        if found > FORMAT {
            return Err(LogError::Format { found, known: FORMAT });
        }
        // The checkpoint's own syncs are spread over more commits than by default. What is read is read
        // once, in order, and what is written comes after all that is there: 128 KiB of pages are enough.
        self.connection
            .execute_batch(
                "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000; \
                 PRAGMA cache_size = -128;",
            )
            .map_err(fail)
    }
}

/// Opens a file to be read and written; fails where either cannot be done.
fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    // Whether the files beside it can be made is found out by the first look at it.
    match connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())) {
        Err(error) if unwritable::is_so(&error) => Err(error),
        Ok(()) | Err(_) => Ok(connection),
    }
}

fn create(path: &Path) -> Result<(), Box<dyn std::error::Error>> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        // A folder that others use, such as the project's, has files in it that Git shall see.
        let is_own = folder.ends_with(".syncline") || !folder.exists();
        private::create_folder(folder)?;
        if is_own {
            private::create(&folder.join(".gitignore"), b"*\n")?;
        }
    }
    let draft = private::Draft::new(path)?;
    let connection = Connection::open_with_flags(&draft.0, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    // With the journal that undoes, a commit is in the file itself, or fails and says so. With a
    // write-ahead log it would come there when the connection closes, and that tells no error.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.execute_batch(&format!(
        "BEGIN; {SCHEMA} {BESIDE} INSERT INTO meta VALUES ('format', '{FORMAT}'); COMMIT;"
    ))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.close().map_err(|(_, error)| error)?;
    draft.publish(path)?;
    Ok(())
}

fn failed(doing: Doing, path: &Path, error: &dyn std::fmt::Display) -> LogError {
    LogError::Storage { doing, reason: format!("{}: {error}", path.display()) }
}

fn foreign(path: &Path, reason: &str) -> LogError {
    let path = path.display();
    let reason = format!("{path} is not a state file of Syncline, or is damaged: {reason}");
    LogError::Foreign { reason }
}

#[cfg(unix)]
fn identity(path: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata(path).ok().map(|metadata| (metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn identity(path: &Path) -> Option<Identity> {
    path.exists().then_some((0, 0))
}
