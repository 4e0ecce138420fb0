//! A state file where nothing can be written: on a file system that is read-only, in a folder of somebody else, on a disk
//! that is full.
//!
//! SQLite makes files beside a database that has a write-ahead log, even to read it. Where it cannot, and that log
//! is empty, everything is in the file itself, which is then read as one that nobody changes. Somebody may change it all the
//! same, as on a machine whose folder is mounted to be read elsewhere: whoever reads looks whether it is as it was, and each
//! record vouches for those before.

use std::ffi::OsString;
use std::fs;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rusqlite::{Connection, ErrorCode, OpenFlags, ffi};
use syncline_planner::record::LogError;

use super::Doing;
use crate::private::Draft;

/// What tells whether a file was changed: its length, when it was written, and the length of its write-ahead log.
pub(super) type Standing = (u64, Option<SystemTime>, u64);

/// Tells whether SQLite found that it cannot write.
pub(super) fn is_so(error: &rusqlite::Error) -> bool {
    match error.sqlite_error() {
        // On a full disk there is no room for the files beside it.
        Some(own) if own.code == ErrorCode::SystemIoFailure => {
            BESIDE_IT.contains(&own.extended_code)
        }
        Some(own) => {
            matches!(own.code, ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::DiskFull)
        }
        None => false,
    }
}

/// What SQLite says where it cannot make or lengthen what it shares between processes.
const BESIDE_IT: [i32; 3] =
    [ffi::SQLITE_IOERR_SHMOPEN, ffi::SQLITE_IOERR_SHMSIZE, ffi::SQLITE_IOERR_SHMMAP];

/// Returns what a file is now.
pub(super) fn look(path: &Path) -> Option<Standing> {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.len(), metadata.modified().ok(), ahead(path)))
}

/// Returns how much is in the write-ahead log.
fn ahead(path: &Path) -> u64 {
    fs::metadata(beside(path, "-wal")).map_or(0, |metadata| metadata.len())
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(end);
    name.into()
}

/// Opens a file as it stands.
pub(super) fn connect(path: &Path) -> Result<Connection, Error> {
    // What SQLite says of a file that must not be read says less.
    fs::File::open(path)?;
    let fail = |error: rusqlite::Error| Error::other(error);
    if ahead(path) > 0 {
        let wal = beside(path, "-wal");
        return Err(Error::new(
            ErrorKind::ReadOnlyFilesystem,
            format!(
                "what was written last is in {}, and to read that, files have to be made beside it: it can be read \
                 where its folder can be written, or in a copy of the folder",
                wal.display()
            ),
        ));
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    Connection::open_with_flags(address(path), flags).map_err(fail)
}

/// Returns a path as the address of a file that nobody changes.
fn address(path: &Path) -> String {
    let mut address = String::from(if path.is_absolute() { "file://" } else { "file:" });
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' => address.push(char::from(*byte)),
            byte if byte.is_ascii_alphanumeric() => address.push(char::from(*byte)),
            byte => address.push_str(&format!("%{byte:02X}")),
        }
    }
    address + "?immutable=1"
}

/// Returns the error of a file; where it cannot be written, that is said, and why.
pub(super) fn told(path: &Path, doing: Doing, error: &rusqlite::Error) -> LogError {
    let why = is_so(error).then(|| why(path, doing)).flatten();
    match why {
        Some(why) => super::failed(doing, path, &why),
        None => super::failed(doing, path, error),
    }
}

/// Returns what the operating system says of writing, or of reading.
fn why(path: &Path, doing: Doing) -> Option<String> {
    if doing == "read" {
        return fs::File::open(path).err().map(|error| error.to_string());
    }
    let only_read = "; what only reads works";
    if let Err(error) = fs::OpenOptions::new().append(true).open(path) {
        return Some(format!("{error}{only_read}"));
    }
    // What SQLite wants to begin with.
    let error = Draft::write(path, &[0; 32 << 10]).err()?;
    let folder = path.parent()?.display();
    Some(format!("files have to be made beside it, and {folder} says: {error}{only_read}"))
}
