//! What is written in assembly: all functions of a file are one section, which only the file's name tells.
//!
//! Takes the names of functions that ran, returns patterns of a linker script for the files that hold some of them.

use std::collections::BTreeSet;
use std::path::Path;

use object::read::archive::ArchiveFile;
use object::{Object as _, ObjectSection as _, ObjectSymbol as _};

use crate::{Failure, cargo};

/// The crates that assemble.
const CRATES: [&str; 2] = ["aws_lc_sys", "blake3"];

/// Returns patterns such as `*libblake3-*.rlib:*-blake3_avx2.o(.text)`.
///
/// # Errors
/// When a library of the release build cannot be read.
pub(super) fn of(names: &BTreeSet<&str>) -> Result<BTreeSet<String>, Failure> {
    let folder = cargo::target_dir().join("release/deps");
    let told = |error: &dyn std::fmt::Display| format!("{}: {error}", folder.display());
    let mut patterns = BTreeSet::new();
    for entry in std::fs::read_dir(&folder).map_err(|error| told(&error))? {
        let path = entry.map_err(|error| told(&error))?.path();
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        let of = |own: &&&str| file.starts_with(&format!("lib{own}-")) && file.ends_with(".rlib");
        if let Some(own) = CRATES.iter().find(of) {
            let found = files(&path, names).map_err(|error| told(&error))?;
            patterns.extend(found.iter().map(|file| format!("*lib{own}-*.rlib:*-{file}(.text)")));
        }
    }
    Ok(patterns)
}

/// Returns the names of the files of a library whose section of code holds one of the functions, without the hash that
/// a build gives them.
fn files(library: &Path, names: &BTreeSet<&str>) -> Result<Vec<String>, String> {
    let bytes = std::fs::read(library).map_err(|error| error.to_string())?;
    let archive = ArchiveFile::parse(&*bytes).map_err(|error| error.to_string())?;
    let mut files = Vec::new();
    for member in archive.members() {
        let member = member.map_err(|error| error.to_string())?;
        let name = String::from_utf8_lossy(member.name()).into_owned();
        let Some((_, file)) = name.split_once('-').filter(|_| !name.ends_with(".rcgu.o")) else {
            continue;
        };
        let data = member.data(&*bytes).map_err(|error| error.to_string())?;
        let Ok(object) = object::File::parse(data) else { continue };
        let code = object.section_by_name(".text").map(|section| section.index());
        let runs = |symbol: object::Symbol<'_, '_>| {
            symbol.section_index() == code && symbol.name().is_ok_and(|name| names.contains(name))
        };
        if code.is_some() && object.symbols().any(runs) {
            files.push(file.to_owned());
        }
    }
    Ok(files)
}
