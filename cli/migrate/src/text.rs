//! Writing what the language reads: names, strings, blocks of text.

/// Words that no member can be called.
const TAKEN: &[&str] = &[
    "else",
    "environment",
    "false",
    "for",
    "if",
    "in",
    "it",
    "null",
    "std",
    "super",
    "then",
    "true",
];

/// Functions that need no module, which a member of that name would hide.
const PRELUDE: &[&str] =
    &["int", "keys", "length", "max", "min", "number", "range", "string", "values"];

/// Tells whether a text can stand as a name without quotes.
#[must_use]
pub fn is_name(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

/// Returns a name for a member: without dashes, and none of the language's own words.
#[must_use]
pub fn member(text: &str) -> String {
    let mut name: String =
        text.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' }).collect();
    if !is_name(&name) {
        name.insert(0, '_');
    }
    if TAKEN.contains(&name.as_str()) || PRELUDE.contains(&name.as_str()) {
        name.push('_');
    }
    name
}

/// Returns what a string of HCL says: without its escapes.
#[must_use]
pub fn decoded(text: &str) -> String {
    let mut out = String::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        let next = if letter == '\\' { letters.clone().next() } else { None };
        let Some(next) = next else {
            out.push(letter);
            continue;
        };
        letters.next();
        let digits = match next {
            'u' => 4,
            'U' => 8,
            _ => 0,
        };
        let code: String = letters.clone().take(digits).collect();
        let code = u32::from_str_radix(&code, 16).ok().and_then(char::from_u32);
        match (next, code) {
            ('n', _) => out.push('\n'),
            ('r', _) => out.push('\r'),
            ('t', _) => out.push('\t'),
            ('u' | 'U', Some(code)) => {
                out.push(code);
                letters.by_ref().take(digits).for_each(drop);
            }
            (other, _) => out.push(other),
        }
    }
    out
}

/// Returns a number with all the digits that it is written with.
#[must_use]
pub fn number(number: &hcl_edit::Formatted<hcl_edit::Number>) -> String {
    let written = number.as_repr().map(|own| own.split_whitespace().collect::<String>());
    let exact = written.and_then(|text| syncline_model::Number::parse(&text).ok());
    exact.map_or_else(|| number.value().to_string(), |exact| exact.to_string())
}

/// Returns the local name of a provider.
#[must_use]
pub fn provider(text: &str) -> String {
    text.replace('-', "_")
}

/// Returns a type without its provider's name; one that is called like its provider keeps it.
#[must_use]
pub fn short(kind: &str) -> &str {
    kind.split_once('_').map_or(kind, |(_, short)| short)
}

/// Returns the key of a map or the name of an attribute, quoted where it has to be.
#[must_use]
pub fn key(text: &str) -> String {
    // `for` would open a comprehension.
    if is_name(text) && !matches!(text, "for" | "if") { text.to_owned() } else { string(text) }
}

/// Returns a text as a string.
#[must_use]
pub fn string(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

/// Returns what stands between the quotes of a string.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => escaped.push_str("\\\\"),
            '"' => escaped.push_str("\\\""),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            '$' if letters.peek() == Some(&'{') => escaped.push_str("\\$"),
            control if control.is_control() => {
                escaped.push_str(&format!("\\u{{{:x}}}", control as u32));
            }
            other => escaped.push(other),
        }
    }
    escaped
}

/// Returns what stands in a block of text.
#[must_use]
pub fn in_block(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace("${", "\\${").replace("\"\"\"", "\\\"\\\"\\\"");
    text.replace('\r', "\\r")
}

/// Returns a name of a type: `site_config` as `SiteConfig`.
#[must_use]
pub fn camel(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let name: String = words
        .map(|word| {
            let mut letters = word.chars();
            letters.next().map_or(String::new(), |first| {
                first.to_ascii_uppercase().to_string() + letters.as_str()
            })
        })
        .collect();
    if name.starts_with(|c: char| c.is_ascii_alphabetic()) { name } else { format!("Module{name}") }
}

/// Returns documentation lines.
#[must_use]
pub fn documentation(text: &str) -> String {
    text.trim()
        .lines()
        .map(|line| format!("/// {}\n", line.trim()).replace("///  ", "/// "))
        .collect()
}

/// Returns comment lines, without the indentation that all lines but the first one share.
#[must_use]
pub fn comment(text: &str) -> String {
    let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let filled = || text.lines().skip(1).filter(|line| !line.trim().is_empty());
    let shared = filled().map(indent).min().unwrap_or_default();
    let rest = text.lines().skip(1).map(|line| line.get(shared..).unwrap_or_default());
    let lines = text.lines().take(1).chain(rest);
    lines.map(|line| format!("// {line}").trim_end().to_owned() + "\n").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_names() {
        for (from, to) in
            [("web", "web"), ("my-web", "my_web"), ("1st", "_1st"), ("in", "in_"), ("max", "max_")]
        {
            assert_eq!(member(from), to);
        }
        assert_eq!(camel("vpc-peering_2"), "VpcPeering2");
    }

    #[test]
    fn strings_say_what_they_said() {
        assert_eq!(string("a\"b\\c\n${d} $e"), "\"a\\\"b\\\\c\\n\\${d} $e\"");
    }
}
