//! What is certain to fail, whatever an unknown operand turns out to be.
//!
//! Takes an operation with operands of which some are unknown; returns the error that it gives for
//! every value that their types allow, or nothing. An unknown stands for one value of its type, and the
//! operation itself decides: so there is one rule for what fits, and one message. Null counts as what it
//! may be beside it: whether it is null is decided when it is known.

use syncline_model::{Number, Quantity, Str, Type, Value};

use super::{ErrorKind, OpError, Operation, apply, typing};

/// Returns why an operation fails for every value of its operands' types.
pub(crate) fn mismatch(operation: &Operation, operands: &[Value]) -> Option<OpError> {
    use Operation as O;
    let joins = match operation {
        O::Interpolate => true,
        O::Add
        | O::Subtract
        | O::Multiply
        | O::Divide
        | O::Remainder
        | O::Negate
        | O::Not
        | O::And
        | O::Or
        | O::Less
        | O::LessEqual
        | O::Greater
        | O::GreaterEqual => false,
        O::Equal
        | O::NotEqual
        | O::In
        | O::Coalesce
        | O::If
        | O::Member
        | O::OptionalMember
        | O::Index
        | O::OptionalIndex
        | O::List
        | O::Concat
        | O::MapEntry
        | O::Merge
        | O::Call(_)
        | O::Offered(_) => return None,
    };
    let mut samples = Vec::with_capacity(operands.len());
    for operand in operands {
        let sample = sample(&typing::type_of(operand), operation);
        // Each part of a text must fit on its own.
        let any = || joins.then(|| Value::String(Str::new()));
        samples.push(sample.or_else(any)?);
    }
    let error = apply(operation, &samples).err()?;
    let secret = operands.iter().any(Value::is_secret);
    let error = if secret { error.conceal() } else { error };
    (error.kind == ErrorKind::Mismatch).then_some(error)
}

/// Returns a value of a type; `None` where the type says nothing.
fn sample(ty: &Type, operation: &Operation) -> Option<Value> {
    Some(match ty.bare() {
        Type::Bool => Value::Bool(*operation != Operation::Or),
        Type::Int | Type::Number => Value::from(1),
        Type::String => Value::String(Str::new()),
        Type::Quantity(dimension) => Value::Quantity(std::sync::Arc::new(Quantity {
            dimension: *dimension,
            amount: Number::from(1),
        })),
        Type::List(_) => Value::list([]),
        Type::Set(_) => Value::set([]),
        Type::Map(_) | Type::Record(_) => Value::map::<Str>([]),
        Type::Union(literals) => literals.first()?.to_value(),
        Type::Any
        | Type::Null
        | Type::Optional(_)
        | Type::Secret(_)
        | Type::Refined(_)
        | Type::Variable(_)
        | Type::Function(_) => return None,
    })
}
