//! What the parser must bear, and what its trees must be.

use syncline_model::FileId;

use super::ast::{AmendOp, BodyEntryKind, ExprKind, ItemKind, MemberKind, TypeExprKind};
use super::{parse, parse_expression};
use crate::fmt::expression;

/// Returns the codes of what is wrong with a file.
fn codes(text: &str) -> Vec<&'static str> {
    parse(FileId(0), text).1.iter().map(|diagnostic| diagnostic.code.id).collect()
}

/// Returns the codes and the lines of what is wrong with a file.
fn codes_and_lines(text: &str) -> Vec<(&'static str, usize)> {
    let line = |at: u32| text[..at as usize].matches('\n').count() + 1;
    let (_, diagnostics) = parse(FileId(0), text);
    diagnostics.iter().map(|found| (found.code.id, line(found.span().unwrap().start))).collect()
}

/// Parses an expression that has nothing wrong with it, and prints it with all its brackets.
fn shape(text: &str) -> String {
    let (expr, diagnostics) = parse_expression(FileId(0), text);
    assert_eq!(diagnostics, [], "{text}");
    bracketed(&expr.kind)
}

#[expect(clippy::wildcard_enum_match_arm, reason = "only operators get brackets")]
fn bracketed(kind: &ExprKind) -> String {
    match kind {
        ExprKind::Binary { op, operands } => {
            let (left, right) = (bracketed(&operands.left.kind), bracketed(&operands.right.kind));
            format!("({left} {op:?} {right})")
        }
        ExprKind::Compare { first, rest } => {
            let rest: Vec<String> =
                rest.iter().map(|(op, e)| format!("{op:?} {}", bracketed(&e.kind))).collect();
            format!("({} {})", bracketed(&first.kind), rest.join(" "))
        }
        ExprKind::Unary { op, operand } => format!("({op:?} {})", bracketed(&operand.kind)),
        ExprKind::Paren(inner) => bracketed(&inner.kind),
        kind => expression(&super::ast::Expr {
            span: syncline_model::Span::new(FileId(0), 0, 0),
            kind: kind.clone(),
        }),
    }
}

/// A project has millions of them: what makes one larger makes every project slower.
#[test]
fn nodes_are_small() {
    use super::ast::{BodyEntry, Ident, MapEntry, Member, TypeExpr};
    assert_eq!(size_of::<super::ast::Expr>(), 40);
    assert_eq!(size_of::<TypeExpr>(), 40);
    assert_eq!(size_of::<Ident>(), 32);
    assert!(size_of::<MapEntry>() <= 80, "{}", size_of::<MapEntry>());
    assert!(size_of::<BodyEntry>() <= 104, "{}", size_of::<BodyEntry>());
    assert!(size_of::<Member>() <= 80, "{}", size_of::<Member>());
}

#[test]
fn operators_bind_as_documented() {
    assert_eq!(shape("a + b * c - d"), "((a Add (b Multiply c)) Subtract d)");
    assert_eq!(shape("a ?? b || c && d == e"), "(a Coalesce (b Or (c And (d Equal e))))");
    assert_eq!(shape("1 < a <= b + 1"), "(1 Less a LessEqual (b Add 1))");
    assert_eq!(shape("-a.b[0] + !c"), "((Negate a.b[0]) Add (Not c))");
    assert_eq!(shape("a in b && c"), "((a In b) And c)");
    assert_eq!(shape("a\n  + b\n  - c"), "((a Add b) Subtract c)");
    assert_eq!(shape("if a then b else c + 1"), "if a then b else c + 1");
}

#[test]
fn a_new_line_starts_an_element_where_an_operator_could_also_be_a_sign() {
    let (expr, diagnostics) = parse_expression(FileId(0), "[\n  a\n  -1\n  b\n  - 1\n]");
    assert_eq!(diagnostics, []);
    assert_eq!(expression(&expr), "[a, -1, b - 1]");
}

#[test]
fn keywords_are_ordinary_names_where_nothing_is_declared() {
    let text = "environment a {\n  param = 3\n  resource = 1\n  resource x.y z {\n    type = 1\n    \
                data = 2\n    output {}\n    final = 3\n    remove = 4\n    final size = 5\n    resource\n  }\n}";
    let (file, diagnostics) = parse(FileId(0), text);
    assert_eq!(diagnostics, []);
    let ItemKind::Layer(layer) = &file.items[0].kind else { panic!("{file:?}") };
    assert!(matches!(&layer.members[0].kind, MemberKind::Amend(_)));
    let MemberKind::Resource(resource) = &layer.members[2].kind else { panic!("{layer:?}") };
    assert_eq!(resource.body.entries.len(), 7);
    assert!(resource.body.entries[5].is_final);
    assert!(matches!(resource.body.entries[6].kind, BodyEntryKind::Shorthand(_)));
}

#[test]
fn strings_have_escapes_and_nested_interpolation() {
    assert_eq!(shape(r#""a${b + "c${d}"}\n""#), r#""a${b + "c${d}"}\n""#);
    assert_eq!(shape(r#""\${a}$b""#), r#""\${a}$b""#);
    let (expr, diagnostics) = parse_expression(FileId(0), "\"\"\"\n    a\n      b\n    \"\"\"");
    assert_eq!(diagnostics, []);
    assert_eq!(expression(&expr), r#""a\n  b\n""#);
}

#[test]
fn types_are_read_as_documented() {
    let text = "type A = secret { name: string, port?: int = 80 } | \"x\" where it != null\ntype B = {string: [int]?}";
    let (file, diagnostics) = parse(FileId(0), text);
    assert_eq!(diagnostics, []);
    let ItemKind::Type { ty, .. } = &file.items[0].kind else { panic!("{file:?}") };
    assert!(matches!(&ty.kind, TypeExprKind::Refined(inner, _)
        if matches!(inner.kind, TypeExprKind::Union(_))));
    let ItemKind::Type { ty, .. } = &file.items[1].kind else { panic!("{file:?}") };
    assert!(matches!(&ty.kind, TypeExprKind::Map(_)));
}

#[test]
fn documentation_is_that_right_before() {
    let text = "/// One.\n/// Two.\nenvironment a {\n  let x = 1 /// not for y\n  /// For y.\n  let y = 2\n}";
    let (file, _) = parse(FileId(0), text);
    assert_eq!(file.items[0].doc, "One.\nTwo.");
    let ItemKind::Layer(layer) = &file.items[0].kind else { panic!("{file:?}") };
    assert_eq!(layer.members[1].doc(), "For y.");
}

#[test]
fn an_opener_is_blamed_where_it_stands() {
    let outer = "environment a {\n  x = 1\n\nenvironment b {\n}\n";
    assert_eq!(codes_and_lines(outer), [("E0101", 1)]);
    let inner = "environment a {\n  r {\n    tags = {\n      x = 1\n  }\n}\nenvironment b {}\n";
    assert_eq!(codes_and_lines(inner), [("E0101", 3)]);
    let body = "environment a {\n  r {\n    x = 1\n  let y = 2\n}\nenvironment b {}\n";
    assert_eq!(codes_and_lines(body), [("E0101", 2)]);
    let paren = "environment a {\n  x = f(1\n  y = 2\n}\n";
    assert_eq!(codes_and_lines(paren), [("E0101", 2)]);
    let quote = "environment a {\n  x = \"abc\n  y = 2\n}\n";
    assert_eq!(codes_and_lines(quote), [("E0102", 2)]);
    let comment = "environment a {\n  x = 1\n}\n/* abc\nenvironment b {}\n";
    assert_eq!(codes_and_lines(comment), [("E0103", 4)]);
}

#[test]
fn a_bad_member_keeps_its_name_and_spares_the_others() {
    let text =
        "environment a {\n  param x: int = = 3\n  let y =\n  x = 1 2\n  z = 3\n}\ntype T = |\n";
    let (file, diagnostics) = parse(FileId(0), text);
    assert_eq!(diagnostics.len(), 4);
    assert_eq!(file.items.len(), 2);
    let ItemKind::Layer(layer) = &file.items[0].kind else { panic!("{file:?}") };
    assert_eq!(layer.members.len(), 4);
    let MemberKind::Amend(amend) = &layer.members[2].kind else { panic!("{layer:?}") };
    assert!(matches!(&amend.op, AmendOp::Set(value) if matches!(value.kind, ExprKind::Error)));
}

#[test]
fn hostile_text_ends_in_a_diagnostic() {
    for open in ["[", "{", "(", "{a=", "\"${", "[for x in ", "f(", "if "] {
        let text = format!("environment a {{\n  x = {}\n}}\n", open.repeat(10_000));
        assert!(!codes(&text).is_empty(), "{open}");
    }
    let nested = format!("x = {}1{}", "[".repeat(10_000), "]".repeat(10_000));
    assert_eq!(codes(&format!("environment a {{ {nested} }}")), ["E0105"]);
    let deep = format!("x = {}1{}", "(".repeat(120), ")".repeat(120));
    assert_eq!(codes(&format!("environment a {{ {deep} }}")), [""; 0]);
    for chain in [" + a", ".a", "[0]", "()", " ?? b", " == c"] {
        let _ = codes(&format!("environment a {{ x = a{} }}", chain.repeat(100_000)));
    }
    for prefix in ["-", "!", "if a then b else "] {
        assert!(!codes(&format!("environment a {{ x = {}a }}", prefix.repeat(10_000))).is_empty());
    }
    // What ends an item is not read again for the sake of what is open behind it.
    for text in ["a;{", ";[\n", "environment a;{\n b\n", "x; y {\n ;{", "a ;\n b; c {\n d ; {"] {
        assert!(!codes(text).is_empty(), "{text:?}");
    }
}

#[test]
fn odd_bytes_are_borne() {
    assert_eq!(codes("\u{feff}use std.cidr\r\nuse std.json\r\n"), [""; 0]);
    for text in
        ["\0", "\"", "'", "\"\"\"", "/*", "${", "é", "\u{feff}\u{feff}", "\\", "@", "\"${", "}"]
    {
        assert!(!codes(text).is_empty(), "{text:?}");
        let _ = codes(&format!("environment a {{\n  x = {text}\n}}"));
        let _ = parse_expression(FileId(0), text);
    }
    assert_eq!(codes(""), [""; 0]);
}
