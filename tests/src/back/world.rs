//! The lines of a `=== world` section.

use syncline_lang::syntax::ast::ExprKind;
use syncline_lang::syntax::parse_expression;
use syncline_model::{FileId, Value};

use crate::memory::World;

/// Does what a line says: `set ID ATTRIBUTE = LITERAL`, `delete ID`, `fail CALL NAME`, `heal`,
/// `withdraw KIND`, `version N`.
pub(super) fn tamper(world: &World, line: &str) -> Option<()> {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words.as_slice() {
        ["delete", id] => world.remove(id).then_some(()),
        ["fail", call, name] => {
            world.fail(call, name);
            Some(())
        }
        ["withdraw", kind] => {
            world.withdraw(kind);
            Some(())
        }
        ["version", number] => {
            world.set_version(number.parse().ok()?);
            Some(())
        }
        ["heal"] => {
            world.heal();
            Some(())
        }
        ["set", id, attribute, "=", ..] => {
            let text = line.split_once('=')?.1.trim();
            world.tamper(id, attribute, literal(text)?).then_some(())
        }
        _ => None,
    }
}

/// Reads a literal of the language.
fn literal(text: &str) -> Option<Value> {
    let (expr, diagnostics) = parse_expression(FileId(0), text);
    if !diagnostics.is_empty() {
        return None;
    }
    if let ExprKind::Bool(value) = expr.kind {
        Some(Value::Bool(value))
    } else if let ExprKind::Number(number) = expr.kind {
        Some(Value::Number(number))
    } else if let ExprKind::String(text) = expr.kind {
        Some(Value::String(text))
    } else {
        matches!(expr.kind, ExprKind::Null).then_some(Value::Null)
    }
}
