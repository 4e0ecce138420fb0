//! Names of functions as patterns that hold from build to build.
//!
//! Takes a name in Rust's mangling (v0, RFC 2603), returns a pattern of a linker script in which
//! whatever differs between two builds of the same function is a `*`: which crate of that name it is,
//! which of several blocks or closures, and where the name refers back to what it has said before.

use std::collections::BTreeSet;

/// Returns the pattern of the section that holds the function of this name.
pub(super) fn of(symbol: &str) -> String {
    let name = symbol.split_once(".llvm.").map_or(symbol, |(name, _)| name);
    let mut pattern = String::from(".text.");
    if name.starts_with("_R") {
        for part in Parts(name) {
            match part {
                Part::Kept(text) => pattern.push_str(text),
                Part::Varies(_) if pattern.ends_with('*') => {}
                Part::Varies(tag) => {
                    pattern.push(tag);
                    pattern.push('*');
                }
            }
        }
    } else {
        pattern.push_str(name);
    }
    if name.len() < symbol.len() && !pattern.ends_with('*') {
        pattern.push('*');
    }
    pattern
}

/// Returns the crates that a pattern names.
pub(super) fn crates(pattern: &str) -> impl Iterator<Item = &str> {
    pattern.split("Cs*").skip(1).filter_map(|named| {
        let name = named.get(..identifier(named))?;
        Some(name.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start_matches('_'))
            .filter(|name| !name.is_empty())
    })
}

/// Shortens a pattern as far as it still means none of `others`.
pub(super) fn shortened(pattern: &String, others: &BTreeSet<String>) -> String {
    if others.contains(pattern) {
        return pattern.clone();
    }
    let common = |other: &String| {
        let same = pattern.bytes().zip(other.bytes()).take_while(|(own, other)| own == other);
        same.count()
    };
    let before = others.range(..pattern.clone()).next_back().map_or(0, common);
    let after = others.range(pattern.clone()..).next().map_or(0, common);
    // Whole words: a star stands for whatever comes before the next one.
    let needed = before.max(after);
    match pattern.get(needed..).and_then(|rest| rest.find('*')) {
        Some(star) => pattern.chars().take(needed + star + 1).collect(),
        None => pattern.clone(),
    }
}

/// A piece of a mangled name.
enum Part<'a> {
    /// What is the same in each build.
    Kept(&'a str),
    /// A number that follows from the rest of the build; the letter before it.
    Varies(char),
}

/// The pieces of what is left of a mangled name.
struct Parts<'a>(&'a str);

impl<'a> Iterator for Parts<'a> {
    type Item = Part<'a>;

    fn next(&mut self) -> Option<Part<'a>> {
        let first = self.0.chars().next()?;
        let number = || {
            let digits = self.0.get(1..)?.find(|c: char| !c.is_ascii_alphanumeric())?;
            self.0.get(1 + digits..)?.strip_prefix('_')
        };
        match first {
            's' | 'B' if number().is_some() => {
                self.0 = number()?;
                Some(Part::Varies(first))
            }
            'K' => Some(Part::Kept(self.take(1 + constant(self.0.get(1..)?)))),
            '1'..='9' => Some(Part::Kept(self.take(identifier(self.0)))),
            _ => Some(Part::Kept(self.take(first.len_utf8()))),
        }
    }
}

impl<'a> Parts<'a> {
    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.0.split_at_checked(length).unwrap_or((self.0, ""));
        self.0 = rest;
        taken
    }
}

/// Returns the length of an identifier: its length in decimal digits, and so many bytes.
fn identifier(text: &str) -> usize {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let separator = usize::from(text.get(digits..).is_some_and(|rest| rest.starts_with('_')));
    let bytes = text.get(..digits).and_then(|digits| digits.parse().ok()).unwrap_or(0_usize);
    digits.saturating_add(separator).saturating_add(bytes)
}

/// Returns the length of a constant after its `K`: a type of one letter, and digits up to a `_`.
fn constant(text: &str) -> usize {
    match text.find('_') {
        Some(end)
            if text.get(1..end).is_some_and(|digits| {
                digits.chars().all(|c| c.is_ascii_hexdigit() || c == 'n')
            }) =>
        {
            end + 1
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::{crates, of, shortened};

    #[test]
    fn a_pattern_tells_its_crates() {
        let pattern = ".text._RNvMs*NtCs*5tokio7runtimeNtB*6Handle5enterCs*8syncline";
        assert_eq!(crates(pattern).collect::<Vec<_>>(), ["tokio", "syncline"]);
        assert_eq!(crates(".text.aws_lc_0_39_0_EVP_sha256").count(), 0);
    }

    #[test]
    fn a_pattern_is_as_short_as_it_may_be() {
        let others = [".text._RNvCs*3fooCs*3baz", ".text._RNvCs*4barsB*"].map(str::to_owned).into();
        let short = |pattern: &str| shortened(&pattern.to_owned(), &others);
        assert_eq!(short(".text._RNvCs*4barterCs*3foo"), ".text._RNvCs*4barterCs*");
        assert_eq!(short(".text._RNvCs*4bar"), ".text._RNvCs*4bar");
        assert_eq!(short(".text._RNvCs*4barsB*"), ".text._RNvCs*4barsB*");
    }

    #[test]
    fn what_differs_from_build_to_build_is_left_open() {
        let cases = [
            // A crate, an inherent block and the crate that asked for it.
            (
                "_RNvMs1_NtCs6WrkFVpCXmI_5tokio7runtimeNtB5_6Handle5enterCsaeeCqjFVJHd_8syncline",
                ".text._RNvMs*NtCs*5tokio7runtimeNtB*6Handle5enterCs*8syncline",
            ),
            // A closure, and a name that was made unique by another pass.
            (
                "_RNCNvCs6WrkFVpCXmI_4main3run0B3_.llvm.3643936799275306673",
                ".text._RNCNvCs*4main3run0B*",
            ),
            // Names with an `s`, a `B` and an underscore keep them; constants, too.
            ("_RINvCs6WrkFVpCXmI_4syss_4Bs_aKj1f_EB2_", ".text._RINvCs*4syss_4Bs_aKj1f_EB*"),
            // C has nothing of this.
            ("aws_lc_0_39_0_EVP_sha256", ".text.aws_lc_0_39_0_EVP_sha256"),
        ];
        for (symbol, pattern) in cases {
            assert_eq!(of(symbol), pattern, "{symbol}");
        }
    }
}
