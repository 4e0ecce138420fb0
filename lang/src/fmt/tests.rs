//! What the formatter makes of odd layouts.

use super::format;

/// Formats, and checks that formatting again changes nothing.
fn formatted(text: &str) -> String {
    let once = format(text).unwrap();
    let again = format(&once);
    assert_eq!(again.as_ref(), Ok(&once), "of\n{text}\nwhich was formatted as\n{once}");
    once
}

#[test]
fn equals_signs_are_aligned_in_a_run() {
    let text = "environment a {\n a=1\n  long_name   = 2 // c\n\n b = 3\n// d\nccc = [\n1]\n}";
    let expected = "environment a {\n  a         = 1\n  long_name = 2 // c\n\n  b = 3\n  // d\n  ccc = [\n    1,\n  ]\n}\n";
    assert_eq!(formatted(text), expected);
}

#[test]
fn comments_in_odd_places_are_kept() {
    let text = "\
// a
environment /* b */ x /* c */ { // d
  // e
  let y /* f */ = // g
    1 /* h */ + // i
    // j
    2 // k
  /* l */ z { /* m */ } // n
  w = [ // o
    1 // p
    , 2 /* q */, /* r */ 3
    // s
  ]
  v = f(/* t */ 1, // u
    2)
  // v

  // w
} // x
// y
";
    let out = formatted(text);
    for letter in 'a'..='y' {
        let line =
            out.contains(&format!("// {letter}")) || out.contains(&format!("/* {letter} */"));
        assert!(line, "{letter} is missing in\n{out}");
    }
}

#[test]
fn what_does_not_fit_breaks() {
    let long = "abcdefghijklmnopqrstuvwxyz_0123456789";
    let text = format!(
        "environment a {{\nx = {long} + {long} + {long}\ny = f({long}, {long}, {long})\n\
         z = if {long} then {long} else {long}\n}}"
    );
    let expected = format!(
        "environment a {{\n  x = {long}\n    + {long}\n    + {long}\n  y = f(\n    {long},\n    {long},\n    {long},\n  )\n  \
         z = if {long} then {long}\n    else {long}\n}}\n"
    );
    assert_eq!(formatted(&text), expected);
}

#[test]
fn strings_stay_as_written() {
    let text = "environment a {\n  x = \"a${ b  +c }\"\n  y = \"\"\"\n      a\n    ${  b }\n    \"\"\"\n}\n";
    assert_eq!(formatted(text), text);
}

#[test]
fn parentheses_of_types_are_kept_where_they_matter() {
    let text = "type A = (\"a\"|(\"b\" | \"c\"))?\ntype B=[(secret int)?]\ntype C = (int)\n";
    let expected = "type A = (\"a\" | (\"b\" | \"c\"))?\ntype B = [(secret int)?]\ntype C = int\n";
    assert_eq!(formatted(text), expected);
}

#[test]
fn what_does_not_parse_is_left_alone() {
    assert!(format("environment a {").is_err());
}

#[test]
fn nesting_at_the_limit_is_borne() {
    let text = format!("environment a {{ x = {}1{} }}", "[".repeat(120), "]".repeat(120));
    formatted(&text);
}
