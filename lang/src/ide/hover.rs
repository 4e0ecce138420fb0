//! What a name under the cursor is.
//!
//! Takes the analysis and the text as it is now; returns Markdown: what it is with its type, its
//! documentation, its value in each environment, and where that came from. Secrets show as
//! `(secret)`, as everywhere.

use std::fmt::Write as _;

use syncline_model::{Attribute, Path, Type, Value};

use super::analysis::{Analysis, Declared, Found};
use super::cursor::{Buffer, Cursor};
use super::site::Site;
use super::subject::{Function, Shape, Step, Subject};
use crate::resolve::LayerId;
use crate::stdlib;
use crate::syntax::ast::MemberKind;

/// What is shown of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    /// Markdown.
    pub markdown: String,
    /// Where the name starts.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
}

/// The most characters of a value or a type on a line.
const LONGEST: usize = 100;
/// The most environments whose values are shown.
const MOST: usize = 8;

/// Returns what is known of the name at an offset.
#[must_use]
pub fn hover(analysis: &Analysis, buffer: Buffer<'_>, offset: usize) -> Option<Hover> {
    let end = word_end(buffer.text, offset);
    let cursor = Cursor::read(buffer, end).filter(|cursor| !cursor.word.is_empty())?;
    let markdown = analysis.described(&cursor)?;
    Some(Hover { markdown, start: cursor.start, end: cursor.start + cursor.word.len() })
}

/// Returns the end of the word that an offset is in.
pub(super) fn word_end(text: &str, offset: usize) -> usize {
    let offset = super::cursor::floor(text, offset);
    let rest = &text[offset..];
    offset + rest.find(|c| !super::tokens::is_word(c)).unwrap_or(rest.len())
}

impl Analysis {
    fn described(&self, cursor: &Cursor<'_>) -> Option<String> {
        let word = cursor.word;
        match self.site(cursor) {
            Site::Layer { .. } => self.layer_section(self.project.find(word)?),
            Site::Type => self.ty(cursor),
            Site::Module(_) => module(word),
            Site::ResourceType { provider: None, .. } | Site::Provider => self.provider(word),
            Site::ResourceType { provider: Some(provider), mode } => {
                let schema = self.schema_of(&provider, word, mode)?;
                let head = mode.keyword();
                Some(section(&format!("{head} {provider}.{word}"), &schema.description))
            }
            Site::Component { folder: None } => {
                self.path(cursor, &[Step::Name(word.into())]).or_else(|| self.own_component(cursor))
            }
            Site::Component { folder: Some(folder) } => {
                self.path(cursor, &[Step::Name(folder), Step::Name(word.into())])
            }
            Site::Annotation => annotation(word),
            Site::Key { shape, .. } => self.key(cursor, shape.as_ref()),
            Site::Member | Site::NewName if cursor.layer.is_some() => self.named_member(cursor),
            Site::Member | Site::NewName => match self.project.find(word) {
                Some(id) if cursor.item != Some("component") => self.layer_section(id),
                _ => self.own_component(cursor).or_else(|| self.ty(cursor)),
            },
            Site::Path(mut steps) => {
                steps.push(Step::Name(word.into()));
                self.path(cursor, &steps)
            }
            Site::Expression(expected) => {
                if let Some((function, _)) = &expected.call
                    && let Some(param) =
                        function.signature.params.iter().find(|param| param.name == word)
                    && self.declared(self.layer_around(cursor)?, word).is_none()
                {
                    return Some(code(&format!("{word}: {}", param.ty)));
                }
                self.path(cursor, &[Step::Name(word.into())])
            }
            Site::AnnotationArgument { shape, .. } => self
                .key(cursor, shape.as_ref())
                .or_else(|| self.path(cursor, &[Step::Name(word.into())])),
            Site::File(None) => Some(self.folder_section(self.brought_in(cursor)?)),
            Site::ProviderNamed => self.provider(word),
            Site::Item
            | Site::Header
            | Site::Index { .. }
            | Site::Text(_)
            | Site::File(Some(_))
            | Site::State => None,
        }
    }

    /// A provider, with its address where the project says one.
    fn provider(&self, name: &str) -> Option<String> {
        let schema = self.world.schema(name)?;
        let (source, _) = self.world.source(name);
        let head = format!("provider {name} {}", schema.version);
        let head = if source.is_empty() { head } else { format!("{head} ({source})") };
        Some(section(&head, &schema.description))
    }

    /// A type of the file's module.
    fn ty(&self, cursor: &Cursor<'_>) -> Option<String> {
        let key = (self.module_around(cursor), cursor.word.into());
        let ty = self.project.types.get(&key)?;
        Some(code(&format!("type {} = {ty}", cursor.word)))
    }

    /// A component of the file's module.
    fn own_component(&self, cursor: &Cursor<'_>) -> Option<String> {
        let module = self.project.module(self.module_around(cursor));
        self.layer_section(*module.components.get(cursor.word)?)
    }

    /// An environment, an overlay or a component.
    fn layer_section(&self, id: LayerId) -> Option<String> {
        let info = self.project.layer(id);
        let named = |id| self.project.layer(id).name.as_str();
        let name = &info.name;
        let mut head = match (info.is_overlay, info.is_abstract) {
            _ if info.is_component => format!("component {name}"),
            (true, _) => format!("overlay {name}"),
            (false, true) => format!("abstract environment {name}"),
            (false, false) => format!("environment {name}"),
        };
        let word = if info.is_overlay { "for" } else { "extends" };
        if let Some(parent) = info.parent {
            let _ = write!(head, " {word} {}", named(parent));
        }
        if !info.mixins.is_empty() {
            let mixins: Vec<&str> = info.mixins.iter().copied().map(named).collect();
            let _ = write!(head, " with {}", mixins.join(", "));
        }
        Some(section(&head, &self.project.layer_doc(id)))
    }

    /// A member where it is declared or changed.
    fn named_member(&self, cursor: &Cursor<'_>) -> Option<String> {
        let name = cursor.word;
        let declared = self.declared(self.layer_around(cursor)?, name)?;
        self.member_section(declared, name)
    }

    /// A key of a body or of a record; in a body without a shape, it may stand for a member.
    fn key(&self, cursor: &Cursor<'_>, shape: Option<&Shape>) -> Option<String> {
        let name = cursor.word;
        if cursor.item == Some("project") {
            return super::settings::doc(name).map(|doc| section(name, doc));
        }
        if let Some(attribute) = shape.and_then(Shape::block).and_then(|block| block.get(name)) {
            let mut text = attribute_section(name, attribute);
            self.attribute_values(cursor, name, &mut text);
            return Some(text);
        }
        if let Some(Shape::Unit(component)) = shape
            && let Some(declared) = self.declared(*component, name)
        {
            return self.member_section(declared, name);
        }
        let field = shape.map(Shape::fields).unwrap_or_default();
        if let Some((_, field)) = field.iter().find(|(own, _)| own == name) {
            let mark = if field.optional { "?" } else { "" };
            return Some(code(&format!("{name}{mark}: {}", field.ty)));
        }
        self.path(cursor, &[Step::Name(name.into())])
    }

    /// The values of an attribute of the resource whose body the cursor is in.
    fn attribute_values(&self, cursor: &Cursor<'_>, name: &str, text: &mut String) {
        if cursor.frames.len() != 2 {
            return;
        }
        let head = &cursor.frames[0];
        let owner =
            match head.text(0) {
                "resource" | "data" | "ephemeral" => head.tokens.iter().rev().find(|token| {
                    token.kind == super::tokens::TokenKind::Word && token.text != "if"
                }),
                _ => head.tokens.first(),
            };
        let Some((owner, layer)) = owner.map(|token| token.text).zip(self.layer_around(cursor))
        else {
            return;
        };
        let Some(declared) = self.declared(layer, owner) else { return };
        let path = Path::attribute(name);
        let mut lines = Vec::new();
        for (environment, found) in self.found(declared, owner) {
            let Found::Resources(resources) = found else { continue };
            // The instances of a keyed resource are many: one stands for them.
            let Some(resource) = resources.first() else { continue };
            let Some(value) = path.get(&resource.config) else { continue };
            let origin = resource.origins.winner(&path);
            let place = origin.map(|origin| self.shown_place(origin.span, &origin.overlay));
            let address = &resource.address;
            let shown = if resources.len() > 1 {
                format!("{environment}:{address}")
            } else {
                environment.to_string()
            };
            lines.push((shown, cut(&value.to_string()), place.unwrap_or_default()));
        }
        values(&lines, text);
    }

    fn path(&self, cursor: &Cursor<'_>, steps: &[Step]) -> Option<String> {
        let subject = self.subject(cursor, &cursor.locals(), steps);
        let word = cursor.word;
        match subject? {
            Subject::Std => Some(section("std", "The standard library.")),
            Subject::Module(found) => module(found.name),
            Subject::Function(function) => Some(function_section(&function)),
            Subject::Offered(schema) => Some(section(
                &format!("provider {} {}", schema.name, schema.version),
                &schema.description,
            )),
            Subject::Folder(module) => Some(self.folder_section(module)),
            Subject::Component(id) => self.layer_section(id),
            Subject::UnitInstance { .. } => Some(code(&format!("instance `{word}`"))),
            Subject::Environment => {
                Some(section("environment", "The environment that is evaluated."))
            }
            Subject::Other { layer, .. } => self.layer_section(layer),
            Subject::Outputs(layer) => {
                let name = &self.project.layer(layer).name;
                Some(section(&format!("{name}.outputs"), "What it was applied with last."))
            }
            Subject::Member { declared, name, .. }
            | Subject::Resource { declared, name, .. }
            | Subject::Unit { declared, name, .. }
            | Subject::Provider { declared, name, .. } => self.member_section(declared, &name),
            Subject::Instance { .. } => Some(code(&format!("instance `{word}`"))),
            Subject::Attribute { name, attribute } => Some(attribute_section(&name, &attribute)),
            Subject::Part { name, ty } => Some(code(&format!("{name}: {}", short(&ty)))),
            Subject::Local(name) => Some(code(&format!("(local) {name}"))),
        }
    }

    /// A member: its declaration, its documentation, its values and what set them.
    pub(super) fn member_section(&self, declared: Declared, name: &str) -> Option<String> {
        let member = self.member(declared)?;
        let layer = &self.project.layer(declared.layer).name;
        let ty = self.type_of(declared, name).map(|ty| format!(": {}", short(&ty)));
        let ty = ty.unwrap_or_default();
        let is_final = if member.is_final { "final " } else { "" };
        let head = match &member.kind {
            MemberKind::Param { secret: true, .. } => format!("secret param {name}{ty}"),
            MemberKind::Param { .. } => format!("param {name}{ty}"),
            MemberKind::Let { .. } => format!("let {name}{ty}"),
            MemberKind::Output { secret: true, .. } => format!("secret output {name}{ty}"),
            MemberKind::Output { .. } => format!("output {name}{ty}"),
            MemberKind::Resource(resource) => {
                let word = resource.mode.keyword();
                let parts: Vec<&str> =
                    resource.type_name.iter().map(|part| part.name.as_str()).collect();
                format!("{word} {} {name}", parts.join("."))
            }
            MemberKind::Provider { .. } => format!("provider {name}"),
            MemberKind::Unit(unit) => {
                let parts: Vec<&str> =
                    unit.component.iter().map(|part| part.name.as_str()).collect();
                format!("unit {name} = {}", parts.join("."))
            }
            MemberKind::Ensure { .. }
            | MemberKind::Remove { .. }
            | MemberKind::Moved { .. }
            | MemberKind::Forget { .. }
            | MemberKind::Expect { .. }
            | MemberKind::Adopt { .. }
            | MemberKind::Amend(_) => return None,
        };
        let mut text = section(&format!("{is_final}{head}"), &member.doc());
        let place = self.shown_place(member.span, layer);
        let _ = write!(text, "\n\nDeclared at {place}");
        let mut lines = Vec::new();
        for (environment, found) in self.found(declared, name) {
            let shown = match (found.value(), found) {
                (Some(value), _) => cut(&value.to_string()),
                (None, Found::Resources(resources)) => instances(resources.len()),
                (None, Found::Member(_) | Found::Output(_)) => continue,
            };
            let origin = found.origins().last();
            let place = origin.map(|origin| self.shown_place(origin.span, &origin.overlay));
            lines.push((environment.to_string(), shown, place.unwrap_or_default()));
        }
        values(&lines, &mut text);
        Some(text)
    }
}

fn instances(count: usize) -> String {
    if count == 1 { "1 instance".to_owned() } else { format!("{count} instances") }
}

/// Adds a table of values: environment, value, place.
fn values(lines: &[(String, String, String)], text: &mut String) {
    if lines.is_empty() {
        return;
    }
    text.push('\n');
    for (environment, value, place) in lines.iter().take(MOST) {
        let _ = write!(text, "\n- **{environment}**: `{value}`");
        if !place.is_empty() {
            let _ = write!(text, " — {place}");
        }
    }
    if lines.len() > MOST {
        let _ = write!(text, "\n- and {} more", lines.len() - MOST);
    }
}

fn code(line: &str) -> String {
    format!("```sync\n{line}\n```")
}

fn section(head: &str, doc: &str) -> String {
    if doc.is_empty() { code(head) } else { format!("{}\n\n{doc}", code(head)) }
}

fn module(name: &str) -> Option<String> {
    let module = stdlib::module(name)?;
    Some(section(&format!("use std.{}", module.name), &module.doc))
}

fn annotation(name: &str) -> Option<String> {
    let (name, _, doc) = super::completion::ANNOTATIONS.into_iter().find(|own| own.0 == name)?;
    Some(section(&format!("@{name}"), doc))
}

/// A function's signature and documentation.
pub(super) fn function_section(function: &Function) -> String {
    section(&format!("fn {}{}", function.name, function.signature), &function.doc)
}

fn attribute_section(name: &str, attribute: &Attribute) -> String {
    section(&format!("{name}: {}", short(&attribute.ty)), &attribute_doc(attribute))
}

/// What the schema says of an attribute, as Markdown.
pub(super) fn attribute_doc(attribute: &Attribute) -> String {
    let mut text = attribute.description.to_string();
    let mut facts = Vec::new();
    if attribute.required {
        facts.push("required".to_owned());
    }
    if !attribute.is_configurable() {
        facts.push("set by the provider".to_owned());
    }
    if let Some(default) = &attribute.default {
        facts.push(format!("default `{default}`"));
    }
    if attribute.requires_replace {
        facts.push("a change replaces the resource".to_owned());
    }
    if attribute.sensitive {
        facts.push("secret".to_owned());
    }
    if !facts.is_empty() {
        let gap = if text.is_empty() { "" } else { "\n\n" };
        let _ = write!(text, "{gap}*{}*", facts.join(", "));
    }
    if let Some(instead) = &attribute.deprecated {
        let _ = write!(text, "\n\n**Deprecated**: {instead}");
    }
    text
}

/// A type on one line, not too long.
pub(super) fn short(ty: &Type) -> String {
    cut(&ty.to_string())
}

/// A value on one line, not too long.
pub(super) fn short_value(value: &Value, most: usize) -> String {
    cut_to(&value.to_string(), most)
}

fn cut(text: &str) -> String {
    cut_to(text, LONGEST)
}

fn cut_to(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}...", &text[..at]),
        None => text.to_owned(),
    }
}
