//! What a name is where it stands.
//!
//! The words in which [`super::walk`] tells what it finds. Nothing here looks anything up.

use std::rc::Rc;

use syncline_model::Span;

use crate::syntax::ast::{self, Expr, TypeExpr};

/// A name in the source.
#[derive(Clone, Debug)]
pub(super) struct Occurrence<'a> {
    pub(super) span: Span,
    pub(super) name: &'a str,
    /// The environment, overlay or component around it.
    pub(super) layer: Option<&'a ast::Layer>,
    pub(super) role: Role<'a>,
}

/// What a name is where it stands.
#[derive(Clone, Debug)]
pub(super) enum Role<'a> {
    /// An environment or overlay is declared.
    LayerDeclared,
    /// An environment or overlay is named: `extends`, `with`, `for`.
    Layer,
    /// A type is declared.
    TypeDeclared,
    /// A type is named.
    Type,
    /// A type of another module is named, behind this alias.
    TypeOf(&'a str),
    /// The alias of a module before a type.
    Alias,
    /// The alias of a module is declared.
    ModuleDeclared,
    /// A part of a module's path in `use`.
    ModulePath,
    /// A function is declared.
    FunctionDeclared,
    /// A member is declared.
    Declared,
    /// A member is changed or taken out.
    Amended,
    /// A name in an expression that is no local variable.
    Name,
    /// A called name.
    Called,
    /// A variable of a comprehension or a keyed resource; where it is bound.
    Local(Span),
    /// What stands behind a dot in an expression, with the variables that are seen there.
    Access(&'a Expr, Locals<'a>),
    /// A part of a resource's type.
    ResourceType,
    /// A provider's name.
    Provider,
    /// A provider's name, which a resource's type starts with.
    ProviderOfType,
    /// A provider is named in the project block.
    ProviderDeclared,
    /// A function of a provider.
    Offered,
    /// An attribute in the body of a resource or a provider.
    Attribute,
    /// An attribute that is also the name of the member that it is set to.
    Shorthand,
    /// The path of a component; this is its last part, or the alias before it.
    Component(&'a [ast::Ident]),
    /// A name in the body of a unit or of what may be one: something of the component. Or a name in a record: a field.
    Part(Owner<'a>),
    /// A key of a map or record.
    Key,
    /// A field of a record type is declared.
    Field,
    /// The name of an annotation.
    Annotation,
    /// The name of an argument in a call of this.
    Argument(&'a Expr),
}

/// Whose body a name is in, or behind whose name it stands.
#[derive(Clone, Debug)]
pub(super) enum Owner<'a> {
    /// A unit of this component.
    Component(&'a [ast::Ident]),
    /// A member of the layer, which may be a unit.
    Member(&'a str),
    /// An environment: in a test, its parameters and the outputs that are mocked.
    Environment(&'a str),
    /// A member of a component, which may be a unit.
    Inside(Rc<Owner<'a>>, &'a str),
    /// The `mocks` of a test.
    Mocks,
    /// A value of this type.
    Typed(&'a TypeExpr),
    /// An element of something.
    Element(Rc<Owner<'a>>),
}

/// The variables that are seen somewhere, the innermost first.
pub(super) type Locals<'a> = Option<Rc<Bound<'a>>>;

/// A variable, and those that are seen beside it.
#[derive(Debug)]
pub(super) struct Bound<'a> {
    pub(super) name: &'a str,
    pub(super) span: Span,
    /// What it goes through, where it goes through something.
    pub(super) source: Option<Source<'a>>,
    /// Its type, where one is written.
    pub(super) ty: Option<&'a TypeExpr>,
    pub(super) outer: Locals<'a>,
}

/// What a variable goes through.
#[derive(Clone, Debug)]
pub(super) struct Source<'a> {
    pub(super) expr: &'a Expr,
    /// The variables that are seen there.
    pub(super) locals: Locals<'a>,
    pub(super) nth: Nth,
}

/// Which of the variables of `for` one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nth {
    /// The only one: an element, or a key.
    Only,
    /// The first of two: a position, or a key.
    First,
    /// The second of two: an element, or a value.
    Second,
}

/// Finds a variable by its name.
pub(super) fn local<'l, 'a>(locals: &'l Locals<'a>, name: &str) -> Option<&'l Bound<'a>> {
    let mut next = locals.as_ref();
    while let Some(bound) = next {
        if bound.name == name {
            return Some(bound);
        }
        next = bound.outer.as_ref();
    }
    None
}
