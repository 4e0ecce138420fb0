//! MessagePack, token by token.
//!
//! Laws: what is written takes the fewest bytes, as the Go library writes it; what is read may take
//! any legal form; a length is believed only as far as there are bytes.

use super::error::{CodecError, CodecErrorKind};

/// Writes tokens.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    pub(crate) bytes: Vec<u8>,
}

impl Writer {
    pub(crate) fn nil(&mut self) {
        self.bytes.push(0xc0);
    }

    pub(crate) fn bool(&mut self, value: bool) {
        self.bytes.push(if value { 0xc3 } else { 0xc2 });
    }

    pub(crate) fn int(&mut self, value: i64) {
        match value {
            -32..=0x7f => self.bytes.push(value as u8),
            0x80..=0xff => self.put(0xcc, &[value as u8]),
            0x100..=0xffff => self.put(0xcd, &(value as u16).to_be_bytes()),
            0x1_0000..=0xffff_ffff => self.put(0xce, &(value as u32).to_be_bytes()),
            0x1_0000_0000..=i64::MAX => self.put(0xcf, &value.to_be_bytes()),
            -0x80..=-33 => self.put(0xd0, &[value as u8]),
            -0x8000..=-0x81 => self.put(0xd1, &(value as i16).to_be_bytes()),
            -0x8000_0000..=-0x8001 => self.put(0xd2, &(value as i32).to_be_bytes()),
            i64::MIN..=-0x8000_0001 => self.put(0xd3, &value.to_be_bytes()),
        }
    }

    pub(crate) fn float(&mut self, value: f64) {
        self.put(0xcb, &value.to_be_bytes());
    }

    pub(crate) fn string(&mut self, text: &str) {
        match text.len() {
            length @ 0..=31 => self.bytes.push(0xa0 | length as u8),
            length @ 32..=0xff => self.put(0xd9, &[length as u8]),
            length @ 0x100..=0xffff => self.put(0xda, &(length as u16).to_be_bytes()),
            length => self.put(0xdb, &(length as u32).to_be_bytes()),
        }
        self.bytes.extend_from_slice(text.as_bytes());
    }

    pub(crate) fn binary(&mut self, bytes: &[u8]) {
        match bytes.len() {
            length @ 0..=0xff => self.put(0xc4, &[length as u8]),
            length @ 0x100..=0xffff => self.put(0xc5, &(length as u16).to_be_bytes()),
            length => self.put(0xc6, &(length as u32).to_be_bytes()),
        }
        self.bytes.extend_from_slice(bytes);
    }

    pub(crate) fn array(&mut self, length: usize) {
        match length {
            0..=15 => self.bytes.push(0x90 | length as u8),
            16..=0xffff => self.put(0xdc, &(length as u16).to_be_bytes()),
            _ => self.put(0xdd, &(length as u32).to_be_bytes()),
        }
    }

    pub(crate) fn map(&mut self, length: usize) {
        match length {
            0..=15 => self.bytes.push(0x80 | length as u8),
            16..=0xffff => self.put(0xde, &(length as u16).to_be_bytes()),
            _ => self.put(0xdf, &(length as u32).to_be_bytes()),
        }
    }

    /// Writes the protocol's unknown value: the extension 0 with one zero byte.
    pub(crate) fn unknown(&mut self) {
        self.bytes.extend_from_slice(&[0xd4, 0, 0]);
    }

    fn put(&mut self, tag: u8, bytes: &[u8]) {
        self.bytes.push(tag);
        self.bytes.extend_from_slice(bytes);
    }
}

/// What stands in the bytes next. Of arrays and maps, only the length: the items follow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Token<'a> {
    Nil,
    Bool(bool),
    Int(i64),
    /// Beyond the signed range.
    Unsigned(u64),
    Float(f64),
    String(&'a str),
    Binary(&'a [u8]),
    Array(usize),
    Map(usize),
    /// An extension; its content says nothing that a host needs.
    Extension,
}

impl Token<'_> {
    /// Returns what the token is called in messages.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Nil => "null",
            Self::Bool(_) => "a bool",
            Self::Int(_) | Self::Unsigned(_) | Self::Float(_) => "a number",
            Self::String(_) => "a string",
            Self::Binary(_) => "a byte string",
            Self::Array(_) => "an array",
            Self::Map(_) => "a map",
            Self::Extension => "an unknown value",
        }
    }
}

/// Reads tokens.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Returns how many bytes are left.
    pub(crate) const fn left(&self) -> usize {
        self.rest.len()
    }

    /// Reads the next token.
    pub(crate) fn next(&mut self) -> Result<Token<'a>, CodecError> {
        let [tag] = self.fixed::<1>()?;
        let token = match tag {
            0x00..=0x7f => Token::Int(i64::from(tag)),
            0x80..=0x8f => self.items(usize::from(tag & 0x0f), 2, Token::Map)?,
            0x90..=0x9f => self.items(usize::from(tag & 0x0f), 1, Token::Array)?,
            0xa0..=0xbf => self.text(usize::from(tag & 0x1f))?,
            0xc0 => Token::Nil,
            0xc2 => Token::Bool(false),
            0xc3 => Token::Bool(true),
            0xc4..=0xc6 => {
                let length = self.length(tag - 0xc4)?;
                Token::Binary(self.take(length)?)
            }
            0xc7..=0xc9 => {
                let length = self.length(tag - 0xc7)?;
                self.take(length.saturating_add(1))?;
                Token::Extension
            }
            0xca => Token::Float(f64::from(f32::from_be_bytes(self.fixed()?))),
            0xcb => Token::Float(f64::from_be_bytes(self.fixed()?)),
            0xcc => Token::Int(i64::from(u8::from_be_bytes(self.fixed()?))),
            0xcd => Token::Int(i64::from(u16::from_be_bytes(self.fixed()?))),
            0xce => Token::Int(i64::from(u32::from_be_bytes(self.fixed()?))),
            0xcf => {
                let value = u64::from_be_bytes(self.fixed()?);
                i64::try_from(value).map_or(Token::Unsigned(value), Token::Int)
            }
            0xd0 => Token::Int(i64::from(i8::from_be_bytes(self.fixed()?))),
            0xd1 => Token::Int(i64::from(i16::from_be_bytes(self.fixed()?))),
            0xd2 => Token::Int(i64::from(i32::from_be_bytes(self.fixed()?))),
            0xd3 => Token::Int(i64::from_be_bytes(self.fixed()?)),
            0xd4..=0xd8 => {
                self.take((1 << (tag - 0xd4)) + 1)?;
                Token::Extension
            }
            0xd9..=0xdb => {
                let length = self.length(tag - 0xd9)?;
                self.text(length)?
            }
            0xdc | 0xdd => {
                let length = self.length(tag - 0xdc + 1)?;
                self.items(length, 1, Token::Array)?
            }
            0xde | 0xdf => {
                let length = self.length(tag - 0xde + 1)?;
                self.items(length, 2, Token::Map)?
            }
            0xe0..=0xff => Token::Int(i64::from(tag as i8)),
            0xc1 => {
                let found = "a byte that means nothing".to_owned();
                return Err(CodecErrorKind::Mismatch { expected: "a value", found }.here());
            }
        };
        Ok(token)
    }

    /// Reads a length of 1, 2 or 4 bytes.
    fn length(&mut self, width: u8) -> Result<usize, CodecError> {
        Ok(match width {
            0 => usize::from(u8::from_be_bytes(self.fixed()?)),
            1 => usize::from(u16::from_be_bytes(self.fixed()?)),
            _ => u32::from_be_bytes(self.fixed()?) as usize,
        })
    }

    /// Checks that so many items can follow: each takes a byte at least.
    fn items(
        &self,
        length: usize,
        each: usize,
        token: fn(usize) -> Token<'a>,
    ) -> Result<Token<'a>, CodecError> {
        if length.saturating_mul(each) > self.rest.len() {
            return Err(CodecErrorKind::Truncated.here());
        }
        Ok(token(length))
    }

    fn text(&mut self, length: usize) -> Result<Token<'a>, CodecError> {
        let bytes = self.take(length)?;
        let text = std::str::from_utf8(bytes).map_err(|_| CodecErrorKind::NotText.here())?;
        Ok(Token::String(text))
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], CodecError> {
        let (taken, rest) =
            self.rest.split_at_checked(length).ok_or(CodecErrorKind::Truncated.here())?;
        self.rest = rest;
        Ok(taken)
    }

    fn fixed<const N: usize>(&mut self) -> Result<[u8; N], CodecError> {
        let (taken, rest) =
            self.rest.split_first_chunk().ok_or(CodecErrorKind::Truncated.here())?;
        self.rest = rest;
        Ok(*taken)
    }
}
