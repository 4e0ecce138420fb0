//! The in-memory provider `mem`: real enough to plan against, and it fails on demand.
//!
//! Takes a shared [`World`] that a test can look into and tamper with; answers every call of
//! [`Provider`] from it, at once. Things are kept under an id that is made of the name and a count
//! of the things of that name, so that the same calls in any order give the same ids.
//!
//! An attribute `fail_on` of a thing names the calls that fail: `create`, `update`, `delete`,
//! `read`, `plan`, `partial` (a create that fails half-way) `lost` (done, but nobody hears of it) and `hang` (done, and never answered). A world fails, too, what its
//! [`World::fail`] names, whatever the thing says.

mod functions;
mod schema;
mod world;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use syncline_model::{
    Applied, ApplyRequest, DataRequest, ImportRequest, Imported, Map, Open, OpenRequest, Opened,
    Path, PlanRequest, Planned, Problem, Provider, ProviderSchema, ReadRequest, ReadState,
    Residual, Response, Str, Type, Unknown, ValidateRequest, Value,
};

pub use functions::call;
pub use schema::schema;
pub use world::World;

/// The local names under which cases find the provider: two, so that the configuration of one can
/// wait for a resource of the other.
pub const NAMES: &[&str] = &["far", "mem"];

/// The provider.
#[derive(Debug)]
pub struct Memory {
    name: Str,
    world: Arc<World>,
    region: Mutex<Str>,
    /// Of which things a destruction was planned.
    going: Mutex<BTreeSet<Str>>,
}

/// The bytes that go with a planned destruction.
const GOING: &[u8] = b"going";

impl Memory {
    /// Returns a provider of that name, not configured yet.
    #[must_use]
    pub fn new(name: impl Into<Str>, world: Arc<World>) -> Self {
        let region = Mutex::new("home".into());
        Self { name: name.into(), world, region, going: Mutex::default() }
    }

    /// Returns a problem when the thing or the world wants the call to fail.
    fn failure(&self, call: &str, state: &Value) -> Option<Problem> {
        let name = name_of(state);
        let asked = state
            .attribute("fail_on")
            .as_items()
            .is_some_and(|items| items.iter().any(|item| item.as_str() == Some(call)));
        (asked || self.world.wants_failure(call, &name)).then(|| {
            Problem::error(
                format!("{call} of \"{name}\" failed"),
                "The in-memory provider was told to fail.",
            )
        })
    }

    /// Asks or tells of which things a destruction was planned.
    fn going<T: Default>(
        &self,
        state: &Value,
        ask: impl FnOnce(&mut BTreeSet<Str>, &str) -> T,
    ) -> T {
        let id = state.attribute("id").as_str();
        let going = self.going.lock();
        id.zip(going.ok()).map(|(id, mut going)| ask(&mut going, id)).unwrap_or_default()
    }

    /// Makes a change.
    fn change(&self, request: ApplyRequest) -> Response<Applied> {
        if request.planned.is_null() {
            let name = name_of(&request.prior);
            self.world.called("delete", &name);
            let is_planned = self.going(&request.prior, |going, id| going.remove(id));
            if is_planned && request.private != GOING {
                return Response::fail(Problem::error("the plan's own bytes did not come", ""));
            }
            if let Some(problem) = self.failure("delete", &request.prior) {
                return Response::fail(problem);
            }
            if let Some(id) = request.prior.attribute("id").as_str() {
                self.world.remove(id);
            }
            let of = request.prior.attribute("of").as_str();
            self.answers(of, |of| format!("{of}.mem.example"));
            return Response::ok(Applied::default());
        }
        if request.prior.is_null() {
            self.world.called("create", &name_of(&request.planned));
            if let Some(password) = request.config.attribute("password").reveal().as_str()
                && request.kind == "vault"
            {
                self.world.called("locked with", &password.into());
            }
            return self.create(&request.kind, &request.planned);
        }
        self.world.called("update", &name_of(&request.planned));
        if let Some(problem) = self.failure("update", &request.planned) {
            return Response::fail(problem);
        }
        let id = Str::from(request.prior.attribute("id").as_str().unwrap_or_default());
        let state = self.complete(&request.planned, &id);
        self.world.put(&request.kind, &id, state.clone());
        Response::ok(Applied { state, private: request.private, ..Applied::default() })
    }

    /// Finds what a data source is about.
    fn look_up(&self, request: &DataRequest) -> Response<Value> {
        let name = name_of(&request.config);
        self.world.called("lookup", &name);
        if let Some(problem) = self.failure("lookup", &request.config) {
            return Response::fail(problem);
        }
        let found = self.world.find(&name);
        let missing = Value::Null;
        let part = |attribute: &str| match &found {
            Some(state) => state.attribute(attribute).clone(),
            None => missing.clone(),
        };
        Response::ok(Value::map([
            ("name", Value::from(name.clone())),
            ("id", part("id")),
            ("size", part("size")),
            ("found", Value::from(found.is_some())),
        ]))
    }

    /// Creates a thing, or a half of it.
    fn create(&self, kind: &str, planned: &Value) -> Response<Applied> {
        if let Some(problem) = self.failure("create", planned) {
            return Response::fail(problem);
        }
        let name = name_of(planned);
        let id = self.world.next_id(&name);
        let mut state = self.complete(planned, &id);
        if self.world.wants_failure("lie", &name) {
            let mut map: Map = state.as_map().cloned().unwrap_or_default();
            map.insert("name", Value::from("somebody else"));
            state = Value::from(map);
        }
        self.world.put(kind, &id, state.clone());
        self.answers(planned.attribute("of").as_str(), |_| format!("{id}.mem.example"));
        let problems = self.failure("partial", planned).into_iter().collect();
        Response {
            answer: Some(Applied { state, private: b"made".to_vec(), ..Applied::default() }),
            problems,
        }
    }

    /// Changes where something else answers, as one resource changes what is told of another.
    fn answers(&self, of: Option<&str>, place: impl FnOnce(&str) -> String) {
        if let Some(of) = of {
            self.world.tamper(of, "endpoint", Value::from(place(of)));
        }
    }

    /// Fills in what only the provider knows.
    fn complete(&self, planned: &Value, id: &Str) -> Value {
        let mut map: Map = planned.as_map().cloned().unwrap_or_default();
        let region = self.region.lock().unwrap_or_else(PoisonError::into_inner).clone();
        map.insert("id", Value::from(id.clone()));
        map.insert("arn", Value::from(format!("mem:{region}:{id}")));
        if !map.get("endpoint").is_some_and(|value| value.is_known() && !value.is_null()) {
            map.insert("endpoint", Value::from(format!("{id}.mem.example")));
        }
        Value::from(map)
    }
}

#[async_trait]
impl Provider for Memory {
    async fn schema(&self) -> Result<Arc<ProviderSchema>, Problem> {
        let mut schema = schema(&self.name);
        self.world.amend_schema(Arc::make_mut(&mut schema));
        Ok(schema)
    }

    async fn configure(&self, config: Value) -> Vec<Problem> {
        if let Some(region) = config.attribute("region").as_str() {
            *self.region.lock().unwrap_or_else(PoisonError::into_inner) = region.into();
        }
        if config.attribute("region").as_str() == Some("mars") {
            let problem = Problem::error("no such region", "Mars has no data centre yet.");
            return vec![problem.at(Path::attribute("region"))];
        }
        Vec::new()
    }

    async fn validate(&self, request: ValidateRequest) -> Vec<Problem> {
        let warning = |summary: &str, detail: &str, name: &str| Problem {
            is_error: false,
            ..Problem::error(summary, detail).at(Path::attribute(name))
        };
        let mut problems = Vec::new();
        match request.config.attribute("size").as_i64() {
            Some(size) if size > 1_000 => problems.push(
                Problem::error("size is at most 1000", format!("It is {size}."))
                    .at(Path::attribute("size")),
            ),
            Some(999) => problems.push(warning("the size is odd", "Think again.", "size")),
            _ => {}
        }
        if !request.config.attribute("color").is_null() {
            problems.push(warning("Attribute Deprecated", "Use `tags`.", "color"));
        }
        problems
    }

    async fn read(&self, request: ReadRequest) -> Response<ReadState> {
        self.world.called("read", &name_of(&request.state));
        if request.private == GOING {
            return Response::fail(Problem::error("the bytes of a planned destruction came", ""));
        }
        if let Some(problem) = self.failure("read", &request.state) {
            return Response::fail(problem);
        }
        // What a crash left behind has no id yet: a thing is found by its name, a group is not.
        let found = match request.state.attribute("id").as_str() {
            Some(id) => self.world.get(id),
            None if request.kind == "thing" => self.world.find(&name_of(&request.state)),
            None => None,
        };
        Response::ok(ReadState { state: found.unwrap_or_default(), private: request.private })
    }

    async fn plan(&self, request: PlanRequest) -> Response<Planned> {
        if request.proposed.is_null() {
            self.going(&request.prior, |going, id| going.insert(id.into()));
            return Response::ok(Planned { private: GOING.to_vec(), ..Planned::default() });
        }
        self.going(&request.prior, |going, id| going.remove(id));
        if let Some(problem) = self.failure("plan", &request.config) {
            return Response::fail(problem);
        }
        let mut map: Map = request.proposed.as_map().cloned().unwrap_or_default();
        let mut requires_replace = Vec::new();
        if request.prior.is_null() {
            for name in ["id", "arn"] {
                map.insert(name, known_after_apply());
            }
            if map.get("endpoint").is_none_or(Value::is_null) {
                map.insert("endpoint", known_after_apply());
            }
        } else {
            for name in ["zone", "kind"] {
                if request.prior.attribute(name) != request.proposed.attribute(name) {
                    requires_replace.push(Path::attribute(name));
                }
            }
        }
        if self.world.wants_failure("misplan", &name_of(&request.config)) {
            map.insert("zone", Value::from("elsewhere"));
        }
        let private = b"planned".to_vec();
        Response::ok(Planned {
            state: Value::from(map),
            requires_replace,
            private,
            ..Planned::default()
        })
    }

    async fn apply(&self, request: ApplyRequest) -> Response<Applied> {
        let is_delete = request.planned.is_null();
        let thing = if is_delete { &request.prior } else { &request.planned };
        let lost = self.failure("lost", thing);
        let hangs = self.failure("hang", thing).is_some();
        let answer = self.change(request);
        if hangs {
            std::future::pending::<()>().await;
        }
        match lost {
            Some(problem) if answer.answer.is_some() => Response::fail(problem.in_doubt()),
            _ => answer,
        }
    }

    async fn read_data(&self, request: DataRequest) -> Response<Value> {
        self.look_up(&request)
    }

    async fn open(&self, request: OpenRequest) -> Response<Opened> {
        let name = name_of(&request.config);
        self.world.called("open", &name);
        if let Some(problem) = self.failure("open", &request.config) {
            return Response::fail(problem);
        }
        let value = Value::from(format!("token of {name}"));
        let result = Value::map([("name", Value::from(name.clone())), ("value", value)]);
        let lease = Open { private: name.as_bytes().to_vec(), renew_at: None };
        Response::ok(Opened { result, lease })
    }

    async fn close(&self, _kind: &str, private: Vec<u8>) -> Vec<Problem> {
        self.world.called("close", &String::from_utf8_lossy(&private).as_ref().into());
        Vec::new()
    }

    async fn import(&self, request: ImportRequest) -> Response<Imported> {
        let id = request.identity.attribute("id").as_str().unwrap_or(&request.id);
        match self.world.get(id) {
            Some(state) => Response::ok(Imported { state, private: Vec::new() }),
            None => Response::fail(Problem::error("nothing has that id", id)),
        }
    }

    async fn upgrade(&self, _kind: &str, _version: u32, state: Value) -> Response<Value> {
        Response::ok(state)
    }
}

/// Returns the name of a thing, for messages and ids; `?` when it is not known.
fn name_of(state: &Value) -> Str {
    Str::from(state.attribute("name").as_str().unwrap_or("?"))
}

fn known_after_apply() -> Value {
    Value::Unknown(Arc::new(Unknown { ty: Type::String, residual: Residual::Provider }))
}
