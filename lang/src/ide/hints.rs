//! What is not written, shown between what is: inlay hints.
//!
//! Where a value is computed, the value that it has in the chosen environment stands behind it.

use syncline_model::{FileId, Path, Span};

use super::analysis::{Analysis, Found, declares};
use super::hover::short_value;
use crate::resolve::LayerId;
use crate::syntax::ast::{self, AmendOp, BodyEntryKind, Expr, ExprKind, ItemKind, MemberKind};

/// A hint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// Behind which byte it stands.
    pub offset: u32,
    /// What it says.
    pub label: String,
    /// What it says of itself.
    pub tooltip: String,
}

/// The most characters of a value.
const LONGEST: usize = 48;

/// Returns the hints of a part of a file, with the values of one environment.
#[must_use]
pub fn hints(analysis: &Analysis, file: FileId, part: Span, environment: &str) -> Vec<Hint> {
    let Some(tree) = analysis.tree(file) else { return Vec::new() };
    let evaluated = analysis.environments.iter().any(|(name, _)| name == environment);
    if !evaluated {
        return Vec::new();
    }
    let mut hints = Hints { analysis, environment, part, found: Vec::new() };
    for item in &tree.items {
        let ItemKind::Layer(layer) = &item.kind else { continue };
        if !hints.meets(item.span) || !hints.stands_on(layer) {
            continue;
        }
        for member in layer.members.iter().filter(|member| meets(part, member.span)) {
            hints.member(member);
        }
    }
    hints.found
}

const fn meets(left: Span, right: Span) -> bool {
    left.start <= right.end && right.start <= left.end
}

struct Hints<'a> {
    analysis: &'a Analysis,
    environment: &'a str,
    part: Span,
    found: Vec<Hint>,
}

impl<'a> Hints<'a> {
    const fn meets(&self, span: Span) -> bool {
        meets(self.part, span)
    }

    /// Tells whether the environment stands on a layer.
    fn stands_on(&self, layer: &ast::Layer) -> bool {
        let id = self.analysis.layer(layer);
        let line = self.id().map(|own| self.analysis.line(own)).unwrap_or_default();
        id.is_some_and(|id| line.contains(&id))
    }

    fn id(&self) -> Option<LayerId> {
        self.analysis.project.find_instance(self.environment).map(|(id, _)| id)
    }

    fn add(&mut self, expr: &Expr, value: &syncline_model::Value) {
        self.found.push(Hint {
            offset: expr.span.end,
            label: format!("= {}", short_value(value, LONGEST)),
            tooltip: format!("The value in `{}`", self.environment),
        });
    }

    fn member(&mut self, member: &ast::Member) {
        if let MemberKind::Resource(resource) = &member.kind {
            // A keyed resource has a value for each key.
            if resource.keys.is_none() {
                self.body(&resource.name.name, &resource.body);
            }
        } else if let MemberKind::Amend(amend) = &member.kind {
            self.amend(amend);
        }
        let Some((expr, name)) = member.value().zip(declares(member)) else { return };
        if !is_computed(expr) {
            return;
        }
        if let Some(found) = self.find(&name.name)
            && let Some(value) = found.value()
            && found.origins().last().is_some_and(|origin| origin.span == member.span)
        {
            self.add(expr, value);
        }
    }

    fn find(&self, name: &str) -> Option<Found<'a>> {
        let analysis = self.analysis;
        let declared = analysis.declared(self.id()?, name)?;
        let found = analysis.found(declared, name);
        found.into_iter().find(|(own, _)| *own == self.environment).map(|(_, found)| found)
    }

    fn amend(&mut self, amend: &ast::Amend) {
        let name = &amend.target.name.name;
        let expr: &Expr = match &amend.op {
            AmendOp::Set(expr) => expr,
            AmendOp::Add(expr) => expr,
            AmendOp::Inside(body) if amend.target.steps.is_empty() => {
                return self.body(name, body);
            }
            AmendOp::Inside(_) => return,
        };
        if amend.target.steps.is_empty() {
            let found = self.find(name);
            let wins = found.and_then(|found| found.origins().last()).is_some_and(|origin| {
                origin.span.start <= expr.span.start && expr.span.end <= origin.span.end
            });
            let adds = matches!(amend.op, AmendOp::Add(_));
            if let Some(value) = self.find(name).and_then(|found| found.value())
                && wins
                && (adds || is_computed(expr))
            {
                self.add(expr, value);
            }
        }
    }

    /// The attributes of a resource that has one instance.
    fn body(&mut self, name: &str, body: &ast::Body) {
        let Some(Found::Resources([resource])) = self.find(name) else { return };
        for entry in &body.entries {
            let BodyEntryKind::Amend(amend) = &entry.kind else { continue };
            let AmendOp::Set(expr) = &amend.op else { continue };
            let path = Path::attribute(amend.target.name.name.clone());
            let wins = resource.origins.winner(&path).is_some_and(|own| own.span == entry.span);
            if let Some(value) = path.get(&resource.config)
                && amend.target.steps.is_empty()
                && wins
                && is_computed(expr)
            {
                self.add(expr, value);
            }
        }
    }
}

/// Tells whether a value is worth showing beside its expression.
fn is_computed(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Null
        | ExprKind::Bool(_)
        | ExprKind::Number(_)
        | ExprKind::Quantity(_)
        | ExprKind::String(_)
        | ExprKind::Error => false,
        ExprKind::List(items) => items.iter().any(|item| is_computed(&item.value)),
        ExprKind::Map(_) | ExprKind::Lambda(_) => false,
        ExprKind::Paren(inner) => is_computed(inner),
        ExprKind::Unary { operand, .. } => is_computed(operand),
        ExprKind::Template(_)
        | ExprKind::Name(_)
        | ExprKind::Offered { .. }
        | ExprKind::Member { .. }
        | ExprKind::Index { .. }
        | ExprKind::Call { .. }
        | ExprKind::Binary { .. }
        | ExprKind::Compare { .. }
        | ExprKind::If(_)
        | ExprKind::Match { .. }
        | ExprKind::ListFor(_)
        | ExprKind::MapFor(_) => true,
    }
}
