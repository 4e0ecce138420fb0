//! The calls: what the planner asks, as the protocol has it.
//!
//! Laws: an answer with an error counts as none, but for what an apply has made; what an answer
//! leaves unknown, it may leave unknown; a postponed answer is an error, since none was allowed.

mod change;
mod ephemeral;
mod extra;
mod inspect;
mod moves;
mod session;

pub(super) use self::session::Session;

use syncline_model::{Problem, Response};

use crate::wire::proto::tfplugin6::{ClientCapabilities, Deferred};

/// What Syncline can do.
const CAPABILITIES: ClientCapabilities =
    ClientCapabilities { deferral_allowed: false, write_only_attributes_allowed: true };

impl Session {
    /// Returns a problem for an answer that the provider postponed.
    fn deferred(&self, call: &str, deferred: Option<Deferred>) -> Option<Problem> {
        let deferred = deferred?;
        let reason = deferred.reason().as_str_name();
        Some(Problem::error(
            format!("the provider {} postponed its answer", self.process.title),
            format!("It was not allowed to (in the call `{call}`). Its reason is {reason}."),
        ))
    }
}

fn is_failed(problems: &[Problem]) -> bool {
    problems.iter().any(|problem| problem.is_error)
}

/// Returns an answer that comes without errors, or the errors alone.
fn answered<T>(problems: Vec<Problem>, answer: impl FnOnce() -> Result<T, Problem>) -> Response<T> {
    if is_failed(&problems) {
        return Response { answer: None, problems };
    }
    match answer() {
        Ok(answer) => Response { answer: Some(answer), problems },
        Err(problem) => {
            let mut problems = problems;
            problems.push(problem);
            Response { answer: None, problems }
        }
    }
}
