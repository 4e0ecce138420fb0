//! A tiny provider, a log in memory and a project made by hand.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use syncline_model::*;
use syncline_planner::health::Trusting;
use syncline_planner::plan::{Plan, StateMark};
use syncline_planner::record::{Body, Holder, Log, LogError, Millis, Record};
use syncline_planner::{
    CancelToken, Clock, Execution, Executor, PlanOptions, Planner, ProviderRegistry, RunInfo,
    Silent, State, execute, plan,
};

#[derive(Default)]
pub struct Tiny {
    pub things: Mutex<BTreeMap<Str, Value>>,
    pub calls: Mutex<Vec<String>>,
    pub failing: Mutex<Vec<Str>>,
}

impl Tiny {
    fn note(&self, call: &str, name: &str) {
        self.calls.lock().unwrap().push(format!("{call} {name}"));
    }

    pub fn calls(&self) -> Vec<String> {
        std::mem::take(&mut *self.calls.lock().unwrap())
    }
}

fn attribute(ty: Type) -> Attribute {
    Attribute { ty, optional: true, ..Attribute::default() }
}

pub fn schema() -> Arc<ProviderSchema> {
    let attributes = BTreeMap::from([
        ("name".into(), Attribute { required: true, optional: false, ..attribute(Type::String) }),
        ("size".into(), attribute(Type::Any)),
        ("zone".into(), attribute(Type::Any)),
        ("id".into(), Attribute { computed: true, optional: false, ..attribute(Type::String) }),
    ]);
    let block = Block { attributes };
    let one = Arc::new(ResourceSchema { version: 1, block, ..ResourceSchema::default() });
    Arc::new(ProviderSchema {
        name: "tiny".into(),
        version: "1".into(),
        resources: BTreeMap::from([("thing".into(), one)]),
        ..ProviderSchema::default()
    })
}

fn name(value: &Value) -> Str {
    value.attribute("name").as_str().unwrap_or("?").into()
}

#[async_trait]
impl Provider for Tiny {
    async fn schema(&self) -> Result<Arc<ProviderSchema>, Problem> {
        Ok(schema())
    }
    async fn configure(&self, _config: Value) -> Vec<Problem> {
        Vec::new()
    }
    async fn validate(&self, _request: ValidateRequest) -> Vec<Problem> {
        Vec::new()
    }
    async fn read(&self, request: ReadRequest) -> Response<ReadState> {
        let name = name(&request.state);
        self.note("read", &name);
        let state = self.things.lock().unwrap().get(&name).cloned().unwrap_or_default();
        Response::ok(ReadState { state, private: request.private })
    }
    async fn plan(&self, request: PlanRequest) -> Response<Planned> {
        if request.proposed.is_null() {
            return Response::ok(Planned::default());
        }
        self.note("plan", &name(&request.config));
        let mut map = request.proposed.as_map().cloned().unwrap_or_default();
        if request.prior.is_null() {
            let residual = Residual::Provider;
            let unknown = Unknown { ty: Type::String, residual };
            map.insert("id", Value::Unknown(Arc::new(unknown)));
        }
        let requires_replace = vec![Path::attribute("zone")];
        Response::ok(Planned { state: map.into(), requires_replace, ..Planned::default() })
    }
    async fn apply(&self, request: ApplyRequest) -> Response<Applied> {
        if request.planned.is_null() {
            let name = name(&request.prior);
            self.note("delete", &name);
            self.things.lock().unwrap().remove(&name);
            return Response::ok(Applied::default());
        }
        let name = name(&request.planned);
        self.note(if request.prior.is_null() { "create" } else { "update" }, &name);
        if self.failing.lock().unwrap().contains(&name) {
            return Response::fail(Problem::error("it was told to fail", ""));
        }
        let mut map = request.planned.as_map().cloned().unwrap_or_default();
        map.insert("id", Value::from(format!("id-{name}")));
        let state = Value::from(map);
        self.things.lock().unwrap().insert(name, state.clone());
        Response::ok(Applied { state, ..Applied::default() })
    }
    async fn read_data(&self, _request: DataRequest) -> Response<Value> {
        Response::fail(Problem::error("no data", ""))
    }
    async fn import(&self, _request: ImportRequest) -> Response<Imported> {
        Response::fail(Problem::error("no import", ""))
    }
    async fn upgrade(&self, _kind: &str, _version: u32, state: Value) -> Response<Value> {
        Response::ok(state)
    }
}

/// Follows references, and nothing else.
pub struct References;

impl Resolve for References {
    fn resolve(
        &self,
        value: &Value,
        lookup: &dyn Fn(&Address) -> Option<Value>,
    ) -> Result<Value, Box<Diagnostic>> {
        value.transform(&mut |part| {
            let Value::Unknown(unknown) = &part else { return Ok(part) };
            let Residual::Attribute { address, path } = &unknown.residual else { return Ok(part) };
            let found = lookup(address).and_then(|whole| path.get(&whole).cloned());
            Ok(found.unwrap_or(part))
        })
    }
}

#[derive(Default)]
pub struct Records(pub Mutex<Vec<Record>>);

#[async_trait]
impl Log for Records {
    async fn read(&self, after: u64) -> Result<Vec<Record>, LogError> {
        Ok(self.0.lock().unwrap()[after as usize..].to_vec())
    }
    async fn append(
        &self,
        bodies: Vec<Body>,
        expected: Option<u64>,
    ) -> Result<StateMark, LogError> {
        let mut records = self.0.lock().unwrap();
        if expected.is_some_and(|expected| expected != records.len() as u64) {
            return Err(LogError::Moved);
        }
        for body in bodies {
            let sequence = records.len() as u64 + 1;
            let previous = records.last().map_or(Digest::ZERO, |last| last.hash);
            let hash = Digest::of(&sequence.to_le_bytes());
            records.push(Record { sequence, previous, hash, time: sequence, body });
        }
        let last = records.last().unwrap();
        Ok(StateMark { sequence: last.sequence, hash: last.hash })
    }
}

pub struct Still;

impl Clock for Still {
    fn now(&self) -> Millis {
        1_000
    }
    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}

/// Tokio's time, which a test may pause.
pub struct Ticking(tokio::time::Instant);

impl Ticking {
    pub fn new() -> Self {
        Self(tokio::time::Instant::now())
    }
}

impl Clock for Ticking {
    fn now(&self) -> Millis {
        1_000
    }
    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }
}

pub struct World {
    pub tiny: Arc<Tiny>,
    pub registry: ProviderRegistry,
    pub log: Records,
    pub sources: Sources,
    pub options: PlanOptions,
}

pub async fn world() -> World {
    let tiny = Arc::new(Tiny::default());
    let mut registry = ProviderRegistry::new();
    let made = Arc::clone(&tiny);
    let factory = Arc::new(move || Arc::clone(&made) as Arc<dyn Provider>);
    registry.add("tiny", factory).await.unwrap();
    let options = PlanOptions::default();
    World { tiny, registry, log: Records::default(), sources: Sources::default(), options }
}

pub fn holder() -> Holder {
    Holder { user: "ada".into(), host: "here".into(), process: 1, started: "".into() }
}

impl World {
    pub async fn state(&self) -> State {
        State::replay(self.log.read(0).await.unwrap())
    }

    pub async fn plan(&self, desired: &Desired) -> (Option<Plan>, Vec<Diagnostic>) {
        let state = self.state().await;
        plan(&Planner {
            environment: &desired.environment,
            desired: Some(desired),
            state: &state,
            providers: &self.registry,
            resolve: &References,
            sources: &self.sources,
            clock: &Still,
            options: self.options.clone(),
            secret_key: [0; 32],
            observer: &Silent,
        })
        .await
    }

    pub async fn execute(&self, plan: &Plan) -> Execution {
        execute(Executor {
            plan,
            desired: None,
            state: self.state().await,
            log: &self.log,
            providers: &self.registry,
            resolve: &References,
            prober: &Trusting,
            clock: &Still,
            observer: &Silent,
            run: RunInfo { holder: holder(), commit: "".into(), syncline: "0".into() },
            parallelism: 10,
            cancel: CancelToken::new(),
            secret_key: [0; 32],
        })
        .await
    }

    pub async fn apply(&self, desired: &Desired) -> Execution {
        let (plan, diagnostics) = self.plan(desired).await;
        self.execute(&plan.unwrap_or_else(|| panic!("{diagnostics:?}"))).await
    }
}

pub fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

/// Returns the id that another resource will have.
pub fn id_of(other: &str) -> Value {
    let residual = Residual::Attribute { address: address(other), path: Path::attribute("id") };
    Value::Unknown(Arc::new(Unknown { ty: Type::String, residual }))
}

pub fn span() -> Span {
    Span::new(FileId(0), 0, 0)
}

pub fn thing<const N: usize>(
    at: &str,
    config: [(&str, Value); N],
    needs: &[&str],
) -> DesiredResource {
    let mut map: Map = config.into_iter().map(|(key, value)| (key.into(), value)).collect();
    map.insert("name", Value::from(at));
    DesiredResource {
        address: address(at),
        mode: Mode::Managed,
        kind: "thing".into(),
        provider: ProviderId { name: "tiny".into(), alias: None },
        config: map.into(),
        depends_on: needs.iter().map(|to| Edge { to: address(to), span: span() }).collect(),
        lifecycle: Lifecycle::default(),
        health: Vec::new(),
        span: span(),
        origins: Origins::default(),
    }
}

pub fn desired(mut resources: Vec<DesiredResource>) -> Desired {
    resources.sort_by(|left, right| left.address.cmp(&right.address));
    Desired {
        environment: EnvironmentName("dev".into()),
        resources,
        providers: Vec::new(),
        outputs: Vec::new(),
        checks: Vec::new(),
        handovers: Vec::new(),
        reads: Vec::new(),
    }
}
