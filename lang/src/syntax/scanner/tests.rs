//! Where the scanner cuts.

use syncline_model::FileId;

use super::scan;

/// Returns the texts of the items and of the members.
fn cut(text: &str) -> (Vec<&str>, Vec<&str>) {
    let outline = scan(FileId(0), text);
    assert_eq!(outline.diagnostics, []);
    let items = outline.items.iter().map(|item| &text[item.slice.start..item.slice.end]).collect();
    let members = outline.members.iter().map(|member| &text[member.start..member.end]).collect();
    (items, members)
}

#[test]
fn items_end_where_the_next_begins() {
    let (items, _) = cut(
        "use a\ntype T = \"a\"\n  | \"b\"\nenvironment x\n  extends y with a,\n  b {\n}\nuse c",
    );
    assert_eq!(
        items,
        [
            "use a",
            "type T = \"a\"\n  | \"b\"",
            "environment x\n  extends y with a,\n  b {\n}",
            "use c"
        ]
    );
}

#[test]
fn members_end_at_line_ends_and_commas() {
    let (_, members) = cut(
        "environment x {\n  a = 1, b = 2 // c\n  let c = if a\n    then b\n    else { d = 1 }\n  d =\n    3\n  e { f = 1\n }\n}",
    );
    assert_eq!(
        members,
        [
            "a = 1",
            "b = 2",
            "let c = if a\n    then b\n    else { d = 1 }",
            "d =\n    3",
            "e { f = 1\n }"
        ]
    );
}

#[test]
fn brackets_in_strings_and_comments_do_not_count() {
    let (items, members) = cut(
        "environment x {\n  a = \"}${ \"}\" }\" /* } */ // }\n  b = \"\"\"\n}\n\"\"\"\n}\nuse c",
    );
    assert_eq!(items.len(), 2);
    assert_eq!(members.len(), 2);
}
