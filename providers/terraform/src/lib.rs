//! The `terraform` provider: what Terraform itself has built in, for projects that come from there.
//!
//! `terraform.data` keeps a value, of any type, in the record. Nothing exists outside of it: reading returns what is
//! recorded. `terraform.remote_state` reads the outputs of a state in a file.
//!
//! Laws: the output is the input once that is applied; the id is made once and stays until `triggers_replace` changes.

mod data;
mod remote_state;

use std::path::PathBuf;
use std::sync::Arc;

use syncline_model::Provider;
use syncline_protocol::sdk::ProviderBuilder;

/// Returns the provider; `root` is where relative paths start.
#[must_use]
pub fn provider(root: PathBuf) -> Arc<dyn Provider> {
    let provider = ProviderBuilder::new("terraform", env!("CARGO_PKG_VERSION"))
        .describe("What Terraform itself has built in, for projects that come from there.")
        .resource("data", data::Data)
        .data("remote_state", remote_state::RemoteState::new(root));
    Arc::new(provider.build())
}
