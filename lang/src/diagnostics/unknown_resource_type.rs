//! E0306: there is no such resource type.
//!
//! A type is the provider's name, a dot, and the name of one of its resources or data sources.
//!
//! ```sync
//! resource local.fiel motd {}
//! ```
//!
//! Mend it:
//!
//! ```sync
//! resource local.file motd {}
//! ```

use syncline_model::{Code, Diagnostic, Mode, ProviderSchema, Span};

use crate::near::nearest;
use crate::syntax::ast;

/// What this is reported as.
pub const CODE: Code = Code { id: "E0306", summary: "there is no such resource type" };

/// Returns the report about a type of a provider that there is.
pub(crate) fn diagnostic(
    resource: &ast::Resource,
    kind: &str,
    schema: &ProviderSchema,
) -> Diagnostic {
    let mode = resource.mode;
    let word = mode.noun();
    let provider = &schema.name;
    let span = match resource.type_name.as_slice() {
        [only] => only.span,
        [_, first, .., last] => first.span.to(last.span),
        [_, last] => last.span,
        [] => Span::new(resource.name.span.file, 0, 0),
    };
    let message = if kind.is_empty() {
        format!("`{provider}` is a provider, and no type")
    } else {
        format!("`{provider}` has no {word} `{kind}`")
    };
    let diagnostic = Diagnostic::error(CODE, message).label(span, "not found");
    if let Some(other) = Mode::ALL.into_iter().find(|own| schema.get(*own, kind).is_some()) {
        let keyword = other.keyword();
        return diagnostic
            .help(format!("There is a `{keyword}` of that type: start with `{keyword}`."));
    }
    if let Some(own) = schema.kind_of(mode, kind) {
        return diagnostic
            .help(format!("A type does not say its provider twice: `{provider}.{own}`."))
            .suggest(span, own.as_str());
    }
    let kinds = schema.types(mode);
    let names: Vec<&str> = kinds.keys().map(syncline_model::Str::as_str).collect();
    match nearest(kind, names.iter().copied()) {
        Some(near) => {
            diagnostic.help(format!("Did you mean `{provider}.{near}`?")).suggest(span, near)
        }
        None if names.is_empty() => diagnostic.help(format!("It has no {word}s.")),
        None => {
            let shown = &names[..names.len().min(20)];
            let more = if names.len() > 20 { ", ..." } else { "" };
            diagnostic.help(format!("It has: {}{more}.", shown.join(", ")))
        }
    }
}
