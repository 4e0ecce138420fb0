//! Results of [`syncline_lang::ide`] as the protocol writes them.

use serde_json::{Value, json};
use syncline_lang::ide::{
    self, Analysis, Completion, CompletionKind, Completions, HighlightKind, SignatureHelp, Symbol,
    SymbolKind,
};
use syncline_model::{Diagnostic, Severity, Source, Span, Suggestion};

use super::documents::{Columns, Lines, Range, uri_of};

/// Turns places of an analysis into those of the protocol.
pub(super) struct Places<'a> {
    pub(super) analysis: &'a Analysis,
    pub(super) root: &'a std::path::Path,
    pub(super) columns: Columns,
}

impl Places<'_> {
    pub(super) fn lines<'s>(&self, source: &'s Source) -> Lines<'s> {
        Lines { text: &source.text, starts: source.line_starts(), columns: self.columns }
    }

    pub(super) fn range(&self, span: Span) -> Range {
        let Some(source) = self.analysis.sources.get(span.file) else { return Range::default() };
        let lines = self.lines(source);
        let at = |offset: u32| lines.position(offset as usize);
        Range { start: at(span.start), end: at(span.end) }
    }

    pub(super) fn uri(&self, span: Span) -> String {
        let source = self.analysis.sources.get(span.file);
        source.map_or_else(String::new, |source| uri_of(&self.root.join(source.name.as_str())))
    }

    pub(super) fn location(&self, span: Span) -> Value {
        json!({ "uri": self.uri(span), "range": self.range(span) })
    }

    /// A diagnostic: reasons and the way out stand behind the message.
    pub(super) fn diagnostic(&self, diagnostic: &Diagnostic) -> Value {
        let severity = match diagnostic.severity {
            Severity::Error => 1,
            Severity::Warning => 2,
        };
        let mut message = diagnostic.message.clone();
        let first = diagnostic.labels.first().map(|label| label.text.as_str());
        let first = first.filter(|text| !text.is_empty());
        let rest = diagnostic.notes.iter().chain(&diagnostic.help).map(String::as_str);
        for line in first.into_iter().chain(rest) {
            message.push('\n');
            message.push_str(line);
        }
        let related: Vec<Value> = diagnostic
            .labels
            .iter()
            .skip(1)
            .map(|label| {
                let text = if label.text.is_empty() { "see here" } else { label.text.as_str() };
                json!({ "location": self.location(label.span), "message": text })
            })
            .collect();
        let range = diagnostic.span().map(|span| self.range(span)).unwrap_or_default();
        let mut found = json!({
            "range": range,
            "severity": severity,
            "code": diagnostic.code.id,
            "source": "syncline",
            "message": message,
            "relatedInformation": related,
        });
        if diagnostic.code.id == "W0319" {
            found["tags"] = json!([2]);
        }
        found
    }

    /// The changes of several places as one.
    pub(super) fn edits(&self, changes: &[Suggestion]) -> Value {
        let mut files: serde_json::Map<String, Value> = serde_json::Map::new();
        for change in changes {
            let edit = json!({ "range": self.range(change.span), "newText": change.replacement });
            let own = files.entry(self.uri(change.span)).or_insert_with(|| json!([]));
            if let Value::Array(edits) = own {
                edits.push(edit);
            }
        }
        json!({ "changes": files })
    }

    /// A symbol of a file, with what is inside.
    pub(super) fn symbol(&self, symbol: &Symbol) -> Value {
        let children: Vec<Value> = symbol.children.iter().map(|own| self.symbol(own)).collect();
        json!({
            "name": symbol.name,
            "detail": symbol.detail,
            "kind": kind_of(symbol.kind),
            "range": self.range(symbol.whole),
            "selectionRange": self.range(symbol.span),
            "children": children,
        })
    }

    /// A symbol of a project alone.
    pub(super) fn symbol_within(&self, symbol: &Symbol, within: &str) -> Value {
        json!({
            "name": symbol.name,
            "kind": kind_of(symbol.kind),
            "location": self.location(symbol.span),
            "containerName": within,
        })
    }

    /// Colours, each five numbers: lines and columns from the one before, length, kind, marks.
    pub(super) fn colours(&self, file: syncline_model::FileId) -> Vec<u32> {
        let Some(source) = self.analysis.sources.get(file) else { return Vec::new() };
        let lines = self.lines(source);
        let mut numbers = Vec::new();
        let (mut line, mut column) = (0, 0);
        for found in ide::highlights(self.analysis, file) {
            let at = lines.position(found.span.start as usize);
            let end = lines.position(found.span.end as usize);
            if end.line != at.line {
                continue;
            }
            if at.line != line {
                column = 0;
            }
            let kind = ide::KINDS.iter().position(|kind| *kind == found.kind).unwrap_or_default();
            let length = end.character - at.character;
            let marks = u32::from(found.declares);
            numbers.extend([at.line - line, at.character - column, length, kind as u32, marks]);
            (line, column) = (at.line, at.character);
        }
        numbers
    }
}

/// Returns the protocol's number of a kind of symbol.
const fn kind_of(kind: SymbolKind) -> u32 {
    match kind {
        SymbolKind::Project => 4,
        SymbolKind::Environment => 3,
        SymbolKind::Overlay => 11,
        SymbolKind::Component => 6,
        SymbolKind::Type => 5,
        SymbolKind::Function => 12,
        SymbolKind::Param => 13,
        SymbolKind::Let => 14,
        SymbolKind::Resource => 19,
        SymbolKind::Provider => 2,
        SymbolKind::Output => 7,
        SymbolKind::Amendment => 8,
    }
}

/// The names of the kinds of colour, in the order of their numbers.
pub(super) fn colour_names() -> Vec<&'static str> {
    ide::KINDS
        .iter()
        .map(|kind| match kind {
            HighlightKind::Layer => "class",
            HighlightKind::Type => "type",
            HighlightKind::Module => "namespace",
            HighlightKind::Param => "parameter",
            HighlightKind::Variable => "variable",
            HighlightKind::Resource => "struct",
            HighlightKind::Property => "property",
            HighlightKind::Function => "function",
            HighlightKind::Annotation => "decorator",
        })
        .collect()
}

pub(super) fn markdown(text: &str) -> Value {
    json!({ "kind": "markdown", "value": text })
}

/// A list of what can be typed; `range` is the word that an entry replaces.
pub(super) fn completions(found: &Completions, range: Range, snippets: bool) -> Value {
    let items = found.items.iter().enumerate();
    let items: Vec<Value> = items.map(|(at, item)| completion(item, at, range, snippets)).collect();
    json!({ "isIncomplete": found.incomplete, "items": items })
}

fn completion(item: &Completion, at: usize, range: Range, snippets: bool) -> Value {
    let kind = match item.kind {
        CompletionKind::Keyword => 14,
        CompletionKind::Layer => 7,
        CompletionKind::Param => 6,
        CompletionKind::Variable => 6,
        CompletionKind::Output => 6,
        CompletionKind::Resource => 22,
        CompletionKind::Attribute => 10,
        CompletionKind::Type => 25,
        CompletionKind::Literal => 12,
        CompletionKind::Module | CompletionKind::Provider => 9,
        CompletionKind::Function => 3,
        CompletionKind::Annotation => 20,
    };
    let snippet = item.snippet.as_ref().filter(|_| snippets);
    let text = snippet.unwrap_or(&item.label);
    let mut entry = json!({
        "label": item.label,
        "kind": kind,
        "sortText": format!("{at:04}"),
        "textEdit": { "range": range, "newText": text },
        "insertTextFormat": if snippet.is_some() { 2 } else { 1 },
    });
    if !item.detail.is_empty() {
        entry["detail"] = json!(item.detail);
    }
    if !item.documentation.is_empty() {
        entry["documentation"] = markdown(&item.documentation);
    }
    entry
}

pub(super) fn signature(help: &SignatureHelp) -> Value {
    let params: Vec<Value> = help.params.iter().map(|label| json!({ "label": label })).collect();
    json!({
        "signatures": [{
            "label": help.label,
            "documentation": markdown(&help.documentation),
            "parameters": params,
            "activeParameter": help.active,
        }],
        "activeSignature": 0,
        "activeParameter": help.active,
    })
}

/// What the server can do.
pub(super) fn capabilities(columns: Columns) -> Value {
    let encoding = match columns {
        Columns::Utf8 => "utf-8",
        Columns::Utf16 => "utf-16",
    };
    json!({
        "positionEncoding": encoding,
        "textDocumentSync": { "openClose": true, "change": 2, "save": true },
        "completionProvider": { "triggerCharacters": [".", "\"", "@", "[", "("] },
        "hoverProvider": true,
        "signatureHelpProvider": { "triggerCharacters": ["(", ","] },
        "definitionProvider": true,
        "referencesProvider": true,
        "documentHighlightProvider": true,
        "documentSymbolProvider": true,
        "workspaceSymbolProvider": true,
        "renameProvider": { "prepareProvider": true },
        "documentFormattingProvider": true,
        "codeActionProvider": { "codeActionKinds": ["quickfix"] },
        "inlayHintProvider": true,
        "semanticTokensProvider": {
            "legend": { "tokenTypes": colour_names(), "tokenModifiers": ["declaration"] },
            "full": true,
        },
    })
}
