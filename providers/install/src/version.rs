//! Versions and what a project asks of them.
//!
//! Laws: versions order as semantic versioning says; a pre-release is chosen only where a
//! constraint names exactly it; constraints that are joined by `,` must all hold.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// A semantic version.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Version {
    /// Major, minor, patch.
    pub numbers: [u64; 3],
    /// What stands after `-`; empty for a release.
    pub pre_release: String,
    /// What stands after `+`.
    pub build: String,
}

/// Why a text is no version or no constraint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no {what}")]
pub struct VersionError {
    /// The text.
    pub text: String,
    /// What it should have been.
    pub what: &'static str,
}

/// Returns a version and how many of its numbers were written.
fn parse(text: &str, what: &'static str) -> Result<(Version, usize), VersionError> {
    let fail = || VersionError { text: text.to_owned(), what };
    let trimmed = text.trim();
    let (rest, build) = trimmed.split_once('+').unwrap_or((trimmed, ""));
    let (rest, pre_release) = rest.split_once('-').unwrap_or((rest, ""));
    let word = |text: &str| {
        text.is_empty()
            || text.split('.').all(|part| {
                !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            })
    };
    if !word(build) || !word(pre_release) {
        return Err(fail());
    }
    let mut numbers = [0; 3];
    let parts: Vec<&str> = rest.split('.').collect();
    if parts.len() > 3 {
        return Err(fail());
    }
    for (number, part) in numbers.iter_mut().zip(&parts) {
        if !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(fail());
        }
        *number = part.parse().map_err(|_| fail())?;
    }
    let version = Version { numbers, pre_release: pre_release.to_owned(), build: build.to_owned() };
    Ok((version, parts.len()))
}

impl FromStr for Version {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        let (version, parts) = parse(text, "version")?;
        if parts == 3 {
            Ok(version)
        } else {
            Err(VersionError { text: text.to_owned(), what: "version" })
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.numbers;
        write!(f, "{major}.{minor}.{patch}")?;
        if !self.pre_release.is_empty() {
            write!(f, "-{}", self.pre_release)?;
        }
        if !self.build.is_empty() {
            write!(f, "+{}", self.build)?;
        }
        Ok(())
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.numbers
            .cmp(&other.numbers)
            .then_with(|| pre_release(&self.pre_release, &other.pre_release))
            .then_with(|| self.build.cmp(&other.build))
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn pre_release(left: &str, right: &str) -> Ordering {
    match (left.is_empty(), right.is_empty()) {
        (true, true) => return Ordering::Equal,
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    let (mut left, mut right) = (left.split('.'), right.split('.'));
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(left), Some(right)) => match (left.parse::<u64>(), right.parse::<u64>()) {
                (Ok(left), Ok(right)) => left.cmp(&right),
                (Ok(_), Err(_)) => Ordering::Less,
                (Err(_), Ok(_)) => Ordering::Greater,
                (Err(_), Err(_)) => left.cmp(right),
            },
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// How a version is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Operator {
    Equal,
    NotEqual,
    AtLeast,
    Above,
    AtMost,
    Below,
    /// `~> 1.2`: the last number that is written may grow.
    Grow,
}

const OPERATORS: [(&str, Operator); 7] = [
    ("~>", Operator::Grow),
    (">=", Operator::AtLeast),
    ("<=", Operator::AtMost),
    ("!=", Operator::NotEqual),
    (">", Operator::Above),
    ("<", Operator::Below),
    ("=", Operator::Equal),
];

#[derive(Clone, Debug, PartialEq, Eq)]
struct Constraint {
    version: Version,
    operator: Operator,
    /// How many numbers were written.
    parts: usize,
}

/// What a project asks of a version: `~> 3.6, != 3.6.1`. Without any, every release will do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Constraints(Vec<Constraint>);

impl FromStr for Constraints {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        let mut constraints = Vec::new();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let found = OPERATORS
                .iter()
                .find_map(|(sign, operator)| Some((part.strip_prefix(sign)?, *operator)));
            let (rest, operator) = found.unwrap_or((part, Operator::Equal));
            let what = "version constraint, such as `~> 1.2` or `>= 1.0, < 3.0`";
            let (version, parts) = parse(rest, what)
                .map_err(|error| VersionError { text: part.to_owned(), ..error })?;
            constraints.push(Constraint { version, operator, parts });
        }
        constraints.sort_by(|left, right| {
            left.version.cmp(&right.version).then(left.operator.cmp(&right.operator))
        });
        constraints.dedup();
        Ok(Self(constraints))
    }
}

impl Constraint {
    fn holds(&self, version: &Version) -> bool {
        match self.operator {
            Operator::Equal => *version == self.version,
            Operator::NotEqual => *version != self.version,
            Operator::AtLeast => *version >= self.version,
            Operator::Above => *version > self.version,
            Operator::AtMost => *version <= self.version,
            Operator::Below => *version < self.version,
            Operator::Grow => {
                // With one number the minor one may grow, as it does for OpenTofu.
                let kept = if self.parts > 2 { 2 } else { 1 };
                *version >= self.version && version.numbers[..kept] == self.version.numbers[..kept]
            }
        }
    }
}

impl Constraints {
    /// Tells whether a version will do.
    #[must_use]
    pub fn allow(&self, version: &Version) -> bool {
        let exact = |own: &Constraint| own.operator == Operator::Equal && own.version == *version;
        (version.pre_release.is_empty() || self.0.iter().any(exact))
            && self.0.iter().all(|constraint| constraint.holds(version))
    }

    /// Returns the newest of the versions that will do.
    pub fn newest<'a>(
        &self,
        versions: impl IntoIterator<Item = &'a Version>,
    ) -> Option<&'a Version> {
        versions.into_iter().filter(|version| self.allow(version)).max()
    }

    /// Tells whether nothing is asked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Constraints {
    /// Writes the constraints as OpenTofu's lock file has them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, constraint) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str(", ")?;
            }
            let version = &constraint.version;
            match constraint.operator {
                Operator::Equal => write!(f, "{version}")?,
                Operator::Grow if constraint.parts < 3 => {
                    write!(f, "~> {}.{}", version.numbers[0], version.numbers[1])?;
                }
                Operator::NotEqual
                | Operator::AtLeast
                | Operator::Above
                | Operator::AtMost
                | Operator::Below
                | Operator::Grow => {
                    let sign = OPERATORS.iter().find(|(_, own)| *own == constraint.operator);
                    write!(f, "{} {version}", sign.map_or("", |(sign, _)| sign))?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(constraints: &str) -> String {
        let versions: Vec<Version> =
            ["1.2.0", "1.2.9", "1.10.0", "2.0.0-rc.1", "2.0.0", "2.1.0-beta", "3.1.4"]
                .map(|text| text.parse().unwrap())
                .into();
        let constraints: Constraints = constraints.parse().unwrap();
        constraints.newest(&versions).map_or("none".to_owned(), ToString::to_string)
    }

    #[test]
    fn the_newest_that_will_do_is_chosen() {
        for (constraints, version) in [
            ("", "3.1.4"),
            ("~> 1.2", "1.10.0"),
            ("~> 1.2.0", "1.2.9"),
            ("~> 1", "1.10.0"),
            (">= 1.0, < 2.0.0", "1.10.0"),
            ("!= 3.1.4", "2.0.0"),
            ("2.0.0-rc.1", "2.0.0-rc.1"),
            ("= 2.1.0-beta", "2.1.0-beta"),
            (">= 2.1.0-alpha, < 3", "none"),
            ("> 1.2.9, <= 2", "2.0.0"),
            ("4", "none"),
        ] {
            assert_eq!(chosen(constraints), version, "{constraints}");
        }
    }

    #[test]
    fn constraints_print_as_the_lock_file_has_them() {
        for (text, printed) in [
            ("~>3.6", "~> 3.6"),
            ("<2,>= 1", ">= 1.0.0, < 2.0.0"),
            ("= 1.2.3", "1.2.3"),
            ("~> 3.6.1, ~> 3.6.1", "~> 3.6.1"),
        ] {
            assert_eq!(text.parse::<Constraints>().unwrap().to_string(), printed);
        }
        assert!("~> x".parse::<Constraints>().is_err());
    }

    #[test]
    fn pre_releases_come_before_releases() {
        let order = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-2", "1.0.0"];
        let mut versions: Vec<Version> = order.map(|text| text.parse().unwrap()).into();
        versions.sort();
        let sorted: Vec<String> = versions.iter().map(ToString::to_string).collect();
        assert_eq!(
            sorted,
            ["1.0.0-2", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0"]
        );
    }
}
