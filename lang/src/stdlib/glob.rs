//! Patterns of `std.files.list`: `configs/**/*.{yaml,yml}`.
//!
//! Takes a pattern once and then names of a path, one after another; tells after each whether a path
//! that ends here matches, and whether a longer one may. So folders in which nothing can match are never
//! looked into.
//!
//! Laws: the work for a name is bounded by its length times the pattern's; there are few alternatives.

/// The longest pattern, in bytes.
const MAX_PATTERN: usize = 1_000;
/// How many patterns without braces one with braces may stand for.
const MAX_ALTERNATIVES: usize = 100;

/// A pattern that is understood.
#[derive(Debug)]
pub(crate) struct Glob {
    /// One for each way to choose among what stands in braces: the names of a path.
    patterns: Vec<Vec<Name>>,
}

/// What a name of a path must look like.
#[derive(Debug)]
enum Name {
    /// `**`: any number of folders.
    Any,
    Like(Vec<Piece>),
}

#[derive(Debug)]
enum Piece {
    Letter(char),
    /// `?`
    One,
    /// `*`
    Many,
    /// `[a-z]`, or `[!a-z]` for all others.
    Class {
        ranges: Vec<(char, char)>,
        others: bool,
    },
}

/// Where in the patterns a path has come to: pairs of a pattern and a position in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reached(Vec<(usize, usize)>);

impl Glob {
    /// Reads a pattern.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn parse(pattern: &str) -> Result<Self, &'static str> {
        if pattern.len() > MAX_PATTERN {
            return Err("it has more than 1000 bytes");
        }
        let mut patterns = Vec::new();
        for one in alternatives(&pattern.chars().collect::<Vec<_>>())? {
            let names = one.split(|letter| *letter == '/').filter(|name| !name.is_empty());
            let names = names.filter(|name| *name != ['.']);
            let names = names.map(name).collect::<Result<Vec<_>, _>>()?;
            if names.is_empty() {
                return Err("it is empty");
            }
            patterns.push(names);
        }
        Ok(Self { patterns })
    }

    /// Returns where an empty path has come to.
    pub(crate) fn start(&self) -> Reached {
        let mut reached = Reached(Vec::new());
        (0..self.patterns.len()).for_each(|at| self.reach(&mut reached, at, 0));
        reached
    }

    /// Goes on by a name.
    pub(crate) fn enter(&self, reached: &Reached, name: &str) -> Reached {
        let letters: Vec<char> = name.chars().collect();
        let mut next = Reached(Vec::new());
        for &(pattern, at) in &reached.0 {
            match self.patterns[pattern].get(at) {
                Some(Name::Any) => self.reach(&mut next, pattern, at),
                Some(Name::Like(pieces)) if is_like(&letters, pieces) => {
                    self.reach(&mut next, pattern, at + 1);
                }
                _ => {}
            }
        }
        next
    }

    /// Tells whether a path matches that ends here.
    pub(crate) fn matches(&self, reached: &Reached) -> bool {
        reached.0.iter().any(|&(pattern, at)| at == self.patterns[pattern].len())
    }

    /// Tells whether a longer path may match.
    pub(crate) fn goes_on(&self, reached: &Reached) -> bool {
        reached.0.iter().any(|&(pattern, at)| at < self.patterns[pattern].len())
    }

    /// Adds a position, and those behind it that `**` leads to without a name.
    fn reach(&self, reached: &mut Reached, pattern: usize, at: usize) {
        for at in at..=self.patterns[pattern].len() {
            if !reached.0.contains(&(pattern, at)) {
                reached.0.push((pattern, at));
            }
            if !matches!(self.patterns[pattern].get(at), Some(Name::Any)) {
                break;
            }
        }
    }
}

/// Writes out what stands in braces: `a{b,c}` is `ab` and `ac`.
fn alternatives(pattern: &[char]) -> Result<Vec<Vec<char>>, &'static str> {
    let mut made: Vec<Vec<char>> = vec![Vec::new()];
    let mut at = 0;
    while at < pattern.len() {
        let more: Vec<Vec<char>> = match pattern[at] {
            '\\' if at + 1 < pattern.len() => {
                at += 2;
                vec![pattern[at - 2..at].to_vec()]
            }
            '{' => {
                let end = closing(&pattern[at..]).ok_or("a `{` is not closed")?;
                let parts = &pattern[at + 1..at + end];
                at += end + 1;
                let mut more = Vec::new();
                for part in choices(parts) {
                    more.extend(alternatives(part)?);
                }
                more
            }
            letter => {
                at += 1;
                vec![vec![letter]]
            }
        };
        if made.len() * more.len() > MAX_ALTERNATIVES {
            return Err("its braces stand for more than 100 patterns");
        }
        let joined = made.iter().flat_map(|own| more.iter().map(|next| [&own[..], next].concat()));
        made = joined.collect();
    }
    Ok(made)
}

/// Returns where the brace is closed that the letters start with.
fn closing(letters: &[char]) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < letters.len() {
        match letters[at] {
            '\\' => at += 1,
            '{' => depth += 1,
            '}' if depth == 1 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
    None
}

/// Cuts what stands in braces at its commas.
fn choices(letters: &[char]) -> Vec<&[char]> {
    let (mut found, mut start, mut depth, mut at) = (Vec::new(), 0, 0_usize, 0);
    while at < letters.len() {
        match letters[at] {
            '\\' => at += 1,
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                found.push(&letters[start..at]);
                start = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    found.push(&letters[start..]);
    found
}

fn name(letters: &[char]) -> Result<Name, &'static str> {
    if letters == ['*', '*'] {
        return Ok(Name::Any);
    }
    if letters == ['.', '.'] {
        return Err("it leads out of the folder");
    }
    let mut pieces = Vec::new();
    let mut rest = letters;
    while let [first, after @ ..] = rest {
        rest = after;
        pieces.push(match first {
            '*' => Piece::Many,
            '?' => Piece::One,
            '\\' => {
                let (letter, after) = after.split_first().ok_or("it ends with `\\`")?;
                rest = after;
                Piece::Letter(*letter)
            }
            '[' => {
                let end = after.iter().skip(1).position(|letter| *letter == ']');
                let end = end.ok_or("a `[` is not closed")? + 1;
                rest = &after[end + 1..];
                class(&after[..end])
            }
            letter => Piece::Letter(*letter),
        });
    }
    Ok(Name::Like(pieces))
}

fn class(letters: &[char]) -> Piece {
    let (others, mut rest) = match letters {
        ['!' | '^', rest @ ..] if !rest.is_empty() => (true, rest),
        rest => (false, rest),
    };
    let mut ranges = Vec::new();
    while let [first, after @ ..] = rest {
        (rest, _) = match after {
            ['-', last, after @ ..] => (after, ranges.push((*first, *last))),
            after => (after, ranges.push((*first, *first))),
        };
    }
    Piece::Class { ranges, others }
}

/// Tells whether a name is like the pieces; only the last `*` is ever gone back to.
fn is_like(name: &[char], pieces: &[Piece]) -> bool {
    let (mut at, mut piece) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    loop {
        match (pieces.get(piece), name.get(at)) {
            (None, None) => return true,
            (Some(Piece::Many), _) => {
                back = Some((at, piece));
                piece += 1;
            }
            (Some(own), Some(letter)) if fits(own, *letter) => {
                at += 1;
                piece += 1;
            }
            _ => match back {
                Some((from, many)) if from < name.len() => {
                    back = Some((from + 1, many));
                    (at, piece) = (from + 1, many + 1);
                }
                _ => return false,
            },
        }
    }
}

fn fits(piece: &Piece, letter: char) -> bool {
    match piece {
        Piece::Letter(own) => *own == letter,
        Piece::One => true,
        Piece::Many => false,
        Piece::Class { ranges, others } => {
            ranges.iter().any(|(first, last)| (first..=last).contains(&&letter)) != *others
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_match_patterns() {
        for (pattern, path, expected) in [
            ("*.txt", "a.txt", true),
            ("*.txt", "b/a.txt", false),
            ("**", "b/a.txt", true),
            ("**/*.txt", "a.txt", true),
            ("**/*.txt", "b/c/a.txt", true),
            ("b/**", "b", true),
            ("b/**/c/*", "b/c/x", true),
            ("b/**/c/*", "b/c/d/x", false),
            ("*.{yaml,yml}", "a.yml", true),
            ("{a,b/{c,d}}/x", "b/d/x", true),
            ("{a,b/{c,d}}/x", "b/x", false),
            ("[a-c]?[!0-9]", "bxy", true),
            ("[a-c]?[!0-9]", "bx1", false),
            ("[]x", "]", false),
            ("\\*", "*", true),
            ("\\*", "x", false),
            ("./a*b*c", "aXbXbc", true),
            ("a*b*c", "aXbXbd", false),
            ("*a*a*a*a*a*a*b", &"a".repeat(200), false),
        ] {
            let Ok(glob) = Glob::parse(pattern) else {
                assert!(!expected, "{pattern}");
                continue;
            };
            let names = path.split('/');
            let reached = names.fold(glob.start(), |reached, name| glob.enter(&reached, name));
            assert_eq!(glob.matches(&reached), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn what_is_no_pattern_is_told() {
        for pattern in ["", "/", ".", "../a", "a/../b", "[a", "{a", "a\\"] {
            assert!(Glob::parse(pattern).is_err(), "{pattern}");
        }
        assert!(Glob::parse(&"{a,b}".repeat(10)).is_err());
        assert!(Glob::parse(&"{".repeat(900)).is_err());
        assert!(Glob::parse(&"x".repeat(1_001)).is_err());
    }

    #[test]
    fn folders_that_lead_nowhere_are_left_out() {
        let glob = Glob::parse("a/*.txt").unwrap();
        let (inside, beside) = (glob.enter(&glob.start(), "a"), glob.enter(&glob.start(), "b"));
        assert!(glob.goes_on(&inside) && !glob.goes_on(&beside));
    }
}
