//! What can be typed at a cursor.
//!
//! Takes the analysis and the text as it is now; returns what fits, each with its type and its
//! documentation. The analysis may be of a slightly older text: names come from it, the place from
//! the text. At most 200 entries return; the editor asks again as the word grows.

use syncline_model::{Attribute, Field, Literal, ResourceSchema, Str, Type};

use super::analysis::{Analysis, Found};
use super::completion::{
    ANNOTATIONS, Completion, CompletionKind, Completions, ITEMS, MEMBERS, TESTS,
};
use super::cursor::{Buffer, Cursor};
use super::site::{Expected, Site};
use super::subject::{Function, Shape, Step, Subject};
use crate::resolve::{LayerId, Named};
use crate::stdlib;
use crate::syntax::ast::MemberKind;

/// The most entries that return.
const MOST: usize = 200;

/// Returns what can be typed at an offset.
#[must_use]
pub fn complete(analysis: &Analysis, buffer: Buffer<'_>, offset: usize) -> Completions {
    let Some(cursor) = Cursor::read(buffer, offset) else { return Completions::default() };
    let mut list = List { analysis, cursor: &cursor, items: Vec::new() };
    let site = analysis.site(&cursor);
    if let Site::File(reader) = &site {
        return super::paths::complete(analysis, &cursor, reader.is_none());
    }
    list.site(site);
    let start = cursor.start;
    let mut items = list.items;
    items.retain(|item| fits(&item.label, cursor.prefix));
    items.sort_by(|left, right| {
        let key = |item: &Completion| (!item.label.starts_with(cursor.prefix), item.rank);
        key(left).cmp(&key(right)).then_with(|| left.label.cmp(&right.label))
    });
    items.dedup_by(|later, first| later.label == first.label);
    let incomplete = items.len() > MOST;
    items.truncate(MOST);
    Completions { items, start, incomplete }
}

/// Tells whether the letters of a word come in a name in that order, be they small or large.
#[must_use]
pub fn fits(name: &str, word: &str) -> bool {
    let mut letters = name.chars().map(|c| c.to_ascii_lowercase());
    word.chars().all(|c| letters.any(|own| own == c.to_ascii_lowercase()))
}

pub(super) struct List<'a, 't> {
    pub(super) analysis: &'a Analysis,
    pub(super) cursor: &'a Cursor<'t>,
    items: Vec<Completion>,
}

impl List<'_, '_> {
    pub(super) fn add(
        &mut self,
        label: &str,
        kind: CompletionKind,
        detail: String,
        doc: &str,
        rank: u8,
    ) {
        self.items.push(Completion {
            label: label.to_owned(),
            kind,
            detail,
            documentation: doc.to_owned(),
            snippet: None,
            rank,
        });
    }

    pub(super) fn snippet(&mut self, snippet: impl Into<String>) {
        if let Some(last) = self.items.last_mut() {
            last.snippet = Some(snippet.into());
        }
    }

    pub(super) fn wants(&self, label: &str) -> bool {
        fits(label, self.cursor.prefix)
    }

    fn site(&mut self, site: Site) {
        match site {
            Site::Item => {
                for (label, snippet) in ITEMS {
                    self.add(label, CompletionKind::Keyword, String::new(), "", 0);
                    self.snippet(snippet);
                }
            }
            Site::Layer { overlay } => self.layers(overlay),
            Site::Header => self.words(&["extends", "with", "for"], 0),
            Site::Module(path) if path.is_empty() => {
                self.add("std", CompletionKind::Module, String::new(), "", 0);
            }
            Site::Module(_) => self.modules(),
            Site::Member => self.members(),
            Site::ResourceType { provider, mode } => {
                self.resource_types(provider.as_deref(), mode);
            }
            Site::Provider => self.providers(""),
            Site::Component { folder } => self.components(folder.as_ref()),
            Site::NewName => {}
            Site::Type => self.types(),
            Site::Key { shape, used, is_body } => self.keys(shape.as_ref(), &used, is_body),
            Site::Annotation => {
                for (name, snippet, doc) in ANNOTATIONS {
                    self.add(name, CompletionKind::Annotation, String::new(), doc, 0);
                    self.snippet(snippet);
                }
            }
            Site::AnnotationArgument { name, shape } => self.annotation(&name, shape.as_ref()),
            Site::Expression(expected) => self.expression(&expected),
            Site::Path(steps) => self.path(&steps),
            Site::Index { path, quoted } => self.instances(&path, quoted),
            Site::Text(expected) => self.literals(expected.ty.as_ref(), true),
            Site::File(_) => {}
            Site::ProviderNamed => self.unnamed_providers(),
            Site::State => {
                for (label, snippet) in super::settings::STATES {
                    self.add(label, CompletionKind::Keyword, String::new(), "", 0);
                    self.snippet(snippet);
                }
            }
        }
    }

    /// The providers whose types the project uses, and does not name.
    fn unnamed_providers(&mut self) {
        let analysis = self.analysis;
        let used: Vec<&str> = self.cursor.frame().entries.clone();
        for name in analysis.used_providers() {
            if !used.contains(&name.as_str()) && analysis.world.schema(&name).is_none() {
                self.add(&name, CompletionKind::Provider, "used".to_owned(), "", 0);
                self.snippet(format!("{name} = {{ source = \"${{1:hashicorp/{name}}}\" }}"));
            }
        }
    }

    fn words(&mut self, words: &[&str], rank: u8) {
        for word in words {
            self.add(word, CompletionKind::Keyword, String::new(), "", rank);
        }
    }

    fn layers(&mut self, overlays: bool) {
        for layer in &self.analysis.project.layers {
            if layer.is_overlay == overlays && !layer.is_component {
                let detail = if layer.is_abstract { "abstract environment" } else { "" };
                self.add(&layer.name, CompletionKind::Layer, detail.to_owned(), "", 0);
            }
        }
    }

    fn modules(&mut self) {
        for module in stdlib::modules() {
            let detail = format!("std.{}", module.name);
            self.add(module.name, CompletionKind::Module, detail, &module.doc, 0);
        }
    }

    fn members(&mut self) {
        let is_test = self.cursor.item == Some("test");
        for (label, snippet, doc) in if is_test { &TESTS[..] } else { &MEMBERS } {
            self.add(label, CompletionKind::Keyword, String::new(), doc, 1);
            self.snippet(*snippet);
        }
        if is_test {
            return;
        }
        let analysis = self.analysis;
        let Some(layer) = analysis.layer_around(self.cursor) else { return };
        for (name, declared) in analysis.visible(layer) {
            if !self.wants(name) || self.items.len() > 20 * MOST {
                continue;
            }
            let Some(member) = analysis.member(declared) else { continue };
            let (kind, snippet) = match &member.kind {
                MemberKind::Param { .. } => (CompletionKind::Param, format!("{name} = $0")),
                MemberKind::Let { .. } => (CompletionKind::Variable, format!("{name} = $0")),
                MemberKind::Output { .. } => (CompletionKind::Output, format!("{name} = $0")),
                MemberKind::Resource(_) => {
                    (CompletionKind::Resource, format!("{name} {{\n  $0\n}}"))
                }
                MemberKind::Provider { .. } => {
                    (CompletionKind::Provider, format!("{name} {{\n  $0\n}}"))
                }
                MemberKind::Unit(_) => (CompletionKind::Resource, format!("{name} {{\n  $0\n}}")),
                MemberKind::Ensure { .. }
                | MemberKind::Remove { .. }
                | MemberKind::Moved { .. }
                | MemberKind::Forget { .. }
                | MemberKind::Expect { .. }
                | MemberKind::Adopt { .. }
                | MemberKind::Amend(_) => continue,
            };
            let from = &analysis.project.layer(declared.layer).name;
            self.add(name, kind, format!("of {from}"), &member.doc(), 0);
            self.snippet(snippet);
        }
    }

    fn keys(&mut self, shape: Option<&Shape>, used: &[Str], is_body: bool) {
        let Some(shape) = shape else {
            // A record of no known type: names stand for themselves.
            return self.expression(&Expected::default());
        };
        if let Shape::Unit(component) = shape {
            self.parts(*component, used);
        }
        let block = shape.block().map(|block| &block.attributes);
        for (name, attribute) in block.into_iter().flatten() {
            if attribute.is_configurable() && !used.contains(name) {
                self.attribute(name, attribute);
            }
        }
        for (name, field) in shape.fields().iter().filter(|(name, _)| !used.contains(name)) {
            self.field(name, field);
        }
        if is_body && shape.block().is_some() {
            for (name, snippet, doc) in ANNOTATIONS {
                self.add(&format!("@{name}"), CompletionKind::Annotation, String::new(), doc, 3);
                self.snippet(format!("@{snippet}"));
            }
            self.words(&["remove", "final"], 4);
        }
    }

    /// The members of a component that a unit may set or change.
    fn parts(&mut self, component: LayerId, used: &[Str]) {
        let analysis = self.analysis;
        for (name, declared) in analysis.visible(component) {
            let Some(member) = analysis.member(declared).filter(|_| !used.contains(name)) else {
                continue;
            };
            let (detail, rank, snippet) = match &member.kind {
                MemberKind::Param { default, .. } => {
                    let ty = analysis.type_of(declared, name).map(|ty| ty.to_string());
                    let need = if default.is_none() { "required " } else { "" };
                    let detail = format!("{need}{}", ty.unwrap_or_default());
                    (detail, u8::from(default.is_some()), format!("{name} = $0"))
                }
                MemberKind::Resource(_) | MemberKind::Unit(_) => {
                    (String::new(), 2, format!("{name} {{\n  $0\n}}"))
                }
                MemberKind::Let { .. } | MemberKind::Output { .. } => {
                    (String::new(), 3, format!("{name} = $0"))
                }
                MemberKind::Provider { .. }
                | MemberKind::Ensure { .. }
                | MemberKind::Remove { .. }
                | MemberKind::Moved { .. }
                | MemberKind::Forget { .. }
                | MemberKind::Expect { .. }
                | MemberKind::Adopt { .. }
                | MemberKind::Amend(_) => continue,
            };
            self.add(name, CompletionKind::Attribute, detail, &member.doc(), rank);
            self.snippet(snippet);
        }
    }

    fn attribute(&mut self, name: &Str, attribute: &Attribute) {
        let need = if attribute.required { "required " } else { "" };
        let detail = format!("{need}{}", attribute.ty);
        let rank = if attribute.required {
            0
        } else if attribute.deprecated.is_some() {
            2
        } else {
            1
        };
        let doc = super::hover::attribute_doc(attribute);
        self.add(name, CompletionKind::Attribute, detail, &doc, rank);
        self.snippet(match &attribute.nested {
            Some(nested)
                if matches!(
                    nested.0,
                    syncline_model::Nesting::Single | syncline_model::Nesting::Group
                ) =>
            {
                format!("{name} {{\n  $0\n}}")
            }
            Some(_) => format!("{name} = [{{\n  $0\n}}]"),
            None => format!("{name} = $0"),
        });
    }

    fn field(&mut self, name: &Str, field: &Field) {
        let mark = if field.optional { "" } else { "required " };
        let rank = u8::from(field.optional);
        let is_setting = self.cursor.item == Some("project");
        let doc = super::settings::doc(name).filter(|_| is_setting).unwrap_or_default();
        let detail = if is_setting { String::new() } else { format!("{mark}{}", field.ty) };
        self.add(name, CompletionKind::Attribute, detail, doc, rank);
        self.snippet(format!("{name} = $0"));
    }

    fn annotation(&mut self, name: &str, shape: Option<&Shape>) {
        match name {
            "replace" => {
                for word in ["create_first", "destroy_first"] {
                    self.add(word, CompletionKind::Literal, String::new(), "", 0);
                }
            }
            "after" | "replace_with" => self.names(true),
            "health" => {
                for name in crate::eval::HEALTH_ARGUMENTS {
                    self.add(name, CompletionKind::Attribute, String::new(), "", 0);
                    self.snippet(format!("{name} = $0"));
                }
            }
            "ignore" => {
                let block = shape.and_then(Shape::block).map(|block| &block.attributes);
                for (name, attribute) in block.into_iter().flatten() {
                    let detail = attribute.ty.to_string();
                    self.add(name, CompletionKind::Attribute, detail, &attribute.description, 0);
                }
            }
            _ => {}
        }
    }

    fn expression(&mut self, expected: &Expected) {
        self.literals(expected.ty.as_ref(), false);
        if let Some((function, _)) = &expected.call {
            for param in &function.signature.params {
                let label = format!("{} =", param.name);
                self.add(&label, CompletionKind::Attribute, param.ty.to_string(), "", 3);
                self.snippet(format!("{} = $0", param.name));
            }
        }
        for local in self.cursor.locals() {
            self.add(local.name, CompletionKind::Variable, "local".to_owned(), "", 0);
        }
        self.names(false);
        if expected.amends {
            let doc = "The value without this overlay.";
            self.add("super", CompletionKind::Keyword, String::new(), doc, 1);
        }
        self.add("environment", CompletionKind::Variable, "{ name: string }".to_owned(), "", 3);
        for function in &stdlib::prelude().functions {
            self.function(&function.into(), 2);
        }
        let analysis = self.analysis;
        let module = analysis.module_around(self.cursor);
        for function in analysis.functions(module) {
            self.function(&function, 1);
        }
        let module = analysis.project.module(module);
        module.names.iter().for_each(|(alias, named)| {
            if let Named::Std(module) = named {
                let doc = stdlib::module(module).map_or("", |module| module.doc.as_str());
                self.add(alias, CompletionKind::Module, format!("std.{module}"), doc, 2);
            }
        });
        self.add("std", CompletionKind::Module, String::new(), "The standard library.", 3);
        self.environments();
        for name in analysis.world.providers() {
            let Some(schema) = analysis.world.schema(&name) else { continue };
            if !schema.functions.is_empty() {
                let label = format!("{name}::");
                let doc = &schema.description;
                self.add(&label, CompletionKind::Module, "functions".to_owned(), doc, 3);
            }
        }
        self.words(&["if", "then", "else", "for", "in", "null", "true", "false"], 4);
    }

    /// The environments whose outputs an expression may read.
    fn environments(&mut self) {
        if self.cursor.item == Some("component") || self.cursor.layer.is_none() {
            return;
        }
        let project = &self.analysis.project;
        for (at, layer) in project.layers.iter().enumerate() {
            let is_other = self.cursor.layer != Some(layer.name.as_str());
            let is_concrete = !layer.is_abstract && !layer.is_overlay && !layer.is_component;
            if is_concrete && is_other && self.wants(&layer.name) {
                let doc = project.layer_doc(LayerId(at as u32));
                self.add(&layer.name, CompletionKind::Layer, "environment".to_owned(), &doc, 3);
            }
        }
    }

    /// The outputs of an environment.
    fn outputs(&mut self, environment: LayerId) {
        let analysis = self.analysis;
        for (name, declared) in analysis.visible(environment) {
            let member = analysis.member(declared);
            let member = member.filter(|own| matches!(own.kind, MemberKind::Output { .. }));
            let Some(member) = member.filter(|_| self.wants(name)) else { continue };
            let ty = analysis.type_of(declared, name);
            let detail = ty.map(|ty| super::hover::short(&ty)).unwrap_or_default();
            self.add(name, CompletionKind::Output, detail, &member.doc(), 0);
        }
    }

    /// The members that an expression of the layer may name.
    fn names(&mut self, only_resources: bool) {
        let analysis = self.analysis;
        let Some(layer) = analysis.layer_around(self.cursor) else { return };
        for (name, declared) in analysis.visible(layer) {
            if !self.wants(name) || self.items.len() > 20 * MOST {
                continue;
            }
            let Some(member) = analysis.member(declared) else { continue };
            let (kind, detail) = match &member.kind {
                MemberKind::Resource(resource) => {
                    let parts: Vec<&str> =
                        resource.type_name.iter().map(|part| part.name.as_str()).collect();
                    (CompletionKind::Resource, parts.join("."))
                }
                MemberKind::Unit(_) => (CompletionKind::Resource, "unit".to_owned()),
                _ if only_resources => continue,
                MemberKind::Param { .. } => (CompletionKind::Param, String::new()),
                MemberKind::Let { .. } => (CompletionKind::Variable, String::new()),
                MemberKind::Output { .. } => (CompletionKind::Output, String::new()),
                MemberKind::Provider { .. }
                | MemberKind::Ensure { .. }
                | MemberKind::Remove { .. }
                | MemberKind::Moved { .. }
                | MemberKind::Forget { .. }
                | MemberKind::Expect { .. }
                | MemberKind::Adopt { .. }
                | MemberKind::Amend(_) => continue,
            };
            let detail = if detail.is_empty() {
                analysis.type_of(declared, name).map_or(detail, |ty| super::hover::short(&ty))
            } else {
                detail
            };
            self.add(name, kind, detail, &member.doc(), 1);
        }
    }

    fn function(&mut self, function: &Function, rank: u8) {
        let detail = function.signature.to_string();
        self.add(&function.name, CompletionKind::Function, detail, &function.doc, rank);
        self.snippet(format!("{}($0)", function.name));
    }

    /// The values that a type allows, when they can be counted.
    #[expect(clippy::wildcard_enum_match_arm, reason = "only these types have few values")]
    fn literals(&mut self, ty: Option<&Type>, in_text: bool) {
        match ty.map(Type::bare) {
            Some(Type::Union(literals)) => {
                for literal in literals.iter() {
                    let label = match literal {
                        Literal::String(text) if in_text => text.to_string(),
                        _ if in_text => continue,
                        other => other.to_value().to_string(),
                    };
                    self.add(&label, CompletionKind::Literal, String::new(), "", 0);
                }
            }
            Some(Type::Bool) if !in_text => {
                for label in ["true", "false"] {
                    self.add(label, CompletionKind::Literal, String::new(), "", 0);
                }
            }
            _ => {}
        }
    }

    fn path(&mut self, steps: &[Step]) {
        let analysis = self.analysis;
        let locals = self.cursor.locals();
        let Some(subject) = analysis.subject(self.cursor, &locals, steps) else { return };
        match &subject {
            Subject::Std => self.modules(),
            Subject::Module(module) => {
                for function in &module.functions {
                    self.function(&function.into(), 0);
                }
            }
            Subject::Offered(schema) => {
                for (name, function) in &schema.functions {
                    self.function(&Function::offered(name, function), 0);
                }
            }
            Subject::Resource { keyed: true, .. } => self.instances(steps, true),
            Subject::Other { keyed: false, .. } => {
                let doc = "What it was applied with last.";
                self.add("outputs", CompletionKind::Output, String::new(), doc, 0);
            }
            Subject::Outputs(environment) => self.outputs(*environment),
            Subject::Unit { component: Some(component), keyed: false, .. }
            | Subject::UnitInstance { component: Some(component) } => {
                self.parts(*component, &[]);
                self.items.iter_mut().for_each(|item| item.snippet = None);
            }
            Subject::Folder(module) => {
                analysis.project.module(*module).components.keys().for_each(|name| {
                    self.add(name, CompletionKind::Type, "component".to_owned(), "", 0);
                });
                for function in analysis.functions(*module) {
                    self.function(&function, 0);
                }
            }
            Subject::Resource { schema: Some(schema), .. }
            | Subject::Instance { schema: Some(schema) } => {
                self.attributes(schema);
            }
            Subject::Environment
            | Subject::Function(_)
            | Subject::Other { .. }
            | Subject::Member { .. }
            | Subject::Provider { .. }
            | Subject::Component(_)
            | Subject::Unit { .. }
            | Subject::UnitInstance { .. }
            | Subject::Resource { .. }
            | Subject::Instance { .. }
            | Subject::Attribute { .. }
            | Subject::Part { .. }
            | Subject::Local(_) => {
                let shape = subject.ty().map(Shape::Value);
                for (name, field) in shape.iter().flat_map(Shape::fields) {
                    let detail = field.ty.to_string();
                    self.add(name, CompletionKind::Attribute, detail, "", 0);
                }
            }
        }
    }

    /// The attributes that may be read of a resource.
    fn attributes(&mut self, schema: &ResourceSchema) {
        for (name, attribute) in &schema.block.attributes {
            let detail = attribute.reference_type().to_string();
            let doc = super::hover::attribute_doc(attribute);
            self.add(name, CompletionKind::Attribute, detail, &doc, 0);
        }
    }

    /// The keys of a keyed resource's instances.
    fn instances(&mut self, steps: &[Step], quoted: bool) {
        let subject = self.analysis.subject(self.cursor, &[], steps);
        if let Some(Subject::Other { layer, .. }) = subject {
            for key in self.analysis.project.layer(layer).keys.iter().flatten() {
                let label = if quoted { key.to_string() } else { format!("\"{key}\"") };
                self.add(&label, CompletionKind::Literal, String::new(), "", 0);
            }
            return;
        }
        if let Some(Subject::Outputs(layer)) = subject {
            return self.outputs(layer);
        }
        let Some(Subject::Resource { declared, name, .. }) = subject else { return };
        for (environment, found) in self.analysis.found(declared, &name) {
            let Found::Resources(resources) = found else { continue };
            for resource in resources.iter().take(MOST) {
                let Some(key) = resource.address.key() else { continue };
                let label = if quoted { key.to_string() } else { format!("\"{key}\"") };
                self.add(&label, CompletionKind::Literal, format!("in {environment}"), "", 0);
            }
        }
    }
}
