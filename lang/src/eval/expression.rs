//! Expressions to values.
//!
//! What is known is computed; what waits for something unknown becomes a residual through
//! [`crate::ops`]. Only the branch that is taken is evaluated, unless the condition is unknown.

use std::sync::Arc;

use syncline_model::{Each, Map, Residual, Span, Str, Type, Unknown, Value};

use super::scope::{Failed, Scope};
use crate::diagnostics::{duplicate_key, not_a_value, operation_failed, type_mismatch};
use crate::ops::{self, Operation};
use crate::syntax::ast::{
    self, BinaryOp, CompareOp, Comprehension, Expr, ExprKind, MapEntry, MapKey, Operands, Part,
    UnaryOp,
};

/// How many steps all comprehensions and calls of an evaluation may take.
pub(crate) const MAX_STEPS: usize = 20_000_000;

impl Scope<'_> {
    /// Evaluates an expression.
    #[expect(clippy::wildcard_enum_match_arm, reason = "all else may have parts")]
    pub(crate) fn expression(&mut self, expr: &Expr) -> Result<Value, Failed> {
        // Half of all expressions have no parts.
        let value = match &expr.kind {
            ExprKind::Null => Value::Null,
            ExprKind::Bool(value) => Value::Bool(*value),
            ExprKind::Number(number) => Value::Number(number.clone()),
            ExprKind::Quantity(quantity) => Value::Quantity(Arc::clone(quantity)),
            ExprKind::String(text) => Value::String(text.clone()),
            ExprKind::Name(name) => match self.local(name) {
                Some(value) => value.clone(),
                None => return self.kept(expr),
            },
            _ => return self.kept(expr),
        };
        self.step(expr.span)?;
        Ok(value)
    }

    /// Evaluates an expression that may have parts.
    pub(crate) fn nested(&mut self, expr: &Expr) -> Result<Value, Failed> {
        self.enter(expr.span)?;
        let value = self.entered(expr);
        self.leave();
        value
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "all else is a place, be it a plain value")]
    fn entered(&mut self, expr: &Expr) -> Result<Value, Failed> {
        match &expr.kind {
            ExprKind::Template(parts) => self.template(parts, expr.span),
            ExprKind::Call { callee, args } => self.call(callee, args, expr.span),
            ExprKind::Unary { op, operand } => {
                let value = self.expression(operand)?;
                let operation = match op {
                    UnaryOp::Negate => Operation::Negate,
                    UnaryOp::Not => Operation::Not,
                };
                self.operate(operation, &[value], expr.span, &[operand.span])
            }
            ExprKind::Binary { op, operands } => self.binary(*op, operands, expr.span),
            ExprKind::Compare { first, rest } => self.compare(first, rest, expr.span),
            ExprKind::If(choice) => {
                self.branch(&choice.condition, &choice.then, &choice.otherwise, expr.span)
            }
            ExprKind::Match { subject, arms } => self.choose(subject, arms, expr.span),
            ExprKind::Lambda(_) | ExprKind::Offered { .. } => {
                self.fail(not_a_value::function(expr.span))
            }
            ExprKind::List(items) => self.list(items, expr.span),
            ExprKind::Map(entries) => self.map(entries, expr.span),
            ExprKind::ListFor(comprehension) | ExprKind::MapFor(comprehension) => {
                self.comprehension(comprehension, expr.span)
            }
            ExprKind::Paren(inner) => self.expression(inner),
            ExprKind::Error => Err(Failed),
            // It is no variable.
            ExprKind::Name(name) => {
                let place = self.member_name(name, expr.span)?;
                self.value_of(place, expr.span)
            }
            _ => {
                let place = self.place(expr)?;
                self.value_of(place, expr.span)
            }
        }
    }

    /// Computes an operation, or makes its residual.
    pub(crate) fn operate(
        &mut self,
        operation: Operation,
        operands: &[Value],
        span: Span,
        operand_spans: &[Span],
    ) -> Result<Value, Failed> {
        let searched = searched(&operation, operands);
        if searched > 0 {
            self.spend(searched, span)?;
        }
        let done = ops::apply(&operation, operands);
        // What waits for an apply must not wait for it to fail.
        let certain = operands
            .iter()
            .any(Value::is_unknown)
            .then(|| ops::definite::mismatch(&operation, operands));
        let done = match certain.flatten() {
            Some(error) => Err(error),
            None => done,
        };
        if self.looping > 0 && !takes_a_part(&operation) {
            let sizes = operands.iter().chain(done.as_ref().ok()).map(size);
            self.spend(sizes.sum(), span)?;
        }
        done.or_else(|error| {
            if self.explores && !is_certain(&error, &operation, operands) {
                return Ok(super::explore::unknown(Type::Any));
            }
            let at = error.operand.and_then(|at| operand_spans.get(at)).copied();
            self.fail(operation_failed::diagnostic(&error, at.unwrap_or(span)))
        })
    }

    /// Joins texts and numbers as they come; from the first part on that is something else, the operation does.
    #[expect(clippy::wildcard_enum_match_arm, reason = "all else has a text of its own, or none")]
    fn template(&mut self, parts: &[Part], span: Span) -> Result<Value, Failed> {
        let mut text = std::mem::take(&mut self.text);
        text.clear();
        let mut parts = parts.iter();
        let mut odd = None;
        while let (None, true) = (&odd, text.len() <= ops::MAX_TEXT) {
            match parts.next() {
                None => {
                    let whole = Value::String(text.as_str().into());
                    self.text = text;
                    return Ok(whole);
                }
                Some(Part::Text(own)) => text.push_str(own),
                Some(Part::Expr(expr)) => match self.expression(expr)? {
                    Value::String(own) => text.push_str(&own),
                    Value::Number(own) => text.push_str(&own.to_text()),
                    value => odd = Some((value, expr.span)),
                },
            }
        }
        let begin = (Value::String(text.into()), span);
        let (mut values, mut spans): (Vec<Value>, Vec<Span>) =
            std::iter::once(begin).chain(odd).unzip();
        for part in parts {
            let (value, at) = match part {
                Part::Text(text) => (Value::String(text.clone()), span),
                Part::Expr(expr) => (self.expression(expr)?, expr.span),
            };
            values.push(value);
            spans.push(at);
        }
        self.operate(Operation::Interpolate, &values, span, &spans)
    }

    fn binary(&mut self, op: BinaryOp, operands: &Operands, span: Span) -> Result<Value, Failed> {
        let Operands { left, right } = operands;
        let value = self.expression(left)?;
        let operation = match op {
            BinaryOp::Or if value.as_bool() == Some(true) => return Ok(value),
            BinaryOp::And if value.as_bool() == Some(false) => return Ok(value),
            BinaryOp::Coalesce if !value.reveal().is_null() && !value.is_unknown() => {
                return Ok(value);
            }
            BinaryOp::Or => Operation::Or,
            BinaryOp::And => Operation::And,
            BinaryOp::Coalesce => Operation::Coalesce,
            BinaryOp::Add => Operation::Add,
            BinaryOp::Subtract => Operation::Subtract,
            BinaryOp::Multiply => Operation::Multiply,
            BinaryOp::Divide => Operation::Divide,
            BinaryOp::Remainder => Operation::Remainder,
        };
        let other = self.expression(right)?;
        self.operate(operation, &[value, other], span, &[left.span, right.span])
    }

    fn compare(
        &mut self,
        first: &Expr,
        rest: &[(CompareOp, Expr)],
        span: Span,
    ) -> Result<Value, Failed> {
        let mut left = self.expression(first)?;
        let mut left_span = first.span;
        let mut result: Option<Value> = None;
        for (op, operand) in rest {
            let right = self.expression(operand)?;
            let operation = match op {
                CompareOp::Equal => Operation::Equal,
                CompareOp::NotEqual => Operation::NotEqual,
                CompareOp::Less => Operation::Less,
                CompareOp::LessEqual => Operation::LessEqual,
                CompareOp::Greater => Operation::Greater,
                CompareOp::GreaterEqual => Operation::GreaterEqual,
                CompareOp::In => Operation::In,
            };
            let spans = [left_span, operand.span];
            let holds = self.operate(operation, &[left, right.clone()], span, &spans)?;
            let holds = match result {
                None => holds,
                Some(before) => self.operate(Operation::And, &[before, holds], span, &[])?,
            };
            if holds.as_bool() == Some(false) {
                return Ok(holds);
            }
            result = Some(holds);
            left = right;
            left_span = operand.span;
        }
        Ok(result.unwrap_or(Value::Bool(true)))
    }

    fn branch(
        &mut self,
        condition: &Expr,
        then: &Expr,
        otherwise: &Expr,
        span: Span,
    ) -> Result<Value, Failed> {
        let decided = self.typed(condition, &Type::Bool)?;
        let taken = match decided.as_bool() {
            Some(true) => self.expression(then)?,
            Some(false) => self.expression(otherwise)?,
            None => {
                let operands = [decided, self.expression(then)?, self.expression(otherwise)?];
                let spans = [condition.span, then.span, otherwise.span];
                return self.operate(Operation::If, &operands, span, &spans);
            }
        };
        Ok(if decided.is_secret() { Value::secret(taken) } else { taken })
    }

    fn list(&mut self, items: &[ast::ListItem], span: Span) -> Result<Value, Failed> {
        let mut result: Option<Value> = None;
        let mut run = Vec::with_capacity(items.len());
        let mut failed = false;
        for item in items {
            // One bad element hides no other.
            let Ok(value) = self.expression(&item.value) else {
                failed = true;
                continue;
            };
            if !item.spread {
                run.push(value);
            } else if let (Some(spread), false) = (value.as_items(), value.is_secret()) {
                run.extend(spread.iter().cloned());
            } else {
                let wanted = Type::list(Type::Any);
                let Ok(value) = self.fit(value, &wanted, item.value.span, None) else {
                    failed = true;
                    continue;
                };
                let head = Value::list(std::mem::take(&mut run));
                let spans = [span, item.value.span];
                let joined = self.operate(Operation::Add, &[head, value], span, &spans)?;
                result = Some(self.joined(result, joined, span)?);
            }
        }
        if failed {
            return Err(Failed);
        }
        let tail = Value::list(run);
        match result {
            None => Ok(tail),
            Some(_) => self.joined(result, tail, span),
        }
    }

    fn joined(&mut self, head: Option<Value>, tail: Value, span: Span) -> Result<Value, Failed> {
        match head {
            None => Ok(tail),
            Some(head) => self.operate(Operation::Add, &[head, tail], span, &[]),
        }
    }

    fn map(&mut self, entries: &[ast::MapEntry], span: Span) -> Result<Value, Failed> {
        let mut map = Map::with_capacity(entries.len());
        let mut parts: Vec<Value> = Vec::new();
        let mut written: Vec<(Str, Span)> = Vec::new();
        let mut failed = false;
        for entry in entries {
            let made = match entry {
                MapEntry::Set { key, value } => self.entry(key, value),
                MapEntry::Shorthand(name) => {
                    let value = self.named(&name.name, name.span);
                    value.map(|value| (name.name.clone(), value, name.span))
                }
                MapEntry::Spread(spread) => {
                    let Ok(value) = self.expression(spread) else {
                        failed = true;
                        continue;
                    };
                    match (value.as_map(), value.is_secret()) {
                        (Some(spread), false) => {
                            for (key, value) in spread.iter() {
                                map.insert(key.clone(), value.clone());
                            }
                        }
                        _ => {
                            let fitted = self.fit(value, &Type::map(Type::Any), spread.span, None);
                            parts.push(Value::from(std::mem::take(&mut map)));
                            match fitted {
                                Ok(fitted) => parts.push(fitted),
                                Err(Failed) => failed = true,
                            }
                        }
                    }
                    continue;
                }
            };
            // One bad entry hides no other.
            let Ok((key, value, key_span)) = made else {
                failed = true;
                continue;
            };
            if let Some((_, first)) = written.iter().find(|(own, _)| *own == key) {
                self.report(duplicate_key::diagnostic(&key, key_span, *first));
                failed = true;
                continue;
            }
            // Long literals are checked by the map itself; short ones by this list.
            if written.len() < 64 {
                written.push((key.clone(), key_span));
            }
            map.insert(key, value);
        }
        if failed {
            return Err(Failed);
        }
        if parts.is_empty() {
            return Ok(Value::from(map));
        }
        parts.push(Value::from(map));
        self.operate(Operation::Merge, &parts, span, &[])
    }

    fn entry(&mut self, key: &MapKey, value: &Expr) -> Result<(Str, Value, Span), Failed> {
        let (key, span) = match key {
            MapKey::Plain(key) => (Ok(key.name.clone()), key.span),
            MapKey::Computed(key) => (self.key(key), key.span),
        };
        let value = self.expression(value);
        Ok((key?, value?, span))
    }

    /// Evaluates a computed key, which must be known and no secret.
    fn key(&mut self, expr: &Expr) -> Result<Str, Failed> {
        let value = self.expression(expr)?;
        match key_text(&value) {
            Some(key) => Ok(key),
            None => self.fail(crate::diagnostics::bad_key::diagnostic(&value, expr.span)),
        }
    }

    fn comprehension(
        &mut self,
        comprehension: &Comprehension,
        span: Span,
    ) -> Result<Value, Failed> {
        let source = self.expression(&comprehension.source)?;
        let secret = source.is_secret();
        let depth = self.locals.len();
        let made = match elements(&source, comprehension.second.is_some()) {
            Some(elements) => {
                self.looping += 1;
                let made = self.rounds(comprehension, elements.len(), |scope| {
                    scope.each_known(comprehension, elements, span)
                });
                self.looping -= 1;
                made
            }
            None if source.is_unknown() => Ok(None),
            None => self.fail(type_mismatch::not_iterable(&source, comprehension.source.span)),
        };
        self.locals.truncate(depth);
        let made = match made? {
            Some(value) => value,
            None => {
                let residual = self.each_unknown(comprehension, source.reveal().clone());
                self.locals.truncate(depth);
                residual?
            }
        };
        Ok(if secret { Value::secret(made) } else { made })
    }

    /// Returns nothing when a condition or a key is unknown, so that the whole is.
    fn each_known(
        &mut self,
        comprehension: &Comprehension,
        elements: Vec<(Value, Value)>,
        span: Span,
    ) -> Result<Option<Value>, Failed> {
        self.spend(elements.len(), span)?;
        let mut items = Vec::with_capacity(elements.len());
        let mut entries: Vec<(Str, Value)> = Vec::new();
        let depth = self.locals.len();
        let mut secret = false;
        for (key, value) in elements {
            self.locals.truncate(depth);
            self.bind(comprehension, key, value);
            if let Some(condition) = &comprehension.condition {
                let holds = self.typed(condition, &Type::Bool)?;
                secret |= holds.is_secret();
                match holds.as_bool() {
                    Some(true) => {}
                    Some(false) => continue,
                    None => return Ok(None),
                }
            }
            match &comprehension.key {
                None => items.push(self.expression(&comprehension.value)?),
                Some(key) => {
                    let made = self.expression(key)?;
                    if made.is_unknown() {
                        return Ok(None);
                    }
                    let Some(text) = key_text(&made) else {
                        let bad = crate::diagnostics::bad_key::diagnostic(&made, key.span);
                        return self.fail(bad);
                    };
                    entries.push((text, self.expression(&comprehension.value)?));
                }
            }
        }
        if comprehension.key.is_none() {
            let list = Value::list(items);
            return Ok(Some(if secret { Value::secret(list) } else { list }));
        }
        let count = entries.len();
        entries.sort_by(|left, right| left.0.cmp(&right.0));
        if let Some(pair) = entries.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            let key_span = comprehension.key.as_ref().map_or(span, |key| key.span);
            return self.fail(duplicate_key::made_twice(&pair[0].0, key_span));
        }
        debug_assert_eq!(count, entries.len());
        let map = Value::map(entries);
        Ok(Some(if secret { Value::secret(map) } else { map }))
    }

    /// Evaluates the parts once, with unknown variables.
    fn each_unknown(
        &mut self,
        comprehension: &Comprehension,
        source: Value,
    ) -> Result<Value, Failed> {
        let ty = if let Value::Unknown(unknown) = &source {
            unknown.ty.bare().clone()
        } else {
            crate::ops::type_of(&source)
        };
        let (key_type, value_type) = if let Type::List(element) | Type::Set(element) = &ty {
            (Type::Int, (**element).clone())
        } else if let Type::Map(value) = &ty {
            (Type::String, (**value).clone())
        } else {
            (Type::Any, Type::Any)
        };
        let key_local = self.fresh_local();
        let value_local = self.fresh_local();
        let local = |ty, number| {
            Value::Unknown(Arc::new(Unknown { ty, residual: Residual::Local(number) }))
        };
        // With one variable, a list gives its elements and a map its keys.
        let keys_only = comprehension.second.is_none() && matches!(ty, Type::Map(_));
        let key = local(key_type, key_local);
        let value = if keys_only { key.clone() } else { local(value_type, value_local) };
        self.bind(comprehension, key, value);
        let part = |scope: &mut Self, expr: Option<&Expr>| {
            expr.map(|expr| scope.expression(expr)).transpose()
        };
        let condition = part(self, comprehension.condition.as_ref())?;
        let key = part(self, comprehension.key.as_ref())?;
        let value = self.expression(&comprehension.value)?;
        let ty = if key.is_some() { Type::map(Type::Any) } else { Type::list(Type::Any) };
        let each = Each { source, key_local, value_local, condition, key, value };
        let residual = Residual::Each(Box::new(each));
        Ok(Value::Unknown(Arc::new(Unknown { ty, residual })))
    }

    fn bind(&mut self, comprehension: &Comprehension, key: Value, value: Value) {
        let first = comprehension.first.name.clone();
        match &comprehension.second {
            Some(second) => {
                self.locals.push((first, key));
                self.locals.push((second.name.clone(), value));
            }
            None => self.locals.push((first, value)),
        }
    }
}

/// Returns the pairs that a comprehension goes through: index or key, and element. With one
/// variable a map gives its keys.
#[expect(clippy::wildcard_enum_match_arm, reason = "only collections have elements")]
pub(crate) fn elements(source: &Value, pairs: bool) -> Option<Vec<(Value, Value)>> {
    match source.reveal() {
        Value::List(items) | Value::Set(items) => Some(
            items
                .iter()
                .enumerate()
                .map(|(at, item)| (Value::from(at as i64), item.clone()))
                .collect(),
        ),
        Value::Map(map) => Some(
            map.iter()
                .map(|(key, value)| {
                    let key = Value::String(key.clone());
                    let value = if pairs { value.clone() } else { key.clone() };
                    (key, value)
                })
                .collect(),
        ),
        _ => None,
    }
}

/// Returns the steps that a search by a regular expression takes at worst: each byte of the text by
/// each state of the pattern, which repetitions multiply.
fn searched(operation: &Operation, operands: &[Value]) -> usize {
    let Operation::Call(name) = operation else { return 0 };
    if !name.starts_with("std.regex.") {
        return 0;
    }
    let mut texts = operands.iter().map(|value| value.as_str().unwrap_or_default());
    let (text, pattern) = (texts.next().unwrap_or_default(), texts.next().unwrap_or_default());
    let states = pattern.len() + if pattern.contains('{') { 400 } else { 0 };
    text.len().saturating_mul(states) / 8
}

/// Tells whether an operation gives a part of what it is given, which costs nothing however large that is.
const fn takes_a_part(operation: &Operation) -> bool {
    matches!(
        operation,
        Operation::Member | Operation::OptionalMember | Operation::Index | Operation::OptionalIndex
    )
}

/// Tells whether an operation fails for every value of its operands' types. A record whose type is written
/// down has no other members than those; in any other way what is missing may be there another time.
fn is_certain(error: &ops::OpError, operation: &Operation, operands: &[Value]) -> bool {
    let of_record = || {
        let base = operands.first().map(Value::reveal);
        matches!(operation, Operation::Member | Operation::OptionalMember)
            && matches!(base, Some(Value::Unknown(base)) if matches!(base.ty.bare(), Type::Record(_)))
    };
    error.kind == ops::ErrorKind::Mismatch || error.kind == ops::ErrorKind::Missing && of_record()
}

/// Returns about how much work a value makes for whoever looks at it.
fn size(value: &Value) -> usize {
    match value.reveal() {
        Value::List(items) | Value::Set(items) => items.len(),
        Value::Map(map) => map.len(),
        Value::String(text) => text.len() / 64,
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::Quantity(_)
        | Value::Unknown(_)
        | Value::Secret(_) => 0,
    }
}

/// Returns the text of a known key that is no secret: a string, or a whole number's digits.
pub(crate) fn key_text(value: &Value) -> Option<Str> {
    if let Value::String(text) = value {
        return Some(text.clone());
    }
    let Value::Number(number) = value else { return None };
    number.is_whole().then(|| number.to_text())
}
