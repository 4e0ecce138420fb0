//! `moved` between types: the record of one type becomes one of another, perhaps another provider's.
//!
//! Takes what is recorded, and asks the provider of the declared type to take it over; what it makes of it is read,
//! and a change that records it is planned. Where nothing says `moved`, a record of another type is left as it is:
//! the old resource goes, and the new one is made.

use syncline_model::{
    DesiredResource, Digest, HandOverRequest, Mode, Provider, ReadRequest, ResourceSchema, Str,
    Value,
};

use super::context::Context;
use super::found::{self, Known};
use super::records;
use super::subject::{self, Job, said};
use super::walk::Considered;
use crate::plan::{Bytes, Reason};
use crate::record::Recorded;
use crate::values;

/// Returns what is to be taken as recorded: a record of another type as one of the declared type, where `moved` says
/// so. None when the provider does not take it over, which is reported.
pub(super) async fn take_over<'a>(
    context: &Context<'a>,
    job: &Job,
    known: Known<'a>,
    considered: &mut Considered,
) -> Option<Known<'a>> {
    let node = &context.nodes[job.at as usize];
    let (Some(desired), Known::Recorded(old)) = (node.desired, &known) else { return Some(known) };
    let is_other =
        old.kind != desired.kind || !context.is_one(&old.provider.name, &desired.provider.name);
    if !is_other || desired.mode != Mode::Managed || !context.is_moved(&desired.address) {
        return Some(known);
    }
    let old = *old;
    let schema = context.schema(&desired.provider, Mode::Managed, &desired.kind)?;
    let own = (&desired.provider, job.provider_config.clone());
    let taker = subject::provider(context, job, own, considered).await?;
    let (state, private) = taken(context, job, (old, desired), &*taker, considered).await?;
    let mut adopted = Recorded {
        kind: desired.kind.clone(),
        resource_type: Str::new(),
        provider: desired.provider.clone(),
        source: Str::new(),
        schema_version: schema.version,
        attributes: values::mark(&schema.block, state, &old.attributes),
        private: Bytes(private),
        fingerprint: Digest::ZERO,
        depends_on: node.depends_on.clone(),
        lifecycle: desired.lifecycle.clone(),
        tainted: old.tainted,
        outdated: old.outdated,
        unseen: old.unseen,
    };
    if job.provider_config.is_some() {
        let there =
            read(context, job, (&*taker, desired, schema), &mut adopted, considered).await?;
        if !there {
            // What is gone is nobody's: the old record goes its way.
            return Some(known);
        }
    }
    considered.changes.push(records::adoption(context, job, &adopted, Reason::Moved));
    Some(Known::Adopted(Box::new(adopted)))
}

/// Returns what the provider of the declared type makes of a record, and its own bytes.
async fn taken(
    context: &Context<'_>,
    job: &Job,
    (old, desired): (&Recorded, &DesiredResource),
    taker: &dyn Provider,
    considered: &mut Considered,
) -> Option<(Value, Vec<u8>)> {
    let giver = subject::provider(context, job, (&old.provider, None), considered).await?;
    let request = HandOverRequest {
        kind: old.kind.clone(),
        version: old.schema_version,
        state: old.attributes.clone(),
        private: old.private.0.clone(),
    };
    let response = giver.hand_over(request.clone()).await;
    said(context, job, "move", &response.problems, considered)?;
    let handed = response.answer?;
    let is_same =
        old.kind == desired.kind && taker.hand_over(request).await.answer.as_ref() == Some(&handed);
    if is_same {
        // It would put the record in the same way: one provider by two names, and there is nothing to take over.
        let renamed = Recorded { provider: desired.provider.clone(), ..old.clone() };
        let (state, _) = found::upgrade(context, job, taker, (&renamed, true), considered).await?;
        return Some((state, renamed.private.0));
    }
    let response = taker.take_over(&desired.kind, handed).await;
    said(context, job, "move", &response.problems, considered)?;
    response.answer.map(|taken| (taken.state, taken.private))
}

/// Brings a record up to date by reading; tells whether anything is there.
async fn read(
    context: &Context<'_>,
    job: &Job,
    (provider, desired, schema): (&dyn Provider, &DesiredResource, &ResourceSchema),
    adopted: &mut Recorded,
    considered: &mut Considered,
) -> Option<bool> {
    considered.read = true;
    let (kind, state) = (desired.kind.clone(), adopted.attributes.clone());
    let request = ReadRequest { kind, state, private: adopted.private.0.clone() };
    let response = provider.read(request).await;
    said(context, job, "read", &response.problems, considered)?;
    let now = response.answer?;
    if now.state.is_null() {
        return Some(false);
    }
    adopted.attributes = values::mark(&schema.block, now.state, &adopted.attributes);
    adopted.private = Bytes(now.private);
    Some(true)
}
