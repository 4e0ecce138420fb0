//! What may stand at a cursor.
//!
//! Takes what stands around the cursor ([`super::cursor`]) and the analysis; returns a [`Site`]. Hover,
//! completion and signature help all start here, so that they agree.

use std::sync::Arc;

use syncline_model::{Mode, Str, Type};

use super::analysis::Analysis;
use super::cursor::{Cursor, Frame};
use super::subject::{Function, Shape, Step, Subject, path, path_before};
use super::tokens::TokenKind;

/// What may stand at a cursor.
#[derive(Clone, Debug)]
pub(super) enum Site {
    /// The first word of an item.
    Item,
    /// The name of an environment (`false`) or of an overlay (`true`) in a header.
    Layer { overlay: bool },
    /// A keyword of a header.
    Header,
    /// `use std.`: the path so far.
    Module(Vec<Str>),
    /// The first word of a member: a keyword, or the name of what is changed.
    Member,
    /// A provider's name, or behind its dot the name of a type.
    ResourceType { provider: Option<Str>, mode: Mode },
    /// A provider's name in its own declaration.
    Provider,
    /// A component, or behind an alias and a dot one of that folder.
    Component { folder: Option<Str> },
    /// A name that is being declared: there is nothing to offer.
    NewName,
    /// A type.
    Type,
    /// The name of an attribute or a field in a body or a record.
    Key { shape: Option<Shape>, used: Vec<Str>, is_body: bool },
    /// An annotation's name.
    Annotation,
    /// An argument of an annotation.
    AnnotationArgument { name: Str, shape: Option<Shape> },
    /// An expression.
    Expression(Expected),
    /// Behind a dot.
    Path(Vec<Step>),
    /// Inside of the brackets behind a path.
    Index { path: Vec<Step>, quoted: bool },
    /// The text of a string that is a value of a type.
    Text(Expected),
    /// A path in the text of a call that reads it; without one, of a folder that is brought in.
    File(Option<Expected>),
    /// The name of a provider in the project block.
    ProviderNamed,
    /// Where what is recorded is kept, in the project block.
    State,
}

/// What an expression should be.
#[derive(Clone, Debug, Default)]
pub(super) struct Expected {
    /// Its type, where that is known.
    pub(super) ty: Option<Type>,
    /// It is the value of an amendment: there is `super`.
    pub(super) amends: bool,
    /// It is an argument of this function; which one, and what stands before it.
    pub(super) call: Option<(Arc<Function>, usize)>,
}

impl Analysis {
    /// Tells what may stand at a cursor.
    pub(super) fn site(&self, cursor: &Cursor<'_>) -> Site {
        match (cursor.layer, cursor.item) {
            (None, _) if cursor.frames.len() == 1 => return header(cursor),
            (_, Some("use")) if cursor.in_text() => return Site::File(None),
            _ => {}
        }
        let mut shape: Option<Shape> = None;
        let mut annotation: Option<Str> = None;
        let mut expected = Expected::default();
        let mut in_body = true;
        for (at, frame) in cursor.frames.iter().enumerate() {
            let last = at + 1 == cursor.frames.len();
            let place = Place { analysis: self, cursor, frame, outermost: at == 0, in_body };
            if let Some(name) = &annotation
                && last
            {
                return Site::AnnotationArgument { name: name.clone(), shape };
            }
            if last {
                return place.site(shape, expected);
            }
            let next = &cursor.frames[at + 1];
            match next.open {
                "{" | "[" => {
                    if next.open == "[" && place.is_index() {
                        if at + 2 == cursor.frames.len() && next.tokens.is_empty() {
                            return Site::Index { path: path(&frame.tokens), quoted: false };
                        }
                        let text = cursor.frames.get(at + 2);
                        if at + 3 == cursor.frames.len() && text.is_some_and(|f| f.open == "\"") {
                            return Site::Index { path: path(&frame.tokens), quoted: true };
                        }
                        shape = None;
                        in_body = false;
                        continue;
                    }
                    let (inner, body) = place.inside(shape.as_ref(), next.open);
                    shape = inner;
                    in_body = body;
                    expected = Expected { ty: element(&shape, next.open), ..expected };
                }
                "(" => {
                    if frame.tokens.len() >= 2 && frame.text(frame.tokens.len() - 2) == "@" {
                        annotation = Some(frame.last().into());
                    } else {
                        expected.call = place.callee().map(|function| (function, 0));
                        shape = None;
                        in_body = false;
                    }
                }
                "${" => {
                    expected = Expected { amends: expected.amends, ..Expected::default() };
                    shape = None;
                    in_body = false;
                }
                _ => expected = place.value(shape.as_ref(), expected),
            }
        }
        Site::NewName
    }
}

/// Returns the type of what stands in a list, where the shape is that of the list.
fn element(shape: &Option<Shape>, open: &str) -> Option<Type> {
    let ty = shape.as_ref()?.ty()?.clone();
    (open == "[").then_some(ty)
}

/// Returns what the keyword of a declaration declares.
fn mode(keyword: &str) -> Mode {
    Mode::of_keyword(keyword).unwrap_or(Mode::Managed)
}

/// The heads of items.
fn header(cursor: &Cursor<'_>) -> Site {
    let frame = cursor.frame();
    let words: Vec<&str> = frame.tokens.iter().map(|token| token.text).collect();
    match (cursor.item, words.as_slice()) {
        (None, _) | (_, [] | ["abstract"]) => Site::Item,
        (Some("use"), ["use"]) => Site::Module(Vec::new()),
        (Some("use"), ["use", rest @ ..]) if rest.last() == Some(&".") => {
            let words = rest.iter().filter(|word| **word != ".");
            Site::Module(words.map(|word| (*word).into()).collect())
        }
        (Some("type"), ["type", _, "=", ..]) | (Some("fn"), [.., "->"]) => Site::Type,
        (Some("fn"), words) if words.contains(&"=") => match path_before(frame) {
            Some(steps) => Site::Path(steps),
            None => Site::Expression(Expected::default()),
        },
        (Some("fn"), _) => Site::NewName,
        (Some("type" | "project" | "use"), _) => Site::NewName,
        (_, [.., "extends" | "for"]) => Site::Layer { overlay: false },
        (_, [.., "with"]) => Site::Layer { overlay: true },
        (_, words) if words.contains(&"with") => Site::Layer { overlay: true },
        (_, [.., "environment" | "overlay" | "component"]) => Site::NewName,
        _ => Site::Header,
    }
}

/// A frame, and what is around it.
struct Place<'a, 't> {
    analysis: &'a Analysis,
    cursor: &'a Cursor<'t>,
    frame: &'a Frame<'t>,
    outermost: bool,
    /// The frame is the body of a member, an attribute or a record, rather than a value.
    in_body: bool,
}

impl Place<'_, '_> {
    /// Tells whether a `[` behind the tokens is an index rather than a list.
    fn is_index(&self) -> bool {
        let Some(last) = self.frame.tokens.last() else { return false };
        let named = last.kind == TokenKind::Word
            && !matches!(last.text, "in" | "then" | "else" | "if" | "extends")
            || last.kind == TokenKind::Group && !last.text.starts_with(['"', '{']);
        let head =
            self.outermost && matches!(self.frame.text(0), "resource" | "data" | "ephemeral");
        named && !head
    }

    fn callee(&self) -> Option<Arc<Function>> {
        let steps = path(&self.frame.tokens);
        let locals = self.cursor.locals();
        let subject = self.analysis.subject(self.cursor, &locals, &steps)?;
        if let Subject::Function(function) = subject { Some(function) } else { None }
    }

    fn assigns(&self) -> Option<usize> {
        self.frame.tokens.iter().position(|token| matches!(token.text, "=" | "+="))
    }

    /// Returns the shape of what opens behind the tokens, and whether it is a body.
    fn inside(&self, shape: Option<&Shape>, open: &str) -> (Option<Shape>, bool) {
        let frame = self.frame;
        let is_unit = self.outermost && frame.text(0) == "unit";
        let body = open == "{" && self.in_body && (is_unit || self.assigns().is_none());
        let inner = if self.outermost {
            self.of_member()
        } else if frame.open == "[" {
            // An element of a list: the shape is that of the list's elements already.
            return (shape.cloned(), false);
        } else {
            shape.and_then(|shape| shape.child(self.analysis, frame.text(0).trim_matches('"')))
        };
        (if open == "[" { inner.map(elements) } else { inner }, body)
    }

    /// Returns the shape of the body or the value of the member.
    fn of_member(&self) -> Option<Shape> {
        let analysis = self.analysis;
        let words: Vec<&str> = self.frame.tokens.iter().map(|token| token.text).collect();
        let words: &[&str] = match words.as_slice() {
            ["final" | "secret", rest @ ..] => rest,
            all => all,
        };
        match words {
            ["project", ..] if self.cursor.layer.is_none() => {
                Some(Shape::Value(super::settings::shape()))
            }
            [keyword @ ("resource" | "data" | "ephemeral"), provider, rest @ ..] => {
                let kind: String = rest
                    .chunks(2)
                    .map_while(|pair| match pair {
                        [".", part] => Some(*part),
                        _ => None,
                    })
                    .collect::<Vec<_>>()
                    .join(".");
                let schema = analysis.schema_of(provider, &kind, mode(keyword));
                schema.map(Shape::Resource)
            }
            ["provider", provider, ..] => {
                let schema = analysis.world.schema(provider)?;
                Some(Shape::Block(Box::new(schema.config.clone())))
            }
            ["param" | "let" | "output", name, ..] => {
                let declared = analysis.declared(analysis.layer_around(self.cursor)?, name)?;
                analysis.type_of(declared, name).map(Shape::Value)
            }
            ["unit", rest @ ..] => {
                let at = rest.iter().position(|word| *word == "=")?;
                let steps =
                    path(&self.frame.tokens[self.frame.tokens.len() - rest.len() + at + 1..]);
                let module = analysis.module_around(self.cursor);
                let (module, name) = match steps.as_slice() {
                    [Step::Name(name)] => (module, name),
                    [Step::Name(alias), Step::Name(name)] => {
                        (analysis.project.folder_module(module, alias)?, name)
                    }
                    _ => return None,
                };
                analysis.project.module(module).components.get(name).copied().map(Shape::Unit)
            }
            ["ensure" | "remove" | "moved" | "forget" | "adopt", ..] => None,
            _ => {
                let end = self.assigns().unwrap_or(self.frame.tokens.len());
                let steps = path(&self.frame.tokens[..end]);
                let subject = analysis.subject(self.cursor, &[], &steps)?;
                subject.shape(analysis)
            }
        }
    }

    /// Returns what a value behind the tokens should be.
    fn value(&self, shape: Option<&Shape>, before: Expected) -> Expected {
        let frame = self.frame;
        if frame.open == "(" {
            return self.argument(before);
        }
        if frame.open == "[" {
            return before;
        }
        if self.outermost {
            let ty = self.of_member().and_then(|shape| shape.ty().cloned());
            let declares = matches!(
                frame.text(0),
                "param"
                    | "let"
                    | "output"
                    | "resource"
                    | "data"
                    | "ephemeral"
                    | "unit"
                    | "ensure"
                    | "final"
                    | "secret"
            );
            let ty = if frame.text(0) == "ensure" { Some(Type::Bool) } else { ty };
            return Expected { ty, amends: !declares, call: None };
        }
        let ty =
            shape.and_then(|shape| shape.child(self.analysis, frame.text(0).trim_matches('"')));
        Expected { ty: ty.and_then(|shape| shape.ty().cloned()), ..before }
    }

    fn argument(&self, before: Expected) -> Expected {
        let Some((function, _)) = before.call else { return before };
        let index = self.frame.entries.iter().filter(|entry| **entry == ",").count();
        let named = match (self.frame.text(0), self.frame.text(1)) {
            (name, "=") => function.signature.params.iter().find(|param| param.name == name),
            _ => None,
        };
        let ty = named.or_else(|| function.signature.param(index)).map(|param| param.ty.clone());
        Expected { ty, amends: before.amends, call: Some((function, index)) }
    }

    /// Tells what may stand at the cursor in this frame.
    fn site(&self, shape: Option<Shape>, expected: Expected) -> Site {
        let frame = self.frame;
        if self.cursor.in_text() {
            let is_path =
                |(function, at): &(Arc<Function>, usize)| super::paths::is_path(function, *at);
            return match expected.call.as_ref().is_some_and(is_path) {
                true => Site::File(Some(expected)),
                false => Site::Text(expected),
            };
        }
        if self.cursor.item == Some("project") && frame.open == "{" {
            let is_named =
                self.cursor.frames.len() == 3 && self.cursor.frames[1].text(0) == "providers";
            match (self.assigns().is_some(), frame.text(0)) {
                (false, _) if is_named => return Site::ProviderNamed,
                (true, "state") if self.cursor.frames.len() == 2 => return Site::State,
                _ => {}
            }
        }
        if frame.last() == "@" {
            return Site::Annotation;
        }
        if self.outermost
            && let Some(site) = self.declaration()
        {
            return site;
        }
        if self.names_a_type() {
            return Site::Type;
        }
        if let Some(steps) = path_before(frame) {
            return Site::Path(steps);
        }
        let is_record = frame.open == "{" && frame.text(0) != "for";
        if is_record && self.assigns().is_none() && !frame.tokens.iter().any(|t| t.text == "...") {
            let used = frame.entries.iter().map(|name| name.trim_matches('"').into()).collect();
            return Site::Key { shape, used, is_body: self.in_body };
        }
        Site::Expression(self.value(shape.as_ref(), expected))
    }

    /// Tells whether a type stands here, inside of the one that a declaration writes.
    fn names_a_type(&self) -> bool {
        let head: Vec<&str> = self.cursor.frames[0].tokens.iter().map(|own| own.text).collect();
        let head: &[&str] = match head.as_slice() {
            ["final" | "secret", rest @ ..] => rest,
            all => all,
        };
        let writes = match self.cursor.item {
            Some("type") => true,
            Some("fn") => !head.contains(&"="),
            _ => matches!(head, ["param" | "let" | "output", _, ":", ..] if !head.contains(&"=")),
        };
        let frame = self.frame;
        let in_condition = frame.tokens.iter().any(|token| token.text == "where");
        let in_list = frame.open == "[" && frame.tokens.is_empty();
        let behind = matches!(frame.last(), ":" | "->" | "|");
        let of_module = matches!(&frame.tokens[..], [.., colon, _, dot]
            if dot.text == "." && matches!(colon.text, ":" | "->" | "|"));
        let is_open = matches!(frame.open, "{" | "(" | "[");
        writes && !in_condition && is_open && (in_list || behind || of_module)
    }

    /// Tells what may stand in the head of a member.
    fn declaration(&self) -> Option<Site> {
        let tokens = &self.frame.tokens;
        let words: Vec<&str> = tokens.iter().map(|token| token.text).collect();
        if self.cursor.item == Some("test") {
            return match words.as_slice() {
                [] => Some(Site::Member),
                ["environment", "="] => Some(Site::Layer { overlay: false }),
                ["fails", ..] => Some(Site::NewName),
                _ => None,
            };
        }
        let words: &[&str] = match words.as_slice() {
            ["final" | "secret", rest @ ..] => rest,
            all => all,
        };
        Some(match words {
            [] => Site::Member,
            [keyword @ ("resource" | "data" | "ephemeral")] => {
                Site::ResourceType { provider: None, mode: mode(keyword) }
            }
            [keyword @ ("resource" | "data" | "ephemeral"), provider, .., "."] => {
                let provider = Some((*provider).into());
                Site::ResourceType { provider, mode: mode(keyword) }
            }
            ["resource" | "data" | "ephemeral", .., "if"] => return None,
            ["resource" | "data" | "ephemeral", rest @ ..] if rest.contains(&"if") => return None,
            ["resource" | "data" | "ephemeral", ..] => Site::NewName,
            ["provider"] => Site::Provider,
            ["unit", .., "="] => Site::Component { folder: None },
            ["unit", .., "=", alias, "."] => Site::Component { folder: Some((*alias).into()) },
            ["unit", rest @ ..] if rest.contains(&"if") => return None,
            ["unit", ..] => Site::NewName,
            ["remove" | "moved" | "forget" | "adopt"] => Site::Member,
            ["param" | "let" | "output", ..] if words.contains(&"=") => return None,
            ["param" | "let" | "output", _, ":", rest @ ..] if !rest.contains(&"where") => {
                Site::Type
            }
            ["param" | "let" | "output", _, ":", ..] => return None,
            ["param" | "let" | "output" | "provider", ..] => Site::NewName,
            _ => return None,
        })
    }
}

/// Returns the shape of a list's elements; a nested block's is that already.
fn elements(list: Shape) -> Shape {
    let is_list = list.ty().is_some_and(|ty| matches!(ty.bare(), Type::List(_) | Type::Set(_)));
    match list.ty().filter(|_| is_list).and_then(|ty| super::subject::inside(ty, "0")) {
        Some(element) => Shape::Value(element),
        None => list,
    }
}
