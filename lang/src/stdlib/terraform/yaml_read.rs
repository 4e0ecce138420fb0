//! YAML as Terraform's `yamldecode` reads it: texts without quotes by YAML 1.1 where they are bools or dates, and by
//! the core schema otherwise. A tag says what a text is only where nothing else does.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::civil::{Date, Time};
use saphyr_parser::ScalarStyle;
use syncline_model::{Number, Str, Value};

use super::super::arguments::text;
use super::super::yaml::{self, Dialect, Scalar};
use crate::ops::{OpError, text_of};

const TRUE: &[&str] = &["y", "Y", "yes", "Yes", "YES", "on", "On", "ON"];
const FALSE: &[&str] = &["n", "N", "no", "No", "NO", "off", "Off", "OFF"];

const TERRAFORM: Dialect = Dialect { value, key, last_wins: true };

pub(super) fn decode(args: &[Value]) -> Result<Value, OpError> {
    yaml::only(text(args, 0)?, TERRAFORM)
}

/// A key is what its value is as a text.
fn key(scalar: &Scalar<'_>) -> Result<Str, String> {
    Ok(text_of(&value(scalar)?).unwrap_or_else(|_| scalar.text.into()))
}

fn value(scalar: &Scalar<'_>) -> Result<Value, String> {
    let text = scalar.text;
    match scalar.tag {
        Some(tag) if tag.is_yaml_core_schema() => tagged(scalar, &tag.suffix),
        Some(tag) => Err(yaml::unknown_tag(tag)),
        None if scalar.is_plain() => resolve(text),
        // A block is read without quotes, and what comes of it is made a text.
        None if matches!(scalar.style, ScalarStyle::Literal | ScalarStyle::Folded) => {
            let resolved = resolve(text)?;
            Ok(text_of(&resolved).map_or(resolved, Value::from))
        }
        None => Ok(text.into()),
    }
}

/// Returns what a text with a tag is.
fn tagged(scalar: &Scalar<'_>, tag: &str) -> Result<Value, String> {
    let text = scalar.text;
    let unfit = || format!("this is no `!!{tag}`");
    match tag {
        "str" => return Ok(text.into()),
        "binary" => {
            let lines = text.replace(['\r', '\n'], "");
            return STANDARD.decode(lines).map_or_else(|_| Err(unfit()), |_| Ok(text.into()));
        }
        "null" | "bool" | "int" | "float" | "timestamp" => {}
        _ => return Err(format!("the tag `!!{tag}` has no meaning here")),
    }
    // What starts like something other than a text is that, whatever the tag says.
    if text.is_empty() || text.starts_with(|first| "+-.~0123456789yYnNtTfFoO".contains(first)) {
        if matches!(scalar.style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted) {
            return Ok(text.into());
        }
        let plain = if tag == "timestamp" { resolve(text)? } else { resolve_timeless(text)? };
        if plain.as_str().is_none_or(|own| own != text) {
            return Ok(plain);
        }
    }
    match tag {
        "null" => Ok(Value::Null),
        "int" | "float" => {
            Number::parse(&text.replace('_', "")).map(Value::from).map_err(|_| unfit())
        }
        _ => Err(unfit()),
    }
}

fn resolve(text: &str) -> Result<Value, String> {
    moment(text).map_or_else(|| resolve_timeless(text), |moment| Ok(moment.into()))
}

fn resolve_timeless(text: &str) -> Result<Value, String> {
    if TRUE.contains(&text) || FALSE.contains(&text) {
        return Ok(TRUE.contains(&text).into());
    }
    yaml::resolve(text)
}

/// Returns the moment that a text says: a date, perhaps with a time; fractions of a second are left out.
fn moment(text: &str) -> Option<String> {
    let (date, time) = text.find(['T', 't', ' ']).map_or((text, None), |at| {
        let (date, time) = text.split_at(at);
        (date, Some(time))
    });
    let mut parts = date.split('-');
    let year = parts.next().filter(|year| year.len() == 4 && !year.starts_with('+'))?;
    let (month, day) = (number(parts.next()?)?, number(parts.next()?)?);
    let date = Date::new(year.parse().ok()?, month, day).ok().filter(|_| parts.next().is_none())?;
    let Some(time) = time else { return Some(format!("{date}T00:00:00Z")) };
    // Behind a space there is no zone, and behind a letter there has to be one.
    let (time, zone) = match (time.strip_prefix(' '), &time[1..]) {
        (Some(time), _) => (time, "Z"),
        (None, time) => time.split_at(time.find(['Z', '+', '-'])?),
    };
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let mut parts = time.split(':').map(number);
    let mut part = || parts.next().flatten();
    let time = Time::new(part()?, part()?, part()?, 0).ok().filter(|_| part().is_none())?;
    let has_digits = |text: &str| !text.is_empty() && text.bytes().all(|own| own.is_ascii_digit());
    let is_zone = zone == "Z"
        || zone.split_once(':').is_some_and(|(hours, minutes)| {
            hours.len() == 3 && has_digits(&hours[1..]) && minutes.len() == 2 && has_digits(minutes)
        });
    (is_zone && has_digits(fraction)).then(|| format!("{date}T{time}{zone}"))
}

/// Reads a number of one or two digits.
fn number(text: &str) -> Option<i8> {
    let is_short = text.len() < 3 && text.bytes().all(|own| own.is_ascii_digit());
    text.parse().ok().filter(|_| is_short)
}
