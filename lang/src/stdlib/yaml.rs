//! `std.yaml`: YAML 1.2 with the core schema, numbers exact.
//!
//! Reading goes through the events of `saphyr-parser`, so that a number's text is kept as written.
//! Anchors and aliases are followed, `<<` merges, and what is not data (a tag of an application, a
//! key that is a list) is an error. What aliases make is counted, so that a small text cannot make
//! an exponentially large value.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Tag};
use syncline_model::{Map, Number, Str, Value};

use super::arguments::{any, items, text};
use super::json::unreadable;
use super::{Entry, yaml_write};
use crate::ops::{MAX_ITEMS, OpError};

/// How deep a text may be nested.
const MAX_DEPTH: usize = 128;

pub(super) const NATIVES: &[Entry] = &[
    Entry::deep("encode", |args| yaml_write::encode(any(args, 0)).map(Value::from)),
    Entry::deep("encode_all", |args| {
        let mut all = String::new();
        for document in items(args, 0)? {
            all.push_str("---\n");
            all.push_str(&yaml_write::encode(document)?);
            crate::ops::check_text(all.len())?;
        }
        Ok(all.into())
    }),
    Entry::deep("decode", |args| only(text(args, 0)?, CORE)),
    Entry::deep("decode_all", |args| Ok(Value::list(decode(text(args, 0)?, CORE)?))),
];

/// Reads what is written in one way, or says what is wrong with it.
type Read<T> = fn(&Scalar<'_>) -> Result<T, String>;

/// A scalar as it is written.
pub(super) struct Scalar<'t> {
    pub(super) text: &'t str,
    pub(super) style: ScalarStyle,
    pub(super) tag: Option<&'t Tag>,
}

impl Scalar<'_> {
    pub(super) fn is_plain(&self) -> bool {
        self.style == ScalarStyle::Plain
    }
}

/// What a reader makes of scalars and keys.
#[derive(Clone, Copy)]
pub(super) struct Dialect {
    pub(super) value: Read<Value>,
    pub(super) key: Read<Str>,
    /// Of a key's values the last one counts, be it written or merged, and `<<` merges in quotes too. Else a key
    /// comes once, what is written stands above what is merged, and what is merged first above the rest.
    pub(super) last_wins: bool,
}

/// A key is what is written.
const CORE: Dialect =
    Dialect { value: scalar, key: |scalar| Ok(scalar.text.into()), last_wins: false };

/// Reads the only document of a text.
pub(super) fn only(text: &str, dialect: Dialect) -> Result<Value, OpError> {
    let mut documents = decode(text, dialect)?;
    match documents.len() {
        0 => Ok(Value::Null),
        1 => Ok(documents.remove(0)),
        count => Err(super::arguments::invalid(0, "the text has several documents")
            .detail(format!("the text has {count} documents"))
            .help("All of them as a list: `std.yaml.decode_all(text)`.")),
    }
}

/// Reads all documents of a text.
fn decode(text: &str, dialect: Dialect) -> Result<Vec<Value>, OpError> {
    let mut builder = Builder::new(dialect);
    let fail = |marker: Marker, problem: &str| {
        Err(unreadable("YAML", marker.line(), marker.col() + 1, problem))
    };
    for event in Parser::new_from_str(text) {
        match event {
            Ok((event, span)) => {
                if let Err(problem) = builder.event(event) {
                    return fail(span.start, &problem);
                }
            }
            Err(error) => return fail(*error.marker(), error.info()),
        }
    }
    Ok(builder.documents)
}

/// A value, and how many values are in it.
struct Node {
    value: Value,
    size: usize,
    /// The text and whether it merges where it is `<<`: what a key is made of.
    scalar: Option<(Str, bool)>,
}

/// A collection whose end has not been seen.
struct Open {
    anchor: usize,
    size: usize,
    kind: OpenKind,
}

enum OpenKind {
    List(Vec<Value>),
    Map { entries: Vec<(Str, Value)>, merged: Vec<(Str, Value)>, key: Option<(Str, bool)> },
}

struct Builder {
    dialect: Dialect,
    documents: Vec<Value>,
    open: Vec<Open>,
    anchors: BTreeMap<usize, (Value, usize)>,
    size: usize,
}

impl Builder {
    fn new(dialect: Dialect) -> Self {
        let (documents, open, anchors) = (Vec::new(), Vec::new(), BTreeMap::new());
        Self { dialect, documents, open, anchors, size: 0 }
    }

    fn event(&mut self, event: Event<'_>) -> Result<(), String> {
        match event {
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
            Event::Alias(anchor) => {
                let (value, size) = self
                    .anchors
                    .get(&anchor)
                    .cloned()
                    .ok_or_else(|| "the alias stands inside what it names".to_owned())?;
                self.node(Node { value, size, scalar: None }, 0)
            }
            Event::Scalar(text, style, anchor, tag) => {
                let scalar = Scalar { text: &text, style, tag: tag.as_deref() };
                let (value, key) = ((self.dialect.value)(&scalar)?, (self.dialect.key)(&scalar)?);
                let last_wins = self.dialect.last_wins;
                let may_merge = if last_wins { tag.is_none() } else { scalar.is_plain() };
                self.node(Node { value, size: 1, scalar: Some((key, may_merge)) }, anchor)
            }
            Event::SequenceStart(anchor, tag) => {
                collection_tag(tag.as_deref(), "seq")?;
                self.begin(anchor, OpenKind::List(Vec::new()))
            }
            Event::MappingStart(anchor, tag) => {
                collection_tag(tag.as_deref(), "map")?;
                let (entries, merged) = (Vec::new(), Vec::new());
                self.begin(anchor, OpenKind::Map { entries, merged, key: None })
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
        }
    }

    fn begin(&mut self, anchor: usize, kind: OpenKind) -> Result<(), String> {
        if self.open.len() >= MAX_DEPTH {
            return Err(format!("it is nested more than {MAX_DEPTH} levels deep"));
        }
        if let Some(Open { kind: OpenKind::Map { key: None, .. }, .. }) = self.open.last() {
            return Err("a key must be text, not a list or a map".to_owned());
        }
        self.open.push(Open { anchor, size: 1, kind });
        Ok(())
    }

    fn end(&mut self) -> Result<(), String> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let value = match open.kind {
            OpenKind::List(items) => Value::list(items),
            OpenKind::Map { mut entries, merged, .. } => {
                entries.sort_by(|left, right| left.0.cmp(&right.0));
                let mut pairs = entries.windows(2).filter(|_| !self.dialect.last_wins);
                if let Some(pair) = pairs.find(|pair| pair[0].0 == pair[1].0) {
                    let key = &pair[0].0;
                    return Err(format!("the map that ends here has the key `{key}` twice"));
                }
                // What is written wins over what is merged, whatever the order.
                merged.into_iter().chain(entries).collect::<Map>().into()
            }
        };
        self.node(Node { value, size: open.size, scalar: None }, open.anchor)
    }

    /// Puts a finished value into what is open.
    fn node(&mut self, node: Node, anchor: usize) -> Result<(), String> {
        self.size += node.size;
        if self.size > MAX_ITEMS.saturating_mul(4) || node.size > MAX_ITEMS {
            return Err(format!("it makes more than {MAX_ITEMS} values"));
        }
        if anchor > 0 {
            self.anchors.insert(anchor, (node.value.clone(), node.size));
        }
        let Some(open) = self.open.last_mut() else {
            self.documents.push(node.value);
            return Ok(());
        };
        open.size += node.size;
        match &mut open.kind {
            OpenKind::List(items) => items.push(node.value),
            OpenKind::Map { entries, merged, key } => match key.take() {
                None => {
                    let from_alias = || node.value.as_str().map(|text| (Str::from(text), false));
                    *key = Some(
                        node.scalar
                            .or_else(from_alias)
                            .ok_or("a key must be text, not a list or a map")?,
                    );
                }
                Some((name, true)) if name == "<<" => {
                    let maps = node.value.as_items().unwrap_or(std::slice::from_ref(&node.value));
                    if self.dialect.last_wins {
                        merge(maps.iter(), entries)?;
                    } else {
                        merge(maps.iter().rev(), merged)?;
                    }
                }
                Some((name, _)) => entries.push((name, node.value)),
            },
        }
        Ok(())
    }
}

/// Adds what `<<` brings in.
fn merge<'m>(
    maps: impl Iterator<Item = &'m Value>,
    into: &mut Vec<(Str, Value)>,
) -> Result<(), String> {
    for map in maps {
        let Some(map) = map.as_map() else {
            return Err("`<<` merges a map or a list of maps".to_owned());
        };
        into.extend(map.iter().map(|(key, value)| (key.clone(), value.clone())));
    }
    Ok(())
}

fn collection_tag(tag: Option<&Tag>, expected: &str) -> Result<(), String> {
    match tag {
        None => Ok(()),
        Some(tag) if tag.is_yaml_core_schema() && tag.suffix == expected => Ok(()),
        Some(tag) if tag.handle.is_empty() && tag.suffix == "!" => Ok(()),
        Some(tag) => Err(unknown_tag(tag)),
    }
}

pub(super) fn unknown_tag(tag: &Tag) -> String {
    format!("the tag `{}{}` has no meaning here", tag.handle, tag.suffix)
}

fn scalar(scalar: &Scalar<'_>) -> Result<Value, String> {
    let text = scalar.text;
    let Some(tag) = scalar.tag else {
        return if scalar.is_plain() { resolve(text) } else { Ok(text.into()) };
    };
    if tag.handle.is_empty() && tag.suffix == "!" {
        return Ok(text.into());
    }
    if !tag.is_yaml_core_schema() {
        return Err(unknown_tag(tag));
    }
    let value = resolve(text)?;
    let fits = match tag.suffix.as_str() {
        "str" => return Ok(text.into()),
        "null" => value.is_null(),
        "bool" => value.as_bool().is_some(),
        "int" => matches!(&value, Value::Number(number) if number.is_whole()),
        "float" => matches!(value, Value::Number(_)),
        _ => return Err(unknown_tag(tag)),
    };
    if fits { Ok(value) } else { Err(format!("this is no `!!{}`", tag.suffix)) }
}

/// Returns the value of a plain scalar: the core schema, YAML 1.2.2 section 10.3.2.
pub(super) fn resolve(text: &str) -> Result<Value, String> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Ok(Value::Null),
        "true" | "True" | "TRUE" => return Ok(true.into()),
        "false" | "False" | "FALSE" => return Ok(false.into()),
        _ => {}
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return Err("infinity and `.nan` are no exact numbers".to_owned());
    }
    for (prefix, radix) in [("0x", 16), ("0o", 8)] {
        if let Some(digits) = text.strip_prefix(prefix)
            && !digits.is_empty()
            && digits.chars().all(|digit| digit.is_digit(radix))
        {
            return i64::from_str_radix(digits, radix)
                .map(Value::from)
                .map_err(|_| "the number has more than 64 bits".to_owned());
        }
    }
    if !is_decimal(unsigned) {
        return Ok(text.into());
    }
    Number::parse(text).map(Value::from).map_err(|error| format!("this number: {error}"))
}

/// Tells whether a text is digits with at most a point and an exponent.
fn is_decimal(unsigned: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (&unsigned[..at], Some(&unsigned[at + 1..])),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !exponent.is_empty() && digits(exponent)
    });
    digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty()) && exponent
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_read() {
        for (text, expected) in [
            ("", "[]"),
            ("a: 1\nb: [x, 'y', \"z\\n\"]", "[{ a = 1, b = [\"x\", \"y\", \"z\\n\"] }]"),
            (
                "- ~\n- yes\n- true\n- 0x1F\n- 0o17\n- 1.50\n- 1e3",
                "[[null, \"yes\", true, 31, 15, 1.5, 1000]]",
            ),
            ("1: one\ntrue: two", "[{ \"1\" = \"one\", true = \"two\" }]"),
            ("a: |\n  x\n  y\nb: >-\n  x\n  y", "[{ a = \"x\\ny\\n\", b = \"x y\" }]"),
            ("a: &x {p: 1}\nb: *x", "[{ a = { p = 1 }, b = { p = 1 } }]"),
            (
                "a: &x {p: 1, q: 1}\nb: {q: 2, <<: *x}",
                "[{ a = { p = 1, q = 1 }, b = { p = 1, q = 2 } }]",
            ),
            ("---\na\n---\n!!str 1\n", "[\"a\", \"1\"]"),
            ("1.4.2", "[\"1.4.2\"]"),
            ("12345678901234567890.123456789", "[12345678901234567890.123456789]"),
        ] {
            let read = decode(text, CORE).map(|documents| Value::list(documents).to_string());
            assert_eq!(read.as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn mistakes_say_what_and_where() {
        for (text, expected) in [
            ("a: 1\na: 2", "has the key `a` twice"),
            ("a: [1", "line "),
            ("a: !Ref x", "line 1, column 4: the tag `!Ref` has no meaning here"),
            ("? [a]\n: 1", "a key must be text"),
            (".inf", "line 1, column 1: infinity"),
            ("a: &x [*x]", "line 1, column 8: "),
            ("!!int x", "this is no `!!int`"),
        ] {
            let error = decode(text, CORE).unwrap_err();
            assert!(error.message.contains(expected), "{text}: {}", error.message);
        }
    }

    #[test]
    fn aliases_cannot_explode() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for at in 1..12 {
            let before = vec![format!("*a{}", at - 1); 10].join(", ");
            text.push_str(&format!("a{at}: &a{at} [{before}]\n"));
        }
        assert!(decode(&text, CORE).unwrap_err().message.contains("more than 1000000 values"));
    }
}
