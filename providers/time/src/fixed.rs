//! `time.static`: a moment that is taken once.

use async_trait::async_trait;
use syncline_model::{Problem, Type};
use syncline_protocol::sdk::{Attributes, Failure, Instance, Plan, Resource, Schema, attribute};

use crate::moment::{self, Clock};

/// The type `time.static`.
pub(crate) struct Static {
    clock: Clock,
}

impl Static {
    pub(crate) const fn new(clock: Clock) -> Self {
        Self { clock }
    }
}

#[async_trait]
impl Resource for Static {
    fn schema(&self) -> Schema {
        let rfc3339 = "The moment as RFC 3339 writes it. Unless set it is when the resource is \
                       created.";
        let [unix, year, month, day, hour, minute, second] = moment::parts_schema("the moment");
        Schema::of(
            "A moment that is taken once and stays.",
            [
                ("triggers", moment::triggers()),
                (
                    "rfc3339",
                    attribute::of(Type::String)
                        .describe(rfc3339)
                        .optional_computed()
                        .stable()
                        .requires_replace(),
                ),
                unix,
                year,
                month,
                day,
                hour,
                minute,
                second,
            ],
        )
    }

    fn validate(&self, config: &Attributes) -> Vec<Problem> {
        moment::check(config, "rfc3339").into_iter().collect()
    }

    async fn plan(&self, plan: &mut Plan) -> Result<(), Failure> {
        if let Some(taken) = moment::read(&plan.planned, "rfc3339")? {
            moment::set_parts(&mut plan.planned, taken, &["rfc3339"]);
        }
        Ok(())
    }

    async fn create(&self, mut planned: Instance) -> Result<Instance, Failure> {
        let taken = match moment::read(&planned, "rfc3339")? {
            Some(given) => given,
            None => {
                let now = self.clock.now()?;
                planned.set("rfc3339", moment::text(now));
                now
            }
        };
        moment::set_parts(&mut planned, taken, &["rfc3339"]);
        Ok(planned)
    }

    async fn read(&self, recorded: Instance) -> Result<Option<Instance>, Failure> {
        Ok(Some(recorded))
    }

    async fn delete(&self, _recorded: Instance) -> Result<(), Failure> {
        Ok(())
    }

    async fn import(&self, id: &str) -> Result<Instance, Failure> {
        let taken = moment::parse(id).ok_or_else(|| moment::bad("rfc3339", id))?;
        let mut instance = Instance::default();
        instance.set("rfc3339", id);
        moment::set_parts(&mut instance, taken, &[]);
        Ok(instance)
    }
}
