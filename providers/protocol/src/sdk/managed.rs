//! A type of an author's: between the calls and the author's code.
//!
//! Takes requests with recorded values and bytes, gives the author instances, and returns what is to be recorded; see
//! the laws of [`super`].

use std::collections::BTreeSet;
use std::sync::Arc;

use syncline_model::{
    ApplyRequest, HandedOver, ImportRequest, PlanRequest, Planned, Problem, ReadRequest,
    ResourceSchema, Str, Value,
};

use super::answer::guard;
use super::shape::{complete, known_part};
use super::{Attributes, Failure, Instance, Plan, Resource};
use crate::identity::{self, KeptIdentity};
use crate::wire::encode::{Extra, encode};
use crate::wire::shape::Shape;
use crate::wire::{json, recorded};

/// A resource type with its schema.
pub(super) struct Managed {
    pub(super) resource: Arc<dyn Resource>,
    pub(super) schema: Arc<ResourceSchema>,
    stable: BTreeSet<Str>,
}

impl Managed {
    pub(super) fn of(resource: impl Resource) -> Self {
        let (schema, stable) = resource.schema().into_parts();
        Self { resource: Arc::new(resource), schema, stable }
    }

    pub(super) async fn planned(&self, request: PlanRequest) -> Result<Planned, Failure> {
        if request.proposed.is_null() {
            return Ok(Planned { private: request.private, ..Planned::default() });
        }
        let prior = (!request.prior.is_null())
            .then(|| self.instance(&request.prior, &request.private))
            .transpose()?;
        // What is to be made has no identity yet, even where it takes the place of something.
        let known = prior.as_ref().map(|prior| prior.identity.clone()).unwrap_or_default();
        let own = identity::unpack(&request.private).private.to_vec();
        let block = &self.schema.block;
        let mut plan = Plan::begin(block, &self.stable, prior, &request.config, own);
        self.resource.plan(&mut plan).await?;
        let mut planned = plan.finish();
        let attributes = Attributes::new(&planned.state);
        planned.private = self.kept(&attributes, &known, &planned.private);
        Ok(planned)
    }

    pub(super) async fn applied(&self, request: ApplyRequest) -> Result<Instance, Failure> {
        let mut planned = self.instance(&request.planned, &request.private)?;
        let known = planned.identity.clone();
        for (name, attribute) in &self.schema.block.attributes {
            if attribute.write_only {
                planned.set(name.clone(), request.config.attribute(name).clone());
            }
        }
        let made = if request.prior.is_null() {
            self.resource.create(planned).await
        } else {
            let prior = self.instance(&request.prior, &request.private)?;
            self.resource.update(prior, planned).await
        };
        match made {
            Ok(made) => self.complete(made, &known),
            Err(mut failure) => {
                let partial = |made: Box<Instance>| {
                    self.recorded(known_part(&self.schema.block, *made), &known)
                };
                failure.partial = failure.partial.map(partial).map(Box::new);
                Err(failure)
            }
        }
    }

    pub(super) async fn seen(&self, request: ReadRequest) -> Result<Option<Instance>, Failure> {
        let recorded = self.instance(&request.state, &request.private)?;
        let known = recorded.identity.clone();
        match self.resource.read(recorded).await? {
            Some(instance) => self.complete(instance, &known).map(Some),
            None => Ok(None),
        }
    }

    pub(super) async fn deleted(&self, request: ApplyRequest) -> Result<(), Failure> {
        self.resource.delete(self.instance(&request.prior, &request.private)?).await
    }

    pub(super) async fn imported(&self, request: ImportRequest) -> Result<Instance, Failure> {
        if request.identity.is_null() {
            let instance = self.resource.import(&request.id).await?;
            return self.complete(instance, &Attributes::default());
        }
        let given = self.given(&request.identity)?;
        let instance = self.resource.import_identity(&given).await?;
        self.complete(instance, &given)
    }

    pub(super) fn taken_over(&self, mut record: HandedOver) -> Result<Instance, Failure> {
        let unreadable = || Problem::error("the record cannot be read", "It is no JSON.");
        let state = recorded::read(record.json.as_bytes()).ok_or_else(unreadable)?;
        let attributes = Attributes::new(&state);
        record.private = identity::unpack(&record.private).private.to_vec();
        let instance = guard(|| self.resource.take_over(&record, attributes))??;
        self.complete(instance, &Attributes::default())
    }

    pub(super) fn upgraded(&self, version: u32, state: &Value) -> Result<Value, Failure> {
        let attributes = Attributes::new(state);
        let upgraded = if version == self.schema.version {
            attributes
        } else {
            guard(|| self.resource.upgrade(version, attributes))??
        };
        let instance = complete(&self.schema.block, upgraded.into())?;
        Ok(instance.attributes.into_value())
    }

    pub(super) fn identity_upgraded(&self, version: u32, own: &Value) -> Result<Value, Failure> {
        let own = Attributes::new(own);
        match &self.schema.identity {
            Some(schema) if schema.version != version => {
                Ok(guard(|| self.resource.upgrade_identity(version, own))??.into_value())
            }
            Some(_) | None => Ok(own.into_value()),
        }
    }

    /// Returns what is recorded or planned as the author sees it.
    fn instance(&self, attributes: &Value, bytes: &[u8]) -> Result<Instance, Failure> {
        let attributes = Attributes::new(attributes);
        let kept = identity::unpack(bytes);
        let mut instance = Instance::from(attributes);
        instance.private = kept.private.to_vec();
        if let Some(KeptIdentity { version, json }) = kept.identity {
            let version = u32::try_from(version).unwrap_or_default();
            let own = recorded::read(json).unwrap_or_default();
            instance.identity = Attributes::new(&self.identity_upgraded(version, &own)?);
        }
        Ok(instance)
    }

    /// Gives an answer every attribute of the schema, and puts its identity beside the author's bytes.
    fn complete(&self, instance: Instance, known: &Attributes) -> Result<Instance, Failure> {
        complete(&self.schema.block, instance).map(|instance| self.recorded(instance, known))
    }

    /// Puts an instance's identity beside the author's bytes.
    fn recorded(&self, mut instance: Instance, known: &Attributes) -> Instance {
        let mut own = std::mem::take(&mut instance.identity);
        for (name, value) in known.map.iter().filter(|(_, value)| !value.is_null()) {
            if own.is_null(name) {
                own.set(name.clone(), value.clone());
            }
        }
        instance.private = self.kept(&instance.attributes, &own, &instance.private);
        instance
    }

    /// Returns an author's bytes, beside them the identity of what has these attributes once all of it is known.
    fn kept(&self, attributes: &Attributes, own: &Attributes, private: &[u8]) -> Vec<u8> {
        let Some(schema) = &self.schema.identity else { return private.to_vec() };
        let told = schema.block.attributes.keys().map(|name| {
            let is_shared = self.schema.block.get(name).is_some();
            let value = if is_shared { attributes.get(name) } else { own.get(name) };
            (name.clone(), value.clone())
        });
        let told = Value::map(told);
        let is_whole = identity::misshapen(schema, &told).is_none() && told.is_known();
        let json = is_whole.then(|| json::write(None, &told).ok()).flatten();
        let identity = json
            .as_ref()
            .map(|json| KeptIdentity { version: i64::from(schema.version), json: json.as_bytes() });
        identity::pack(private, identity)
    }

    /// Returns an identity that somebody has written, with every attribute.
    fn given(&self, given: &Value) -> Result<Attributes, Problem> {
        let Some(schema) = &self.schema.identity else { return Err(identity::without_identity()) };
        if let Some(problem) = identity::misshapen(schema, given) {
            return Err(problem);
        }
        let mut own = Attributes::default();
        for (name, attribute) in &schema.block.attributes {
            let value = given.attribute(name).reveal();
            let fits = Shape::of_schema(&attribute.ty)
                .and_then(|shape| encode(&shape, value, Extra::Refused));
            if let Err(error) = fits {
                let summary = format!("the identity's `{name}` cannot be used");
                return Err(Problem::error(summary, error.to_string()));
            }
            own.set(name.clone(), value.clone());
        }
        Ok(own)
    }
}
