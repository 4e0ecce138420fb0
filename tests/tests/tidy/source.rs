//! Rules for each Rust file.

use crate::{File, files, report};

const LINES_OF_FILE: usize = 600;
const LINES_OF_FUNCTION: usize = 60;

#[test]
fn every_module_has_a_header() {
    let offences: Vec<String> = files(&[".rs"])
        .iter()
        .filter(|file| !file.text.starts_with("//! "))
        .map(|file| format!("{}:1", file.path))
        .collect();
    report("files that do not start with `//! `", &offences);
}

#[test]
fn no_file_is_too_long() {
    let offences: Vec<String> = files(&[".rs", ".pest"])
        .iter()
        .filter(|file| file.text.lines().count() > LINES_OF_FILE)
        .map(|file| format!("{}: {} lines", file.path, file.text.lines().count()))
        .collect();
    report("files of more than 600 lines", &offences);
}

#[test]
fn no_function_is_too_long() {
    let mut offences = Vec::new();
    for file in files(&[".rs"]) {
        for (line, name, length) in functions(&file) {
            if length > LINES_OF_FUNCTION {
                offences.push(format!("{}:{line}: `{name}` has {length} lines", file.path));
            }
        }
    }
    report("functions of more than 60 lines", &offences);
}

/// Returns each function's line, name and length. Relies on rustfmt: a function ends with the
/// first brace that stands alone where its first line starts.
fn functions(file: &File) -> Vec<(usize, String, usize)> {
    let lines: Vec<&str> = file.text.lines().collect();
    let mut found = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let code = line.trim_start();
        let Some(name) = function_name(code) else { continue };
        if code.ends_with(';') || code.ends_with('}') {
            continue;
        }
        let end = format!("{}}}", &line[..line.len() - code.len()]);
        if let Some(length) = lines[index..].iter().position(|line| *line == end) {
            found.push((index + 1, name, length + 1));
        }
    }
    found
}

fn function_name(code: &str) -> Option<String> {
    let mut rest = code;
    if let Some(after) = rest.strip_prefix("pub") {
        rest = match after.strip_prefix('(') {
            Some(inside) => inside.split_once(')')?.1,
            None => after,
        };
        rest = rest.strip_prefix(' ')?;
    }
    for word in ["const ", "async "] {
        rest = rest.strip_prefix(word).unwrap_or(rest);
    }
    let rest = rest.strip_prefix("fn ")?;
    Some(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect())
}

#[test]
fn nothing_is_left_for_later_and_nothing_sleeps() {
    // The words are put together here so that this file does not offend itself.
    let banned = [
        ["TO", "DO"].concat(),
        ["FIX", "ME"].concat(),
        ["#[ign", "ore"].concat(),
        ["thread::sl", "eep"].concat(),
        ["unimpl", "emented!("].concat(),
        ["to", "do!("].concat(),
    ];
    let mut offences = Vec::new();
    for file in files(&[".rs", ".pest", ".sync", ".toml"]) {
        for (number, line) in file.lines() {
            for word in &banned {
                if line.contains(word.as_str()) {
                    offences.push(format!("{}:{number}: `{word}`", file.path));
                }
            }
        }
    }
    report("what is not finished, ignored or sleeping", &offences);
}

#[test]
fn no_module_has_a_name_that_says_nothing() {
    let banned = ["utils", "util", "helpers", "helper", "manager", "common", "misc"];
    let offences: Vec<String> = files(&[".rs"])
        .iter()
        .filter(|file| {
            let mut parts = file.path.trim_end_matches(".rs").split('/');
            parts.any(|part| banned.contains(&part))
        })
        .map(|file| file.path.clone())
        .collect();
    report("names that say nothing", &offences);
}

/// Trees that are kept are of one parser: whatever decides on them is part of their key.
#[test]
fn kept_trees_know_their_whole_parser() {
    let folder = "lang/src/syntax/";
    let list =
        files(&["trees.rs"]).into_iter().find(|file| file.path == format!("{folder}trees.rs"));
    let list = list.map(|file| file.text).unwrap_or_default();
    // These only word what is wrong, look at trees or test.
    let spared = ["errors", "locate.rs", "visit.rs"];
    let mut offences = Vec::new();
    for file in files(&[".rs", ".pest"]) {
        let Some(name) = file.path.strip_prefix(folder) else { continue };
        let is_spared =
            name.ends_with("tests.rs") || spared.iter().any(|own| name.starts_with(own));
        if !is_spared && !list.contains(&format!("include_str!(\"{name}\")")) {
            offences.push(format!("{}:1", file.path));
        }
    }
    report("files of the parser that `lang/src/syntax/trees.rs` does not name", &offences);
}
