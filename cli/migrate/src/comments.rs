//! Comments.
//!
//! Takes what stands around and inside of the parts of a source, and returns the comments in it as the language
//! writes them: `//`, a line each. Those before a thing stay before it, and those behind it on its line stay
//! behind it; what is inside of something that is said another way, comes before that.

use hcl_edit::structure::Body;
use hcl_edit::{Decor, Decorate as _, RawString};

use crate::lenient;

/// Returns the comments in what stands before something, a line each.
#[must_use]
pub fn lines(before: &str) -> String {
    let mut written = String::new();
    let mut is_block = false;
    for line in before.lines().map(str::trim) {
        let plain = line.strip_prefix("//").or_else(|| line.strip_prefix('#'));
        let own = match (is_block, plain, line.strip_prefix("/*")) {
            (false, Some(own), _) => own,
            (false, None, Some(own)) => {
                is_block = true;
                own
            }
            (true, ..) => {
                line.strip_prefix('*').filter(|own| !own.starts_with('/')).unwrap_or(line)
            }
            (false, None, None) => continue,
        };
        let own = if is_block {
            let (own, ends) = own.split_once("*/").map_or((own, false), |(own, _)| (own, true));
            is_block = !ends;
            own
        } else {
            own
        };
        // `///` would document what follows.
        let own = own.trim_end().trim_start_matches('/');
        let space = if own.is_empty() || own.starts_with(' ') { "" } else { " " };
        if !own.is_empty() || plain.is_some() {
            written.push_str(&format!("//{space}{own}\n"));
        }
    }
    written
}

/// Returns something with what is said before it.
#[must_use]
pub fn before(decor: &Decor, text: &str) -> String {
    format!("{}{text}", decor.prefix().map(|own| lines(own)).unwrap_or_default())
}

/// Returns something with what is said before it, and behind it.
#[must_use]
pub fn around(decor: &Decor, text: &str) -> String {
    before(decor, &behind(text, raw(decor.suffix())))
}

/// Returns something with the comments in what stands behind it, before it where they are several.
#[must_use]
pub fn behind(text: &str, comments: &str) -> String {
    let comments = lines(comments);
    match comments.lines().collect::<Vec<_>>().as_slice() {
        [] => text.to_owned(),
        [only] => format!("{text} {only}"),
        _ => format!("{comments}{text}"),
    }
}

/// Returns what decor has, or nothing.
#[must_use]
pub fn raw(decor: Option<&RawString>) -> &str {
    decor.map_or("", |own| own)
}

/// Returns the comments that a body ends with.
#[must_use]
pub fn ending(body: &Body) -> String {
    lines(raw(body.decor().suffix()))
}

/// Takes what stands before something apart: what is still on the line before, and the rest.
#[must_use]
pub fn split(before: &str) -> (&str, &str) {
    let (line, rest) = before.split_once('\n').unwrap_or((before, ""));
    if line.contains("/*") && !line.contains("*/") { ("", before) } else { (line, rest) }
}

/// Entries of a list or a map, each with its comments, a line or more each.
#[derive(Debug, Default)]
pub struct Entries {
    /// The entries, without what stands between them: what is said before each, it, what is said behind it.
    all: Vec<(String, String, String)>,
    /// What is said behind the last one, on lines of its own.
    last: String,
}

impl Entries {
    /// Adds an entry: what stands before it, it, and what stands behind it before a comma.
    pub fn add(&mut self, before: &str, text: String, after: &str) {
        let own = self.since_the_last(before);
        self.all.push((std::mem::take(&mut self.last) + &own, text, String::new()));
        self.last = self.since_the_last(after);
    }

    /// Ends the entries: what stands behind the last one.
    pub fn end(&mut self, before: &str) {
        let own = self.since_the_last(before);
        self.last.push_str(&own);
    }

    /// Gives the last entry what is said on its line; returns the rest.
    fn since_the_last(&mut self, before: &str) -> String {
        match self.all.last_mut() {
            Some((.., behind)) => {
                let (line, rest) = split(before);
                behind.push_str(&lines(line));
                lines(rest)
            }
            None => lines(before),
        }
    }

    /// Tells whether something is said that needs lines.
    #[must_use]
    pub fn has_comments(&self) -> bool {
        !self.last.is_empty()
            || self.all.iter().any(|(before, _, behind)| !before.is_empty() || !behind.is_empty())
    }

    /// Returns the entries on one line, without comments.
    #[must_use]
    pub fn row(&self) -> String {
        let texts: Vec<&str> = self.all.iter().map(|(_, text, _)| text.as_str()).collect();
        texts.join(", ")
    }

    /// Returns the entries as lines, with something between them.
    #[must_use]
    pub fn lines(&self, between: &str) -> Vec<String> {
        let count = self.all.len();
        let entry = |(at, (before, text, after)): (usize, &(String, String, String))| {
            let between = if at + 1 < count { between } else { "" };
            format!("{before}{}", behind(&format!("{text}{between}"), after))
        };
        let entries = self.all.iter().enumerate().map(entry);
        let last = self.last.trim_end().to_owned();
        entries.chain(Some(last).filter(|last| !last.is_empty())).collect()
    }
}

/// Returns what a source was translated to, and before it the comments of the source that it lost.
#[must_use]
pub fn kept(source: &str, text: String) -> String {
    let mut lost = String::new();
    for comment in lenient::comments(source) {
        let own = lines(comment);
        let first = comment.lines().next().unwrap_or_default().trim_end();
        let is_there = |own: &str| {
            let mut written = text.lines().map(str::trim_end);
            // What is not translated is there as a whole.
            own == "//"
                || written.any(|line| {
                    line.ends_with(own) || line.starts_with("//") && line.ends_with(first)
                })
        };
        if !own.lines().all(is_there) {
            lost.push_str(&own);
        }
    }
    lost + &text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_kept() {
        for (before, after) in [
            ("\n  # a\n\n  //b\n", "// a\n// b\n"),
            ("/* a\n * b\n */\n", "// a\n// b\n"),
            ("/* a */ # b", "// a\n"),
            ("#\n### c ###\n", "//\n// ## c ###\n"),
            ("  \n", ""),
        ] {
            assert_eq!(lines(before), after, "{before}");
        }
        assert_eq!(behind("a = 1", " # why\n"), "a = 1 // why");
        assert_eq!(behind("a = 1", "/* why\nnot */"), "// why\n// not\na = 1");
        assert_eq!(split(" # a\n # b\n"), (" # a", " # b\n"));
        assert_eq!(split(" /* a\n b */"), ("", " /* a\n b */"));
    }

    #[test]
    fn lost_comments_come_first() {
        let source = "f(1, # one\n \"# no\", <<E\n# no\nE\n) # two";
        assert_eq!(kept(source, "f(1) // two".to_owned()), "// one\nf(1) // two");
    }
}
