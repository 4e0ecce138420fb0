//! Quantities: exact numbers with a unit, so that seconds are never taken for bytes.
//!
//! Laws:
//! * An amount is kept in its dimension's base unit (seconds, bytes, hundredths), exactly, so that
//!   `90s` and `1m30s` are one value.
//! * The text of a quantity is a literal of the language, and [`Quantity::parse`] reads it back.
//! * Where a quantity leaves the language as data without types (JSON, YAML, text, an attribute of
//!   any type), it is its text.

use serde::{Deserialize, Serialize};

use crate::{Number, NumberError, Str};

/// What a quantity measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dimension {
    /// A span of time, in seconds.
    Duration,
    /// An amount of data, in bytes.
    Bytes,
    /// Parts of a hundred.
    Percent,
}

/// An exact number with a unit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity {
    /// What it measures.
    pub dimension: Dimension,
    /// How much, in the dimension's base unit.
    pub amount: Number,
}

/// A unit: how it is written, its name as a member, and how many base units it has.
struct Unit {
    symbol: &'static str,
    member: &'static str,
    /// A number as text, since not all are whole.
    base: &'static str,
}

const fn unit(symbol: &'static str, member: &'static str, base: &'static str) -> Unit {
    Unit { symbol, member, base }
}

/// The largest first; weeks and days are read but not written, since other tools do not know them.
const DURATIONS: [Unit; 8] = [
    unit("w", "weeks", "604800"),
    unit("d", "days", "86400"),
    unit("h", "hours", "3600"),
    unit("m", "minutes", "60"),
    unit("s", "seconds", "1"),
    unit("ms", "milliseconds", "0.001"),
    unit("us", "microseconds", "0.000001"),
    unit("ns", "nanoseconds", "0.000000001"),
];

/// Binary before decimal; the largest first.
const BYTES: [Unit; 11] = [
    unit("PiB", "PiB", "1125899906842624"),
    unit("TiB", "TiB", "1099511627776"),
    unit("GiB", "GiB", "1073741824"),
    unit("MiB", "MiB", "1048576"),
    unit("KiB", "KiB", "1024"),
    unit("PB", "PB", "1000000000000000"),
    unit("TB", "TB", "1000000000000"),
    unit("GB", "GB", "1000000000"),
    unit("MB", "MB", "1000000"),
    unit("KB", "KB", "1000"),
    unit("B", "bytes", "1"),
];

const PERCENTS: [Unit; 2] = [unit("%", "percent", "1"), unit("", "fraction", "100")];

impl Unit {
    fn base(&self) -> Number {
        Number::parse(self.base).expect("invariant: the tables hold numbers")
    }
}

impl Dimension {
    fn units(self) -> &'static [Unit] {
        match self {
            Self::Duration => &DURATIONS,
            Self::Bytes => &BYTES,
            Self::Percent => &PERCENTS,
        }
    }

    /// Returns the name of its type: `duration`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Duration => "duration",
            Self::Bytes => "bytes",
            Self::Percent => "percent",
        }
    }

    /// Returns the dimension whose type has the name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Duration, Self::Bytes, Self::Percent].into_iter().find(|own| own.name() == name)
    }

    /// Returns what kind of value has it, for messages: `a duration`.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Duration => "a duration",
            Self::Bytes => "an amount of bytes",
            Self::Percent => "a percentage",
        }
    }

    /// Returns the members that give the amount as a number in a unit.
    pub fn members(self) -> impl Iterator<Item = &'static str> + Clone {
        self.units().iter().map(|unit| unit.member)
    }
}

impl Quantity {
    /// Returns the amount of a dimension.
    #[must_use]
    pub const fn new(dimension: Dimension, amount: Number) -> Self {
        Self { dimension, amount }
    }

    /// Reads a literal: parts of one dimension, each a number directly before its unit, the larger
    /// unit first (`1h30m`); a minus may stand before all. Returns `None` for what is none.
    ///
    /// # Errors
    /// [`NumberError::TooLarge`].
    pub fn parse(text: &str) -> Result<Option<Self>, NumberError> {
        let (is_negative, mut rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let mut sum: Option<(Dimension, Number, usize)> = None;
        while !rest.is_empty() {
            let digits = rest.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.');
            let (number, tail) = rest.split_at(digits.count());
            let length = tail.bytes().take_while(|byte| !byte.is_ascii_digit()).count();
            let (symbol, tail) = tail.split_at(length);
            rest = tail;
            let Some((dimension, rank)) = find(symbol) else { return Ok(None) };
            if !number.starts_with(|c: char| c.is_ascii_digit()) || number.ends_with('.') {
                return Ok(None);
            }
            let number = match Number::parse(number) {
                Ok(number) => number,
                Err(NumberError::Malformed) => return Ok(None),
                Err(error) => return Err(error),
            };
            let amount = number.multiply(&dimension.units()[rank].base())?;
            sum = match sum {
                None => Some((dimension, amount, rank)),
                Some((own, before, last)) if own == dimension && last < rank => {
                    Some((own, before.add(&amount)?, rank))
                }
                Some(_) => return Ok(None),
            };
        }
        Ok(sum.map(|(dimension, amount, _)| {
            Self::new(dimension, if is_negative { amount.negate() } else { amount })
        }))
    }

    /// Returns the amount in the unit of a member, `hours` or `GiB`; `None` when the dimension has
    /// no such unit.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<Number> {
        let unit = self.dimension.units().iter().find(|unit| unit.member == name)?;
        self.amount.divide(&unit.base()).ok()
    }

    /// Returns the amount as a plain factor: a percentage's hundredth, any other's base units.
    #[must_use]
    pub fn factor(&self) -> Number {
        match self.dimension {
            Dimension::Percent => {
                self.amount.divide(&Number::Int(100)).unwrap_or_else(|_| self.amount.clone())
            }
            Dimension::Duration | Dimension::Bytes => self.amount.clone(),
        }
    }

    /// Returns the text, a literal of the language: `1h30m`.
    #[must_use]
    pub fn to_text(&self) -> Str {
        ecow::eco_format!("{self}")
    }
}

fn find(symbol: &str) -> Option<(Dimension, usize)> {
    [Dimension::Duration, Dimension::Bytes, Dimension::Percent].into_iter().find_map(|dimension| {
        let units = dimension.units();
        let rank = units.iter().position(|unit| unit.symbol == symbol && !symbol.is_empty())?;
        Some((dimension, rank))
    })
}

impl std::fmt::Display for Quantity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.dimension {
            Dimension::Percent => write!(f, "{}%", self.amount),
            Dimension::Bytes => {
                let whole = |unit: &&Unit| {
                    self.amount.remainder(&unit.base()).is_ok_and(|rest| rest.is_zero())
                };
                let unit = BYTES.iter().find(whole).filter(|_| !self.amount.is_zero());
                let unit = unit.unwrap_or(&BYTES[BYTES.len() - 1]);
                let count = self.amount.divide(&unit.base()).unwrap_or(Number::ZERO);
                write!(f, "{count}{}", unit.symbol)
            }
            Dimension::Duration => self.duration(f),
        }
    }
}

impl Quantity {
    /// Writes whole units from hours down; only nanoseconds may have a fraction.
    fn duration(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut rest = self.amount.clone();
        if rest < Number::ZERO {
            f.write_str("-")?;
            rest = rest.negate();
        }
        if rest.is_zero() {
            return f.write_str("0s");
        }
        for unit in DURATIONS.iter().filter(|unit| !matches!(unit.symbol, "w" | "d")) {
            let base = unit.base();
            let is_last = unit.symbol == "ns";
            let count = rest.divide(&base).unwrap_or(Number::ZERO);
            let count = match count.round(crate::Rounding::Down) {
                Ok(whole) if !is_last => whole,
                _ => count,
            };
            if count.is_zero() {
                continue;
            }
            write!(f, "{count}{}", unit.symbol)?;
            let taken = count.multiply(&base);
            rest = taken.and_then(|taken| rest.subtract(&taken)).unwrap_or(Number::ZERO);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        Quantity::parse(text).unwrap().map(|quantity| quantity.to_string())
    }

    #[test]
    fn equal_quantities_are_equal_texts() {
        for (text, canonical) in [
            ("90s", "1m30s"),
            ("1h30m", "1h30m"),
            ("1.5h", "1h30m"),
            ("2d", "48h"),
            ("1w1d", "192h"),
            ("1500ms", "1s500ms"),
            ("0.5us", "500ns"),
            ("0.5ns", "0.5ns"),
            ("0h", "0s"),
            ("-90s", "-1m30s"),
            ("1024MiB", "1GiB"),
            ("1000KB", "1MB"),
            ("1500B", "1500B"),
            ("0GiB", "0B"),
            ("12.50%", "12.5%"),
        ] {
            assert_eq!(read(text).as_deref(), Some(canonical), "{text}");
            assert_eq!(read(canonical).as_deref(), Some(canonical), "{text}");
        }
    }

    #[test]
    fn what_is_no_quantity_is_none() {
        for text in ["", "-", "1", "s", "1x", "30m1h", "1h1h", "1h1GiB", "1h30", "1.s", "..5s", "%"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn members_are_exact() {
        let quantity = Quantity::parse("90s").unwrap().unwrap();
        assert_eq!(quantity.member("minutes"), Some(Number::parse("1.5").unwrap()));
        assert_eq!(quantity.member("GiB"), None);
    }
}
