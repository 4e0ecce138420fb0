//! E0314: there is no such instance.
//!
//! `jobs["mail"]` names one instance of a keyed resource. A resource with a condition may not be
//! there at all: `gate?.id ?? "none"` says what its attribute is then.
//!
//! ```sync
//! resource local.file jobs[k in ["mail"]] { path = k }
//! output p = jobs["mial"].path
//! ```
//!
//! Mend it:
//!
//! ```sync
//! resource local.file jobs[k in ["mail"]] { path = k }
//! output p = jobs["mail"].path
//! ```

use syncline_model::{Code, Diagnostic, Span};

use crate::eval::Instances;
use crate::near::nearest;

/// What this is reported as.
pub const CODE: Code = Code { id: "E0314", summary: "there is no such instance" };

/// Returns the report about a key of a resource.
pub(crate) fn diagnostic(instances: &Instances, key: &str, span: Span) -> Diagnostic {
    let keys = instances.list.iter().filter_map(|instance| instance.key.as_deref());
    if let (Some(_), Some(first)) = (instances.class.schema.block.get(key), keys.clone().next()) {
        let name = member(instances);
        return Diagnostic::error(CODE, format!("`{name}` has keys, and `{key}` is none of them"))
            .label(span, "an attribute of each instance")
            .help(format!(
                "Choose one, `{name}[\"{first}\"].{key}`, or take all: `[for k, one in {name}: \
                 one.{key}]`."
            ));
    }
    not_found(key, span, keys)
}

/// Returns the report about a key behind a resource that has none.
pub(crate) fn no_keys(instances: &Instances, key: &str, span: Span) -> Diagnostic {
    let name = member(instances);
    Diagnostic::error(CODE, format!("`{name}` is one resource, and has no keys"))
        .label(span, format!("neither key nor attribute: `{key}`"))
        .help(format!("Write `{name}.attribute`, or declare it with keys: `{name}[key in keys]`."))
}

/// Returns the report about a member of what is not there.
pub(crate) fn absent(name: &str, member: &str, span: Span) -> Diagnostic {
    Diagnostic::error(CODE, format!("`{name}` is not there: its condition does not hold"))
        .label(span, "absent here")
        .help(format!("Say what it is then: `{name}?.{member} ?? ...`."))
}

/// Returns the name of what has these instances.
fn member(instances: &Instances) -> String {
    let first = instances.list.first().map(|instance| instance.address.segments());
    first
        .and_then(|mut segments| segments.pop())
        .map_or_else(String::new, |last| last.name.to_string())
}

/// Returns the report about a key of a resource that has these.
pub(crate) fn of_keys<'k>(
    key: &str,
    span: Span,
    keys: impl Iterator<Item = &'k str> + Clone,
) -> Diagnostic {
    not_found(key, span, keys)
}

/// Returns the report about a key of a unit that has these.
pub(crate) fn unit<'k>(
    name: &str,
    key: &str,
    span: Span,
    keys: impl Iterator<Item = &'k str> + Clone,
) -> Diagnostic {
    not_found(key, span, keys).note(format!("`{name}` is a unit with keys."))
}

fn not_found<'k>(key: &str, span: Span, keys: impl Iterator<Item = &'k str> + Clone) -> Diagnostic {
    let diagnostic = Diagnostic::error(CODE, format!("there is no instance with the key `{key}`"))
        .label(span, "not found");
    let count = keys.clone().count();
    match nearest(key, keys.clone()) {
        Some(near) => diagnostic.help(format!("Did you mean `{near}`?")),
        None if count == 0 => diagnostic.help("It has no instances here."),
        None => {
            let shown: Vec<&str> = keys.take(20).collect();
            let more = if count > 20 { ", ..." } else { "" };
            diagnostic.help(format!("It has: {}{more}.", shown.join(", ")))
        }
    }
}
