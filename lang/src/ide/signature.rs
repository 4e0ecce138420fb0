//! The signature of the function whose arguments the cursor is in.

use super::analysis::Analysis;
use super::cursor::{Buffer, Cursor};
use super::site::Site;

/// A signature, for whoever writes its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureHelp {
    /// The whole signature on one line.
    pub label: String,
    /// Markdown.
    pub documentation: String,
    /// Each parameter as it stands in the label.
    pub params: Vec<String>,
    /// The parameter that is being written.
    pub active: usize,
}

/// Returns the signature of the innermost call around an offset.
#[must_use]
pub fn signature(analysis: &Analysis, buffer: Buffer<'_>, offset: usize) -> Option<SignatureHelp> {
    let cursor = Cursor::read(buffer, offset)?;
    let expected = match analysis.site(&cursor) {
        Site::Expression(expected) | Site::Text(expected) | Site::File(Some(expected)) => expected,
        Site::Path(_) => {
            // `f(a.b|`: what stands before the path decides.
            let cursor = Cursor::read(buffer, path_start(buffer.text, cursor.start))?;
            let Site::Expression(expected) = analysis.site(&cursor) else { return None };
            expected
        }
        Site::Item
        | Site::Layer { .. }
        | Site::Header
        | Site::Module(_)
        | Site::Member
        | Site::ResourceType { .. }
        | Site::Provider
        | Site::Component { .. }
        | Site::NewName
        | Site::Type
        | Site::Key { .. }
        | Site::Annotation
        | Site::AnnotationArgument { .. }
        | Site::Index { .. }
        | Site::File(None)
        | Site::ProviderNamed
        | Site::State => return None,
    };
    let (function, index) = expected.call?;
    let signature = &function.signature;
    let params = signature.params.iter().map(|param| {
        let dots = if param.variadic { "..." } else { "" };
        format!("{dots}{}: {}", param.name, param.ty)
    });
    Some(SignatureHelp {
        label: format!("{}{signature}", function.name),
        documentation: function.doc.to_string(),
        params: params.collect(),
        active: index.min(signature.params.len().saturating_sub(1)),
    })
}

/// Returns where the path starts that goes on at an offset.
fn path_start(text: &str, offset: usize) -> usize {
    let part = |c: char| super::tokens::is_word(c) || matches!(c, '.' | ':');
    offset - text[..offset].chars().rev().take_while(|c| part(*c)).count()
}
