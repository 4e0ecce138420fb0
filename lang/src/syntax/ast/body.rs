//! What stands in the braces of a resource, a unit, a provider or an amendment.

use syncline_model::{Span, Str};
use thin_vec::ThinVec;

use super::{Expr, Ident, Member, MemberKind};

/// The braces of a resource, a provider or an amendment.
#[derive(Clone, Debug, Default)]
pub struct Body {
    /// Its entries in source order.
    pub entries: ThinVec<BodyEntry>,
    /// The braces and what is between.
    pub span: Option<Span>,
}

/// An entry of a body.
#[derive(Clone, Debug)]
pub struct BodyEntry {
    /// From its first to its last character.
    pub span: Span,
    /// The `///` text above it, where there is any.
    pub doc: Option<Box<Str>>,
    /// `final` stands before it: see [`BodyEntry::final_mark`].
    pub is_final: bool,
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
    pub args: ThinVec<Arg>,
}

/// An argument, `e` or `name = e`.
#[derive(Clone, Debug)]
pub struct Arg {
    /// `name =`
    pub name: Option<Box<Ident>>,
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
    Add(Box<Expr>),
    /// `{ ... }`
    Inside(Body),
}

/// The left side of an amendment: `a`, `a.b.c`, `jobs["mail"].tags`.
#[derive(Clone, Debug)]
pub struct Target {
    /// The first name.
    pub name: Ident,
    /// What follows.
    pub steps: ThinVec<TargetStep>,
}

/// A step of a target.
#[derive(Clone, Debug)]
pub enum TargetStep {
    /// `.name` or `."name"`
    Member(Ident),
    /// `[e]`
    Index {
        /// Inside the brackets.
        value: Expr,
        /// With the brackets.
        span: Span,
    },
}

impl Target {
    /// Returns where the whole of it stands.
    #[must_use]
    pub fn span(&self) -> Span {
        let own = self.name.span;
        let end = match self.steps.last() {
            None => own.end,
            Some(TargetStep::Member(name)) => name.span.end,
            Some(TargetStep::Index { span, .. }) => span.end,
        };
        Span::new(own.file, own.start, end)
    }
}

impl BodyEntry {
    /// Returns where its `final` stands, when there is one.
    #[must_use]
    pub fn final_mark(&self) -> Option<Span> {
        self.is_final.then(|| final_at(self.span))
    }
}

/// Returns the place of the `final` that something starts with.
const fn final_at(span: Span) -> Span {
    Span::new(span.file, span.start, span.start + 5)
}

impl Member {
    /// Returns the expression of a parameter, a `let` or an output; nothing where there is none.
    #[must_use]
    pub fn value(&self) -> Option<&Expr> {
        match &self.kind {
            MemberKind::Param { default, .. } => default.as_deref(),
            MemberKind::Let { value, .. } | MemberKind::Output { value, .. } => Some(value),
            MemberKind::Resource(_)
            | MemberKind::Unit(_)
            | MemberKind::Provider { .. }
            | MemberKind::Ensure { .. }
            | MemberKind::Remove { .. }
            | MemberKind::Moved { .. }
            | MemberKind::Forget { .. }
            | MemberKind::Expect { .. }
            | MemberKind::Adopt { .. }
            | MemberKind::Amend(_) => None,
        }
    }

    /// Returns the `///` text above it; empty when there is none.
    #[must_use]
    pub fn doc(&self) -> Str {
        self.doc.as_deref().cloned().unwrap_or_default()
    }

    /// Returns where its `final` stands, when there is one.
    #[must_use]
    pub fn final_mark(&self) -> Option<Span> {
        self.is_final.then(|| final_at(self.span))
    }

    /// Returns what the member changes of what is inherited, and how; it is taken out where there is
    /// no how. `None` for a declaration.
    #[must_use]
    pub const fn change(&self) -> Option<(&Target, Option<&AmendOp>)> {
        match &self.kind {
            MemberKind::Amend(amend) => Some((&amend.target, Some(&amend.op))),
            MemberKind::Remove { target } => Some((&**target, None)),
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
