//! Functions that providers offer.
//!
//! Takes the name of one, `time::rfc3339_parse`, with its operands, and whoever can call it; returns what
//! it answers, or a residual where an argument is not known yet and the function says that it needs it.
//!
//! Laws:
//! * What is computed from a secret is secret, and an error about it says nothing of any value.
//! * What the provider leaves open in its answer is a residual too: it is asked again.

use syncline_model::{Functions, Path, Problem, Residual, Step, Type, Value};

use super::apply::{mark, unknown_of, unsupported};
use super::scan::{Facts, strip};
use super::{ALL, ErrorKind, OpError, Operation, apply, replace_unknown};

/// Calls a function of a provider.
///
/// # Errors
/// [`OpError`] with what the function says, or that there is no such function (any more).
pub(crate) fn call(
    name: &str,
    operands: &[Value],
    functions: Option<&dyn Functions>,
) -> Result<Value, OpError> {
    let operation = Operation::Offered(name.into());
    let Some(functions) = functions else { return unknown_of(&operation, operands, Type::Any) };
    let (provider, function) = name.split_once("::").unwrap_or_default();
    let schema = functions.schema(provider);
    let Some(schema) = schema.as_ref().and_then(|schema| schema.functions.get(function)) else {
        return Err(unsupported(name));
    };
    let needed = |(at, operand): (usize, &Value)| {
        let allows = schema.parameter(at).is_some_and(|own| own.allows_unknown);
        !allows && !operand.is_known()
    };
    let returns = &schema.returns;
    if operands.iter().enumerate().any(needed) {
        return unknown_of(&operation, operands, returns.clone());
    }
    let mut facts = Facts::default();
    for operand in operands {
        facts.scan(operand, ALL)?;
    }
    let clear: Vec<Value> = operands.iter().map(|operand| strip(operand, ALL)).collect();
    let answer = functions.call(provider, function, &clear);
    let answer = answer.map_err(|problem| failed(name, &problem));
    let answer = if facts.secret { answer.map_err(OpError::conceal) } else { answer };
    let answer = answer?;
    if answer.is_known() {
        return Ok(mark(answer, facts.secret));
    }
    let whole = unknown_of(&operation, operands, returns.clone())?;
    let open = whole.reveal().clone();
    let part = |unknown: &syncline_model::Unknown, path: &Path| match unknown.residual {
        Residual::Provider => part_of(&open, path).unwrap_or_else(|_| open.clone()),
        Residual::Attribute { .. }
        | Residual::Output { .. }
        | Residual::Local(_)
        | Residual::Apply { .. }
        | Residual::Each(_) => Value::Unknown(std::sync::Arc::new(unknown.clone())),
    };
    Ok(mark(replace_unknown(&answer, &Path::default(), &part), whole.is_secret()))
}

/// Returns the residual of a part of what is not known.
fn part_of(whole: &Value, path: &Path) -> Result<Value, OpError> {
    let mut part = whole.clone();
    for step in &path.0 {
        part = match step {
            Step::Key(key) => apply(&Operation::Index, &[part, Value::String(key.clone())])?,
            Step::Index(index) => {
                apply(&Operation::Index, &[part, Value::from(i64::from(*index))])?
            }
        };
    }
    Ok(part)
}

fn failed(name: &str, problem: &Problem) -> OpError {
    let detail = problem.detail.trim();
    let said = if detail.is_empty() {
        problem.summary.clone()
    } else {
        format!("{}: {detail}", problem.summary)
    };
    let error = OpError::new(ErrorKind::Invalid, format!("`{name}` failed"))
        .instead(
            "What the provider says is not shown: an argument is secret, and it may quote that.",
        )
        .detail(format!("`{name}` failed: {said}"));
    match problem.path.0.first() {
        Some(Step::Index(index)) => error.at(*index as usize),
        Some(Step::Key(_)) | None => error,
    }
}
