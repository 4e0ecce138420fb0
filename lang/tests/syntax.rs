//! Properties of the parser and the formatter over random sources.
//!
//! Sources are made of random trees in a random layout, with comments between tokens wherever the
//! language lets a line end; mutated sources are those with pieces cut, doubled or replaced.

use proptest::prelude::*;
use syncline_lang::{fmt, syntax};
use syncline_model::FileId;

/// Returns a tree as text without places, and without what may vary with the layout.
fn shape(text: &str) -> String {
    let (file, diagnostics) = syntax::parse(FileId(0), text);
    assert!(diagnostics.is_empty(), "{diagnostics:#?}\nin\n{text}");
    let debug = format!("{:?}", file.items);
    let mut shape = String::with_capacity(debug.len());
    let mut rest = debug.as_str();
    while let Some(at) = rest.find("Span {") {
        shape.push_str(&rest[..at]);
        rest = rest[at..].split_once('}').map_or("", |(_, rest)| rest);
    }
    shape + rest
}

/// Returns the comments' texts in order.
fn comments(text: &str) -> Vec<String> {
    let (file, _) = syntax::parse(FileId(0), text);
    let comment = |span: syncline_model::Span| {
        text[span.start as usize..span.end as usize].trim_end().to_owned()
    };
    file.comments.iter().map(|found| comment(found.span)).collect()
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("a".to_owned()),
        Just("replicas".to_owned()),
        Just("type".to_owned()),
        Just("final".to_owned()),
        Just("remove".to_owned()),
        "[a-z]{1,4}_[a-z0-9]{1,20}",
    ]
}

/// A place where any space can stand: it is filled in when the source is laid out.
const GAP: &str = "\u{1}";
/// A place where a separator stands.
const SEPARATOR: &str = "\u{2}";

fn joined(parts: Vec<String>) -> String {
    parts.iter().map(|part| format!("{GAP}{part}{SEPARATOR}")).collect()
}

fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        name().prop_filter("a reserved word", |name| name != "in" && name != "if"),
        "[1-9][0-9]{0,3}",
        Just("1_000.5e3".to_owned()),
        Just("true".to_owned()),
        Just("null".to_owned()),
        "\"[a-z ]{0,12}\"",
        Just("\"a${b + c[1]}d\\n\"".to_owned()),
        Just("\"\"\"\n    x\n      ${y}\n    \"\"\"".to_owned()),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let list = prop::collection::vec(inner.clone(), 0..4);
        let entries = prop::collection::vec((name(), inner.clone()), 0..4);
        prop_oneof![
            list.prop_map(|items| format!("[{}{GAP}]", joined(items))),
            entries.prop_map(|entries| {
                let entries = entries
                    .into_iter()
                    .map(|(key, value)| format!("{key} ={GAP}{value}"))
                    .collect();
                format!("{{{}{GAP}}}", joined(entries))
            }),
            (inner.clone(), inner.clone(), operator()).prop_map(|(a, b, op)| {
                // A line may not start with `in`.
                let gap = if op == "in" { " " } else { GAP };
                format!("({GAP}{a}{gap}{op}{GAP}{b}{GAP})")
            }),
            (inner.clone(), inner.clone(), operator())
                .prop_map(|(a, b, op)| format!("{a} {op}{GAP}{b}")),
            (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(a, b, c)| format!("(if{GAP}{a}{GAP}then{GAP}{b}{GAP}else{GAP}{c})")),
            (inner.clone(), inner.clone())
                .prop_map(|(a, b)| format!("f({GAP}{a}{GAP},{GAP}y ={GAP}{b}{GAP})")),
            (inner.clone(), inner.clone())
                .prop_map(|(a, b)| format!("[for{GAP}x in{GAP}{a}{GAP}if{GAP}{b}{GAP}:{GAP}x]")),
            inner.clone().prop_map(|a| format!("({a}).b?.c[{a}]")),
            inner.prop_map(|a| format!("-({a})")),
        ]
    })
}

fn operator() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "+", "-", "*", "/", "%", "&&", "||", "??", "==", "!=", "<", ">=", "in",
    ])
}

fn ty() -> impl Strategy<Value = String> {
    let leaf =
        prop_oneof![Just("string".to_owned()), Just("\"a\"".to_owned()), Just("-1".to_owned())];
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|ty| format!("[{GAP}{ty}{GAP}]")),
            inner.clone().prop_map(|ty| format!("{{string:{GAP}{ty}}}")),
            inner.clone().prop_map(|ty| format!("({ty})?")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}{GAP}|{GAP}{b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!(
                "{{{GAP}a:{GAP}{a}{SEPARATOR}{GAP}b?: {b} = 1{SEPARATOR}{GAP}}}"
            )),
            inner.prop_map(|ty| format!("({ty} where{GAP}it > 1)")),
        ]
    })
}

fn body() -> impl Strategy<Value = String> {
    let entry = prop_oneof![
        (name(), expression()).prop_map(|(name, value)| format!("{name} ={GAP}{value}")),
        (name(), expression()).prop_map(|(name, value)| format!("{name}.b +={GAP}{value}")),
        Just("@protect".to_owned()),
        Just("@ignore(a, b.c)".to_owned()),
        Just("\"a b\" = 1".to_owned()),
        Just("owner".to_owned()),
        Just("remove a.b".to_owned()),
        Just("final x = 1".to_owned()),
        Just("nested { a = 1 }".to_owned()),
    ];
    prop::collection::vec(entry, 0..5).prop_map(|entries| format!("{{{}{GAP}}}", joined(entries)))
}

fn member() -> impl Strategy<Value = String> {
    prop_oneof![
        (name(), ty(), expression())
            .prop_map(|(name, ty, value)| format!("param {name}: {ty} ={GAP}{value}")),
        (name(), expression()).prop_map(|(name, value)| format!("let {name} = {value}")),
        (name(), expression()).prop_map(|(name, value)| format!("a.{name} = {value}")),
        (name(), body()).prop_map(|(name, body)| format!("resource x.y {name} {body}")),
        (name(), body())
            .prop_map(|(name, body)| format!("data x.y {name}[k in ks] if k > 1 {body}")),
        (expression(), expression()).prop_map(|(a, b)| format!("ensure ({a}){GAP}else{GAP}{b}")),
        Just("remove jobs[\"a\"]".to_owned()),
    ]
}

fn source() -> impl Strategy<Value = String> {
    let layer = prop::collection::vec(member(), 0..6).prop_map(|members| {
        format!("environment e extends b with c, d {{{}{GAP}}}", joined(members))
    });
    let item = prop_oneof![
        layer,
        ty().prop_map(|ty| format!("type T ={GAP}{ty}")),
        Just("use std.cidr as c".to_owned()),
    ];
    prop::collection::vec(item, 0..4)
        .prop_map(|items| items.iter().map(|item| format!("{GAP}{item}\n")).collect::<String>())
}

/// Fills gaps and separators with what `choices` says.
fn laid_out(source: &str, choices: &[u8]) -> String {
    let mut out = String::new();
    let mut choices = choices.iter().copied().cycle().zip(0..);
    for character in source.chars() {
        let (choice, count) = choices.next().unwrap_or_default();
        match character {
            '\u{1}' => match choice % 12 {
                0 => out.push_str(&format!(" /* c{count} */ ")),
                1 => out.push_str(&format!(" // c{count}\n")),
                2 => out.push_str(&format!("\n\n\n  // c{count}\n\n")),
                3 => out.push('\n'),
                4 => out.push_str("\r\n\t "),
                5 => out.push_str(&format!("\n/* c{count}\n */\n")),
                _ => out.push(' '),
            },
            '\u{2}' => match choice % 5 {
                0 => out.push(','),
                1 => out.push_str(&format!(" // t{count}\n")),
                2 => out.push_str(&format!(", /* t{count} */")),
                3 => out.push_str(&format!(" /* t{count} */,")),
                _ => out.push('\n'),
            },
            _ => out.push(character),
        }
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn formatting_keeps_the_tree_and_the_comments_and_is_stable(
        source in source(),
        choices in prop::collection::vec(any::<u8>(), 1..40),
    ) {
        let text = laid_out(&source, &choices);
        let formatted = fmt::format(&text);
        prop_assert!(formatted.is_ok(), "{:#?}\nin\n{}", formatted, text);
        let formatted = formatted.unwrap();
        prop_assert_eq!(shape(&text), shape(&formatted), "\n{}\nbecame\n{}", text, formatted);
        prop_assert_eq!(comments(&text), comments(&formatted), "\n{}\nbecame\n{}", text, formatted);
        let again = fmt::format(&formatted).unwrap();
        prop_assert_eq!(&again, &formatted, "\n{}\nbecame\n{}\nand then\n{}", text, formatted, again);
    }

    #[test]
    fn no_text_makes_the_parser_panic(
        source in source(),
        choices in prop::collection::vec(any::<u8>(), 1..40),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0..6u8, ".{0,3}"), 1..8),
    ) {
        let mut text = laid_out(&source, &choices);
        for (place, kind, insert) in edits {
            let at = text.floor_char_boundary(place.index(text.len() + 1));
            let end = text.ceil_char_boundary((at + usize::from(kind)).min(text.len()));
            let odd = ["{", "}", "[", "\"", "${", "/*", "\"\"\"", "'", "if ", "\0"];
            match kind {
                0 | 1 => text.insert_str(at, odd[place.index(odd.len())]),
                2 | 3 => text.replace_range(at..end, ""),
                4 => text.truncate(at),
                _ => text.insert_str(at, &insert),
            }
        }
        let (file, diagnostics) = syntax::parse(FileId(0), &text);
        for diagnostic in &diagnostics {
            for label in &diagnostic.labels {
                let range = label.span.start as usize..label.span.end as usize;
                prop_assert!(text.get(range).is_some(), "{diagnostic:?}");
            }
        }
        if diagnostics.is_empty() {
            let formatted = fmt::format(&text).unwrap();
            prop_assert_eq!(file.comments.len(), comments(&formatted).len(), "\n{}\nbecame\n{}", text, formatted);
        }
        let _ = syntax::parse_expression(FileId(0), &text);
    }
}
