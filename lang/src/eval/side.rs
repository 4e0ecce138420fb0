//! The instances of one resource side by side.
//!
//! Thousands of instances are evaluated on as many cores as nobody else uses. Each thread has a
//! [`Scope`] of its own, which sees what has been evaluated before; what it made is put behind what
//! the thread before it made.
//!
//! Law: how many threads there were never shows. What would show it (numbers of variables, steps
//! that run out) is found out afterwards, and then all is evaluated once more by one thread.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::abreast::{STACK, cores};
use super::exchange::Exchange;
use super::resource::{Instance, Key, Work};
use super::scope::Scope;

/// The fewest instances that are worth a thread.
const FEWEST: usize = 256;

/// How many threads evaluate.
static RUNNING: AtomicUsize = AtomicUsize::new(0);

/// Threads that evaluate, for as long as this lives.
pub(super) struct Busy(usize);

impl Busy {
    /// Counts this thread.
    pub(super) fn one() -> Self {
        RUNNING.fetch_add(1, Ordering::SeqCst);
        Self(1)
    }

    /// Takes cores that nobody uses, so many at most.
    fn idle(most: usize) -> Self {
        let mut taken = 0;
        let _none = RUNNING.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |running| {
            taken = cores().saturating_sub(running).min(most);
            Some(running + taken)
        });
        Self(taken)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        RUNNING.fetch_sub(self.0, Ordering::SeqCst);
    }
}

/// What a thread made.
struct Part {
    list: Vec<Instance>,
    failed: bool,
    diagnostics: Vec<syncline_model::Diagnostic>,
    /// How many steps it took.
    spent: usize,
    /// Whether it was one of several may show.
    shows: bool,
}

/// Evaluates the instances of a resource into `list`, and tells whether one failed.
pub(super) fn evaluate(
    scope: &mut Scope<'_>,
    work: &Work<'_, '_>,
    keys: &[Key],
    list: &mut Vec<Instance>,
) -> bool {
    let most = (keys.len() / FEWEST).saturating_sub(1);
    // What a condition refers to is noted from one instance to the next.
    let alone = most == 0
        || work.resource.condition.is_some()
        || scope.explores
        || scope.looping > 0
        || scope.project.reads_across();
    let helpers = if alone { Busy(0) } else { Busy::idle(most) };
    if helpers.0 == 0 {
        return work.each(scope, keys, list);
    }
    let before = (scope.budget, scope.next_local, scope.exhausted);
    let (own, others) = keys.split_at(keys.len().div_ceil(helpers.0 + 1));
    let parts: Option<Vec<Part>> = std::thread::scope(|threads| {
        let started: Vec<_> = others
            .chunks(others.len().div_ceil(helpers.0))
            .map(|keys| {
                let seeds = (scope.exchange.seed(scope.calls.nesting()), scope.seed());
                let builder = std::thread::Builder::new().stack_size(STACK);
                builder.spawn_scoped(threads, move || {
                    let exchange = Exchange::of(seeds.0);
                    part(&mut Scope::of(&exchange, seeds.1), work, keys)
                })
            })
            .collect();
        let own = part(scope, work, own);
        let others = started.into_iter().map(|thread| thread.ok()?.join().ok());
        std::iter::once(Some(own)).chain(others).collect()
    });
    let spent = |parts: &[Part]| parts.iter().map(|part| part.spent).sum::<usize>();
    let parts =
        parts.filter(|parts| spent(parts) <= before.0 && parts.iter().all(|part| !part.shows));
    let Some(parts) = parts else {
        (scope.budget, scope.next_local, scope.exhausted) = before;
        return work.each(scope, keys, list);
    };
    scope.budget = before.0 - spent(&parts);
    list.reserve_exact(keys.len());
    let mut failed = false;
    for part in parts {
        failed |= part.failed;
        list.extend(part.list);
        scope.diagnostics.borrow_mut().extend(part.diagnostics);
    }
    failed
}

/// Evaluates some instances.
fn part(scope: &mut Scope<'_>, work: &Work<'_, '_>, keys: &[Key]) -> Part {
    let (budget, next_local) = (scope.budget, scope.next_local);
    let before = scope.diagnostics.borrow().len();
    let mut list = Vec::new();
    let failed = work.each(scope, keys, &mut list);
    Part {
        list,
        failed,
        diagnostics: scope.diagnostics.borrow_mut().split_off(before),
        spent: budget - scope.budget,
        shows: scope.exhausted || scope.next_local != next_local,
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::sync::Arc;

    use syncline_model::{Attribute, Block, FileId, ProviderSchema, ResourceSchema, Type};

    use super::*;
    use crate::mem::Mem;
    use crate::{Inputs, evaluate, resolve, syntax};

    fn world() -> Mem {
        let own = |optional, computed| Attribute {
            ty: Type::Any,
            optional,
            computed,
            ..Attribute::default()
        };
        let attributes =
            [("id", own(false, true)), ("a", own(true, false)), ("b", own(true, false))];
        let block = Block { attributes: attributes.map(|(name, own)| (name.into(), own)).into() };
        let thing = ResourceSchema { block, ..ResourceSchema::default() };
        let resources = [("thing".into(), Arc::new(thing))].into();
        Mem(Arc::new(ProviderSchema { resources, ..ProviderSchema::default() }))
    }

    /// Returns everything that an evaluation says of a program.
    fn said(text: &str) -> String {
        let (file, found) = syntax::parse(FileId(0), text);
        assert_eq!(found, [], "{text}");
        let (project, found) = resolve(vec![file]);
        assert_eq!(found, [], "{text}");
        let (evaluated, found) = evaluate(&project, "dev", &Inputs::default(), &world());
        let mut said = format!("{found:#?}");
        for resource in evaluated.iter().flat_map(|own| &own.desired.resources) {
            let _infallible = writeln!(said, "{resource:?}");
        }
        said
    }

    /// Programs in which the number of threads could show.
    const BODIES: [&str; 6] = [
        "a = i * 2\n b = common",
        "a = [for w in list: \"${w}-${i}\"]\n b = other.id",
        // The variables of what is computed later have numbers.
        "a = [for w in other.id: \"${w}-${i}\"]\n b = common",
        "a = 1 / (i % 700)\n b = i",
        // The steps run out.
        "a = [for all in [long]: std.lists.length(all + [i])]\n b = common",
        "a = if i % 2 == 0 then other else null\n b = { i, owner = common }",
    ];

    #[test]
    fn how_many_threads_there_were_never_shows() {
        for body in BODIES {
            let text = format!(
                "environment dev {{\n param common: string = \"c\"\n let list = [\"x\", \"y\"]\n \
                 let long = [for x in range(60000): x]\n \
                 resource mem.thing other {{ a = 1 }}\n resource mem.thing r[i in range(1200)] \
                 {{\n {body}\n }}\n r[700] {{ b = \"amended\" }}\n r[1100] {{ b = super }}\n}}\n"
            );
            let together = said(&text);
            RUNNING.fetch_add(1000, Ordering::SeqCst);
            let all = Busy(1000);
            let alone = said(&text);
            drop(all);
            assert!(together == alone, "{body}: {together:.2000}\n\n{alone:.2000}");
        }
    }
}
