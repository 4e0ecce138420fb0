//! What a file declares, as a tree: document symbols.

use syncline_model::Span;

use super::analysis::declares;
use crate::syntax::ast::{self, ItemKind, MemberKind};

/// A declaration or a change, with what is inside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// Its name.
    pub name: String,
    /// What it is, such as a resource's type.
    pub detail: String,
    /// Which kind.
    pub kind: SymbolKind,
    /// All of it.
    pub whole: Span,
    /// Its name's place.
    pub span: Span,
    /// What it holds.
    pub children: Vec<Symbol>,
}

/// The kinds of symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SymbolKind {
    /// The project.
    Project,
    /// An environment.
    Environment,
    /// An overlay.
    Overlay,
    /// A component.
    Component,
    /// A type.
    Type,
    /// A function.
    Function,
    /// A parameter.
    Param,
    /// A `let`.
    Let,
    /// A resource or a data source.
    Resource,
    /// A provider's configuration.
    Provider,
    /// An output.
    Output,
    /// A change of something inherited.
    Amendment,
}

/// Returns what a file declares, in the order of the source.
#[must_use]
pub fn symbols(file: &ast::File) -> Vec<Symbol> {
    file.items.iter().filter_map(item).collect()
}

fn item(item: &ast::Item) -> Option<Symbol> {
    let (name, kind, detail, children) = match &item.kind {
        ItemKind::Project { name, .. } => (name, SymbolKind::Project, String::new(), Vec::new()),
        ItemKind::Type { name, .. } => (name, SymbolKind::Type, String::new(), Vec::new()),
        ItemKind::Function(function) => {
            (&function.name, SymbolKind::Function, String::new(), Vec::new())
        }
        ItemKind::Use { .. } | ItemKind::Import { .. } => return None,
        ItemKind::Layer(layer) => {
            let (kind, detail) = match &layer.kind {
                ast::LayerKind::Environment { extends, .. } => {
                    let extends = extends.as_ref().map(|name| format!("extends {}", name.name));
                    (SymbolKind::Environment, extends.unwrap_or_default())
                }
                ast::LayerKind::Overlay { target } => {
                    (SymbolKind::Overlay, format!("for {}", target.name))
                }
                ast::LayerKind::Test => (SymbolKind::Function, "test".to_owned()),
                ast::LayerKind::Component => (SymbolKind::Component, String::new()),
            };
            (
                &layer.name,
                kind,
                detail,
                layer.members.iter().filter_map(|own| member(own)).collect(),
            )
        }
    };
    let name_text = name.name.to_string();
    Some(Symbol { name: name_text, detail, kind, whole: item.span, span: name.span, children })
}

fn member(member: &ast::Member) -> Option<Symbol> {
    let (kind, detail) = match &member.kind {
        MemberKind::Param { .. } => (SymbolKind::Param, String::new()),
        MemberKind::Let { .. } => (SymbolKind::Let, String::new()),
        MemberKind::Output { .. } => (SymbolKind::Output, String::new()),
        MemberKind::Provider { .. } => (SymbolKind::Provider, String::new()),
        MemberKind::Resource(resource) => {
            let parts: Vec<&str> = resource.type_name.iter().map(|own| own.name.as_str()).collect();
            (SymbolKind::Resource, parts.join("."))
        }
        MemberKind::Unit(unit) => {
            let parts: Vec<&str> = unit.component.iter().map(|own| own.name.as_str()).collect();
            (SymbolKind::Resource, parts.join("."))
        }
        MemberKind::Amend(_) => (SymbolKind::Amendment, "changed".to_owned()),
        MemberKind::Remove { .. } => (SymbolKind::Amendment, "taken out".to_owned()),
        MemberKind::Ensure { .. }
        | MemberKind::Moved { .. }
        | MemberKind::Forget { .. }
        | MemberKind::Expect { .. }
        | MemberKind::Adopt { .. } => return None,
    };
    let name = declares(member).or_else(|| member.change().map(|(target, _)| &target.name))?;
    Some(Symbol {
        name: name.name.to_string(),
        detail,
        kind,
        whole: member.span,
        span: name.span,
        children: Vec::new(),
    })
}
