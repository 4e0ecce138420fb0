//! What an author writes: a resource, a data source.

use async_trait::async_trait;
use syncline_model::{HandedOver, Open, Problem};

use super::{Attributes, Failure, Instance, Plan, Schema};

/// A type of things that are created, updated and deleted.
#[async_trait]
pub trait Resource: Send + Sync + 'static {
    /// Returns its attributes.
    fn schema(&self) -> Schema;

    /// Checks a configuration beyond what types can say. Defaults are filled in; unknowns may be in
    /// it, and what depends on them passes.
    fn validate(&self, config: &Attributes) -> Vec<Problem> {
        let _ = config;
        Vec::new()
    }

    /// Makes a plan more exact: computes what can be told before the apply, keeps what will not
    /// change, asks for a replacement. It changes nothing in the world.
    async fn plan(&self, plan: &mut Plan) -> Result<(), Failure> {
        let _ = plan;
        Ok(())
    }

    /// Creates an instance and returns it as planned, with everything known.
    ///
    /// It may be called again after it was interrupted anywhere.
    async fn create(&self, planned: Instance) -> Result<Instance, Failure>;

    /// Returns an instance as it is now, or `None` when it is gone.
    ///
    /// After an interrupted create it is called with what was planned: unknown attributes are
    /// null, and the private bytes are the plan's.
    async fn read(&self, recorded: Instance) -> Result<Option<Instance>, Failure>;

    /// Changes an instance. Without one of its own, a resource changes only what is recorded.
    async fn update(&self, prior: Instance, planned: Instance) -> Result<Instance, Failure> {
        let _ = prior;
        Ok(planned)
    }

    /// Deletes an instance; one that is gone already is a success.
    async fn delete(&self, recorded: Instance) -> Result<(), Failure>;

    /// Finds something that exists by its id; a read follows.
    async fn import(&self, id: &str) -> Result<Instance, Failure> {
        let detail = "Declare the resource and apply: the provider creates it.";
        Err(Problem::error(format!("`{id}` cannot be imported: the type has no import"), detail)
            .into())
    }

    /// Finds something that exists by its identity: every attribute of it, null where it is not given. A read follows.
    /// Without one of its own, a resource has those of them that are its attributes too.
    async fn import_identity(&self, identity: &Attributes) -> Result<Instance, Failure> {
        let mut instance = Instance::default();
        let schema = self.schema();
        for (name, value) in identity.map.iter().filter(|(name, _)| schema.has(name)) {
            instance.set(name.clone(), value.clone());
        }
        Ok(instance)
    }

    /// Makes a record of another type one of this type: `moved` says so. `from` tells the other type and its
    /// provider. A read follows.
    fn take_over(&self, from: &HandedOver, attributes: Attributes) -> Result<Instance, Failure> {
        let _ = attributes;
        let detail = "Leave `moved` out: the old one is destroyed, and a new one is created.";
        let summary = format!("no record of `{}` is taken over", from.kind);
        Err(Problem::error(summary, detail).into())
    }

    /// Brings attributes that were recorded by an older schema version to the current one.
    fn upgrade(&self, version: u32, attributes: Attributes) -> Result<Attributes, Problem> {
        let _ = version;
        Ok(attributes)
    }

    /// Brings an identity that was recorded by an older version of its schema to the current one.
    fn upgrade_identity(&self, version: u32, identity: Attributes) -> Result<Attributes, Problem> {
        let _ = version;
        Ok(identity)
    }
}

/// A type of things that are only looked at.
#[async_trait]
pub trait DataSource: Send + Sync + 'static {
    /// Returns its attributes.
    fn schema(&self) -> Schema;

    /// Checks a configuration beyond what types can say; see [`Resource::validate`].
    fn validate(&self, config: &Attributes) -> Vec<Problem> {
        let _ = config;
        Vec::new()
    }

    /// Returns every attribute. The configuration has its defaults filled in.
    async fn read(&self, config: Attributes) -> Result<Attributes, Failure>;
}

/// A type of things that are opened for a run and closed after it, and recorded nowhere.
#[async_trait]
pub trait Ephemeral: Send + Sync + 'static {
    /// Returns its attributes.
    fn schema(&self) -> Schema;

    /// Checks a configuration beyond what types can say; see [`Resource::validate`].
    fn validate(&self, config: &Attributes) -> Vec<Problem> {
        let _ = config;
        Vec::new()
    }

    /// Opens one and returns every attribute. The configuration has its defaults filled in.
    async fn open(&self, config: Attributes) -> Result<(Attributes, Open), Failure>;

    /// Renews one that is open.
    async fn renew(&self, private: Vec<u8>) -> Result<Open, Failure> {
        Ok(Open { private, renew_at: None })
    }

    /// Closes one.
    async fn close(&self, private: Vec<u8>) -> Result<(), Failure> {
        let _ = private;
        Ok(())
    }
}
