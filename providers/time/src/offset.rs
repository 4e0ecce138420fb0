//! `time.offset`: a moment a length of time after another one.

use async_trait::async_trait;
use syncline_model::{Problem, Type};
use syncline_protocol::sdk::{Attributes, Failure, Instance, Plan, Resource, Schema, attribute};

use crate::moment::{self, Clock};
use crate::span::{OFFSET, after};

/// The type `time.offset`.
pub(crate) struct Offset {
    clock: Clock,
}

impl Offset {
    pub(crate) const fn new(clock: Clock) -> Self {
        Self { clock }
    }
}

/// Sets what follows from the base and the offset; nothing while one of them is unknown.
fn compute(attributes: &mut Attributes) -> Result<(), Problem> {
    let base = moment::read(attributes, "base_rfc3339")?;
    if let (Some(base), Some(span)) = (base, OFFSET.span(attributes)?) {
        let there = after(base, span)?;
        attributes.set_from("rfc3339", moment::text(there), &["base_rfc3339"]);
        moment::set_parts(attributes, there, &["base_rfc3339"]);
    }
    Ok(())
}

#[async_trait]
impl Resource for Offset {
    fn schema(&self) -> Schema {
        let base = "The moment to start from, as RFC 3339 writes it. Unless set it is when the \
                    resource is created.";
        let rfc3339 = "The moment that is the offset away, as RFC 3339 writes it.";
        let [unix, year, month, day, hour, minute, second] =
            moment::parts_schema("the moment that is the offset away");
        let [years, months, days, hours, minutes, seconds] =
            OFFSET.schema("the moment comes later; fewer than none is earlier");
        Schema::of(
            "A moment that is a length of time away from another one.",
            [
                ("triggers", moment::triggers()),
                (
                    "base_rfc3339",
                    attribute::of(Type::String)
                        .describe(base)
                        .optional_computed()
                        .stable()
                        .requires_replace(),
                ),
                years,
                months,
                days,
                hours,
                minutes,
                seconds,
                ("rfc3339", attribute::of(Type::String).describe(rfc3339).computed()),
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
        let mut problems = OFFSET.check(config);
        problems.extend(moment::check(config, "base_rfc3339"));
        problems
    }

    async fn plan(&self, plan: &mut Plan) -> Result<(), Failure> {
        // While something is unknown, so is what follows from it: the rules of the kit say so.
        Ok(compute(&mut plan.planned)?)
    }

    async fn create(&self, mut planned: Instance) -> Result<Instance, Failure> {
        if planned.get("base_rfc3339").as_str().is_none() {
            planned.set("base_rfc3339", moment::text(self.clock.now()?));
        }
        compute(&mut planned)?;
        Ok(planned)
    }

    async fn read(&self, recorded: Instance) -> Result<Option<Instance>, Failure> {
        Ok(Some(recorded))
    }

    async fn update(&self, _prior: Instance, planned: Instance) -> Result<Instance, Failure> {
        self.create(planned).await
    }

    async fn delete(&self, _recorded: Instance) -> Result<(), Failure> {
        Ok(())
    }
}
