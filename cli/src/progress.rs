//! Progress: live lines on a terminal, settled lines on a pipe, JSON lines for programs.

mod installing;
mod lines;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use syncline_model::EnvironmentName;
use syncline_planner::plan::{Action, Change, Operation, Plan};
use syncline_planner::{Event, Observer};

pub use self::installing::Installing;
pub use self::lines::Lines;
use crate::output::{Output, Style};

/// How often live lines are redrawn.
const TICK: Duration = Duration::from_millis(120);

/// The progress of planning: one live line on a terminal, nothing elsewhere.
#[derive(Debug)]
pub struct Planning(Option<ProgressBar>);

impl Planning {
    /// Returns the progress of planning an environment.
    #[must_use]
    pub fn new(output: &Output, environment: &EnvironmentName) -> Self {
        Self(output.live.then(|| {
            let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr_with_hz(8));
            bar.set_style(style("  {spinner} {msg} {pos}/{len} {elapsed}"));
            bar.set_message(format!("Planning {environment}"));
            bar
        }))
    }

    /// Takes the live line away.
    pub fn finish(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

impl Observer for Planning {
    fn observe(&self, event: Event<'_>) {
        if let (Some(bar), Event::Planned { done, total }) = (&self.0, event) {
            bar.set_length(total as u64);
            bar.set_position(done as u64);
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ")
}

/// The progress of an apply.
#[derive(Debug)]
pub struct Applying {
    output: Output,
    lines: Option<Lines>,
    live: Option<Live>,
}

#[derive(Debug)]
struct Live {
    bars: MultiProgress,
    total: ProgressBar,
    running: Mutex<BTreeMap<(String, Operation), ProgressBar>>,
}

impl Applying {
    /// Returns the progress of carrying out a plan.
    #[must_use]
    pub fn new(output: &Output, plan: &Plan, json: bool) -> Self {
        let shown = |step: &&syncline_planner::plan::PlanStep| step.operation != Operation::Record;
        let steps = plan.steps.iter().filter(shown).count() as u64;
        let live = (output.live && !json && steps > 0).then(|| {
            let bars = MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(8));
            let total = bars.add(ProgressBar::new(steps));
            total.set_style(style("  [{bar:30}] {pos}/{len}  {elapsed}, {eta} left"));
            total.enable_steady_tick(TICK);
            Live { bars, total, running: Mutex::default() }
        });
        Self {
            output: output.clone(),
            lines: json.then(|| Lines::new(output).of(&plan.environment)),
            live,
        }
    }

    /// Takes the live lines away.
    pub fn finish(&self) {
        if let Some(live) = &self.live {
            live.total.finish_and_clear();
            let _ = live.bars.clear();
        }
    }

    fn settled(&self, line: &str) {
        match &self.live {
            Some(live) => {
                // Only a terminal that is gone cannot be written to.
                let _ = live.bars.println(line);
            }
            None => self.output.note(line),
        }
    }
}

impl Live {
    fn start(&self, change: &Change, operation: Operation) {
        let bar = self.bars.insert_before(&self.total, ProgressBar::new_spinner());
        bar.set_style(style("  {spinner} {msg} {elapsed}"));
        bar.set_message(format!("{}: {}", change.address, doing(operation)));
        bar.enable_steady_tick(TICK);
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.insert((change.address.to_string(), operation), bar);
    }

    fn end(&self, change: &Change, operation: Operation) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bar) = running.remove(&(change.address.to_string(), operation)) {
            bar.finish_and_clear();
            self.bars.remove(&bar);
        }
        self.total.inc(1);
    }
}

impl Observer for Applying {
    fn observe(&self, event: Event<'_>) {
        if let Some(lines) = &self.lines {
            lines.observe(event);
            return;
        }
        match event {
            Event::Refreshing { .. } | Event::Planned { .. } | Event::Skipped { .. } => {}
            Event::Started { change, operation } if operation != Operation::Record => {
                if let Some(live) = &self.live {
                    live.start(change, operation);
                }
            }
            Event::Finished { change, operation, millis } if operation != Operation::Record => {
                if let Some(live) = &self.live {
                    live.end(change, operation);
                }
                let seconds = millis as f64 / 1000.0;
                let paint = self.output.notes_paint;
                let done = paint.apply(Style::Green, done(change, operation));
                self.settled(&format!("{}: {done} in {seconds:.1}s", change.address));
            }
            Event::Failed { change, operation, diagnostic } => {
                if let Some(live) = &self.live {
                    live.end(change, operation);
                }
                let failed = self.output.notes_paint.apply(Style::Red, "failed");
                let what = doing(operation);
                let message = diagnostic.message.lines().next().unwrap_or_default();
                self.settled(&format!("{}: {what} {failed}: {message}", change.address));
            }
            Event::Started { .. } | Event::Finished { .. } => {}
        }
    }
}

const fn doing(operation: Operation) -> &'static str {
    match operation {
        Operation::Create => "creating",
        Operation::Update => "updating",
        Operation::Delete => "destroying",
        Operation::Read => "reading",
        Operation::Record => "recording",
        Operation::Check => "checking its health",
    }
}

const fn done(change: &Change, operation: Operation) -> &'static str {
    match (operation, change.action) {
        (Operation::Create, _) => "created",
        (Operation::Update, _) => "updated",
        (Operation::Delete, Action::ReplaceCreateFirst) => "old one destroyed",
        (Operation::Delete, _) => "destroyed",
        (Operation::Read, _) => "read",
        (Operation::Record, _) => "recorded",
        (Operation::Check, _) => "healthy",
    }
}
