//! Where values of ephemeral resources may flow: into attributes that are write-only, configurations of
//! providers, and other ephemeral resources. Everything else is recorded somewhere.
//!
//! Takes what an environment desires; reports what leads elsewhere. No evaluation knows such a value, so all that is
//! made of one still says what it waits for.

use std::collections::BTreeSet;

use syncline_model::{
    Address, Attribute, Block, Desired, DesiredResource, Mode, Nesting, Path, Step, Value,
};

use super::scope::Scope;
use crate::diagnostics::leaked_ephemeral;

/// Reports every value of an ephemeral resource that would be recorded.
pub(super) fn check(scope: &Scope<'_>, desired: &Desired) {
    let ephemeral = |resource: &&DesiredResource| resource.mode == Mode::Ephemeral;
    let all: BTreeSet<&Address> =
        desired.resources.iter().filter(ephemeral).map(|resource| &resource.address).collect();
    if all.is_empty() {
        return;
    }
    let search = Search { all, found: Vec::new() };
    for resource in desired.resources.iter().filter(|own| own.mode != Mode::Ephemeral) {
        let Some(schema) = scope.world.schema(&resource.provider.name) else { continue };
        let Some(schema) = schema.get(resource.mode, &resource.kind) else { continue };
        let mut search = Search { all: search.all.clone(), found: Vec::new() };
        search.block(&schema.block, &resource.config, &Path::default());
        for (path, address) in search.found {
            let origin = resource.origins.winner(&path).map(|origin| origin.span);
            let span = origin.unwrap_or(resource.span);
            let what = format!("`{path}` of a `{}`", resource.type_name());
            scope.report(leaked_ephemeral::diagnostic(&what, &address, span));
        }
    }
    for output in &desired.outputs {
        if let Some(address) = search.of(&output.value) {
            let what = format!("the output `{}`", output.name);
            scope.report(leaked_ephemeral::diagnostic(&what, &address, output.origin.span));
        }
    }
    for check in &desired.checks {
        let found = search.of(&check.condition).or_else(|| search.of(&check.message));
        if let Some(address) = found {
            let span = check.origin.span;
            scope.report(leaked_ephemeral::diagnostic("an `ensure`", &address, span));
        }
    }
}

struct Search<'a> {
    all: BTreeSet<&'a Address>,
    found: Vec<(Path, Address)>,
}

impl Search<'_> {
    /// Returns an ephemeral resource that a value is made of.
    fn of(&self, value: &Value) -> Option<Address> {
        if value.is_known() {
            return None;
        }
        let mut waits = Vec::new();
        value.waits_for(&mut waits);
        waits.into_iter().find(|address| self.all.contains(address))
    }

    fn block(&mut self, block: &Block, value: &Value, path: &Path) {
        let Some(map) = value.as_map() else { return self.value(value, path) };
        for (name, value) in map.iter() {
            let path = path.key(name.clone());
            match block.get(name) {
                Some(attribute) if attribute.write_only => {}
                Some(attribute) => self.attribute(attribute, value, &path),
                None => self.value(value, &path),
            }
        }
    }

    fn attribute(&mut self, attribute: &Attribute, value: &Value, path: &Path) {
        let Some(nested) = &attribute.nested else { return self.value(value, path) };
        let (nesting, block) = &**nested;
        match (nesting, value.as_items(), value.as_map()) {
            (Nesting::Map, _, Some(map)) => {
                for (key, value) in map.iter() {
                    self.block(block, value, &path.key(key.clone()));
                }
            }
            (_, Some(items), _) => {
                for (at, item) in items.iter().enumerate() {
                    self.block(block, item, &path.with(Step::Index(at as u32)));
                }
            }
            _ => self.block(block, value, path),
        }
    }

    fn value(&mut self, value: &Value, path: &Path) {
        if let Some(address) = self.of(value) {
            self.found.push((path.clone(), address));
        }
    }
}
