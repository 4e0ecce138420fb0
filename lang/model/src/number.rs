//! Exact decimal numbers.
//!
//! A number is a whole one that fits 64 bits, or a decimal of at most [`Number::MAX_DIGITS`]
//! digits and an exponent within ±[`Number::MAX_EXPONENT`]; there is no binary floating point, so
//! `0.1 + 0.2 == 0.3`. Every operation is bounded: what would leave the limits is an error.
//! The representation is canonical (whole and fitting means `Int`; no trailing zeros), so equal
//! numbers are equal structures and hash alike.

use std::cmp::Ordering;
use std::fmt::Write as _;
use std::str::FromStr;
use std::sync::Arc;

use bigdecimal::num_bigint::Sign;
use bigdecimal::{BigDecimal, RoundingMode, ToPrimitive, Zero};

use crate::Str;

/// An exact decimal number.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Number {
    /// A whole number that fits 64 bits.
    Int(i64),
    /// Any other one, normalised. Never whole and within `i64`.
    Decimal(Arc<BigDecimal>),
}

/// Why a number could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// The text is not a decimal number.
    #[error("it is not a number")]
    Malformed,
    /// More digits or a larger exponent than the limits allow.
    #[error("it has more than 400 digits, or an exponent beyond ±400")]
    TooLarge,
    /// Division or remainder by zero.
    #[error("it is a division by zero")]
    DivisionByZero,
}

impl Number {
    /// The most significant digits of a number.
    pub const MAX_DIGITS: u64 = 400;
    /// The largest exponent of ten.
    pub const MAX_EXPONENT: i64 = 400;
    /// Zero.
    pub const ZERO: Self = Self::Int(0);
    /// The significant digits of a quotient that does not end.
    const QUOTIENT_DIGITS: u64 = 40;

    /// Parses a decimal such as `12`, `-1.5` or `1.5e3`.
    ///
    /// # Errors
    /// [`NumberError::Malformed`] or [`NumberError::TooLarge`]; bounded work either way.
    pub fn parse(text: &str) -> Result<Self, NumberError> {
        if let Ok(whole) = text.parse::<i64>() {
            return Ok(Self::Int(whole));
        }
        let (mantissa, exponent) = match text.find(['e', 'E']) {
            Some(at) => (&text[..at], text[at + 1..].parse::<i64>().ok()),
            None => (text, Some(0)),
        };
        let digits = mantissa.strip_prefix(['-', '+']).unwrap_or(mantissa);
        let well_formed = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
            && digits.bytes().any(|byte| byte.is_ascii_digit())
            && digits.bytes().filter(|byte| *byte == b'.').count() <= 1;
        if !well_formed {
            return Err(NumberError::Malformed);
        }
        let exponent = match exponent {
            Some(exponent) if exponent.abs() <= Self::MAX_EXPONENT => exponent,
            Some(_) => return Err(NumberError::TooLarge),
            None => {
                let tail = text[mantissa.len() + 1..].trim_start_matches(['-', '+']);
                let digits = !tail.is_empty() && tail.bytes().all(|byte| byte.is_ascii_digit());
                return Err(if digits { NumberError::TooLarge } else { NumberError::Malformed });
            }
        };
        if mantissa.len() as u64 > Self::MAX_DIGITS + 2 {
            return Err(NumberError::TooLarge);
        }
        let parsed = BigDecimal::from_str(mantissa).map_err(|_| NumberError::Malformed)?;
        let (digits, scale) = parsed.into_bigint_and_exponent();
        Self::from_decimal(BigDecimal::new(digits, scale - exponent))
    }

    /// Returns the canonical form of a decimal.
    ///
    /// # Errors
    /// [`NumberError::TooLarge`].
    pub fn from_decimal(decimal: BigDecimal) -> Result<Self, NumberError> {
        if decimal.is_zero() {
            return Ok(Self::ZERO);
        }
        let decimal = decimal.normalized();
        let (_, scale) = decimal.as_bigint_and_exponent();
        if decimal.digits() > Self::MAX_DIGITS || scale.abs() > 2 * Self::MAX_EXPONENT {
            return Err(NumberError::TooLarge);
        }
        if scale <= 0
            && let Some(whole) = decimal.to_i64()
        {
            return Ok(Self::Int(whole));
        }
        Ok(Self::Decimal(Arc::new(decimal)))
    }

    /// Returns the number as a decimal.
    #[must_use]
    pub fn to_decimal(&self) -> BigDecimal {
        match self {
            Self::Int(whole) => BigDecimal::from(*whole),
            Self::Decimal(decimal) => (**decimal).clone(),
        }
    }

    /// Tells whether there is no fraction.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        match self {
            Self::Int(_) => true,
            Self::Decimal(decimal) => decimal.is_integer(),
        }
    }

    /// Returns the number when it is whole and fits.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Int(whole) => Some(*whole),
            Self::Decimal(_) => None,
        }
    }

    /// Returns the nearest binary float, for formats that have no other number.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        match self {
            Self::Int(whole) => *whole as f64,
            Self::Decimal(decimal) => decimal.to_f64().unwrap_or(f64::NAN),
        }
    }

    /// Returns the sum.
    ///
    /// # Errors
    /// [`NumberError::TooLarge`].
    pub fn add(&self, other: &Self) -> Result<Self, NumberError> {
        if let (Self::Int(left), Self::Int(right)) = (self, other)
            && let Some(sum) = left.checked_add(*right)
        {
            return Ok(Self::Int(sum));
        }
        Self::from_decimal(self.to_decimal() + other.to_decimal())
    }

    /// Returns the difference.
    ///
    /// # Errors
    /// [`NumberError::TooLarge`].
    pub fn subtract(&self, other: &Self) -> Result<Self, NumberError> {
        if let (Self::Int(left), Self::Int(right)) = (self, other)
            && let Some(difference) = left.checked_sub(*right)
        {
            return Ok(Self::Int(difference));
        }
        Self::from_decimal(self.to_decimal() - other.to_decimal())
    }

    /// Returns the product.
    ///
    /// # Errors
    /// [`NumberError::TooLarge`].
    pub fn multiply(&self, other: &Self) -> Result<Self, NumberError> {
        if let (Self::Int(left), Self::Int(right)) = (self, other)
            && let Some(product) = left.checked_mul(*right)
        {
            return Ok(Self::Int(product));
        }
        Self::from_decimal(self.to_decimal() * other.to_decimal())
    }

    /// Returns the quotient: exact where it ends within 40 significant digits, else rounded half
    /// to even there.
    ///
    /// # Errors
    /// [`NumberError::DivisionByZero`] or [`NumberError::TooLarge`].
    pub fn divide(&self, other: &Self) -> Result<Self, NumberError> {
        if other.is_zero() {
            return Err(NumberError::DivisionByZero);
        }
        if let (Self::Int(left), Self::Int(right)) = (self, other)
            && left.checked_rem(*right) == Some(0)
            && let Some(quotient) = left.checked_div(*right)
        {
            return Ok(Self::Int(quotient));
        }
        let quotient = self.to_decimal() / other.to_decimal();
        Self::from_decimal(quotient.with_precision_round(
            std::num::NonZeroU64::new(Self::QUOTIENT_DIGITS).expect("invariant: 40 is not 0"),
            RoundingMode::HalfEven,
        ))
    }

    /// Returns what is left after division, with the sign of `self`.
    ///
    /// # Errors
    /// [`NumberError::DivisionByZero`] or [`NumberError::TooLarge`].
    pub fn remainder(&self, other: &Self) -> Result<Self, NumberError> {
        if other.is_zero() {
            return Err(NumberError::DivisionByZero);
        }
        if let (Self::Int(left), Self::Int(right)) = (self, other) {
            return Ok(Self::Int(left.checked_rem(*right).unwrap_or(0)));
        }
        Self::from_decimal(self.to_decimal() % other.to_decimal())
    }

    /// Returns the number with the other sign.
    #[must_use]
    pub fn negate(&self) -> Self {
        Self::ZERO.subtract(self).unwrap_or_else(|_| self.clone())
    }

    /// Returns the nearest whole number in the given direction.
    ///
    /// # Errors
    /// [`NumberError::TooLarge`].
    pub fn round(&self, mode: Rounding) -> Result<Self, NumberError> {
        let mode = match mode {
            Rounding::Down => RoundingMode::Floor,
            Rounding::Up => RoundingMode::Ceiling,
            Rounding::HalfAway => RoundingMode::HalfUp,
        };
        match self {
            Self::Int(_) => Ok(self.clone()),
            Self::Decimal(decimal) => Self::from_decimal(decimal.with_scale_round(0, mode)),
        }
    }

    /// Tells whether the number is zero.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        *self == Self::ZERO
    }
}

/// The direction in which [`Number::round`] goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// Toward negative infinity.
    Down,
    /// Toward positive infinity.
    Up,
    /// To the nearest, halves away from zero.
    HalfAway,
}

impl From<i64> for Number {
    fn from(whole: i64) -> Self {
        Self::Int(whole)
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Int(left), Self::Int(right)) => left.cmp(right),
            _ => self.to_decimal().cmp(&other.to_decimal()),
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Number {
    /// Returns its digits, as it is displayed.
    #[must_use]
    pub fn to_text(&self) -> Str {
        if let Self::Int(whole) = self {
            return itoa::Buffer::new().format(*whole).into();
        }
        let mut text = Str::new();
        let _infallible = write!(text, "{self}");
        text
    }
}

impl std::fmt::Display for Number {
    /// Writes plain digits, never an exponent: `1500`, `-0.25`. [`Number::parse`] reads it back.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Int(whole) => std::fmt::Display::fmt(whole, f),
            Self::Decimal(decimal) => {
                let (digits, scale) = decimal.as_bigint_and_exponent();
                let sign = if digits.sign() == Sign::Minus { "-" } else { "" };
                let digits = digits.magnitude().to_string();
                match usize::try_from(scale) {
                    Ok(0) => write!(f, "{sign}{digits}"),
                    Ok(scale) if digits.len() > scale => {
                        let (whole, fraction) = digits.split_at(digits.len() - scale);
                        write!(f, "{sign}{whole}.{fraction}")
                    }
                    Ok(scale) => write!(f, "{sign}0.{digits:0>scale$}"),
                    Err(_) => {
                        let zeros = usize::try_from(-scale).unwrap_or(0);
                        write!(f, "{sign}{digits}{}", "0".repeat(zeros))
                    }
                }
            }
        }
    }
}

impl std::fmt::Debug for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        Number::parse(text).unwrap()
    }

    #[test]
    fn equal_numbers_are_equal_structures() {
        assert_eq!(number("1.50e1"), Number::Int(15));
        assert_eq!(number("100"), number("1e2"));
        assert_eq!(number("0.10"), number("0.1"));
        assert_eq!(number("0.1").add(&number("0.2")).unwrap(), number("0.3"));
    }

    #[test]
    fn limits_hold() {
        assert_eq!(Number::parse("1e100000000"), Err(NumberError::TooLarge));
        assert_eq!(Number::parse("1e99999999999999999999"), Err(NumberError::TooLarge));
        assert_eq!(Number::parse("1ex"), Err(NumberError::Malformed));
        assert_eq!(Number::parse("."), Err(NumberError::Malformed));
        let huge = number("1e400");
        assert_eq!(
            huge.multiply(&huge).and_then(|n| n.multiply(&huge)),
            Err(NumberError::TooLarge)
        );
    }

    #[test]
    fn text_comes_back() {
        for text in ["-0.25", "0.001", "12345678901234567890123", "9.75", "-7", "1200"] {
            assert_eq!(number(text).to_string(), text);
        }
        assert_eq!(number("1e20").to_string(), "100000000000000000000");
    }

    #[test]
    fn division_is_exact_where_it_ends() {
        assert_eq!(number("1").divide(&number("8")).unwrap(), number("0.125"));
        assert_eq!(number("6").divide(&number("3")).unwrap(), Number::Int(2));
        assert_eq!(number("1").divide(&Number::ZERO), Err(NumberError::DivisionByZero));
    }
}
