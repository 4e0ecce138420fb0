//! Which parts each node of the tree has, in the order in which they are told.
//!
//! A node without a part is one byte. The place comes first: what follows is told from it. The order
//! and the numbers may change at will, since what was kept by another version of this file is not
//! read.

use syncline_model::Mode;

use super::{Compact, Reader, Writer};
use crate::syntax::ast::{
    Amend, AmendOp, Annotation, Arg, BinaryOp, Body, BodyEntry, BodyEntryKind, CompareOp,
    Comprehension, Conditional, Expr, ExprKind, Function, Ident, ItemKind, Keys, Lambda, Layer,
    LayerKind, ListItem, MapEntry, MapKey, MatchArm, Member, MemberKind, Operands, Param, Part,
    RecordField, Resource, Target, TargetStep, TypeExpr, TypeExprKind, UnaryOp, Unit,
};
use crate::syntax::parts::Tree;

/// Tells structures by their fields.
macro_rules! structures {
    ($($name:ident { $($field:ident),* })*) => {$(
        impl Compact for $name {
            fn write(&self, out: &mut Writer<'_>) {
                let Self { $($field),* } = self;
                $($field.write(out);)*
            }

            fn read(from: &mut Reader<'_>) -> Option<Self> {
                $(let $field = Compact::read(from)?;)*
                Some(Self { $($field),* })
            }
        }
    )*};
}

/// Tells choices by a number and the fields of what was chosen.
macro_rules! choices {
    ($($name:ident {
        $($tag:literal $variant:ident $(($($item:ident),*))? $({ $($field:ident),* })?,)*
    })*) => {$(
        impl Compact for $name {
            fn write(&self, out: &mut Writer<'_>) {
                match self {
                    $(Self::$variant $(($($item),*))? $({ $($field),* })? => {
                        out.byte($tag);
                        $($($item.write(out);)*)?
                        $($($field.write(out);)*)?
                    })*
                }
            }

            fn read(from: &mut Reader<'_>) -> Option<Self> {
                match from.byte()? {
                    $($tag => {
                        $($(let $item = Compact::read(from)?;)*)?
                        $($(let $field = Compact::read(from)?;)*)?
                        Some(Self::$variant $(($($item),*))? $({ $($field),* })?)
                    })*
                    _ => None,
                }
            }
        }
    )*};
}

structures! {
    Ident { span, name }
    Layer { name, kind, is_cut, members }
    Function { name, generics, params, result, body }
    Param { name, ty, default, variadic }
    Member { span, doc, is_final, kind }
    Resource { mode, type_name, name, keys, condition, body }
    Unit { name, keys, condition, component, body }
    Keys { key, value, source }
    TypeExpr { span, kind }
    RecordField { name, optional, ty, default, doc }
    Expr { span, kind }
    Operands { left, right }
    Conditional { condition, then, otherwise }
    MatchArm { span, patterns, value }
    Lambda { params, body }
    ListItem { spread, value }
    Comprehension { first, second, source, condition, key, value }
    Body { entries, span }
    BodyEntry { span, doc, is_final, kind }
    Annotation { name, args }
    Arg { name, spread, value }
    Amend { target, op }
    Target { name, steps }
}

choices! {
    Tree { 0 Nothing, 1 Item(item), 2 Member(member), }
    ItemKind {
        0 Project { name, settings },
        1 Use { path, alias },
        2 Import { path, alias },
        3 Type { name, ty },
        4 Layer(layer),
        5 Function(function),
    }
    LayerKind {
        0 Environment { is_abstract, keys, extends, with },
        1 Overlay { target },
        2 Component,
        3 Test,
    }
    MemberKind {
        0 Param { name, secret, ty, default },
        1 Let { name, ty, value },
        2 Resource(resource),
        3 Unit(unit),
        4 Provider { name, alias, body },
        5 Output { name, secret, ty, value },
        6 Ensure { condition, message },
        7 Expect { condition, message },
        8 Remove { target },
        9 Moved { from, to },
        10 Forget { target },
        11 Adopt { target, id },
        12 Amend(amend),
    }
    TypeExprKind {
        0 Name(name),
        1 List(element),
        2 Set(element),
        3 Map(element),
        4 Record(fields),
        5 Union(terms),
        6 Literal(literal),
        7 Function { params, result },
        8 Optional(inner),
        9 Secret(inner),
        10 Refined(base, condition),
        11 Error,
    }
    ExprKind {
        0 Null,
        1 Bool(value),
        2 Number(number),
        3 Quantity(quantity),
        4 String(text),
        5 Template(parts),
        6 Name(name),
        7 Member { base, name, optional },
        8 Offered { provider, name },
        9 Index { base, index, optional },
        10 Call { callee, args },
        11 Unary { op, operand },
        12 Binary { op, operands },
        13 Compare { first, rest },
        14 If(choice),
        15 Match { subject, arms },
        16 Lambda(lambda),
        17 List(items),
        18 Map(entries),
        19 ListFor(made),
        20 MapFor(made),
        21 Paren(inner),
        22 Error,
    }
    Part { 0 Text(text), 1 Expr(expr), }
    MapEntry { 0 Set { key, value }, 1 Shorthand(name), 2 Spread(value), }
    MapKey { 0 Plain(name), 1 Computed(key), }
    BodyEntryKind { 0 Annotation(annotation), 1 Amend(amend), 2 Shorthand(name), 3 Remove(target), }
    AmendOp { 0 Set(value), 1 Add(value), 2 Inside(body), }
    TargetStep { 0 Member(name), 1 Index { span, value }, }
    UnaryOp { 0 Negate, 1 Not, }
    BinaryOp {
        0 Or,
        1 And,
        2 Coalesce,
        3 Add,
        4 Subtract,
        5 Multiply,
        6 Divide,
        7 Remainder,
    }
    CompareOp { 0 Equal, 1 NotEqual, 2 Less, 3 LessEqual, 4 Greater, 5 GreaterEqual, 6 In, }
    Mode { 0 Managed, 1 Data, 2 Ephemeral, }
}
