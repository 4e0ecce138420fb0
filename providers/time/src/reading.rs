//! Functions that take a moment apart.
//!
//! Law: the parts are those of the offset that the text has, as whoever wrote it reads its clock.

use jiff::civil::Weekday;
use jiff::fmt::temporal::Pieces;
use syncline_model::{Field, Type, Value};
use syncline_protocol::sdk::{Function, Problem, argument};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const DAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// `rfc3339_parse`.
pub(crate) fn rfc3339_parse() -> Function {
    let field = |name: &str, ty| (name.into(), Field { ty, optional: false });
    let numbers = [
        "day", "hour", "iso_week", "iso_year", "minute", "month", "second", "unix", "weekday",
        "year", "year_day",
    ];
    let fields = numbers.map(|name| field(name, Type::Int));
    let names = ["month_name", "weekday_name"].map(|name| field(name, Type::String));
    Function::new(
        "Reads a moment as RFC 3339 writes it, and returns its parts: `unix` is the seconds since 1970, `weekday` \
         counts from Sunday, which is 0, and all but `unix` are those of the moment's own offset.",
        Type::record(fields.into_iter().chain(names)),
        |arguments| parts(arguments[0].as_str().unwrap_or_default()),
    )
    .parameter("timestamp", Type::String, "The moment, such as `2026-01-31T12:00:00Z`.")
}

fn parts(text: &str) -> Result<Value, Problem> {
    let bad = || {
        let detail = "Write it as RFC 3339 does, such as `2026-01-31T12:00:00Z`.";
        argument(0, format!("`{text}` is no moment"), detail)
    };
    let moment = super::moment::parse(text).ok_or_else(bad)?;
    let offset = Pieces::parse(text).ok().and_then(|pieces| pieces.to_numeric_offset());
    let civil = offset.ok_or_else(bad)?.to_datetime(moment);
    let week = civil.iso_week_date();
    let weekday = civil.weekday().since(Weekday::Sunday);
    let small = |number: i8| Value::from(i64::from(number));
    let name = |names: &[&str], at: i8| Value::from(names[usize::try_from(at).unwrap_or(0)]);
    Ok(Value::map([
        ("day", small(civil.day())),
        ("hour", small(civil.hour())),
        ("iso_week", small(week.week())),
        ("iso_year", Value::from(i64::from(week.year()))),
        ("minute", small(civil.minute())),
        ("month", small(civil.month())),
        ("month_name", name(&MONTHS, civil.month() - 1)),
        ("second", small(civil.second())),
        ("unix", Value::from(moment.as_second())),
        ("weekday", small(weekday)),
        ("weekday_name", name(&DAYS, weekday)),
        ("year", Value::from(i64::from(civil.year()))),
        ("year_day", Value::from(i64::from(civil.day_of_year()))),
    ]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_are_those_of_the_texts_own_offset() {
        let parts = parts("2023-07-25T23:43:16+02:00").unwrap();
        let shown = |name: &str| parts.attribute(name).to_string();
        assert_eq!((shown("hour"), shown("unix")), ("23".to_owned(), "1690321396".to_owned()));
        assert_eq!((shown("weekday"), shown("year_day")), ("2".to_owned(), "206".to_owned()));
        assert_eq!(shown("weekday_name"), "\"Tuesday\"");
        assert_eq!(shown("iso_week"), "30");
    }

    #[test]
    fn what_is_no_moment_blames_the_argument() {
        let problem = parts("yesterday").unwrap_err();
        assert_eq!(problem.path.to_string(), "[0]");
        assert!(parts("2023-07-25").is_err());
    }
}
