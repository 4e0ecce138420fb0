//! Diagnostic codes: unique, documented, and each shown by a case.

use std::collections::BTreeMap;

use crate::{File, files, report};

/// Returns each code with the places that define it.
fn codes() -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in files(&[".rs"]) {
        if file.path.starts_with("tests/") {
            continue;
        }
        for (number, line) in file.lines() {
            if line.trim_start().starts_with("//") {
                continue;
            }
            let code = line.split("id: \"").nth(1).and_then(|rest| rest.get(..5));
            if let Some(code) = code.filter(|code| is_code(code)) {
                let place = format!("{}:{number}", file.path);
                found.entry(code.to_owned()).or_default().push(place);
            }
        }
    }
    found
}

fn is_code(text: &str) -> bool {
    text.starts_with(['E', 'W']) && text[1..].chars().all(|digit| digit.is_ascii_digit())
}

#[test]
fn codes_are_unique() {
    let codes = codes();
    assert!(codes.len() > 40, "the codes are found: {}", codes.len());
    let offences: Vec<String> = codes
        .iter()
        .filter(|(_, places)| places.len() > 1)
        .map(|(code, places)| format!("{code}: {}", places.join(", ")))
        .collect();
    report("codes that are defined twice", &offences);
}

#[test]
fn every_code_is_shown_by_a_test() {
    let shown: Vec<File> = files(&[".txt", ".rs"])
        .into_iter()
        .filter(|file| {
            file.path.starts_with("tests/suite/")
                || file.path.starts_with("tests/tests/") && !file.path.contains("/tidy/")
        })
        .collect();
    let offences: Vec<String> = codes()
        .iter()
        .filter(|(code, _)| !shown.iter().any(|file| file.text.contains(code.as_str())))
        .map(|(code, places)| format!("{code}: {}", places.join(", ")))
        .collect();
    report("codes that no case shows", &offences);
}

/// Codes of the language that no wrong program of the corpus can show, and why.
const BEYOND_THE_CORPUS: &[(&str, &str)] =
    &[("E0125", "the source would have 8 MiB; `tests/tests/e2e/hostile.rs` makes one")];

/// The corpus of wrong programs is what people read to judge the messages: it has all of them, as they
/// are printed.
#[test]
fn every_code_of_the_language_is_in_the_corpus() {
    let corpus: Vec<File> = files(&[".txt"])
        .into_iter()
        .filter(|file| file.path.starts_with("tests/suite/diagnostics/"))
        .collect();
    let mut offences = Vec::new();
    for (code, places) in codes() {
        if !places.iter().any(|place| place.starts_with("lang/")) {
            continue;
        }
        let kind = if code.starts_with('W') { "warning" } else { "error" };
        let printed = format!("{kind}[{code}]: ");
        let is_shown = corpus.iter().any(|file| file.text.contains(&printed));
        let is_beyond = BEYOND_THE_CORPUS.iter().any(|(own, _)| *own == code);
        if is_shown == is_beyond {
            let problem =
                if is_shown { "is shown, and said to be beyond it" } else { "is not shown" };
            offences.push(format!("{code}: {problem} ({})", places.join(", ")));
        }
    }
    report("codes that `tests/suite/diagnostics` lacks", &offences);
}

/// One file for each diagnostic of the language, its page first, named by the code.
#[test]
fn every_diagnostic_of_the_language_has_a_page() {
    let mut offences = Vec::new();
    for file in files(&[".rs"]) {
        if !file.path.starts_with("lang/src/diagnostics/") || file.path.ends_with("/mod.rs") {
            continue;
        }
        let code = file.text.split("id: \"").nth(1).and_then(|rest| rest.get(..5));
        match code {
            Some(code) if file.text.starts_with(&format!("//! {code}: ")) => {}
            _ => offences.push(format!("{}: its header does not start with its code", file.path)),
        }
    }
    report("diagnostics without a page", &offences);
}
