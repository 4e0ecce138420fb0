//! One data source: read where what it needs is known, else planned to be read.

use syncline_model::{DataRequest, DesiredResource, Mode, Provider};

use super::context::Context;
use super::subject::{Job, blank, said};
use super::validation::validate;
use super::walk::{Considered, unread};
use crate::plan::{Action, Reason};
use crate::values;

/// Reads a data source, or plans to.
pub(super) async fn read_data(
    context: &Context<'_>,
    job: &Job,
    desired: &DesiredResource,
    provider: &dyn Provider,
    considered: &mut Considered,
) -> Option<()> {
    let schema = context.schema(&desired.provider, Mode::Data, &desired.kind)?;
    validate(context, job, (desired, schema, provider), "read", considered).await?;
    if job.waits || !job.config.is_known() || job.provider_config.is_none() {
        let mut change = blank(context, job.at, desired, Action::Read, Reason::Deferred);
        change.after = unread(&schema.block, &desired.address, &job.config);
        change.config = values::sparse(job.config.clone());
        change.schema_version = schema.version;
        change.fingerprint = job.fingerprint;
        considered.view = Some(change.after.clone());
        considered.changed = true;
        considered.changes.push(change);
        return Some(());
    }
    let request = DataRequest { kind: desired.kind.clone(), config: job.config.clone() };
    let response = provider.read_data(request).await;
    said(context, job, "read", &response.problems, considered)?;
    considered.view = Some(values::mark(&schema.block, response.answer?, &job.config));
    Some(())
}
