//! Annotations: how a resource is treated, and what they name.

use syncline_model::{Address, Block, Dimension, Path, Span, Str, Timeouts, Type};

use super::SlotValue;
use super::amend::{Body, Target};
use super::expression::key_text;
use super::parts::path_of;
use super::scope::{Failed, Scope};
use crate::diagnostics::{bad_annotation, unknown_attribute};
use crate::resolve::SlotKind;
use crate::syntax::ast::{self, Expr, ExprKind};

/// What an `@after` names, to be looked up when everything is evaluated.
#[derive(Clone, Debug)]
pub(crate) struct After {
    /// The frame whose names are seen.
    pub(crate) frame: usize,
    /// Members and keys from there.
    pub(crate) steps: Vec<Str>,
    pub(crate) span: syncline_model::Span,
}

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
                    let steps = self.after_target(&arg.value)?;
                    body.after.push(After { frame: self.frame, steps, span: arg.value.span });
                }
            }
            "replace" => match annotation.args.as_slice() {
                [ast::Arg { value: Expr { kind: ExprKind::Name(word), .. }, .. }]
                    if word == "create_first" || word == "destroy_first" =>
                {
                    body.lifecycle.create_first = word == "create_first";
                }
                _ => {
                    let takes = "`create_first` or `destroy_first`";
                    return self.fail(bad_annotation::arguments(annotation, takes));
                }
            },
            "provider" => match annotation.args.as_slice() {
                [arg] => body.provider = self.provider_alias(arg, type_name)?,
                _ => return self.fail(bad_annotation::arguments(annotation, "`name.alias`")),
            },
            "timeout" if !annotation.args.is_empty() => self.timeouts(annotation, body)?,
            "health" if !annotation.args.is_empty() => {
                self.health((annotation, stage), body, target)?;
            }
            "ignore" | "after" | "timeout" | "health" => {
                return self.fail(bad_annotation::arguments(annotation, "at least one argument"));
            }
            _ => return self.fail(bad_annotation::unknown(annotation)),
        }
        Ok(())
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

    /// Returns what an `@after` names: members and keys.
    #[expect(clippy::wildcard_enum_match_arm, reason = "only these forms name resources")]
    pub(crate) fn after_target(&mut self, expr: &Expr) -> Result<Vec<Str>, Failed> {
        let (mut steps, step) = match &expr.kind {
            ExprKind::Name(name) => (Vec::new(), name.clone()),
            ExprKind::Member { base, name, .. } => (self.after_target(base)?, name.name.clone()),
            ExprKind::Index { base, index, .. } => {
                let key = self.expression(index)?;
                match key_text(&key) {
                    Some(key) => (self.after_target(base)?, key),
                    None => {
                        return self
                            .fail(crate::diagnostics::bad_key::diagnostic(&key, index.span));
                    }
                }
            }
            _ => return self.fail(crate::diagnostics::bad_annotation::after(expr.span)),
        };
        steps.push(step);
        Ok(steps)
    }

    /// Returns the addresses of what steps lead to from a frame: all instances of a resource or one
    /// of them, or all resources of a unit; `None` when they lead to something else.
    pub(crate) fn addresses(&self, frame: usize, steps: &[Str]) -> Option<Vec<Address>> {
        let (name, rest) = steps.split_first()?;
        match self.value_in(frame, name) {
            Some((SlotValue::Instances(instances), _)) => {
                let key = rest.first().filter(|_| instances.keyed);
                let list = instances.list.iter();
                let fits = list.filter(|own| key.is_none() || own.key.as_ref() == key);
                Some(fits.map(|own| own.address.clone()).collect())
            }
            Some((SlotValue::Units(units), _)) => {
                let (key, rest) = match rest.split_first() {
                    Some((key, rest)) if units.keyed => (Some(key), rest),
                    _ => (None, rest),
                };
                let frames =
                    units.list.iter().filter(|(own, _)| key.is_none() || own.as_ref() == key);
                let mut addresses = Vec::new();
                for (_, frame) in frames {
                    if rest.is_empty() {
                        let table = self.tables.list[self.frames[*frame].table].table;
                        for name in table.slots.keys() {
                            addresses.extend(
                                self.addresses(*frame, &[Str::from(*name)]).unwrap_or_default(),
                            );
                        }
                    } else {
                        addresses.extend(self.addresses(*frame, rest)?);
                    }
                }
                addresses.sort_unstable();
                Some(addresses)
            }
            // That has been reported.
            Some((SlotValue::Failed, _)) => Some(Vec::new()),
            _ => None,
        }
    }

    /// Tells whether no member of a frame has the name that steps start with.
    pub(crate) fn is_unknown(&self, frame: usize, steps: &[Str]) -> bool {
        let table = self.tables.list[self.frames[frame].table].table;
        steps.first().is_none_or(|name| table.find(name).is_none())
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
