//! The operations and their names.
//!
//! The names are stored in residuals, which plans and logs keep: a name never changes its meaning.

use syncline_model::Str;

/// An operation of the language.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operation {
    /// `a + b`: numbers, strings, lists, sets, and maps without a key in common.
    Add,
    /// `a - b`
    Subtract,
    /// `a * b`
    Multiply,
    /// `a / b`
    Divide,
    /// `a % b`
    Remainder,
    /// `-a`
    Negate,
    /// `!a`
    Not,
    /// `a && b`
    And,
    /// `a || b`
    Or,
    /// `a == b`
    Equal,
    /// `a != b`
    NotEqual,
    /// `a < b`
    Less,
    /// `a <= b`
    LessEqual,
    /// `a > b`
    Greater,
    /// `a >= b`
    GreaterEqual,
    /// `a in b`: an element of a list or set, a key of a map.
    In,
    /// `a ?? b`
    Coalesce,
    /// `if a then b else c`
    If,
    /// `"${a}${b}"`: any number of parts, joined to a string.
    Interpolate,
    /// `a.name`; the name is the second operand, a string.
    Member,
    /// `a?.name`: null when `a` is null.
    OptionalMember,
    /// `a[b]`
    Index,
    /// `a?.[b]`: null when `a` is null.
    OptionalIndex,
    /// `[a, b]`: any number of elements.
    List,
    /// `[...a, ...b]`: any number of lists or sets, joined to a list.
    Concat,
    /// `{ [a] = b }`
    MapEntry,
    /// `{ ...a, ...b }`: any number of maps; where a key comes twice, the later one wins.
    Merge,
    /// A function of the standard library by its full name, `std.strings.upper`. One operand for
    /// each parameter; those of a variadic one follow singly.
    Call(Str),
    /// A function of a provider, `time::rfc3339_parse`. One operand for each argument.
    Offered(Str),
}

/// Every operation but calls, with its name.
const NAMES: [(Operation, &str); 27] = [
    (Operation::Add, "add"),
    (Operation::Subtract, "subtract"),
    (Operation::Multiply, "multiply"),
    (Operation::Divide, "divide"),
    (Operation::Remainder, "remainder"),
    (Operation::Negate, "negate"),
    (Operation::Not, "not"),
    (Operation::And, "and"),
    (Operation::Or, "or"),
    (Operation::Equal, "equal"),
    (Operation::NotEqual, "not_equal"),
    (Operation::Less, "less"),
    (Operation::LessEqual, "less_equal"),
    (Operation::Greater, "greater"),
    (Operation::GreaterEqual, "greater_equal"),
    (Operation::In, "in"),
    (Operation::Coalesce, "coalesce"),
    (Operation::If, "if"),
    (Operation::Interpolate, "interpolate"),
    (Operation::Member, "member"),
    (Operation::OptionalMember, "optional_member"),
    (Operation::Index, "index"),
    (Operation::OptionalIndex, "optional_index"),
    (Operation::List, "list"),
    (Operation::Concat, "concat"),
    (Operation::MapEntry, "map_entry"),
    (Operation::Merge, "merge"),
];

impl Operation {
    /// Returns the name that residuals store.
    #[must_use]
    pub fn as_str(&self) -> &str {
        if let Self::Call(name) | Self::Offered(name) = self {
            return name;
        }
        NAMES.iter().find(|(own, _)| own == self).map_or("", |(_, name)| name)
    }

    /// Returns the operation of a stored name, or `None` when there is none.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        if name.contains("::") {
            return Some(Self::Offered(name.into()));
        }
        if name.contains('.') {
            return crate::stdlib::find(name).map(|_| Self::Call(name.into()));
        }
        NAMES.iter().find(|(_, own)| *own == name).map(|(operation, _)| operation.clone())
    }

    /// Returns how the operation is written, for messages: `` `+` ``.
    pub(super) fn symbol(&self) -> &str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
            Self::Negate => "-",
            Self::Not => "!",
            Self::And => "&&",
            Self::Or => "||",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
            Self::Coalesce => "??",
            Self::OptionalMember | Self::OptionalIndex => "?.",
            Self::Concat | Self::Merge => "...",
            Self::In
            | Self::If
            | Self::Interpolate
            | Self::Member
            | Self::Index
            | Self::List
            | Self::MapEntry
            | Self::Call(_)
            | Self::Offered(_) => self.as_str(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back() {
        for (operation, name) in &NAMES {
            assert_eq!(operation.as_str(), *name);
            assert_eq!(Operation::parse(name).as_ref(), Some(operation));
        }
        assert_eq!(Operation::parse("explode"), None);
        assert_eq!(Operation::parse("std.strings.explode"), None);
    }
}
