//! What may be asked of the language server, and who answers it.
//!
//! Each request stands once, in [`find`], with what its answer is made of: the server's loop gives it
//! that.

use serde_json::{Value, json};
use syncline_lang::ide::{self, Analysis, Buffer, Symbol};
use syncline_model::{FileId, Span, Suggestion};

use super::answers::{self, Places};
use super::documents::{Columns, Document, Lines, Position, Range};

/// The most symbols of one project that are found by a name.
const MOST_SYMBOLS: usize = 500;

/// What an answer is made of, and what makes it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Answer {
    /// The text of the document.
    Text(fn(&Document, Columns) -> Value),
    /// The text as it is, and an analysis that may be a little older.
    Quick(fn(&Quick<'_>) -> Value),
    /// An analysis of exactly the text that the editor shows; a refusal says why.
    Exact(fn(&Exact<'_>) -> Result<Value, String>),
    /// What is known of a project, whatever is open.
    Everywhere(fn(&Places<'_>, &Value) -> Vec<Value>),
}

/// Returns what answers a request.
pub(super) fn find(method: &str) -> Option<Answer> {
    Some(match method {
        "textDocument/codeAction" => Answer::Exact(actions),
        "textDocument/completion" => Answer::Quick(completion),
        "textDocument/definition" => Answer::Exact(definition),
        "textDocument/documentHighlight" => Answer::Exact(highlight),
        "textDocument/documentSymbol" => Answer::Exact(symbols),
        "textDocument/formatting" => Answer::Text(format),
        "textDocument/hover" => Answer::Quick(hover),
        "textDocument/inlayHint" => Answer::Exact(hints),
        "textDocument/prepareRename" => Answer::Exact(renamable),
        "textDocument/references" => Answer::Exact(references),
        "textDocument/rename" => Answer::Exact(rename),
        "textDocument/semanticTokens/full" => Answer::Exact(colours),
        "textDocument/signatureHelp" => Answer::Quick(signature),
        "workspace/symbol" => Answer::Everywhere(symbols_by_name),
        _ => return None,
    })
}

/// What is asked at a place of a text.
pub(super) struct Quick<'a> {
    pub(super) analysis: &'a Analysis,
    pub(super) buffer: Buffer<'a>,
    pub(super) lines: &'a Lines<'a>,
    pub(super) position: Position,
    /// The editor takes places to fill in.
    pub(super) snippets: bool,
}

impl Quick<'_> {
    fn offset(&self) -> usize {
        self.lines.offset(self.position)
    }
}

/// What is asked of a file of an analysis.
pub(super) struct Exact<'a> {
    pub(super) places: Places<'a>,
    pub(super) file: FileId,
    pub(super) params: &'a Value,
    /// The environment whose values hints show, where one is chosen.
    pub(super) environment: Option<&'a str>,
}

impl Exact<'_> {
    fn offset(&self) -> u32 {
        self.offset_of(&self.params["position"])
    }

    fn offset_of(&self, position: &Value) -> u32 {
        let Some(source) = self.places.analysis.sources.get(self.file) else { return 0 };
        self.places.lines(source).offset(Position::of(position)) as u32
    }

    fn part(&self) -> Span {
        let range = &self.params["range"];
        let (start, end) = (self.offset_of(&range["start"]), self.offset_of(&range["end"]));
        Span::new(self.file, start, end)
    }

    fn locations(&self, spans: impl IntoIterator<Item = Span>) -> Value {
        spans.into_iter().map(|span| self.places.location(span)).collect()
    }
}

fn completion(asked: &Quick<'_>) -> Value {
    let found = ide::complete(asked.analysis, asked.buffer, asked.offset());
    let range = Range { start: asked.lines.position(found.start), end: asked.position };
    answers::completions(&found, range, asked.snippets)
}

fn hover(asked: &Quick<'_>) -> Value {
    let found = ide::hover(asked.analysis, asked.buffer, asked.offset());
    found.map_or(Value::Null, |own| {
        let at = |offset: usize| asked.lines.position(offset);
        let range = Range { start: at(own.start), end: at(own.end) };
        json!({ "contents": answers::markdown(&own.markdown), "range": range })
    })
}

fn signature(asked: &Quick<'_>) -> Value {
    let found = ide::signature(asked.analysis, asked.buffer, asked.offset());
    found.map_or(Value::Null, |help| answers::signature(&help))
}

/// Formats a document; one that does not parse is left alone.
fn format(document: &Document, columns: Columns) -> Value {
    let Ok(formatted) = syncline_lang::fmt::format(&document.text) else { return Value::Null };
    if formatted == *document.text {
        return json!([]);
    }
    let end = document.lines(columns).position(document.text.len());
    json!([{ "range": Range { start: Position::default(), end }, "newText": formatted }])
}

fn definition(asked: &Exact<'_>) -> Result<Value, String> {
    let found = ide::definition(asked.places.analysis, asked.file, asked.offset());
    Ok(asked.locations(found.into_iter().map(|location| location.span)))
}

fn references(asked: &Exact<'_>) -> Result<Value, String> {
    let declared = asked.params["context"]["includeDeclaration"] == json!(true);
    let (analysis, offset) = (asked.places.analysis, asked.offset());
    Ok(asked.locations(ide::references(analysis, asked.file, offset, declared)))
}

fn highlight(asked: &Exact<'_>) -> Result<Value, String> {
    let found = ide::references(asked.places.analysis, asked.file, asked.offset(), true);
    let own = found.into_iter().filter(|span| span.file == asked.file);
    Ok(own.map(|span| json!({ "range": asked.places.range(span) })).collect())
}

fn renamable(asked: &Exact<'_>) -> Result<Value, String> {
    let found = ide::renamable(asked.places.analysis, asked.file, asked.offset());
    Ok(found.map_or(Value::Null, |span| json!(asked.places.range(span))))
}

fn rename(asked: &Exact<'_>) -> Result<Value, String> {
    let name = asked.params["newName"].as_str().unwrap_or_default();
    let changes = ide::rename(asked.places.analysis, asked.file, asked.offset(), name)?;
    let changes: Vec<Suggestion> = changes
        .into_iter()
        .map(|own| Suggestion { span: own.span, replacement: own.text, certain: true })
        .collect();
    Ok(asked.places.edits(&changes))
}

fn symbols(asked: &Exact<'_>) -> Result<Value, String> {
    let places = &asked.places;
    let tree = places.analysis.project.files().iter().find(|tree| tree.id == asked.file);
    let symbols = tree.map(ide::symbols).unwrap_or_default();
    Ok(symbols.iter().map(|symbol| places.symbol(symbol)).collect())
}

fn colours(asked: &Exact<'_>) -> Result<Value, String> {
    Ok(json!({ "data": asked.places.colours(asked.file) }))
}

/// Returns the mends of what is wrong in a part of a file.
fn actions(asked: &Exact<'_>) -> Result<Value, String> {
    let places = &asked.places;
    let found = ide::actions(places.analysis, asked.file, asked.part());
    let actions = found.iter().map(|action| {
        json!({
            "title": action.title,
            "kind": "quickfix",
            "isPreferred": action.diagnostic.is_mendable(),
            "diagnostics": [places.diagnostic(&action.diagnostic)],
            "edit": places.edits(&action.changes),
        })
    });
    Ok(actions.collect())
}

fn hints(asked: &Exact<'_>) -> Result<Value, String> {
    let analysis = asked.places.analysis;
    let first = analysis.environments.first().map(|(name, _)| name.as_str());
    let Some(environment) = asked.environment.or(first) else { return Ok(json!([])) };
    let found = ide::hints(analysis, asked.file, asked.part(), environment);
    let hints = found.iter().map(|hint| {
        let at = asked.places.range(Span::new(asked.file, hint.offset, hint.offset)).start;
        json!({
            "position": at,
            "label": hint.label,
            "tooltip": hint.tooltip,
            "paddingLeft": true,
        })
    });
    Ok(hints.collect())
}

/// Finds what a project declares by letters of its name.
fn symbols_by_name(places: &Places<'_>, params: &Value) -> Vec<Value> {
    let query = params["query"].as_str().unwrap_or_default();
    let mut found = Vec::new();
    let analysis = places.analysis;
    let own = analysis.project.files().iter().filter(|own| analysis.sources.get(own.id).is_some());
    for file in own {
        for symbol in ide::symbols(file) {
            named(places, &symbol, "", query, &mut found);
        }
    }
    found
}

fn named(places: &Places<'_>, symbol: &Symbol, within: &str, query: &str, found: &mut Vec<Value>) {
    if found.len() >= MOST_SYMBOLS {
        return;
    }
    if ide::fits(&symbol.name, query) {
        found.push(places.symbol_within(symbol, within));
    }
    for child in &symbol.children {
        named(places, child, &symbol.name, query, found);
    }
}
