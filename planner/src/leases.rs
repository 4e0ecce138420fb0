//! Ephemeral resources that are open: renewed in time while something goes on, closed after it.
//!
//! Laws: what is open is renewed by the time that its provider gives, again and again; a renewal that is under way comes
//! to its end before the close, which gets what it gave; what goes wrong is told, and fails nothing.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use syncline_model::{Address, Open, Problem, Provider, Response, Str};
use tokio::sync::Notify;

use crate::clock::Clock;
use crate::record::Millis;

/// How long the end of one, or of its renewal, is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// How much time is between two renewals at least, whatever a provider says.
const PAUSE: Duration = Duration::from_millis(100);

/// An ephemeral resource that is open.
pub(crate) struct Opening {
    pub(crate) address: Address,
    pub(crate) kind: Str,
    pub(crate) provider: Arc<dyn Provider>,
    pub(crate) lease: Open,
}

/// What there is to say of one that is open.
pub(crate) struct Told {
    pub(crate) address: Address,
    /// What was done: `renew` or `close`.
    pub(crate) doing: &'static str,
    pub(crate) problem: Problem,
}

/// The ephemeral resources that are open, in the order in which they were opened.
#[derive(Default)]
pub(crate) struct Leases {
    open: Mutex<Vec<Held>>,
    added: Notify,
}

struct Held {
    opening: Opening,
    /// When it is to be renewed; never, or not while it is being renewed.
    due: Option<Millis>,
}

/// Which one was renewed, and the answer.
type Renewed = (usize, Response<Open>);

impl Leases {
    /// Takes one that was just opened.
    pub(crate) fn add(&self, opening: Opening) {
        let due = opening.lease.renew_at;
        self.held().push(Held { opening, due });
        self.added.notify_one();
    }

    /// Does some work, and renews meanwhile what is open. Returns what the work comes to, and what there is to say.
    pub(crate) async fn keep<T>(
        &self,
        clock: &dyn Clock,
        work: impl Future<Output = T>,
    ) -> (T, Vec<Told>) {
        let mut work = std::pin::pin!(work);
        let mut renewals: FuturesUnordered<BoxFuture<'_, Renewed>> = FuturesUnordered::new();
        let mut told = Vec::new();
        let done = loop {
            let next = self.next();
            let time = async {
                match next {
                    Some((_, due)) => tokio::time::sleep(until(clock, due)).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                done = work.as_mut() => break done,
                Some(renewed) = renewals.next() => self.renewed(clock, renewed, &mut told),
                () = self.added.notified() => {}
                () = time => renewals.extend(next.map(|(at, _)| self.renewal(at))),
            }
        };
        let last = async {
            while let Some(renewed) = renewals.next().await {
                self.renewed(clock, renewed, &mut told);
            }
        };
        // Where one does not come, the close gets what was known before.
        let _late = tokio::time::timeout(PATIENCE, last).await;
        (done, told)
    }

    /// Closes what is open, the last one first, and returns what there is to say.
    pub(crate) async fn close(&self) -> Vec<Told> {
        let held = std::mem::take(&mut *self.held());
        let mut told = Vec::new();
        for Held { opening, .. } in held.into_iter().rev() {
            let Opening { address, kind, provider, lease } = opening;
            let closed = tokio::time::timeout(PATIENCE, provider.close(&kind, lease.private)).await;
            let problems = closed.unwrap_or_else(|_| {
                let detail = format!("No answer came within {PATIENCE:?}.");
                vec![Problem::error("it may still be open", detail)]
            });
            let tell = |problem| Told { address: address.clone(), doing: "close", problem };
            told.extend(problems.into_iter().map(tell));
        }
        told
    }

    fn held(&self) -> MutexGuard<'_, Vec<Held>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the one that is to be renewed first, and when.
    fn next(&self) -> Option<(usize, Millis)> {
        let held = self.held();
        let due = held.iter().enumerate().filter_map(|(at, held)| Some((at, held.due?)));
        due.min_by_key(|(_, due)| *due)
    }

    fn renewal(&self, at: usize) -> BoxFuture<'static, Renewed> {
        let mut held = self.held();
        let Held { opening, due } = &mut held[at];
        *due = None;
        let (kind, private) = (opening.kind.clone(), opening.lease.private.clone());
        let provider = Arc::clone(&opening.provider);
        Box::pin(async move { (at, provider.renew(&kind, private).await) })
    }

    /// Takes a renewal. One that failed is not tried again: what goes on with it may fail soon.
    fn renewed(&self, clock: &dyn Clock, (at, answer): Renewed, told: &mut Vec<Told>) {
        let mut held = self.held();
        let Held { opening, due } = &mut held[at];
        let address = &opening.address;
        let tell = |problem| Told { address: address.clone(), doing: "renew", problem };
        told.extend(answer.problems.into_iter().map(tell));
        if let Some(lease) = answer.answer {
            let soonest = clock.now().saturating_add(PAUSE.as_millis() as Millis);
            *due = lease.renew_at.map(|at| at.max(soonest));
            opening.lease = lease;
        }
    }
}

fn until(clock: &dyn Clock, due: Millis) -> Duration {
    Duration::from_millis(due.saturating_sub(clock.now()))
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use syncline_model::{
        Applied, ApplyRequest, DataRequest, ImportRequest, Imported, PlanRequest, Planned,
        ProviderSchema, ReadRequest, ReadState, ValidateRequest, Value,
    };
    use tokio::time::Instant;

    use super::*;

    /// Time as the tests' runtime has it, which goes on by itself where all wait.
    struct Paused(Instant);

    impl Clock for Paused {
        fn now(&self) -> Millis {
            self.0.elapsed().as_millis() as Millis
        }

        fn monotonic(&self) -> Duration {
            self.0.elapsed()
        }
    }

    /// Renews for so long, counts in its bytes, and writes down what happens.
    struct Doors {
        clock: Paused,
        lasts: u64,
        takes: Duration,
        notes: Mutex<Vec<String>>,
    }

    impl Doors {
        fn of(lasts: u64, takes: u64) -> Arc<Self> {
            let (clock, takes) = (Paused(Instant::now()), Duration::from_millis(takes));
            Arc::new(Self { clock, lasts, takes, notes: Mutex::default() })
        }

        fn open(self: &Arc<Self>, leases: &Leases, kind: &str) {
            let lease = Open { private: vec![0], renew_at: Some(self.clock.now() + self.lasts) };
            let (address, provider) = (Address::parse(kind).unwrap(), Arc::clone(self));
            leases.add(Opening { address, kind: kind.into(), provider, lease });
        }

        fn note(&self, what: &str, kind: &str, private: &[u8]) {
            let note = format!("{} {what} {kind} {}", self.clock.now(), private[0]);
            self.notes.lock().unwrap().push(note);
        }
    }

    #[async_trait]
    impl Provider for Doors {
        async fn renew(&self, kind: &str, private: Vec<u8>) -> Response<Open> {
            self.note("renew", kind, &private);
            tokio::time::sleep(self.takes).await;
            if kind == "broken" {
                return Response::fail(Problem::error("it is stuck", ""));
            }
            let renew_at = Some(self.clock.now() + self.lasts);
            Response::ok(Open { private: vec![private[0] + 1], renew_at })
        }

        async fn close(&self, kind: &str, private: Vec<u8>) -> Vec<Problem> {
            self.note("close", kind, &private);
            if kind == "stuck" {
                std::future::pending::<()>().await;
            }
            Vec::new()
        }

        async fn schema(&self) -> Result<Arc<ProviderSchema>, Problem> {
            Ok(Arc::default())
        }

        async fn configure(&self, _: Value) -> Vec<Problem> {
            Vec::new()
        }

        async fn validate(&self, _: ValidateRequest) -> Vec<Problem> {
            Vec::new()
        }

        async fn read(&self, _: ReadRequest) -> Response<ReadState> {
            unreachable!()
        }

        async fn plan(&self, _: PlanRequest) -> Response<Planned> {
            unreachable!()
        }

        async fn apply(&self, _: ApplyRequest) -> Response<Applied> {
            unreachable!()
        }

        async fn read_data(&self, _: DataRequest) -> Response<Value> {
            unreachable!()
        }

        async fn import(&self, _: ImportRequest) -> Response<Imported> {
            unreachable!()
        }

        async fn upgrade(&self, _: &str, _: u32, _: Value) -> Response<Value> {
            unreachable!()
        }
    }

    fn millis(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_open_is_renewed_while_work_goes_on() {
        let (doors, leases) = (Doors::of(300, 50), Leases::default());
        let work = async {
            tokio::time::sleep(millis(10)).await;
            doors.open(&leases, "front");
            tokio::time::sleep(millis(50)).await;
            doors.open(&leases, "back");
            tokio::time::sleep(millis(640)).await;
            "done"
        };
        let (done, told) = leases.keep(&doors.clock, work).await;
        assert_eq!((done, told.len()), ("done", 0));
        assert!(leases.close().await.is_empty());
        let notes = doors.notes.lock().unwrap();
        // What was under way at the end has come to its own.
        let expected = [
            "310 renew front 0",
            "360 renew back 0",
            "660 renew front 1",
            "710 close back 1",
            "710 close front 2",
        ];
        assert_eq!(*notes, expected);
    }

    #[tokio::test(start_paused = true)]
    async fn what_goes_wrong_is_told_and_fails_nothing() {
        // A provider that is asked again at once is asked in a while.
        let (doors, leases) = (Doors::of(0, 0), Leases::default());
        let work = async {
            doors.open(&leases, "broken");
            doors.open(&leases, "stuck");
            tokio::time::sleep(millis(250)).await;
        };
        let ((), told) = leases.keep(&doors.clock, work).await;
        let told: Vec<_> = told
            .iter()
            .chain(&leases.close().await)
            .map(|told| format!("{} {}: {}", told.doing, told.address, told.problem.summary))
            .collect();
        assert_eq!(told, ["renew broken: it is stuck", "close stuck: it may still be open"]);
        let notes = doors.notes.lock().unwrap();
        let expected = [
            "0 renew broken 0",
            "0 renew stuck 0",
            "100 renew stuck 1",
            "200 renew stuck 2",
            "250 close stuck 3",
            "30250 close broken 0",
        ];
        assert_eq!(*notes, expected);
    }
}
