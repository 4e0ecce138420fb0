//! `syncline state migrate`: moving a log to another place, record by record, verified.
//!
//! Records are copied as they are stored, so that the chain, its hashes and what is sealed stay the
//! same. The old log is taken as by a run, and afterwards kept for good under the name of its new
//! place: a run that still has the old place in its configuration is refused, and changes nothing.

use std::time::Duration;

use syncline_model::EnvironmentName;
use syncline_planner::Clock as _;
use syncline_planner::lease::{self, Held};
use syncline_planner::record::{Body, Holder, Lease, Log as _};
use syncline_state::{Backend, START, StoredLog};

use crate::commands::environments::one_recorded;
use crate::commands::running::{RunFlags, acquire};
use crate::exit::Failure;
use crate::project::{Records, SystemClock};
use crate::session::Session;

/// How many records are copied at a time.
const PAGE: usize = 4096;

/// Who has a log that has moved: nobody that runs.
const MOVED: &str = "syncline";

/// For how long nobody gets the old log: a thousand years.
const FOR_GOOD: u64 = 1000 * 365 * 24 * 3600 * 1000;

/// What to move, and where.
pub(super) struct Move {
    /// The environment, as it was named.
    pub(super) environment: String,
    /// The old place, unless it is that of the configuration.
    pub(super) from: Option<String>,
    /// The new place, unless it is that of the configuration.
    pub(super) to: Option<String>,
    pub(super) lock_timeout: Duration,
}

pub(super) async fn run(session: &Session, records: &Records, own: Move) -> Result<(), Failure> {
    let mut recorded = records.environments().await?;
    if let Some(from) = &own.from {
        recorded.extend(records.backends.named(from)?.environments().await?);
    }
    let environment = &one_recorded(session, recorded, &own.environment)?;
    let place = |text: &Option<String>| match text {
        Some(text) => records.backends.named(text),
        None => records.backends.of_environment(environment),
    };
    let (from, to) = (place(&own.from)?, place(&own.to)?);
    if own.from.is_none() && own.to.is_none() || from.place() == to.place() {
        return Err(Failure::new("the old place and the new one are the same").help(
            "Change `state` in the `project` block and give the old place: \
             `syncline state migrate prod --from local`.",
        ));
    }
    let verified = verify(&*from, environment).await?;
    if verified == START.sequence {
        return Err(Failure::new(format!("{} has no log of `{environment}`", from.place())));
    }
    let log = records.log_on(std::sync::Arc::clone(&from), environment);
    let mut state = log.state().await?;
    let flags = RunFlags { yes: true, lock_timeout: own.lock_timeout, input: false };
    let held = acquire(session, (&log, environment), &flags, (&mut state, "state migrate")).await?;
    let clock = SystemClock::default();
    let copied = copy(&*from, &*to, environment).await;
    let count = match copied {
        Ok(count) => count,
        Err(failure) => {
            lease::release(&log, &held).await?;
            return Err(failure);
        }
    };
    // The copy ends with the lease of this move: there it is given back.
    let new_log = records.log_on(std::sync::Arc::clone(&to), environment);
    new_log.read(count).await?;
    let released = Body::Released { lease: held.number, broken_by: None };
    new_log.append(vec![released], Some(count)).await?;
    verify(&*to, environment).await?;
    retire(&log, &held, &to.place(), clock.now()).await?;
    session.output.note(&format!(
        "{count} records of `{environment}` are in {} now, verified. {} is kept and takes no more.",
        to.place(),
        from.place()
    ));
    Ok(())
}

/// Copies what the new place does not have yet, and returns how many records there are then.
async fn copy(
    from: &dyn Backend,
    to: &dyn Backend,
    environment: &EnvironmentName,
) -> Result<u64, Failure> {
    let mut tail = to.tail(environment).await?;
    if tail != START {
        // A move that was interrupted is taken up where it ended.
        let last = from.read(environment, tail.sequence - 1, 1).await?;
        if last.first().map(syncline_state::Stored::mark) != Some(tail) {
            return Err(Failure::new(format!(
                "{} has another log of `{environment}` already",
                to.place()
            ))
            .help("Nothing was changed. Move to an empty place."));
        }
    }
    loop {
        let page = from.read(environment, tail.sequence, PAGE).await?;
        let Some(last) = page.last().map(syncline_state::Stored::mark) else {
            return Ok(tail.sequence);
        };
        if !to.append(environment, &tail, &page).await? {
            return Err(Failure::new(format!("somebody else writes to {}", to.place())));
        }
        tail = last;
    }
}

/// Returns where a log has moved to, when that is what its lease says.
pub(in crate::commands) fn moved_to(holder: &Holder) -> Option<&str> {
    (holder.process == 0 && holder.user.as_str() == MOVED).then_some(holder.host.as_str())
}

/// Keeps the old log from every run, and says where it went.
async fn retire(log: &StoredLog, held: &Held, place: &str, now: u64) -> Result<(), Failure> {
    let moved = Holder { user: MOVED.into(), host: place.into(), process: 0, started: "".into() };
    let lease = Lease {
        holder: moved,
        since: now,
        expires: now + FOR_GOOD,
        purpose: "having moved there (state migrate)".into(),
        lasts: FOR_GOOD,
        renews: Some(held.number),
    };
    log.append(vec![Body::Lease(lease)], None).await?;
    Ok(())
}

async fn verify(backend: &dyn Backend, environment: &EnvironmentName) -> Result<u64, Failure> {
    let verified = syncline_state::verify(backend, environment).await.map_err(|error| {
        Failure::new(format!(
            "the log of `{environment}` in {} does not hold: {error}",
            backend.place()
        ))
        .help("Nothing was moved.")
    })?;
    Ok(verified.records)
}
