//! Documents: text with the places where lines may break, and their layout.
//!
//! After Wadler, "A prettier printer" (2003), in the form that Prettier gave it: a group is laid
//! out on one line when it fits, else all of its own lines break. A document knows its flat width
//! and whether it must break, so deciding costs nothing; laying out is a loop, not a recursion.

/// The most columns of a line.
pub(super) const WIDTH: usize = 100;
/// The columns of one level of indentation.
pub(super) const INDENT: usize = 2;

/// A document.
#[derive(Debug)]
pub(super) struct Doc {
    node: Node,
    /// Its columns on one line.
    pub(super) flat: usize,
    /// It has a line that always breaks.
    pub(super) forced: bool,
}

#[derive(Debug)]
enum Node {
    Nothing,
    Text(String),
    /// A space, or a line's end in a broken group.
    Line,
    /// Nothing, or a line's end in a broken group.
    SoftLine,
    HardLine,
    /// A line's end and an empty line.
    EmptyLine,
    /// A comment that ends its line.
    Suffix(String),
    /// A comment between tokens, set off by spaces.
    Inline(String),
    Indent(Box<Doc>),
    Group(Box<Doc>),
    /// The first in a broken group, else the second.
    IfBroken(Box<Doc>, Box<Doc>),
    Sequence(Vec<Doc>),
}

impl Doc {
    /// Nothing.
    pub(super) fn nothing() -> Self {
        Self { node: Node::Nothing, flat: 0, forced: false }
    }

    /// Text as it is; text of several lines breaks the groups around it.
    pub(super) fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        let first = text.split('\n').next().unwrap_or("");
        let flat = first.chars().count();
        let forced = first.len() < text.len();
        Self { node: Node::Text(text), flat, forced }
    }

    /// A space, or a line's end in a broken group.
    pub(super) fn line() -> Self {
        Self { node: Node::Line, flat: 1, forced: false }
    }

    /// Nothing, or a line's end in a broken group.
    pub(super) fn soft_line() -> Self {
        Self { node: Node::SoftLine, flat: 0, forced: false }
    }

    /// A line's end.
    pub(super) fn hard_line() -> Self {
        Self { node: Node::HardLine, flat: 0, forced: true }
    }

    /// A line's end and an empty line.
    pub(super) fn empty_line() -> Self {
        Self { node: Node::EmptyLine, flat: 0, forced: true }
    }

    /// A comment that ends its line: what follows on the line is put before it.
    pub(super) fn suffix(comment: &str) -> Self {
        Self { node: Node::Suffix(comment.to_owned()), flat: 0, forced: true }
    }

    /// A comment between two tokens.
    pub(super) fn inline(comment: &str) -> Self {
        let forced = comment.contains('\n');
        Self { node: Node::Inline(comment.to_owned()), flat: comment.chars().count() + 1, forced }
    }

    /// What is inside, one level further in.
    pub(super) fn indent(inner: Self) -> Self {
        let (flat, forced) = (inner.flat, inner.forced);
        Self { node: Node::Indent(Box::new(inner)), flat, forced }
    }

    /// What is inside, on one line if it fits.
    pub(super) fn group(inner: Self) -> Self {
        let (flat, forced) = (inner.flat, inner.forced);
        Self { node: Node::Group(Box::new(inner)), flat, forced }
    }

    /// One of two, by how the group around it is laid out.
    pub(super) fn if_broken(broken: Self, flat: Self) -> Self {
        let width = flat.flat;
        Self { node: Node::IfBroken(Box::new(broken), Box::new(flat)), flat: width, forced: false }
    }

    /// One after the other.
    pub(super) fn sequence(docs: Vec<Self>) -> Self {
        let flat = docs.iter().fold(0usize, |sum, doc| sum.saturating_add(doc.flat));
        let forced = docs.iter().any(|doc| doc.forced);
        Self { node: Node::Sequence(docs), flat, forced }
    }

    /// Makes the groups around this break.
    pub(super) fn force(mut self) -> Self {
        self.forced = true;
        self
    }
}

#[derive(Clone, Copy)]
struct Command<'d> {
    doc: &'d Doc,
    indentation: usize,
    broken: bool,
}

/// Lays a document out; the text ends with a line's end unless it is empty.
pub(super) fn layout(doc: &Doc) -> String {
    let mut layout = Layout::default();
    layout.run(doc);
    layout.finish()
}

#[derive(Default)]
struct Layout {
    out: String,
    column: usize,
    /// Comments that wait for the line's end.
    suffixes: Vec<String>,
    /// The indentation that the next text gets.
    pending: usize,
    /// The last thing written was a comment between tokens.
    after_inline: bool,
}

impl Layout {
    fn run(&mut self, doc: &Doc) {
        let mut stack = vec![Command { doc, indentation: 0, broken: true }];
        while let Some(command) = stack.pop() {
            let Command { doc, indentation, broken } = command;
            match &doc.node {
                Node::Nothing => {}
                Node::Text(text) => self.text(text),
                Node::Line if !broken => self.space(),
                Node::SoftLine if !broken => {}
                Node::Line | Node::SoftLine | Node::HardLine => self.new_line(indentation),
                Node::EmptyLine => {
                    self.new_line(indentation);
                    self.out.push('\n');
                }
                Node::Suffix(comment) => self.suffixes.push(comment.clone()),
                Node::Inline(comment) => self.inline(comment),
                Node::Indent(inner) => {
                    stack.push(Command { doc: inner, indentation: indentation + INDENT, broken });
                }
                Node::Group(inner) => {
                    let broken = inner.forced || !self.fits(inner, &stack);
                    stack.push(Command { doc: inner, indentation, broken });
                }
                Node::IfBroken(when_broken, when_flat) => {
                    let doc = if broken { when_broken } else { when_flat };
                    stack.push(Command { doc, indentation, broken });
                }
                Node::Sequence(docs) => {
                    stack.extend(docs.iter().rev().map(|doc| Command { doc, indentation, broken }));
                }
            }
        }
    }

    /// Tells whether `doc` and what follows up to the next line's end fit on the line.
    fn fits(&self, doc: &Doc, stack: &[Command<'_>]) -> bool {
        let start = self.column.max(self.pending);
        let Some(mut left) = WIDTH.checked_sub(start + doc.flat) else { return false };
        let mut rest: Vec<Command<'_>> = Vec::new();
        let mut outer = stack.iter().rev();
        while let Some(command) = rest.pop().or_else(|| outer.next().copied()) {
            let Command { doc, indentation, broken } = command;
            let width = match &doc.node {
                Node::Line | Node::SoftLine if broken => return true,
                Node::HardLine | Node::EmptyLine => return true,
                Node::Text(text) if text.contains('\n') => return doc.flat <= left,
                Node::Nothing | Node::Text(_) | Node::Line | Node::SoftLine | Node::Inline(_) => {
                    doc.flat
                }
                Node::Suffix(_) => 0,
                Node::Group(inner) => {
                    // What follows may break by itself.
                    rest.push(Command { doc: inner, indentation, broken: true });
                    0
                }
                Node::Indent(inner) => {
                    rest.push(Command { doc: inner, indentation, broken });
                    0
                }
                Node::IfBroken(when_broken, when_flat) => {
                    let doc = if broken { when_broken } else { when_flat };
                    rest.push(Command { doc, indentation, broken });
                    0
                }
                Node::Sequence(docs) => {
                    rest.extend(docs.iter().rev().map(|doc| Command { doc, indentation, broken }));
                    0
                }
            };
            match left.checked_sub(width) {
                Some(less) => left = less,
                None => return false,
            }
        }
        true
    }

    fn text(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        self.indent();
        if self.after_inline && !text.starts_with([' ', ',', ')', ']', '\n']) {
            self.out.push(' ');
            self.column += 1;
        }
        self.after_inline = false;
        self.out.push_str(text);
        match text.rsplit_once('\n') {
            Some((_, last)) => self.column = last.chars().count(),
            None => self.column += text.chars().count(),
        }
    }

    fn space(&mut self) {
        self.indent();
        self.after_inline = false;
        self.out.push(' ');
        self.column += 1;
    }

    fn inline(&mut self, comment: &str) {
        let at_start = self.out.is_empty() || self.out.ends_with([' ', '\n', '(', '[']);
        if !at_start && self.pending == 0 {
            self.out.push(' ');
            self.column += 1;
        }
        self.after_inline = false;
        self.text(comment);
        self.after_inline = true;
    }

    fn indent(&mut self) {
        if self.pending > 0 {
            self.out.extend(std::iter::repeat_n(' ', self.pending));
            self.column += self.pending;
            self.pending = 0;
        }
    }

    fn new_line(&mut self, indentation: usize) {
        self.end_line();
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        self.column = 0;
        self.pending = indentation;
        self.after_inline = false;
    }

    fn end_line(&mut self) {
        for suffix in std::mem::take(&mut self.suffixes) {
            self.trim();
            if !self.out.is_empty() && !self.out.ends_with('\n') {
                self.out.push(' ');
            } else {
                self.indent();
            }
            self.out.push_str(&suffix);
        }
        self.trim();
    }

    fn trim(&mut self) {
        let length = self.out.trim_end_matches(' ').len();
        self.out.truncate(length);
    }

    fn finish(mut self) -> String {
        self.end_line();
        let length = self.out.trim_end_matches('\n').len();
        self.out.truncate(length);
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        self.out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(items: &[&str]) -> Doc {
        let mut inner = vec![Doc::soft_line()];
        for (index, item) in items.iter().enumerate() {
            inner.push(Doc::text(*item));
            if index + 1 < items.len() {
                inner.extend([Doc::text(","), Doc::line()]);
            }
        }
        Doc::group(Doc::sequence(vec![
            Doc::text("["),
            Doc::indent(Doc::sequence(inner)),
            Doc::soft_line(),
            Doc::text("]"),
        ]))
    }

    #[test]
    fn a_group_breaks_when_it_does_not_fit() {
        assert_eq!(layout(&list(&["a", "b"])), "[a, b]\n");
        let long = "x".repeat(60);
        let broken = format!("[\n  {long},\n  {long}\n]\n");
        assert_eq!(layout(&list(&[&long, &long])), broken);
    }

    #[test]
    fn a_suffix_waits_for_the_end_of_its_line() {
        let doc = Doc::sequence(vec![
            Doc::text("a"),
            Doc::suffix("// c"),
            Doc::text(","),
            Doc::hard_line(),
            Doc::text("b"),
        ]);
        assert_eq!(layout(&doc), "a, // c\nb\n");
    }
}
