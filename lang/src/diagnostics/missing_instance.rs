//! E0314: a keyed resource has no such key.
//!
//! `jobs["mail"]` names one instance of a keyed resource.
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

use syncline_model::{Code, Diagnostic, Span, nearest};

use crate::eval::Instances;

/// What this is reported as.
pub const CODE: Code = Code { id: "E0314", summary: "there is no instance with this key" };

/// Returns the report about a key of a resource.
pub(crate) fn diagnostic(instances: &Instances, key: &str, span: Span) -> Diagnostic {
    not_found(key, span, instances.list.iter().filter_map(|instance| instance.key.as_deref()))
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
