//! Ephemeral resources while a plan is carried out: opened by a step, renewed in time, closed at the end.
//!
//! Laws: what was opened is closed, whatever failed and however the run was told to stop; what it holds is given to
//! calls of providers, and to nothing that is written or shown.

use std::sync::Arc;
use std::time::Duration;

use syncline_model::{Address, Diagnostic, Open, OpenRequest, Problem, Provider, Response, Str};

use super::calls::{Call, Called, said, silent};
use crate::diagnostics::{self, Blame};
use crate::plan::Change;
use crate::values;

/// How long the end of one is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// An ephemeral resource that is open.
#[derive(Clone)]
pub(super) struct Opening {
    address: Address,
    kind: Str,
    provider: Arc<dyn Provider>,
    pub(super) lease: Open,
}

/// Opens an ephemeral resource.
pub(super) async fn open(
    call: &Call<'_>,
    provider: Arc<dyn Provider>,
    called: &mut Called,
) -> Result<(), Box<Diagnostic>> {
    let config = call.config.clone()?;
    let Change { address, kind, .. } = call.change;
    let response = provider.open(OpenRequest { kind: kind.clone(), config }).await;
    if let Some(opened) = &response.answer {
        let (address, kind) = (address.clone(), kind.clone());
        called.opened = Some(Opening { address, kind, provider, lease: opened.lease.clone() });
    }
    said(call, "open", &response.problems, called)?;
    let Some(opened) = response.answer else { return Err(silent(call)) };
    called.read = Some(values::hidden(&opened.result));
    Ok(())
}

impl Opening {
    /// Renews it by the time that the provider gave; `now` is in milliseconds, too. Never returns where it gave none.
    pub(super) async fn renewed(self, now: u64) -> Response<Open> {
        let Some(at) = self.lease.renew_at else { return std::future::pending().await };
        tokio::time::sleep(Duration::from_millis(at.saturating_sub(now))).await;
        self.provider.renew(&self.kind, self.lease.private).await
    }

    /// Closes it; what goes wrong changes nothing.
    pub(super) async fn close(self) -> Vec<Diagnostic> {
        let closed = self.provider.close(&self.kind, self.lease.private.clone());
        let problems = tokio::time::timeout(PATIENCE, closed).await.unwrap_or_else(|_| {
            let detail = format!("No answer came within {PATIENCE:?}.");
            vec![Problem::error("it may still be open", detail)]
        });
        problems.iter().map(|problem| self.report("close", problem)).collect()
    }

    /// Returns what there is to say of a problem, which fails nothing.
    pub(super) fn report(&self, doing: &str, problem: &Problem) -> Diagnostic {
        diagnostics::warned(Blame { address: &self.address, desired: None }, doing, problem)
    }
}
