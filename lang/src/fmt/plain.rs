//! Expressions as text on one line, without their source.
//!
//! Takes a tree alone, for messages and for types that are shown; what it prints parses to the
//! same tree, spans aside, unless the tree has an error node.

use super::expressions::{binary_text, compare_text};
use crate::syntax::ast::{
    Arg, Comprehension, Conditional, Expr, ExprKind, Ident, Lambda, MapEntry, MapKey, MatchArm,
    Part, UnaryOp,
};

/// Returns an expression's text.
#[must_use]
pub fn expression(expr: &Expr) -> String {
    let mut out = String::new();
    write(expr, &mut out);
    out
}

fn write(expr: &Expr, out: &mut String) {
    match &expr.kind {
        ExprKind::Null => out.push_str("null"),
        ExprKind::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        ExprKind::Number(number) => out.push_str(&number.to_string()),
        ExprKind::Quantity(quantity) => out.push_str(&quantity.to_text()),
        ExprKind::String(text) => {
            out.push('"');
            escape(text, out);
            out.push('"');
        }
        ExprKind::Template(parts) => template(parts, out),
        ExprKind::Name(name) => out.push_str(name),
        ExprKind::Offered { provider, name } => offered(provider, name, out),
        ExprKind::Error => out.push_str("..."),
        ExprKind::Member { base, name, optional } => {
            write(base, out);
            out.push_str(if *optional { "?." } else { "." });
            out.push_str(&name.name);
        }
        ExprKind::Index { base, index, optional } => element(base, index, *optional, out),
        ExprKind::Call { callee, args } => {
            write(callee, out);
            out.push('(');
            separated(args, out, argument);
            out.push(')');
        }
        ExprKind::Unary { op, operand } => {
            out.push(match op {
                UnaryOp::Negate => '-',
                UnaryOp::Not => '!',
            });
            write(operand, out);
        }
        ExprKind::Binary { op, operands } => {
            write(&operands.left, out);
            spaced(binary_text(*op), out);
            write(&operands.right, out);
        }
        ExprKind::Compare { first, rest } => {
            write(first, out);
            for (op, operand) in rest {
                spaced(compare_text(*op), out);
                write(operand, out);
            }
        }
        ExprKind::If(own) => choice(own, out),
        ExprKind::Match { subject, arms } => arms_of(subject, arms, out),
        ExprKind::Lambda(of) => lambda(of, out),
        ExprKind::List(_) | ExprKind::Map(_) | ExprKind::ListFor(_) | ExprKind::MapFor(_) => {
            collection(expr, out);
        }
        ExprKind::Paren(inner) => {
            out.push('(');
            write(inner, out);
            out.push(')');
        }
    }
}

fn offered(provider: &Ident, name: &Ident, out: &mut String) {
    out.push_str(&provider.name);
    out.push_str("::");
    out.push_str(&name.name);
}

fn element(base: &Expr, index: &Expr, optional: bool, out: &mut String) {
    write(base, out);
    out.push_str(if optional { "?.[" } else { "[" });
    write(index, out);
    out.push(']');
}

fn choice(choice: &Conditional, out: &mut String) {
    out.push_str("if ");
    write(&choice.condition, out);
    spaced("then", out);
    write(&choice.then, out);
    spaced("else", out);
    write(&choice.otherwise, out);
}

fn arms_of(subject: &Expr, arms: &[MatchArm], out: &mut String) {
    out.push_str("match ");
    write(subject, out);
    out.push_str(" { ");
    separated(arms, out, |arm, out| {
        if arm.patterns.is_empty() {
            out.push('_');
        }
        for (at, pattern) in arm.patterns.iter().enumerate() {
            out.push_str(if at > 0 { " | " } else { "" });
            write(pattern, out);
        }
        spaced("=>", out);
        write(&arm.value, out);
    });
    out.push_str(" }");
}

fn lambda(of: &Lambda, out: &mut String) {
    match of.params.as_slice() {
        [param] => out.push_str(&param.name),
        params => {
            out.push('(');
            separated(params, out, |param, out| out.push_str(&param.name));
            out.push(')');
        }
    }
    spaced("=>", out);
    write(&of.body, out);
}

fn collection(expr: &Expr, out: &mut String) {
    match &expr.kind {
        ExprKind::List(items) => {
            out.push('[');
            separated(items, out, |item, out| {
                out.push_str(if item.spread { "..." } else { "" });
                write(&item.value, out);
            });
            out.push(']');
        }
        ExprKind::Map(entries) if entries.is_empty() => out.push_str("{}"),
        ExprKind::Map(entries) => {
            out.push_str("{ ");
            separated(entries, out, entry);
            out.push_str(" }");
        }
        ExprKind::ListFor(of) => {
            out.push('[');
            comprehension(of, out);
            out.push(']');
        }
        ExprKind::MapFor(of) => {
            out.push('{');
            comprehension(of, out);
            out.push('}');
        }
        ExprKind::Null
        | ExprKind::Bool(_)
        | ExprKind::Number(_)
        | ExprKind::Quantity(_)
        | ExprKind::String(_)
        | ExprKind::Template(_)
        | ExprKind::Name(_)
        | ExprKind::Offered { .. }
        | ExprKind::Member { .. }
        | ExprKind::Index { .. }
        | ExprKind::Call { .. }
        | ExprKind::Unary { .. }
        | ExprKind::Binary { .. }
        | ExprKind::Compare { .. }
        | ExprKind::If(_)
        | ExprKind::Match { .. }
        | ExprKind::Lambda(_)
        | ExprKind::Paren(_)
        | ExprKind::Error => {}
    }
}

fn argument(arg: &Arg, out: &mut String) {
    if let Some(name) = &arg.name {
        out.push_str(&name.name);
        spaced("=", out);
    }
    out.push_str(if arg.spread { "..." } else { "" });
    write(&arg.value, out);
}

fn entry(entry: &MapEntry, out: &mut String) {
    match entry {
        MapEntry::Shorthand(name) => out.push_str(&name.name),
        MapEntry::Spread(value) => {
            out.push_str("...");
            write(value, out);
        }
        MapEntry::Set { key, value } => {
            match key {
                MapKey::Plain(name) if is_bare(&name.name) => out.push_str(&name.name),
                MapKey::Plain(name) => {
                    out.push('"');
                    escape(&name.name, out);
                    out.push('"');
                }
                MapKey::Computed(key) => {
                    if let ExprKind::Template(parts) = &key.kind {
                        template(parts, out);
                    } else {
                        out.push('[');
                        write(key, out);
                        out.push(']');
                    }
                }
            }
            spaced("=", out);
            write(value, out);
        }
    }
}

fn is_bare(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn comprehension(of: &Comprehension, out: &mut String) {
    out.push_str("for ");
    out.push_str(&of.first.name);
    if let Some(second) = &of.second {
        out.push_str(", ");
        out.push_str(&second.name);
    }
    spaced("in", out);
    write(&of.source, out);
    if let Some(condition) = &of.condition {
        spaced("if", out);
        write(condition, out);
    }
    out.push_str(": ");
    if let Some(key) = &of.key {
        write(key, out);
        spaced("=>", out);
    }
    write(&of.value, out);
}

fn template(parts: &[Part], out: &mut String) {
    out.push('"');
    for part in parts {
        match part {
            Part::Text(text) => escape(text, out),
            Part::Expr(expr) => {
                out.push_str("${");
                write(expr, out);
                out.push('}');
            }
        }
    }
    out.push('"');
}

fn escape(text: &str, out: &mut String) {
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' if rest.peek() == Some(&'{') => out.push_str("\\$"),
            _ => out.push(character),
        }
    }
}

fn separated<T>(parts: &[T], out: &mut String, each: impl Fn(&T, &mut String)) {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        each(part, out);
    }
}

fn spaced(word: &str, out: &mut String) {
    out.push(' ');
    out.push_str(word);
    out.push(' ');
}
