//! E0301: a value has the wrong type.
//!
//! Nothing is converted silently: a number is no string, and a string no number.
//!
//! ```sync
//! environment dev {
//!   param replicas: int = "two"
//! }
//! ```
//!
//! Mend it:
//!
//! ```sync
//! environment dev {
//!   param replicas: int = 2
//! }
//! ```

use syncline_model::{
    Code, Diagnostic, Dimension, Literal, Quantity, RecordType, Span, Type, Value, nearest,
};

/// What this is reported as.
pub const CODE: Code = Code { id: "E0301", summary: "a value has the wrong type" };

fn of(what: &Option<String>) -> String {
    what.as_ref().map(|what| format!("`{what}` ")).unwrap_or_default()
}

fn shown(value: &Value) -> String {
    let text = value.to_string();
    let short = text.chars().count() <= 60 && !matches!(value, Value::Null | Value::Secret(_));
    if short { format!("{} `{text}`", value.kind()) } else { value.kind().to_owned() }
}

/// Returns the report about a value that does not fit a type.
pub(crate) fn diagnostic(
    ty: &Type,
    value: &Value,
    span: Span,
    what: &Option<String>,
) -> Diagnostic {
    let subject = of(what);
    if value.is_null() {
        return Diagnostic::error(
            CODE,
            format!("{subject}must be `{ty}`, and is null").trim_start(),
        )
        .label(span, "null here")
        .help("Give a value, or a default behind `??`.");
    }
    let message = format!("{subject}must be `{ty}`, and is {}", shown(value));
    let diagnostic =
        Diagnostic::error(CODE, message.trim_start()).label(span, format!("expected `{ty}`"));
    match (ty.bare(), value) {
        (Type::Union(literals), _) => union(diagnostic, literals, value, span),
        (Type::String, Value::Number(_) | Value::Bool(_)) => diagnostic
            .help(format!("Write it as text: `\"{value}\"`."))
            .suggest(span, format!("\"{value}\"")),
        (Type::Int | Type::Number, Value::String(text))
            if syncline_model::Number::parse(text).is_ok() =>
        {
            diagnostic
                .help(format!("Write it without quotes: `{text}`."))
                .suggest(span, text.to_string())
        }
        (Type::Bool, Value::String(text)) if text == "true" || text == "false" => diagnostic
            .help(format!("Write it without quotes: `{text}`."))
            .suggest(span, text.to_string()),
        (Type::Quantity(dimension), Value::Number(_)) => diagnostic.help(format!(
            "Give it a unit: {}.",
            match dimension {
                Dimension::Duration => "`30s`, or `n * 1s`",
                Dimension::Bytes => "`10GiB`, or `n * 1GiB`",
                Dimension::Percent => "`25%`, or `n * 1%`",
            }
        )),
        (Type::Int | Type::Number, Value::Quantity(quantity)) => {
            let members: Vec<&str> = quantity.dimension.members().collect();
            diagnostic.help(format!("Take the number in a unit: `.{}`.", members.join("`, `.")))
        }
        (Type::String, Value::Quantity(quantity)) => diagnostic
            .help(format!("Write it as text: `\"{quantity}\"`."))
            .suggest(span, format!("\"{quantity}\"")),
        (Type::Quantity(_), Value::String(text))
            if Quantity::parse(text).is_ok_and(|quantity| quantity.is_some()) =>
        {
            diagnostic
                .help(format!("Write it without quotes: `{text}`."))
                .suggest(span, text.to_string())
        }
        (Type::Int, Value::Number(_)) => diagnostic.help("Use a whole number."),
        (Type::List(_) | Type::Set(_), _) => diagnostic.help(format!("Write a list: `[{value}]`.")),
        _ => diagnostic,
    }
}

fn union(diagnostic: Diagnostic, literals: &[Literal], value: &Value, span: Span) -> Diagnostic {
    let texts: Vec<_> = literals.iter().map(Literal::to_value).collect();
    let options = texts.iter().filter_map(Value::as_str);
    match value.as_str().and_then(|text| nearest(text, options)) {
        Some(near) => diagnostic
            .help(format!("Did you mean `\"{near}\"`?"))
            .suggest(span, format!("\"{near}\"")),
        None => diagnostic,
    }
}

/// Returns the report about a value known after apply that cannot turn out to fit.
pub(crate) fn unknown(ty: &Type, found: &str, span: Span, what: &Option<String>) -> Diagnostic {
    let message = format!("{}must be `{ty}`, and will be `{found}`", of(what));
    Diagnostic::error(CODE, message.trim_start()).label(span, format!("expected `{ty}`"))
}

/// Returns the report about something that is no list or map.
pub(crate) fn not_iterable(value: &Value, span: Span) -> Diagnostic {
    Diagnostic::error(CODE, format!("this must be a list or a map, and is {}", shown(value)))
        .label(span, "neither list nor map")
        .help("Write `[a, b]` for a list, or `range(n)` to count.")
}

/// Returns the report about a field that a record does not have.
pub(crate) fn no_field(
    key: &str,
    record: &RecordType,
    span: Span,
    what: &Option<String>,
) -> Diagnostic {
    let path = what.as_deref().unwrap_or(key);
    let diagnostic = Diagnostic::error(CODE, format!("there is no field `{path}`"))
        .label(span, "not a field of the record");
    let names = record.fields.iter().map(|(name, _)| name.as_str());
    match nearest(key, names.clone()) {
        Some(near) => diagnostic.help(format!("Did you mean `{near}`?")),
        None => {
            let names: Vec<&str> = names.collect();
            diagnostic.help(format!("It has: {}.", names.join(", ")))
        }
    }
}

/// Returns the report about a field that a record does not have, and that is not to be shown.
pub(crate) fn no_secret_field(record: &RecordType, span: Span) -> Diagnostic {
    let names: Vec<&str> = record.fields.iter().map(|(name, _)| name.as_str()).collect();
    Diagnostic::error(CODE, "a secret has a field that its record does not have")
        .label(span, "this secret")
        .help(format!("It has: {}.", names.join(", ")))
}

/// Returns the report about a field that is not given.
pub(crate) fn missing_field(
    name: &str,
    ty: &Type,
    span: Span,
    what: &Option<String>,
) -> Diagnostic {
    let of = what.as_ref().map(|what| format!(" of `{what}`")).unwrap_or_default();
    Diagnostic::error(CODE, format!("the field `{name}`{of} is missing"))
        .label(span, format!("needs `{name}: {ty}`"))
        .help(format!("Add `{name} = ...`."))
}
