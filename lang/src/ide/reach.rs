//! Whose members stand behind the dot of an expression.
//!
//! Takes an expression, the layer around it and the variables that are seen there; returns the unit,
//! the environment or the module that it leads to. It follows names, `let`s, keys and the variables of
//! loops, and evaluates nothing: what a condition or a function chooses is not known here.

use super::analysis::{Analysis, Declared};
use super::occurrence::{Locals, Nth, local};
use crate::resolve::{LayerId, ModuleId, Named};
use crate::syntax::ast::{self, Expr, ExprKind, MemberKind};

/// How many `let`s and variables are followed.
const FUEL: u8 = 16;

/// What an expression leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// A unit of a component, or the outputs of an environment.
    Members(LayerId),
    /// A map of units, by their keys.
    Keyed(LayerId),
    /// A list of units.
    Listed(LayerId),
    /// Another environment, or one for each of its keys.
    Environment(LayerId),
    /// The module of a folder.
    Folder(ModuleId),
}

/// From where an expression is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct From {
    pub(super) module: ModuleId,
    /// The layer whose members are seen; none in a function.
    pub(super) layer: Option<LayerId>,
    /// Other environments are seen, too.
    pub(super) sees_others: bool,
}

impl Analysis {
    /// Returns what an expression leads to.
    pub(super) fn reach(&self, from: From, expr: &Expr, locals: &Locals<'_>) -> Option<Reach> {
        self.reach_within(from, expr, locals, FUEL)
    }

    fn reach_within(
        &self,
        from: From,
        expr: &Expr,
        locals: &Locals<'_>,
        fuel: u8,
    ) -> Option<Reach> {
        let fuel = fuel.checked_sub(1)?;
        let within = |expr| self.reach_within(from, expr, locals, fuel);
        if let ExprKind::Name(name) = &expr.kind {
            return match local(locals, name) {
                Some(bound) => {
                    let source = bound.source.as_ref()?;
                    let through = self.reach_within(from, source.expr, &source.locals, fuel)?;
                    element(through, source.nth)
                }
                None => self.reach_of_name(from, name, fuel),
            };
        }
        if let ExprKind::Member { base, name, .. } = &expr.kind {
            return match within(base)? {
                Reach::Members(layer) => {
                    self.reach_of_member(self.declared(layer, &name.name)?, fuel)
                }
                Reach::Environment(layer) if name.name == "outputs" => Some(Reach::Members(layer)),
                Reach::Keyed(layer) => Some(Reach::Members(layer)),
                Reach::Environment(_) | Reach::Listed(_) | Reach::Folder(_) => None,
            };
        }
        if let ExprKind::Index { base, index, .. } = &expr.kind {
            return match within(base)? {
                Reach::Members(layer) => {
                    let ExprKind::String(name) = &index.kind else { return None };
                    self.reach_of_member(self.declared(layer, name)?, fuel)
                }
                Reach::Keyed(layer) | Reach::Listed(layer) => Some(Reach::Members(layer)),
                Reach::Environment(layer) => Some(Reach::Environment(layer)),
                Reach::Folder(_) => None,
            };
        }
        if let ExprKind::Call { callee, args } = &expr.kind
            && let [units] = &args[..]
            && matches!(&callee.kind, ExprKind::Name(name) if name == "values")
        {
            return match within(&units.value)? {
                Reach::Keyed(layer) => Some(Reach::Listed(layer)),
                Reach::Members(_) | Reach::Listed(_) | Reach::Environment(_) | Reach::Folder(_) => {
                    None
                }
            };
        }
        if let ExprKind::Paren(inner) = &expr.kind { within(inner) } else { None }
    }

    fn reach_of_name(&self, from: From, name: &str, fuel: u8) -> Option<Reach> {
        if let Some(declared) = from.layer.and_then(|layer| self.declared(layer, name)) {
            return self.reach_of_member(declared, fuel);
        }
        match self.project.module(from.module).names.get(name) {
            Some(Named::Folder(module)) => return Some(Reach::Folder(*module)),
            Some(Named::Std(_) | Named::Unknown) => return None,
            None => {}
        }
        let other = self.project.find_environment(name).filter(|_| from.sees_others);
        other.map(Reach::Environment)
    }

    fn reach_of_member(&self, declared: Declared, fuel: u8) -> Option<Reach> {
        let layer = self.project.layer(declared.layer);
        let member = &self.member(declared)?.kind;
        if let MemberKind::Unit(unit) = member {
            let component = self.project.component(layer.module, &unit.component).ok()?;
            return Some(match unit.keys {
                Some(_) => Reach::Keyed(component),
                None => Reach::Members(component),
            });
        }
        let MemberKind::Let { value, .. } = member else { return None };
        self.reach_within(self.within(declared.layer), value, &None, fuel)
    }

    /// Returns from where the members of a layer are read.
    pub(super) fn within(&self, id: LayerId) -> From {
        let layer = self.project.layer(id);
        From { module: layer.module, layer: Some(id), sees_others: !layer.is_component }
    }

    /// Returns from where a name is read, by the file and the layer around it.
    pub(super) fn from(&self, module: ModuleId, layer: Option<&ast::Layer>) -> From {
        let layer = layer.and_then(|layer| self.layer(layer));
        let sees_others = layer.is_some_and(|id| !self.project.layer(id).is_component);
        From { module, layer, sees_others }
    }
}

/// Returns what a variable of a loop leads to.
fn element(through: Reach, nth: Nth) -> Option<Reach> {
    match (through, nth) {
        (Reach::Keyed(layer), Nth::Second) | (Reach::Listed(layer), Nth::Only | Nth::Second) => {
            Some(Reach::Members(layer))
        }
        _ => None,
    }
}
