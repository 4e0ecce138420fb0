//! What is kept of a declaration that could not be parsed: its name.
//!
//! Takes the text of a slice that was reported; returns a declaration of the same name whose type
//! and value are error nodes, so that later stages know the name and stay silent about it, or
//! `None` when no name can be read off. It reports nothing.

use syncline_model::{Span, nearest};
use thin_vec::ThinVec;

use super::ast::{
    Amend, AmendOp, Expr, ExprKind, Function, Ident, ItemKind, Layer, LayerKind, Member,
    MemberKind, Target, TypeExpr, TypeExprKind,
};
use super::scanner::is_word;

/// Words and single other characters, with their places.
struct Words<'t> {
    text: &'t str,
    at: usize,
    span: Span,
}

impl<'t> Words<'t> {
    fn new(text: &'t str, span: Span) -> Self {
        Self { text, at: 0, span }
    }

    /// Returns the next word, without quotes, or `None` when something else follows.
    fn word(&mut self) -> Option<Ident> {
        let rest = self.text.get(self.at..)?;
        let blanks = rest.len() - rest.trim_start_matches([' ', '\t', '"', '.']).len();
        let start = self.at + blanks;
        let bytes = self.text.as_bytes();
        let length = bytes[start..].iter().take_while(|byte| is_word(**byte)).count();
        if length == 0 || bytes[start].is_ascii_digit() {
            return None;
        }
        self.at = start + length;
        let span = Span::new(
            self.span.file,
            self.span.start + start as u32,
            self.span.start + self.at as u32,
        );
        Some(Ident { name: self.text[start..self.at].into(), span })
    }

    /// Returns the last word before a bracket, a `=` or a word of the header's own.
    fn last_word(&mut self) -> Option<Ident> {
        let mut last = None;
        while let Some(word) = self.word() {
            if matches!(word.name.as_str(), "if" | "as" | "in" | "for") {
                break;
            }
            last = Some(word);
        }
        last
    }
}

fn error_value(span: Span) -> Expr {
    Expr { span, kind: ExprKind::Error }
}

fn error_type(span: Span) -> TypeExpr {
    TypeExpr { span, kind: TypeExprKind::Error }
}

/// Returns a member of the name that `text` declares or changes.
pub(super) fn member(text: &str, span: Span) -> Option<Member> {
    let mut words = Words::new(text, span);
    let mut first = words.word()?;
    let mut is_final = false;
    if first.name == "final" {
        is_final = true;
        first = words.word()?;
    }
    let secret = first.name == "secret";
    if secret {
        first = words.word()?;
    }
    let ty = Some(Box::new(error_type(span)));
    let value = Box::new(error_value(span));
    let before = words.at;
    let kind = match first.name.as_str() {
        "param" => MemberKind::Param { name: words.word()?, secret, ty, default: Some(value) },
        "output" => MemberKind::Output { name: words.word()?, secret, ty, value },
        "let" => MemberKind::Let { name: words.word()?, ty, value },
        "resource" | "data" | "ephemeral" | "unit" => {
            MemberKind::Let { name: words.last_word()?, ty, value }
        }
        _ => {
            let assigns = text.get(before..)?.trim_start().starts_with('=');
            if !assigns {
                return None;
            }
            let target = Target { name: first, steps: ThinVec::new() };
            MemberKind::Amend(Box::new(Amend { target, op: AmendOp::Set(*value) }))
        }
    };
    Some(Member { span, doc: None, is_final, kind })
}

/// Returns an item of the name that `text` declares.
pub(super) fn item(text: &str, span: Span) -> Option<ItemKind> {
    let mut words = Words::new(text, span);
    match words.word()?.name.as_str() {
        "type" => Some(ItemKind::Type { name: words.word()?, ty: error_type(span) }),
        "project" => Some(ItemKind::Project { name: words.word()?, settings: ThinVec::new() }),
        "fn" => Some(ItemKind::Function(Function {
            name: words.word()?,
            generics: Vec::new(),
            params: Vec::new(),
            result: error_type(span),
            body: Some(error_value(span)),
        })),
        _ => None,
    }
}

/// Returns a layer of the kind and name that `text` declares; on what it stands is not known.
pub(super) fn layer(text: &str, span: Span) -> Option<Layer> {
    let mut words = Words::new(text, span);
    let mut keyword = words.word()?.name;
    let is_abstract = keyword == "abstract";
    if is_abstract {
        keyword = words.word()?.name;
    }
    let kinds = ["environment", "overlay", "component"];
    let kind = if keyword == "test" { None } else { nearest(&keyword, kinds) };
    let name = words.word()?;
    let kind = match (keyword.as_str(), kind) {
        ("test", _) => LayerKind::Test,
        ("component", _) | (_, Some("component")) => LayerKind::Component,
        ("overlay", _) | (_, Some("overlay")) => LayerKind::Overlay { target: name.clone() },
        _ => LayerKind::Environment { is_abstract, keys: None, extends: None, with: Vec::new() },
    };
    Some(Layer { name, kind, is_cut: true, members: Vec::new() })
}
