//! Laws that hold for all input, on made input: of the formatter, of kept trees, of overlays and of
//! renaming.

#![expect(clippy::unwrap_used, reason = "a test fails where it cannot go on")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use proptest::prelude::*;
use syncline_lang::diagnostics::deduplicate;
use syncline_lang::ide::{Analysis, renamable, rename};
use syncline_lang::syntax::{Trees, parse, parse_with};
use syncline_lang::{Inputs, check, fmt};
use syncline_model::{Diagnostic, FileId, Sources, Value};
use syncline_tests::case::{Case, Section};
use syncline_tests::front::{Parsed, Schemas};

/// A piece of an expression.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        "[a-e]".prop_map(|name| name),
        (0..1_000_i64).prop_map(|number| number.to_string()),
        "[a-z ]{0,6}".prop_map(|text| format!("\"{text}\"")),
        Just("null".to_owned()),
        Just("true".to_owned()),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone(), "[-+*]|&&|==|\\?\\?")
                .prop_map(|(left, right, op)| format!("{left} {op}  {right}")),
            prop::collection::vec(inner.clone(), 0..4)
                .prop_map(|items| format!("[{}]", items.join(","))),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{{ x = {a}, y={b} }}")),
            (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(a, b, c)| format!("if {a} then {b}  else {c}")),
            inner.clone().prop_map(|a| format!("({a})")),
            inner.clone().prop_map(|a| format!("\"v ${{{a}}}\"")),
            inner.prop_map(|a| format!("[for x in {a}: x]")),
        ]
    })
}

/// A source with comments in every kind of gap.
fn source() -> impl Strategy<Value = String> {
    let gap = || {
        prop_oneof![
            4 => Just("\n".to_owned()),
            1 => Just("\n\n\n".to_owned()),
            1 => "[a-z ]{0,8}".prop_map(|text| format!(" // {text}\n")),
            1 => "[a-z ]{0,8}".prop_map(|text| format!("\n/* {text} */\n")),
        ]
    };
    let member = prop_oneof![
        ("[a-e]", expression()).prop_map(|(name, value)| format!("let {name}={value}")),
        ("[f-j]", 0..9_i64).prop_map(|(name, value)| format!("param  {name}: int = {value}")),
        ("[k-o]", expression())
            .prop_map(|(name, value)| format!("resource mem.thing {name} {{ name={value} }}")),
        ("[p-t]", expression()).prop_map(|(name, value)| format!("{name} {{ tags+= {value}\n}}")),
        ("[u-z]", expression()).prop_map(|(name, value)| format!("output {name} =  {value}")),
    ];
    (gap(), prop::collection::vec((member, gap()), 0..8)).prop_map(|(first, members)| {
        let body: String = members.iter().map(|(member, gap)| format!("  {member}{gap}")).collect();
        format!("environment dev {{{first}{body}}}\n")
    })
}

/// Returns the comments of a source, in order, without the blanks around them.
fn comments(text: &str) -> Vec<String> {
    let (file, _) = parse(FileId(0), text);
    file.comments
        .iter()
        .map(|comment| {
            text[comment.span.start as usize..comment.span.end as usize].trim().to_owned()
        })
        .collect()
}

/// Evaluates an environment of a source and returns everything that it makes, as text.
fn evaluated(source: &str, environment: &str) -> Result<String, String> {
    evaluated_files(&BTreeMap::from([("main.sync".to_owned(), source.to_owned())]), environment)
}

/// Does the same with several sources.
fn evaluated_files(texts: &BTreeMap<String, String>, environment: &str) -> Result<String, String> {
    let mut resolved = Parsed::new(texts).resolve();
    match resolved.evaluate(environment, &Inputs::default()) {
        Some(evaluated) => {
            let resources: Vec<(String, Value)> = evaluated
                .desired
                .resources
                .iter()
                .map(|resource| (resource.address.to_string(), resource.config.clone()))
                .collect();
            let params: Vec<(String, Value)> = evaluated
                .params
                .iter()
                .map(|param| (param.name.to_string(), param.value.clone()))
                .collect();
            Ok(format!("{resources:?} {params:?}"))
        }
        None => {
            let mut codes: Vec<&str> =
                resolved.diagnostics.iter().map(|diagnostic| diagnostic.code.id).collect();
            codes.sort_unstable();
            codes.dedup();
            Err(codes.join(" "))
        }
    }
}

/// What one mixin changes.
fn change() -> impl Strategy<Value = String> {
    prop_oneof![
        (0..3_i64).prop_map(|value| format!("size = {value}")),
        "[a-c]".prop_map(|value| format!("zone = \"{value}\"")),
        ("[a-c]", "[x-y]").prop_map(|(key, value)| format!("tags += {{ {key} = \"{value}\" }}")),
        ("[a-c]", "[x-y]").prop_map(|(key, value)| format!("tags.{key} = \"{value}\"")),
        (0..3_i64).prop_map(|value| format!("web {{ size = {value} }}")),
        "[a-c]".prop_map(|value| format!("web {{ zone = \"{value}\" }}")),
        ("[a-c]", "[x-y]").prop_map(|(key, value)| format!("web.tags.{key} = \"{value}\"")),
        ("[a-c]", "[x-y]")
            .prop_map(|(key, value)| format!("web {{ tags += {{ {key} = \"{value}\" }} }}")),
        Just("web { @protect }".to_owned()),
        Just("remove web.zone".to_owned()),
    ]
}

/// The sources of every run of every case.
fn every_program() -> Vec<BTreeMap<String, String>> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("suite");
    let mut programs = Vec::new();
    for folder in std::fs::read_dir(root).unwrap() {
        for path in std::fs::read_dir(folder.unwrap().path()).unwrap() {
            let text = std::fs::read_to_string(path.unwrap().path()).unwrap();
            let mut texts = BTreeMap::new();
            for section in Case::parse(&text).unwrap().sections {
                match section {
                    Section::File { name, text } => drop(texts.insert(name, text)),
                    Section::Run { .. } | Section::Expect { .. } => programs.push(texts.clone()),
                    Section::World { .. } => {}
                }
            }
        }
    }
    programs
}

/// Returns everything that is wrong with a program.
fn reports(texts: &BTreeMap<String, String>) -> Vec<Diagnostic> {
    let mut resolved = Parsed::new(texts).resolve();
    let found = check(&resolved.project, &Inputs::default(), &resolved.others);
    resolved.diagnostics.extend(found);
    deduplicate(&mut resolved.diagnostics);
    resolved.diagnostics
}

/// Applies what is beyond doubt of reports; tells how many there were.
fn mend(texts: &mut BTreeMap<String, String>, found: &[Diagnostic]) -> usize {
    let files: Vec<String> = texts.keys().filter(|own| own.ends_with(".sync")).cloned().collect();
    let certain = found.iter().filter(|own| own.is_mendable());
    let mut mends: Vec<_> = certain.flat_map(|own| &own.suggestions).collect();
    mends.sort_by_key(|own| std::cmp::Reverse((own.span.file, own.span.start)));
    for own in &mends {
        let text = texts.get_mut(&files[own.span.file.0 as usize]).unwrap();
        text.replace_range(own.span.start as usize..own.span.end as usize, &own.replacement);
    }
    mends.len()
}

#[test]
fn what_is_mended_without_asking_leaves_fewer_mistakes() {
    let codes = |all: Vec<Diagnostic>| all.iter().map(|own| own.code.id).collect::<Vec<_>>();
    // What could not be read may hold mistakes of another kind.
    let unread = |codes: &[&str]| codes.iter().filter(|id| id.starts_with("E01")).count();
    let mut mended = 0;
    for texts in every_program() {
        let mut now = texts.clone();
        let before = mended;
        loop {
            let found = Parsed::new(&now).diagnostics;
            match mend(&mut now, &found) {
                0 => break,
                more => mended += more,
            }
        }
        if mended > before {
            let (was, is) = (codes(reports(&texts)), codes(reports(&now)));
            let helps = unread(&is) < unread(&was) && is.len() <= was.len();
            assert!(helps, "{was:?} -> {is:?}\n{texts:#?}\n{now:#?}");
        }
    }
    assert!(mended > 20, "{mended}");
}

/// Returns where words start.
fn words(text: &str) -> impl Iterator<Item = usize> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.char_indices().filter_map(move |(at, c)| {
        let starts = is_word(c) && !text[..at].ends_with(is_word);
        starts.then_some(at)
    })
}

#[test]
fn every_name_can_be_renamed() {
    let (mut renamed, mut refused) = (0, Vec::new());
    let programs: BTreeSet<_> = every_program().into_iter().collect();
    for texts in programs {
        let mut sources = Sources::default();
        for (name, text) in texts.iter().filter(|(name, _)| name.ends_with(".sync")) {
            sources.add(name.as_str(), text.as_str());
        }
        let world = Arc::new(Schemas);
        let analysis = Analysis::new(sources, &Inputs::default(), world, &|| true).unwrap();
        if analysis.diagnostics.iter().any(Diagnostic::is_error) {
            continue;
        }
        let mut seen = BTreeSet::new();
        for (file, source) in analysis.sources.iter() {
            for at in words(&source.text) {
                let Some(span) = renamable(&analysis, file, at as u32) else { continue };
                if !seen.insert((file, span.start)) {
                    continue;
                }
                match rename(&analysis, file, at as u32, "quite_new") {
                    Ok(changes) => {
                        renamed += 1;
                        let places = changes.iter().map(|own| (own.span.file, own.span.start));
                        seen.extend(places);
                    }
                    Err(why) => {
                        let (line, _) = source.line_column(span.start);
                        let name = analysis.sources.text(span);
                        refused.push(format!("{name} in line {line}: {why}\n{texts:#?}"));
                    }
                }
            }
        }
    }
    assert!(refused.is_empty(), "{} of {renamed}: {}", refused.len(), refused.join("\n"));
    assert!(renamed > 1000, "{renamed}");
}

/// Every source that there is: those of the cases, of the examples and of the standard library.
fn every_source() -> Vec<String> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut folders: Vec<_> =
        ["tests/suite", "tests/examples", "examples", "stdlib"].map(|own| root.join(own)).into();
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|own| own == "sync") {
                sources.push(std::fs::read_to_string(path).unwrap());
            } else if path.extension().is_some_and(|own| own == "txt") {
                let Ok(case) = Case::parse(&std::fs::read_to_string(path).unwrap()) else {
                    continue;
                };
                sources.extend(case.sections.into_iter().filter_map(|section| match section {
                    Section::File { text, .. } => Some(text),
                    Section::World { .. } | Section::Run { .. } | Section::Expect { .. } => None,
                }));
            }
        }
    }
    sources
}

/// Parses a text with what is known of another one, and fails where that is not the same as
/// parsing it alone. Returns what is known then, and how many parts were parsed.
#[track_caller]
fn parsed_again(text: &str, known: &Trees) -> (Trees, usize) {
    let parsed = parse_with(FileId(7), text, known);
    let (file, diagnostics) = parse(FileId(7), text);
    assert_eq!(format!("{:?}", parsed.file), format!("{file:?}"), "\n{text}");
    assert_eq!(parsed.diagnostics, diagnostics, "\n{text}");
    let kept = Trees::from_bytes(&parsed.trees.to_bytes()).unwrap();
    (kept, parsed.fresh)
}

#[test]
fn what_is_kept_gives_the_tree_that_parsing_gives() {
    let sources = every_source();
    assert!(sources.len() > 500, "{}", sources.len());
    for text in &sources {
        let (kept, _) = parsed_again(text, &Trees::default());
        let (_, fresh) = parsed_again(text, &kept);
        let has_mistake = !parse(FileId(0), text).1.is_empty();
        assert!(fresh == 0 || has_mistake, "\n{text}");
        // At another place it is the same, too.
        parsed_again(&format!("// Moved.\n\nuse std.lists\n{text}"), &kept);
    }
    let whole = sources.join("\n");
    let (kept, _) = parsed_again(&whole, &Trees::default());
    parsed_again(&whole, &kept);
}

#[test]
fn damaged_trees_are_not_believed() {
    let text = "environment dev {\n  let a = \"${1 + 2}\" // why\n  resource mem.thing t { name = a }\n}\n";
    let (kept, _) = parsed_again(text, &Trees::default());
    let bytes = kept.to_bytes();
    for at in 0..bytes.len() {
        assert!(Trees::from_bytes(&bytes[..at]).is_none());
        for bit in 0..8 {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << bit;
            assert!(Trees::from_bytes(&damaged).is_none(), "bit {bit} of byte {at}");
        }
    }
}

#[test]
fn an_edit_costs_the_parts_around_it() {
    let member =
        |at: usize| format!("  resource mem.thing r{at} {{ name = \"r${{{at} * 2}}\" }}\n");
    let members: Vec<String> = (0..6_000).map(member).collect();
    let text = |first: &str, last: &str| {
        format!("{first}environment dev {{\n{}{last}}}\n", members.concat())
    };
    let (kept, all) = parsed_again(&text("", ""), &Trees::default());
    assert!(all > 5, "{all} parts");
    for edited in [text("type T = int\n", ""), text("", "  let a = 1\n"), text("", "  let x 1\n")] {
        let (_, fresh) = parsed_again(&edited, &kept);
        assert!((1..=2).contains(&fresh), "{fresh} of {all} parts");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// What is formatted does not change when it is formatted again, and has every comment.
    #[test]
    fn the_format_is_stable_and_keeps_comments(text in source()) {
        let Ok(once) = fmt::format(&text) else { return Ok(()) };
        let twice = fmt::format(&once);
        prop_assert_eq!(twice.as_ref(), Ok(&once));
        prop_assert_eq!(comments(&once), comments(&text));
    }

    /// What is kept of a text is no harm to another one.
    #[test]
    fn what_is_kept_is_no_harm_elsewhere(first in source(), second in source()) {
        let (kept, _) = parsed_again(&first, &Trees::default());
        parsed_again(&second, &kept);
        parsed_again(&format!("{second}{first}"), &kept);
    }

    /// The parser ends with a tree for any text at all.
    #[test]
    fn any_text_gives_a_tree(text in "[a-z{}\\[\\]()=\"$,.;\n /*@+<>|&?!0-9]{0,120}") {
        let (_, diagnostics) = parse(FileId(0), &text);
        for diagnostic in diagnostics {
            for label in diagnostic.labels {
                prop_assert!(text.get(label.span.start as usize..label.span.end as usize).is_some());
            }
        }
    }

    /// Whatever mixins change: their order changes neither the values nor whether they conflict.
    #[test]
    fn the_order_of_mixins_never_matters(
        mixins in prop::collection::vec(prop::collection::vec(change(), 1..3), 2..4),
    ) {
        let mut source = String::from(
            "abstract environment base {\n  param size: int = 9\n  param zone: string = \"z\"\n  \
             param tags: {string: string} = { o = \"1\" }\n  \
             resource mem.thing web { name = \"web\", zone = \"q\", tags = { o = \"1\" } }\n}\n",
        );
        let mut names = Vec::new();
        for (index, changes) in mixins.iter().enumerate() {
            source.push_str(&format!("overlay m{index} for base {{\n  {}\n}}\n", changes.join("\n  ")));
            names.push(format!("m{index}"));
        }
        let forward = format!("{source}environment dev extends base with {} {{}}\n", names.join(", "));
        names.reverse();
        let backward = format!("{source}environment dev extends base with {} {{}}\n", names.join(", "));
        prop_assert_eq!(evaluated(&forward, "dev"), evaluated(&backward, "dev"), "{}", source);
    }

    /// `super` is what the member is without the layer that says it.
    #[test]
    fn super_is_the_value_without_the_layer(
        first in prop::option::of(0..9_i64),
        second in prop::option::of(0..9_i64),
        added in 1..9_i64,
    ) {
        let set = |value: Option<i64>| value.map_or(String::new(), |value| format!("  size = {value}\n"));
        let source = format!(
            "abstract environment base {{\n  param size: int = 5\n}}\n\
             overlay mixed for base {{\n{}}}\n\
             environment below extends base with mixed {{\n{}}}\n\
             environment above extends below {{\n  size = super + {added}\n}}\n\
             environment plain extends below {{}}\n",
            set(first), set(second)
        );
        let beneath = second.or(first).unwrap_or(5);
        let sized = |size| Ok(format!("[] [(\"size\", {size})]"));
        prop_assert_eq!(evaluated(&source, "plain"), sized(beneath), "{}", source);
        prop_assert_eq!(evaluated(&source, "above"), sized(beneath + added), "{}", source);
    }

    /// What is final is never changed by what stands above it, and what is not there is never amended.
    #[test]
    fn what_is_final_stays_and_what_is_absent_is_not_amended(
        changes in prop::collection::vec(change(), 1..3),
    ) {
        let base = "abstract environment base {\n  final param size: int = 9\n  \
                    param zone: string = \"z\"\n  param tags: {string: string} = { o = \"1\" }\n  \
                    resource mem.thing web { name = \"web\", zone = \"q\", tags = { o = \"1\" } }\n}\n";
        let body = changes.join("\n  ");
        let source = format!("{base}environment dev extends base {{\n  {body}\n}}\n");
        let result = evaluated(&source, "dev");
        if changes.iter().any(|change| change.starts_with("size =")) {
            prop_assert!(result.is_err(), "{}", source);
        } else if let Ok(text) = result {
            prop_assert!(text.contains("(\"size\", 9)"), "{}\n{}", text, source);
        }
        let absent = format!("environment base {{\n  param other: int = 1\n}}\n\
                              environment dev extends base {{\n  {body}\n}}\n");
        prop_assert!(evaluated(&absent, "dev").is_err(), "{}", absent);
    }

    /// In which order members and layers are written, and in which files, never shows.
    #[test]
    fn the_order_of_text_never_shows(
        (members, shuffled) in Just(vec![
            "param size: int = 2", "let double = size * 2", "let text = \"${double}-${web.zone}\"",
            "resource mem.thing web { name = \"web\", zone = \"q\", size = double }",
            "resource mem.thing api { name = text, members = [web.id] }",
            "output all = [double, size]", "ensure size > 0 else \"none\"",
        ]).prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
        cut in 0..3_usize,
    ) {
        let layers = |members: &[&str]| vec![
            format!("abstract environment base {{\n  {}\n}}\n", members.join("\n  ")),
            "overlay more for base {\n  web { size = 7 }\n}\n".to_owned(),
            "environment dev extends base with more {\n  size = super + 1\n}\n".to_owned(),
        ];
        let forward = evaluated(&layers(&members).concat(), "dev");
        prop_assert!(forward.is_ok(), "{:?}", forward);
        let mut turned = layers(&shuffled);
        turned.rotate_left(cut);
        prop_assert_eq!(&forward, &evaluated(&turned.concat(), "dev"));
        let files = turned.iter().enumerate().map(|(at, text)| (format!("f{at}.sync"), text.clone()));
        prop_assert_eq!(&forward, &evaluated_files(&files.collect(), "dev"));
    }
}
