//! The loop of the language server: what came, and what waits for an analysis.
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
use syncline_lang::ide;

use super::answers::{self, Places};
use super::documents::{Change, Columns, Document, Position, path_of, uri_of};
use super::project::{Current, Project};
use super::requests::{self, Answer, Exact, Quick};
use super::transport;
use crate::exit::{Exit, Failure};
use crate::project::{self, Overlay};
use crate::session::Session;

/// How long a request that needs no exact analysis waits for a fresh one.
const PATIENCE: Duration = Duration::from_millis(15);

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
    answer: Answer,
    path: PathBuf,
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
        let Some(answer) = requests::find(&request.method) else {
            let message = format!("`{}` is no request that is answered here", request.method);
            return self.refuse(request.id, ErrorCode::MethodNotFound, &message);
        };
        if let Answer::Everywhere(answer) = answer {
            let result = self.everywhere(answer, &request.params);
            return self.answer(request.id, result);
        }
        let Some(path) = path_in(&request.params) else {
            let message = "no document is named, or none that can be known";
            return self.refuse(request.id, ErrorCode::InvalidParams, message);
        };
        if let Answer::Text(answer) = answer {
            let document = self.documents.get(&path);
            let result = document.map_or(Value::Null, |own| answer(own, self.columns));
            return self.answer(request.id, result);
        }
        let Some(root) = self.project_of(&path) else {
            return self.answer(request.id, Value::Null);
        };
        let project = &self.projects[&root];
        let version = self.documents.get(&path).map(|document| document.version);
        let is_quick = matches!(answer, Answer::Quick(_));
        let generation = if is_quick { 0 } else { project.generation() };
        let waiting = Waiting { request, answer, path, generation, root: root.clone(), version };
        if is_quick && let Some(current) = project.newest(PATIENCE) {
            return self.answer_one(waiting, &current);
        }
        self.waiting.push(waiting);
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
        let Waiting { request, answer, path, root, version, .. } = waiting;
        let name = path.strip_prefix(&root).ok().and_then(Path::to_str).unwrap_or_default();
        let (analysis, params) = (&current.analysis, &request.params);
        let document = self.documents.get(&path);
        match answer {
            Answer::Quick(answer) => {
                let snippets = self.snippets;
                let result = document.map_or(Value::Null, |document| {
                    let lines = document.lines(self.columns);
                    let position = Position::of(&params["position"]);
                    let buffer = ide::Buffer { name, text: &document.text };
                    answer(&Quick { analysis, buffer, lines: &lines, position, snippets })
                });
                self.answer(request.id, result);
            }
            Answer::Exact(_) if document.map(|document| document.version) != version => {
                self.refuse(request.id, ErrorCode::ContentModified, "the text has changed");
            }
            Answer::Exact(answer) => {
                let places = Places { analysis, root: &root, columns: self.columns };
                let Some(file) = analysis.file(name) else {
                    return self.answer(request.id, Value::Null);
                };
                let environment = self.environment.as_deref();
                match answer(&Exact { places, file, params, environment }) {
                    Ok(result) => self.answer(request.id, result),
                    Err(message) => self.refuse(request.id, ErrorCode::RequestFailed, &message),
                }
            }
            Answer::Text(_) | Answer::Everywhere(_) => self.answer(request.id, Value::Null),
        }
    }

    /// Answers from what is known of all projects by now.
    fn everywhere(&self, answer: fn(&Places<'_>, &Value) -> Vec<Value>, params: &Value) -> Value {
        let mut all = Vec::new();
        for project in self.projects.values() {
            if let Some(current) = project.newest(PATIENCE) {
                let (analysis, root) = (&current.analysis, &project.root);
                all.extend(answer(&Places { analysis, root, columns: self.columns }, params));
            }
        }
        Value::Array(all)
    }

    fn notification(&mut self, notification: Notification) {
        let Notification { method, params } = notification;
        let path = path_in(&params);
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

/// Returns the document that a message is about.
fn path_in(params: &Value) -> Option<PathBuf> {
    params["textDocument"]["uri"].as_str().and_then(path_of)
}
