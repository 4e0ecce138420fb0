//! Computing residuals, as far as what is known allows.

use std::sync::Arc;

use syncline_model::{
    Address, Diagnostic, Each, Functions, Map, Path, Residual, Resolve, Secret, Step, Str, Type,
    Unknown, Value,
};

use super::apply::{apply, mark, unsupported};
use super::scan::{Facts, too_deep};
use super::{ErrorKind, MAX_DEPTH, OpError, Operation, access, check_items};

/// Computes residuals for the planner and the executor.
#[derive(Clone, Copy, Default)]
pub struct Resolver<'a> {
    /// Who calls the functions of providers; without, they wait.
    pub functions: Option<&'a dyn Functions>,
}

impl Resolver<'static> {
    /// Computes all but functions of providers.
    pub const ALONE: Self = Self { functions: None };
}

impl std::fmt::Debug for Resolver<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Resolver").finish_non_exhaustive()
    }
}

impl Resolve for Resolver<'_> {
    fn resolve(
        &self,
        value: &Value,
        lookup: &dyn Fn(&Address) -> Option<Value>,
    ) -> Result<Value, Box<Diagnostic>> {
        resolve_with(value, lookup, self.functions)
            .map_err(|error| Box::new(crate::diagnostics::operation_failed::without_place(&error)))
    }
}

/// Returns a value with every residual in it computed as far as `lookup` allows.
///
/// `lookup` returns all attributes of a resource as one map, or `None` when nothing is known yet.
/// Branches that are not taken are not computed.
///
/// # Errors
/// [`OpError`] of the first operation that fails on what has become known.
pub fn resolve(
    value: &Value,
    lookup: &dyn Fn(&Address) -> Option<Value>,
) -> Result<Value, OpError> {
    resolve_with(value, lookup, None)
}

/// The same, with whoever calls the functions of providers.
pub(crate) fn resolve_with(
    value: &Value,
    lookup: &dyn Fn(&Address) -> Option<Value>,
    functions: Option<&dyn Functions>,
) -> Result<Value, OpError> {
    let mut facts = Facts::default();
    facts.scan(value, super::ALL)?;
    if !facts.unknown {
        return Ok(value.clone());
    }
    Resolution { lookup, functions, locals: Vec::new(), depth: 0 }.value(value)
}

struct Resolution<'a> {
    lookup: &'a dyn Fn(&Address) -> Option<Value>,
    functions: Option<&'a dyn Functions>,
    /// The variables of the enclosing comprehensions, innermost last.
    locals: Vec<(u32, Value)>,
    depth: usize,
}

impl Resolution<'_> {
    fn value(&mut self, value: &Value) -> Result<Value, OpError> {
        self.depth += 1;
        if self.depth > 2 * MAX_DEPTH {
            return Err(too_deep());
        }
        let resolved = match value {
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Quantity(_) => value.clone(),
            Value::List(items) => Value::List(self.values(items)?.into()),
            Value::Set(items) => Value::set(self.values(items)?),
            Value::Map(map) => {
                let mut resolved: Vec<(Str, Value)> = Vec::with_capacity(map.len());
                for (key, value) in map.iter() {
                    resolved.push((key.clone(), self.value(value)?));
                }
                resolved.into_iter().collect::<Map>().into()
            }
            Value::Unknown(unknown) => self.unknown(value, unknown)?,
            Value::Secret(secret) => match &**secret {
                Secret::Clear(clear) => Value::secret(self.value(clear).map_err(OpError::conceal)?),
                Secret::Sealed(_) => value.clone(),
            },
        };
        self.depth -= 1;
        Ok(resolved)
    }

    fn values(&mut self, values: &[Value]) -> Result<Vec<Value>, OpError> {
        values.iter().map(|value| self.value(value)).collect()
    }

    fn unknown(&mut self, value: &Value, unknown: &Unknown) -> Result<Value, OpError> {
        let resolved = match &unknown.residual {
            Residual::Attribute { address, path } => self.attribute(value, address, path)?,
            // It was filled in when the environment was evaluated, or waits for another apply.
            Residual::Output { .. } | Residual::Provider => value.clone(),
            Residual::Local(number) => {
                let bound = self.locals.iter().rev().find(|(own, _)| own == number);
                bound.map_or_else(|| value.clone(), |(_, bound)| bound.clone())
            }
            Residual::Apply { operation, operands } => {
                typed(self.operation(operation, operands)?, &unknown.ty)
            }
            Residual::Each(each) => self.each(each, &unknown.ty)?,
        };
        // What has become known keeps the mark that its type asked for.
        Ok(mark(resolved, unknown.ty.is_secret()))
    }

    fn attribute(
        &mut self,
        value: &Value,
        address: &Address,
        path: &Path,
    ) -> Result<Value, OpError> {
        let Some(attributes) = (self.lookup)(address) else { return Ok(value.clone()) };
        match access::at_path(&attributes, path)? {
            None => Ok(value.clone()),
            Some(found) if found.is_unknown() => {
                // The reference says more than what the provider left open.
                if let Value::Unknown(unknown) = found.reveal()
                    && !matches!(unknown.residual, Residual::Provider)
                {
                    return Ok(found);
                }
                Ok(mark(value.clone(), found.is_secret()))
            }
            Some(found) if found.is_known() => Ok(found),
            Some(found) => Ok(refer(&found, address, path)),
        }
    }

    fn operation(&mut self, name: &Str, operands: &[Value]) -> Result<Value, OpError> {
        let operation = Operation::parse(name).ok_or_else(|| unsupported(name))?;
        match (&operation, operands) {
            (Operation::And | Operation::Or, [left, right]) => {
                let left = self.value(left)?;
                if left.as_bool() == Some(operation == Operation::Or) {
                    return Ok(left);
                }
                let right = self.later(&left, right)?;
                apply(&operation, &[left, right])
            }
            (Operation::Coalesce, [left, right]) => {
                let left = self.value(left)?;
                if !left.is_unknown() && !left.reveal().is_null() {
                    return Ok(left);
                }
                let right = self.later(&left, right)?;
                apply(&operation, &[left, right])
            }
            (Operation::If, [condition, then, otherwise]) => {
                let condition = self.value(condition)?;
                let (then, otherwise) = match condition.as_bool() {
                    Some(true) => (self.value(then)?, Value::Null),
                    Some(false) => (Value::Null, self.value(otherwise)?),
                    None => (self.later(&condition, then)?, self.later(&condition, otherwise)?),
                };
                apply(&operation, &[condition, then, otherwise])
            }
            (Operation::Offered(name), operands) => {
                super::offered::call(name, &self.values(operands)?, self.functions)
            }
            _ => apply(&operation, &self.values(operands)?),
        }
    }

    /// Resolves an operand that is needed only when `decision`, once known, says so: until then
    /// its failure must not surface.
    fn later(&mut self, decision: &Value, operand: &Value) -> Result<Value, OpError> {
        let (depth, locals) = (self.depth, self.locals.len());
        match self.value(operand) {
            Err(error) if decision.is_unknown() && error.kind != ErrorKind::TooLarge => {
                self.depth = depth;
                self.locals.truncate(locals);
                Ok(self.bound(operand))
            }
            result => result,
        }
    }

    /// Returns a value with the variables that are bound now put in their places.
    fn bound(&self, value: &Value) -> Value {
        if self.locals.is_empty() {
            return value.clone();
        }
        let nothing = |_: &Address| None;
        let locals = self.locals.clone();
        // Where even that fails the operand itself is at fault; keep it whole, it fails later.
        Resolution { lookup: &nothing, functions: None, locals, depth: self.depth }
            .value(value)
            .unwrap_or_else(|_| value.clone())
    }

    fn each(&mut self, each: &Each, ty: &Type) -> Result<Value, OpError> {
        let source = self.value(&each.source)?;
        let Some(pairs) = pairs(&source)? else { return Ok(self.each_again(each, source, ty)) };
        check_items(pairs.len())?;
        let outer = self.locals.len();
        let made = self.elements(each, pairs);
        self.locals.truncate(outer);
        match made? {
            Some(value) => Ok(mark(value, source.is_secret())),
            None => Ok(self.each_again(each, source, ty)),
        }
    }

    /// Returns what a comprehension makes; nothing when a condition or a key is unknown.
    fn elements(
        &mut self,
        each: &Each,
        pairs: Vec<(Value, Value)>,
    ) -> Result<Option<Value>, OpError> {
        let outer = self.locals.len();
        let mut secret = false;
        let mut items = Vec::new();
        let mut entries: Vec<(Str, Value)> = Vec::new();
        for (key, value) in pairs {
            self.locals.truncate(outer);
            self.locals.push((each.key_local, key));
            self.locals.push((each.value_local, value));
            if let Some(condition) = &each.condition {
                let holds = self.value(condition)?;
                secret |= holds.is_secret();
                match holds.as_bool() {
                    Some(true) => {}
                    Some(false) => continue,
                    None if holds.is_unknown() => return Ok(None),
                    None => return Err(OpError::mismatch(0, "a bool behind `if`", &holds)),
                }
            }
            let Some(key) = &each.key else {
                items.push(self.value(&each.value)?);
                continue;
            };
            let key = self.value(key)?;
            if key.is_unknown() {
                return Ok(None);
            }
            secret |= key.is_secret();
            entries.push((access::key_text(key.reveal())?, self.value(&each.value)?));
        }
        if each.key.is_none() {
            return Ok(Some(mark(Value::list(items), secret)));
        }
        entries.sort_by(|left, right| left.0.cmp(&right.0));
        if let Some(pair) = entries.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            let error = OpError::new(ErrorKind::Duplicate, "two entries get the same key")
                .detail(format!("two entries get the key `{}`", pair[0].0))
                .help("Make the key of each entry its own.");
            return Err(if secret { error.conceal() } else { error });
        }
        Ok(Some(mark(Value::map(entries), secret)))
    }

    fn each_again(&self, each: &Each, source: Value, ty: &Type) -> Value {
        let secret = source.is_secret();
        let part = |value: &Value| self.bound(value);
        let each = Each {
            source,
            condition: each.condition.as_ref().map(part),
            key: each.key.as_ref().map(part),
            value: part(&each.value),
            ..*each
        };
        let residual = Residual::Each(Box::new(each));
        mark(Value::Unknown(Arc::new(Unknown { ty: ty.clone(), residual })), secret)
    }
}

/// Returns what a comprehension goes through: position or key, and element; nothing when that is
/// not known.
fn pairs(source: &Value) -> Result<Option<Vec<(Value, Value)>>, OpError> {
    match source.reveal() {
        Value::List(items) | Value::Set(items) => {
            let pairs = items.iter().enumerate();
            Ok(Some(pairs.map(|(at, item)| (Value::from(at as i64), item.clone())).collect()))
        }
        Value::Map(map) => {
            let pairs = map.iter();
            Ok(Some(pairs.map(|(key, value)| (key.clone().into(), value.clone())).collect()))
        }
        Value::Unknown(_) => Ok(None),
        other @ (Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Quantity(_)
        | Value::Secret(_)) => Err(OpError::new(
            ErrorKind::Mismatch,
            format!("`for` goes through a list or a map, not {}", other.kind()),
        )
        .at(0)),
    }
}

/// Gives an unknown of no known type the one that is known better.
pub(crate) fn typed(value: Value, ty: &Type) -> Value {
    if let Value::Unknown(unknown) = value.reveal()
        && unknown.ty == Type::Any
        && *ty != Type::Any
    {
        let residual = unknown.residual.clone();
        let better = Value::Unknown(Arc::new(Unknown { ty: ty.clone(), residual }));
        return mark(better, value.is_secret());
    }
    value
}

/// Turns what a provider leaves open inside a value into references to it.
fn refer(value: &Value, address: &Address, path: &Path) -> Value {
    replace_unknown(value, path, &|unknown, path| match unknown.residual {
        Residual::Provider => Unknown::attribute(unknown.ty.clone(), address, path.clone()),
        Residual::Apply { .. }
        | Residual::Each(_)
        | Residual::Attribute { .. }
        | Residual::Output { .. }
        | Residual::Local(_) => Value::Unknown(Arc::new(unknown.clone())),
    })
}

/// Replaces what is unknown inside a value, each with its path. A set's elements have no paths: one that is not known
/// is replaced as a whole, by what would stand for something that its provider leaves open.
pub(crate) fn replace_unknown(
    value: &Value,
    path: &Path,
    replace: &dyn Fn(&Unknown, &Path) -> Value,
) -> Value {
    match value {
        Value::Unknown(unknown) => replace(unknown, path),
        Value::List(items) => {
            Value::list(items.iter().enumerate().map(|(at, item)| {
                replace_unknown(item, &path.with(Step::Index(at as u32)), replace)
            }))
        }
        Value::Map(map) => Value::map(map.iter().map(|(key, value)| {
            (key.clone(), replace_unknown(value, &path.key(key.clone()), replace))
        })),
        Value::Set(items) if !items.iter().all(Value::is_known) => {
            let mut facts = Facts::default();
            let secret = facts.scan(value, super::ALL).is_err() || facts.secret;
            let whole = Unknown { ty: Type::set(Type::Any), residual: Residual::Provider };
            mark(replace(&whole, path), secret)
        }
        Value::Secret(secret) => match &**secret {
            Secret::Clear(clear) => Value::secret(replace_unknown(clear, path, replace)),
            Secret::Sealed(_) => value.clone(),
        },
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Quantity(_)
        | Value::Set(_) => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::tests::{attribute as unknown, evaluate};

    /// The attributes of `r`, once they are known.
    fn known() -> Value {
        let id = |text: &str| Value::map([("id", Value::from(text))]);
        Value::map([
            ("int", Value::from(3)),
            ("text", Value::from("x")),
            ("bool", Value::from(true)),
            ("map", Value::map([("a", Value::from("1"))])),
            ("list", Value::list([Value::from("p"), Value::from("q")])),
            ("records", Value::list([id("i"), id("j")])),
            ("optional", Value::Null),
            ("any", Value::secret(Value::from("s"))),
        ])
    }

    fn later(text: &str) -> String {
        let value = evaluate(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let nothing = resolve(&value, &|_| None);
        assert_eq!(nothing.as_ref(), Ok(&value), "{text}: nothing is known, so nothing changes");
        match resolve(&value, &|_| Some(known())) {
            Ok(Value::Secret(secret)) => format!("secret {}", Value::Secret(secret).reveal()),
            Ok(value) => value.to_string(),
            Err(error) => format!("! {}", error.message),
        }
    }

    #[test]
    fn residuals_are_computed_when_all_is_known() {
        for (text, expected) in [
            ("unknown_int + 1 == 4", "true"),
            ("\"${unknown_text}-${unknown_int}\"", "\"x-3\""),
            ("unknown_map.a + \"2\"", "\"12\""),
            ("unknown_map.b", "! there is no member `b`"),
            ("unknown_map[unknown_text]", "! there is no key `x`"),
            ("unknown_list[1]", "\"q\""),
            ("unknown_list[5]", "! there is no element 5: the list has 2, 0 to 1"),
            ("unknown_records[0].id", "\"i\""),
            ("unknown_optional ?? \"none\"", "\"none\""),
            ("std.strings.join(unknown_list, \"+\")", "\"p+q\""),
            ("{ a = [unknown_int] }", "{ a = [3] }"),
            ("if unknown_bool then 1 else number(unknown_text)", "1"),
            (
                "if !unknown_bool then 1 else number(unknown_text)",
                "! \"x\" cannot be read as a number: it is not a number",
            ),
            ("unknown_bool || number(unknown_text) == 1", "true"),
            ("unknown_text ?? unknown_map[\"b\"]", "\"x\""),
            ("secret(unknown_text)", "secret \"x\""),
            ("\"${unknown_any}!\"", "secret \"s!\""),
            ("number(secret(unknown_text))", "! the text is not a number within the limits"),
            ("[...unknown_list, 1]", "[\"p\", \"q\", 1]"),
            ("unknown_int / 0", "! division by zero"),
        ] {
            assert_eq!(later(text), expected, "{text}");
        }
    }

    #[test]
    fn what_the_provider_leaves_open_is_waited_for() {
        let provider =
            Value::Unknown(Arc::new(Unknown { ty: Type::String, residual: Residual::Provider }));
        let planned = Value::map([
            ("text", provider.clone()),
            ("map", Value::map([("a", provider.clone()), ("b", Value::from("b"))])),
            ("list", Value::set([provider])),
        ]);
        let resolved =
            |name: &str, ty| resolve(&unknown(name, ty), &|_| Some(planned.clone())).unwrap();
        assert_eq!(resolved("text", Type::String), unknown("text", Type::String));
        let Value::Map(map) = resolved("map", Type::map(Type::String)) else { panic!() };
        assert_eq!(map.get("b"), Some(&Value::from("b")));
        let Some(Value::Unknown(part)) = map.get("a") else { panic!() };
        let Residual::Attribute { path, .. } = &part.residual else { panic!() };
        assert_eq!(path.to_string(), "map.a");
        assert!(resolved("list", Type::set(Type::String)).is_unknown());
        assert_eq!(resolved("missing", Type::String), unknown("missing", Type::String));
    }

    #[test]
    fn branches_not_taken_stay_silent_until_then() {
        // The condition waits for another resource than the branch that cannot be computed.
        let condition = Value::Unknown(Arc::new(Unknown {
            ty: Type::Bool,
            residual: Residual::Attribute {
                address: Address::parse("other").unwrap(),
                path: Path::attribute("flag"),
            },
        }));
        let failing = evaluate("number(unknown_text)").unwrap();
        let choice = apply(&Operation::If, &[condition, Value::from(1), failing]).unwrap();
        let half = |address: &Address| (address.as_str() == "r").then(known);
        let waiting = resolve(&choice, &half).unwrap();
        assert!(waiting.is_unknown());
        let flag = Value::map([("flag", Value::from(true))]);
        let all =
            |address: &Address| Some(if address.as_str() == "r" { known() } else { flag.clone() });
        assert_eq!(resolve(&waiting, &all), Ok(Value::from(1)));
    }

    #[test]
    fn comprehensions_are_run() {
        let local = |number| {
            Value::Unknown(Arc::new(Unknown { ty: Type::Any, residual: Residual::Local(number) }))
        };
        let add =
            |left: Value, right: Value| apply(&Operation::Interpolate, &[left, right]).unwrap();
        let mut each = Each {
            source: unknown("list", Type::list(Type::String)),
            key_local: 1,
            value_local: 2,
            condition: None,
            key: None,
            value: add(local(2), unknown("int", Type::Int)),
        };
        let run = |each: &Each| {
            let residual = Residual::Each(Box::new(each.clone()));
            let ty = Type::list(Type::Any);
            let value = Value::Unknown(Arc::new(Unknown { ty, residual }));
            assert_eq!(resolve(&value, &|_| None).as_ref(), Ok(&value));
            resolve(&value, &|_| Some(known())).map(|value| value.to_string())
        };
        assert_eq!(run(&each).as_deref(), Ok("[\"p3\", \"q3\"]"));
        each.condition = Some(apply(&Operation::Equal, &[local(1), Value::from(1)]).unwrap());
        assert_eq!(run(&each).as_deref(), Ok("[\"q3\"]"));
        each.condition = None;
        each.key = Some(local(2));
        assert_eq!(run(&each).as_deref(), Ok("{ p = \"p3\", q = \"q3\" }"));
        each.key = Some(Value::from("same"));
        assert_eq!(run(&each).unwrap_err().message, "two entries get the key `same`");
        each.key = None;
        let mut outer = each.clone();
        (outer.key_local, outer.value_local) = (3, 4);
        each.value = add(local(2), local(4));
        each.source = Value::list([local(4)]);
        let residual = Residual::Each(Box::new(each));
        outer.value = Value::Unknown(Arc::new(Unknown { ty: Type::Any, residual }));
        assert_eq!(run(&outer).as_deref(), Ok("[[\"pp\"], [\"qq\"]]"));
    }

    #[test]
    fn an_unknown_operation_is_an_error() {
        let residual = Residual::Apply { operation: "explode".into(), operands: Vec::new() };
        let value = Value::Unknown(Arc::new(Unknown { ty: Type::Any, residual }));
        let error = Resolver::ALONE.resolve(&value, &|_| None).unwrap_err();
        assert_eq!(error.message, "there is no operation `explode`");
    }
}
