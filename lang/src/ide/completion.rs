//! What a completion is, and the words of the language with what is written for each.

/// Something that can be typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// The name.
    pub label: String,
    /// What it is.
    pub kind: CompletionKind,
    /// Its type or its value, on one line.
    pub detail: String,
    /// Markdown.
    pub documentation: String,
    /// What is written, where that is more than the name; `$0` is where the cursor goes.
    pub snippet: Option<String>,
    /// What should be first has less.
    pub rank: u8,
}

/// What can be typed is one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompletionKind {
    /// A word of the language.
    Keyword,
    /// An environment or an overlay.
    Layer,
    /// A parameter.
    Param,
    /// A `let` or a local variable.
    Variable,
    /// An output.
    Output,
    /// A resource or a data source.
    Resource,
    /// An attribute of a resource, or a field.
    Attribute,
    /// A type.
    Type,
    /// A literal that the type allows.
    Literal,
    /// A module of the library.
    Module,
    /// A function of it.
    Function,
    /// A provider.
    Provider,
    /// An annotation.
    Annotation,
}

/// What can be typed at a cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completions {
    /// The entries, the best first.
    pub items: Vec<Completion>,
    /// Where the word starts that they replace; it ends at the cursor.
    pub start: usize,
    /// There are more for a longer word.
    pub incomplete: bool,
}

/// What starts an item: the word, and what is written.
pub(super) const ITEMS: [(&str, &str); 7] = [
    ("component", "component ${1:Name} {\n  $0\n}"),
    ("environment", "environment ${1:name} extends ${2:base} {\n  $0\n}"),
    ("abstract environment", "abstract environment ${1:base} {\n  $0\n}"),
    ("overlay", "overlay ${1:name} for ${2:base} {\n  $0\n}"),
    ("type", "type ${1:Name} = $0"),
    ("use", "use std.$0"),
    ("project", "project \"${1:name}\" {\n  $0\n}"),
];

/// What starts a member: the word, what is written, what it is for.
pub(super) const MEMBERS: [(&str, &str, &str); 15] = [
    ("unit", "unit ${1:name} = ${2:Component} {\n  $0\n}", "An instance of a component."),
    ("moved", "moved ${1:old} -> $0", "Gives something another name, without destroying it."),
    ("forget", "forget $0", "Stops managing something, without destroying it."),
    ("adopt", "adopt ${1:name} = \"$0\"", "Takes over what exists."),
    ("param", "param ${1:name}: ${2:string}$0", "An input of the environment."),
    ("secret param", "secret param ${1:name}: ${2:string}$0", "An input that is never shown."),
    ("let", "let ${1:name} = $0", "A local name, late-bound."),
    ("resource", "resource ${1:type} ${2:name} {\n  $0\n}", "Something that is managed."),
    (
        "ephemeral",
        "ephemeral ${1:type} ${2:name} {\n  $0\n}",
        "Something that is opened for a run and recorded nowhere.",
    ),
    ("data", "data ${1:type} ${2:name} {\n  $0\n}", "Something that is only read."),
    ("provider", "provider ${1:name} {\n  $0\n}", "How a provider is set up."),
    ("output", "output ${1:name} = $0", "What others read of the environment."),
    ("ensure", "ensure ${1:condition} else \"$0\"", "A condition that must hold."),
    ("remove", "remove $0", "Takes an inherited member out."),
    ("final", "final $0", "No overlay below may change it."),
];

/// What starts a member of a test.
pub(super) const TESTS: [(&str, &str, &str); 4] = [
    ("environment", "environment = $0", "The environment that is tested."),
    ("expect", "expect $0", "What must hold in it."),
    ("mocks", "mocks {\n  $0\n}", "What providers compute, and outputs of other environments."),
    ("fails", "fails = \"$0\"", "The code of the diagnostic that it must have."),
];

/// The annotations, with what they take and what they do.
pub(super) const ANNOTATIONS: [(&str, &str, &str); 8] = [
    ("protect", "protect", "Refuses to destroy the resource."),
    ("ignore", "ignore($0)", "Changes of these attributes are not looked at."),
    ("after", "after($0)", "Comes after other resources, without a reference to them."),
    ("replace_with", "replace_with($0)", "Is replaced where these resources or attributes change."),
    ("replace", "replace(${1|create_first,destroy_first|})", "How a replacement goes."),
    ("timeout", "timeout(${1|create,update,delete|} = ${0:30m})", "How long changes may take."),
    (
        "health",
        "health(${1|http,tcp,command|} = \"$0\")",
        "What has to answer once it was made, before anything that depends on it.",
    ),
    ("provider", "provider($0)", "Another configuration of its provider."),
];
