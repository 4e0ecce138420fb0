//! The life of an environment: random changes of a random graph, and what goes wrong meanwhile.
//!
//! Takes a seed; after each change, whatever went wrong, one further apply must bring everything to
//! rest: what is recorded is what is there, and a plan is empty. There are no exceptions.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::process::{Ended, Process};
use super::program::Program;
use super::{Faults, Mutant, Random, Sim, laws, lock, simulate};

/// What a simulation came to.
#[derive(Clone, Debug, Default)]
pub struct Story {
    /// The laws that did not hold.
    pub broken: Vec<String>,
    /// What happened, for people.
    pub lines: Vec<String>,
    /// The digest of every event.
    pub trace: String,
    /// How many runs there were.
    pub runs: u64,
    /// How many of them were cut short: killed, stopped or failed.
    pub cut_short: u64,
}

/// Lives one life.
#[must_use]
pub fn live(seed: u64, changes: u64, mutant: Mutant) -> Story {
    simulate(async {
        let sim = Sim::new(seed, Faults { mutant, ..Faults::default() });
        let mut life = Life { sim, story: Story::default(), number: 0 };
        life.run(seed, changes).await;
        life.story.broken = life.sim.broken();
        life.story.trace = life.sim.trace();
        life.story
    })
}

struct Life {
    sim: Arc<Sim>,
    story: Story,
    number: u64,
}

impl Life {
    async fn run(&mut self, seed: u64, changes: u64) {
        let mut random = Random::new(!seed);
        let mut program = Program::new(&mut random);
        for change in 0..=changes {
            let mut said = Vec::new();
            if change == changes {
                program.clear();
                said.push("destroy".to_owned());
            } else if change > 0 {
                for _ in 0..1 + random.below(3) {
                    said.push(program.change(&mut random));
                }
            }
            let text = program.text();
            let troubles = if random.percent(25) { 2 } else { 1 };
            for _ in 0..troubles {
                let trouble = self.trouble(&text, &mut random).await;
                said.push(trouble);
            }
            self.story.lines.push(said.join(", "));
            self.sim.heal();
            // What was on its way when its process died has arrived by now.
            tokio::time::sleep(Duration::from_secs(3)).await;
            self.rest(&text).await;
            if !self.sim.broken().is_empty() {
                return;
            }
        }
    }

    fn process(&mut self) -> Arc<Process> {
        self.number += 1;
        self.story.runs += 1;
        Process::new(&self.sim, self.number, true, 0)
    }

    /// Applies while something goes wrong, and says what.
    async fn trouble(&mut self, text: &str, random: &mut Random) -> String {
        let process = self.process();
        let within = [12, 40, 120][random.below(3) as usize];
        let event = 1 + random.below(within);
        let kind = random.below(10);
        let said = match kind {
            0 | 1 => "all is well".to_owned(),
            2..=4 => {
                let call = ["create", "update", "delete", "partial", "read", "lost", "ask"];
                let call = call[random.below(7) as usize];
                let name = if random.percent(40) {
                    "*".to_owned()
                } else {
                    format!("r{}", random.below(9))
                };
                self.sim.world.fail(call, &name);
                format!("{call} of {name} fails")
            }
            5 => {
                process.stops_at.store(event, Ordering::SeqCst);
                format!("told to stop at event {event}")
            }
            6..=8 => {
                process.die_at(event);
                format!("killed at event {event}")
            }
            _ => {
                process.die_at(event);
                format!("power fails at event {event}")
            }
        };
        let ended = process.apply(text).await;
        if let Ended::Died = ended {
            self.sim.bury(process.number);
            if kind > 8 {
                lock(&self.sim.disk).lose_power();
            }
        }
        let whole = matches!(ended, Ended::Done { success: true, .. });
        self.story.cut_short += u64::from(!whole);
        self.sim.heal();
        tokio::time::sleep(Duration::from_secs(3)).await;
        said
    }

    /// Applies once more, when all is well: everything must come to rest.
    async fn rest(&mut self, text: &str) {
        let ended = self.process().apply(text).await;
        if !matches!(ended, Ended::Done { success: true, .. }) {
            self.sim.broke(format!("the apply that goes on failed: {ended:?}"));
            return;
        }
        laws::settled(&self.sim);
        let again = self.process().apply(text).await;
        if !matches!(again, Ended::Done { success: true, was_empty: true, .. }) {
            self.sim.broke(format!("a plan after the apply is not empty: {again:?}"));
        }
    }
}
