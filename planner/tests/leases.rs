//! One run at a time, and runs that are told to stop.

#[allow(dead_code, missing_docs, unreachable_pub, clippy::unwrap_used)]
mod support;

use std::time::Duration;

use support::*;
use syncline_model::*;
use syncline_planner::health::Trusting;
use syncline_planner::lease::{Held, LeaseError, LeaseRequest, acquire, release, renew};
use syncline_planner::record::{Body, Holder, LogError};
use syncline_planner::{CancelToken, Clock as _, Executor, RunInfo, Silent, State, execute};

async fn take(world: &World, alive: bool) -> Result<Held, LeaseError> {
    let request = LeaseRequest {
        holder: holder(),
        purpose: "apply".into(),
        duration: 60_000,
        timeout: Duration::ZERO,
        cancel: CancelToken::new(),
    };
    let mut state = State::default();
    let alive = move |_: &Holder| alive;
    acquire(&world.log, &mut state, request, &Still, &alive).await
}

#[tokio::test]
async fn an_environment_has_one_holder() {
    let world = world().await;
    let mut held = take(&world, true).await.unwrap();
    assert!(matches!(take(&world, true).await, Err(LeaseError::Busy { .. })));
    renew(&world.log, &mut held, &Still).await.unwrap();
    assert_eq!(world.state().await.lease.unwrap().1, held.number);
    release(&world.log, &held).await.unwrap();
    let again = take(&world, true).await.unwrap();
    assert_ne!(again.number, held.number);
    assert!(take(&world, false).await.is_ok(), "a dead holder holds nothing");
}

/// Whoever waits goes by the longer one of the two times, so that a lease that is held for longer than others ask for
/// (a log that has moved away) is not taken from it.
#[tokio::test(start_paused = true)]
async fn a_lease_lasts_as_long_as_its_holder_said() {
    let world = world().await;
    let request = |duration, timeout| LeaseRequest {
        holder: holder(),
        purpose: "apply".into(),
        duration,
        timeout: Duration::from_secs(timeout),
        cancel: CancelToken::new(),
    };
    let take = async |duration, timeout| {
        let mut state = State::default();
        acquire(&world.log, &mut state, request(duration, timeout), &Ticking::new(), &|_| true)
            .await
    };
    take(600_000, 0).await.unwrap();
    assert!(matches!(take(60_000, 500).await, Err(LeaseError::Busy { .. })));
    assert!(take(60_000, 700).await.is_ok(), "it was not renewed for as long as it lasts");
}

#[tokio::test]
async fn a_run_that_is_told_to_stop_starts_nothing() {
    let world = world().await;
    let all = desired(vec![thing("a", [], &[]), thing("b", [], &["a"])]);
    let plan = world.plan(&all).await.0.unwrap();
    let cancel = CancelToken::new();
    cancel.drain();
    let execution = execute(Executor {
        plan: &plan,
        desired: None,
        state: world.state().await,
        log: &world.log,
        providers: &world.registry,
        resolve: &References,
        prober: &Trusting,
        clock: &Still,
        observer: &Silent,
        run: RunInfo { holder: holder(), commit: Str::new(), syncline: Str::new() },
        parallelism: 10,
        cancel,
        secret_key: [0; 32],
    })
    .await;
    assert!(execution.interrupted && !execution.success());
    assert_eq!(execution.skipped, [address("a"), address("b")]);
    assert_eq!(execution.log_error, None::<LogError>);
    assert!(world.tiny.calls().iter().all(|call| call.starts_with("plan")));
    let state = world.state().await;
    assert!(state.resources.is_empty(), "{state:?}");
    let last = world.log.0.lock().unwrap().last().cloned().unwrap();
    assert!(matches!(last.body, Body::Applied(applied) if applied.interrupted));
}

/// Whoever is told to stop does not go on waiting for another run.
#[tokio::test(start_paused = true)]
async fn who_waits_can_be_told_to_stop() {
    let world = world().await;
    let cancel = CancelToken::new();
    let request = || LeaseRequest {
        holder: holder(),
        purpose: "apply".into(),
        duration: 60_000,
        timeout: Duration::from_secs(30),
        cancel: cancel.clone(),
    };
    let (mut first, mut second) = (State::default(), State::default());
    let clock = Ticking::new();
    acquire(&world.log, &mut first, request(), &clock, &|_| true).await.unwrap();
    let begun = clock.monotonic();
    let told = async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        cancel.drain();
    };
    let waiting = acquire(&world.log, &mut second, request(), &clock, &|_| true);
    let (waited, ()) = tokio::join!(waiting, told);
    assert!(matches!(waited, Err(LeaseError::Busy { .. })));
    assert!(clock.monotonic() - begun < Duration::from_secs(3), "it waited no longer");
}
