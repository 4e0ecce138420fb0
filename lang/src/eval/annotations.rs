//! Annotations: how a resource is treated, and what they name.

use syncline_model::{Block, Dimension, Path, Span, Str, Timeouts, Type};

use super::amend::{Body, Target};
use super::parts::path_of;
use super::scope::{Failed, Scope};
use crate::diagnostics::{bad_annotation, unknown_attribute};
use crate::resolve::SlotKind;
use crate::syntax::ast::{self, Expr, ExprKind};

/// Returns the place of the name that a path starts with.
fn root_span(expr: &Expr) -> Span {
    if let ExprKind::Member { base, .. } | ExprKind::Index { base, .. } = &expr.kind {
        root_span(base)
    } else {
        expr.span
    }
}

impl Scope<'_> {
    /// Applies an annotation to the body of a resource.
    pub(crate) fn annotation(
        &mut self,
        (annotation, stage): (&ast::Annotation, u32),
        body: &mut Body,
        target: &Target<'_>,
    ) -> Result<(), Failed> {
        let Target { block, type_name, .. } = *target;
        match annotation.name.name.as_str() {
            "protect" if annotation.args.is_empty() => body.lifecycle.protect = true,
            "protect" => {
                let [arg] = annotation.args.as_slice() else {
                    return self.fail(bad_annotation::arguments(annotation, "nothing, or a bool"));
                };
                let value = self.typed(&arg.value, &Type::Bool)?;
                body.lifecycle.protect = value.as_bool().unwrap_or(true);
            }
            "ignore" if !annotation.args.is_empty() => {
                for arg in &annotation.args {
                    let path = self.ignored(arg, type_name, block)?;
                    body.lifecycle.ignore.push(path);
                }
                body.lifecycle.ignore.sort();
                body.lifecycle.ignore.dedup();
            }
            "after" if !annotation.args.is_empty() => {
                for arg in &annotation.args {
                    body.after.push(self.named_by(&arg.value, bad_annotation::after)?);
                }
            }
            "replace_with" if !annotation.args.is_empty() => {
                for arg in &annotation.args {
                    body.replace_with
                        .push(self.named_by(&arg.value, bad_annotation::replace_with)?);
                }
            }
            "replace" => self.replacement(annotation, body)?,
            "provider" => match annotation.args.as_slice() {
                [arg] => body.provider = self.provider_alias(arg, type_name)?,
                _ => return self.fail(bad_annotation::arguments(annotation, "`name.alias`")),
            },
            "timeout" if !annotation.args.is_empty() => self.timeouts(annotation, body)?,
            "health" if !annotation.args.is_empty() => {
                self.health((annotation, stage), body, target)?;
            }
            "ignore" | "after" | "replace_with" | "timeout" | "health" => {
                return self.fail(bad_annotation::arguments(annotation, "at least one argument"));
            }
            _ => return self.fail(bad_annotation::unknown(annotation)),
        }
        Ok(())
    }

    /// Takes in which order a `@replace` says that it is replaced.
    fn replacement(&mut self, annotation: &ast::Annotation, body: &mut Body) -> Result<(), Failed> {
        if let [ast::Arg { value: Expr { kind: ExprKind::Name(word), .. }, .. }] =
            annotation.args.as_slice()
            && (word == "create_first" || word == "destroy_first")
        {
            body.lifecycle.create_first = word == "create_first";
            return Ok(());
        }
        let takes = "`create_first` or `destroy_first`";
        self.fail(bad_annotation::arguments(annotation, takes))
    }

    /// Takes the times of a `@timeout`: one for all changes, or one each.
    fn timeouts(&mut self, annotation: &ast::Annotation, body: &mut Body) -> Result<(), Failed> {
        for arg in &annotation.args {
            let value = self.typed(&arg.value, &Type::Quantity(Dimension::Duration))?;
            let millis = value.as_quantity().and_then(|time| time.member("milliseconds"));
            let millis = millis.and_then(|millis| u64::try_from(millis.as_i64()?).ok());
            let Some(millis) = millis.filter(|millis| *millis > 0) else {
                return self.fail(bad_annotation::time(arg.value.span));
            };
            let timeouts = &mut body.lifecycle.timeouts;
            match arg.name.as_ref().map(|name| name.name.as_str()) {
                None => {
                    *timeouts = Timeouts {
                        create: Some(millis),
                        update: Some(millis),
                        delete: Some(millis),
                    };
                }
                Some("create") => timeouts.create = Some(millis),
                Some("update") => timeouts.update = Some(millis),
                Some("delete") => timeouts.delete = Some(millis),
                Some(_) => {
                    let takes = "`create`, `update` and `delete`, or one time for all";
                    return self.fail(bad_annotation::arguments(annotation, takes));
                }
            }
        }
        Ok(())
    }

    /// Returns the path that an argument of `@ignore` is.
    fn ignored(&self, arg: &ast::Arg, type_name: &str, block: &Block) -> Result<Path, Failed> {
        let Some(path) = path_of(&arg.value) else { return self.fail(bad_annotation::path(arg)) };
        match path.root().filter(|name| block.get(name).is_none()) {
            Some(name) => {
                let known = block.attributes.keys().map(Str::as_str);
                let span = root_span(&arg.value);
                self.fail(unknown_attribute::diagnostic(name, span, type_name, known))
            }
            None => Ok(path),
        }
    }

    /// Returns the alias that an `@provider` names: `None` for the provider itself.
    pub(crate) fn provider_alias(
        &self,
        arg: &crate::syntax::ast::Arg,
        type_name: &str,
    ) -> Result<Option<Str>, Failed> {
        let provider = type_name.split('.').next().unwrap_or_default();
        let root = self.tables.list[0].table;
        let aliases = root.slots.values().filter_map(|slot| {
            if let SlotKind::Provider { name, alias } = slot.kind
                && name.name == provider
            {
                alias.map(|alias| &alias.name)
            } else {
                None
            }
        });
        if let ExprKind::Name(name) = &arg.value.kind
            && name == provider
        {
            return Ok(None);
        }
        if let ExprKind::Member { base, name, .. } = &arg.value.kind
            && matches!(&base.kind, ExprKind::Name(base) if base == provider)
            && aliases.clone().any(|alias| *alias == name.name)
        {
            return Ok(Some(name.name.clone()));
        }
        let known: Vec<&Str> = aliases.collect();
        self.fail(crate::diagnostics::bad_annotation::provider(arg, provider, &known))
    }
}
