//! The language server under an editor: how long answers take right after an edit.
//!
//! Takes the binary and a generated project; opens its source, types, and asks for completion and
//! hover at once, before the edit can have been analysed. Speaks over the standard streams, as an
//! editor does.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

use wait4::Wait4 as _;

use super::measure::Measurement;
use super::table::Table;
use crate::Failure;

/// How often it is typed and asked.
const TIMES: usize = 30;

/// Adds the slowest of many answers of each kind.
///
/// # Errors
/// When the server does not answer.
pub(super) fn measure_all(
    table: &mut Table,
    binary: &Path,
    project: &Path,
    (name, size): (&str, usize),
) -> Result<(), Failure> {
    let path = project.join("main.sync");
    let text = std::fs::read_to_string(&path)
        .map_err(|error| format!("{} could not be read: {error}", path.display()))?;
    let mut session = Session::start(binary, project)?;
    let start = Instant::now();
    session.open(&text)?;
    session.wait("publishDiagnostics")?;
    let first = start.elapsed().as_secs_f64();
    // A line in the middle of the file, in the body of the first environment.
    let lines: Vec<&str> = text.lines().collect();
    let body = lines.len().min(size * 5 / 2 + 8);
    let near = lines[..body].iter().rposition(|line| line.starts_with("  resource"));
    let line = near.ok_or("the generated project has no resource")?;
    let mut slowest = [0.0_f64; 3];
    for time in 0..TIMES {
        let typed = if time == 0 { "  let typed = repl\n" } else { "x" };
        let column = if time == 0 { 0 } else { 17 + time };
        let version = time + 2;
        session.type_in(version, (line, column), typed)?;
        let start = Instant::now();
        session.ask("completion", (line, 18))?;
        slowest[0] = slowest[0].max(start.elapsed().as_secs_f64());
        let start = Instant::now();
        session.ask("hover", (line + 2, 22))?;
        slowest[1] = slowest[1].max(start.elapsed().as_secs_f64());
    }
    let start = Instant::now();
    session.type_in(TIMES + 2, (line, 18), "icas // ")?;
    session.wait(&format!("\"version\":{}", TIMES + 2))?;
    slowest[2] = start.elapsed().as_secs_f64();
    let bytes = session.end()?;
    let rows = [
        ("completion after an edit, slowest of 30", slowest[0]),
        ("hover after an edit, slowest of 30", slowest[1]),
        ("diagnostics after an edit", slowest[2]),
        ("diagnostics after opening", first),
    ];
    for (what, seconds) in rows {
        table.add(&format!("lsp, {name}: {what}"), size, Measurement { seconds, bytes, own: 0 });
    }
    Ok(())
}

struct Session {
    server: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    uri: String,
    next: usize,
}

impl Session {
    fn start(binary: &Path, project: &Path) -> Result<Self, Failure> {
        let mut server = Command::new(binary)
            .arg("lsp")
            .current_dir(project)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{} lsp did not start: {error}", binary.display()))?;
        let (input, output) = (server.stdin.take(), server.stdout.take());
        let (Some(input), Some(output)) = (input, output) else {
            return Err("the server has no streams".to_owned());
        };
        let uri = format!("file://{}/main.sync", project.display());
        let mut session = Self { server, input, output: BufReader::new(output), uri, next: 0 };
        session.request("initialize", "{\"capabilities\":{}}")?;
        session.notify("initialized", "{}")?;
        Ok(session)
    }

    fn send(&mut self, message: &str) -> Result<(), Failure> {
        write!(self.input, "Content-Length: {}\r\n\r\n{message}", message.len())
            .and_then(|()| self.input.flush())
            .map_err(|error| format!("the server is gone: {error}"))
    }

    fn notify(&mut self, method: &str, params: &str) -> Result<(), Failure> {
        self.send(&format!("{{\"jsonrpc\":\"2.0\",\"method\":\"{method}\",\"params\":{params}}}"))
    }

    fn request(&mut self, method: &str, params: &str) -> Result<(), Failure> {
        self.next += 1;
        let id = self.next;
        self.send(&format!(
            "{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"{method}\",\"params\":{params}}}"
        ))?;
        self.wait(&format!("\"id\":{id},")).map(drop)
    }

    /// Waits for a message that has a text in it.
    fn wait(&mut self, mark: &str) -> Result<String, Failure> {
        loop {
            let message = self.read().ok_or_else(|| format!("the server ended before {mark}"))?;
            if message.contains(mark) {
                return Ok(message);
            }
        }
    }

    fn read(&mut self) -> Option<String> {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if self.output.read_line(&mut line).ok()? == 0 {
                return None;
            }
            match line.trim().strip_prefix("Content-Length: ") {
                Some(number) => length = number.parse().ok()?,
                None if line.trim().is_empty() => break,
                None => {}
            }
        }
        let mut body = vec![0; length];
        self.output.read_exact(&mut body).ok()?;
        String::from_utf8(body).ok()
    }

    fn open(&mut self, text: &str) -> Result<(), Failure> {
        let (uri, text) = (&self.uri, quoted(text));
        let document = format!(
            "{{\"uri\":\"{uri}\",\"languageId\":\"syncline\",\"version\":1,\"text\":{text}}}"
        );
        self.notify("textDocument/didOpen", &format!("{{\"textDocument\":{document}}}"))
    }

    fn type_in(
        &mut self,
        version: usize,
        (line, column): (usize, usize),
        text: &str,
    ) -> Result<(), Failure> {
        let (uri, text) = (&self.uri, quoted(text));
        let at = format!("{{\"line\":{line},\"character\":{column}}}");
        let change = format!("{{\"range\":{{\"start\":{at},\"end\":{at}}},\"text\":{text}}}");
        let document = format!("{{\"uri\":\"{uri}\",\"version\":{version}}}");
        self.notify(
            "textDocument/didChange",
            &format!("{{\"textDocument\":{document},\"contentChanges\":[{change}]}}"),
        )
    }

    fn ask(&mut self, what: &str, (line, column): (usize, usize)) -> Result<(), Failure> {
        let params = format!(
            "{{\"textDocument\":{{\"uri\":\"{}\"}},\"position\":{{\"line\":{line},\"character\":{column}}}}}",
            self.uri
        );
        self.request(&format!("textDocument/{what}"), &params)
    }

    /// Ends the server; returns its largest resident set.
    fn end(mut self) -> Result<u64, Failure> {
        self.request("shutdown", "null")?;
        self.notify("exit", "null")?;
        let used = self.server.wait4().map_err(|error| format!("the server was lost: {error}"))?;
        Ok(used.rusage.maxrss)
    }
}

/// Returns a text as a JSON string.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}
