//! The loop of the language server, and who answers what.
//!
//! Laws:
//! * Every request gets one answer, also one that was cancelled or that nothing can be said to.
//! * An answer with places is of exactly the text that the editor had when it asked; where that text
//!   has changed meanwhile, the request fails with `ContentModified`, as editors expect.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use lsp_server::{Connection, ErrorCode, Message, Notification, Request, RequestId, Response};
use serde_json::{Value, json};
use syncline_lang::ide::{self, Analysis};
use syncline_model::{FileId, Span, Suggestion};

use super::answers::{self, Places};
use super::documents::{Change, Columns, Document, Position, Range, path_of, uri_of};
use super::project::{Current, Project};
use super::transport;
use crate::exit::{Exit, Failure};
use crate::project::{self, Overlay};
use crate::session::Session;

/// How long a request that needs no exact analysis waits for a fresh one.
const PATIENCE: Duration = Duration::from_millis(15);

/// The requests that are about a document.
const METHODS: &[&str] = &[
    "textDocument/codeAction",
    "textDocument/completion",
    "textDocument/definition",
    "textDocument/documentHighlight",
    "textDocument/documentSymbol",
    "textDocument/formatting",
    "textDocument/hover",
    "textDocument/inlayHint",
    "textDocument/prepareRename",
    "textDocument/references",
    "textDocument/rename",
    "textDocument/semanticTokens/full",
    "textDocument/signatureHelp",
];

/// What the main loop waits for.
#[derive(Debug)]
pub(super) enum Event {
    /// The editor says something.
    Message(Message),
    /// The editor is gone.
    Gone,
    /// A project was analysed.
    Analysed(PathBuf),
}

/// Serves one editor on the standard streams until it says goodbye.
///
/// # Errors
/// When the editor does not speak the protocol.
pub fn serve(session: &Session) -> Result<Exit, Failure> {
    let (connection, threads) = transport::connect();
    let broken = |error: &dyn std::fmt::Display| {
        Failure::new(format!("the editor does not speak the protocol: {error}")).help(
            "`syncline lsp` is started by editors, and reads messages from the standard input.",
        )
    };
    let (id, params) = connection.initialize_start().map_err(|error| broken(&error))?;
    let (events, inbox) = channel();
    let mut server = Server::new(session, &connection, &params, events.clone());
    let answer = json!({
        "capabilities": answers::capabilities(server.columns),
        "serverInfo": { "name": "syncline", "version": env!("CARGO_PKG_VERSION") },
    });
    connection.initialize_finish(id, answer).map_err(|error| broken(&error))?;
    let receiver = connection.receiver.clone();
    std::thread::spawn(move || {
        for message in receiver {
            if events.send(Event::Message(message)).is_err() {
                return;
            }
        }
        let _nobody_listens = events.send(Event::Gone);
    });
    server.run(&inbox);
    drop(server);
    drop(connection);
    threads.join().map_err(|error| broken(&error))?;
    Ok(Exit::Done)
}

/// A request that waits for an analysis.
struct Waiting {
    request: Request,
    /// The analysis must be of this text or a newer one.
    generation: u64,
    root: PathBuf,
    /// The version of the document that was asked about.
    version: Option<i64>,
}

struct Server {
    sender: Box<dyn Fn(Message)>,
    session: Session,
    events: Sender<Event>,
    columns: Columns,
    snippets: bool,
    /// The environment whose values hints show.
    environment: Option<String>,
    documents: BTreeMap<PathBuf, Document>,
    projects: BTreeMap<PathBuf, Project>,
    waiting: Vec<Waiting>,
    /// The files that have diagnostics in the editor.
    marked: BTreeMap<PathBuf, BTreeSet<String>>,
    is_shut_down: bool,
}

impl Server {
    fn new(
        session: &Session,
        connection: &Connection,
        params: &Value,
        events: Sender<Event>,
    ) -> Self {
        let sender = connection.sender.clone();
        let encodings = &params["capabilities"]["general"]["positionEncodings"];
        let utf8 = encodings.as_array().is_some_and(|all| all.contains(&json!("utf-8")));
        let item = &params["capabilities"]["textDocument"]["completion"]["completionItem"];
        Self {
            // An editor that is gone needs no answer.
            sender: Box::new(move |message| drop(sender.send(message))),
            session: session.clone(),
            events,
            columns: if utf8 { Columns::Utf8 } else { Columns::Utf16 },
            snippets: item["snippetSupport"] == json!(true),
            environment: environment_of(&params["initializationOptions"]),
            documents: BTreeMap::new(),
            projects: BTreeMap::new(),
            waiting: Vec::new(),
            marked: BTreeMap::new(),
            is_shut_down: false,
        }
    }

    fn run(&mut self, inbox: &Receiver<Event>) {
        while let Ok(event) = inbox.recv() {
            match event {
                Event::Message(Message::Request(request)) => self.request(request),
                Event::Message(Message::Notification(notification)) => {
                    if notification.method == "exit" {
                        return;
                    }
                    self.notification(notification);
                }
                Event::Message(Message::Response(_)) => {}
                Event::Analysed(root) => self.analysed(&root),
                Event::Gone => return,
            }
        }
    }

    fn answer(&self, id: RequestId, result: Value) {
        (self.sender)(Message::Response(Response::new_ok(id, result)));
    }

    fn refuse(&self, id: RequestId, code: ErrorCode, message: &str) {
        (self.sender)(Message::Response(Response::new_err(id, code as i32, message.to_owned())));
    }

    fn request(&mut self, request: Request) {
        if request.method == "shutdown" {
            self.is_shut_down = true;
            return self.answer(request.id, Value::Null);
        }
        if self.is_shut_down {
            return self.refuse(request.id, ErrorCode::InvalidRequest, "the server is shut down");
        }
        if !METHODS.contains(&request.method.as_str()) {
            let message = format!("`{}` is no request that is answered here", request.method);
            return self.refuse(request.id, ErrorCode::MethodNotFound, &message);
        }
        let path = request.params["textDocument"]["uri"].as_str().and_then(path_of);
        let Some(path) = path else {
            let message = "no document is named, or none that can be known";
            return self.refuse(request.id, ErrorCode::InvalidParams, message);
        };
        if request.method == "textDocument/formatting" {
            let result = self.format(&path);
            return self.answer(request.id, result);
        }
        let Some(root) = self.project_of(&path) else {
            return self.answer(request.id, Value::Null);
        };
        let project = &self.projects[&root];
        let at_once = matches!(
            request.method.as_str(),
            "textDocument/completion" | "textDocument/hover" | "textDocument/signatureHelp"
        );
        if at_once && let Some(current) = project.newest(PATIENCE) {
            let result = self.quick(&request, &path, &root, &current.analysis);
            return self.answer(request.id, result);
        }
        let version = self.documents.get(&path).map(|document| document.version);
        let generation = if at_once { 0 } else { project.generation() };
        self.waiting.push(Waiting { request, generation, root: root.clone(), version });
        self.answer_waiting(&root);
    }

    /// Answers what waits for an analysis of a project.
    fn answer_waiting(&mut self, root: &Path) {
        let current = self.projects.get(root).and_then(|project| project.newest(Duration::ZERO));
        let Some(current) = current else { return };
        let (ready, rest) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition(|own: &Waiting| own.root == root && own.generation <= current.generation);
        self.waiting = rest;
        for waiting in ready {
            self.answer_one(waiting, &current);
        }
    }

    fn answer_one(&self, waiting: Waiting, current: &Current) {
        let Waiting { request, root, version, generation } = waiting;
        let path = request.params["textDocument"]["uri"].as_str().and_then(path_of);
        let path = path.unwrap_or_default();
        if generation == 0 {
            let result = self.quick(&request, &path, &root, &current.analysis);
            return self.answer(request.id, result);
        }
        if self.documents.get(&path).map(|document| document.version) != version {
            return self.refuse(request.id, ErrorCode::ContentModified, "the text has changed");
        }
        match self.exact(&request, &path, &root, &current.analysis) {
            Ok(result) => self.answer(request.id, result),
            Err((code, message)) => self.refuse(request.id, code, &message),
        }
    }

    /// Answers from the text as it is and an analysis that may be a little older.
    fn quick(&self, request: &Request, path: &Path, root: &Path, analysis: &Analysis) -> Value {
        let Some(document) = self.documents.get(path) else { return Value::Null };
        let position: Position =
            serde_json::from_value(request.params["position"].clone()).unwrap_or_default();
        let lines = document.lines(self.columns);
        let name = path.strip_prefix(root).ok().and_then(Path::to_str).unwrap_or_default();
        let buffer = ide::Buffer { name, text: &document.text };
        let offset = lines.offset(position);
        let at = |offset: usize| lines.position(offset);
        match request.method.as_str() {
            "textDocument/completion" => {
                let found = ide::complete(analysis, buffer, offset);
                let range = Range { start: at(found.start), end: position };
                answers::completions(&found, range, self.snippets)
            }
            "textDocument/hover" => {
                ide::hover(analysis, buffer, offset).map_or(Value::Null, |own| {
                    let range = Range { start: at(own.start), end: at(own.end) };
                    json!({ "contents": answers::markdown(&own.markdown), "range": range })
                })
            }
            _ => ide::signature(analysis, buffer, offset)
                .map_or(Value::Null, |help| answers::signature(&help)),
        }
    }

    /// Answers from an analysis of exactly the text that the editor shows.
    fn exact(
        &self,
        request: &Request,
        path: &Path,
        root: &Path,
        analysis: &Analysis,
    ) -> Result<Value, (ErrorCode, String)> {
        let name = path.strip_prefix(root).ok().and_then(Path::to_str).unwrap_or_default();
        let Some(file) = analysis.file(name) else { return Ok(Value::Null) };
        let places = Places { analysis, root, columns: self.columns };
        let params = &request.params;
        let offset = Self::offset(&places, file, &params["position"]);
        let spans = |spans: Vec<Span>| -> Value {
            spans.into_iter().map(|span| places.location(span)).collect()
        };
        Ok(match request.method.as_str() {
            "textDocument/definition" => {
                let found = ide::definition(analysis, file, offset);
                spans(found.into_iter().map(|location| location.span).collect())
            }
            "textDocument/references" => {
                let declared = params["context"]["includeDeclaration"] == json!(true);
                spans(ide::references(analysis, file, offset, declared))
            }
            "textDocument/documentHighlight" => ide::references(analysis, file, offset, true)
                .into_iter()
                .filter(|span| span.file == file)
                .map(|span| json!({ "range": places.range(span) }))
                .collect(),
            "textDocument/prepareRename" => ide::renamable(analysis, file, offset)
                .map_or(Value::Null, |span| json!(places.range(span))),
            "textDocument/rename" => {
                let name = params["newName"].as_str().unwrap_or_default();
                rename(&places, file, offset, name)
                    .map_err(|reason| (ErrorCode::RequestFailed, reason))?
            }
            "textDocument/documentSymbol" => {
                let tree = analysis.project.files().iter().find(|tree| tree.id == file);
                tree.map_or_else(
                    || json!([]),
                    |tree| ide::symbols(tree).iter().map(|symbol| places.symbol(symbol)).collect(),
                )
            }
            "textDocument/semanticTokens/full" => json!({ "data": places.colours(file) }),
            "textDocument/inlayHint" => self.hints(&places, file, &params["range"]),
            // Of `METHODS` only `textDocument/codeAction` is left.
            _ => actions(&places, file, Self::part(&places, file, &params["range"])),
        })
    }

    fn offset(places: &Places<'_>, file: FileId, position: &Value) -> u32 {
        let Some(source) = places.analysis.sources.get(file) else { return 0 };
        let position: Position = serde_json::from_value(position.clone()).unwrap_or_default();
        places.lines(source).offset(position) as u32
    }

    fn part(places: &Places<'_>, file: FileId, range: &Value) -> Span {
        let start = Self::offset(places, file, &range["start"]);
        Span::new(file, start, Self::offset(places, file, &range["end"]))
    }

    fn hints(&self, places: &Places<'_>, file: FileId, range: &Value) -> Value {
        let analysis = places.analysis;
        let part = Self::part(places, file, range);
        let first = analysis.environments.first().map(|(name, _)| name.as_str());
        let Some(environment) = self.environment.as_deref().or(first) else { return json!([]) };
        let found = ide::hints(analysis, file, part, environment);
        found
            .iter()
            .map(|hint| {
                let at = places.range(Span::new(file, hint.offset, hint.offset)).start;
                json!({
                    "position": at,
                    "label": hint.label,
                    "tooltip": hint.tooltip,
                    "paddingLeft": true,
                })
            })
            .collect()
    }

    /// Formats a document; one that does not parse is left alone.
    fn format(&self, path: &Path) -> Value {
        let Some(document) = self.documents.get(path) else { return Value::Null };
        let Ok(formatted) = syncline_lang::fmt::format(&document.text) else { return Value::Null };
        if formatted == *document.text {
            return json!([]);
        }
        let text = &*document.text;
        let end = document.lines(self.columns).position(text.len());
        json!([{ "range": Range { start: Position::default(), end }, "newText": formatted }])
    }

    fn notification(&mut self, notification: Notification) {
        let Notification { method, params } = notification;
        let path = params["textDocument"]["uri"].as_str().and_then(path_of);
        let version = params["textDocument"]["version"].as_i64().unwrap_or_default();
        match (method.as_str(), path) {
            ("textDocument/didOpen", Some(path)) => {
                let text = params["textDocument"]["text"].as_str().unwrap_or_default();
                self.documents.insert(path.clone(), Document::new(text.to_owned(), version));
                self.refresh(&path);
            }
            ("textDocument/didChange", Some(path)) => {
                let changes: Vec<Change> =
                    serde_json::from_value(params["contentChanges"].clone()).unwrap_or_default();
                if let Some(document) = self.documents.get_mut(&path) {
                    document.change(changes, version, self.columns);
                    self.refresh(&path);
                }
            }
            ("textDocument/didClose", Some(path)) => {
                self.documents.remove(&path);
                self.refresh(&path);
            }
            ("textDocument/didSave", Some(path)) => self.refresh(&path),
            ("workspace/didChangeWatchedFiles", _) => {
                for root in self.projects.keys().cloned().collect::<Vec<_>>() {
                    self.want(&root);
                }
            }
            ("workspace/didChangeConfiguration", _) => {
                self.environment = environment_of(&params["settings"]["syncline"])
                    .or_else(|| environment_of(&params["settings"]));
            }
            ("$/cancelRequest", _) => self.cancel(&params["id"]),
            _ => {}
        }
    }

    fn cancel(&mut self, id: &Value) {
        let Ok(id) = serde_json::from_value::<RequestId>(id.clone()) else { return };
        if let Some(at) = self.waiting.iter().position(|waiting| waiting.request.id == id) {
            self.waiting.remove(at);
            self.refuse(id, ErrorCode::RequestCanceled, "cancelled");
        }
    }

    /// Finds the project of a file, and starts to look at it when it is new.
    fn project_of(&mut self, path: &Path) -> Option<PathBuf> {
        let folder = path.parent()?;
        let root = project::root(folder).unwrap_or_else(|_| folder.to_owned());
        if !self.projects.contains_key(&root) {
            let started = Project::start(self.session.clone(), root.clone(), self.events.clone());
            self.projects.insert(root.clone(), started);
            self.want(&root);
        }
        Some(root)
    }

    /// A file of a project is another than before.
    fn refresh(&mut self, path: &Path) {
        if let Some(root) = self.project_of(path) {
            self.want(&root);
        }
    }

    fn want(&self, root: &Path) {
        let Some(project) = self.projects.get(root) else { return };
        let open = self.documents.iter();
        let overlay: Overlay = open
            .filter(|(path, _)| path.starts_with(root))
            .map(|(path, document)| (path.clone(), document.text.clone()))
            .collect();
        project.want(overlay);
    }

    /// Tells the diagnostics of a project and answers what waited for them.
    fn analysed(&mut self, root: &Path) {
        self.answer_waiting(root);
        let Some(project) = self.projects.get(root) else { return };
        let Some(current) = project.newest(Duration::ZERO) else { return };
        // There is a newer text already: its diagnostics come.
        if current.generation < project.generation() {
            return;
        }
        let analysis = &current.analysis;
        let places = Places { analysis, root: &project.root, columns: self.columns };
        let mut found: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for diagnostic in &analysis.diagnostics {
            if let Some(span) = diagnostic.span() {
                found.entry(places.uri(span)).or_default().push(places.diagnostic(diagnostic));
            }
        }
        let marked: BTreeSet<String> = found.keys().cloned().collect();
        let before = self.marked.insert(root.to_owned(), marked).unwrap_or_default();
        for uri in before {
            found.entry(uri).or_default();
        }
        // Whatever is open is told that it is clean.
        for path in self.documents.keys().filter(|path| path.starts_with(root)) {
            found.entry(uri_of(path)).or_default();
        }
        for (uri, diagnostics) in found {
            let version = path_of(&uri).and_then(|path| self.documents.get(&path));
            let mut params = json!({ "uri": uri, "diagnostics": diagnostics });
            if let Some(document) = version {
                params["version"] = json!(document.version);
            }
            let method = "textDocument/publishDiagnostics".to_owned();
            (self.sender)(Message::Notification(Notification { method, params }));
        }
    }
}

/// Returns the environment that settings choose.
fn environment_of(settings: &Value) -> Option<String> {
    let name = settings["environment"].as_str()?;
    (!name.is_empty()).then(|| name.to_owned())
}

/// Returns the changes of a rename.
fn rename(places: &Places<'_>, file: FileId, offset: u32, name: &str) -> Result<Value, String> {
    let changes = ide::rename(places.analysis, file, offset, name)?;
    let changes: Vec<Suggestion> = changes
        .into_iter()
        .map(|own| Suggestion { span: own.span, replacement: own.text, certain: true })
        .collect();
    Ok(places.edits(&changes))
}

/// Returns the mends of what is wrong in a part of a file.
fn actions(places: &Places<'_>, file: FileId, part: Span) -> Value {
    ide::actions(places.analysis, file, part)
        .iter()
        .map(|action| {
            json!({
                "title": action.title,
                "kind": "quickfix",
                "isPreferred": action.diagnostic.is_mendable(),
                "diagnostics": [places.diagnostic(&action.diagnostic)],
                "edit": places.edits(&action.changes),
            })
        })
        .collect()
}
