//! Which providers a project asks for.
//!
//! Takes the `providers` of the `project` block and returns each with its address and what is
//! asked of its version; everything that is not as it should be is a diagnostic, at its place.

use syncline_install::address::{DEFAULT_HOST, TERRAFORM_HOST};
use syncline_install::{Constraints, Request, Source};
use syncline_lang::Project;
use syncline_lang::syntax::ast::{Expr, ExprKind, MapEntry, MapKey};
use syncline_model::{Code, Diagnostic, Span, Str};
use syncline_planner::{Origin, address};

use super::BUILT_IN;

const MALFORMED: Code = Code { id: "E0804", summary: "a provider is not declared as it should be" };

/// The namespace of the providers that are linked in.
const OWN: &str = "syncline";

/// A provider that a project asks for and that is not linked in.
#[derive(Clone, Debug)]
pub struct Required {
    /// The local name.
    pub name: Str,
    /// Which, and what is asked of its version.
    pub request: Request,
    /// The providers whose place it takes: what they have made is its own.
    pub replaces: Vec<Source>,
    /// Where it is declared.
    pub span: Span,
}

/// Returns the external providers that a project asks for.
#[must_use]
pub fn requirements(project: &Project) -> (Vec<Required>, Vec<Diagnostic>) {
    let (mut required, mut diagnostics) = (Vec::<Required>::new(), Vec::new());
    for (key, value) in entries(project.settings()) {
        let ExprKind::Map(listed) = &value.kind else { continue };
        if key.name != "providers" {
            continue;
        }
        for entry in listed {
            match one(entry) {
                Ok(Some(own)) if required.iter().any(|other| other.name == own.name) => {
                    let what = format!("the provider `{}` is declared twice", own.name);
                    diagnostics.push(*malformed(own.span, what));
                }
                Ok(found) => required.extend(found),
                Err(diagnostic) => diagnostics.push(*diagnostic),
            }
        }
    }
    (required, diagnostics)
}

fn entries(
    entries: &[MapEntry],
) -> impl Iterator<Item = (&syncline_lang::syntax::ast::Ident, &Expr)> {
    entries.iter().filter_map(|entry| match entry {
        MapEntry::Set { key: MapKey::Plain(key), value } => Some((key, value)),
        MapEntry::Set { .. } | MapEntry::Shorthand(_) | MapEntry::Spread(_) => None,
    })
}

fn malformed(span: Span, what: String) -> Box<Diagnostic> {
    Box::new(Diagnostic::error(MALFORMED, what).label(span, "").help(
        "A provider is declared as `NAME = { source = \"NAMESPACE/TYPE\", version = \"~> 1.2\" }`.",
    ))
}

/// What an entry says.
#[derive(Default)]
struct Fields {
    /// The address, where one is written.
    source: Option<Source>,
    /// What is asked of the version.
    version: Constraints,
    replaces: Vec<Source>,
}

fn fields(
    name: &syncline_lang::syntax::ast::Ident,
    value: &Expr,
) -> Result<Fields, Box<Diagnostic>> {
    let mut found = Fields::default();
    let mut fields = Vec::new();
    if let ExprKind::Map(map) = &value.kind {
        fields.extend(entries(map).map(|(key, value)| (key.name.as_str(), value)));
    } else {
        fields.push(("version", value));
    }
    for (key, value) in fields {
        let mut texts = vec![value];
        if let (ExprKind::List(items), "replaces") = (&value.kind, key) {
            texts = items.iter().map(|item| &item.value).collect();
        }
        for value in texts {
            let ExprKind::String(text) = &value.kind else {
                let what = format!("the `{key}` of `{}` is no text", name.name);
                return Err(malformed(value.span, what));
            };
            let problem = field(&mut found, key, text);
            if let Err(problem) = problem {
                return Err(malformed(value.span, problem));
            }
        }
    }
    Ok(found)
}

/// Notes one field; what is wrong with it is told.
fn field(found: &mut Fields, key: &str, text: &str) -> Result<(), String> {
    let source = || {
        let source = text.parse::<Source>();
        source.map_err(|error| format!("`{text}` is no address of a provider: {error}"))
    };
    match key {
        "source" => found.source = Some(source()?),
        "replaces" => found.replaces.push(source()?),
        "version" => {
            let version = text.parse();
            found.version = version
                .map_err(|error: syncline_install::version::VersionError| error.to_string())?;
        }
        other => {
            return Err(format!(
                "a provider has no `{other}`; it has `source`, `version` and `replaces`"
            ));
        }
    }
    Ok(())
}

/// Tells whether an address is that of a provider that is linked in.
fn is_linked_in(source: &Source) -> bool {
    source.namespace == OWN && BUILT_IN.contains(&source.kind.as_str())
}

/// Returns what an entry asks for; nothing where that is linked in.
fn one(entry: &MapEntry) -> Result<Option<Required>, Box<Diagnostic>> {
    let (name, value) = match entry {
        MapEntry::Set { key: MapKey::Plain(key), value } => (key, value),
        MapEntry::Shorthand(name) if BUILT_IN.contains(&name.name.as_str()) => return Ok(None),
        MapEntry::Set { .. } | MapEntry::Shorthand(_) | MapEntry::Spread(_) => {
            return Err(malformed(entry.span(), "this is no provider".to_owned()));
        }
    };
    let Fields { source, version, replaces } = fields(name, value)?;
    let is_own = match &source {
        None => BUILT_IN.contains(&name.name.as_str()),
        Some(source) => is_linked_in(source),
    };
    if is_own {
        let kind = source.as_ref().map_or(name.name.as_str(), |source| source.kind.as_str());
        if kind != name.name.as_str() {
            let what = format!("the built-in provider `{kind}` has no other name");
            return Err(malformed(entry.span(), what));
        }
        if !replaces.is_empty() {
            let what = format!("the built-in provider `{kind}` takes the place of no other one");
            return Err(malformed(entry.span(), what));
        }
        return Ok(None);
    }
    let source = match source {
        Some(source) => source,
        None => name.name.parse().map_err(|error| {
            malformed(name.span, format!("`{}` is no provider's name: {error}", name.name))
        })?,
    };
    let request = Request { source, constraints: version };
    Ok(Some(Required { name: name.name.clone(), request, replaces, span: entry.span() }))
}

impl Required {
    /// Returns where it comes from, as records know it. What is published at the one registry is published at the
    /// other, too.
    #[must_use]
    pub fn origin(&self) -> Origin {
        let own = &self.request.source;
        let mirrored = match own.host.as_str() {
            DEFAULT_HOST => Some(TERRAFORM_HOST),
            TERRAFORM_HOST => Some(DEFAULT_HOST),
            _ => None,
        };
        let mirrored = mirrored.map(|host| Source { host: host.to_owned(), ..own.clone() });
        let replaces = self.replaces.iter().chain(&mirrored);
        let replaces = replaces.map(|source| match is_linked_in(source) {
            true => address(&source.kind, ""),
            false => source.to_string().into(),
        });
        Origin { source: own.to_string().into(), replaces: replaces.collect() }
    }
}
