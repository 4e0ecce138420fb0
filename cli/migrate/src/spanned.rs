//! JSON with lines.
//!
//! Takes a text and returns what it says, each value with the line that it starts and ends in; numbers as they are
//! written. Objects keep their order, and a name that comes twice.

/// A value with its place.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// The line that it starts in, from 1.
    pub(crate) line: usize,
    /// The line that it ends in.
    pub(crate) end: usize,
    pub(crate) kind: Kind,
}

/// What a value is.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// `null`, `true`, `false` or a number, as it is written.
    Plain(String),
    String(String),
    Array(Vec<Node>),
    /// Names with the lines that they stand in.
    Object(Vec<(String, usize, Node)>),
}

impl Node {
    /// Returns the entries of an object; none where it is something else.
    pub(crate) fn entries(&self) -> &[(String, usize, Self)] {
        match &self.kind {
            Kind::Object(entries) => entries,
            Kind::Plain(_) | Kind::String(_) | Kind::Array(_) => &[],
        }
    }

    /// Returns it as many: the elements of a list, and anything else alone.
    pub(crate) fn many(&self) -> &[Self] {
        match &self.kind {
            Kind::Array(items) => items,
            Kind::Plain(_) | Kind::String(_) | Kind::Object(_) => std::slice::from_ref(self),
        }
    }

    /// Returns the text that it is.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::String(text) => Some(text),
            Kind::Plain(_) | Kind::Array(_) | Kind::Object(_) => None,
        }
    }

    /// Tells whether it is an object, or a list of nothing else.
    pub(crate) fn is_body(&self) -> bool {
        self.many().iter().all(|own| matches!(own.kind, Kind::Object(_)))
    }
}

/// How deep values may be in one another.
const DEEPEST: usize = 100;

/// Parses a text.
///
/// # Errors
/// The line and what is wrong there.
pub(crate) fn parse(text: &str) -> Result<Node, (usize, String)> {
    let mut parser = Parser { text, at: 0, line: 1 };
    let node = parser.value(0)?;
    parser.space();
    match parser.peek() {
        None => Ok(node),
        Some(_) => Err(parser.fail("there is more behind the end")),
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    line: usize,
}

impl Parser<'_> {
    fn fail(&self, why: &str) -> (usize, String) {
        (self.line, why.to_owned())
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while let Some(byte) = self.peek().filter(u8::is_ascii_whitespace) {
            self.line += usize::from(byte == b'\n');
            self.at += 1;
        }
    }

    fn expect(&mut self, byte: u8) -> Result<(), (usize, String)> {
        self.space();
        if self.peek() == Some(byte) {
            self.at += 1;
            return Ok(());
        }
        Err(self.fail(&format!("`{}` is expected", char::from(byte))))
    }

    /// Takes a comma; tells whether there was one, in the place of what ends.
    fn goes_on(&mut self, end: u8) -> Result<bool, (usize, String)> {
        self.space();
        let byte = self.peek();
        self.at += usize::from(byte.is_some());
        match byte {
            Some(b',') => Ok(true),
            Some(byte) if byte == end => Ok(false),
            _ => Err(self.fail(&format!("`,` or `{}` is expected", char::from(end)))),
        }
    }

    fn is_empty(&mut self, end: u8) -> bool {
        self.space();
        let is_end = self.peek() == Some(end);
        self.at += usize::from(is_end);
        is_end
    }

    fn value(&mut self, depth: usize) -> Result<Node, (usize, String)> {
        self.space();
        let line = self.line;
        if depth > DEEPEST {
            return Err(self.fail("it is too deep"));
        }
        let kind = match self.peek() {
            Some(b'"') => Kind::String(self.string()?),
            Some(b'[') => {
                self.at += 1;
                let mut items = Vec::new();
                if !self.is_empty(b']') {
                    loop {
                        items.push(self.value(depth + 1)?);
                        if !self.goes_on(b']')? {
                            break;
                        }
                    }
                }
                Kind::Array(items)
            }
            Some(b'{') => {
                self.at += 1;
                let mut entries = Vec::new();
                if !self.is_empty(b'}') {
                    loop {
                        self.space();
                        let line = self.line;
                        let name = self.string()?;
                        self.expect(b':')?;
                        entries.push((name, line, self.value(depth + 1)?));
                        if !self.goes_on(b'}')? {
                            break;
                        }
                    }
                }
                Kind::Object(entries)
            }
            _ => Kind::Plain(self.plain()?),
        };
        Ok(Node { line, end: self.line, kind })
    }

    fn string(&mut self) -> Result<String, (usize, String)> {
        if self.peek() != Some(b'"') {
            return Err(self.fail("a name in quotes is expected"));
        }
        let rest = &self.text[self.at..];
        let mut escaped = false;
        let end = rest.char_indices().skip(1).find(|(_, letter)| {
            let ends = *letter == '"' && !escaped;
            escaped = *letter == '\\' && !escaped;
            ends
        });
        let (end, _) = end.ok_or_else(|| self.fail("a text does not end"))?;
        let own =
            serde_json::from_str(&rest[..=end]).map_err(|error| self.fail(&error.to_string()))?;
        self.at += end + 1;
        Ok(own)
    }

    fn plain(&mut self) -> Result<String, (usize, String)> {
        let rest = &self.text[self.at..];
        let is_end = |own: char| own.is_ascii_whitespace() || ",]}:".contains(own);
        let own = &rest[..rest.find(is_end).unwrap_or(rest.len())];
        if serde_json::from_str::<serde_json::Value>(own).is_err() {
            return Err(self.fail("a value is expected"));
        }
        self.at += own.len();
        Ok(own.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn mistakes_have_their_lines() {
        for (text, line) in [
            ("{\n\"a\": }", 2),
            ("{\n\"a\": 1\n\"b\": 2}", 3),
            ("{\"a\": [1, 2\n", 2),
            ("", 1),
            ("{} {}", 1),
            ("{\"a\": \"x", 1),
            ("{a: 1}", 1),
        ] {
            assert_eq!(parse(text).err().map(|own| own.0), Some(line), "{text}");
        }
        let deep = "[".repeat(100_000);
        assert!(parse(&deep).is_err());
    }
}
