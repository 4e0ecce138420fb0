//! Terraform's `format`: the verbs of Go's `fmt` that go-cty takes.

#![expect(clippy::wildcard_enum_match_arm, reason = "every other kind of value is none for a verb")]

use std::iter::Peekable;
use std::str::CharIndices;
use std::sync::Arc;

use bigdecimal::{BigDecimal, RoundingMode};
use syncline_model::{Number, Value};

use super::super::arguments::{any, excerpt, invalid, text};
use super::json;
use crate::ops::{OpError, check_items, check_text, text_of};

/// `%`, flags, a width, a precision, the number of a value in brackets, a letter.
#[derive(Clone, Debug, Default)]
struct Verb {
    sharp: bool,
    zero: bool,
    minus: bool,
    plus: bool,
    space: bool,
    width: usize,
    precision: Option<usize>,
    /// The number of the value, from 1.
    value: usize,
    letter: char,
    /// The verb as it is written.
    written: String,
}

/// Writes one text for each of the values that stand side by side in lists; what is no list is in all of them.
pub(super) fn format_list(args: &[Value]) -> Result<Value, OpError> {
    let as_list = |own: &Value| match own {
        Value::List(items) | Value::Set(items) => Some(Arc::clone(items)),
        _ => None,
    };
    let lists: Vec<_> = args.iter().skip(1).map(as_list).collect();
    let mut lengths =
        lists.iter().enumerate().filter_map(|(at, own)| Some((at, own.as_ref()?.len())));
    let (first, count) = lengths.next().unwrap_or((0, 1));
    if let Some((at, other)) = lengths.find(|(_, own)| *own != count) {
        let detail =
            format!("value {} has {count} elements, and value {} has {other}", first + 1, at + 1);
        return Err(invalid(at + 1, "the lists are not of one length").detail(detail));
    }
    check_items(count)?;
    let one = |row: usize| {
        let own = lists.iter().zip(&args[1..]);
        let values = own.map(|(list, own)| list.as_ref().map_or(own, |list| &list[row]).clone());
        format(&std::iter::once(args[0].clone()).chain(values).collect::<Vec<_>>())
    };
    Ok(Value::list((0..count).map(one).collect::<Result<Vec<_>, _>>()?))
}

pub(super) fn format(args: &[Value]) -> Result<Value, OpError> {
    let pattern = text(args, 0)?;
    let mut out = String::new();
    let mut next = 1;
    let mut highest = 0;
    let mut rest = pattern.char_indices().peekable();
    while let Some((at, character)) = rest.next() {
        if character != '%' {
            out.push(character);
        } else if rest.next_if(|(_, next)| *next == '%').is_some() {
            out.push('%');
        } else {
            let verb = verb(pattern, at, &mut rest, next).ok_or_else(|| {
                invalid(0, "the pattern has a `%` without a verb").detail(format!(
                    "the `%` at character {} of {} starts no verb",
                    pattern[..at].chars().count() + 1,
                    excerpt(pattern)
                ))
            })?;
            if verb.value >= args.len() {
                return Err(invalid(0, "the pattern asks for more values than there are")
                    .detail(format!("`{}` asks for value {}", verb.written, verb.value)));
            }
            check_text(out.len() + verb.width.max(verb.precision.unwrap_or(0)))?;
            out.push_str(&written(&verb, any(args, verb.value), verb.value)?);
            highest = highest.max(verb.value);
            next = verb.value + 1;
        }
        check_text(out.len())?;
    }
    if highest + 1 < args.len() {
        return Err(invalid(highest + 1, "the pattern has no verb for the value").detail(format!(
            "the pattern {} has no verb for value {}",
            excerpt(pattern),
            highest + 1
        )));
    }
    Ok(out.into())
}

/// Reads a number; one that is too large for anything stays so.
fn digits(rest: &mut Peekable<CharIndices<'_>>) -> Option<usize> {
    let mut number = None;
    while let Some((_, digit)) = rest.next_if(|(_, next)| next.is_ascii_digit()) {
        let digit = digit as usize - '0' as usize;
        number = Some(number.unwrap_or(0_usize).saturating_mul(10).saturating_add(digit));
    }
    number
}

/// Reads what is behind a `%`.
fn verb(
    pattern: &str,
    at: usize,
    rest: &mut Peekable<CharIndices<'_>>,
    next: usize,
) -> Option<Verb> {
    let mut verb = Verb { value: next, ..Verb::default() };
    while let Some((_, flag)) = rest.next_if(|(_, next)| "#0-+ ".contains(*next)) {
        match flag {
            '#' => verb.sharp = true,
            '0' => verb.zero = true,
            '-' => verb.minus = true,
            '+' => verb.plus = true,
            _ => verb.space = true,
        }
    }
    verb.width = digits(rest).unwrap_or(0);
    if rest.next_if(|(_, next)| *next == '.').is_some() {
        verb.precision = Some(digits(rest).unwrap_or(0));
    }
    if rest.next_if(|(_, next)| *next == '[').is_some() {
        verb.value = digits(rest).filter(|number| *number > 0)?;
        rest.next_if(|(_, next)| *next == ']')?;
    }
    let (end, letter) = rest.next_if(|(_, next)| next.is_ascii_alphabetic())?;
    verb.letter = letter;
    pattern[at..=end].clone_into(&mut verb.written);
    Some(verb)
}

/// Returns a value as a verb wants it.
fn written(verb: &Verb, value: &Value, at: usize) -> Result<String, OpError> {
    let unfit = |what: &str| {
        let verb = &verb.written;
        Err(invalid(at, "the value is none for its verb").detail(format!("`{verb}` takes {what}")))
    };
    match (verb.letter, value) {
        ('v', Value::String(text)) if !verb.sharp => Ok(padded(verb, text)),
        ('v', Value::Number(number)) if !verb.sharp => Ok(padded(verb, &shortest(number))),
        ('v', value) => Ok(padded(verb, &json(value)?)),
        (_, Value::Null) => unfit("no null"),
        ('t', value) => match value {
            Value::Bool(value) => Ok(value.to_string()),
            Value::String(text) if matches!(&**text, "true" | "1") => Ok("true".to_owned()),
            Value::String(text) if matches!(&**text, "false" | "0") => Ok("false".to_owned()),
            _ => unfit("a bool"),
        },
        ('s' | 'q', value) => {
            let Ok(text) = text_of(value) else { return unfit("a text") };
            let cut = verb.precision.filter(|precision| *precision > 0);
            let text: String = text.chars().take(cut.unwrap_or(usize::MAX)).collect();
            let text = if verb.letter == 'q' { json(&text.into())? } else { text };
            Ok(padded(verb, &text))
        }
        ('b' | 'd' | 'o' | 'x' | 'X' | 'e' | 'E' | 'f' | 'g' | 'G', value) => {
            let number = match value {
                Value::Number(number) => Some(number.clone()),
                Value::String(text) => Number::parse(text).ok(),
                _ => None,
            };
            let Some(number) = number else { return unfit("a number") };
            let decimal = number.to_decimal();
            match verb.letter {
                'e' | 'E' | 'f' | 'g' | 'G' => Ok(signed(verb, &decimal, &float(verb, &decimal))),
                _ if number.is_whole() => Ok(integer(verb, &decimal)),
                _ => unfit("a whole number"),
            }
        }
        _ => Err(invalid(0, "the pattern has a verb that there is not")
            .detail(format!("there is no verb `{}`", verb.written))),
    }
}

fn padded(verb: &Verb, text: &str) -> String {
    let missing = verb.width.saturating_sub(text.chars().count());
    let fill = if verb.zero { "0" } else { " " }.repeat(missing);
    if verb.minus { format!("{text}{fill}") } else { format!("{fill}{text}") }
}

/// Puts a number's sign before its digits, and fills up.
fn signed(verb: &Verb, number: &BigDecimal, digits: &str) -> String {
    let sign = match number.sign() {
        bigdecimal::num_bigint::Sign::Minus => "-",
        _ if verb.plus => "+",
        _ if verb.space => " ",
        _ => "",
    };
    let missing = verb.width.saturating_sub(sign.len() + digits.len());
    let is_whole = matches!(verb.letter, 'b' | 'd' | 'o' | 'x' | 'X');
    // Of both flags the one that Go asks for first counts: `-` of whole numbers, `0` of others.
    if verb.minus && (is_whole || !verb.zero) {
        format!("{sign}{digits}{}", " ".repeat(missing))
    } else if verb.zero && !(is_whole && verb.precision.is_some()) {
        format!("{sign}{}{digits}", "0".repeat(missing))
    } else {
        format!("{}{sign}{digits}", " ".repeat(missing))
    }
}

fn integer(verb: &Verb, number: &BigDecimal) -> String {
    let (base, prefix) = match verb.letter {
        'b' => (2, "0b"),
        'o' => (8, "0"),
        'x' => (16, "0x"),
        'X' => (16, "0X"),
        _ => (10, ""),
    };
    let (whole, _) = number.abs().with_scale(0).into_bigint_and_exponent();
    let mut digits = whole.to_str_radix(base);
    if verb.letter == 'X' {
        digits.make_ascii_uppercase();
    }
    let missing = verb.precision.unwrap_or(0).saturating_sub(digits.len());
    let prefix = if verb.sharp { prefix } else { "" };
    signed(verb, number, &format!("{prefix}{}{digits}", "0".repeat(missing)))
}

/// Returns a number's digits without the zeros at both ends, and how many of them stand before the point.
fn taken_apart(number: &BigDecimal) -> (String, i64) {
    let (digits, scale) = number.abs().normalized().into_bigint_and_exponent();
    let digits = digits.to_string();
    let point = digits.len() as i64 - scale;
    if digits == "0" { (digits, 1) } else { (digits, point) }
}

fn float(verb: &Verb, number: &BigDecimal) -> String {
    let number = number.abs();
    match verb.letter {
        'f' => fixed(&number, verb.precision.unwrap_or(6)),
        'e' | 'E' => exponential(&number, verb.precision.unwrap_or(6), verb.letter),
        letter => general(&number, verb.precision, if letter == 'g' { 'e' } else { 'E' }),
    }
}

fn fixed(number: &BigDecimal, places: usize) -> String {
    number.with_scale_round(places as i64, RoundingMode::HalfEven).to_plain_string()
}

fn exponential(number: &BigDecimal, places: usize, letter: char) -> String {
    let kept = std::num::NonZeroU64::MIN.saturating_add(places as u64);
    let rounded = number.with_precision_round(kept, RoundingMode::HalfEven);
    let (mut digits, point) = taken_apart(&rounded);
    digits.push_str(&"0".repeat((places + 1).saturating_sub(digits.len())));
    let (first, rest) = digits.split_at(1);
    let dot = if rest.is_empty() { "" } else { "." };
    format!("{first}{dot}{rest}{}", exponent(letter, point - 1))
}

/// Returns a power of ten, with two digits at least.
fn exponent(letter: char, power: i64) -> String {
    let sign = if power < 0 { '-' } else { '+' };
    format!("{letter}{sign}{:02}", power.abs())
}

/// Returns a number as `%g` has it: with a power of ten where it is very small or long.
fn general(number: &BigDecimal, precision: Option<usize>, letter: char) -> String {
    let kept = precision.map(|precision| precision.max(1));
    let rounded = match kept.and_then(|kept| std::num::NonZeroU64::new(kept as u64)) {
        Some(kept) => number.with_precision_round(kept, RoundingMode::HalfEven),
        None => number.clone(),
    };
    let (digits, point) = taken_apart(&rounded);
    let count = digits.len();
    let bound = match kept {
        None => 6,
        Some(kept) if kept > count && count as i64 >= point => count as i64,
        Some(kept) => kept as i64,
    };
    if point - 1 < -4 || point > bound {
        return exponential(&rounded, count - 1, letter);
    }
    fixed(&rounded, usize::try_from(count as i64 - point).unwrap_or(0))
}

/// Returns a number as `%v` has it.
fn shortest(number: &Number) -> String {
    let decimal = number.to_decimal();
    let sign = if decimal.sign() == bigdecimal::num_bigint::Sign::Minus { "-" } else { "" };
    format!("{sign}{}", general(&decimal.abs(), None, 'e'))
}
