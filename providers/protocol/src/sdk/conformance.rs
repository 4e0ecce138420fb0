//! What any provider must keep to, as one function that drives it.
//!
//! Takes a provider that is configured and a [`Case`]; makes, changes, replaces and destroys one
//! instance, as a planner would; returns the first rule that was broken. It works on the world
//! that the provider works on, and knows nothing of how the provider is built.

use syncline_model::{
    Applied, ApplyRequest, Attribute, Block, IdentitySchema, ImportRequest, Imported, Map, Mode,
    Nesting, Path, PlanRequest, Planned, Provider, ReadRequest, ReadState, Residual, Response, Str,
    Type, Unknown, ValidateRequest, Value,
};

use super::nested::each;
use super::{same, sound};
use crate::identity;
use crate::wire::recorded;

/// One instance's life.
#[derive(Clone, Debug)]
pub struct Case<'a> {
    /// The type without the provider's name.
    pub kind: &'a str,
    /// What it is configured with at first.
    pub config: Value,
    /// A configuration to which it can be changed in place.
    pub update: Option<Value>,
    /// A configuration that makes a replacement necessary.
    pub replace: Option<Value>,
}

/// What is recorded between two calls.
struct Record {
    state: Value,
    private: Vec<u8>,
}

/// Drives a provider through a case.
///
/// # Errors
/// The first rule that was broken, and how.
pub async fn check(provider: &dyn Provider, case: &Case<'_>) -> Result<(), String> {
    let schema = provider.schema().await;
    let schema = schema.map_err(|own| format!("{}: {}", own.summary, own.detail))?;
    let Some(schema) = schema.get(Mode::Managed, case.kind) else {
        return Err(format!("the schema has no `{}`", case.kind));
    };
    let (block, identity) = (&schema.block, schema.identity.as_deref());
    let driver = Driver { provider, kind: case.kind, block, identity };
    sound::resource(schema)?;
    well_described(&schema.description, block)?;
    identity.map_or(Ok(()), well_identified)?;
    driver.unknown_kind().await?;
    driver.unknown_config(&case.config).await?;
    let mut record = driver.create(&case.config).await?;
    driver.settled(&record, &case.config).await?;
    driver.found_again(&record).await?;
    if let Some(config) = &case.update {
        let identity = driver.identity("create", &record)?;
        record = driver.update(&record, config).await?;
        if driver.identity("update", &record)? != identity {
            return Err("an update changes the identity".to_owned());
        }
        driver.settled(&record, config).await?;
    }
    if let Some(config) = &case.replace {
        let planned = driver.plan(Some(&record), config).await?;
        if planned.requires_replace.is_empty() {
            return Err("a change that cannot be made in place asks for no replacement".to_owned());
        }
        driver.destroy(&record).await?;
        record = driver.create(config).await?;
        driver.settled(&record, config).await?;
    }
    driver.destroy(&record).await
}

/// Checks that everything is described.
fn well_described(description: &str, block: &Block) -> Result<(), String> {
    let sentence = |text: &str| text.ends_with('.');
    if !sentence(description) {
        return Err("the type has no description in full sentences".to_owned());
    }
    for (name, attribute) in &block.attributes {
        if !sentence(&attribute.description) {
            return Err(format!("`{name}` has no description in full sentences"));
        }
        if let Some((_, inner)) = attribute.nested.as_deref() {
            well_described("A record.", inner).map_err(|how| format!("in `{name}`: {how}"))?;
        }
    }
    Ok(())
}

/// Checks that an identity is described.
fn well_identified(identity: &IdentitySchema) -> Result<(), String> {
    let mut attributes = identity.block.attributes.iter();
    match attributes.find(|(_, attribute)| !attribute.description.ends_with('.')) {
        Some((name, _)) => {
            Err(format!("the identity's `{name}` has no description in full sentences"))
        }
        None => Ok(()),
    }
}

struct Driver<'a> {
    provider: &'a dyn Provider,
    kind: &'a str,
    block: &'a Block,
    identity: Option<&'a IdentitySchema>,
}

impl Driver<'_> {
    async fn unknown_kind(&self) -> Result<(), String> {
        let request =
            ReadRequest { kind: "no_such_type".into(), state: Value::Null, private: Vec::new() };
        if self.provider.read(request).await.failed() {
            Ok(())
        } else {
            Err("a type that does not exist was read".to_owned())
        }
    }

    /// Each attribute of the configuration may be unknown while it is planned.
    async fn unknown_config(&self, config: &Value) -> Result<(), String> {
        let Some(map) = config.as_map() else { return Ok(()) };
        for (name, value) in map.iter() {
            if value.is_null() {
                continue;
            }
            let ty = self.block.get(name).map_or(Type::Any, |attribute| attribute.ty.clone());
            // Any residual that is not the provider's own does.
            let unknown = Unknown { ty, residual: Residual::Local(0) };
            let mut map = map.clone();
            map.insert(name.clone(), Value::Unknown(unknown.into()));
            let config = Value::from(map);
            let problems = self.validate(&config).await;
            problems.map_err(|text| format!("with `{name}` unknown: {text}"))?;
            let planned = self.plan(None, &config).await;
            let planned = planned.map_err(|text| format!("with `{name}` unknown: {text}"))?;
            if planned.state.attribute(name) != config.attribute(name) {
                return Err(format!("`{name}` was unknown, and is planned as something else"));
            }
        }
        Ok(())
    }

    async fn validate(&self, config: &Value) -> Result<(), String> {
        let config = configurable(self.block, config);
        let request = ValidateRequest { mode: Mode::Managed, kind: self.kind.into(), config };
        let problems = self.provider.validate(request).await;
        match problems.iter().find(|problem| problem.is_error) {
            Some(problem) => Err(format!("validation: {}", problem.summary)),
            None => Ok(()),
        }
    }

    async fn plan(&self, prior: Option<&Record>, config: &Value) -> Result<Planned, String> {
        let state = prior.map(|record| record.state.clone()).unwrap_or_default();
        let request = PlanRequest {
            kind: self.kind.into(),
            proposed: propose(self.block, &state, config),
            prior: state,
            config: configurable(self.block, config),
            private: prior.map(|record| record.private.clone()).unwrap_or_default(),
        };
        let planned = succeeded("plan", self.provider.plan(request).await)?;
        for (name, attribute) in &self.block.attributes {
            self.planned_attribute(name, attribute, config, &planned.state)?;
        }
        Ok(planned)
    }

    fn planned_attribute(
        &self,
        name: &str,
        attribute: &Attribute,
        config: &Value,
        planned: &Value,
    ) -> Result<(), String> {
        if !planned.as_map().is_some_and(|map| map.contains_key(name)) {
            return Err(format!("`{name}` is not planned"));
        }
        let (configured, planned) = (config.attribute(name), planned.attribute(name));
        if attribute.write_only {
            return Ok(());
        }
        if !agrees(attribute, configured, planned) {
            return Err(format!("`{name}` is configured, and planned as something else"));
        }
        if configured.is_null() && !attribute.computed && !planned.is_null() {
            return Err(format!("`{name}` is neither configured nor computed, and planned"));
        }
        if is_forgotten(attribute, planned) {
            return Err(format!("`{name}` is planned as unknown, and it is not computed"));
        }
        Ok(())
    }

    async fn create(&self, config: &Value) -> Result<Record, String> {
        self.validate(config).await?;
        let planned = self.plan(None, config).await?;
        if !planned.requires_replace.is_empty() {
            return Err("a create asks for a replacement".to_owned());
        }
        self.apply("create", Value::Null, planned, config).await
    }

    async fn update(&self, prior: &Record, config: &Value) -> Result<Record, String> {
        self.validate(config).await?;
        let planned = self.plan(Some(prior), config).await?;
        if let Some(path) = planned.requires_replace.first() {
            return Err(format!("an update in place wants a replacement for `{path}`"));
        }
        if same(&planned.state, &prior.state) {
            return Err("a changed configuration plans no change".to_owned());
        }
        self.apply("update", prior.state.clone(), planned, config).await
    }

    async fn apply(
        &self,
        call: &str,
        prior: Value,
        planned: Planned,
        config: &Value,
    ) -> Result<Record, String> {
        let request = ApplyRequest {
            kind: self.kind.into(),
            prior,
            planned: planned.state.clone(),
            config: configurable(self.block, config),
            private: planned.private,
        };
        let Applied { state, private, .. } = succeeded(call, self.provider.apply(request).await)?;
        if !state.is_known() {
            return Err(format!("{call} left something unknown"));
        }
        if let Some(path) = misfit(&planned.state, &state, &Path::default()) {
            return Err(format!("after {call}, `{path}` is not as planned"));
        }
        Ok(Record { state, private })
    }

    /// What was just made reads as it was made, and nothing is left to do.
    async fn settled(&self, record: &Record, config: &Value) -> Result<(), String> {
        let read = self.read(record).await?;
        if let Some(path) = misfit(&record.state, &read.state, &Path::default()) {
            return Err(format!("`{path}` reads differently than it was made"));
        }
        let record = Record { state: read.state, private: read.private };
        let planned = self.plan(Some(&record), config).await?;
        if let Some(path) = misfit(&record.state, &planned.state, &Path::default()) {
            return Err(format!("`{path}` is planned to change, and nothing has changed"));
        }
        if !planned.requires_replace.is_empty() {
            return Err("a replacement is wanted, and nothing has changed".to_owned());
        }
        Ok(())
    }

    /// Returns the identity that a call has told; null where the type has none.
    fn identity(&self, call: &str, record: &Record) -> Result<Value, String> {
        let Some(schema) = self.identity else { return Ok(Value::Null) };
        let kept = identity::unpack(&record.private).identity;
        let kept = kept.filter(|kept| kept.version == i64::from(schema.version));
        let kept = kept.and_then(|kept| recorded::read(kept.json));
        kept.ok_or_else(|| format!("{call} tells no whole identity"))
    }

    /// What was made is found by its identity, where it has one.
    async fn found_again(&self, record: &Record) -> Result<(), String> {
        let identity = self.identity("create", record)?;
        if identity.is_null() {
            return Ok(());
        }
        let request =
            ImportRequest { kind: self.kind.into(), id: Str::new(), identity: identity.clone() };
        let Imported { state, private } =
            succeeded("import by identity", self.provider.import(request).await)?;
        let ReadState { state, private } = self.read(&Record { state, private }).await?;
        if state.is_null() {
            return Err("an import by identity finds nothing".to_owned());
        }
        if self.identity("read", &Record { state, private })? != identity {
            return Err("an import by identity finds something else".to_owned());
        }
        Ok(())
    }

    async fn read(&self, record: &Record) -> Result<ReadState, String> {
        let request = ReadRequest {
            kind: self.kind.into(),
            state: record.state.clone(),
            private: record.private.clone(),
        };
        succeeded("read", self.provider.read(request).await)
    }

    async fn destroy(&self, record: &Record) -> Result<(), String> {
        let request = PlanRequest {
            kind: self.kind.into(),
            prior: record.state.clone(),
            proposed: Value::Null,
            config: Value::Null,
            private: record.private.clone(),
        };
        let planned = succeeded("plan of a destroy", self.provider.plan(request).await)?;
        if !planned.state.is_null() {
            return Err("a destroy plans something".to_owned());
        }
        // Twice: the second one stands for a destroy that was interrupted and is done again.
        for call in ["destroy", "second destroy"] {
            let request = ApplyRequest {
                kind: self.kind.into(),
                prior: record.state.clone(),
                planned: Value::Null,
                config: Value::Null,
                private: record.private.clone(),
            };
            let applied = succeeded(call, self.provider.apply(request).await)?;
            if !applied.state.is_null() {
                return Err(format!("{call} leaves something"));
            }
        }
        Ok(())
    }
}

fn succeeded<T>(call: &str, response: Response<T>) -> Result<T, String> {
    if let Some(problem) = response.problems.iter().find(|problem| problem.is_error) {
        return Err(format!("{call}: {}: {}", problem.summary, problem.detail));
    }
    response.answer.ok_or_else(|| format!("{call} gave no answer"))
}

/// Returns every configurable attribute, null where it is unset.
fn configurable(block: &Block, config: &Value) -> Value {
    let attributes = block.attributes.iter().filter(|(_, one)| one.is_configurable());
    Value::from(
        attributes.map(|(name, _)| (name.clone(), config.attribute(name).clone())).collect::<Map>(),
    )
}

/// Returns the configuration, with prior values where it leaves computed attributes open.
fn propose(block: &Block, prior: &Value, config: &Value) -> Value {
    let attributes = block.attributes.iter().map(|(name, attribute)| {
        let (old, new) = (prior.attribute(name), config.attribute(name));
        let value = match attribute.nested.as_deref() {
            _ if attribute.computed && new.is_null() => old.clone(),
            Some((nesting, inner)) => {
                each(*nesting, (new, old), &Path::default(), &mut |new, old, _| {
                    if new.as_map().is_some() { propose(inner, old, new) } else { new.clone() }
                })
            }
            None => new.clone(),
        };
        (name.clone(), value)
    });
    Value::from(attributes.collect::<Map>())
}

/// Tells whether something is left to the apply that is not computed.
fn is_forgotten(attribute: &Attribute, planned: &Value) -> bool {
    let own = |value: &Value| matches!(value, Value::Unknown(unknown) if unknown.residual == Residual::Provider);
    if attribute.computed {
        return false;
    }
    let Some((nesting, block)) =
        attribute.nested.as_deref().filter(|_| !matches!(planned.reveal(), Value::Unknown(_)))
    else {
        return planned.any(&own);
    };
    let mut forgotten = false;
    each(*nesting, (planned, planned), &Path::default(), &mut |record, _, _| {
        let mut attributes = block.attributes.iter();
        forgotten |= attributes.any(|(name, one)| is_forgotten(one, record.attribute(name)));
        Value::Null
    });
    forgotten
}

/// Tells whether what is configured is planned so; in records, what is not configured may be anything.
fn agrees(attribute: &Attribute, configured: &Value, planned: &Value) -> bool {
    let Some((nesting, block)) = attribute.nested.as_deref().filter(|_| !configured.is_null())
    else {
        return configured.is_null() || attribute.write_only || same(configured, planned);
    };
    let mut all = true;
    let mut count = 0;
    each(*nesting, (configured, planned), &Path::default(), &mut |own, planned, _| {
        count += 1;
        let mut attributes = block.attributes.iter();
        // The elements of a set cannot be told apart.
        all &= *nesting == Nesting::Set
            || own.as_map().is_none()
            || attributes
                .all(|(name, one)| agrees(one, own.attribute(name), planned.attribute(name)));
        Value::Null
    });
    let planned = planned.reveal();
    all && (count > 0 || same(configured, planned))
        && planned.as_items().is_none_or(|items| items.len() == count)
}

/// Returns the first path at which a value is not as planned.
fn misfit(planned: &Value, actual: &Value, path: &Path) -> Option<Path> {
    match (planned.reveal(), actual.reveal()) {
        (Value::Unknown(_), _) => None,
        (Value::Map(planned), Value::Map(actual)) if planned.len() == actual.len() => {
            planned.iter().find_map(|(key, value)| {
                let path = path.key(key.clone());
                match actual.get(key) {
                    Some(actual) => misfit(value, actual, &path),
                    None => Some(path),
                }
            })
        }
        (Value::List(planned), Value::List(actual)) if planned.len() == actual.len() => {
            let mut both = planned.iter().zip(actual.iter()).enumerate();
            both.find_map(|(at, (planned, actual))| misfit(planned, actual, &path.index(at)))
        }
        (planned, actual) => (!same(planned, actual)).then(|| path.clone()),
    }
}
