//! Planning and applying.

use syncline_model::{Applied, ApplyRequest, Mode, PlanRequest, Planned, Problem, Response};

use super::{CAPABILITIES, Session, answered, is_failed};
use crate::host::restore::restore;
use crate::wire::diagnostics::{problems, read_path};
use crate::wire::encode::Extra;
use crate::wire::proto::tfplugin6::{apply_resource_change, plan_resource_change};

const PLAN: &str = "PlanResourceChange";
const APPLY: &str = "ApplyResourceChange";

impl Session {
    pub(in crate::host) async fn plan(
        &self,
        request: PlanRequest,
    ) -> Result<Response<Planned>, Problem> {
        let kind = self.kind(Mode::Managed, &request.kind)?;
        let is_destroy = request.config.is_null();
        if is_destroy && !self.schema.plans_destroy {
            return Ok(Response::ok(Planned { private: request.private, ..Planned::default() }));
        }
        let (own, identity) = self.kept(PLAN, kind, &request.private).await?;
        let message = plan_resource_change::Request {
            type_name: kind.name.clone(),
            prior_state: self.value(PLAN, &kind.shape, &request.prior, Extra::Dropped)?,
            proposed_new_state: self.value(PLAN, &kind.shape, &request.proposed, Extra::Dropped)?,
            config: self.value(PLAN, &kind.shape, &request.config, Extra::Refused)?,
            prior_private: own,
            provider_meta: self.meta(PLAN)?,
            client_capabilities: Some(CAPABILITIES),
            // What is to be made has none yet, even where it takes the place of something.
            prior_identity: identity.filter(|_| !request.prior.is_null()),
        };
        let answer = self.process.call(message, Some(self.limits.long)).await?;
        let mut said = problems(answer.diagnostics);
        said.extend(self.deferred(PLAN, answer.deferred));
        Ok(answered(said, || {
            let state = self.answer(PLAN, &kind.shape, answer.planned_state)?;
            let state = restore(&state, &request.config);
            let known: &[u8] = if request.prior.is_null() { &[] } else { &request.private };
            let identity = (answer.planned_identity, known);
            Ok(Planned {
                state,
                requires_replace: answer.requires_replace.iter().map(read_path).collect(),
                private: self.keep(PLAN, kind, &answer.planned_private, identity)?,
                is_lenient: answer.legacy_type_system,
            })
        }))
    }

    pub(in crate::host) async fn apply(
        &self,
        request: ApplyRequest,
    ) -> Result<Response<Applied>, Problem> {
        let kind = self.kind(Mode::Managed, &request.kind)?;
        let (own, identity) = self.kept(APPLY, kind, &request.private).await?;
        let message = apply_resource_change::Request {
            type_name: kind.name.clone(),
            prior_state: self.value(APPLY, &kind.shape, &request.prior, Extra::Dropped)?,
            planned_state: self.value(APPLY, &kind.shape, &request.planned, Extra::Dropped)?,
            config: self.value(APPLY, &kind.shape, &request.config, Extra::Refused)?,
            planned_private: own,
            provider_meta: self.meta(APPLY)?,
            planned_identity: identity,
        };
        let answer = self.process.call(message, self.limits.apply).await?;
        let mut said = problems(answer.diagnostics);
        // What was made is recorded, whatever was said beside it.
        let made = self.answer(APPLY, &kind.shape, answer.new_state).and_then(|state| {
            let identity = (answer.new_identity, request.private.as_slice());
            let private = self.keep(APPLY, kind, &answer.private, identity)?;
            Ok(Applied { state, private, is_lenient: answer.legacy_type_system })
        });
        let answer = match made {
            // Nothing, with an error: what was there before is still there.
            Ok(made) if made.state.is_null() && is_failed(&said) => None,
            Ok(made) => Some(made),
            Err(problem) => {
                said.push(problem);
                None
            }
        };
        Ok(Response { answer, problems: said })
    }
}
