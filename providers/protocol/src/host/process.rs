//! A running provider: its calls, its end.
//!
//! Laws: a call comes back when the process ends, whoever still holds its connection; the process
//! ends when this value is dropped, gently where there is time for it.

use std::process::ExitStatus;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use syncline_model::Problem;
use tokio::process::Child;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::{Semaphore, oneshot, watch};
use tokio::task::{AbortHandle, JoinHandle};

use super::client::{Call, Client, name_of};
use super::failure::CallError;
use super::handshake::Protocol;
use super::launch::{Launched, Owned, launch};
use super::options::{HostOptions, Limits};
use super::output::Output;
use crate::wire::proto::tfplugin6::get_provider_schema;

/// How long an error of the connection may come before the end of the process is known, or the
/// other way round.
const GRACE: Duration = Duration::from_millis(500);

/// What is known of a process's end: none while it runs.
type End = Option<Option<ExitStatus>>;

/// A running provider.
pub(super) struct Process {
    client: Client,
    output: Arc<Output>,
    /// What it is called in messages.
    pub(super) title: String,
    limits: Limits,
    slots: Semaphore,
    end: watch::Receiver<End>,
    /// To drop it asks the process to end.
    leave: Mutex<Option<oneshot::Sender<()>>>,
    watcher: JoinHandle<()>,
    /// It was asked for its schema.
    pub(super) introduced: AtomicBool,
    /// It was given a configuration.
    pub(super) configured: AtomicBool,
    /// Its connection is served while nobody waits on the runtime that it was started on.
    pub(super) is_served: bool,
}

impl Process {
    /// Returns the version of the protocol that it speaks.
    pub(super) const fn protocol(&self) -> Protocol {
        self.client.protocol
    }

    /// Starts the provider.
    pub(super) async fn start(options: &HostOptions) -> Result<Self, Problem> {
        let title = options.title();
        let launched =
            launch(options).await.map_err(|(error, tail)| error.problem(&title, &tail))?;
        let Launched { child, protocol, channel, output } = launched;
        let client = Client { channel, protocol, largest: options.limits.message };
        let (leave, left) = oneshot::channel();
        let (ended, end) = watch::channel(None);
        let stop = options.limits.stop;
        let (reader, read) = (client.clone(), Arc::clone(&output));
        let reader = async move { reader.read_output(|line| read.line(line)).await };
        let reader = tokio::spawn(reader).abort_handle();
        let watcher = match child {
            Some(owned) => tokio::spawn(watch(owned, client.clone(), (left, ended), stop)),
            None => tokio::spawn(let_go(left, ended, reader)),
        };
        Ok(Self {
            client,
            output,
            title,
            limits: options.limits,
            slots: Semaphore::new(options.limits.calls.max(1)),
            end,
            leave: Mutex::new(Some(leave)),
            watcher,
            introduced: AtomicBool::new(false),
            configured: AtomicBool::new(false),
            is_served: Handle::current().runtime_flavor() != RuntimeFlavor::CurrentThread,
        })
    }

    /// Tells whether it can be called.
    pub(super) fn is_alive(&self) -> bool {
        // The watcher goes with its runtime, and the connection with it.
        self.end.borrow().is_none() && !self.watcher.is_finished()
    }

    /// Makes a call.
    pub(super) async fn call<C: Call>(
        &self,
        request: C,
        limit: Option<Duration>,
    ) -> Result<C::Answer, Problem> {
        let _slot = self.slots.acquire().await;
        self.call_beside(request, limit).await
    }

    /// Makes a call for which nothing else is waited for: it is about something that is open, and late soon.
    pub(super) async fn call_beside<C: Call>(
        &self,
        request: C,
        limit: Option<Duration>,
    ) -> Result<C::Answer, Problem> {
        let answer = self.meanwhile(self.client.call(request, limit)).await;
        answer.map_err(|error| self.problem(&error, name_of::<C>()))
    }

    /// Makes a call that the provider may not offer.
    pub(super) async fn call_optional<C: Call>(
        &self,
        request: C,
        limit: Option<Duration>,
    ) -> Result<Option<C::Answer>, Problem> {
        match self.meanwhile(self.client.call(request, limit)).await {
            Ok(answer) => Ok(Some(answer)),
            Err(CallError::Unsupported) => Ok(None),
            Err(error) => Err(self.problem(&error, name_of::<C>())),
        }
    }

    /// Asks for the schema.
    pub(super) async fn schema(&self) -> Result<get_provider_schema::Response, Problem> {
        let answer = self.meanwhile(self.client.schema(Some(self.limits.short))).await;
        self.introduced.store(true, Ordering::Release);
        answer.map_err(|error| self.problem(&error, "GetProviderSchema"))
    }

    /// Returns an error of the provider as a problem.
    pub(super) fn problem(&self, error: &CallError, call: &str) -> Problem {
        error.problem(&self.title, call, &self.output.tail())
    }

    /// Waits for an answer, and no longer than the process lives.
    async fn meanwhile<T>(
        &self,
        call: impl Future<Output = Result<T, CallError>>,
    ) -> Result<T, CallError> {
        let mut end = self.end.clone();
        if let Some(status) = *end.borrow() {
            return Err(CallError::Gone(status));
        }
        let ended = async {
            let status = end.wait_for(Option::is_some).await.ok().and_then(|status| *status);
            // An answer may still be on its way.
            let _late = tokio::time::timeout(GRACE, std::future::pending::<()>()).await;
            status.flatten()
        };
        let answer = tokio::select! {
            answer = call => answer,
            status = ended => return Err(CallError::Ended(status)),
        };
        let Err(CallError::Lost(_)) = &answer else { return answer };
        // A broken connection mostly means that the process is about to end.
        let mut end = self.end.clone();
        let waited = tokio::time::timeout(GRACE, end.wait_for(Option::is_some)).await;
        match waited {
            Ok(Ok(status)) => Err(CallError::Ended(status.flatten())),
            Ok(Err(_)) | Err(_) => answer,
        }
    }

    /// Asks the process to end, and waits until it has.
    pub(super) async fn close(&self) {
        let leave = self.leave.lock().unwrap_or_else(PoisonError::into_inner).take();
        drop(leave);
        let mut end = self.end.clone();
        let _ended = end.wait_for(Option::is_some).await;
    }
}

/// Waits for the end of a process, and brings it about when asked.
async fn watch(
    Owned { mut child, folder, drains }: Owned,
    client: Client,
    (left, ended): (oneshot::Receiver<()>, watch::Sender<End>),
    stop: Duration,
) {
    // Whatever ends this, also the end of Syncline itself, is the end of what the process has started.
    let kin = Kin::of(&child);
    let status = tokio::select! {
        status = child.wait() => status.ok(),
        _asked = left => None,
    };
    let status = match status {
        Some(status) => Some(status),
        None => {
            let gently = async {
                let asked = async {
                    client.shutdown().await;
                    std::future::pending::<()>().await;
                };
                tokio::select! {
                    status = child.wait() => status.ok(),
                    () = asked => None,
                }
            };
            match tokio::time::timeout(stop, gently).await {
                Ok(status) => status,
                Err(_) => kill(&mut child).await,
            }
        }
    };
    drop(kin);
    // Its last words count when its end is told.
    let _late = tokio::time::timeout(GRACE, futures_util::future::join_all(drains)).await;
    // What is left of it can no longer be reached, its sockets among it.
    drop(folder);
    let _nobody_waits = ended.send(Some(status));
}

/// Waits until a process that somebody else has started is not needed any more; it goes on, and is not listened to.
async fn let_go(left: oneshot::Receiver<()>, ended: watch::Sender<End>, reader: AbortHandle) {
    let _asked = left.await;
    reader.abort();
    let _nobody_waits = ended.send(Some(None));
}

/// Kills a process and what it started, and waits for its end.
pub(super) async fn kill(child: &mut Child) -> Option<ExitStatus> {
    drop(Kin::of(child));
    let _gone = child.start_kill();
    child.wait().await.ok()
}

/// A process with all that it has started, in a group of its own: killed when this is dropped. A program may be a script
/// around the real one.
struct Kin {
    #[cfg(unix)]
    group: Option<rustix::process::Pid>,
}

impl Kin {
    fn of(child: &Child) -> Self {
        #[cfg(not(unix))]
        let _child = child;
        Self {
            #[cfg(unix)]
            group: child
                .id()
                .and_then(|id| i32::try_from(id).ok())
                .and_then(rustix::process::Pid::from_raw),
        }
    }
}

impl Drop for Kin {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(group) = self.group {
            let _gone = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}
