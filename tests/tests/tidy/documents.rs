//! What the documents show of the language is of the language: every `sync` block parses.
//!
//! A block is a file, members of an environment, entries of a body, or an expression. On the page of
//! a diagnostic the last block is the mended one; those before it may be wrong.

use syncline_lang::syntax;
use syncline_model::{Diagnostic, FileId};

use crate::{files, report};

/// Returns the `sync` blocks of a text, each with the number of its first line.
fn blocks(text: &str) -> Vec<(usize, String)> {
    let mut blocks = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (index, line) in text.lines().enumerate() {
        match &mut open {
            Some(_) if line.trim_start().starts_with("```") => blocks.extend(open.take()),
            Some((_, block)) => {
                block.push_str(line);
                block.push('\n');
            }
            None if line.trim() == "```sync" => open = Some((index + 2, String::new())),
            None => {}
        }
    }
    blocks
}

/// Returns what is wrong with a block as what it fits best.
fn wrong(block: &str) -> Option<Diagnostic> {
    let file = |text: &str| {
        let (_, found) = syntax::parse(FileId(0), text);
        found.into_iter().find(Diagnostic::is_error)
    };
    let found = file(block)?;
    let inside = [
        format!("environment own extends other {{\n{block}\n}}"),
        format!("environment own {{ resource a.b c {{\n{block}\n}} }}"),
        format!("environment own {{ let own = {block} }}"),
    ];
    inside.iter().all(|text| file(text).is_some()).then_some(found)
}

#[test]
fn examples_in_documents_parse() {
    let mut offences = Vec::new();
    for file in files(&[".md"]) {
        let is_page = file.path.ends_with("docs/diagnostics.md");
        let mut above = 0;
        for part in file.text.split_inclusive("\n## ") {
            let mut own = blocks(part);
            if is_page {
                own = own.split_off(own.len().saturating_sub(1));
            }
            for (line, block) in own {
                if let Some(found) = wrong(&block) {
                    offences.push(format!("{}:{}: {}", file.path, above + line, found.message));
                }
            }
            above += part.lines().count() - 1;
        }
    }
    report("examples that are not of the language", &offences);
}
