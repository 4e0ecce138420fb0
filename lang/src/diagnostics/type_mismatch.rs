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
    Code, Diagnostic, Dimension, Literal, Map, Quantity, RecordType, Span, Type, Value,
};

use crate::near::{listed, nearest};

/// What this is reported as.
pub const CODE: Code = Code { id: "E0301", summary: "a value has the wrong type" };

/// From more fields on a record is not shown whole.
const MANY: usize = 8;
/// How many are shown of it.
const SOME: usize = 5;

fn of(what: &Option<String>) -> String {
    what.as_ref().map_or_else(|| "this ".to_owned(), |what| format!("`{what}` "))
}

fn shown(value: &Value) -> String {
    let text = value.to_string();
    let short = text.chars().count() <= 60 && !matches!(value, Value::Null | Value::Secret(_));
    if short { format!("{} `{text}`", value.kind()) } else { value.kind().to_owned() }
}

/// Returns the report about a value that does not fit a type; `literal` when it is written out at
/// the place, so that another way of writing it is certain to mend it.
pub(crate) fn diagnostic(
    ty: &Type,
    value: &Value,
    span: Span,
    what: &Option<String>,
    literal: bool,
) -> Diagnostic {
    let subject = of(what);
    let ty = &readable(ty);
    if value.is_null() {
        return Diagnostic::error(CODE, format!("{subject}must be `{}`, and is null", brief(ty)))
            .label(span, "null here")
            .help("Give a value, or a default behind `??`.");
    }
    if let Type::Union(literals) = ty.bare() {
        return union(&subject, literals, value, span, literal);
    }
    let short = brief(ty);
    let message = format!("{subject}must be `{short}`, and is {}", shown(value));
    let diagnostic = Diagnostic::error(CODE, message).label(span, format!("expected `{short}`"));
    if literal {
        as_written(diagnostic, ty, value, span)
    } else {
        as_computed(diagnostic, ty, value)
    }
}

/// Returns a type as people know it who have not written the function: `T` is any type.
#[expect(clippy::wildcard_enum_match_arm, reason = "only these types have others in them")]
fn readable(ty: &Type) -> Type {
    match ty {
        Type::Variable(_) => Type::Any,
        other => other.with_elements(readable),
    }
}

/// Returns a type that fits into a message: of records with many fields some, the required ones first. A provider's
/// may have hundreds.
fn brief(ty: &Type) -> Type {
    let Type::Record(record) = ty else { return ty.with_elements(brief) };
    let mut short = RecordType::clone(record);
    if short.fields.len() > MANY {
        short.fields.sort_by_key(|(_, field)| field.optional);
        short.fields.truncate(SOME);
        short.open = true;
    }
    for (_, field) in &mut short.fields {
        field.ty = brief(&field.ty);
    }
    Type::Record(short.into())
}

/// How to mend a value that is computed.
fn as_computed(diagnostic: Diagnostic, ty: &Type, value: &Value) -> Diagnostic {
    match (ty.bare(), value) {
        (Type::String, Value::Number(_) | Value::Bool(_) | Value::Quantity(_)) => {
            diagnostic.help("Make text of it: `string(...)`, or `\"${...}\"`.")
        }
        (Type::Int, Value::String(text)) if syncline_model::Number::parse(text).is_ok() => {
            diagnostic.help("Convert it: `int(...)`.")
        }
        (Type::Number, Value::String(text)) if syncline_model::Number::parse(text).is_ok() => {
            diagnostic.help("Convert it: `number(...)`.")
        }
        (Type::Bool, Value::Number(_)) => diagnostic.help("Compare it, as in `... > 0`."),
        (Type::Bool, Value::String(_)) => diagnostic.help("Compare it, as in `... != \"\"`."),
        _ => in_any_form(diagnostic, ty, value),
    }
}

/// How to mend a value whether it is written out or computed.
fn in_any_form(diagnostic: Diagnostic, ty: &Type, value: &Value) -> Diagnostic {
    match (ty.bare(), value) {
        (Type::Quantity(dimension), Value::Number(_)) => diagnostic.help(format!(
            "Give it a unit: {}.",
            match dimension {
                Dimension::Duration => "`30s`, or `n * 1s`",
                Dimension::Bytes => "`10GiB`, or `n * 1GiB`",
                Dimension::Percent => "`25%`, or `n * 1%`",
            }
        )),
        (Type::Quantity(dimension), Value::String(_)) => diagnostic.help(format!(
            "Write a number with its unit: {}.",
            match dimension {
                Dimension::Duration => "`30s`",
                Dimension::Bytes => "`10GiB`",
                Dimension::Percent => "`25%`",
            }
        )),
        (Type::Int | Type::Number, Value::Quantity(quantity)) => {
            let members: Vec<&str> = quantity.dimension.members().collect();
            diagnostic.help(format!("Take the number in a unit: `.{}`.", members.join("`, `.")))
        }
        (Type::Int, Value::Number(_)) => diagnostic.help("Use a whole number."),
        (Type::List(_) | Type::Set(_), _) if value.to_string().len() <= 60 => {
            diagnostic.help(format!("Write a list: `[{value}]`."))
        }
        (Type::List(_) | Type::Set(_), _) => diagnostic.help("Write a list: `[...]`."),
        (Type::String | Type::Int | Type::Number | Type::Bool, Value::Map(map)) => {
            let part = map.keys().find(|key| *key == "id").or_else(|| map.keys().next());
            match part {
                Some(part) => diagnostic.help(format!("Take a part of it, such as `.{part}`.")),
                None => diagnostic,
            }
        }
        _ => diagnostic,
    }
}

/// How to mend a value that is written out.
fn as_written(diagnostic: Diagnostic, ty: &Type, value: &Value, span: Span) -> Diagnostic {
    match (ty.bare(), value) {
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
        _ => in_any_form(diagnostic, ty, value),
    }
}

/// How many literals of a union are listed.
const MOST_LITERALS: usize = 20;

fn union(
    subject: &str,
    literals: &[Literal],
    value: &Value,
    span: Span,
    literal: bool,
) -> Diagnostic {
    let options: Vec<Value> = literals.iter().map(Literal::to_value).collect();
    let listed: Vec<String> =
        options.iter().take(MOST_LITERALS).map(|option| format!("`{option}`")).collect();
    let more = if options.len() > MOST_LITERALS { ", ..." } else { "" };
    let message =
        format!("{subject}must be one of {}{more}, and is {}", listed.join(", "), shown(value));
    let diagnostic = Diagnostic::error(CODE, message);
    let Some(near) = closest(&options, value) else {
        return diagnostic.label(span, "none of them");
    };
    let diagnostic = diagnostic.label(span, format!("none of them; the closest is `{near}`"));
    if literal {
        diagnostic.help(format!("Did you mean `{near}`?")).suggest(span, near.to_string())
    } else {
        diagnostic
    }
}

/// Returns the literal that was probably meant: one that reads alike, in quotes or not.
fn closest<'v>(options: &'v [Value], value: &Value) -> Option<&'v Value> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let texts: Vec<String> = options.iter().map(text).collect();
    let found = text(value);
    let near = texts
        .iter()
        .position(|own| *own == found)
        .or_else(|| {
            let near = nearest(&found, texts.iter().map(String::as_str))?;
            texts.iter().position(|own| own == near)
        })
        .map(|at| &options[at])?;
    // Numbers that look alike are not alike.
    (!matches!((near, value), (Value::Number(_), Value::Number(_)))).then_some(near)
}

/// Returns the report about a value known after apply that cannot turn out to fit.
pub(crate) fn unknown(ty: &Type, found: &str, span: Span, what: &Option<String>) -> Diagnostic {
    let short = brief(ty);
    let message = format!("{}must be `{short}`, and will be `{found}`", of(what));
    let diagnostic = Diagnostic::error(CODE, message).label(span, format!("expected `{short}`"));
    match (ty.bare(), found) {
        (Type::List(element) | Type::Set(element), found) if element.to_string() == found => {
            diagnostic.help("Write a list of one: `[...]`.")
        }
        (Type::String, "int" | "number" | "bool") => {
            diagnostic.help("Make text of it: `string(...)`, or `\"${...}\"`.")
        }
        (Type::Int, "string") => diagnostic.help("If it is the text of a number: `int(...)`."),
        (Type::Number, "string") => {
            diagnostic.help("If it is the text of a number: `number(...)`.")
        }
        _ => diagnostic,
    }
}

/// Returns the report about something that is no list or map.
pub(crate) fn not_iterable(value: &Value, span: Span) -> Diagnostic {
    Diagnostic::error(CODE, format!("this must be a list or a map, and is {}", shown(value)))
        .label(span, "neither list nor map")
        .help(if value.is_null() {
            "Give a value for null: `value ?? []`."
        } else {
            "Write `[a, b]` for a list, or `range(n)` to count."
        })
}

/// Returns the report about a field that a record does not have.
pub(crate) fn no_field(
    key: &str,
    (map, record): (&Map, &RecordType),
    span: Span,
    what: &Option<String>,
) -> Diagnostic {
    let path = what.as_deref().unwrap_or(key);
    let diagnostic = Diagnostic::error(CODE, format!("there is no field `{path}`"))
        .label(span, "not a field of the record");
    let names = record.fields.iter().map(|(name, _)| name.as_str());
    // A field that is given is not misspelled.
    match nearest(key, names.clone().filter(|name| map.get(name).is_none())) {
        Some(near) => diagnostic.help(format!("Did you mean `{near}`?")).suggest(span, near),
        None => diagnostic.help(format!("It has: {}.", listed(names))),
    }
}

/// Returns the report about a field that a record does not have, and that is not to be shown.
pub(crate) fn no_secret_field(record: &RecordType, span: Span) -> Diagnostic {
    let names = record.fields.iter().map(|(name, _)| name.as_str());
    Diagnostic::error(CODE, "a secret has a field that its record does not have")
        .label(span, "this secret")
        .help(format!("It has: {}.", listed(names)))
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
        .label(span, format!("needs `{name}: {}`", brief(ty)))
        .help(format!("Add `{name} = ...`."))
}
