//! What a path such as `service["mail"].mode` points at.
//!
//! Takes the steps of a path as they stand in the text, and the layer around them; returns a
//! [`Subject`] with its type and documentation. Types come from schemas, from what is written, and
//! where nothing is written from what was evaluated.

use std::sync::Arc;

use syncline_model::{
    Attribute, Block, Field, FunctionSchema, ProviderSchema, ResourceSchema, Str, Type,
};

use super::analysis::{Analysis, Declared};
use super::cursor::{Cursor, Frame, Given, Local};
use super::occurrence::Nth;
use super::tokens::{Token, TokenKind};
use crate::resolve::{LayerId, ModuleId, Named};
use crate::stdlib::{self, Module, Signature, StdFunction};
use crate::syntax::ast::MemberKind;

/// A step of a path in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// `name`
    Name(Str),
    /// `[...]`, with its inside.
    Index(Str),
    /// `(...)`
    Call,
    /// `name::`
    Offered(Str),
}

/// A function of the standard library or of the project.
#[derive(Debug)]
pub(super) struct Function {
    pub(super) name: Str,
    pub(super) signature: Signature,
    pub(super) doc: Str,
}

impl From<&StdFunction> for Function {
    fn from(function: &StdFunction) -> Self {
        let StdFunction { name, signature, doc, .. } = function;
        Self { name: (*name).into(), signature: signature.clone(), doc: doc.clone() }
    }
}

impl Function {
    /// A function that a provider offers.
    pub(super) fn offered(name: &Str, function: &FunctionSchema) -> Self {
        let mut doc = function.description.to_string();
        let params = function.parameters.iter().chain(&function.variadic);
        for param in params.filter(|param| !param.description.is_empty()) {
            doc.push_str(&format!("\n\n`{}`: {}", param.name, param.description));
        }
        if let Some(instead) = &function.deprecated {
            doc.push_str(&format!("\n\nDeprecated: {instead}"));
        }
        let (name, signature) = (name.clone(), Signature::from(function));
        Self { name, signature, doc: doc.trim_start().into() }
    }
}

/// What a path points at.
#[derive(Clone, Debug)]
pub(super) enum Subject {
    /// `std`
    Std,
    /// A module of the standard library.
    Module(&'static Module),
    /// A function.
    Function(Arc<Function>),
    /// The functions that a provider offers.
    Offered(Arc<ProviderSchema>),
    /// A folder that `use` brings in.
    Folder(ModuleId),
    /// A component.
    Component(LayerId),
    /// `environment`
    Environment,
    /// Another environment; of one with keys, all of them.
    Other { layer: LayerId, keyed: bool },
    /// The outputs of another environment.
    Outputs(LayerId),
    /// A parameter, a `let` or an output.
    Member { declared: Declared, name: Str, ty: Type },
    /// A provider's configuration.
    Provider { declared: Declared, name: Str, provider: Str },
    /// A resource or data source, all of it.
    Resource { declared: Declared, name: Str, schema: Option<Arc<ResourceSchema>>, keyed: bool },
    /// One instance of a keyed one.
    Instance { schema: Option<Arc<ResourceSchema>> },
    /// A unit, all of it.
    Unit { declared: Declared, name: Str, component: Option<LayerId>, keyed: bool },
    /// One instance of a keyed one.
    UnitInstance { component: Option<LayerId> },
    /// An attribute of a resource.
    Attribute { name: Str, attribute: Attribute },
    /// A part of a value.
    Part { name: Str, ty: Type },
    /// A variable of a comprehension, a keyed resource or a lambda.
    Local(Str),
}

/// Returns the path that ends with the last token of an entry, which must be `.` or `::` for a path that goes
/// on at the cursor.
pub(super) fn path_before(frame: &Frame<'_>) -> Option<Vec<Step>> {
    let (last, rest) = frame.tokens.split_last()?;
    match (last.text, rest) {
        ("." | "?.", _) => Some(path(rest)),
        ("::", [.., provider]) => Some(vec![Step::Offered(provider.text.into())]),
        _ => None,
    }
}

/// Returns the path that the tokens end with.
pub(super) fn path(tokens: &[Token<'_>]) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut rest = tokens;
    while let Some((last, before)) = rest.split_last() {
        rest = before;
        match (last.kind, last.text.as_bytes().first()) {
            (TokenKind::Word, _) => {
                steps.push(Step::Name(last.text.into()));
                match rest.split_last() {
                    Some((dot, before)) if matches!(dot.text, "." | "?.") => rest = before,
                    Some((dots, [.., provider])) if dots.text == "::" => {
                        steps.push(Step::Offered(provider.text.into()));
                        break;
                    }
                    _ => break,
                }
            }
            (TokenKind::Group, Some(b'[')) if !rest.is_empty() => {
                let inside = last.text.trim_matches(['[', ']', '"', ' ']);
                steps.push(Step::Index(inside.into()));
                // `a?.[0]`
                if rest.last().is_some_and(|token| token.text == "?.") {
                    rest = &rest[..rest.len() - 1];
                }
            }
            (TokenKind::Group, Some(b'(')) if !rest.is_empty() => steps.push(Step::Call),
            _ => return Vec::new(),
        }
    }
    steps.reverse();
    steps
}

fn of_std(function: &'static StdFunction) -> Subject {
    Subject::Function(Arc::new(function.into()))
}

impl Analysis {
    /// Finds what a path points at.
    pub(super) fn subject(
        &self,
        cursor: &Cursor<'_>,
        locals: &[Local<'_>],
        steps: &[Step],
    ) -> Option<Subject> {
        let (first, rest) = steps.split_first()?;
        let mut subject = match first {
            Step::Name(first) => self.named(cursor, locals, first)?,
            Step::Offered(provider) => Subject::Offered(self.world.schema(provider)?),
            Step::Index(_) | Step::Call => return None,
        };
        for step in rest {
            subject = self.step(subject, step)?;
        }
        Some(subject)
    }

    fn named(&self, cursor: &Cursor<'_>, locals: &[Local<'_>], name: &Str) -> Option<Subject> {
        if let Some(at) = locals.iter().rposition(|local| local.name == name.as_str()) {
            let element = self.element(cursor, &locals[..at], &locals[at]);
            return Some(element.unwrap_or_else(|| Subject::Local(name.clone())));
        }
        let layer = self.layer_around(cursor);
        if let Some(declared) = layer.and_then(|layer| self.declared(layer, name)) {
            return self.of_member(declared, name);
        }
        let module = self.module_around(cursor);
        if let Some(function) = self.function(module, name) {
            return Some(Subject::Function(function.into()));
        }
        match self.project.module(module).names.get(name) {
            Some(Named::Std(module)) => return stdlib::module(module).map(Subject::Module),
            Some(Named::Folder(module)) => return Some(Subject::Folder(*module)),
            Some(Named::Unknown) => return None,
            None => {}
        }
        match name.as_str() {
            "std" => return Some(Subject::Std),
            "environment" => return Some(Subject::Environment),
            _ => {}
        }
        if let Some(other) = self.project.find_environment(name)
            && cursor.item != Some("component")
        {
            let keyed = self.project.layer(other).keys.is_some();
            return Some(Subject::Other { layer: other, keyed });
        }
        stdlib::prelude().get(name).map(of_std)
    }

    /// Finds what a variable of a loop stands for.
    fn element(
        &self,
        cursor: &Cursor<'_>,
        locals: &[Local<'_>],
        local: &Local<'_>,
    ) -> Option<Subject> {
        if let Some(given) = &local.given {
            let ty = self.given(cursor, locals, given)?;
            return Some(Subject::Part { name: local.name.into(), ty });
        }
        let (source, nth) = local.source.as_ref()?;
        let nth = if *nth == Nth::First { return None } else { *nth };
        let is_last = nth == Nth::Second;
        let through = self.subject(cursor, locals, &path(source))?;
        if let (Subject::Unit { component, keyed: true, .. }, true) = (&through, is_last) {
            return Some(Subject::UnitInstance { component: *component });
        }
        if let (Subject::Resource { schema, keyed: true, .. }, true) = (&through, is_last) {
            return Some(Subject::Instance { schema: schema.clone() });
        }
        let ty = through.ty()?;
        let is_list = matches!(ty.bare(), Type::List(_) | Type::Set(_));
        let fits = is_list || is_last && matches!(ty.bare(), Type::Map(_));
        let ty = inside(&ty, "").filter(|_| fits)?;
        Some(Subject::Part { name: local.name.into(), ty })
    }

    /// Returns the type of a variable of a function without a name, as the function that takes it says.
    fn given(&self, cursor: &Cursor<'_>, locals: &[Local<'_>], given: &Given<'_>) -> Option<Type> {
        let callee = self.subject(cursor, locals, &path(&given.callee))?;
        let Subject::Function(function) = callee else { return None };
        let of = |tokens: &Vec<Token<'_>>| {
            let subject = self.subject(cursor, locals, &path(tokens));
            subject.and_then(|own| own.ty()).unwrap_or(Type::Any)
        };
        let before: Vec<Type> = given.before.iter().map(of).collect();
        let signature = &function.signature;
        let named = |name: &str| signature.params.iter().position(|own| own.name == name);
        let at = given.named.map_or(Some(before.len()), named)?;
        let ty = signature.variables(at, &before)?.into_iter().nth(given.nth)?;
        (ty != Type::Any).then_some(ty)
    }

    /// Returns a function of the project by its name in a module.
    fn function(&self, module: ModuleId, name: &str) -> Option<Function> {
        let id = self.project.module(module).functions.get(name)?;
        let own = self.project.function(*id);
        let doc = self.project.function_doc(own);
        Some(Function { name: own.name.clone(), signature: own.signature.clone(), doc })
    }

    /// Returns every function of a module of the project.
    pub(super) fn functions(&self, module: ModuleId) -> impl Iterator<Item = Function> {
        let names = self.project.module(module).functions.keys();
        names.filter_map(move |name| self.function(module, name))
    }

    /// Returns the subject that a member is.
    pub(super) fn of_member(&self, declared: Declared, name: &Str) -> Option<Subject> {
        let name = name.clone();
        Some(match &self.member(declared)?.kind {
            MemberKind::Resource(resource) => {
                let (schema, keyed) = (self.schema(resource), resource.keys.is_some());
                Subject::Resource { declared, name, schema, keyed }
            }
            MemberKind::Unit(unit) => {
                let module = self.project.layer(declared.layer).module;
                let component = self.project.component(module, &unit.component).ok();
                Subject::Unit { declared, name, component, keyed: unit.keys.is_some() }
            }
            MemberKind::Provider { name: provider, .. } => {
                Subject::Provider { declared, name, provider: provider.name.clone() }
            }
            MemberKind::Param { .. } | MemberKind::Let { .. } | MemberKind::Output { .. } => {
                let ty = self.type_of(declared, &name).unwrap_or(Type::Any);
                Subject::Member { declared, name, ty }
            }
            MemberKind::Ensure { .. }
            | MemberKind::Remove { .. }
            | MemberKind::Moved { .. }
            | MemberKind::Forget { .. }
            | MemberKind::Expect { .. }
            | MemberKind::Adopt { .. }
            | MemberKind::Amend(_) => return None,
        })
    }

    fn step(&self, subject: Subject, step: &Step) -> Option<Subject> {
        match (subject, step) {
            (Subject::Std, Step::Name(name)) => stdlib::module(name).map(Subject::Module),
            (Subject::Module(module), Step::Name(name)) => module.get(name).map(of_std),
            (Subject::Offered(schema), Step::Name(name)) => {
                let function = schema.functions.get(name)?;
                Some(Subject::Function(Arc::new(Function::offered(name, function))))
            }
            (Subject::Function(function), Step::Call) => Some(Subject::Part {
                name: function.name.clone(),
                ty: function.signature.result.clone(),
            }),
            (Subject::Folder(module), Step::Name(name)) => {
                let component = self.project.module(module).components.get(name).copied();
                component
                    .map(Subject::Component)
                    .or_else(|| Some(Subject::Function(self.function(module, name)?.into())))
            }
            (Subject::Other { layer, keyed: true }, Step::Index(_)) => {
                Some(Subject::Other { layer, keyed: false })
            }
            (Subject::Other { layer, keyed: false }, Step::Name(name)) if name == "outputs" => {
                Some(Subject::Outputs(layer))
            }
            (Subject::Outputs(layer), Step::Name(name) | Step::Index(name)) => {
                let declared = self.declared(layer, name)?;
                let member = &self.member(declared)?.kind;
                let is_output = matches!(member, MemberKind::Output { .. });
                is_output.then(|| self.of_member(declared, name)).flatten()
            }
            (Subject::Unit { component, keyed: true, .. }, Step::Name(_) | Step::Index(_)) => {
                Some(Subject::UnitInstance { component })
            }
            (
                Subject::Unit { component, keyed: false, .. } | Subject::UnitInstance { component },
                Step::Name(name) | Step::Index(name),
            ) => {
                let declared = self.declared(component?, name)?;
                self.of_member(declared, name)
            }
            (Subject::Resource { schema, keyed: true, .. }, Step::Name(_) | Step::Index(_)) => {
                Some(Subject::Instance { schema })
            }
            (
                Subject::Resource { schema, keyed: false, .. } | Subject::Instance { schema },
                Step::Name(name) | Step::Index(name),
            ) => {
                let attribute = schema?.block.get(name)?.clone();
                Some(Subject::Attribute { name: name.clone(), attribute })
            }
            (subject, step) => part(&subject.ty()?, step),
        }
    }
}

/// Returns the part of a type that a step leads to.
fn part(ty: &Type, step: &Step) -> Option<Subject> {
    let (Step::Name(name) | Step::Index(name)) = step else { return None };
    inside(ty, name).map(|ty| Subject::Part { name: name.clone(), ty })
}

/// Returns the type of a part of a record, a map or a list.
#[expect(clippy::wildcard_enum_match_arm, reason = "only these types have parts")]
pub(super) fn inside(ty: &Type, name: &str) -> Option<Type> {
    match ty.bare() {
        Type::Record(record) => record.get(name).map(|field| field.ty.clone()),
        Type::Map(value) => Some((**value).clone()),
        Type::List(element) | Type::Set(element) => Some((**element).clone()),
        _ => None,
    }
}

/// What may be written in a place: attributes of a block, or fields of a type.
#[derive(Clone, Debug)]
pub(super) enum Shape {
    /// A resource's or a data source's attributes.
    Resource(Arc<ResourceSchema>),
    /// The attributes of a provider's configuration, or of a nested block.
    Block(Box<Block>),
    /// The members of a component.
    Unit(LayerId),
    /// A value of a type.
    Value(Type),
}

impl Shape {
    /// Returns the attributes, when there are some.
    pub(super) fn block(&self) -> Option<&Block> {
        match self {
            Self::Resource(schema) => Some(&schema.block),
            Self::Block(block) => Some(block),
            Self::Unit(_) | Self::Value(_) => None,
        }
    }

    /// Returns the fields, when a value has some.
    pub(super) fn fields(&self) -> &[(Str, Field)] {
        let Self::Value(ty) = self else { return &[] };
        let Type::Record(record) = ty.bare() else { return &[] };
        &record.fields
    }

    /// Returns the shape of what stands inside under a name.
    pub(super) fn child(&self, analysis: &Analysis, name: &str) -> Option<Self> {
        if let Self::Unit(component) = self {
            let declared = analysis.declared(*component, name)?;
            return analysis.of_member(declared, &name.into())?.shape(analysis);
        }
        if let Some(block) = self.block() {
            return block.get(name).map(Self::of);
        }
        let Self::Value(ty) = self else { return None };
        inside(ty, name).map(Self::Value)
    }

    /// Returns the shape of an attribute's value.
    pub(super) fn of(attribute: &Attribute) -> Self {
        match &attribute.nested {
            Some(nested) => Self::Block(Box::new(nested.1.clone())),
            None => Self::Value(attribute.ty.clone()),
        }
    }

    /// Returns the type of the value, when it is one.
    pub(super) const fn ty(&self) -> Option<&Type> {
        match self {
            Self::Value(ty) => Some(ty),
            Self::Resource(_) | Self::Block(_) | Self::Unit(_) => None,
        }
    }
}

impl Subject {
    /// Returns the type of the value that is pointed at.
    pub(super) fn ty(&self) -> Option<Type> {
        match self {
            Self::Member { ty, .. } | Self::Part { ty, .. } => Some(ty.clone()),
            Self::Attribute { attribute, .. } => Some(attribute.reference_type()),
            Self::Resource { schema: Some(schema), keyed: false, .. }
            | Self::Instance { schema: Some(schema) } => Some(schema.block.reference_type()),
            Self::Resource { schema: Some(schema), keyed: true, .. } => {
                Some(Type::map(schema.block.reference_type()))
            }
            Self::Environment => {
                let field = |ty| Field { ty, optional: false };
                Some(Type::record([
                    ("name".into(), field(Type::String)),
                    ("group".into(), field(Type::String)),
                    ("key".into(), field(Type::String.optional())),
                ]))
            }
            Self::Std
            | Self::Other { .. }
            | Self::Outputs(_)
            | Self::Folder(_)
            | Self::Component(_)
            | Self::Unit { .. }
            | Self::UnitInstance { .. }
            | Self::Module(_)
            | Self::Function(_)
            | Self::Offered(_)
            | Self::Provider { .. }
            | Self::Resource { .. }
            | Self::Instance { .. }
            | Self::Local(_) => None,
        }
    }

    /// Returns the shape of the body that amends it.
    pub(super) fn shape(&self, analysis: &Analysis) -> Option<Shape> {
        match self {
            Self::Resource { schema, .. } | Self::Instance { schema } => {
                schema.clone().map(Shape::Resource)
            }
            Self::Provider { provider, .. } => {
                let schema = analysis.world.schema(provider)?;
                Some(Shape::Block(Box::new(schema.config.clone())))
            }
            Self::Attribute { attribute, .. } => Some(Shape::of(attribute)),
            Self::Member { ty, .. } | Self::Part { ty, .. } => Some(Shape::Value(ty.clone())),
            Self::Unit { component, .. } | Self::UnitInstance { component } => {
                component.map(Shape::Unit)
            }
            Self::Component(component) => Some(Shape::Unit(*component)),
            Self::Std
            | Self::Folder(_)
            | Self::Module(_)
            | Self::Function(_)
            | Self::Offered(_)
            | Self::Environment
            | Self::Other { .. }
            | Self::Outputs(_)
            | Self::Local(_) => None,
        }
    }
}
