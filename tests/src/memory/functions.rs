//! The functions that the provider in memory offers: all of them pure.

use std::collections::BTreeMap;

use syncline_model::{Field, FunctionParameter, FunctionSchema, Path, Problem, Str, Type, Value};

/// Returns the schemas of the functions.
pub(super) fn schemas() -> BTreeMap<Str, FunctionSchema> {
    let text = |name| parameter(name, Type::String, "A text.");
    let any = FunctionParameter {
        nullable: true,
        allows_unknown: true,
        ..parameter("value", Type::Any, "Anything.")
    };
    let pair = [("name", Type::String), ("size", Type::Int)];
    let pair = pair.map(|(name, ty)| (name.into(), Field { ty, optional: false }));
    let glue = FunctionSchema {
        deprecated: Some("Use `join`.".into()),
        ..function(vec![text("text")], Type::String, "Joins one text.")
    };
    let join = FunctionSchema {
        variadic: Some(parameter("parts", Type::String, "What is joined.")),
        ..function(vec![text("separator")], Type::String, "Joins texts.")
    };
    let all = [
        ("glue", glue),
        ("is_known", function(vec![any], Type::Bool, "Tells whether a value is known.")),
        ("join", join),
        ("parse", function(vec![text("text")], Type::record(pair), "Reads `name:size`.")),
    ];
    all.map(|(name, function)| (name.into(), function)).into()
}

fn parameter(name: &str, ty: Type, description: &str) -> FunctionParameter {
    let (name, description) = (name.into(), description.into());
    FunctionParameter { name, ty, description, nullable: false, allows_unknown: false }
}

fn function(
    parameters: Vec<FunctionParameter>,
    returns: Type,
    description: &str,
) -> FunctionSchema {
    let description = description.into();
    FunctionSchema { parameters, variadic: None, returns, description, deprecated: None }
}

/// Calls a function.
///
/// # Errors
/// For a text that `parse` cannot read.
pub fn call(name: &str, arguments: &[Value]) -> Result<Value, Problem> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let texts: Vec<String> = arguments.iter().map(text).collect();
    match (name, texts.as_slice()) {
        ("glue", [text]) => Ok(text.as_str().into()),
        ("is_known", _) => Ok(arguments.iter().all(Value::is_known).into()),
        ("join", [separator, parts @ ..]) => Ok(parts.join(separator).into()),
        ("parse", [text]) => {
            let read = text.split_once(':').and_then(|(name, size)| {
                let size: i64 = size.parse().ok()?;
                Some(Value::map([("name", name.into()), ("size", Value::from(size))]))
            });
            read.ok_or_else(|| {
                let problem = Problem::error("cannot read it", format!("`{text}` is no name:size"));
                problem.at(Path::default().index(0))
            })
        }
        _ => Err(Problem::error(format!("there is no function `{name}`"), "")),
    }
}
