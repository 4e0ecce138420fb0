//! What providers call the types of resources: `aws_vpc`, whatever the provider is called in a project.
//!
//! Takes what is recorded of a resource; returns its type as programs know it. A provider's schema says it
//! ([`syncline_model::ResourceSchema::resource_type`]), but what is recorded has to be told of without any provider.
//!
//! Laws: a record says its type where that does not follow, whatever becomes of the provider's name; where a record says
//! nothing, its type follows from the source address of what made it, and where that is not known, from the
//! provider's name.

use syncline_model::Str;

use crate::record::Recorded;
use crate::state::State;

/// Returns what a type is called where nothing says it: the last part of the source address, or else the provider's name,
/// and the type's own name.
pub(crate) fn following(provider: &str, source: Option<&str>, kind: &str) -> Str {
    let last = source.and_then(|source| source.rsplit('/').next()).filter(|last| !last.is_empty());
    Str::from(format!("{}_{kind}", last.unwrap_or(provider)))
}

/// Returns what a record has to say of its type: nothing where it follows, by the source and by the name alike.
#[must_use]
pub fn to_record(resource_type: &Str, provider: &str, source: Option<&str>, kind: &str) -> Str {
    let follows = *resource_type == following(provider, source, kind)
        && *resource_type == following(provider, None, kind);
    if follows { Str::new() } else { resource_type.clone() }
}

impl State {
    /// Returns what the provider of something recorded calls its type.
    #[must_use]
    pub fn resource_type(&self, recorded: &Recorded) -> Str {
        if !recorded.resource_type.is_empty() {
            return recorded.resource_type.clone();
        }
        let source = self.source(&recorded.provider, &recorded.source);
        following(&recorded.provider.name, source.map(Str::as_str), &recorded.kind)
    }
}
