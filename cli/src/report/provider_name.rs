//! What a provider is called everywhere, whatever a project calls it.
//!
//! Takes its name and its source address; returns the address with all of its parts, as OpenTofu has it.

use syncline_install::Source;
use syncline_planner::address;

/// Returns `registry.opentofu.org/hashicorp/aws`; what is linked in is served under our own namespace. No source is one that
/// is linked in.
#[must_use]
pub fn provider_name(name: &str, source: &str) -> String {
    if source.is_empty() || *source == *address(name, "") {
        return format!("registry.terraform.io/syncline/{name}");
    }
    source.parse::<Source>().map_or_else(|_| source.to_owned(), |source| source.to_string())
}
