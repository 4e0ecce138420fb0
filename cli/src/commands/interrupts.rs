//! What ends a run before its time: Ctrl-C, a request to terminate, a terminal that goes away.
//!
//! Takes signals, and raises a [`CancelToken`]: the first one drains, the second one aborts, the third one ends
//! the process. What that means is for whoever is at work: as long as nothing was begun, the first one ends it
//! ([`unless`]); what was begun comes to its end ([`tell`]).

use syncline_model::EnvironmentName;
use syncline_planner::{CancelToken, Stage};

use crate::exit::{Exit, Failure};
use crate::session::Session;

/// Listens to signals.
pub(super) fn listen() -> CancelToken {
    let cancel = CancelToken::new();
    #[cfg(unix)]
    {
        use tokio::signal::unix::SignalKind;
        on(SignalKind::interrupt(), &cancel, raise);
        on(SignalKind::terminate(), &cancel, raise);
        if !ignores_hangups() {
            // It comes from the system and from a shell: it is one wish, however often it is said.
            on(SignalKind::hangup(), &cancel, CancelToken::drain);
        }
    }
    #[cfg(not(unix))]
    {
        let token = cancel.clone();
        tokio::spawn(async move {
            while tokio::signal::ctrl_c().await.is_ok() {
                raise(&token);
            }
        });
    }
    cancel
}

#[cfg(unix)]
fn on(kind: tokio::signal::unix::SignalKind, cancel: &CancelToken, does: fn(&CancelToken)) {
    // A signal that cannot be listened to ends the process, as it does without this.
    let Ok(mut signals) = tokio::signal::unix::signal(kind) else { return };
    let token = cancel.clone();
    tokio::spawn(async move {
        while signals.recv().await.is_some() {
            does(&token);
        }
    });
}

fn raise(cancel: &CancelToken) {
    match cancel.stage() {
        Stage::Run => cancel.drain(),
        Stage::Drain => cancel.abort(),
        Stage::Abort => end_process(),
    }
}

#[expect(clippy::exit, reason = "what was asked to stop twice does not")]
fn end_process() {
    std::process::exit(i32::from(Exit::Interrupted.code()));
}

/// Tells whether the process was started to outlive its terminal, as by `nohup`. Where the system does not
/// say, one that speaks to a terminal was not.
#[cfg(unix)]
fn ignores_hangups() -> bool {
    use std::io::IsTerminal as _;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    match ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()) {
        // The signals are counted from 1, and this is the first one.
        Some(mask) => mask & 1 == 1,
        None => !std::io::stderr().is_terminal(),
    }
}

/// Waits for something that changes nothing in an environment, and gives it up when the run is to end.
pub(super) async fn unless<T>(
    session: &Session,
    environment: &EnvironmentName,
    cancel: &CancelToken,
    future: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    tokio::select! {
        biased;
        () = cancel.beyond(Stage::Run) => Err(interrupted(session, environment)),
        result = future => result,
    }
}

/// Tells that a run ends that has begun nothing.
pub(super) fn interrupted(session: &Session, environment: &EnvironmentName) -> Failure {
    session.output.note(&format!("\nInterrupted: nothing was done in {environment}."));
    if session.json {
        session.about(environment).lines().not_applied();
    }
    Failure::told(Exit::Interrupted)
}

/// Tells, while something is done, that the wish to stop was heard. It never ends by itself.
pub(super) async fn tell(session: &Session, cancel: &CancelToken) {
    cancel.beyond(Stage::Run).await;
    if cancel.stage() == Stage::Drain {
        session.output.note(
            "Stopping: what runs comes to its end, nothing new starts. Ctrl-C again cancels.",
        );
    }
    cancel.beyond(Stage::Drain).await;
    session.output.note("Cancelling.");
    std::future::pending().await
}
