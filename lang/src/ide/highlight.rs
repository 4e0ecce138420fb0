//! What each name in a file is, for colours: semantic tokens.
//!
//! Keywords, strings and comments are left to the editor's grammar, which knows them without help.

use syncline_model::{FileId, Span};

use super::analysis::Analysis;
use super::occurrence::{Occurrence, Role};
use super::walk::walk;
use crate::stdlib;
use crate::syntax::ast::MemberKind;

/// A coloured name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Highlight {
    /// Where.
    pub span: Span,
    /// As what.
    pub kind: HighlightKind,
    /// It is declared here.
    pub declares: bool,
}

/// What a name is coloured as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HighlightKind {
    /// An environment or an overlay.
    Layer,
    /// A type, or the type of a resource.
    Type,
    /// A module of the library.
    Module,
    /// A parameter.
    Param,
    /// A `let`, an output or a local variable.
    Variable,
    /// A resource or a data source.
    Resource,
    /// An attribute or a field.
    Property,
    /// A function.
    Function,
    /// An annotation.
    Annotation,
}

/// Every kind, in the order of its number.
pub const KINDS: [HighlightKind; 9] = [
    HighlightKind::Layer,
    HighlightKind::Type,
    HighlightKind::Module,
    HighlightKind::Param,
    HighlightKind::Variable,
    HighlightKind::Resource,
    HighlightKind::Property,
    HighlightKind::Function,
    HighlightKind::Annotation,
];

/// Returns the names of a file that are known, in the order of the source.
#[must_use]
pub fn highlights(analysis: &Analysis, file: FileId) -> Vec<Highlight> {
    let Some(tree) = analysis.tree(file) else { return Vec::new() };
    let mut found = Vec::new();
    walk(tree, &mut |occurrence| {
        if let Some((kind, declares)) = analysis.kind_of(&occurrence)
            && !analysis.is_quoted(occurrence.span)
        {
            found.push(Highlight { span: occurrence.span, kind, declares });
        }
    });
    found.sort_by_key(|highlight| (highlight.span.start, highlight.span.end));
    // Colours must not lie over one another.
    let mut end = 0;
    found.retain(|highlight| {
        let free = highlight.span.start >= end && highlight.span.start < highlight.span.end;
        if free {
            end = highlight.span.end;
        }
        free
    });
    found
}

impl Analysis {
    /// A quoted name keeps the colour of strings.
    fn is_quoted(&self, span: Span) -> bool {
        self.sources.text(span).starts_with('"')
    }

    fn kind_of(&self, occurrence: &Occurrence<'_>) -> Option<(HighlightKind, bool)> {
        Some(match &occurrence.role {
            Role::LayerDeclared => (HighlightKind::Layer, true),
            Role::Layer | Role::Component(_) => (HighlightKind::Layer, false),
            Role::TypeDeclared => (HighlightKind::Type, true),
            Role::Type | Role::TypeOf(_) | Role::ResourceType => (HighlightKind::Type, false),
            Role::ModuleDeclared => (HighlightKind::Module, true),
            Role::ModulePath | Role::Alias | Role::Provider => (HighlightKind::Module, false),
            Role::ProviderDeclared => (HighlightKind::Module, true),
            Role::ProviderOfType => (HighlightKind::Type, false),
            Role::Field => (HighlightKind::Property, true),
            Role::Declared => (self.member_kind(occurrence)?, true),
            Role::Amended | Role::Name => (self.member_kind(occurrence)?, false),
            Role::FunctionDeclared => (HighlightKind::Function, true),
            Role::Called | Role::Offered => (HighlightKind::Function, false),
            Role::Local(bound) => (HighlightKind::Variable, *bound == occurrence.span),
            Role::Access(base, _) => {
                let module = super::navigate::root(base)
                    .filter(|name| self.is_module(occurrence.span.file, name));
                let kind = match (module, stdlib::module(occurrence.name)) {
                    (Some("std"), Some(_)) => HighlightKind::Module,
                    (Some(_), _) => HighlightKind::Function,
                    (None, _) => HighlightKind::Property,
                };
                (kind, false)
            }
            Role::Attribute | Role::Key | Role::Part(_) => (HighlightKind::Property, false),
            Role::Shorthand => (self.member_kind(occurrence)?, false),
            Role::Annotation => (HighlightKind::Annotation, false),
            Role::Argument(_) => (HighlightKind::Param, false),
        })
    }

    fn is_module(&self, file: FileId, name: &str) -> bool {
        name == "std" || self.project.module(self.module_of(file)).names.contains_key(name)
    }

    fn member_kind(&self, occurrence: &Occurrence<'_>) -> Option<HighlightKind> {
        let name = occurrence.name;
        let Some(declared) = self.declared_for(occurrence) else {
            return match name {
                "super" | "it" => None,
                "environment" => Some(HighlightKind::Variable),
                _ if self.is_module(occurrence.span.file, name) => Some(HighlightKind::Module),
                _ if self.project.find_environment(name).is_some() => Some(HighlightKind::Layer),
                _ => None,
            };
        };
        Some(match self.member(declared)?.kind {
            MemberKind::Param { .. } => HighlightKind::Param,
            MemberKind::Resource(_) | MemberKind::Unit(_) => HighlightKind::Resource,
            MemberKind::Provider { .. } => HighlightKind::Module,
            MemberKind::Let { .. }
            | MemberKind::Output { .. }
            | MemberKind::Ensure { .. }
            | MemberKind::Remove { .. }
            | MemberKind::Moved { .. }
            | MemberKind::Forget { .. }
            | MemberKind::Expect { .. }
            | MemberKind::Adopt { .. }
            | MemberKind::Amend(_) => HighlightKind::Variable,
        })
    }
}
