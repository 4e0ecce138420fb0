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
pub const CODE: Code = Code { id: "E0314", summary: "a keyed resource has no such key" };

/// Returns the report about a key.
pub(crate) fn diagnostic(instances: &Instances, key: &str, span: Span) -> Diagnostic {
    let keys = || instances.list.iter().filter_map(|instance| instance.key.as_deref());
    let diagnostic = Diagnostic::error(CODE, format!("there is no instance with the key `{key}`"))
        .label(span, "not found");
    match nearest(key, keys()) {
        Some(near) => diagnostic.help(format!("Did you mean `{near}`?")),
        None if instances.list.is_empty() => diagnostic.help("It has no instances here."),
        None => {
            let shown: Vec<&str> = keys().take(20).collect();
            let more = if instances.list.len() > 20 { ", ..." } else { "" };
            diagnostic.help(format!("It has: {}{more}.", shown.join(", ")))
        }
    }
}
