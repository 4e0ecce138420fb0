//! A provider that runs as a process of its own.

use std::fmt;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use async_trait::async_trait;
use syncline_model::{
    Applied, ApplyRequest, DataRequest, HandOverRequest, HandedOver, ImportRequest, Imported, Open,
    OpenRequest, Opened, PlanRequest, Planned, Problem, Provider, ProviderSchema, ReadRequest,
    ReadState, Response, ValidateRequest, Value,
};
use tokio::sync::Mutex;

use super::calls::Session;
use super::options::HostOptions;
use super::process::Process;

/// A provider that runs as a process of its own: one host, one process, one configuration.
pub struct Host {
    options: HostOptions,
    state: Mutex<State>,
}

#[derive(Default)]
enum State {
    /// Nothing was asked yet.
    #[default]
    Idle,
    Running(Session),
    /// It did not start, and will not be tried again.
    Broken(Problem),
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Host").field(&self.options).finish()
    }
}

impl Host {
    /// Returns a provider; nothing is started before it is asked something.
    #[must_use]
    pub fn new(options: HostOptions) -> Arc<Self> {
        Arc::new(Self { options, state: Mutex::default() })
    }

    /// Ends the process, gently if it lets itself be asked, and waits until it has ended. To drop
    /// the host ends it too, without waiting.
    pub async fn end(&self) {
        let state = std::mem::take(&mut *self.state.lock().await);
        if let State::Running(session) = state {
            session.process.close().await;
        }
    }

    /// Returns the running provider; starts it where it does not run yet.
    async fn session(&self) -> Result<Session, Problem> {
        let mut state = self.state.lock().await;
        match &*state {
            State::Running(session) => return Ok(session.clone()),
            State::Broken(problem) => return Err(problem.clone()),
            State::Idle => {}
        }
        match self.start().await {
            Ok(session) => {
                *state = State::Running(session.clone());
                Ok(session)
            }
            Err(problem) => {
                *state = State::Broken(problem.clone());
                Err(problem)
            }
        }
    }

    async fn start(&self) -> Result<Session, Problem> {
        let spare = self.spare().take().filter(|process| process.is_alive());
        let process = match spare {
            Some(process) => process,
            None => Arc::new(Process::start(&self.options).await?),
        };
        let schema = self.options.shared.introduce(&self.options, &process).await?;
        Ok(Session { process, schema, limits: self.options.limits })
    }

    fn spare(&self) -> std::sync::MutexGuard<'_, Option<Arc<Process>>> {
        self.options.shared.spare.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Host {
    /// Leaves a process that was not configured to the next host of the same provider, which may be asked from
    /// another thread while this one waits for it.
    fn drop(&mut self) {
        let State::Running(session) = std::mem::take(self.state.get_mut()) else { return };
        let process = session.process;
        let is_new = !process.configured.load(Ordering::Acquire);
        if is_new && process.is_served && process.is_alive() {
            *self.spare() = Some(process);
        }
    }
}

#[async_trait]
impl Provider for Host {
    async fn schema(&self) -> Result<Arc<ProviderSchema>, Problem> {
        if let Some(schema) = self.options.shared.known(&self.options).await {
            return Ok(Arc::clone(&schema.model));
        }
        Ok(Arc::clone(&self.session().await?.schema.model))
    }

    async fn configure(&self, config: Value) -> Vec<Problem> {
        let configured = async { self.session().await?.configure(&config).await };
        configured.await.unwrap_or_else(|problem| vec![problem])
    }

    async fn validate(&self, request: ValidateRequest) -> Vec<Problem> {
        let validated = async { self.session().await?.validate(request).await };
        validated.await.unwrap_or_else(|problem| vec![problem])
    }

    async fn read(&self, request: ReadRequest) -> Response<ReadState> {
        let read = async { self.session().await?.read(request).await };
        read.await.unwrap_or_else(Response::fail)
    }

    async fn plan(&self, request: PlanRequest) -> Response<Planned> {
        let planned = async { self.session().await?.plan(request).await };
        planned.await.unwrap_or_else(Response::fail)
    }

    async fn apply(&self, request: ApplyRequest) -> Response<Applied> {
        let applied = async { self.session().await?.apply(request).await };
        applied.await.unwrap_or_else(Response::fail)
    }

    async fn read_data(&self, request: DataRequest) -> Response<Value> {
        let read = async { self.session().await?.read_data(request).await };
        read.await.unwrap_or_else(Response::fail)
    }

    async fn import(&self, request: ImportRequest) -> Response<Imported> {
        let imported = async { self.session().await?.import(request).await };
        imported.await.unwrap_or_else(Response::fail)
    }

    async fn upgrade(&self, kind: &str, version: u32, state: Value) -> Response<Value> {
        let upgraded = async { self.session().await?.upgrade(kind, version, &state).await };
        upgraded.await.unwrap_or_else(Response::fail)
    }

    async fn upgrade_identity(&self, kind: &str, version: u32, identity: Value) -> Response<Value> {
        let upgraded =
            async { self.session().await?.upgrade_identity(kind, version, &identity).await };
        upgraded.await.unwrap_or_else(Response::fail)
    }

    async fn hand_over(&self, request: HandOverRequest) -> Response<HandedOver> {
        let handed = async { self.session().await?.hand_over(&self.options.source, request) };
        handed.await.unwrap_or_else(Response::fail)
    }

    async fn take_over(&self, kind: &str, record: HandedOver) -> Response<Imported> {
        let taken = async { self.session().await?.take_over(kind, record).await };
        taken.await.unwrap_or_else(Response::fail)
    }

    async fn open(&self, request: OpenRequest) -> Response<Opened> {
        let opened = async { self.session().await?.open(request).await };
        opened.await.unwrap_or_else(Response::fail)
    }

    async fn renew(&self, kind: &str, private: Vec<u8>) -> Response<Open> {
        let renewed = async { self.session().await?.renew(kind, private).await };
        renewed.await.unwrap_or_else(Response::fail)
    }

    async fn close(&self, kind: &str, private: Vec<u8>) -> Vec<Problem> {
        let closed = async { self.session().await?.close(kind, private).await };
        closed.await.unwrap_or_else(|problem| vec![problem])
    }

    async fn call(&self, function: &str, arguments: Vec<Value>) -> Response<Value> {
        let called = async { self.session().await?.call(function, &arguments).await };
        called.await.unwrap_or_else(Response::fail)
    }

    async fn stop(&self) {
        // What was never started, or does not come to be, has nothing to stop.
        let state = tokio::time::timeout(self.options.limits.stop, self.state.lock()).await;
        let running = match state.as_deref() {
            Ok(State::Running(session)) => Some(session.clone()),
            Ok(State::Idle | State::Broken(_)) | Err(_) => None,
        };
        drop(state);
        if let Some(session) = running {
            let _unheard = session.stop().await;
        }
    }
}
