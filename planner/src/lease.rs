//! One run at a time: taking, keeping and giving back an environment.
//!
//! A lease is a record; taking it is an append that succeeds only when nothing came in between
//! (compare-and-swap on the log's last sequence number). It ends when it is released, when it is
//! not renewed for as long as it lasts, or when its holder is known to be dead.
//!
//! Clocks of machines differ. So a lease counts as over when whoever waits has seen it unchanged
//! for that long by its own clock's ticking; what its record says of the time of day is believed
//! only once it is over by more than [`SKEW`]. And a holder that could not renew its lease in time
//! by its own ticking starts nothing any more.
//!
//! Laws: of two that take at once, one gets it; a holder whose lease was taken over cannot append
//! any more (the log refuses it), so it can lose time, never state.

use std::future::Future;
use std::time::Duration;

use syncline_model::Str;

use crate::clock::{CancelToken, Clock, Stage};
use crate::record::{Body, Holder, Lease, Log, LogError, Millis};
use crate::state::State;

/// By how much the clocks of two machines may differ, in milliseconds.
pub const SKEW: Millis = 300_000;

/// How often a waiting run looks whether the environment is free.
const POLL: Duration = Duration::from_millis(250);

/// What is asked for.
#[derive(Clone, Debug)]
pub struct LeaseRequest {
    /// Who asks.
    pub holder: Holder,
    /// What for: `apply`, `destroy`, `state mv`.
    pub purpose: Str,
    /// For how long, in milliseconds, unless it is renewed.
    pub duration: Millis,
    /// How long to wait for another holder.
    pub timeout: Duration,
    /// Ends the waiting as if the time were up.
    pub cancel: CancelToken,
}

/// A lease that is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The last record of it.
    pub lease: Lease,
    /// Its number: the sequence of its first record.
    pub number: u64,
    /// For how long it is taken and renewed, in milliseconds.
    pub duration: Millis,
}

/// Why an environment could not be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LeaseError {
    /// Another run has it.
    #[error("{} of {} has the environment (process {})", holder.user, holder.host, holder.process)]
    Busy {
        /// Who.
        holder: Box<Holder>,
        /// Since when.
        since: Millis,
        /// Until when, unless it is renewed.
        expires: Millis,
        /// What for.
        purpose: Str,
    },
    /// The log could not be read or written.
    #[error(transparent)]
    Log(#[from] LogError),
}

/// Takes an environment, waiting for another holder as long as the request says.
///
/// Reads what is new in the log into `state`, which afterwards is current and includes the lease.
/// `alive` tells whether a holder may still run; where it cannot know, it says yes.
///
/// # Errors
/// [`LeaseError::Busy`] when the time is up; [`LeaseError::Log`].
pub async fn acquire(
    log: &dyn Log,
    state: &mut State,
    request: LeaseRequest,
    clock: &dyn Clock,
    alive: &(dyn Fn(&Holder) -> bool + Sync),
) -> Result<Held, LeaseError> {
    let give_up = clock.monotonic() + request.timeout;
    let mut watched: Option<(Lease, Duration)> = None;
    loop {
        for record in log.read(state.sequence).await? {
            state.apply(record);
        }
        let now = clock.now();
        let busy = holding(state, now, alive);
        if let Some(lease) = busy.filter(|lease| !is_over(lease, &mut watched, &request, clock)) {
            let left = give_up.saturating_sub(clock.monotonic());
            if left.is_zero() || request.cancel.stage() > Stage::Run {
                return Err(LeaseError::Busy {
                    holder: Box::new(lease.holder.clone()),
                    since: lease.since,
                    expires: lease.expires,
                    purpose: lease.purpose.clone(),
                });
            }
            tokio::select! {
                biased;
                () = tokio::time::sleep(left.min(POLL)) => {}
                () = request.cancel.beyond(Stage::Run) => {}
            }
            continue;
        }
        let lease = Lease {
            holder: request.holder.clone(),
            since: now,
            expires: now + request.duration,
            purpose: request.purpose.clone(),
            lasts: request.duration,
            renews: None,
        };
        match log.append(vec![Body::Lease(lease.clone())], Some(state.sequence)).await {
            Ok(mark) => {
                state.lease = Some((lease.clone(), mark.sequence));
                state.sequence = mark.sequence;
                return Ok(Held { lease, number: mark.sequence, duration: request.duration });
            }
            Err(LogError::Moved) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Returns the lease of a run that may be under way, as far as the record and `alive` can tell.
#[must_use]
pub fn holding<'a>(
    state: &'a State,
    now: Millis,
    alive: &(dyn Fn(&Holder) -> bool + Sync),
) -> Option<&'a Lease> {
    let taken = state.lease.as_ref().map(|(lease, _)| lease);
    let lasts = taken.filter(|lease| lease.expires.saturating_add(SKEW) > now);
    lasts.filter(|lease| alive(&lease.holder))
}

/// Tells whether a lease was seen unchanged for as long as it lasts, or as the one that is asked for would:
/// whichever is longer.
fn is_over(
    lease: &Lease,
    watched: &mut Option<(Lease, Duration)>,
    request: &LeaseRequest,
    clock: &dyn Clock,
) -> bool {
    let now = clock.monotonic();
    match watched {
        Some((seen, since)) if seen == lease => {
            let lasts = lease.lasts.max(request.duration);
            now.saturating_sub(*since) > Duration::from_millis(lasts)
        }
        _ => {
            *watched = Some((lease.clone(), now));
            false
        }
    }
}

/// Renews a lease for as long again as it was taken for.
///
/// # Errors
/// [`LogError::Moved`] when somebody took it over.
pub async fn renew(log: &dyn Log, held: &mut Held, clock: &dyn Clock) -> Result<(), LogError> {
    let lease = Lease {
        expires: clock.now() + held.duration,
        renews: Some(held.number),
        ..held.lease.clone()
    };
    log.append(vec![Body::Lease(lease.clone())], None).await?;
    held.lease = lease;
    Ok(())
}

/// Gives an environment back.
///
/// # Errors
/// [`LogError`]; the lease then ends by itself when it expires.
pub async fn release(log: &dyn Log, held: &Held) -> Result<(), LogError> {
    let body = Body::Released { lease: held.number, broken_by: None };
    log.append(vec![body], None).await.map(drop)
}

/// Takes the environment from whoever has it, and tells whether somebody had it. `state` is
/// current.
///
/// # Errors
/// [`LogError::Moved`] when the log has grown since `state`.
pub async fn break_lease(log: &dyn Log, state: &State, by: Holder) -> Result<bool, LogError> {
    let Some((_, number)) = &state.lease else { return Ok(false) };
    let body = Body::Released { lease: *number, broken_by: Some(by) };
    log.append(vec![body], Some(state.sequence)).await?;
    Ok(true)
}

/// Returns for how long from its last renewal on a holder relies on a lease: not to the last
/// moment, since a call that was begun in it should end in it.
fn safe(held: &Held) -> Duration {
    Duration::from_millis(held.duration - held.duration / 4)
}

/// Runs a future to its end and renews the lease meanwhile; when the lease is lost, the token is
/// told to abort.
pub async fn hold<T>(
    log: &dyn Log,
    held: &mut Held,
    clock: &dyn Clock,
    cancel: &CancelToken,
    future: impl Future<Output = T>,
) -> T {
    let pause = Duration::from_millis((held.duration / 3).max(1));
    // The lease was taken before this moment, but not long: its holder waits for nobody meanwhile.
    cancel.keep_until(clock.monotonic() + safe(held));
    let mut future = std::pin::pin!(future);
    loop {
        tokio::select! {
            biased;
            result = &mut future => return result,
            () = tokio::time::sleep(pause) => {}
        }
        let asked = clock.monotonic();
        // The run goes on meanwhile: a log that answers slowly does not keep it waiting, and the
        // moment from which on it may start nothing stays where it is.
        let renewed = tokio::select! {
            biased;
            result = &mut future => return result,
            renewed = renew(log, held, clock) => renewed,
        };
        if renewed.is_err() {
            cancel.abort();
            return future.await;
        }
        cancel.keep_until(asked + safe(held));
    }
}
