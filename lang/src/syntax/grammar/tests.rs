//! The compiled grammar beside pest's own machine, on everything that the repository has.

use std::path::{Path, PathBuf};

use pest_vm::Vm;
use syncline_model::FileId;

use super::{Matched, Pair, Rule};
use crate::syntax::parts::Kind;
use crate::syntax::{pipeline, scanner};

/// Returns the texts of the project's `.sync` files and cases.
#[expect(clippy::disallowed_methods, reason = "the texts are the repository's")]
fn texts() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut folders = vec![root.join("tests/suite"), root.join("examples"), root.join("stdlib")];
    let mut texts = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                texts.push((path, text));
            }
        }
    }
    texts.sort();
    texts
}

/// Returns what a pair and those within it are, a line each.
fn shown(pair: Pair<'_>, into: &mut Vec<(String, usize, usize)>) {
    let (start, end) = pair.range();
    into.push((format!("{:?}", pair.as_rule()), start, end));
    for pair in pair.into_inner() {
        shown(pair, into);
    }
}

fn shown_by_pest(pair: pest::iterators::Pair<'_, &str>, into: &mut Vec<(String, usize, usize)>) {
    let span = pair.as_span();
    into.push((pair.as_rule().to_owned(), span.start(), span.end()));
    for pair in pair.into_inner() {
        shown_by_pest(pair, into);
    }
}

fn sorted(mut rules: Vec<String>) -> Vec<String> {
    rules.sort();
    rules.dedup();
    rules
}

/// Asserts that a text gives the same pairs, or the same failure.
fn assert_same(vm: &Vm, matched: &mut Matched, rule: Rule, text: &str) {
    let ours = matched.take(rule, text).map(|()| {
        let mut all = Vec::new();
        shown(matched.root(text).unwrap(), &mut all);
        all
    });
    let ours = ours.map_err(|refusal| {
        let expected = refusal.expected.unwrap();
        (refusal.at, sorted(expected.iter().map(|rule| format!("{rule:?}")).collect()))
    });
    let name = format!("{rule:?}");
    let theirs = vm.parse(&name, text).map(|pairs| {
        let mut all = Vec::new();
        for pair in pairs {
            shown_by_pest(pair, &mut all);
        }
        all
    });
    let theirs = theirs.map_err(|error| {
        let pest::error::InputLocation::Pos(at) = error.location else { panic!("{error}") };
        let pest::error::ErrorVariant::ParsingError { positives, .. } = error.variant else {
            panic!("{error}")
        };
        (at, sorted(positives.into_iter().map(str::to_owned).collect()))
    });
    assert_eq!(ours, theirs, "{rule:?}: {text}");
}

#[test]
fn matches_are_those_of_pest() {
    let (_, rules) = pest_meta::parse_and_optimize(include_str!("../grammar.pest")).unwrap();
    let vm = Vm::new(rules);
    let mut matched = Matched::default();
    let (mut pieces, mut seed) = (0, 0x9e37_79b9_u64);
    for (_, text) in texts() {
        let outline = scanner::scan(FileId(0), &text);
        let parts = pipeline::cut(&text, outline.seen());
        for piece in parts.iter().flat_map(|part| &part.pieces) {
            let slice = piece.slice();
            let rule = match piece.kind {
                Kind::Member => Rule::member,
                Kind::Header | Kind::Unopened => Rule::header,
                Kind::Item => Rule::item_entry,
            };
            let own = &text[slice.start..slice.end];
            assert_same(&vm, &mut matched, rule, own);
            // Something is missing, or there once more.
            for _ in 0..4 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let at = own.floor_char_boundary((seed >> 33) as usize % own.len().max(1));
                let end = own.ceil_char_boundary((at + 1).min(own.len()));
                let mutant = match seed >> 62 {
                    0 | 1 => format!("{}{}", &own[..at], &own[end..]),
                    2 => format!("{}{}", &own[..end], &own[at..]),
                    _ => own[..at].to_owned(),
                };
                assert_same(&vm, &mut matched, rule, &mutant);
            }
            pieces += 1;
        }
    }
    assert!(pieces > 1000, "{pieces}");
}
