//! Files of blocks: the lock file, and the configuration files that Terraform users have.
//!
//! Takes text and returns entries: names with values or with bodies. Unlike the language of
//! Terraform's modules a name may be quoted, and nothing is evaluated. Never panics on any text;
//! what nests too deeply is refused.

/// A value or a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Item {
    /// A text; numbers and words such as `true` are given as texts too.
    Text(String),
    /// A list.
    List(Vec<Item>),
    /// A block's body, or a map.
    Body(Vec<Entry>),
}

/// `name "label" { … }` or `name = value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) labels: Vec<String>,
    pub(crate) item: Item,
}

/// Body within body, at most.
const DEEPEST: usize = 16;

impl Item {
    pub(crate) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub(crate) fn body(&self) -> &[Entry] {
        if let Self::Body(entries) = self { entries } else { &[] }
    }

    /// Returns the bodies of a block: JSON may give a list of them.
    pub(crate) fn bodies(&self) -> Vec<&[Entry]> {
        match self {
            Self::Body(entries) => vec![entries],
            Self::List(items) => items.iter().flat_map(Self::bodies).collect(),
            Self::Text(_) => Vec::new(),
        }
    }

    /// Returns a list of texts; nothing when it is something else.
    pub(crate) fn texts(&self) -> Option<Vec<&str>> {
        if let Self::List(items) = self { items.iter().map(Self::text).collect() } else { None }
    }
}

impl Entry {
    /// Returns the bodies of a block with one label: in JSON the label is the name of a member.
    pub(crate) fn labelled(&self) -> Vec<(&str, &[Entry])> {
        let bodies = self.item.bodies();
        match self.labels.as_slice() {
            [label] => bodies.into_iter().map(|body| (label.as_str(), body)).collect(),
            [] => {
                let members = bodies.into_iter().flatten();
                members
                    .flat_map(|own| {
                        own.item.bodies().into_iter().map(|body| (own.name.as_str(), body))
                    })
                    .collect()
            }
            _ => Vec::new(),
        }
    }
}

/// Returns the value of that name.
pub(crate) fn value<'a>(entries: &'a [Entry], name: &str) -> Option<&'a Item> {
    entries.iter().find(|entry| entry.name == name).map(|entry| &entry.item)
}

/// Reads a whole file.
pub(crate) fn parse(text: &str) -> Result<Vec<Entry>, String> {
    let mut reader = Reader { text, at: 0 };
    // A file that is JSON is one body in braces.
    let is_json = reader.takes('{');
    let entries = reader.entries(0);
    let entries = entries.and_then(|entries| match is_json && !reader.takes('}') {
        true => Err("a `}` is missing".to_owned()),
        false => Ok(entries),
    });
    let entries = entries.and_then(|entries| match reader.peek() {
        None => Ok(entries),
        Some(other) => Err(format!("`{other}` is not expected")),
    });
    entries.map_err(|why| {
        let line = text[..reader.at].matches('\n').count() + 1;
        format!("line {line}: {why}")
    })
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    /// Returns the next letter that is neither white nor in a comment.
    fn peek(&mut self) -> Option<char> {
        loop {
            let rest = &self.text[self.at..];
            let trimmed = rest.trim_start();
            self.at += rest.len() - trimmed.len();
            let skip = if trimmed.starts_with('#') || trimmed.starts_with("//") {
                trimmed.find('\n').unwrap_or(trimmed.len())
            } else if trimmed.starts_with("/*") {
                trimmed.find("*/").map_or(trimmed.len(), |end| end + 2)
            } else {
                return trimmed.chars().next();
            };
            self.at += skip;
        }
    }

    fn takes(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.at += wanted.len_utf8();
        }
        found
    }

    fn entries(&mut self, depth: usize) -> Result<Vec<Entry>, String> {
        if depth > DEEPEST {
            return Err("it nests too deeply".to_owned());
        }
        let mut entries = Vec::new();
        while let Some(next) = self.peek() {
            if next == '}' {
                break;
            }
            let name = self.word()?;
            let mut labels = Vec::new();
            let item = loop {
                if self.takes('=') || self.takes(':') {
                    break self.item(depth)?;
                }
                if self.peek() == Some('{') {
                    break self.item(depth)?;
                }
                labels.push(self.word()?);
            };
            entries.push(Entry { name, labels, item });
            self.takes(',');
        }
        Ok(entries)
    }

    fn item(&mut self, depth: usize) -> Result<Item, String> {
        if self.takes('{') {
            let entries = self.entries(depth + 1)?;
            return if self.takes('}') {
                Ok(Item::Body(entries))
            } else {
                Err("a `}` is missing".to_owned())
            };
        }
        if !self.takes('[') {
            return self.word().map(Item::Text);
        }
        if depth > DEEPEST {
            return Err("it nests too deeply".to_owned());
        }
        let mut items = Vec::new();
        while !self.takes(']') {
            items.push(self.item(depth + 1)?);
            if !self.takes(',') && self.peek() != Some(']') {
                return Err("a `]` is missing".to_owned());
            }
        }
        Ok(Item::List(items))
    }

    /// Reads a word or a quoted text.
    fn word(&mut self) -> Result<String, String> {
        match self.peek() {
            Some('"') => self.quoted(),
            Some(first) if first.is_alphanumeric() || matches!(first, '_' | '-' | '.') => {
                let rest = &self.text[self.at..];
                let inner = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
                let end = rest.find(|c| !inner(c)).unwrap_or(rest.len());
                self.at += end;
                Ok(rest[..end].to_owned())
            }
            Some(other) => Err(format!("`{other}` is not expected")),
            None => Err("the file ends too early".to_owned()),
        }
    }

    fn quoted(&mut self) -> Result<String, String> {
        let mut text = String::new();
        let mut letters = self.text[self.at + 1..].char_indices();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '"' => {
                    self.at += at + 2;
                    return Ok(text);
                }
                '\n' => break,
                '\\' => match letters.next() {
                    Some((_, 'n')) => text.push('\n'),
                    Some((_, 't')) => text.push('\t'),
                    Some((_, 'u')) => {
                        let digits: String = letters.by_ref().take(4).map(|(_, own)| own).collect();
                        let letter = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                        text.push(letter.ok_or("`\\u` takes four hexadecimal digits")?);
                    }
                    Some((_, other)) => text.push(other),
                    None => break,
                },
                other => text.push(other),
            }
        }
        Err("a text is not closed".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_values_and_quoted_names_are_read() {
        let text = "# a\na \"b\" { /* x */ c = [\"d\", 1,]\n \"e/f\" = \"g\\\"h\" }\nk = true\n";
        let entries = parse(text).unwrap();
        assert_eq!(entries[0].labels, ["b"]);
        let body = entries[0].item.body();
        assert_eq!(value(body, "c").unwrap().texts().unwrap(), ["d", "1"]);
        assert_eq!(value(body, "e/f").unwrap().text(), Some("g\"h"));
        assert_eq!(value(&entries, "k").unwrap().text(), Some("true"));
    }

    #[test]
    fn what_is_not_well_formed_is_said_with_its_line() {
        for text in ["a", "a {", "a = [", "a = [1 2]", "a = \"x", "}", "\n\na = )", "a \"b\" ="] {
            let error = parse(text).unwrap_err();
            assert!(error.starts_with("line "), "{text}: {error}");
        }
        assert!(parse(&"a {".repeat(100_000)).is_err());
        assert!(parse(&format!("a = {}", "[".repeat(100_000))).is_err());
    }
}
