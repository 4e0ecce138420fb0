//! `std.time`: RFC 3339 moments and exact durations between them. No clock is read.

use bigdecimal::num_bigint::BigInt;
use bigdecimal::{BigDecimal, ToPrimitive};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use syncline_model::{Dimension, Number, Quantity, Value};

use super::Entry;
use super::arguments::{any, excerpt, invalid, number, text};
use crate::ops::OpError;

pub(super) const NATIVES: &[Entry] = &[
    Entry::deep("normalize", |args| Ok(moment(args, 0)?.to_string().into())),
    Entry::deep("add", |args| {
        let Value::Quantity(duration) = any(args, 1) else {
            return Err(OpError::mismatch(1, "a duration", any(args, 1)));
        };
        let start = moment(args, 0)?.as_nanosecond();
        let added = nanoseconds(&duration.amount).and_then(|added| start.checked_add(added));
        at(added).ok_or_else(|| invalid(1, "the moment is out of the years -9999 to 9999"))
    }),
    Entry::deep("between", |args| {
        let nanoseconds = moment(args, 0)?.as_nanosecond() - moment(args, 1)?.as_nanosecond();
        Ok(Quantity::new(Dimension::Duration, seconds(nanoseconds)?).into())
    }),
    Entry::deep("unix", |args| Ok(seconds(moment(args, 0)?.as_nanosecond())?.into())),
    Entry::deep("from_unix", |args| {
        at(nanoseconds(number(args, 0)?))
            .ok_or_else(|| invalid(0, "the moment is out of the years -9999 to 9999"))
    }),
    Entry::deep("format", |args| {
        let pattern = text(args, 1)?;
        let zoned = moment(args, 0)?.to_zoned(TimeZone::UTC);
        jiff::fmt::strtime::format(pattern, &zoned).map(Value::from).map_err(|error| {
            invalid(1, "the pattern is not understood")
                .detail(format!("the pattern {} is not understood: {error}", excerpt(pattern)))
        })
    }),
];

fn moment(args: &[Value], at: usize) -> Result<Timestamp, OpError> {
    let text = text(args, at)?;
    text.parse().map_err(|_| {
        invalid(at, "the text is no RFC 3339 moment")
            .detail(format!("{} is no RFC 3339 moment", excerpt(text)))
            .help("Write it with a zone: `2026-01-02T03:04:05Z`. The last one is `9999-12-30T22:00:00Z`.")
    })
}

fn at(nanoseconds: Option<i128>) -> Option<Value> {
    let moment = Timestamp::from_nanosecond(nanoseconds?).ok()?;
    Some(moment.to_string().into())
}

fn seconds(nanoseconds: i128) -> Result<Number, OpError> {
    Ok(Number::from_decimal(BigDecimal::new(BigInt::from(nanoseconds), 9))?)
}

/// Returns a number of seconds in whole nanoseconds; what is smaller is left out.
fn nanoseconds(seconds: &Number) -> Option<i128> {
    (seconds.to_decimal() * BigDecimal::from(1_000_000_000_i64)).with_scale(0).to_i128()
}
