//! The difference of two lists or sets, element by element.
//!
//! What is common stays; where as many maps go as come at one place, they are compared pairwise,
//! since then most likely each was changed and none replaced.

use similar::{Algorithm, DiffOp, capture_diff_slices};
use syncline_model::{Path, Value};

use super::write::Writer;
use super::{Line, Mark, Sides};

/// Adds the difference of two lists under the writer's path.
pub(super) fn compare(writer: &mut Writer<'_>, old: &[Value], new: &[Value], is_set: bool) {
    let mut unchanged = 0;
    for operation in capture_diff_slices(Algorithm::Myers, old, new) {
        match operation {
            DiffOp::Equal { len, .. } => unchanged += len,
            DiffOp::Delete { old_index, old_len, .. } => {
                flush(writer, &mut unchanged, is_set);
                side(writer, Mark::Remove, old, old_index..old_index + old_len);
            }
            DiffOp::Insert { new_index, new_len, .. } => {
                flush(writer, &mut unchanged, is_set);
                side(writer, Mark::Add, new, new_index..new_index + new_len);
            }
            DiffOp::Replace { old_index, old_len, new_index, new_len } => {
                flush(writer, &mut unchanged, is_set);
                let pairwise = old_len == new_len
                    && !is_set
                    && old[old_index..old_index + old_len]
                        .iter()
                        .zip(&new[new_index..new_index + new_len])
                        .all(|(left, right)| alike(left, right));
                if pairwise {
                    for offset in 0..old_len {
                        let path = writer.path.index(new_index + offset);
                        let sides = Sides {
                            before: Some(&old[old_index + offset]),
                            after: Some(&new[new_index + offset]),
                        };
                        element(&path, writer.depth + 1, writer.lines).entry(sides);
                    }
                } else {
                    side(writer, Mark::Remove, old, old_index..old_index + old_len);
                    side(writer, Mark::Add, new, new_index..new_index + new_len);
                }
            }
        }
    }
    writer.hidden(unchanged, "element");
}

/// Says how many were skipped. The elements of a set have no place, so theirs are told at the end.
fn flush(writer: &mut Writer<'_>, unchanged: &mut usize, is_set: bool) {
    if !is_set {
        writer.hidden(std::mem::take(unchanged), "element");
    }
}

fn side(writer: &mut Writer<'_>, mark: Mark, items: &[Value], range: std::ops::Range<usize>) {
    for index in range {
        let path = writer.path.index(index);
        element(&path, writer.depth + 1, writer.lines).whole(mark, &items[index], "");
    }
}

fn element<'a>(path: &'a Path, depth: usize, lines: &'a mut Vec<Line>) -> Writer<'a> {
    Writer { name: "", padding: 0, path, depth, lines }
}

/// Tells whether two elements may be one that was changed: maps with a key in common, scalars of
/// one kind.
fn alike(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Map(left), Value::Map(right)) => left.keys().any(|key| right.contains_key(key)),
        (Value::Map(_), _) | (_, Value::Map(_)) => false,
        _ => std::mem::discriminant(left) == std::mem::discriminant(right),
    }
}
