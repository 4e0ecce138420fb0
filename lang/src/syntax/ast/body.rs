//! What stands in the braces of a resource, a unit, a provider or an amendment.

use syncline_model::{Span, Str};

use super::{Expr, Ident, Member, MemberKind};

/// The braces of a resource, a provider or an amendment.
#[derive(Clone, Debug, Default)]
pub struct Body {
    /// Its entries in source order.
    pub entries: Vec<BodyEntry>,
    /// The braces and what is between.
    pub span: Option<Span>,
}

/// An entry of a body.
#[derive(Clone, Debug)]
pub struct BodyEntry {
    /// From its first to its last character.
    pub span: Span,
    /// The `///` text above it.
    pub doc: Str,
    /// `final` stands before it.
    pub is_final: Option<Span>,
    /// What it does.
    pub kind: BodyEntryKind,
}

/// The kinds of entry of a body.
#[derive(Clone, Debug)]
pub enum BodyEntryKind {
    /// `@name` or `@name(args)`
    Annotation(Annotation),
    /// `target = e`, `target += e`, `target { ... }`
    Amend(Amend),
    /// `name`: short for `name = name`
    Shorthand(Ident),
    /// `remove target`
    Remove(Target),
}

/// A meta-argument.
#[derive(Clone, Debug)]
pub struct Annotation {
    /// The name behind `@`.
    pub name: Ident,
    /// Its arguments; empty without parentheses.
    pub args: Vec<Arg>,
}

/// An argument, `e` or `name = e`.
#[derive(Clone, Debug)]
pub struct Arg {
    /// `name =`
    pub name: Option<Ident>,
    /// `...e`
    pub spread: bool,
    /// Its value.
    pub value: Expr,
}

/// One change to what `target` names.
#[derive(Clone, Debug)]
pub struct Amend {
    /// What is changed.
    pub target: Target,
    /// How.
    pub op: AmendOp,
}

/// How a member is changed.
#[derive(Clone, Debug)]
pub enum AmendOp {
    /// `= e`
    Set(Expr),
    /// `+= e`
    Add(Expr),
    /// `{ ... }`
    Inside(Body),
}

/// The left side of an amendment: `a`, `a.b.c`, `jobs["mail"].tags`.
#[derive(Clone, Debug)]
pub struct Target {
    /// The whole of it.
    pub span: Span,
    /// The first name.
    pub name: Ident,
    /// What follows.
    pub steps: Vec<TargetStep>,
}

/// A step of a target.
#[derive(Clone, Debug)]
pub enum TargetStep {
    /// `.name` or `."name"`
    Member(Ident),
    /// `[e]`
    Index(Expr),
}

impl Member {
    /// Returns what the member changes of what is inherited, and how; it is taken out where there is
    /// no how. `None` for a declaration.
    #[must_use]
    pub const fn change(&self) -> Option<(&Target, Option<&AmendOp>)> {
        match &self.kind {
            MemberKind::Amend(amend) => Some((&amend.target, Some(&amend.op))),
            MemberKind::Remove { target } => Some((target, None)),
            MemberKind::Param { .. }
            | MemberKind::Let { .. }
            | MemberKind::Output { .. }
            | MemberKind::Resource(_)
            | MemberKind::Unit(_)
            | MemberKind::Provider { .. }
            | MemberKind::Ensure { .. }
            | MemberKind::Moved { .. }
            | MemberKind::Forget { .. }
            | MemberKind::Expect { .. }
            | MemberKind::Adopt { .. } => None,
        }
    }
}
