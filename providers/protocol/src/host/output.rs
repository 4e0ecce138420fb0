//! What a provider writes: passed on as log lines, its end kept for error messages.
//!
//! Laws: output is read for as long as there is any, so that a provider never waits for a reader;
//! however much it is, what is kept is bounded.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use syncline_model::Str;
use tokio::io::{AsyncRead, AsyncReadExt as _};

use super::options::{Level, LogLine, LogSink};

/// The lines that are kept for error messages.
const KEPT_LINES: usize = 40;
/// The longest line that is read, in bytes: one that is cut is no line of the plugin library any more.
const LONGEST_LINE: usize = 256 * 1024;
/// The longest line that is kept, in bytes.
const LONGEST_KEPT: usize = 4 * 1024;

/// Where a provider's output goes.
pub(super) struct Output {
    provider: Str,
    log: Option<LogSink>,
    tail: Mutex<VecDeque<String>>,
}

impl Output {
    pub(super) fn new(provider: Str, log: Option<LogSink>) -> Arc<Self> {
        Arc::new(Self { provider, log, tail: Mutex::default() })
    }

    /// Returns the last lines that matter, for an error message; empty when there are none.
    pub(super) fn tail(&self) -> String {
        let tail = self.tail.lock().unwrap_or_else(PoisonError::into_inner);
        tail.iter().map(String::as_str).collect::<Vec<_>>().join("\n")
    }

    /// Forgets what was written so far: it is about a start that has succeeded.
    pub(super) fn forget(&self) {
        self.tail.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Reads a stream to its end.
    pub(super) async fn drain(&self, mut stream: impl AsyncRead + Unpin, starting: Vec<u8>) {
        let mut lines = Lines::default();
        lines.push(&starting, &mut |line| self.line(line));
        let mut chunk = vec![0; 32 * 1024];
        loop {
            match stream.read(&mut chunk).await {
                Ok(0) | Err(_) => break,
                Ok(length) => lines.push(&chunk[..length], &mut |line| self.line(line)),
            }
        }
        lines.finish(&mut |line| self.line(line));
    }

    /// Takes one line.
    pub(super) fn line(&self, bytes: &[u8]) {
        let text = String::from_utf8_lossy(&bytes[..bytes.len().min(LONGEST_LINE)]);
        let text = text.trim_end();
        if text.is_empty() {
            return;
        }
        let line = self.parse(text);
        if line.level >= Level::Info {
            let mut tail = self.tail.lock().unwrap_or_else(PoisonError::into_inner);
            if tail.len() == KEPT_LINES {
                tail.pop_front();
            }
            let end = line.message.floor_char_boundary(LONGEST_KEPT);
            tail.push_back(line.message[..end].to_owned());
        }
        if let Some(log) = &self.log {
            log(&line);
        }
    }

    /// Reads the form that the plugin library logs in; anything else is a line of text.
    fn parse(&self, text: &str) -> LogLine {
        let provider = self.provider.clone();
        let json: Option<serde_json::Value> =
            text.starts_with('{').then(|| serde_json::from_str(text).ok()).flatten();
        let field = |name: &str| json.as_ref()?.get(name)?.as_str();
        let Some(message) = field("@message") else {
            let (module, message, fields) = (String::new(), printable(text), String::new());
            return LogLine { provider, level: Level::Info, module, message, fields };
        };
        let level = field("@level").and_then(Level::named).unwrap_or(Level::Info);
        let module = printable(field("@module").unwrap_or_default());
        let others = json.iter().filter_map(serde_json::Value::as_object).flatten();
        let others = others.filter(|(name, _)| !name.starts_with('@'));
        let others: Vec<String> = others.map(|(name, value)| format!("{name}={value}")).collect();
        let (message, fields) = (printable(message), printable(&others.join(" ")));
        LogLine { provider, level, module, message, fields }
    }
}

/// Returns the text without what could move a terminal's cursor.
fn printable(text: &str) -> String {
    let plain = |character: char| match character {
        '\t' => ' ',
        '\n' => '\n',
        control if control.is_control() => '\u{fffd}',
        other => other,
    };
    text.chars().map(plain).collect()
}

/// Cuts bytes into lines. What is beyond the longest line is dropped.
#[derive(Default)]
pub(super) struct Lines {
    started: Vec<u8>,
}

impl Lines {
    pub(super) fn push(&mut self, mut bytes: &[u8], line: &mut dyn FnMut(&[u8])) {
        while let Some(at) = bytes.iter().position(|byte| *byte == b'\n') {
            self.extend(&bytes[..at]);
            line(&self.started);
            self.started.clear();
            bytes = &bytes[at + 1..];
        }
        self.extend(bytes);
    }

    pub(super) fn finish(&mut self, line: &mut dyn FnMut(&[u8])) {
        if !self.started.is_empty() {
            line(&self.started);
            self.started.clear();
        }
    }

    fn extend(&mut self, bytes: &[u8]) {
        let room = LONGEST_LINE.saturating_sub(self.started.len());
        self.started.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_kept_within_bounds() {
        let output = Output::new("x".into(), None);
        for number in 0..1000 {
            output.line(format!("line {number}").as_bytes());
        }
        let tail = output.tail();
        assert_eq!(tail.lines().count(), KEPT_LINES);
        assert!(tail.ends_with("line 999"));
        output.line(&vec![b'a'; 1 << 20]);
        assert_eq!(output.tail().lines().last().map(str::len), Some(LONGEST_KEPT));
        let mut longest = 0;
        let mut lines = Lines::default();
        lines.push(&vec![b'a'; 1 << 20], &mut |_| {});
        lines.push(b"\n", &mut |line| longest = line.len());
        assert_eq!(longest, LONGEST_LINE);
    }

    #[test]
    fn what_the_plugin_library_logs_is_understood() {
        let output = Output::new("x".into(), None);
        output.line(br#"{"@level":"debug","@message":"quiet","@module":"sdk"}"#);
        output.line(br#"{"@level":"error","@message":"loud"}"#);
        output.line(b"panic: \x1b[31mred");
        assert_eq!(output.tail(), "loud\npanic: \u{fffd}[31mred");
        let line =
            output.parse(r#"{"@level":"Warn","@message":"sent","@timestamp":"t","url":"/","n":2}"#);
        assert_eq!((line.level, line.fields.as_str()), (Level::Warn, "n=2 url=\"/\""));
        assert_eq!(Level::named("loud"), None);
    }
}
