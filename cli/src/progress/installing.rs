//! The progress of an installation: a bar for each package on a terminal, and a line for each that
//! is there.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget};
use syncline_install::{Event, Source, Trust};

use crate::output::Output;

/// The progress of an installation.
#[derive(Debug)]
pub struct Installing {
    output: Output,
    bars: Option<MultiProgress>,
    running: Mutex<BTreeMap<Source, ProgressBar>>,
}

impl Installing {
    /// Returns the progress of an installation that has not begun.
    #[must_use]
    pub fn new(output: &Output) -> Self {
        let target = || ProgressDrawTarget::stderr_with_hz(8);
        let bars = output.live.then(|| MultiProgress::with_draw_target(target()));
        Self { output: output.clone(), bars, running: Mutex::default() }
    }

    /// Shows what an installation tells.
    pub fn observe(&self, event: Event) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Fetching { source, version, done, total } => {
                let Some(bars) = &self.bars else { return };
                let bar = running.entry(source).or_insert_with_key(|source| {
                    let bar = bars.add(ProgressBar::new(total.unwrap_or(0)));
                    let template = "  {spinner} Fetching {msg} {bytes}/{total_bytes} {eta} left";
                    bar.set_style(super::style(template));
                    bar.set_message(format!("{} {version}", source.short()));
                    bar
                });
                bar.set_position(done);
            }
            Event::Installed { source, version, place, trust } => {
                if let Some(bar) = running.remove(&source) {
                    bar.finish_and_clear();
                }
                let trust = match trust {
                    Trust::Signed { key } => format!(" (signed by {key})"),
                    Trust::Checksum => " (by its checksum, not signed)".to_owned(),
                    Trust::Place => String::new(),
                };
                let line = format!("Installed {} {version} from {place}{trust}", source.short());
                match &self.bars {
                    // Only a terminal that is gone cannot be written to.
                    Some(bars) => drop(bars.println(line)),
                    None => self.output.note(&line),
                }
            }
        }
    }

    /// Takes the live lines away.
    pub fn finish(&self) {
        if let Some(bars) = &self.bars {
            let _ = bars.clear();
        }
    }
}
