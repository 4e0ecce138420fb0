//! Cases of operations: an expression, and the value or the error that it gives.
//!
//! The evaluator here knows literals and operations only, so that these cases test nothing else.
//! `unknown_T` and `secret_X` are made by hand: `unknown_int` is the attribute `n` of a resource
//! `r`, `secret(e)` marks a value.

#![expect(clippy::wildcard_enum_match_arm, reason = "a case with anything else is wrong")]

use std::sync::Arc;

use syncline_model::{Address, FileId, Map, Path, Residual, Type, Unknown, Value};

use super::*;
use crate::syntax::ast::{
    BinaryOp, CompareOp, Expr, ExprKind, ItemKind, MapEntry, MapKey, MemberKind, Part, UnaryOp,
};

/// Returns the value of an expression, or the error's text.
pub(crate) fn evaluate(text: &str) -> Result<Value, OpError> {
    let source = format!("environment e {{\n  let x = {text}\n}}\n");
    let (file, diagnostics) = crate::syntax::parse(FileId(0), &source);
    assert!(diagnostics.is_empty(), "{text}: {diagnostics:?}");
    let ItemKind::Layer(layer) = &file.items[0].kind else { panic!("{text}: no environment") };
    let MemberKind::Let { value, .. } = &layer.members[0].kind else { panic!("{text}: no let") };
    expression(value)
}

/// Returns what a case shows: the value, or `! message` and `? help`.
pub(crate) fn show(text: &str) -> String {
    match evaluate(text) {
        Ok(Value::Secret(secret)) => format!("secret {}", Value::Secret(secret).reveal()),
        Ok(value) => value.to_string(),
        Err(error) => match error.help {
            Some(help) => format!("! {} ? {help}", error.message),
            None => format!("! {}", error.message),
        },
    }
}

/// Checks cases, each `expression` and what it shows.
pub(crate) fn check(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        let shown = show(text);
        let same = match expected.strip_suffix("...") {
            Some(start) if expected.starts_with('!') => shown.starts_with(start),
            _ => shown == *expected,
        };
        assert!(same, "{text}\n  expected {expected}\n  got      {shown}");
    }
}

/// An attribute of the resource `r` that is not known yet.
pub(crate) fn attribute(name: &str, ty: Type) -> Value {
    let address = Address::parse("r").unwrap();
    let residual = Residual::Attribute { address, path: Path::attribute(name) };
    Value::Unknown(Arc::new(Unknown { ty, residual }))
}

fn name(name: &str) -> Option<Value> {
    let records = Type::list(Type::record([(
        "id".into(),
        syncline_model::Field { ty: Type::String, optional: false },
    )]));
    Some(match name {
        "unknown_int" => attribute("int", Type::Int),
        "unknown_text" => attribute("text", Type::String),
        "unknown_bool" => attribute("bool", Type::Bool),
        "unknown_map" => attribute("map", Type::map(Type::String)),
        "unknown_list" => attribute("list", Type::list(Type::String)),
        "unknown_records" => attribute("records", records),
        "unknown_optional" => attribute("optional", Type::String.optional()),
        "unknown_any" => attribute("any", Type::Any),
        _ => return None,
    })
}

fn all<'a>(exprs: impl IntoIterator<Item = &'a Expr>) -> Result<Vec<Value>, OpError> {
    exprs.into_iter().map(expression).collect()
}

fn expression(expr: &Expr) -> Result<Value, OpError> {
    match &expr.kind {
        ExprKind::Null => Ok(Value::Null),
        ExprKind::Bool(value) => Ok((*value).into()),
        ExprKind::Number(number) => Ok(number.clone().into()),
        ExprKind::Quantity(quantity) => Ok(Value::Quantity(quantity.clone())),
        ExprKind::String(text) => Ok(text.clone().into()),
        ExprKind::Paren(inner) => expression(inner),
        ExprKind::Name(text) => Ok(name(text).unwrap_or_else(|| panic!("name {text}"))),
        ExprKind::Call { callee, args } => call(callee, args),
        ExprKind::List(_) | ExprKind::Map(_) | ExprKind::Template(_) => collection(expr),
        _ => operation(expr),
    }
}

/// Applies an operation to what is known, and also to attributes that become known later: both
/// must give the same.
fn both_ways(operation: &Operation, operands: &[Value]) -> Result<Value, OpError> {
    let now = apply(operation, operands);
    if !operands.iter().all(Value::is_known) {
        return now;
    }
    let names: Vec<String> = (0..operands.len()).map(|at| format!("operand{at}")).collect();
    let attributes = Value::map(names.iter().map(String::as_str).zip(operands.iter().cloned()));
    let unknown: Vec<Value> =
        names.iter().zip(operands).map(|(name, value)| attribute(name, type_of(value))).collect();
    let later = apply(operation, &unknown)
        .and_then(|residual| resolve(&residual, &|_| Some(attributes.clone())));
    match (&now, &later) {
        (Err(now), Err(later)) => assert_eq!(now.kind, later.kind, "{now} / {later}"),
        // Not knowing which of several values it will be, what is left is secret if one of them is.
        (Ok(now), Ok(later)) if later.is_secret() => {
            assert_eq!(later.reveal(), now.reveal(), "{}", operation.as_str());
        }
        (now, later) => assert_eq!(later, now, "{}", operation.as_str()),
    }
    now
}

fn collection(expr: &Expr) -> Result<Value, OpError> {
    let (operation, operands) = match &expr.kind {
        ExprKind::Template(parts) => {
            let parts = parts.iter().map(|part| match part {
                Part::Text(text) => Ok(text.clone().into()),
                Part::Expr(expr) => expression(expr),
            });
            (Operation::Interpolate, parts.collect::<Result<Vec<_>, _>>()?)
        }
        ExprKind::List(items) if items.iter().any(|item| item.spread) => {
            let parts = items.iter().map(|item| {
                let value = expression(&item.value)?;
                Ok(if item.spread { value } else { Value::list([value]) })
            });
            (Operation::Concat, parts.collect::<Result<Vec<_>, OpError>>()?)
        }
        ExprKind::List(items) => (Operation::List, all(items.iter().map(|item| &item.value))?),
        ExprKind::Map(entries) => {
            let mut parts = vec![Map::new().into()];
            for entry in entries {
                parts.push(match entry {
                    MapEntry::Set { key, value } => {
                        let key = match key {
                            MapKey::Plain(key) => key.name.clone().into(),
                            MapKey::Computed(key) => expression(key)?,
                        };
                        apply(&Operation::MapEntry, &[key, expression(value)?])?
                    }
                    MapEntry::Spread(spread) => expression(spread)?,
                    MapEntry::Shorthand(_) => panic!("no names here"),
                });
            }
            (Operation::Merge, parts)
        }
        _ => panic!("not in these cases: {expr:?}"),
    };
    both_ways(&operation, &operands)
}

fn operation(expr: &Expr) -> Result<Value, OpError> {
    let (operation, operands) = match &expr.kind {
        ExprKind::Unary { op, operand } => {
            let operation = match op {
                UnaryOp::Negate => Operation::Negate,
                UnaryOp::Not => Operation::Not,
            };
            (operation, vec![expression(operand)?])
        }
        ExprKind::Binary { op, operands } => {
            let operation = match op {
                BinaryOp::Or => Operation::Or,
                BinaryOp::And => Operation::And,
                BinaryOp::Coalesce => Operation::Coalesce,
                BinaryOp::Add => Operation::Add,
                BinaryOp::Subtract => Operation::Subtract,
                BinaryOp::Multiply => Operation::Multiply,
                BinaryOp::Divide => Operation::Divide,
                BinaryOp::Remainder => Operation::Remainder,
            };
            (operation, all([&operands.left, &operands.right])?)
        }
        ExprKind::Compare { first, rest } => {
            let operation = match rest[0].0 {
                CompareOp::Equal => Operation::Equal,
                CompareOp::NotEqual => Operation::NotEqual,
                CompareOp::Less => Operation::Less,
                CompareOp::LessEqual => Operation::LessEqual,
                CompareOp::Greater => Operation::Greater,
                CompareOp::GreaterEqual => Operation::GreaterEqual,
                CompareOp::In => Operation::In,
            };
            (operation, all([&**first, &rest[0].1])?)
        }
        ExprKind::If(choice) => {
            (Operation::If, all([&choice.condition, &choice.then, &choice.otherwise])?)
        }
        ExprKind::Member { base, name, optional } => {
            let operation = if *optional { Operation::OptionalMember } else { Operation::Member };
            (operation, vec![expression(base)?, name.name.clone().into()])
        }
        ExprKind::Index { base, index, optional } => {
            let operation = if *optional { Operation::OptionalIndex } else { Operation::Index };
            (operation, all([&**base, &**index])?)
        }
        _ => panic!("not in these cases: {expr:?}"),
    };
    both_ways(&operation, &operands)
}

fn call(callee: &Expr, args: &[crate::syntax::ast::Arg]) -> Result<Value, OpError> {
    let full_name = match &callee.kind {
        ExprKind::Name(name) if name == "secret" => {
            return Ok(Value::secret(expression(&args[0].value)?));
        }
        ExprKind::Name(name) => format!("std.prelude.{name}"),
        ExprKind::Member { base, name, .. } => match &base.kind {
            ExprKind::Member { name: module, .. } => format!("std.{}.{}", module.name, name.name),
            _ => panic!("no function: {callee:?}"),
        },
        _ => panic!("no function: {callee:?}"),
    };
    let operation = Operation::parse(&full_name).unwrap_or_else(|| panic!("no {full_name}"));
    both_ways(&operation, &all(args.iter().map(|arg| &arg.value))?)
}

#[test]
fn arithmetic_is_exact() {
    check(&[
        ("0.1 + 0.2", "0.3"),
        ("9223372036854775807 + 1", "9223372036854775808"),
        ("1 / 3 * 3", "0.9999999999999999999999999999999999999999"),
        ("10 / 4", "2.5"),
        ("-7 % 3", "-1"),
        ("1 / 0", "! division by zero"),
        ("5 % 0", "! division by zero"),
        ("1e400 * 1e400 * 1e400", "! the number would have more than 400 digits..."),
        ("-\"a\"", "! `-` needs a number, not a string"),
        ("1 - \"a\"", "! `-` needs numbers, not a string"),
    ]);
}

#[test]
fn sums_join() {
    check(&[
        ("\"a\" + \"b\"", "\"ab\""),
        ("[1] + [2, 1]", "[1, 2, 1]"),
        ("{ a = 1 } + { b = 2 }", "{ a = 1, b = 2 }"),
        ("{ a = 1 } + { a = 1 }", "! both maps have the key `a`..."),
        (
            "1 + \"a\"",
            "! `+` joins two numbers, strings, lists or maps, not a number and a string...",
        ),
        ("[1] + 2", "! `+` joins two numbers, strings, lists or maps, not a list and a number..."),
        (
            "null + 1",
            "! `+` joins two numbers, strings, lists or maps, not null and a number ? Give a value for null: `value ?? other`.",
        ),
        ("std.strings.repeat(\"a\", 16777216) + \"b\"", "! the text would have more than 16 MiB"),
        ("range(1000000) + [1]", "! the result would have more than 1000000 elements"),
    ]);
}

#[test]
fn interpolation_takes_what_has_text() {
    check(&[
        ("\"${1.50}-${true}-${\"x\"}\"", "\"1.5-true-x\""),
        ("\"${null}\"", "! null has no text ? Give a value for null: `value ?? \"\"`."),
        ("\"${[1]}\"", "! a list has no text ? Choose a form: `std.json.encode(value)`..."),
        ("\"${{ a = 1 }}\"", "! a map has no text..."),
        ("\"a ${secret(\"x\")}\"", "secret \"a x\""),
        ("\"a ${secret([1])}\"", "! a list has no text..."),
    ]);
}

#[test]
fn comparisons() {
    check(&[
        ("1 < 2.5", "true"),
        ("\"a\" <= \"a\"", "true"),
        ("\"b\" > \"a\"", "true"),
        ("1 < \"a\"", "! `<` compares two numbers or two strings, not a number and a string"),
        ("[1, 2] == [1, 2]", "true"),
        ("1 == \"1\"", "false"),
        ("{ a = 1 } != { a = 2 }", "true"),
        ("1.0 == 1", "true"),
        ("2 in [1, 2]", "true"),
        ("\"a\" in { a = 1 }", "true"),
        ("1 in { \"1\" = 1 }", "true"),
        (
            "\"a\" in \"abc\"",
            "! `in` looks into a list or a map's keys, not into a string ? A part of a text: `std.strings.contains`.",
        ),
        ("\"a\" in null", "! `in` looks into a list or a map's keys, not into null..."),
        ("secret(1) == 1", "secret true"),
        ("[secret(1)] == [1]", "secret true"),
        ("1 in [secret(1)]", "secret true"),
        ("\"a\" in { a = secret(1) }", "true"),
    ]);
}

#[test]
fn access() {
    check(&[
        ("{ a = 1 }.a", "1"),
        ("{ a = 1 }[\"a\"]", "1"),
        ("{ \"1\" = 2 }[1]", "2"),
        ("[1, 2][1]", "2"),
        ("{ replicas = 1 }.replcias", "! there is no member `replcias` ? Did you mean `replicas`?"),
        ("{ http = 1 }[\"zzz\"]", "! there is no key `zzz` ? It has `http`. Where it may..."),
        ("{}[\"a\"]", "! there is no key `a` ? It has no keys at all. Where..."),
        ("[1][1]", "! there is no element 1: the list has one, 0"),
        ("[1, 2][7]", "! there is no element 7: the list has 2, 0 to 1"),
        ("[][0]", "! there is no element 0: the list is empty"),
        ("[1][-1]", "! an index is never negative ? The last element is `std.lists.last(list)`."),
        ("[1][0.5]", "! an index has no fraction ? Round it: `std.numbers.floor(number)`."),
        (
            "[1][\"a\"]",
            "! expected a whole number, got a string ? A list is indexed by position, from 0; a map by key.",
        ),
        ("[{ a = 1 }].a", "! a list has no members ? Take one element, `list[0].name`..."),
        ("null.a", "! null has no member `a` ? Write `?.`..."),
        ("null?.a", "null"),
        ("null?.[0]", "null"),
        ("\"abc\"[0]", "! a string has no elements ? A part of a text: `std.strings.substring`."),
        ("secret({ a = 1 }).a", "secret 1"),
        ("secret({ password = 1 }).passwort", "! there is no such member"),
        ("{ a = secret(1) }.a", "secret 1"),
        ("{ a = secret(1), b = 2 }.b", "2"),
    ]);
}

#[test]
fn choices() {
    check(&[
        ("null ?? 1", "1"),
        ("2 ?? 1", "2"),
        ("if true then 1 else 2", "1"),
        ("if secret(true) then 1 else 2", "secret 1"),
        ("if 1 then 1 else 2", "! the condition of `if` needs a bool, not a number"),
        ("secret(null) ?? 1", "secret 1"),
        ("secret({ a = 1 }) == null", "secret false"),
        ("true && secret(false)", "secret false"),
        ("true && 1", "! `&&` needs bools, not a number"),
        ("false || true", "true"),
        ("!secret(false)", "secret true"),
    ]);
}

#[test]
fn collections() {
    check(&[
        ("[1, ...[2, 3]]", "[1, 2, 3]"),
        ("{ ...{ a = 1, b = 1 }, b = 2 }", "{ a = 1, b = 2 }"),
        ("[...1]", "! expected a list to spread, got a number"),
        ("{ ...1 }", "! expected a map to spread, got a number"),
        ("[1, secret(2)]", "[1, (secret)]"),
        ("[...secret([1])]", "secret [1]"),
        ("{ ...secret({ a = 1 }) }", "secret { a = 1 }"),
    ]);
}

#[test]
fn errors_say_nothing_of_secrets() {
    check(&[
        ("number(secret(\"hunter2\"))", "! the text is not a number within the limits"),
        ("std.json.decode(secret(\"hunter2\"))", "! the text is not valid JSON"),
        (
            "secret({ hunter2 = 1 }) + { hunter2 = 2 }",
            "! both maps have the same key ? `+` lets no side win...",
        ),
        ("std.base64.decode(secret(\"hunter2!\"))", "! the text is not valid base64"),
        (
            "std.cidr.size(secret(\"hunter2\"))",
            "! the text is not a block of addresses ? A block is...",
        ),
        ("secret([1])[7]", "! the list has no such element"),
        ("[1][secret(7)]", "! the list has no such element"),
    ]);
}

/// Returns the type, and the residual as text.
fn left(text: &str) -> String {
    let value = evaluate(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let mark = if value.is_secret() { "secret " } else { "" };
    let Value::Unknown(unknown) = value.reveal() else { return format!("{mark}{value}") };
    let residual = match &unknown.residual {
        Residual::Attribute { address, path } => format!("{address}.{path}"),
        Residual::Apply { operation, operands } => format!("{operation}/{}", operands.len()),
        Residual::Output { .. } | Residual::Provider | Residual::Local(_) | Residual::Each(_) => {
            String::new()
        }
    };
    format!("{mark}{}: {residual}", unknown.ty)
}

#[test]
fn what_is_unknown_stays_typed() {
    for (text, expected) in [
        ("unknown_int + 1", "int: add/2"),
        ("unknown_int + 1.5", "number: add/2"),
        ("unknown_int / 2", "number: divide/2"),
        ("unknown_text + \"a\"", "string: add/2"),
        ("\"a${unknown_int}\"", "string: interpolate/2"),
        ("unknown_int == 1", "bool: equal/2"),
        ("unknown_bool && false", "false"),
        ("unknown_bool && true", "bool: r.bool"),
        ("unknown_bool || unknown_bool", "bool: or/2"),
        ("!unknown_bool", "bool: not/1"),
        ("if unknown_bool then 1 else 2.5", "number: if/3"),
        ("unknown_optional ?? \"a\"", "string: coalesce/2"),
        ("unknown_map.a", "string: r.map.a"),
        ("unknown_map[\"a b\"]", "string: r.map[\"a b\"]"),
        ("unknown_list[2]", "string: r.list[2]"),
        ("unknown_list[unknown_int]", "string: index/2"),
        ("unknown_records[0].id", "string: r.records[0].id"),
        ("unknown_any.x.y", "any: r.any.x.y"),
        ("unknown_any?.x", "any: optional_member/2"),
        ("[1, 2][unknown_int]", "int: index/2"),
        ("[1, unknown_int][0]", "1"),
        ("[1, unknown_int][1]", "int: r.int"),
        ("[1, unknown_int] == [2, 1]", "false"),
        ("[1, unknown_int] == [1, 1]", "bool: equal/2"),
        ("{ a = unknown_int } == null", "false"),
        ("{ a = secret(1) } == null", "false"),
        ("null != [secret(unknown_int)]", "true"),
        ("1 in [unknown_int, 1]", "true"),
        ("2 in [unknown_int, 1]", "bool: in/2"),
        ("length([unknown_int, 1])", "2"),
        ("length(unknown_list)", "int: std.prelude.length/1"),
        ("std.lists.first([unknown_int])", "int: r.int"),
        ("std.lists.reverse(unknown_list)", "[string]: std.lists.reverse/1"),
        ("std.lists.first(unknown_list)", "string?: std.lists.first/1"),
        ("std.lists.sort([unknown_int, 1])", "[int]: std.lists.sort/1"),
        ("std.json.encode({ a = unknown_int })", "string: std.json.encode/1"),
        ("keys({ a = unknown_int })", "[\"a\"]"),
        ("[...unknown_list, \"a\"]", "[string]: concat/2"),
        ("secret(unknown_text)", "secret string: r.text"),
        ("\"${unknown_text}${secret(\"a\")}\"", "secret string: interpolate/2"),
        ("secret(unknown_map).a", "secret string: r.map.a"),
    ] {
        assert_eq!(left(text), expected, "{text}");
    }
    check(&[
        ("unknown_text.a", "! a string has no members ? What is asked of a text..."),
        ("unknown_records[0].ID", "! there is no member `ID` ? Did you mean `id`?"),
        ("unknown_records.id", "! a list has no members..."),
    ]);
}

#[test]
fn work_is_bounded() {
    // Each value is written once and holds the one before twice.
    let mut value = Value::list([Value::from(1)]);
    for _ in 0..40 {
        value = Value::list([value.clone(), value]);
    }
    assert!(check_size(&value).is_err());
    let error = apply(&Operation::Equal, &[value.clone(), value.clone()]).unwrap_err();
    assert_eq!(error.kind, ErrorKind::TooLarge);
    let encode = Operation::Call("std.json.encode".into());
    assert_eq!(apply(&encode, &[value]).unwrap_err().kind, ErrorKind::TooLarge);

    let mut sum = Ok(attribute("int", Type::Int));
    for _ in 0..40 {
        let Ok(value) = &sum else { break };
        sum = apply(&Operation::Add, &[value.clone(), value.clone()]);
    }
    assert_eq!(sum.unwrap_err().kind, ErrorKind::TooLarge);
    let mut chain = Ok(attribute("int", Type::Int));
    for _ in 0..10_000 {
        let Ok(value) = &chain else { break };
        chain = apply(&Operation::Add, &[value.clone(), Value::from(1)]);
    }
    assert_eq!(chain.unwrap_err().kind, ErrorKind::TooLarge);
}
