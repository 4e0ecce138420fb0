//! Comments as they stand in the text.
//!
//! They are kept beside the tree, for the formatter and for `///` documentation.

use syncline_model::Span;

/// A comment, with its marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comment {
    /// The whole of it, without the line's end.
    pub span: Span,
    /// Which kind.
    pub kind: CommentKind,
}

/// The kinds of comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommentKind {
    /// `// ...`
    Line,
    /// `/* ... */`
    Block,
    /// `/// ...`
    Doc,
}
