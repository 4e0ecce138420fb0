//! Ephemeral resources: opened, renewed, closed.
//!
//! What they hold is handed on and kept nowhere.

use bytes::Bytes;
use prost_types::Timestamp;
use syncline_model::{Mode, Open, OpenRequest, Opened, Problem, Response};

use super::{CAPABILITIES, Session, answered};
use crate::wire::diagnostics::problems;
use crate::wire::encode::Extra;
use crate::wire::proto::tfplugin6::{
    close_ephemeral_resource, open_ephemeral_resource, renew_ephemeral_resource,
};

impl Session {
    pub(in crate::host) async fn open(
        &self,
        request: OpenRequest,
    ) -> Result<Response<Opened>, Problem> {
        const CALL: &str = "OpenEphemeralResource";
        let kind = self.kind(Mode::Ephemeral, &request.kind)?;
        let message = open_ephemeral_resource::Request {
            type_name: kind.name.clone(),
            config: self.value(CALL, &kind.shape, &request.config, Extra::Refused)?,
            client_capabilities: Some(CAPABILITIES),
        };
        let answer = self.process.call(message, Some(self.limits.long)).await?;
        let mut said = problems(answer.diagnostics);
        said.extend(self.deferred(CALL, answer.deferred));
        Ok(answered(said, || {
            let result = self.known_answer(CALL, &kind.shape, answer.result)?;
            if result.is_null() {
                return Err(self.unreadable(CALL, "there is nothing in it"));
            }
            Ok(Opened { result, lease: lease(answer.private, answer.renew_at) })
        }))
    }

    pub(in crate::host) async fn renew(
        &self,
        kind: &str,
        private: Vec<u8>,
    ) -> Result<Response<Open>, Problem> {
        let type_name = self.kind(Mode::Ephemeral, kind)?.name.clone();
        let message =
            renew_ephemeral_resource::Request { type_name, private: Some(Bytes::from(private)) };
        let answer = self.process.call_beside(message, Some(self.limits.long)).await?;
        let said = problems(answer.diagnostics);
        Ok(answered(said, || Ok(lease(answer.private, answer.renew_at))))
    }

    pub(in crate::host) async fn close(
        &self,
        kind: &str,
        private: Vec<u8>,
    ) -> Result<Vec<Problem>, Problem> {
        let type_name = self.kind(Mode::Ephemeral, kind)?.name.clone();
        let message =
            close_ephemeral_resource::Request { type_name, private: Some(Bytes::from(private)) };
        let answer = self.process.call_beside(message, Some(self.limits.short)).await?;
        Ok(problems(answer.diagnostics))
    }
}

fn lease(private: Option<Bytes>, renew_at: Option<Timestamp>) -> Open {
    let renew_at = renew_at.and_then(|at| {
        let seconds = u64::try_from(at.seconds).ok()?.checked_mul(1000)?;
        seconds.checked_add(u64::try_from(at.nanos).ok()? / 1_000_000)
    });
    Open { private: private.unwrap_or_default().to_vec(), renew_at }
}
