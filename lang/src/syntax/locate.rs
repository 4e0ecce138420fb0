//! Where in a file an offset stands: in which item, in which layer, in which member.
//!
//! Takes text and an offset and returns the starts of what is around it. It only cuts the text, as
//! the parser does first, and parses nothing: a file of a megabyte takes a few milliseconds, and what
//! does not parse has its place all the same.

use syncline_model::FileId;

use super::scanner;

/// What is around an offset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Around {
    /// The start of the item that holds the offset or ends before it on the same line.
    pub(crate) item: Option<usize>,
    /// Where the body of that item opens, when it is a layer and the offset is inside.
    pub(crate) open: Option<usize>,
    /// The start of the last member of that layer that begins before the offset.
    pub(crate) member: Option<usize>,
}

/// Returns what is around an offset.
pub(crate) fn around(text: &str, offset: usize) -> Around {
    let outline = scanner::scan(FileId(0), text);
    let after = outline.items.partition_point(|item| item.slice.start < offset);
    let Some(item) = after.checked_sub(1).map(|at| &outline.items[at]) else {
        return Around::default();
    };
    let gap = text.get(item.slice.end..offset).unwrap_or_default();
    let closed = text.get(..item.slice.end).is_some_and(|text| text.ends_with('}'));
    if offset > item.slice.end && (gap.contains('\n') || closed) && !is_open(item, closed) {
        return Around::default();
    }
    let mut around = Around { item: Some(item.slice.start), open: None, member: None };
    // A body that nothing opens begins with its first member.
    let begins = |open: usize, members: &std::ops::Range<usize>| match item.is_unopened {
        true => outline.members[members.clone()].first().is_some_and(|own| own.start <= offset),
        false => open < offset,
    };
    if let Some((open, members)) = &item.layer
        && begins(*open, members)
        && !(closed && offset >= item.slice.end)
    {
        around.open = Some(*open);
        let members = &outline.members[members.clone()];
        let before = members.partition_point(|member| member.start < offset);
        around.member = before.checked_sub(1).map(|at| members[at].start);
    }
    around
}

/// Tells whether a layer's body goes on to the end of what is there.
fn is_open(item: &scanner::ItemSlice, closed: bool) -> bool {
    let is_body = |members: &std::ops::Range<usize>| !(item.is_unopened && members.is_empty());
    item.layer.as_ref().is_some_and(|(_, members)| is_body(members)) && !closed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_placed_in_whole_and_in_broken_text() {
        let text = "environment dev {\n  param a: int = 1\n  resource x.y z {\n    b = \n";
        let found = around(text, text.len());
        assert_eq!(found.item, Some(0));
        assert_eq!(found.open, text.find('{'));
        assert_eq!(found.member, text.find("resource"));
        assert_eq!(around("environment dev {\n}\n\n", 20), Around::default());
        assert_eq!(around("use std.", 8).item, Some(0));
        let unopened = "environment dev\n  param a: int = 1\n}\n";
        assert_eq!(around(unopened, 15).open, None);
        assert_eq!(around(unopened, 20).member, unopened.find("param"));
    }
}
