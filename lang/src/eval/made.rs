//! What amendments have made of a value so far, and where its parts come from.

use syncline_model::{Origin, Origins, Path, Value};

/// A value under construction with where its parts come from.
#[derive(Default)]
pub(crate) struct Made {
    pub(crate) value: Option<Value>,
    pub(crate) chains: Vec<(Path, Vec<Origin>)>,
}

impl Made {
    /// Notes that an op made the part at a path; what was known of its parts is over.
    pub(crate) fn note(&mut self, path: &Path, origin: Origin) {
        self.chains.retain(|(own, _)| own == path || !own.starts_with(path));
        match self.chains.iter_mut().find(|(own, _)| own == path) {
            Some((_, chain)) => chain.push(origin),
            None => {
                // A part's chain begins with what made the whole.
                let leading = self.chains.iter().filter(|(own, _)| path.starts_with(own));
                let mut chain = leading
                    .max_by_key(|(own, _)| own.0.len())
                    .map(|(_, chain)| chain.clone())
                    .unwrap_or_default();
                chain.push(origin);
                self.chains.push((path.clone(), chain));
            }
        }
    }
}

/// Returns what won at a path, and behind it what that was computed with.
pub(crate) fn trail_of(chains: &[(Path, Vec<Origin>)], path: &Path) -> Vec<Origin> {
    let leading = chains.iter().filter(|(own, _)| path.starts_with(own));
    let chain = leading.max_by_key(|(own, _)| own.0.len()).map(|(_, chain)| chain);
    let Some(winner) = chain.and_then(|chain| chain.last()) else { return Vec::new() };
    let own = Origin::new(winner.overlay.clone(), winner.span);
    std::iter::once(own).chain(winner.from.iter().cloned()).collect()
}

/// Returns what set the parts of a value; nothing where all of it was set as a whole.
pub(crate) fn parts(chains: Vec<(Path, Vec<Origin>)>) -> Origins {
    if chains.iter().all(|(path, _)| path.is_empty()) {
        return Origins::default();
    }
    let of = |(path, chain): (Path, Vec<Origin>)| {
        chain.into_iter().map(move |origin| (path.clone(), origin))
    };
    Origins::new(chains.into_iter().flat_map(of).collect())
}
