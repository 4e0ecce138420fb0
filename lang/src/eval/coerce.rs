//! Fitting a value to a type.
//!
//! Nothing is converted: a number is no string. What fits comes back in the type's own shape (a
//! list as a set where a set is wanted, a record with its defaults filled in and the optional
//! fields that were left out as null, a secret marked). The span of a mistake is the smallest piece
//! of the source that holds it.

use syncline_model::{Field, Map, Path, RecordType, Refinement, Span, Str, Type, Value};

use super::scope::{Failed, Scope};
use crate::diagnostics::{refinement_failed, type_mismatch};
use crate::near::nearest;
use crate::syntax::ast::{Expr, ExprKind, MapEntry, MapKey};

/// How many parts of one value are reported.
const MOST_FAILURES: usize = 5;

/// Where a value comes from, for messages.
#[derive(Clone, Copy)]
pub(crate) struct Site<'a> {
    /// The whole value's place.
    pub(crate) span: Span,
    /// Its expression, when it has one of its own.
    pub(crate) expr: Option<&'a Expr>,
    /// What the value is for: an attribute's or a parameter's name.
    pub(crate) what: Option<&'a str>,
    /// It is written out though it has no expression: in a file of values.
    pub(crate) is_written: bool,
}

impl<'a> Site<'a> {
    /// Returns where a value comes from that is written in a source.
    pub(crate) const fn new(span: Span, expr: Option<&'a Expr>, what: Option<&'a str>) -> Self {
        Self { span, expr, what, is_written: false }
    }
}

impl Scope<'_> {
    /// Fits a value to a type.
    pub(crate) fn fit(
        &mut self,
        value: Value,
        ty: &Type,
        span: Span,
        what: Option<&str>,
    ) -> Result<Value, Failed> {
        self.fit_at(value, ty, &Site::new(span, None, what))
    }

    /// Fits a value to a type, with the expression that made it.
    pub(crate) fn fit_at(
        &mut self,
        value: Value,
        ty: &Type,
        site: &Site<'_>,
    ) -> Result<Value, Failed> {
        if is_already(&value, ty) {
            return Ok(value);
        }
        self.fit_part(value, ty, site, &mut Path::default())
    }

    fn fit_part(
        &mut self,
        value: Value,
        ty: &Type,
        site: &Site<'_>,
        path: &mut Path,
    ) -> Result<Value, Failed> {
        if value.is_secret() {
            // What fits stays secret as a whole.
            let inner = value.reveal().clone();
            let inner = self.concealed(|scope| scope.fit_part(inner, ty, site, path))?;
            return Ok(Value::secret(inner));
        }
        match (ty, &value) {
            (Type::Any | Type::Variable(_), _) => Ok(value),
            (Type::Secret(inner), _) => {
                let inner = self.concealed(|scope| scope.fit_part(value, inner, site, path))?;
                Ok(Value::secret(inner))
            }
            (Type::Optional(_) | Type::Null, Value::Null) => Ok(value),
            (Type::Optional(inner), _) => self.fit_part(value, inner, site, path),
            (Type::Refined(refinement), _) => self.refined(value, refinement, site, path),
            (_, Value::Unknown(unknown)) => {
                if may_become(&unknown.ty, ty) {
                    Ok(value)
                } else {
                    let found = unknown.ty.to_string();
                    let (span, what) = self.blame(site, path);
                    self.fail(type_mismatch::unknown(ty, &found, span, &what))
                }
            }
            (Type::Bool, Value::Bool(_))
            | (Type::Number, Value::Number(_))
            | (Type::String, Value::String(_)) => Ok(value),
            (Type::Int, Value::Number(number)) if number.is_whole() => Ok(value),
            (Type::Quantity(own), Value::Quantity(quantity)) if *own == quantity.dimension => {
                Ok(value)
            }
            (Type::Union(literals), _)
                if literals.iter().any(|literal| literal.to_value() == value) =>
            {
                Ok(value)
            }
            (Type::List(element), Value::List(items) | Value::Set(items)) => {
                Ok(Value::list(self.items(items, element, site, path)?))
            }
            (Type::Set(element), Value::List(items) | Value::Set(items)) => {
                Ok(Value::set(self.items(items, element, site, path)?))
            }
            (Type::Map(element), Value::Map(map)) => self.map_values(map, element, site, path),
            (Type::Record(record), Value::Map(map)) => self.record(map, record, site, path),
            _ => {
                let (span, what) = self.blame(site, path);
                let literal =
                    site.is_written || site.expr.is_some_and(|expr| is_literal(locate(expr, path)));
                let shown = self.shown(&value);
                self.fail(type_mismatch::diagnostic(ty, &shown, span, &what, literal))
            }
        }
    }

    /// Runs a part that looks into a secret: what it reports does not show what it sees.
    fn concealed<T>(&mut self, part: impl FnOnce(&mut Self) -> T) -> T {
        let outer = std::mem::replace(&mut self.conceals, true);
        let result = part(self);
        self.conceals = outer;
        result
    }

    /// Returns a value as messages may show it.
    fn shown(&self, value: &Value) -> Value {
        if self.conceals { Value::secret(value.clone()) } else { value.clone() }
    }

    fn items(
        &mut self,
        items: &[Value],
        element: &Type,
        site: &Site<'_>,
        path: &mut Path,
    ) -> Result<Vec<Value>, Failed> {
        let mut fitted = Vec::with_capacity(items.len());
        let mut failed = 0;
        for (index, item) in items.iter().enumerate() {
            path.0.push(syncline_model::Step::Index(index as u32));
            let item = self.fit_part(item.clone(), element, site, path);
            path.0.pop();
            match item {
                Ok(item) => fitted.push(item),
                Err(Failed) => failed += 1,
            }
            if failed >= MOST_FAILURES {
                break;
            }
        }
        if failed > 0 { Err(Failed) } else { Ok(fitted) }
    }

    fn map_values(
        &mut self,
        map: &Map,
        element: &Type,
        site: &Site<'_>,
        path: &mut Path,
    ) -> Result<Value, Failed> {
        let mut fitted = Map::with_capacity(map.len());
        let mut failed = 0;
        for (key, value) in map.iter() {
            path.0.push(syncline_model::Step::Key(key.clone()));
            let value = self.fit_part(value.clone(), element, site, path);
            path.0.pop();
            match value {
                Ok(value) => drop(fitted.insert(key.clone(), value)),
                Err(Failed) => failed += 1,
            }
            if failed >= MOST_FAILURES {
                break;
            }
        }
        if failed > 0 { Err(Failed) } else { Ok(Value::from(fitted)) }
    }

    fn record(
        &mut self,
        map: &Map,
        record: &RecordType,
        site: &Site<'_>,
        path: &mut Path,
    ) -> Result<Value, Failed> {
        let mut fitted = Map::with_capacity(record.fields.len().max(map.len()));
        let mut failed = false;
        if !record.open {
            for key in map.keys().filter(|key| record.get(key).is_none()) {
                let span = key_span(site, path, key);
                path.0.push(syncline_model::Step::Key(key.clone()));
                let (_, what) = self.blame(site, path);
                path.0.pop();
                if self.conceals {
                    // A key of a secret is a part of it.
                    self.report(type_mismatch::no_secret_field(record, span));
                } else {
                    self.report(type_mismatch::no_field(key, (map, record), span, &what));
                }
                failed = true;
            }
        } else {
            for (key, value) in map.iter().filter(|(key, _)| record.get(key).is_none()) {
                fitted.insert(key.clone(), value.clone());
            }
        }
        for (name, field) in &record.fields {
            path.0.push(syncline_model::Step::Key(name.clone()));
            let value = self.field(map, (name, field), record, site, path);
            path.0.pop();
            match value {
                Ok(value) => {
                    fitted.insert(name.clone(), value);
                }
                Err(Failed) => failed = true,
            }
        }
        if failed { Err(Failed) } else { Ok(Value::from(fitted)) }
    }

    fn field(
        &mut self,
        map: &Map,
        (name, field): (&Str, &Field),
        record: &RecordType,
        site: &Site<'_>,
        path: &mut Path,
    ) -> Result<Value, Failed> {
        let default = record.defaults.iter().find(|(own, _)| own == name);
        match (map.get(name), default) {
            (Some(value), _) => self.fit_part(value.clone(), &field.ty, site, path),
            (None, Some((_, id))) => {
                let default = &self.project.defaults[*id as usize];
                let value = self.expression(default)?;
                self.fit(value, &field.ty, default.span, Some(name))
            }
            (None, None) if field.optional => Ok(Value::Null),
            // It was misspelled, and that is reported.
            (None, None) if misspells(map, record, name) => Err(Failed),
            (None, None) => {
                path.0.pop();
                let (span, what) = self.blame(site, path);
                path.0.push(syncline_model::Step::Key(name.clone()));
                self.fail(type_mismatch::missing_field(name, &field.ty, span, &what))
            }
        }
    }

    fn refined(
        &mut self,
        value: Value,
        refinement: &Refinement,
        site: &Site<'_>,
        path: &mut Path,
    ) -> Result<Value, Failed> {
        let value = self.fit_part(value, &refinement.base, site, path)?;
        if value.is_unknown() || value.is_null() {
            return Ok(value);
        }
        let condition = &self.project.conditions[refinement.id as usize];
        self.locals.push(("it".into(), value.clone()));
        let holds = self.typed(condition, &Type::Bool);
        self.locals.pop();
        if holds?.as_bool() == Some(false) {
            let (span, what) = self.blame(site, path);
            let (at, shown) = (condition.span, self.shown(&value));
            return self.fail(refinement_failed::diagnostic(&shown, refinement, span, at, &what));
        }
        Ok(value)
    }

    /// Returns the smallest piece of source that holds the part at `path`, and what it is called.
    fn blame(&self, site: &Site<'_>, path: &Path) -> (Span, Option<String>) {
        let span = site.expr.map_or(site.span, |expr| locate(expr, path).span);
        let what = match (site.what, path.0.is_empty()) {
            (what, true) => what.map(str::to_owned),
            (None, false) => Some(path.to_string()),
            (Some(what), false) if path.root().is_some() => Some(format!("{what}.{path}")),
            (Some(what), false) => Some(format!("{what}{path}")),
        };
        (span, what)
    }
}

/// Tells whether a value is in a type's own shape, as most are: it is what it would be fitted to. For
/// types that ask more of it, this does not look.
fn is_already(value: &Value, ty: &Type) -> bool {
    match (ty, value) {
        (Type::Any | Type::Variable(_), _)
        | (Type::Optional(_) | Type::Null, Value::Null)
        | (Type::Bool, Value::Bool(_))
        | (Type::Number, Value::Number(_))
        | (Type::String, Value::String(_)) => true,
        (Type::Int, Value::Number(number)) => number.is_whole(),
        (Type::Optional(inner), _) => is_already(value, inner),
        (Type::List(element), Value::List(items)) | (Type::Set(element), Value::Set(items)) => {
            items.iter().all(|item| is_already(item, element))
        }
        (Type::Map(element), Value::Map(map)) => map.values().all(|own| is_already(own, element)),
        _ => false,
    }
}

/// Tells whether a closed record has a field too many that is probably this one.
fn misspells(map: &Map, record: &RecordType, name: &str) -> bool {
    !record.open
        && map.keys().any(|key| record.get(key).is_none() && nearest(key, [name]).is_some())
}

/// Tells whether an expression is a value written out.
fn is_literal(expr: &Expr) -> bool {
    matches!(
        expr.kind,
        ExprKind::Null
            | ExprKind::Bool(_)
            | ExprKind::Number(_)
            | ExprKind::Quantity(_)
            | ExprKind::String(_)
    )
}

/// Finds a key of the map at a path; where it is no literal, the map.
fn key_span(site: &Site<'_>, path: &Path, key: &str) -> Span {
    let Some(expr) = site.expr else { return site.span };
    let map = locate(expr, path);
    let ExprKind::Map(entries) = &map.kind else { return map.span };
    let found = entries.iter().find_map(|entry| match entry {
        MapEntry::Set { key: MapKey::Plain(own), .. } | MapEntry::Shorthand(own)
            if own.name == key =>
        {
            Some(own.span)
        }
        MapEntry::Set { .. } | MapEntry::Shorthand(_) | MapEntry::Spread(_) => None,
    });
    found.unwrap_or(map.span)
}

/// Finds the piece of a literal that is at a path.
#[expect(clippy::wildcard_enum_match_arm, reason = "only these literals have parts")]
fn locate<'e>(expr: &'e Expr, path: &Path) -> &'e Expr {
    let mut at = expr;
    for step in &path.0 {
        let next = match (&at.kind, step) {
            (ExprKind::Paren(inner), _) => Some(&**inner),
            (ExprKind::Map(entries), syncline_model::Step::Key(key)) => {
                entries.iter().find_map(|entry| match entry {
                    MapEntry::Set { key: MapKey::Plain(own), value } if own.name == *key => {
                        Some(value)
                    }
                    _ => None,
                })
            }
            (ExprKind::List(items), syncline_model::Step::Index(index)) => {
                let literal = items.iter().all(|item| !item.spread);
                items.get(*index as usize).filter(|_| literal).map(|item| &item.value)
            }
            _ => None,
        };
        match next {
            Some(next) => at = next,
            None => break,
        }
    }
    at
}

/// Tells whether a value of one type may turn out to be of another.
pub(crate) fn may_become(from: &Type, to: &Type) -> bool {
    match (from.bare(), to.bare()) {
        (Type::Any | Type::Variable(_) | Type::Null, _)
        | (_, Type::Any | Type::Variable(_))
        | (Type::Int | Type::Number | Type::Union(_), Type::Int | Type::Number | Type::Union(_))
        | (Type::String | Type::Union(_), Type::String | Type::Union(_))
        | (Type::Bool | Type::Union(_), Type::Bool | Type::Union(_))
        | (Type::Map(_) | Type::Record(_), Type::Map(_) | Type::Record(_)) => true,
        (Type::Quantity(from), Type::Quantity(to)) => from == to,
        (Type::List(from) | Type::Set(from), Type::List(to) | Type::Set(to)) => {
            may_become(from, to)
        }
        _ => false,
    }
}
