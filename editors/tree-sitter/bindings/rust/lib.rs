//! The grammar of `.sync` files for tree-sitter.

use tree_sitter_language::LanguageFn;

unsafe extern "C" {
    fn tree_sitter_syncline() -> *const ();
}

/// The language.
pub const LANGUAGE: LanguageFn = unsafe { LanguageFn::from_raw(tree_sitter_syncline) };

/// What is coloured as what.
pub const HIGHLIGHTS_QUERY: &str = include_str!("../../queries/highlights.scm");
