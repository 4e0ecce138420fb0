//! Laws that hold for all input, on made input: of the formatter and of overlays.

use std::collections::BTreeMap;

use proptest::prelude::*;
use syncline_lang::syntax::parse;
use syncline_lang::{Inputs, fmt};
use syncline_model::{FileId, Value};
use syncline_tests::front::Parsed;

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
    let texts = BTreeMap::from([("main.sync".to_owned(), source.to_owned())]);
    let mut resolved = Parsed::new(&texts).resolve();
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
}
