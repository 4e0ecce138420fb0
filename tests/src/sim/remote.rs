//! The provider over a simulated network.
//!
//! A call takes time on its way, has its effect, and takes time back. Once it is on its way it has
//! its effect whatever becomes of the process that made it; the answer comes only to a process that
//! lives. A call may fail without an effect. Whoever asks after health asks over the same network.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use syncline_model::{
    Applied, ApplyRequest, DataRequest, ImportRequest, Imported, PlanRequest, Planned, Problem,
    Provider, ProviderSchema, ReadRequest, ReadState, Response, ValidateRequest, Value,
};
use syncline_planner::health::{Prober, Seen, Target};
use syncline_planner::plan::Operation;

use super::process::Process;
use super::{Sim, laws, lock};
use crate::memory::Memory;

/// How long a call is under way at most, each way, in milliseconds.
const WAY: u64 = 700;

/// The provider as one process sees it.
#[derive(Debug)]
pub struct Remote {
    sim: Arc<Sim>,
    process: Arc<Process>,
    memory: Arc<Memory>,
}

impl Remote {
    /// Returns the provider of a process.
    #[must_use]
    pub fn new(sim: &Arc<Sim>, process: &Arc<Process>) -> Self {
        let memory = Arc::new(Memory::new("mem", Arc::clone(&sim.world)));
        Self { sim: Arc::clone(sim), process: Arc::clone(process), memory }
    }
}

#[async_trait]
impl Prober for Remote {
    async fn ask(&self, target: &Target, _: Duration) -> Result<(), Seen> {
        let Target::Tcp(address) = target else { return Err(Seen::new("nobody is there", "")) };
        let id = address.split(':').next().unwrap_or_default();
        let name = id.split('-').next().unwrap_or_default();
        self.process.point("ask", WAY).await;
        let now = self.sim.world.get(id).ok_or_else(|| Seen::new("nobody is there", ""))?;
        if self.sim.world.wants_failure("ask", name) || self.sim.below(4) == 0 {
            return Err(Seen::new("not yet", ""));
        }
        self.sim.note(&format!("{id} is healthy"));
        lock(&self.sim.healthy).insert(id.to_owned(), now);
        Ok(())
    }
}

#[async_trait]
impl Provider for Remote {
    async fn schema(&self) -> Result<Arc<ProviderSchema>, Problem> {
        self.memory.schema().await
    }

    async fn configure(&self, config: Value) -> Vec<Problem> {
        self.memory.configure(config).await
    }

    async fn validate(&self, request: ValidateRequest) -> Vec<Problem> {
        self.memory.validate(request).await
    }

    async fn read(&self, request: ReadRequest) -> Response<ReadState> {
        self.process.point("read", WAY).await;
        self.memory.read(request).await
    }

    async fn plan(&self, request: PlanRequest) -> Response<Planned> {
        self.memory.plan(request).await
    }

    async fn apply(&self, request: ApplyRequest) -> Response<Applied> {
        let (sim, memory) = (Arc::clone(&self.sim), Arc::clone(&self.memory));
        // On its way, it is out of the process's hands.
        let effect = tokio::spawn(async move {
            sim.wait(WAY).await;
            let fails = sim.below(100) < sim.faults().provider;
            let is_lost = fails && sim.below(2) == 0;
            if fails && !is_lost {
                sim.note("the call fails");
                return Response::fail(Problem::error("the service is not there", "Try again."));
            }
            let (does, thing) = match (&request.prior, &request.planned) {
                (prior, Value::Null) => (Operation::Delete, prior),
                (Value::Null, planned) => (Operation::Create, planned),
                (_, planned) => (Operation::Update, planned),
            };
            laws::called(&sim, does, thing);
            sim.note(&format!("{does:?} {thing}"));
            let answer = memory.apply(request).await;
            sim.wait(WAY).await;
            if is_lost {
                sim.note("the answer is lost");
                return Response::fail(Problem::error("the connection broke", "").in_doubt());
            }
            answer
        });
        self.process.point("call is sent", 5).await;
        let answer = effect.await;
        self.process.point("answer of the provider", 5).await;
        answer.unwrap_or_else(|error| Response::fail(Problem::error(error.to_string(), "")))
    }

    async fn read_data(&self, request: DataRequest) -> Response<Value> {
        self.process.point("read data", WAY).await;
        self.memory.read_data(request).await
    }

    async fn import(&self, request: ImportRequest) -> Response<Imported> {
        self.memory.import(request).await
    }

    async fn upgrade(&self, kind: &str, version: u32, state: Value) -> Response<Value> {
        self.memory.upgrade(kind, version, state).await
    }
}
