//! The language server, driven over its standard streams as an editor drives it.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

use crate::process::{Project, binary};

/// After this an answer does not come any more.
const PATIENCE: Duration = Duration::from_secs(60);

/// An editor with a server.
struct Editor {
    server: Child,
    input: ChildStdin,
    messages: Receiver<Value>,
    /// What came while something else was waited for.
    kept: VecDeque<Value>,
    root: String,
    next: i64,
}

impl Editor {
    /// Starts a server on a project and shakes hands.
    fn open(project: &Project, options: Value) -> Self {
        let mut server = Command::new(binary())
            .arg("lsp")
            .current_dir(project.path(""))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, messages) = channel();
        let output = server.stdout.take().unwrap();
        std::thread::spawn(move || {
            let mut output = BufReader::new(output);
            while let Some(message) = read(&mut output) {
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        let input = server.stdin.take().unwrap();
        let root = format!("file://{}", project.path("").canonicalize().unwrap().display());
        let mut editor = Self { server, input, messages, kept: VecDeque::new(), root, next: 0 };
        let item = json!({ "completionItem": { "snippetSupport": true } });
        let capabilities = json!({ "textDocument": { "completion": item } });
        let params = json!({ "capabilities": capabilities, "initializationOptions": options });
        let answer = editor.ask("initialize", params);
        assert_eq!(answer["result"]["serverInfo"]["name"], "syncline");
        editor.tell("initialized", json!({}));
        editor
    }

    fn send(&mut self, message: &Value) {
        self.write(&message.to_string());
    }

    /// Sends whatever a body may be.
    fn write(&mut self, text: &str) {
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        self.input.flush().unwrap();
    }

    fn tell(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Sends a request; returns its number.
    fn request(&mut self, method: &str, params: Value) -> i64 {
        self.next += 1;
        let id = self.next;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        id
    }

    /// Waits for a message.
    fn wait(&mut self, is_it: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.kept.iter().position(&is_it) {
            return self.kept.remove(at).unwrap();
        }
        loop {
            let message = self.messages.recv_timeout(PATIENCE).unwrap();
            if is_it(&message) {
                return message;
            }
            self.kept.push_back(message);
        }
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.request(method, params);
        self.wait(|message| message["id"] == id && message.get("method").is_none())
    }

    fn uri(&self, file: &str) -> String {
        format!("{}/{file}", self.root)
    }

    /// Asks about a place: the first one of `mark` in the text, and so many columns further.
    fn at(&mut self, method: &str, file: &str, place: (u64, u64)) -> Value {
        let position = json!({ "line": place.0, "character": place.1 });
        let document = json!({ "uri": self.uri(file) });
        self.ask(
            &format!("textDocument/{method}"),
            json!({ "textDocument": document, "position": position, "newName": "copies",
                    "context": { "includeDeclaration": true } }),
        )
    }

    fn open_text(&mut self, file: &str, text: &str) {
        let document =
            json!({ "uri": self.uri(file), "languageId": "syncline", "version": 1, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }));
    }

    fn change(&mut self, file: &str, version: i64, from: (u64, u64), to: (u64, u64), text: &str) {
        let range = json!({
            "start": { "line": from.0, "character": from.1 },
            "end": { "line": to.0, "character": to.1 },
        });
        self.tell(
            "textDocument/didChange",
            json!({
                "textDocument": { "uri": self.uri(file), "version": version },
                "contentChanges": [{ "range": range, "text": text }],
            }),
        );
    }

    /// Waits for the diagnostics of a version of a file.
    fn diagnostics(&mut self, file: &str, version: i64) -> Vec<Value> {
        let uri = self.uri(file);
        let told = self.wait(|message| {
            message["method"] == "textDocument/publishDiagnostics"
                && message["params"]["uri"] == uri.as_str()
                && message["params"]["version"] == version
        });
        told["params"]["diagnostics"].as_array().unwrap().clone()
    }

    fn close(mut self) {
        assert!(self.ask("shutdown", Value::Null)["result"].is_null());
        self.tell("exit", Value::Null);
        assert!(self.server.wait().unwrap().success());
    }
}

fn read(output: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim().split_once(": ") {
            Some(("Content-Length", number)) => length = number.parse().unwrap(),
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    output.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body).ok()
}

const BASE: &str = "\
abstract environment base {
  /// How many there are.
  param replicas: int = 1
  resource local.file note {
    path = \"note-${replicas}\"
    content = \"x\"
  }
}
";

const ENVIRONMENTS: &str = "\
environment dev extends base {}
environment prod extends base {
  replicas = 3
}
";

fn project() -> Project {
    let project = Project::new();
    project.write("base.sync", BASE);
    project.write("environments.sync", ENVIRONMENTS);
    project
}

fn labels(answer: &Value) -> Vec<&str> {
    let items = answer["result"]["items"].as_array().unwrap();
    items.iter().map(|item| item["label"].as_str().unwrap()).collect()
}

#[test]
fn what_is_typed_overlays_the_disk_and_is_checked_and_completed() {
    let project = project();
    let mut editor = Editor::open(&project, json!({}));
    editor.open_text("base.sync", BASE);
    assert!(editor.diagnostics("base.sync", 1).is_empty());
    // A typo, with its mend.
    editor.change("base.sync", 2, (4, 19), (4, 27), "replcias");
    let found = editor.diagnostics("base.sync", 2);
    assert_eq!(found[0]["code"], "E0201");
    assert_eq!(found[0]["range"]["start"], json!({ "line": 4, "character": 19 }));
    let uri = editor.uri("base.sync");
    let actions = editor.ask(
        "textDocument/codeAction",
        json!({ "textDocument": { "uri": uri }, "range": found[0]["range"], "context": {} }),
    );
    let action = &actions["result"][0];
    assert_eq!(action["title"], "Replace `replcias` by `replicas`");
    let edit = &action["edit"]["changes"][uri.as_str()][0];
    assert_eq!(edit["newText"], "replicas");
    // An expression that is not finished.
    editor.change("base.sync", 3, (4, 19), (4, 27), "rep");
    let answer = editor.at("completion", "base.sync", (4, 22));
    assert_eq!(labels(&answer)[0], "replicas");
    // A body that is not closed.
    editor.change("base.sync", 4, (5, 0), (7, 1), "    ");
    let answer = editor.at("completion", "base.sync", (5, 4));
    assert!(labels(&answer).contains(&"content"), "{answer}");
    assert!(!labels(&answer).contains(&"path"), "{answer}");
    editor.close();
}

#[test]
fn hover_definition_references_and_rename_reach_across_files() {
    let project = project();
    let mut editor = Editor::open(&project, json!({}));
    editor.open_text("base.sync", BASE);
    editor.diagnostics("base.sync", 1);
    let hover = editor.at("hover", "base.sync", (4, 22));
    let text = hover["result"]["contents"]["value"].as_str().unwrap();
    for part in ["param replicas: int", "How many there are.", "**dev**: `1`", "**prod**: `3`"] {
        assert!(text.contains(part), "{text}");
    }
    assert!(text.contains("environments.sync:3 (prod)"), "{text}");
    let definition = editor.at("definition", "base.sync", (4, 22));
    let places = definition["result"].as_array().unwrap();
    assert_eq!(places[0]["uri"], editor.uri("base.sync").as_str());
    assert_eq!(places[1]["uri"], editor.uri("environments.sync").as_str());
    let references = editor.at("references", "base.sync", (4, 22));
    assert_eq!(references["result"].as_array().unwrap().len(), 3);
    let rename = editor.at("rename", "base.sync", (2, 10));
    let changes = &rename["result"]["changes"];
    assert_eq!(changes[editor.uri("base.sync")].as_array().unwrap().len(), 2);
    assert_eq!(changes[editor.uri("environments.sync")].as_array().unwrap().len(), 1);
    editor.close();
}

#[test]
fn hints_symbols_colours_and_formatting_are_served() {
    let project = project();
    let mut editor = Editor::open(&project, json!({ "environment": "prod" }));
    editor.open_text("base.sync", &BASE.replace("path =", "path  ="));
    editor.diagnostics("base.sync", 1);
    let uri = editor.uri("base.sync");
    let whole =
        json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 9, "character": 0 } });
    let about = json!({ "textDocument": { "uri": uri }, "range": whole, "options": {} });
    let hints = editor.ask("textDocument/inlayHint", about.clone());
    assert_eq!(hints["result"][0]["label"], "= \"note-3\"");
    let symbols = editor.ask("textDocument/documentSymbol", about.clone());
    assert_eq!(symbols["result"][0]["name"], "base");
    assert_eq!(symbols["result"][0]["children"][1]["detail"], "local.file");
    let found = editor.ask("workspace/symbol", json!({ "query": "RPLCS" }));
    let found = found["result"].as_array().unwrap();
    let names: Vec<_> = found.iter().map(|own| (&own["name"], &own["containerName"])).collect();
    assert!(names.contains(&(&json!("replicas"), &json!("base"))), "{names:?}");
    assert_eq!(found[0]["location"]["uri"], uri.as_str());
    let none = editor.ask("workspace/symbol", json!({ "query": "nothing of that name" }));
    assert_eq!(none["result"], json!([]));
    let colours = editor.ask("textDocument/semanticTokens/full", about.clone());
    assert_eq!(colours["result"]["data"].as_array().unwrap().len() % 5, 0);
    let formatted = editor.ask("textDocument/formatting", about);
    assert!(formatted["result"][0]["newText"].as_str().unwrap().contains("path    = "));
    editor.close();
}

#[test]
fn requests_are_always_answered() {
    let project = project();
    let mut editor = Editor::open(&project, json!({}));
    for method in ["textDocument/nonsense", "nonsense"] {
        let answer = editor.ask(method, json!({}));
        assert_eq!(answer["error"]["code"], -32601);
        let message = answer["error"]["message"].as_str().unwrap();
        assert!(message.contains(&format!("`{method}` is no request")), "{message}");
    }
    let answer = editor.ask("textDocument/hover", json!({}));
    assert_eq!(answer["error"]["code"], -32602);
    let answer = editor.at("hover", "nowhere.sync", (1, 1));
    assert!(answer["result"].is_null());
    editor.open_text("base.sync", "environment \u{1f600} {");
    let answer = editor.at("completion", "base.sync", (0, 99));
    assert!(answer["result"].is_object(), "{answer}");
    let ids: Vec<i64> = (2..12)
        .map(|version| {
            editor.change("base.sync", version, (0, 0), (0, 0), "x");
            let uri = editor.uri("base.sync");
            let params = json!({ "textDocument": { "uri": uri } });
            editor.request("textDocument/semanticTokens/full", params)
        })
        .collect();
    editor.tell("$/cancelRequest", json!({ "id": ids[9] }));
    for id in ids {
        let answer = editor.wait(|message| message["id"] == id);
        assert!(answer.get("result").is_some() != answer.get("error").is_some(), "{answer}");
    }
    editor.close();
}

#[test]
fn a_body_that_is_no_message_is_answered_and_ends_nothing() {
    let project = project();
    let mut editor = Editor::open(&project, json!({}));
    for (body, id, code) in [
        ("{\"jsonrpc\": \"2.0\", \"id\": 70, \"method\":", Value::Null, -32700),
        ("", Value::Null, -32700),
        ("[]", Value::Null, -32600),
        ("{\"jsonrpc\": \"2.0\", \"id\": 70, \"method\": 1}", json!(70), -32600),
    ] {
        editor.write(body);
        let answer = editor.wait(|message| message.get("error").is_some());
        assert_eq!((&answer["id"], &answer["error"]["code"]), (&id, &json!(code)), "{body}");
    }
    editor.open_text("base.sync", BASE);
    assert!(editor.diagnostics("base.sync", 1).is_empty());
    editor.close();
}
