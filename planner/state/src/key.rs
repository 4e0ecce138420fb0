//! The key file.
//!
//! One line: `syncline-key-v1:` and the key's 32 bytes in hexadecimal. Its mode is 0600 and its
//! folder's 0700; a file that others may read is refused, since then it is not a secret any more.
//! The file is made once and never overwritten.

use std::path::{Path, PathBuf};

use crate::{KeySeal, private, seal};

const PREFIX: &str = "syncline-key-v1:";

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file could not be read or written.
    #[error("the key file {} could not be {doing}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// `read` or `written`.
        doing: &'static str,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// Others may read it.
    #[error(
        "the key file {path} can be read by others (mode {mode:03o}); \
         if nobody did, run: chmod 600 {path}", path = path.display()
    )]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// It is no key file.
    #[error(
        "the key file {} does not hold a key: its one line is `{PREFIX}` and 64 hexadecimal digits",
        path.display()
    )]
    Content {
        /// The file.
        path: PathBuf,
    },
    /// No key could be made.
    #[error(transparent)]
    Random(#[from] crate::SealError),
}

impl KeySeal {
    /// Reads the key file; makes it, with a new random key, where there is none.
    ///
    /// # Errors
    /// [`KeyError`] when it cannot be read or made, when others may read it, and when it holds no
    /// key.
    pub fn load_or_create(path: &Path) -> Result<Self, KeyError> {
        if let Some(seal) = Self::load(path)? {
            return Ok(seal);
        }
        let mut key = [0; 32];
        seal::random(&mut key)?;
        let line = format!("{PREFIX}{}\n", blake3::Hash::from_bytes(key).to_hex());
        let fail = |source| KeyError::File { path: path.to_owned(), doing: "written", source };
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            private::create_folder(folder).map_err(fail)?;
        }
        if private::create(path, line.as_bytes()).map_err(fail)? {
            return Ok(Self::new(&key));
        }
        // Another process was faster: its key is the one.
        Self::load(path)?.ok_or_else(|| fail(std::io::ErrorKind::NotFound.into()))
    }

    /// Reads the key file; `None` where there is none.
    ///
    /// # Errors
    /// As [`KeySeal::load_or_create`].
    pub fn load(path: &Path) -> Result<Option<Self>, KeyError> {
        let fail = |source| KeyError::File { path: path.to_owned(), doing: "read", source };
        let metadata = match std::fs::metadata(path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(fail(error)),
        };
        #[cfg(unix)]
        {
            let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777;
            if metadata.is_file() && mode & 0o077 != 0 {
                return Err(KeyError::Exposed { path: path.to_owned(), mode });
            }
        }
        if !metadata.is_file() || metadata.len() > 4096 {
            return Err(KeyError::Content { path: path.to_owned() });
        }
        let text = std::fs::read(path).map_err(fail)?;
        let key = std::str::from_utf8(&text)
            .ok()
            .and_then(|text| text.trim_end().strip_prefix(PREFIX))
            .and_then(|digits| blake3::Hash::from_hex(digits).ok())
            .ok_or_else(|| KeyError::Content { path: path.to_owned() })?;
        Ok(Some(Self::new(key.as_bytes())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_for_its_owner() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("syncline/key");
        let made = KeySeal::load_or_create(&path).unwrap();
        let read = KeySeal::load_or_create(&path).unwrap();
        assert_eq!(made.id(), read.id());
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
            let error = KeySeal::load_or_create(&path).unwrap_err().to_string();
            assert!(error.contains("mode 640") && error.contains("chmod 600"), "{error}");
        }
    }

    #[test]
    fn many_at_once_agree_on_one_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let ids: Vec<String> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| KeySeal::load_or_create(&path).unwrap().id().to_owned()))
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        for content in ["", "syncline-key-v1:", "syncline-key-v1:00", "hello"] {
            private::replace(&path, content.as_bytes()).unwrap();
            let error = KeySeal::load_or_create(&path).unwrap_err();
            assert!(matches!(error, KeyError::Content { .. }), "{content}: {error}");
        }
        let error = KeySeal::load_or_create(folder.path()).unwrap_err();
        assert!(matches!(error, KeyError::Content { .. }), "{error}");
    }
}
