//! Reading JSON (RFC 8259) with exact numbers; a key that comes twice is an error.

use syncline_model::{Map, Number, Str, Value};

use super::json::unreadable;
use crate::ops::OpError;

/// How deep a text may be nested.
const MAX_DEPTH: usize = 128;

/// Reads a text.
pub(super) fn decode(text: &str) -> Result<Value, OpError> {
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(0).and_then(|value| {
        reader.space();
        match reader.peek() {
            None => Ok(value),
            Some(_) => Err("there is more behind the value".to_owned()),
        }
    });
    value.map_err(|problem| {
        let before = &text[..reader.at];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = before.matches('\n').count() + 1;
        unreadable("JSON", line, text[line_start..reader.at].chars().count() + 1, &problem)
    })
}

/// What remains; `at` is always at a character's start.
struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let taken = self.peek() == Some(byte);
        self.at += usize::from(taken);
        taken
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    fn value(&mut self, depth: usize) -> Result<Value, String> {
        if depth > MAX_DEPTH {
            return Err(format!("it is nested more than {MAX_DEPTH} levels deep"));
        }
        self.space();
        match self.peek() {
            Some(b'{') => self.map(depth),
            Some(b'[') => self.list(depth),
            Some(b'"') => Ok(Value::String(self.string()?)),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => {
                for (word, value) in
                    [("null", Value::Null), ("true", true.into()), ("false", false.into())]
                {
                    if self.text[self.at..].starts_with(word) {
                        self.at += word.len();
                        return Ok(value);
                    }
                }
                Err(self.expected("a value"))
            }
        }
    }

    fn expected(&self, what: &str) -> String {
        match self.text[self.at..].chars().next() {
            Some(found) => format!("expected {what}, found `{}`", found.escape_debug()),
            None => format!("expected {what}, found the end"),
        }
    }

    fn list(&mut self, depth: usize) -> Result<Value, String> {
        self.at += 1;
        let mut items = Vec::new();
        self.space();
        if self.take(b']') {
            return Ok(Value::list(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.space();
            if self.take(b']') {
                return Ok(Value::list(items));
            }
            if !self.take(b',') {
                return Err(self.expected("`,` or `]`"));
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<Value, String> {
        self.at += 1;
        let mut entries: Vec<(Str, Value)> = Vec::new();
        self.space();
        if self.take(b'}') {
            return Ok(Map::new().into());
        }
        loop {
            self.space();
            if self.peek() != Some(b'"') {
                return Err(self.expected("a key in double quotes"));
            }
            let key = self.string()?;
            self.space();
            if !self.take(b':') {
                return Err(self.expected("`:`"));
            }
            entries.push((key, self.value(depth + 1)?));
            self.space();
            if self.take(b'}') {
                break;
            }
            if !self.take(b',') {
                return Err(self.expected("`,` or `}`"));
            }
        }
        entries.sort_by(|left, right| left.0.cmp(&right.0));
        if let Some(pair) = entries.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return Err(format!("the map that ends here has the key `{}` twice", pair[0].0));
        }
        Ok(entries.into_iter().collect::<Map>().into())
    }

    fn number(&mut self) -> Result<Value, String> {
        let start = self.at;
        self.take(b'-');
        let leading_zero = self.peek() == Some(b'0');
        let whole = self.digits()?;
        if leading_zero && whole > 1 {
            self.at = start;
            return Err("a number does not start with 0".to_owned());
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            let _sign = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        let parsed = Number::parse(&self.text[start..self.at]);
        parsed.map(Value::from).map_err(|error| {
            self.at = start;
            format!("this number cannot be kept: {error}")
        })
    }

    fn digits(&mut self) -> Result<usize, String> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        if self.at == start { Err(self.expected("a digit")) } else { Ok(self.at - start) }
    }

    fn string(&mut self) -> Result<Str, String> {
        self.at += 1;
        let mut read = String::new();
        loop {
            let rest = &self.text[self.at..];
            let Some(stop) = rest.find(|at: char| at == '"' || at == '\\' || at < ' ') else {
                self.at = self.text.len();
                return Err("the string does not end".to_owned());
            };
            read.push_str(&rest[..stop]);
            self.at += stop;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(read.into());
                }
                Some(b'\\') => {
                    self.at += 1;
                    read.push(self.escape()?);
                }
                _ => return Err("a string has no line breaks or control characters".to_owned()),
            }
        }
    }

    fn escape(&mut self) -> Result<char, String> {
        let escape = self.peek();
        let plain = match escape {
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                let high = self.hex()?;
                let code = if (0xd800..0xdc00).contains(&high) {
                    if !(self.take(b'\\') && self.take(b'u')) {
                        return Err(self.expected("the second half of a surrogate pair"));
                    }
                    let low = self.hex()?;
                    if !(0xdc00..0xe000).contains(&low) {
                        return Err("the surrogate pair has no second half".to_owned());
                    }
                    0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00)
                } else {
                    high
                };
                return char::from_u32(code)
                    .ok_or_else(|| "half a surrogate pair is no character".to_owned());
            }
            _ => return Err(self.expected("an escape such as `\\n`")),
        };
        self.at += 1;
        Ok(plain)
    }

    fn hex(&mut self) -> Result<u32, String> {
        let digits = self.text.get(self.at..self.at + 4);
        let code = digits
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
            .ok_or_else(|| self.expected("four hexadecimal digits"))?;
        self.at += 4;
        Ok(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read() {
        for (text, expected) in [
            ("null", "null"),
            (" [1, -2.50, 1e3, 0] ", "[1, -2.5, 1000, 0]"),
            (r#"{"b": true, "a": {}}"#, "{ a = {}, b = true }"),
            (r#""\u00fc\ud83d\ude00\/\n""#, "\"ü😀/\\n\""),
            ("0.1234567890123456789012345", "0.1234567890123456789012345"),
        ] {
            assert_eq!(decode(text).unwrap().to_string(), expected, "{text}");
        }
    }

    #[test]
    fn mistakes_say_what_and_where() {
        for (text, expected) in [
            ("", "line 1, column 1: expected a value, found the end"),
            ("[1,\n 2,]", "line 2, column 4: expected a value, found `]`"),
            ("{a: 1}", "line 1, column 2: expected a key in double quotes, found `a`"),
            (r#"{"a": 1, "a": 2}"#, "column 17: the map that ends here has the key `a` twice"),
            ("01", "line 1, column 1: a number does not start with 0"),
            ("1 2", "line 1, column 3: there is more behind the value"),
            (r#""\ud800""#, "expected the second half of a surrogate pair"),
            ("\"a\nb\"", "a string has no line breaks"),
            ("\"ü", "line 1, column 3: the string does not end"),
            ("1e999", "this number cannot be kept"),
            (&"[".repeat(100_000), "it is nested more than 128 levels deep"),
        ] {
            let error = decode(text).unwrap_err();
            assert!(error.message.contains(expected), "{}", error.message);
            assert_eq!(error.clone().conceal().message, "the text is not valid JSON");
        }
    }
}
