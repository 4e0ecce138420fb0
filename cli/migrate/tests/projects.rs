//! Projects in the style of public ones, and what they become.
//!
//! A case is a text file: files of a Terraform project, then what is expected: the files of the
//! new project, what was not translated, and where resources of its state went. `UPDATE_EXPECT=1`
//! rewrites what is expected. Whatever the case, the output parses, is formatted, and resolves.

#![expect(clippy::unwrap_used, reason = "a test fails where it cannot go on")]

use std::path::Path;
use std::sync::Arc;

use syncline_migrate::{Migrated, Schemas, Sources, is_source, migrate};
use syncline_model::{Attribute, Block, Field, FileId, ProviderSchema, ResourceSchema, Type};

/// Every provider has a resource `group`, and nothing else is known.
struct Groups;

impl Schemas for Groups {
    fn provider(&self, _name: &str) -> Option<Arc<ProviderSchema>> {
        let field =
            |name: &str, ty: Type| (name.into(), Field { ty: ty.optional(), optional: true });
        let rule = Type::record([field("port", Type::Int), field("protocol", Type::String)]);
        let attribute = |ty: Type| Attribute { ty, optional: true, ..Attribute::default() };
        let attributes = [
            ("rules".into(), attribute(Type::list(rule))),
            ("name".into(), attribute(Type::String)),
        ];
        let block = Block { attributes: attributes.into() };
        let schema = Arc::new(ResourceSchema { block, ..ResourceSchema::default() });
        let resources = [("group".into(), schema)].into();
        Some(Arc::new(ProviderSchema { resources, ..ProviderSchema::default() }))
    }
}

/// Returns the sections of a case: headings and texts.
fn sections(text: &str) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        if let Some(heading) = line.strip_prefix("=== ") {
            all.push((heading.to_owned(), String::new()));
        } else if let Some((_, text)) = all.last_mut() {
            text.push_str(line);
            text.push('\n');
        }
    }
    all
}

fn sources(name: &str, sections: &[(String, String)]) -> Sources {
    let place = format!("/old/{name}");
    let mut sources = Sources { name: name.to_owned(), place, ..Sources::default() };
    for (heading, text) in sections {
        if let Some(path) = heading.strip_prefix("file: ") {
            if path.ends_with(".tfstate") {
                let mut folders = path.rsplit('/').skip(1);
                let workspace = folders.next().unwrap_or("default");
                sources.workspaces.push(workspace.to_owned());
                continue;
            }
            let text = text.trim_end_matches('\n').to_owned() + "\n";
            if is_source(path) {
                sources.files.insert(path.to_owned(), text);
            } else {
                sources.others.insert(path.to_owned(), Some(text));
            }
        }
    }
    sources
}

fn render(migrated: &Migrated, sections: &[(String, String)]) -> String {
    let mut text = String::new();
    for (path, file) in &migrated.files {
        text.push_str(&format!("--- {path}\n{file}\n"));
    }
    for (path, template) in &migrated.templates {
        text.push_str(&format!("--- template {path}\n{template}\n"));
    }
    if !migrated.copies.is_empty() {
        text.push_str("--- copies\n");
        for (to, from) in &migrated.copies {
            text.push_str(&format!("{from} -> {to}\n"));
        }
    }
    if !migrated.issues.is_empty() {
        text.push_str("--- issues\n");
        for issue in &migrated.issues {
            text.push_str(&format!("{:?} {issue}\n", issue.kind).to_lowercase());
        }
    }
    for (heading, state) in sections.iter().filter(|(own, _)| own.ends_with(".tfstate")) {
        let (resources, left) = migrated.translation.read(state).unwrap();
        text.push_str(&format!("--- {}\n", heading.trim_start_matches("file: ")));
        for own in resources {
            text.push_str(&format!(
                "{} -> {} ({}{}.{})\n",
                own.was,
                own.address,
                own.provider,
                own.alias.map_or(String::new(), |alias| format!(" as {alias}")),
                own.kind
            ));
        }
        for own in left {
            text.push_str(&format!("{}: {}\n", own.was, own.why));
        }
    }
    text.trim_end().to_owned() + "\n"
}

/// Fails unless the output is what the language reads, in its one format.
fn sound(name: &str, migrated: &Migrated) {
    let mut files = Vec::new();
    for (at, (path, text)) in migrated.files.iter().enumerate() {
        let (mut file, found) = syncline_lang::syntax::parse(FileId(at as u32), text);
        assert!(found.is_empty(), "{name}: {path}: {found:#?}\n{text}");
        file.folder = path.rsplit_once('/').map_or("", |(folder, _)| folder).into();
        assert_eq!(syncline_lang::fmt::format(text).as_ref(), Ok(text), "{name}: {path}");
        files.push(file);
    }
    let (_, found) = syncline_lang::resolve(files);
    let shown: Vec<_> = found.iter().map(|own| (own.code.id, &own.message)).collect();
    assert!(shown.is_empty(), "{name}: {shown:#?}");
}

#[test]
fn every_project_becomes_what_is_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut names: Vec<_> =
        std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    assert!(names.len() >= 8, "the cases are found");
    let mut failures = Vec::new();
    for path in names {
        let text = std::fs::read_to_string(&path).unwrap();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let (given, expected) = text.split_once("=== expect\n").unwrap_or((&text, ""));
        let sections = sections(given);
        let migrated = migrate(&sources(name, &sections), &Groups);
        let got = render(&migrated, &sections);
        if update {
            let whole = format!("{}\n\n=== expect\n{got}", given.trim_end());
            std::fs::write(&path, whole).unwrap();
        } else if got != expected {
            failures.push(format!("{name}:\n{got}"));
        }
        sound(name, &migrated);
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn what_is_no_hcl_is_an_issue() {
    let mut sources = Sources::default();
    sources.files.insert("main.tf".to_owned(), "resource \"a\" {\n".to_owned());
    let migrated = migrate(&sources, &());
    assert!(migrated.issues.iter().any(|own| own.message.contains("cannot be parsed")));
}
