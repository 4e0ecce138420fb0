//! The `terraform` provider: what Terraform itself has built in, for projects that come from there.
//!
//! `terraform.data` keeps a value, of any type, in the record. Nothing exists outside of it: reading returns what is
//! recorded.
//!
//! Laws: the output is the input once that is applied; the id is made once and stays until `triggers_replace` changes.

mod data;

use std::sync::Arc;

use syncline_model::Provider;
use syncline_protocol::sdk::ProviderBuilder;

/// Returns the provider.
#[must_use]
pub fn provider() -> Arc<dyn Provider> {
    let provider = ProviderBuilder::new("terraform", env!("CARGO_PKG_VERSION"))
        .describe("What Terraform itself has built in, for projects that come from there.")
        .resource("data", data::Data);
    Arc::new(provider.build())
}
