//! The names of objects.
//!
//! Takes names of environments and sequence numbers, returns paths, and reads them back. Letters,
//! digits, `_`, `-` and `.` stand for themselves; any other byte is `=` and two hexadecimal digits.
//! Law: two names never have one path.

use object_store::path::Path;
use syncline_model::EnvironmentName;

/// The folder of an environment.
pub(crate) fn environment(prefix: &Path, name: &EnvironmentName) -> Path {
    prefix.clone().join(escape(&name.0))
}

/// The folder of a log's batches.
pub(crate) fn log(prefix: &Path, name: &EnvironmentName) -> Path {
    environment(prefix, name).join("log")
}

/// The batch that begins with a record.
pub(crate) fn batch(prefix: &Path, name: &EnvironmentName, first: u64) -> Path {
    log(prefix, name).join(format!("{first:020}"))
}

/// The checkpoint of an environment.
pub(crate) fn checkpoint(prefix: &Path, name: &EnvironmentName) -> Path {
    environment(prefix, name).join("checkpoint")
}

/// Returns the first record of a batch by its path.
pub(crate) fn first(path: &Path) -> Option<u64> {
    let name = path.filename()?;
    name.parse().ok().filter(|first: &u64| format!("{first:020}") == name)
}

/// Returns the environment of a folder by its name.
pub(crate) fn environment_of(folder: &str) -> Option<EnvironmentName> {
    let mut bytes = Vec::new();
    let mut rest = folder.as_bytes();
    while let Some((byte, more)) = rest.split_first() {
        rest = more;
        if *byte == b'=' {
            let (digits, more) = rest.split_at_checked(2)?;
            bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
            rest = more;
        } else {
            bytes.push(*byte);
        }
    }
    let name = String::from_utf8(bytes).ok()?;
    (escape(&name) == folder).then(|| EnvironmentName(name.as_str().into()))
}

fn escape(name: &str) -> String {
    let mut escaped = String::new();
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' => escaped.push(byte.into()),
            // A name of points alone is none.
            b'.' if !escaped.is_empty() => escaped.push('.'),
            _ => escaped.push_str(&format!("={byte:02x}")),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back() {
        for name in ["dev", "prod/eu", "a.b", "..", "ä ö", "x=2f", "a_b-c", "%2F"] {
            let folder = escape(name);
            assert_eq!(
                environment_of(&folder).map(|found| found.0.to_string()).as_deref(),
                Some(name)
            );
            assert!(!folder.contains(['/', '%', ' ']), "{folder}");
        }
        assert_eq!(environment_of("=2"), None);
        assert_eq!(environment_of("=64ev"), None);
    }

    #[test]
    fn batches_sort_by_their_first_record() {
        let (prefix, dev) = (Path::from("a/b"), EnvironmentName("dev".into()));
        let path = batch(&prefix, &dev, 12);
        assert_eq!(path.as_ref(), "a/b/dev/log/00000000000000000012");
        assert_eq!(first(&path), Some(12));
        assert!(path < batch(&prefix, &dev, 100));
        assert_eq!(first(&checkpoint(&prefix, &dev)), None);
    }
}
