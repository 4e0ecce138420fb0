//! What a declaration is made of, for completion: providers and their types, components, and types of values.
//!
//! Takes the analysis and the cursor of a list of completions; adds to it.

use syncline_model::{Mode, Str};

use super::complete::List;
use super::completion::CompletionKind;
use crate::resolve::Named;

impl List<'_, '_> {
    pub(super) fn providers(&mut self, suffix: &str) {
        for name in self.analysis.world.providers() {
            let schema = self.analysis.world.schema(&name);
            let doc = schema.map(|schema| schema.description.clone()).unwrap_or_default();
            self.add(&name, CompletionKind::Provider, String::new(), &doc, 0);
            if !suffix.is_empty() {
                self.snippet(format!("{name}{suffix}"));
            }
        }
    }

    pub(super) fn components(&mut self, folder: Option<&Str>) {
        let project = &self.analysis.project;
        let own = self.analysis.module_around(self.cursor);
        let module = match folder {
            Some(alias) => project.folder_module(own, alias),
            None => Some(own),
        };
        let names = module.map(|module| &project.module(module).components);
        for (name, id) in names.into_iter().flatten() {
            let doc = project.layer_doc(*id);
            self.add(name, CompletionKind::Type, "component".to_owned(), &doc, 0);
        }
        if folder.is_none() {
            let named = project.module(own).names.iter();
            let folders = named.filter(|(_, named)| matches!(named, Named::Folder(_)));
            folders.for_each(|(alias, _)| {
                self.add(alias, CompletionKind::Module, String::new(), "", 1);
            });
        }
    }

    pub(super) fn resource_types(&mut self, provider: Option<&str>, mode: Mode) {
        let names = match provider {
            Some(name) => vec![Str::from(name)],
            None => self.analysis.world.providers(),
        };
        for name in names {
            let Some(schema) = self.analysis.world.schema(&name) else { continue };
            let kinds = schema.types(mode);
            for (kind, resource) in kinds {
                let label =
                    if provider.is_some() { kind.to_string() } else { format!("{name}.{kind}") };
                if self.wants(&label) {
                    let detail = format!("{name}.{kind}");
                    self.add(&label, CompletionKind::Type, detail, &resource.description, 0);
                    let required = resource.block.attributes.iter().filter(|(_, own)| own.required);
                    let lines: Vec<String> = required
                        .enumerate()
                        .map(|(at, (name, _))| format!("  {name} = ${}\n", at + 2))
                        .collect();
                    self.snippet(format!("{label} ${{1:name}} {{\n{}  $0\n}}", lines.concat()));
                }
            }
        }
    }

    pub(super) fn types(&mut self) {
        for word in ["string", "int", "number", "bool", "any"] {
            self.add(word, CompletionKind::Type, String::new(), "", 1);
        }
        let own = self.analysis.module_around(self.cursor);
        let module = self.analysis.project.module(own);
        self.analysis.project.types.iter().for_each(|((from, name), ty)| {
            let folder = Named::Folder(*from);
            let alias = module.names.iter().find(|(_, named)| **named == folder);
            let label = match alias {
                _ if *from == own => name.to_string(),
                Some((alias, _)) => format!("{alias}.{name}"),
                None => return,
            };
            self.add(&label, CompletionKind::Type, ty.to_string(), "", 0);
        });
    }
}
