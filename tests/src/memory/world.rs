//! What the in-memory provider manages: things by id, and a record of the calls.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use syncline_model::{Map, ProviderSchema, Str, Value};
use syncline_planner::Origin;

/// A world that a provider changes and a test looks into.
#[derive(Debug, Default)]
pub struct World {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    things: BTreeMap<Str, (Str, Value)>,
    made: BTreeMap<Str, u64>,
    failing: Vec<(Str, Str)>,
    calls: Vec<(Str, Str)>,
    missing: Option<Str>,
    version: Option<u32>,
    origins: BTreeMap<Str, Origin>,
}

impl World {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().expect("invariant: no test panics while it holds the world")
    }

    /// Says where a provider comes from.
    pub fn set_origin(&self, name: &str, origin: Origin) {
        self.inner().origins.insert(name.into(), origin);
    }

    /// Returns where a provider comes from.
    #[must_use]
    pub fn origin(&self, name: &str) -> Origin {
        self.inner().origins.get(name).cloned().unwrap_or_default()
    }

    /// Returns the id of the next thing of that name: `web-1`.
    pub(crate) fn next_id(&self, name: &Str) -> Str {
        let mut inner = self.inner();
        let count = inner.made.entry(name.clone()).or_default();
        *count += 1;
        Str::from(format!("{name}-{count}"))
    }

    /// Makes or replaces a thing.
    pub fn put(&self, kind: &str, id: &Str, state: Value) {
        self.inner().things.insert(id.clone(), (kind.into(), state));
    }

    /// Returns a thing.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<Value> {
        self.inner().things.get(id).map(|(_, state)| state.clone())
    }

    /// Returns the newest thing with that name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<Value> {
        let inner = self.inner();
        let number = |id: &Str| id.rsplit('-').next().and_then(|end| end.parse::<u64>().ok());
        let named = |state: &Value| state.attribute("name").as_str() == Some(name);
        let things = inner.things.iter().filter(|(_, (_, state))| named(state));
        things.max_by_key(|(id, _)| number(id)).map(|(_, (_, state))| state.clone())
    }

    /// Takes a thing away, as the provider does or as somebody else does behind its back.
    pub fn remove(&self, id: &str) -> bool {
        self.inner().things.remove(id).is_some()
    }

    /// Sets an attribute of a thing behind the provider's back.
    pub fn tamper(&self, id: &str, attribute: &str, value: Value) -> bool {
        let mut inner = self.inner();
        let Some((_, state)) = inner.things.get_mut(id) else { return false };
        let mut map: Map = state.as_map().cloned().unwrap_or_default();
        map.insert(attribute, value);
        *state = Value::from(map);
        true
    }

    /// Makes a call fail from now on for things of a name; `*` stands for any name.
    pub fn fail(&self, call: &str, name: &str) {
        self.inner().failing.push((call.into(), name.into()));
    }

    /// Makes no call fail any more.
    pub fn heal(&self) {
        self.inner().failing.clear();
    }

    /// Returns every id with its kind and state, in order of ids.
    #[must_use]
    pub fn things(&self) -> Vec<(Str, Str, Value)> {
        let inner = self.inner();
        let things = inner.things.iter();
        things.map(|(id, (kind, state))| (id.clone(), kind.clone(), state.clone())).collect()
    }

    /// Returns the calls made since the last time this was asked, as `create web`.
    pub fn take_calls(&self) -> Vec<String> {
        let calls = std::mem::take(&mut self.inner().calls);
        calls.into_iter().map(|(call, name)| format!("{call} {name}")).collect()
    }

    pub(crate) fn called(&self, call: &str, name: &Str) {
        self.inner().calls.push((call.into(), name.clone()));
    }

    pub(crate) fn wants_failure(&self, call: &str, name: &str) -> bool {
        let inner = self.inner();
        inner.failing.iter().any(|(own, who)| own == call && (who == name || who == "*"))
    }

    /// From now on the provider does not offer a resource type any more.
    pub fn withdraw(&self, kind: &str) {
        self.inner().missing = Some(kind.into());
    }

    /// From now on the provider's schemas have this version.
    pub fn set_version(&self, version: u32) {
        self.inner().version = Some(version);
    }

    pub(crate) fn amend_schema(&self, schema: &mut ProviderSchema) {
        let inner = self.inner();
        if let Some(kind) = &inner.missing {
            schema.resources.remove(kind);
        }
        if let Some(version) = inner.version {
            for resource in schema.resources.values_mut() {
                Arc::make_mut(resource).version = version;
            }
        }
    }
}
