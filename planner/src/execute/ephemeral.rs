//! Ephemeral resources while a plan is carried out: opened by a step.
//!
//! Laws: what was opened is closed, whatever failed and however the run was told to stop ([`crate::leases`]); what it holds
//! is given to calls of providers, and to nothing that is written or shown.

use std::sync::Arc;

use syncline_model::{Diagnostic, OpenRequest, Provider};

use super::calls::{Call, Called, said, silent};
use crate::leases::Opening;
use crate::plan::Change;
use crate::values;

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
