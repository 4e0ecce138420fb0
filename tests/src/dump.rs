//! Syntax trees as short text: one line a declaration, expressions fully bracketed.
//!
//! Takes a tree and the sources; spans are not written, but for what could not be parsed.

use std::fmt::Write as _;

use syncline_lang::syntax::ast::{
    AmendOp, Arg, Body, BodyEntryKind, File, Item, ItemKind, Keys, Layer, LayerKind, MapEntry,
    Member, MemberKind, Resource, Target, TargetStep, Unit,
};

use crate::dump_expression::{arguments, expression, key, quoted, type_expression};

/// Returns a whole file.
#[must_use]
pub(crate) fn file(file: &File) -> String {
    let mut text = String::new();
    for each in &file.items {
        item(each, &mut text);
    }
    if !file.comments.is_empty() {
        let _infallible = writeln!(text, "({} comments)", file.comments.len());
    }
    text
}

fn doc(doc: &str, indent: &str, text: &mut String) {
    if !doc.is_empty() {
        let _infallible = writeln!(text, "{indent}doc {}", quoted(doc));
    }
}

fn item(item: &Item, text: &mut String) {
    doc(&item.doc, "", text);
    let line = match &item.kind {
        ItemKind::Project { name, settings } => {
            format!("project {} {}", quoted(&name.name), entries(settings))
        }
        ItemKind::Use { path, alias } => {
            let path: Vec<&str> = path.iter().map(|part| part.name.as_str()).collect();
            format!("use {} as {}", path.join("."), alias.name)
        }
        ItemKind::Import { path, alias } => format!("use {} as {}", quoted(&path.name), alias.name),
        ItemKind::Type { name, ty } => format!("type {} = {}", name.name, type_expression(ty)),
        ItemKind::Layer(layer) => {
            self::layer(layer, text);
            return;
        }
        ItemKind::Function(function) => {
            let params: Vec<String> = function
                .params
                .iter()
                .map(|param| {
                    let default = param.default.as_ref();
                    let default =
                        default.map_or(String::new(), |e| format!(" = {}", expression(e)));
                    format!("{}: {}{default}", param.name.name, type_expression(&param.ty))
                })
                .collect();
            let body = function.body.as_ref();
            let body = body.map_or(String::new(), |body| format!(" = {}", expression(body)));
            let (name, result) = (&function.name.name, type_expression(&function.result));
            format!("fn {name}({}) -> {result}{body}", params.join(", "))
        }
    };
    text.push_str(&line);
    text.push('\n');
}

fn layer(layer: &Layer, text: &mut String) {
    let name = &layer.name.name;
    match &layer.kind {
        LayerKind::Environment { is_abstract, keys, extends, with } => {
            let kind = if *is_abstract { "abstract environment" } else { "environment" };
            let _infallible = write!(text, "{kind} {name}");
            if let Some(keys) = keys {
                text.push_str(&self::keys(keys));
            }
            if let Some(parent) = extends {
                let _infallible = write!(text, " extends {}", parent.name);
            }
            let with: Vec<&str> = with.iter().map(|mixin| mixin.name.as_str()).collect();
            if !with.is_empty() {
                let _infallible = write!(text, " with {}", with.join(", "));
            }
        }
        LayerKind::Overlay { target } => {
            let _infallible = write!(text, "overlay {name} for {}", target.name);
        }
        LayerKind::Test => {
            let _infallible = write!(text, "test {}", quoted(name));
        }
        LayerKind::Component => {
            let _infallible = write!(text, "component {name}");
        }
    }
    text.push('\n');
    for each in &layer.members {
        member(each, text);
    }
}

fn member(member: &Member, text: &mut String) {
    doc(&member.doc(), "  ", text);
    let mark = if member.is_final { "final " } else { "" };
    let _infallible = write!(text, "  {mark}");
    match &member.kind {
        MemberKind::Param { name, secret, ty, default } => {
            let secret = if *secret { "secret " } else { "" };
            let _infallible = write!(text, "{secret}param {}", name.name);
            typed(ty.as_deref(), default.as_deref(), text);
        }
        MemberKind::Let { name, ty, value } => {
            let _infallible = write!(text, "let {}", name.name);
            typed(ty.as_deref(), Some(value), text);
        }
        MemberKind::Output { name, secret, ty, value } => {
            let secret = if *secret { "secret " } else { "" };
            let _infallible = write!(text, "{secret}output {}", name.name);
            typed(ty.as_deref(), Some(value), text);
        }
        MemberKind::Resource(resource) => self::resource(resource, text),
        MemberKind::Unit(unit) => self::unit(unit, text),
        MemberKind::Provider { name, alias, body } => {
            let _infallible = write!(text, "provider {}", name.name);
            if let Some(alias) = alias {
                let _infallible = write!(text, " as {}", alias.name);
            }
            self::body(body, "    ", text);
        }
        MemberKind::Ensure { condition, message } => {
            let _infallible =
                write!(text, "ensure {} else {}", expression(condition), expression(message));
        }
        MemberKind::Expect { condition, message } => {
            let _infallible = write!(text, "expect {}", expression(condition));
            if let Some(message) = message {
                let _infallible = write!(text, " else {}", expression(message));
            }
        }
        MemberKind::Remove { target } => {
            let _infallible = write!(text, "remove {}", self::target(target));
        }
        MemberKind::Moved { from, to } => {
            let _infallible = write!(text, "moved {} -> {}", target(from), target(to));
        }
        MemberKind::Forget { target } => {
            let _infallible = write!(text, "forget {}", self::target(target));
        }
        MemberKind::Adopt { target, id } => {
            let _infallible = write!(text, "adopt {} = {}", self::target(target), expression(id));
        }
        MemberKind::Amend(amend) => {
            text.push_str(&target(&amend.target));
            operation(&amend.op, "    ", text);
        }
    }
    text.push('\n');
}

fn typed(
    ty: Option<&syncline_lang::syntax::ast::TypeExpr>,
    value: Option<&syncline_lang::syntax::ast::Expr>,
    text: &mut String,
) {
    if let Some(ty) = ty {
        let _infallible = write!(text, ": {}", type_expression(ty));
    }
    if let Some(value) = value {
        let _infallible = write!(text, " = {}", expression(value));
    }
}

fn resource(resource: &Resource, text: &mut String) {
    let kind = resource.mode.keyword();
    let type_name: Vec<&str> = resource.type_name.iter().map(|part| part.name.as_str()).collect();
    let _infallible = write!(text, "{kind} {} {}", type_name.join("."), resource.name.name);
    if let Some(keys) = &resource.keys {
        text.push_str(&self::keys(keys));
    }
    if let Some(condition) = &resource.condition {
        let _infallible = write!(text, " if {}", expression(condition));
    }
    body(&resource.body, "    ", text);
}

fn unit(unit: &Unit, text: &mut String) {
    let _infallible = write!(text, "unit {}", unit.name.name);
    if let Some(keys) = &unit.keys {
        text.push_str(&self::keys(keys));
    }
    if let Some(condition) = &unit.condition {
        let _infallible = write!(text, " if {}", expression(condition));
    }
    let component: Vec<&str> = unit.component.iter().map(|part| part.name.as_str()).collect();
    let _infallible = write!(text, " = {}", component.join("."));
    body(&unit.body, "    ", text);
}

fn keys(keys: &Keys) -> String {
    let second = keys.value.as_ref().map_or(String::new(), |value| format!(", {}", value.name));
    format!("[{}{second} in {}]", keys.key.name, expression(&keys.source))
}

fn body(body: &Body, indent: &str, text: &mut String) {
    text.push_str(" {");
    for entry in &body.entries {
        text.push('\n');
        doc(entry.doc.as_deref().map_or("", |doc| doc.as_str()), indent, text);
        let mark = if entry.is_final { "final " } else { "" };
        let _infallible = write!(text, "{indent}{mark}");
        match &entry.kind {
            BodyEntryKind::Annotation(annotation) => {
                let _infallible = write!(text, "@{}", annotation.name.name);
                if !annotation.args.is_empty() {
                    text.push_str(&annotation_arguments(&annotation.args));
                }
            }
            BodyEntryKind::Amend(amend) => {
                text.push_str(&target(&amend.target));
                operation(&amend.op, &format!("{indent}  "), text);
            }
            BodyEntryKind::Shorthand(name) => text.push_str(&name.name),
            BodyEntryKind::Remove(what) => {
                let _infallible = write!(text, "remove {}", target(what));
            }
        }
    }
    text.push_str(if body.entries.is_empty() { "}" } else { " }" });
}

fn annotation_arguments(args: &[Arg]) -> String {
    format!("({})", arguments(args))
}

fn operation(op: &AmendOp, indent: &str, text: &mut String) {
    match op {
        AmendOp::Set(value) => {
            let _infallible = write!(text, " = {}", expression(value));
        }
        AmendOp::Add(value) => {
            let _infallible = write!(text, " += {}", expression(value));
        }
        AmendOp::Inside(inner) => body(inner, indent, text),
    }
}

fn target(target: &Target) -> String {
    let mut text = key(&target.name.name);
    for step in &target.steps {
        match step {
            TargetStep::Member(name) => {
                let _infallible = write!(text, ".{}", key(&name.name));
            }
            TargetStep::Index { value: index, .. } => {
                let _infallible = write!(text, "[{}]", expression(index));
            }
        }
    }
    text
}

fn entries(entries: &[MapEntry]) -> String {
    crate::dump_expression::map(entries)
}
