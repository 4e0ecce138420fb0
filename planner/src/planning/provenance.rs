//! Where changed attributes come from, as readable places.

use syncline_model::{DesiredResource, Origin, Path, Place, Sources, Value};

use crate::values;

/// Returns where a resource is declared.
pub(super) fn declared(sources: &Sources, desired: &DesiredResource) -> Option<Place> {
    let overlay = desired.origins.winner(&Path::default()).map(|origin| origin.overlay.clone());
    sources.place(desired.span, &overlay.unwrap_or_default())
}

/// Returns for each changed path what set it, and behind it what set what that was computed with.
pub(super) fn of(
    sources: &Sources,
    desired: &DesiredResource,
    before: &Value,
    after: &Value,
) -> Vec<(Path, Vec<Place>)> {
    let paths = if before.is_null() {
        let names = desired.config.as_map().into_iter().flat_map(|map| map.keys());
        names.map(|name| Path::attribute(name.clone())).collect()
    } else {
        values::differences(before, after)
    };
    let configured = |path: &Path| {
        path.root()
            .is_some_and(|name| desired.config.as_map().is_some_and(|c| c.contains_key(name)))
    };
    let mut found = Vec::new();
    for path in paths.into_iter().filter(configured) {
        let winner = desired.origins.winner(&path);
        let place = |origin: &Origin| sources.place(origin.span, &origin.overlay);
        let flow = winner.into_iter().flat_map(|own| std::iter::once(own).chain(own.from.iter()));
        let mut places: Vec<Place> = flow.filter_map(place).collect();
        places.dedup();
        // There are many of them, and none grows any more.
        places.shrink_to_fit();
        if !places.is_empty() {
            found.push((path, places));
        }
    }
    found.shrink_to_fit();
    found
}
