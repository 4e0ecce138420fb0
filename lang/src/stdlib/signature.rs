//! Signatures: from a module's syntax tree, and the types that come out of a call.

#![expect(clippy::wildcard_enum_match_arm, reason = "a signature is written with few forms")]

use std::sync::Arc;

use syncline_model::{
    Dimension, Field, FileId, FunctionParameter, FunctionSchema, FunctionType, Str, Type, Value,
};

use super::{Body, Module, Source, StdFunction};
use crate::ops::join;
use crate::syntax::ast::{Expr, ExprKind, Function, ItemKind, TypeExpr, TypeExprKind, UnaryOp};

/// A function's parameters and result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The type variables, each a [`Type::Variable`] where it occurs.
    pub generics: Vec<Str>,
    /// The parameters; only the last one may be variadic.
    pub params: Vec<ParamType>,
    /// What comes out.
    pub result: Type,
}

/// A parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParamType {
    /// Its name.
    pub name: Str,
    /// Its type; of one argument, for a variadic one.
    pub ty: Type,
    /// The value when the argument is left out.
    pub default: Option<Value>,
    /// It takes any number of arguments.
    pub variadic: bool,
}

impl Signature {
    /// Returns the parameter that an operand is for; those behind the last are for a variadic one.
    #[must_use]
    pub fn param(&self, operand: usize) -> Option<&ParamType> {
        let last = || self.params.last().filter(|param| param.variadic);
        self.params.get(operand).or_else(last)
    }

    /// Returns the type of the result for operands of these types, one for each parameter and
    /// those of a variadic one singly; what cannot be inferred is [`Type::Any`].
    #[must_use]
    pub fn infer(&self, operands: &[Type]) -> Type {
        let mut bound: Vec<(Str, Type)> = Vec::new();
        for (at, operand) in operands.iter().enumerate() {
            if let Some(param) = self.param(at) {
                bind(&param.ty, operand, &mut bound);
            }
        }
        substitute(&self.result, &bound)
    }
}

impl Signature {
    /// Returns the types of the variables of a function that is an operand, behind operands of these types; nothing where
    /// the parameter takes no function.
    #[must_use]
    pub fn variables(&self, at: usize, before: &[Type]) -> Option<Vec<Type>> {
        let Type::Function(function) = self.param(at)?.ty.bare() else { return None };
        let mut bound: Vec<(Str, Type)> = Vec::new();
        for (at, operand) in before.iter().enumerate() {
            if let Some(param) = self.param(at) {
                bind(&param.ty, operand, &mut bound);
            }
        }
        Some(function.params.iter().map(|own| substitute(own, &bound)).collect())
    }
}

impl From<&FunctionSchema> for Signature {
    fn from(function: &FunctionSchema) -> Self {
        let param = |own: &FunctionParameter, variadic| ParamType {
            name: own.name.clone(),
            ty: if own.nullable { own.ty.clone().optional() } else { own.ty.clone() },
            default: None,
            variadic,
        };
        let params = function.parameters.iter().map(|own| param(own, false));
        let variadic = function.variadic.iter().map(|own| param(own, true));
        let result = function.returns.clone();
        Self { generics: Vec::new(), params: params.chain(variadic).collect(), result }
    }
}

impl std::fmt::Display for Signature {
    /// Writes generics, parameters and result as the language writes them behind a name.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.generics.is_empty() {
            write!(f, "<{}>", self.generics.join(", "))?;
        }
        f.write_str("(")?;
        for (at, param) in self.params.iter().enumerate() {
            let comma = if at > 0 { ", " } else { "" };
            let dots = if param.variadic { "..." } else { "" };
            write!(f, "{comma}{dots}{}: {}", param.name, param.ty)?;
            if let Some(default) = &param.default {
                write!(f, " = {default}")?;
            }
        }
        write!(f, ") -> {}", self.result)
    }
}

fn bind(param: &Type, operand: &Type, bound: &mut Vec<(Str, Type)>) {
    match (param, operand) {
        (Type::Optional(_), Type::Null) => {}
        (Type::Optional(param), Type::Optional(operand)) => bind(param, operand, bound),
        (Type::Optional(param), operand) => bind(param, operand, bound),
        (Type::Variable(name), operand) => match bound.iter_mut().find(|(own, _)| own == name) {
            Some((_, ty)) => *ty = join(ty, operand),
            None => bound.push((name.clone(), operand.clone())),
        },
        // What is secret inside a collection stays so; the collection's own mark is the value's.
        (Type::List(param) | Type::Set(param) | Type::Map(param), operand) => {
            match operand.bare() {
                Type::List(element) | Type::Set(element) | Type::Map(element) => {
                    bind(param, element, bound);
                }
                Type::Record(record) => {
                    for (_, field) in &record.fields {
                        bind(param, &field.ty, bound);
                    }
                }
                _ => {}
            }
        }
        _ => {}
    }
}

fn substitute(ty: &Type, bound: &[(Str, Type)]) -> Type {
    match ty {
        Type::Variable(name) => {
            bound.iter().find(|(own, _)| own == name).map_or(Type::Any, |(_, bound)| bound.clone())
        }
        other => other.with_elements(|element| substitute(element, bound)),
    }
}

/// Parses a module's file and gives each signature its body.
pub(super) fn module(source: &'static Source) -> Module {
    let (file, diagnostics) = crate::syntax::parse(FileId(u32::MAX), source.text);
    debug_assert!(diagnostics.is_empty(), "{}: {diagnostics:?}", source.name);
    let mut functions = Vec::with_capacity(source.natives.len());
    for item in file.items {
        let ItemKind::Function(function) = item.kind else { continue };
        let name = &function.name.name;
        let native = source.natives.iter().find(|native| native.name == name.as_str());
        let (name, body, looks): (&'static str, Body, &'static [u8]) = match native {
            Some(native) => (native.name, Body::Native(native.body), native.looks),
            // A module is parsed once and stays, and so may its names.
            None => {
                (String::leak(name.to_string()), Body::Written(Box::new(function.clone())), &[])
            }
        };
        functions.push(StdFunction {
            module: source.name,
            name,
            signature: signature(&function),
            doc: item.doc,
            body,
            looks,
            full_name: format!("std.{}.{name}", source.name).into(),
        });
    }
    let doc: Vec<&str> = source
        .text
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .map(|line| line.strip_prefix(' ').unwrap_or(line))
        .collect();
    Module { name: source.name, doc: doc.join("\n").into(), functions }
}

fn signature(function: &Function) -> Signature {
    let generics: Vec<Str> = function.generics.iter().map(|ident| ident.name.clone()).collect();
    let params = function.params.iter().map(|param| ParamType {
        name: param.name.name.clone(),
        ty: written(&param.ty, &generics),
        default: param.default.as_ref().map(literal),
        variadic: param.variadic,
    });
    Signature { params: params.collect(), result: written(&function.result, &generics), generics }
}

/// Returns a written type. Signatures of the library use no others than these; a test reads them.
fn written(ty: &TypeExpr, generics: &[Str]) -> Type {
    match &ty.kind {
        TypeExprKind::Name(name) if generics.contains(name) => Type::Variable(name.clone()),
        TypeExprKind::Name(name) => match name.as_str() {
            "string" => Type::String,
            "int" => Type::Int,
            "number" => Type::Number,
            "bool" => Type::Bool,
            "any" => Type::Any,
            other if let Some(dimension) = Dimension::named(other) => Type::Quantity(dimension),
            other => {
                debug_assert!(false, "no type `{other}`");
                Type::Any
            }
        },
        TypeExprKind::List(element) => Type::list(written(element, generics)),
        TypeExprKind::Map(value) => Type::map(written(value, generics)),
        TypeExprKind::Optional(inner) => written(inner, generics).optional(),
        TypeExprKind::Set(element) => Type::set(written(element, generics)),
        TypeExprKind::Function { params, result } => Type::Function(Arc::new(FunctionType {
            params: params.iter().map(|param| written(param, generics)).collect(),
            result: written(result, generics),
        })),
        TypeExprKind::Record(fields) => Type::record(fields.iter().map(|field| {
            let ty = written(&field.ty, generics);
            (field.name.name.clone(), Field { ty, optional: field.optional })
        })),
        TypeExprKind::Union(_)
        | TypeExprKind::Literal(_)
        | TypeExprKind::Secret(_)
        | TypeExprKind::Refined(..)
        | TypeExprKind::Error => {
            debug_assert!(false, "no type of a signature: {ty:?}");
            Type::Any
        }
    }
}

/// Returns the value of a default, which is a literal.
fn literal(expr: &Expr) -> Value {
    match &expr.kind {
        ExprKind::Bool(value) => Value::Bool(*value),
        ExprKind::Number(number) => Value::Number(number.clone()),
        ExprKind::String(text) => Value::String(text.clone()),
        ExprKind::Unary { op: UnaryOp::Negate, operand } => match literal(operand) {
            Value::Number(number) => Value::Number(number.negate()),
            other => other,
        },
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stdlib::find;

    #[test]
    fn signatures_are_read() {
        let written = |name: &str| find(name).unwrap().signature.to_string();
        assert_eq!(written("std.strings.upper"), "(text: string) -> string");
        assert_eq!(written("std.lists.reverse"), "<T>(list: [T]) -> [T]");
        assert_eq!(
            written("std.prelude.range"),
            "(from_or_count: int, to: int? = null, step: int = 1) -> [int]"
        );
        assert_eq!(written("std.lists.concat"), "<T>(...lists: [T]) -> [T]");
    }

    #[test]
    fn results_are_inferred() {
        let infer = |name: &str, types: &[Type]| find(name).unwrap().signature.infer(types);
        let ints = Type::list(Type::Int);
        assert_eq!(infer("std.lists.reverse", std::slice::from_ref(&ints)), ints);
        assert_eq!(infer("std.lists.first", std::slice::from_ref(&ints)), Type::Int.optional());
        assert_eq!(
            infer("std.lists.concat", &[ints, Type::list(Type::Number)]),
            Type::list(Type::Number)
        );
        assert_eq!(infer("std.json.decode", &[Type::String]), Type::Any);
    }
}
