//! Measures planning and applying against a provider in memory: `measure 10000`.

#![expect(clippy::disallowed_methods, reason = "a measurement looks at the clock")]

#[allow(dead_code, missing_docs, unreachable_pub, clippy::unwrap_used)]
#[path = "../tests/support/mod.rs"]
mod support;

use std::time::Instant;

use support::{desired, id_of, thing, world};
use syncline_planner::Refresh;

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, reason = "it measures")]
async fn main() {
    let count = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(10_000);
    let mut world = world().await;
    let resources = (0..count).map(|at: usize| {
        let before = (at > 0).then(|| format!("n{:07}", at / 2));
        let size = before.as_deref().map_or_else(|| 1.into(), id_of);
        thing(&format!("n{at:07}"), [("size", size)], before.as_deref().as_slice())
    });
    let desired = desired(resources.collect());
    let begun = Instant::now();
    let plan = world.plan(&desired).await.0.expect("the plan is made");
    println!("first plan {:?}", begun.elapsed());
    let begun = Instant::now();
    let execution = world.execute(&plan).await;
    println!("apply {:?}, {} made", begun.elapsed(), execution.done.add);
    for refresh in [Refresh::None, Refresh::All] {
        world.options.refresh = refresh;
        let begun = Instant::now();
        let state = world.state().await;
        let replayed = begun.elapsed();
        drop(state);
        let plan = world.plan(&desired).await.0.expect("the plan is made");
        println!(
            "no-op plan ({refresh:?}) {:?}, two replays of {replayed:?} among it, {} unchanged",
            begun.elapsed(),
            plan.unchanged
        );
    }
}
