//! Several runs of one environment at once: skewed clocks, pauses, partitions, faults, deaths.
//!
//! Takes a seed; lets two to four machines apply their own configurations at once, several times
//! each, while the disk and the provider fail now and then. Only who holds the environment may
//! write; at the end, one apply of a healthy machine brings everything to rest.

use std::sync::Arc;
use std::time::Duration;

use super::lives::Story;
use super::process::{Ended, Process};
use super::program::Program;
use super::{Faults, Mutant, Random, Sim, laws, lock, simulate};

/// Runs one race.
#[must_use]
pub fn race(seed: u64, mutant: Mutant) -> Story {
    simulate(async {
        let mut random = Random::new(!seed);
        let faults = Faults { disk: random.below(4), provider: random.below(6), mutant };
        let sim = Sim::new(seed, faults);
        let mut story = Story::default();
        let machines = 2 + random.below(3);
        let mut running = Vec::new();
        let mut program = Program::new(&mut random);
        for machine in 0..machines {
            program.change(&mut random);
            let machine = Machine {
                sim: Arc::clone(&sim),
                number: machine,
                random: Random::new(random.below(u64::MAX)),
            };
            running.push(tokio::spawn(machine.run(program.clone())));
        }
        for machine in running {
            let Ok((runs, cut_short)) = machine.await else {
                sim.broke("a machine panicked".to_owned());
                continue;
            };
            story.runs += runs;
            story.cut_short += cut_short;
        }
        sim.heal();
        tokio::time::sleep(Duration::from_secs(3)).await;
        let text = program.text();
        let last = Process::new(&sim, 1_000, false, 0).apply(&text).await;
        if !matches!(last, Ended::Done { success: true, .. }) {
            sim.broke(format!("the apply that goes on failed: {last:?}"));
        }
        laws::settled(&sim);
        let again = Process::new(&sim, 1_001, false, 0).apply(&text).await;
        if !matches!(again, Ended::Done { success: true, was_empty: true, .. }) {
            sim.broke(format!("a plan after the apply is not empty: {again:?}"));
        }
        story.broken = sim.broken();
        story.trace = sim.trace();
        story
    })
}

struct Machine {
    sim: Arc<Sim>,
    number: u64,
    random: Random,
}

impl Machine {
    async fn run(mut self, mut program: Program) -> (u64, u64) {
        let (mut runs, mut cut_short) = (0, 0);
        // Up to almost five minutes ahead of the others.
        let skew = if self.random.percent(50) { self.random.below(290_000) } else { 0 };
        for run in 0..1 + self.random.below(3) {
            let number = self.number * 100 + run + 1;
            let process = Process::new(&self.sim, number, false, skew);
            if self.random.percent(30) {
                process.die_at(1 + self.random.below(90));
            }
            let mishap = tokio::spawn(mishap(Arc::clone(&process), self.random.clone()));
            self.random.below(2);
            let ended = process.apply(&program.text()).await;
            mishap.abort();
            runs += 1;
            if let Ended::Died = ended {
                self.sim.bury(number);
                if self.random.percent(20) {
                    lock(&self.sim.disk).lose_power();
                }
            }
            cut_short += u64::from(!matches!(ended, Ended::Done { success: true, .. }));
            program.change(&mut self.random);
            self.sim.wait(5_000).await;
        }
        (runs, cut_short)
    }
}

/// Pauses a process, or cuts it off, for longer or shorter than a lease lasts.
async fn mishap(process: Arc<Process>, mut random: Random) {
    let when = Duration::from_millis(random.below(9_000));
    let time = Duration::from_millis(random.below(200_000));
    tokio::time::sleep(when).await;
    match random.below(3) {
        0 => process.pause(time),
        1 => process.cut_off(time),
        _ => {}
    }
}
