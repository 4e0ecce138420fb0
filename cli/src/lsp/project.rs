//! The analysis of one project, on a thread of its own.
//!
//! Takes the newest text of what the editor has open; makes an [`Analysis`] and says so. When there is
//! a newer text, an analysis under way is given up at the next stage. What did not change is not
//! parsed again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use syncline_lang::Inputs;
use syncline_lang::ide::{Analysis, SharedWorld};
use syncline_lang::syntax::{Trees, ast, parse_with};
use syncline_model::{Diagnostic, FileId, Source, Sources};

use super::server::Event;
use crate::project::{self, Overlay, Providers};
use crate::session::Session;

/// A project that is looked at.
#[derive(Debug)]
pub(super) struct Project {
    pub(super) root: PathBuf,
    shared: Arc<Shared>,
}

/// An analysis with the number of the text that it is of.
#[derive(Clone, Debug)]
pub(super) struct Current {
    pub(super) generation: u64,
    pub(super) analysis: Arc<Analysis>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// The newest text, and its number.
    wanted: Option<Overlay>,
    generation: u64,
    current: Option<Current>,
    closed: bool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Project {
    /// Starts the thread of a project; it sends an event after each analysis.
    pub(super) fn start(session: Session, root: PathBuf, events: Sender<Event>) -> Self {
        let shared = Arc::new(Shared::default());
        let (worker, folder) = (shared.clone(), root.clone());
        let thread = std::thread::Builder::new().name("analysis".to_owned()).stack_size(64 << 20);
        // Without a thread there are no answers, and nothing else is lost.
        let _started = thread.spawn(move || work(&session, &folder, &worker, &events));
        Self { root, shared }
    }

    /// Asks for an analysis of a text; returns its number.
    pub(super) fn want(&self, overlay: Overlay) -> u64 {
        let mut state = self.shared.lock();
        state.generation += 1;
        state.wanted = Some(overlay);
        self.shared.changed.notify_all();
        state.generation
    }

    /// Returns the number of the newest text.
    pub(super) fn generation(&self) -> u64 {
        self.shared.lock().generation
    }

    /// Returns the newest analysis; waits a little for that of the newest text.
    pub(super) fn newest(&self, patience: Duration) -> Option<Current> {
        let end = Instant::now() + patience;
        let mut state = self.shared.lock();
        while state.current.as_ref().is_none_or(|current| current.generation < state.generation) {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            let waited = self.shared.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        state.current.clone()
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.changed.notify_all();
    }
}

fn work(session: &Session, root: &Path, shared: &Shared, events: &Sender<Event>) {
    let (mut parsed, mut worlds) = (Parsed::default(), Worlds::default());
    loop {
        let (overlay, generation) = {
            let mut state = shared.lock();
            loop {
                if state.closed {
                    return;
                }
                if let Some(overlay) = state.wanted.take() {
                    break (overlay, state.generation);
                }
                state = shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
        };
        let go_on = || {
            let state = shared.lock();
            state.generation == generation && !state.closed
        };
        let Some(analysis) = analyse((session, root), &overlay, (&mut parsed, &mut worlds), &go_on)
        else {
            continue;
        };
        let current = Current { generation, analysis: Arc::new(analysis) };
        shared.lock().current = Some(current);
        shared.changed.notify_all();
        if events.send(Event::Analysed(root.to_owned())).is_err() {
            return;
        }
    }
}

/// The trees of the last analysis, by the file's number.
#[derive(Default)]
struct Parsed(BTreeMap<FileId, Trees>);

impl Parsed {
    fn get(&mut self, id: FileId, text: &str) -> (ast::File, Vec<Diagnostic>) {
        let known = self.0.entry(id).or_default();
        let parsed = parse_with(id, text, known);
        *known = parsed.trees;
        (parsed.file, parsed.diagnostics)
    }
}

/// The providers of the last analysis, by the texts of the files with a `project` block.
#[derive(Default)]
struct Worlds(Vec<Arc<str>>, Option<SharedWorld>);

impl Worlds {
    /// Returns the providers; those that the project asks for are installed when they are new.
    fn get(
        &mut self,
        session: &Session,
        root: &Path,
        files: &[ast::File],
        sources: &Sources,
    ) -> Option<SharedWorld> {
        let texts = sources.iter().map(|(_, source)| &source.text);
        let has_project = |text: &&Arc<str>| text.lines().any(|line| line.starts_with("project "));
        let texts: Vec<Arc<str>> = texts.filter(has_project).cloned().collect();
        if self.1.is_none() || self.0 != texts {
            let (project, _) = syncline_lang::resolve(files.to_vec());
            let (world, _) = Providers::of(session, root, &project).ok()?;
            *self = Self(texts, Some(Arc::new(world)));
        }
        self.1.clone()
    }
}

fn analyse(
    (session, root): (&Session, &Path),
    overlay: &Overlay,
    (parsed, worlds): (&mut Parsed, &mut Worlds),
    go_on: &dyn Fn() -> bool,
) -> Option<Analysis> {
    let mut parse = |id, source: &Source| parsed.get(id, &source.text);
    let (sources, files, mut diagnostics) = project::sources_with(root, overlay, true, &mut parse);
    if !go_on() {
        return None;
    }
    // What is wrong with bytes on the disk has a place that the editor does not show.
    diagnostics.retain(|own| own.code.id != "E0802");
    let world = worlds.get(session, root, &files, &sources)?;
    Analysis::of_files(sources, files, diagnostics, &Inputs::default(), world, go_on)
}
