//! `time.rotating`: a moment that is taken anew whenever a length of time has passed.
//!
//! A rotation that is due reads as gone: the next plan makes it anew, and with it whatever depends
//! on it. With a moment to start from, rotations are due once, twice, three times ... the length
//! after it, whenever they are made.

use async_trait::async_trait;
use syncline_model::{Problem, Type};
use syncline_protocol::sdk::{Attributes, Failure, Instance, Plan, Resource, Schema, attribute};

use crate::moment::{self, Clock};
use crate::span::{ROTATION, next};

/// The type `time.rotating`.
pub(crate) struct Rotating {
    clock: Clock,
}

impl Rotating {
    pub(crate) const fn new(clock: Clock) -> Self {
        Self { clock }
    }
}

#[async_trait]
impl Resource for Rotating {
    fn schema(&self) -> Schema {
        let rfc3339 = "The moment that the rotations count from, as RFC 3339 writes it. Unless \
                       set it is when the resource is created, each time anew.";
        let due = "When the next rotation is due, as RFC 3339 writes it. A plan after that makes \
                   the resource anew.";
        let [unix, year, month, day, hour, minute, second] =
            moment::parts_schema("the moment that the rotations count from");
        let [years, months, days, hours, minutes, seconds] =
            ROTATION.schema("pass from one rotation to the next");
        Schema::of(
            "A moment that is taken anew whenever a length of time has passed.",
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
                years,
                months,
                days,
                hours,
                minutes,
                seconds,
                ("rotation_rfc3339", attribute::of(Type::String).describe(due).computed()),
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
        let mut problems = ROTATION.check(config);
        problems.extend(moment::check(config, "rfc3339"));
        problems
    }

    async fn plan(&self, plan: &mut Plan) -> Result<(), Failure> {
        if let Some(start) = moment::read(&plan.planned, "rfc3339")? {
            moment::set_parts(&mut plan.planned, start, &["rfc3339"]);
        }
        if !ROTATION.changes(plan) {
            plan.keep("rotation_rfc3339");
        }
        Ok(())
    }

    async fn create(&self, mut planned: Instance) -> Result<Instance, Failure> {
        let now = self.clock.now()?;
        let start = match moment::read(&planned, "rfc3339")? {
            Some(start) => start,
            None => {
                planned.set("rfc3339", moment::text(now));
                now
            }
        };
        moment::set_parts(&mut planned, start, &["rfc3339"]);
        let Some(span) = ROTATION.span(&planned)? else {
            return Err(Problem::error("the length of a rotation is not known", "").into());
        };
        let due = next(start, span, now)?;
        planned.set_from("rotation_rfc3339", moment::text(due), &["rfc3339"]);
        Ok(planned)
    }

    async fn read(&self, recorded: Instance) -> Result<Option<Instance>, Failure> {
        let due = recorded.get("rotation_rfc3339").as_str().and_then(moment::parse);
        let now = self.clock.now()?;
        Ok(if due.is_some_and(|due| due <= now) { None } else { Some(recorded) })
    }

    async fn update(&self, _prior: Instance, planned: Instance) -> Result<Instance, Failure> {
        // When it is due depends on when its length is changed.
        if planned.is_unknown("rotation_rfc3339") {
            self.create(planned).await
        } else {
            Ok(planned)
        }
    }

    async fn delete(&self, _recorded: Instance) -> Result<(), Failure> {
        Ok(())
    }
}
