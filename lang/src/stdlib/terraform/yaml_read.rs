//! YAML as Terraform's `yamldecode` reads it: plain texts by YAML 1.1 where they are bools or dates, and by the
//! core schema otherwise.

use jiff::civil::{Date, Time};
use syncline_model::Value;

use super::super::arguments::text;
use super::super::yaml;
use crate::ops::{OpError, text_of};

const TRUE: &[&str] = &["y", "Y", "yes", "Yes", "YES", "on", "On", "ON"];
const FALSE: &[&str] = &["n", "N", "no", "No", "NO", "off", "Off", "OFF"];

pub(super) fn decode(args: &[Value]) -> Result<Value, OpError> {
    // A key is what its value is as a text.
    let key = |text: &str| Ok(text_of(&resolve(text)?).unwrap_or_else(|_| text.into()));
    yaml::only(text(args, 0)?, yaml::Plain { value: resolve, key })
}

fn resolve(text: &str) -> Result<Value, String> {
    if TRUE.contains(&text) || FALSE.contains(&text) {
        return Ok(TRUE.contains(&text).into());
    }
    moment(text).map_or_else(|| yaml::resolve(text), |moment| Ok(moment.into()))
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
