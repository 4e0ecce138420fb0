//! Comparison of values, secret marks aside.

use syncline_model::Value;

/// Tells whether two values are the same, marks aside.
#[must_use]
pub fn same(left: &Value, right: &Value) -> bool {
    match (left.reveal(), right.reveal()) {
        (Value::List(left), Value::List(right)) | (Value::Set(left), Value::Set(right)) => {
            left.len() == right.len() && left.iter().zip(right.iter()).all(|(l, r)| same(l, r))
        }
        (Value::Map(left), Value::Map(right)) => {
            left.len() == right.len()
                && left.iter().zip(right.iter()).all(|(l, r)| l.0 == r.0 && same(l.1, r.1))
        }
        (left, right) => left == right,
    }
}
