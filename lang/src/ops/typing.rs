//! The types of values, and of what an operation leaves when it cannot be computed yet.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "types that are not named have nothing in common"
)]

use syncline_model::{Dimension, Field, Literal, Type, Value};

use super::Operation;

/// Returns the narrowest type that a value has; for an unknown, the type that it will have.
#[must_use]
pub fn type_of(value: &Value) -> Type {
    match value {
        Value::Null => Type::Null,
        Value::Bool(_) => Type::Bool,
        Value::Number(number) if number.is_whole() => Type::Int,
        Value::Number(_) => Type::Number,
        Value::String(_) => Type::String,
        Value::Quantity(quantity) => Type::Quantity(quantity.dimension),
        Value::List(items) => Type::list(join_all(items.iter().map(type_of))),
        Value::Set(items) => Type::set(join_all(items.iter().map(type_of))),
        Value::Map(map) => Type::record(
            map.iter()
                .map(|(key, value)| (key.clone(), Field { ty: type_of(value), optional: false })),
        ),
        Value::Unknown(unknown) => unknown.ty.clone(),
        Value::Secret(_) if value.reveal().is_secret() => Type::Any,
        Value::Secret(_) => type_of(value.reveal()).secret(),
    }
}

/// Returns the narrowest type that holds what either type holds; [`Type::Any`] when there is none.
#[must_use]
pub fn join(left: &Type, right: &Type) -> Type {
    match (left, right) {
        (left, right) if left == right => left.clone(),
        (Type::Null, other) | (other, Type::Null) => other.clone().optional(),
        (Type::Secret(left), right) | (right, Type::Secret(left)) => {
            let right = if let Type::Secret(inner) = right { inner } else { right };
            match join(left, right) {
                Type::Any => Type::Any,
                joined => joined.secret(),
            }
        }
        (Type::Optional(left), right) | (right, Type::Optional(left)) => {
            let right = if let Type::Optional(inner) = right { inner } else { right };
            join(left, right).optional()
        }
        (Type::Refined(left), right) | (right, Type::Refined(left)) => join(&left.base, right),
        (Type::Union(left), Type::Union(right)) => {
            let mut literals: Vec<Literal> = left.to_vec();
            literals.extend(right.iter().filter(|literal| !left.contains(literal)).cloned());
            Type::Union(literals.into())
        }
        (union @ Type::Union(_), other) | (other, union @ Type::Union(_)) => match widen(union) {
            Type::Any | Type::Union(_) => Type::Any,
            wide => join(&wide, other),
        },
        (Type::Int | Type::Number, Type::Int | Type::Number) => Type::Number,
        (Type::List(left), Type::List(right)) => Type::list(join(left, right)),
        (Type::Set(left), Type::Set(right)) => Type::set(join(left, right)),
        (Type::Map(left), Type::Map(right)) => Type::map(join(left, right)),
        (Type::Map(_), Type::Record(record)) | (Type::Record(record), Type::Map(_))
            if record.open =>
        {
            Type::map(Type::Any)
        }
        (Type::Map(value), Type::Record(record)) | (Type::Record(record), Type::Map(value)) => {
            let fields = record.fields.iter().map(|(_, field)| field.ty.clone());
            Type::map(join_all(std::iter::once((**value).clone()).chain(fields)))
        }
        (Type::Record(left), Type::Record(right)) => {
            let same = left.fields.iter().map(|(name, _)| name);
            if left.open || right.open {
                // What else is in them is not known.
                return Type::map(Type::Any);
            }
            if same.eq(right.fields.iter().map(|(name, _)| name)) {
                let pairs = left.fields.iter().zip(&right.fields);
                return Type::record(pairs.map(|((name, left), (_, right))| {
                    let ty = join(&left.ty, &right.ty);
                    (name.clone(), Field { ty, optional: left.optional || right.optional })
                }));
            }
            let fields = left.fields.iter().chain(&right.fields);
            Type::map(join_all(fields.map(|(_, field)| field.ty.clone())))
        }
        _ => Type::Any,
    }
}

/// Returns the join of all; [`Type::Any`] for none.
pub(super) fn join_all(types: impl IntoIterator<Item = Type>) -> Type {
    let mut types = types.into_iter();
    let Some(mut joined) = types.next() else { return Type::Any };
    for ty in types {
        if joined == Type::Any {
            break;
        }
        joined = join(&joined, &ty);
    }
    joined
}

/// Returns the narrowest type that holds what is of a type, and a value. Nothing that is in an empty list or set has a
/// type: these fit every other one.
pub(super) fn join_value(ty: &Type, value: &Value) -> Type {
    let fits = match (ty, value) {
        (Type::List(_), Value::List(items)) | (Type::Set(_), Value::Set(items)) => items.is_empty(),
        _ => false,
    };
    if fits { ty.clone() } else { join(ty, &type_of(value)) }
}

/// Returns the kind of a union's literals.
fn widen(ty: &Type) -> Type {
    let Type::Union(literals) = ty else { return ty.clone() };
    join_all(literals.iter().map(|literal| match literal {
        Literal::String(_) => Type::String,
        Literal::Int(_) => Type::Int,
        Literal::Bool(_) => Type::Bool,
    }))
}

/// Returns a type without marks and conditions on it.
fn kind(value: &Value) -> Type {
    widen(type_of(value).bare())
}

/// Returns a type without an outer secret mark, which the value bears instead.
pub(super) fn plain(ty: Type) -> Type {
    match ty {
        Type::Secret(inner) => (*inner).clone(),
        other => other,
    }
}

/// Returns the type of what is in a container.
pub(super) fn element(container: &Type) -> Type {
    match container.bare() {
        Type::List(element) | Type::Set(element) | Type::Map(element) => (**element).clone(),
        Type::Record(record) if !record.open => {
            join_all(record.fields.iter().map(|(_, field)| field.ty.clone()))
        }
        Type::Record(_)
        | Type::Any
        | Type::Null
        | Type::Bool
        | Type::Int
        | Type::Number
        | Type::String
        | Type::Quantity(_)
        | Type::Function(_)
        | Type::Union(_)
        | Type::Optional(_)
        | Type::Secret(_)
        | Type::Refined(_)
        | Type::Variable(_) => Type::Any,
    }
}

/// Returns the type that an operation's result will have.
pub(super) fn result_type(operation: &Operation, operands: &[Value]) -> Type {
    match operation {
        Operation::Add => sum(operands),
        Operation::Subtract
        | Operation::Multiply
        | Operation::Remainder
        | Operation::Negate
        | Operation::Divide => number(operation, operands),
        Operation::Not
        | Operation::And
        | Operation::Or
        | Operation::Equal
        | Operation::NotEqual
        | Operation::Less
        | Operation::LessEqual
        | Operation::Greater
        | Operation::GreaterEqual
        | Operation::In => Type::Bool,
        Operation::Interpolate => Type::String,
        Operation::Coalesce | Operation::If => join_all(operands.iter().skip(1).map(type_of)),
        Operation::Member
        | Operation::OptionalMember
        | Operation::Index
        | Operation::OptionalIndex => {
            operands.first().map_or(Type::Any, |base| element(&kind(base)))
        }
        Operation::List => Type::list(join_all(operands.iter().map(type_of))),
        Operation::Concat => Type::list(join_all(operands.iter().map(|list| element(&kind(list))))),
        Operation::MapEntry => Type::map(operands.get(1).map_or(Type::Any, type_of)),
        Operation::Merge => Type::map(join_all(operands.iter().map(|map| element(&kind(map))))),
        // Its schema says so, which is asked for where it is called.
        Operation::Offered(_) => Type::Any,
        Operation::Call(name) => crate::stdlib::find(name).map_or(Type::Any, |function| {
            let operands: Vec<Type> = operands.iter().map(type_of).collect();
            function.signature.infer(&operands)
        }),
    }
}

/// Returns the type of `- * / %`.
fn number(operation: &Operation, operands: &[Value]) -> Type {
    use Dimension::Percent;
    let kinds: Vec<Type> = operands.iter().map(kind).collect();
    let divides = *operation == Operation::Divide;
    match kinds.as_slice() {
        [Type::Int, ..] if !divides && kinds.iter().all(|kind| *kind == Type::Int) => Type::Int,
        [Type::Quantity(own)] => Type::Quantity(*own),
        [Type::Quantity(left), Type::Quantity(right)] if divides && left == right => Type::Number,
        // A percentage is a factor to whatever it multiplies or divides.
        [Type::Quantity(own), Type::Quantity(Percent)]
        | [Type::Quantity(Percent), Type::Quantity(own)]
        | [Type::Quantity(own), Type::Quantity(_)] => Type::Quantity(*own),
        [Type::Any, _] | [_, Type::Any] => Type::Any,
        [Type::Quantity(Percent), _] if *operation == Operation::Multiply => Type::Number,
        [_, Type::Quantity(Percent)] => Type::Number,
        [Type::Quantity(own), _] | [_, Type::Quantity(own)] => Type::Quantity(*own),
        _ => Type::Number,
    }
}

fn sum(operands: &[Value]) -> Type {
    let types: Vec<Type> = operands.iter().map(kind).collect();
    match types.as_slice() {
        [Type::Any, other] | [other, Type::Any] => match other {
            Type::Int | Type::Number => Type::Number,
            Type::String => Type::String,
            Type::Quantity(own) => Type::Quantity(*own),
            Type::List(_) => Type::list(Type::Any),
            Type::Set(_) => Type::set(Type::Any),
            Type::Map(_) | Type::Record(_) => Type::map(Type::Any),
            _ => Type::Any,
        },
        [Type::List(left), Type::Set(right)] => Type::list(join(left, right)),
        [Type::Set(left), Type::List(right)] => Type::set(join(left, right)),
        [Type::Record(left), Type::Record(right)] if left.open || right.open => {
            Type::map(Type::Any)
        }
        [Type::Record(left), Type::Record(right)] => {
            Type::record(left.fields.iter().chain(&right.fields).cloned())
        }
        _ => join_all(types),
    }
}
