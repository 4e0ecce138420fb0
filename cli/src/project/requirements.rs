//! Which providers a project asks for.
//!
//! Takes the `providers` of the `project` block and returns each with its address and what is
//! asked of its version; everything that is not as it should be is a diagnostic, at its place.

use syncline_install::{Constraints, Request, Source};
use syncline_lang::Project;
use syncline_lang::syntax::ast::{Expr, ExprKind, MapEntry, MapKey};
use syncline_model::{Code, Diagnostic, Span, Str};

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

/// Returns the address, where one is written, and what is asked of the version.
fn fields(
    name: &syncline_lang::syntax::ast::Ident,
    value: &Expr,
) -> Result<(Option<Source>, Constraints), Box<Diagnostic>> {
    let (mut source, mut version) = (None, Constraints::default());
    let mut fields = Vec::new();
    if let ExprKind::Map(map) = &value.kind {
        fields.extend(entries(map).map(|(key, value)| (key.name.as_str(), value)));
    } else {
        fields.push(("version", value));
    }
    for (key, value) in fields {
        let ExprKind::String(text) = &value.kind else {
            return Err(malformed(
                value.span,
                format!("the `{key}` of `{}` is no text", name.name),
            ));
        };
        let problem = match key {
            "source" => text
                .parse::<Source>()
                .map(|own| source = Some(own))
                .err()
                .map(|error| format!("`{text}` is no address of a provider: {error}")),
            "version" => text
                .parse()
                .map(|own| version = own)
                .err()
                .map(|error: syncline_install::version::VersionError| error.to_string()),
            other => Some(format!("a provider has no `{other}`; it has `source` and `version`")),
        };
        if let Some(problem) = problem {
            return Err(malformed(value.span, problem));
        }
    }
    Ok((source, version))
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
    let (source, version) = fields(name, value)?;
    let linked_in = BUILT_IN.contains(&name.name.as_str());
    match &source {
        None if linked_in => return Ok(None),
        Some(source) if source.namespace == OWN && BUILT_IN.contains(&source.kind.as_str()) => {
            if source.kind == name.name.as_str() {
                return Ok(None);
            }
            let what = format!("the built-in provider `{}` has no other name", source.kind);
            return Err(malformed(entry.span(), what));
        }
        Some(_) | None => {}
    }
    let source = match source {
        Some(source) => source,
        None => name.name.parse().map_err(|error| {
            malformed(name.span, format!("`{}` is no provider's name: {error}", name.name))
        })?,
    };
    let request = Request { source, constraints: version };
    Ok(Some(Required { name: name.name.clone(), request, span: entry.span() }))
}
