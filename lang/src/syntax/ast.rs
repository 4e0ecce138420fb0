//! The typed syntax tree of `.sync` files.
//!
//! The parser takes text and returns this; every node has its span, and nothing here has been
//! looked up or checked. Where a part could not be parsed there is an [`ExprKind::Error`] and the
//! parser has said so: later stages stay silent about it. Comments are kept beside the tree, in
//! source order, so that the formatter can put them back.
//!
//! A project has millions of nodes, so they are small: lists are a pointer, and what is rare or wide
//! is behind one. Tests in `lang/src/syntax/tests.rs` hold the sizes.

use std::sync::Arc;

use syncline_model::{FileId, Mode, Number, Quantity, Span, Str};
use thin_vec::ThinVec;

pub use self::body::{
    Amend, AmendOp, Annotation, Arg, Body, BodyEntry, BodyEntryKind, Target, TargetStep,
};
pub use self::operators::{BinaryOp, CompareOp, UnaryOp};
pub use super::comment::{Comment, CommentKind};

mod body;
mod operators;

/// A name with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ident {
    /// The name, without quotes.
    pub name: Str,
    /// Where it stands.
    pub span: Span,
}

/// A whole file.
#[derive(Clone, Debug)]
pub struct File {
    /// Which file.
    pub id: FileId,
    /// The folder below the project's own that the file stands in: `team/service`, or nothing. The
    /// parser leaves it empty; who reads folders sets it.
    pub folder: Str,
    /// The declarations, in source order.
    pub items: Vec<Item>,
    /// Every comment, in source order.
    pub comments: Vec<Comment>,
}

/// A declaration at the top of a file.
#[derive(Clone, Debug)]
pub struct Item {
    /// From the first keyword to the end of the body.
    pub span: Span,
    /// The `///` text above it, lines joined by `\n`; empty when there is none.
    pub doc: Str,
    /// What it declares.
    pub kind: ItemKind,
}

/// The kinds of declaration at the top of a file.
#[derive(Clone, Debug)]
pub enum ItemKind {
    /// `project "name" { key = value ... }`
    Project {
        /// The project's name, a plain string.
        name: Ident,
        /// The settings, a record expression's entries.
        settings: ThinVec<MapEntry>,
    },
    /// `use std.cidr` or `use std.cidr as name`
    Use {
        /// The path's parts: `std`, `cidr`.
        path: Vec<Ident>,
        /// The local name; the path's last part unless `as` says otherwise.
        alias: Ident,
    },
    /// `use "./folder"` or `use "./folder" as name`
    Import {
        /// The path as written, relative to the file's own folder.
        path: Ident,
        /// The local name; the folder's own unless `as` says otherwise.
        alias: Ident,
    },
    /// `type Name = T`
    Type {
        /// The new name.
        name: Ident,
        /// What it stands for.
        ty: TypeExpr,
    },
    /// `[abstract] environment name extends parent with a, b { ... }` or
    /// `overlay name for target { ... }` or `component name { ... }`
    Layer(Layer),
    /// `fn name<T>(a: A, b: B = default, ...rest: C) -> R = e`
    Function(Function),
}

/// What a layer is.
#[derive(Clone, Debug)]
pub enum LayerKind {
    /// `environment`, planned unless abstract.
    Environment {
        /// `abstract`: only others extend it.
        is_abstract: bool,
        /// `[k in keys]`: one environment for each key.
        keys: Option<Box<Keys>>,
        /// `extends NAME`
        extends: Option<Ident>,
        /// `with NAME, NAME`
        with: Vec<Ident>,
    },
    /// `overlay ... for NAME`, a mixin.
    Overlay {
        /// What it may stand on.
        target: Ident,
    },
    /// `component NAME { ... }`, made by units.
    Component,
    /// `test "NAME" { ... }`: what is expected of an environment. No other layer knows it.
    Test,
}

/// An environment, an overlay, a component or a test.
#[derive(Clone, Debug)]
pub struct Layer {
    /// Its name.
    pub name: Ident,
    /// Which kind, and on what it stands.
    pub kind: LayerKind,
    /// Its header could not be read, which is reported: on what it stands is not known.
    pub is_cut: bool,
    /// Its members, in source order. Each stays where the parser put it: there are many.
    pub members: Vec<Box<Member>>,
}

/// A function.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its name.
    pub name: Ident,
    /// Type variables.
    pub generics: Vec<Ident>,
    /// Its parameters.
    pub params: Vec<Param>,
    /// What it returns.
    pub result: TypeExpr,
    /// What it computes; left out only where the standard library computes it itself.
    pub body: Option<Expr>,
}

/// A parameter of a function.
#[derive(Clone, Debug)]
pub struct Param {
    /// Its name.
    pub name: Ident,
    /// Its type.
    pub ty: TypeExpr,
    /// The value when the argument is left out.
    pub default: Option<Expr>,
    /// `...rest: T` takes any number of arguments of type `T`.
    pub variadic: bool,
}

/// A member of a layer.
#[derive(Clone, Debug)]
pub struct Member {
    /// From the first annotation or keyword to the end.
    pub span: Span,
    /// The `///` text above it, where there is any.
    pub doc: Option<Box<Str>>,
    /// `final` stands before it: see [`Member::final_mark`].
    pub is_final: bool,
    /// What it is.
    pub kind: MemberKind,
}

/// The kinds of member.
#[derive(Clone, Debug)]
pub enum MemberKind {
    /// `[secret] param name: T = e`
    Param {
        /// Its name.
        name: Ident,
        /// `secret param`
        secret: bool,
        /// Its type; inferred from the default when left out.
        ty: Option<Box<TypeExpr>>,
        /// Its default.
        default: Option<Box<Expr>>,
    },
    /// `let name: T = e`
    Let {
        /// Its name.
        name: Ident,
        /// Its type, inferred when left out.
        ty: Option<Box<TypeExpr>>,
        /// Its value.
        value: Box<Expr>,
    },
    /// `resource a.b name[k in keys] if cond { ... }` or `data ...`
    Resource(Box<Resource>),
    /// `unit name[k in keys] if cond = module.Component { ... }`
    Unit(Box<Unit>),
    /// `provider name as alias { ... }`
    Provider {
        /// The provider's local name.
        name: Ident,
        /// A second configuration of the same provider.
        alias: Option<Box<Ident>>,
        /// Its configuration.
        body: Box<Body>,
    },
    /// `[secret] output name: T = e`
    Output {
        /// Its name.
        name: Ident,
        /// `secret output`
        secret: bool,
        /// Its type, inferred when left out.
        ty: Option<Box<TypeExpr>>,
        /// Its value.
        value: Box<Expr>,
    },
    /// `ensure cond else "message"`
    Ensure {
        /// What must hold.
        condition: Box<Expr>,
        /// What to say when it does not.
        message: Box<Expr>,
    },
    /// `expect cond` or `expect cond else "message"`, in a test
    Expect {
        /// What must hold.
        condition: Box<Expr>,
        /// What to say when it does not.
        message: Option<Box<Expr>>,
    },
    /// `remove target`
    Remove {
        /// What is taken out.
        target: Box<Target>,
    },
    /// `moved from -> to`: the same thing under another name.
    Moved {
        /// What it was called.
        from: Box<Target>,
        /// What it is called now.
        to: Box<Target>,
    },
    /// `forget target`: managed no more, and not destroyed.
    Forget {
        /// What it was called.
        target: Box<Target>,
    },
    /// `adopt target = "id"`: taken over as it exists.
    Adopt {
        /// What it is called.
        target: Box<Target>,
        /// What identifies it to its provider.
        id: Box<Expr>,
    },
    /// `target = e`, `target += e`, `target { ... }`: changes something inherited.
    Amend(Box<Amend>),
}

/// A managed resource, a data source or an ephemeral resource.
#[derive(Clone, Debug)]
pub struct Resource {
    /// `resource`, `data` or `ephemeral`.
    pub mode: Mode,
    /// The type's parts: `aws`, `s3_bucket`.
    pub type_name: ThinVec<Ident>,
    /// Its name.
    pub name: Ident,
    /// `[k in keys]` or `[k, v in map]`
    pub keys: Option<Box<Keys>>,
    /// `if cond`
    pub condition: Option<Box<Expr>>,
    /// Its attributes and annotations.
    pub body: Body,
}

/// An instance of a component.
#[derive(Clone, Debug)]
pub struct Unit {
    /// Its name.
    pub name: Ident,
    /// `[k in keys]` or `[k, v in map]`
    pub keys: Option<Box<Keys>>,
    /// `if cond`
    pub condition: Option<Box<Expr>>,
    /// The component's path: `Web`, or `service.Web` of a module.
    pub component: ThinVec<Ident>,
    /// What it sets and changes of the component.
    pub body: Body,
}

/// `[key in source]` or `[key, value in source]` behind a name.
#[derive(Clone, Debug)]
pub struct Keys {
    /// The variable for the key, or for the element of a list.
    pub key: Ident,
    /// The variable for a map's value.
    pub value: Option<Ident>,
    /// A list of strings or of whole numbers, or a map.
    pub source: Expr,
}

/// A type as written.
#[derive(Clone, Debug)]
pub struct TypeExpr {
    /// The whole of it.
    pub span: Span,
    /// Which.
    pub kind: TypeExprKind,
}

/// The kinds of written type.
#[derive(Clone, Debug)]
pub enum TypeExprKind {
    /// `string`, `int`, `any`, a declared name, a type variable.
    Name(Str),
    /// `[T]`
    List(Box<TypeExpr>),
    /// `set [T]`
    Set(Box<TypeExpr>),
    /// `{string: T}`
    Map(Box<TypeExpr>),
    /// `{ name: T, port?: U = e }`
    Record(ThinVec<RecordField>),
    /// `"a" | "b" | 3 | true`, or the same with type names that stand for literals.
    Union(ThinVec<TypeExpr>),
    /// A literal as a type: a plain string, a whole number, or a bool.
    Literal(Box<Expr>),
    /// `(T, U) -> V`, of a function's parameter
    Function {
        /// What it takes.
        params: ThinVec<TypeExpr>,
        /// What it returns.
        result: Box<TypeExpr>,
    },
    /// `T?`
    Optional(Box<TypeExpr>),
    /// `secret T`
    Secret(Box<TypeExpr>),
    /// `T where cond`; the condition sees the value as `it`.
    Refined(Box<TypeExpr>, Box<Expr>),
    /// It could not be parsed; reported already.
    Error,
}

/// A field of a record type.
#[derive(Clone, Debug)]
pub struct RecordField {
    /// Its name.
    pub name: Ident,
    /// `name?`
    pub optional: bool,
    /// Its type.
    pub ty: TypeExpr,
    /// Its default.
    pub default: Option<Expr>,
    /// The `///` text above it.
    pub doc: Str,
}

/// An expression.
#[derive(Clone, Debug)]
pub struct Expr {
    /// The whole of it.
    pub span: Span,
    /// Which.
    pub kind: ExprKind,
}

/// The kinds of expression.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// `1_000`, `0xff`, `1.5e3`
    Number(Number),
    /// `30s`, `10GiB`, `25%`
    Quantity(Arc<Quantity>),
    /// A string without `${}`.
    String(Str),
    /// A string with `${}`, or a block of text with it.
    Template(ThinVec<Part>),
    /// `name`, also `super` and `it`.
    Name(Str),
    /// `e.name` or `e?.name`
    Member {
        /// Left of the dot.
        base: Box<Expr>,
        /// Right of it.
        name: Box<Ident>,
        /// `?.`
        optional: bool,
    },
    /// `provider::name`: a function of a provider.
    Offered {
        /// The provider's local name.
        provider: Box<Ident>,
        /// The function's.
        name: Box<Ident>,
    },
    /// `e[index]` or `e?.[index]`
    Index {
        /// Before the bracket.
        base: Box<Expr>,
        /// Inside it.
        index: Box<Expr>,
        /// `?.`
        optional: bool,
    },
    /// `f(a, b = c)`
    Call {
        /// A name, or a member of a module.
        callee: Box<Expr>,
        /// The arguments.
        args: ThinVec<Arg>,
    },
    /// `-e`, `!e`
    Unary {
        /// Which.
        op: UnaryOp,
        /// On what.
        operand: Box<Expr>,
    },
    /// `a + b` and the like, but no comparison.
    Binary {
        /// Which.
        op: BinaryOp,
        /// On what.
        operands: Box<Operands>,
    },
    /// `a < b`, `a < b <= c`: every neighbouring pair must hold.
    Compare {
        /// The first operand.
        first: Box<Expr>,
        /// The others, each with the operator before it; at least one.
        rest: ThinVec<(CompareOp, Expr)>,
    },
    /// `if c then a else b`
    If(Box<Conditional>),
    /// `match e { "a" | "b" => c, _ => d }`
    Match {
        /// What is looked at.
        subject: Box<Expr>,
        /// The arms, in source order.
        arms: ThinVec<MatchArm>,
    },
    /// `x => e`, `(x, y) => e`, as an argument only. Shared with what is called with it.
    Lambda(Arc<Lambda>),
    /// `[a, ...b]`
    List(ThinVec<ListItem>),
    /// `{ a = 1, b, "c d" = 2, ...e }`
    Map(ThinVec<MapEntry>),
    /// `[for x in xs if c: e]`, `[for k, v in m: e]`
    ListFor(Box<Comprehension>),
    /// `{for k, v in m if c: k => e}`
    MapFor(Box<Comprehension>),
    /// `(e)`; kept for the formatter.
    Paren(Box<Expr>),
    /// It could not be parsed; reported already.
    Error,
}

/// Both sides of a binary operation.
#[derive(Clone, Debug)]
pub struct Operands {
    /// Left.
    pub left: Expr,
    /// Right.
    pub right: Expr,
}

/// `if c then a else b`
#[derive(Clone, Debug)]
pub struct Conditional {
    /// The condition.
    pub condition: Expr,
    /// When it holds.
    pub then: Expr,
    /// When it does not.
    pub otherwise: Expr,
}

/// An arm of a `match`.
#[derive(Clone, Debug)]
pub struct MatchArm {
    /// From the first pattern to the value.
    pub span: Span,
    /// Literals, of which one must be equal; none for `_`, which anything is.
    pub patterns: ThinVec<Expr>,
    /// What the `match` is then.
    pub value: Expr,
}

/// A function without a name.
#[derive(Clone, Debug)]
pub struct Lambda {
    /// Its parameters.
    pub params: ThinVec<Ident>,
    /// What it computes.
    pub body: Expr,
}

/// A part of a template.
#[derive(Clone, Debug)]
pub enum Part {
    /// Text, escapes replaced.
    Text(Str),
    /// `${e}`
    Expr(Expr),
}

/// An entry of a list.
#[derive(Clone, Debug)]
pub struct ListItem {
    /// `...e`
    pub spread: bool,
    /// The element, or the list that is spread.
    pub value: Expr,
}

/// An entry of a map or record.
#[derive(Clone, Debug)]
pub enum MapEntry {
    /// `key = e`
    Set {
        /// A bare or quoted key; quoted keys may have `${}`.
        key: MapKey,
        /// The value.
        value: Expr,
    },
    /// `name`: short for `name = name`
    Shorthand(Ident),
    /// `...e`
    Spread(Expr),
}

impl MapEntry {
    /// Returns where it stands, from its name or key to its value.
    #[must_use]
    pub fn span(&self) -> Span {
        match self {
            Self::Set { key: MapKey::Plain(key), value } => key.span.to(value.span),
            Self::Set { key: MapKey::Computed(key), value } => key.span.to(value.span),
            Self::Shorthand(name) => name.span,
            Self::Spread(value) => value.span,
        }
    }
}

/// The key of a map's entry.
#[derive(Clone, Debug)]
pub enum MapKey {
    /// A bare name or a plain string.
    Plain(Ident),
    /// A string with `${}`, or `[e]`.
    Computed(Box<Expr>),
}

/// What `for` makes.
#[derive(Clone, Debug)]
pub struct Comprehension {
    /// The variable for an element of a list, or for a key where there are two.
    pub first: Ident,
    /// The variable for a value: `for k, v in m` or `for i, x in list`.
    pub second: Option<Ident>,
    /// What is gone through.
    pub source: Expr,
    /// `if c`
    pub condition: Option<Expr>,
    /// `k =>`, in a map only.
    pub key: Option<Expr>,
    /// The element.
    pub value: Expr,
}
