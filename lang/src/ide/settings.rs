//! What the `project` block says, as editors know it.
//!
//! The block is read by whoever runs the project; here is only what may stand in it, and what for.

use syncline_model::{Field, Type};

/// What may stand in the block, and in an entry of `providers`.
const DOCS: [(&str, &str); 6] = [
    ("syncline", "The versions of Syncline that the project takes: `\"~> 0.1\"`."),
    ("providers", "The providers that are not built in, by the names that the project gives them."),
    ("state", "Where what is recorded is kept: `local {}`, `s3 { bucket = \"...\" }`, and others."),
    ("source", "Its address: `NAMESPACE/TYPE`, or `HOST/NAMESPACE/TYPE`."),
    ("version", "Which versions are taken: `~> 5.0`, `>= 3.5, < 4.0`."),
    (
        "replaces",
        "The address of the provider whose place it takes: what that has made is its own.",
    ),
];

/// The places where what is recorded is kept, and what is written for each.
pub(super) const STATES: [(&str, &str); 5] = [
    ("local", "local {}"),
    ("s3", "s3 { bucket = \"$0\" }"),
    ("gcs", "gcs { bucket = \"$0\" }"),
    ("azure", "azure { container = \"$0\" }"),
    ("postgres", "postgres { url = \"$0\" }"),
];

/// Returns the type of what stands in the block.
pub(super) fn shape() -> Type {
    let field = |ty: Type, optional| Field { ty, optional };
    let provider = Type::record([
        ("source".into(), field(Type::String, false)),
        ("version".into(), field(Type::String, true)),
        ("replaces".into(), field(Type::String, true)),
    ]);
    Type::record([
        ("syncline".into(), field(Type::String, true)),
        ("providers".into(), field(Type::map(provider), true)),
        ("state".into(), field(Type::Any, true)),
    ])
}

/// Returns what is said of a setting.
pub(super) fn doc(name: &str) -> Option<&'static str> {
    DOCS.iter().find(|(own, _)| *own == name).map(|(_, doc)| *doc)
}
