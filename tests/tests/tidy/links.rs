//! Links of the documents: every relative one leads to a file and, with `#`, to a heading of it.

use crate::{files, report, root};

#[test]
fn relative_links_resolve() {
    let mut offences = Vec::new();
    for file in files(&[".md"]) {
        let folder = root().join(&file.path).parent().unwrap().to_path_buf();
        let mut code = false;
        for (number, line) in file.lines() {
            if line.trim_start().starts_with("```") {
                code = !code;
            }
            if code {
                continue;
            }
            for target in targets(line) {
                if target.contains("://") || target.starts_with("mailto:") {
                    continue;
                }
                let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
                let to = if path.is_empty() { root().join(&file.path) } else { folder.join(path) };
                if !to.exists() {
                    offences.push(format!("{}:{number}: {target}", file.path));
                } else if !anchor.is_empty() && !has_heading(&to, anchor) {
                    offences
                        .push(format!("{}:{number}: no heading #{anchor} in {path}", file.path));
                }
            }
        }
    }
    report("links that lead nowhere", &offences);
}

/// Returns the targets of the links in a line, code spans left out.
fn targets(line: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (index, part) in line.split('`').enumerate() {
        // Between two backquotes is code, but a link's own text may be a code span.
        if index % 2 == 1 {
            continue;
        }
        for rest in part.split("](").skip(1) {
            if let Some((target, _)) = rest.split_once(')') {
                found.push(target.trim());
            }
        }
    }
    found
}

/// Tells whether a document has a heading with that anchor, as GitHub makes them.
fn has_heading(path: &std::path::Path, anchor: &str) -> bool {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines().filter(|line| line.starts_with('#')).any(|line| {
        let title = line.trim_start_matches('#').trim().to_lowercase();
        let slug: String = title
            .chars()
            .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
            .map(|c| if c == ' ' { '-' } else { c })
            .collect();
        slug == anchor
    })
}
