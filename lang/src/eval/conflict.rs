//! Siblings that change the same thing.
//!
//! Mixins of one environment share a stage. Where two of them change overlapping parts of a value,
//! and no later stage sets it anew, they must agree: both set the same value at the same path, or
//! both add to a map or set what does not collide. Anything else is a conflict that shows both
//! places. So the order of mixins never matters.

use syncline_model::Value;

use super::amend::Ready;
use super::made::Made;
use super::scope::{Failed, Scope};
use crate::diagnostics::mixin_conflict;
use crate::resolve::OpKind;

impl Scope<'_> {
    /// Checks the ops that count, and returns which of them repeat what a sibling does.
    pub(crate) fn settle_siblings(
        &mut self,
        name: &str,
        ops: &[Ready<'_, '_>],
    ) -> Result<Vec<usize>, Failed> {
        let mut skipped = Vec::new();
        let alone = |pair: &[Ready<'_, '_>]| {
            pair[0].op.stage != pair[1].op.stage || pair[0].op.layer == pair[1].op.layer
        };
        if ops.windows(2).all(alone) {
            return Ok(skipped);
        }
        // What the stage builds on: the ops of the stages before it.
        let mut beneath = Made::default();
        for at in 0..ops.len() {
            let stage = ops[at].op.stage;
            if at > 0 && ops[at - 1].op.stage != stage {
                beneath = Made::default();
                for earlier in ops.iter().take_while(|earlier| earlier.op.stage < stage) {
                    self.apply(name, earlier, &mut beneath)?;
                }
            }
            for other in at + 1..ops.len() {
                if skipped.contains(&other) || !are_siblings(&ops[at], &ops[other]) {
                    continue;
                }
                if settled(ops, &ops[at]) {
                    continue;
                }
                if self.agree(&ops[at], &ops[other], &beneath)? {
                    skipped.push(other);
                } else if !self.compatible(&ops[at], &ops[other], &beneath)? {
                    let (left, right) = (ops[at].op, ops[other].op);
                    let diagnostic = mixin_conflict::diagnostic(
                        self.project,
                        self.layer,
                        name,
                        (left.layer, left.span),
                        (right.layer, right.span),
                    );
                    return self.fail(diagnostic);
                }
            }
        }
        Ok(skipped)
    }

    /// Tells whether two ops do the same at the same path.
    fn agree(
        &mut self,
        left: &Ready<'_, '_>,
        right: &Ready<'_, '_>,
        beneath: &Made,
    ) -> Result<bool, Failed> {
        if left.path != right.path || !same_kind(left, right) {
            return Ok(false);
        }
        let values = (self.op_value(left, beneath)?, self.op_value(right, beneath)?);
        Ok(values.0 == values.1)
    }

    /// Tells whether two ops may both be applied, in either order with the same result.
    fn compatible(
        &mut self,
        left: &Ready<'_, '_>,
        right: &Ready<'_, '_>,
        beneath: &Made,
    ) -> Result<bool, Failed> {
        if left.path != right.path
            || !matches!((left.op.kind, right.op.kind), (OpKind::Add(_), OpKind::Add(_)))
        {
            return Ok(false);
        }
        let base = beneath.value.as_ref().and_then(|value| left.path.get(value)).cloned();
        let values = (self.op_value(left, beneath)?, self.op_value(right, beneath)?);
        Ok(match (values.0.reveal(), values.1.reveal()) {
            (Value::Map(left), Value::Map(right)) => {
                left.keys().all(|key| !right.contains_key(key))
            }
            (Value::Number(_), Value::Number(_)) | (Value::Quantity(_), Value::Quantity(_)) => true,
            _ => matches!(base, Some(Value::Set(_))),
        })
    }
}

/// Tells whether two ops are of different layers of one stage and touch the same part.
fn are_siblings(left: &Ready<'_, '_>, right: &Ready<'_, '_>) -> bool {
    left.op.stage == right.op.stage
        && left.op.layer != right.op.layer
        && (left.path.starts_with(&right.path) || right.path.starts_with(&left.path))
}

fn same_kind(left: &Ready<'_, '_>, right: &Ready<'_, '_>) -> bool {
    matches!(
        (left.op.kind, right.op.kind),
        (OpKind::Set(_) | OpKind::SetName(_), OpKind::Set(_) | OpKind::SetName(_))
            | (OpKind::Add(_), OpKind::Add(_))
            | (OpKind::Remove, OpKind::Remove)
            | (OpKind::Touch, OpKind::Touch)
    )
}

/// Tells whether a later stage sets anew what an op touches.
fn settled(ops: &[Ready<'_, '_>], op: &Ready<'_, '_>) -> bool {
    ops.iter().any(|later| {
        later.op.stage > op.op.stage
            && op.path.starts_with(&later.path)
            && match later.op.kind {
                OpKind::Set(expr) => !super::parts::uses_super(expr),
                OpKind::SetName(_) => true,
                OpKind::Add(_) | OpKind::Remove | OpKind::Touch | OpKind::Annotation(_) => false,
            }
    })
}
