//! Messages on the standard streams, each behind a header that says how long it is.
//!
//! Takes what the editor writes; gives a connection of messages. A body that is no message is answered with an error and
//! left out. What ends the connection is a header that cannot be read: nobody knows where the next one starts.

use std::io::{self, BufRead, Read as _, Write as _};
use std::thread::JoinHandle;

use lsp_server::{Connection, ErrorCode, Message};
use serde_json::{Value, json};

/// The threads that read and write.
pub(super) struct Threads {
    reader: JoinHandle<io::Result<()>>,
    writer: JoinHandle<io::Result<()>>,
}

impl Threads {
    /// Waits until everything is written; the other side of the connection has to be gone.
    pub(super) fn join(self) -> io::Result<()> {
        for thread in [self.reader, self.writer] {
            thread.join().unwrap_or_else(|_| Err(io::Error::other("a thread has panicked")))?;
        }
        Ok(())
    }
}

/// Connects to the editor that has started this program.
pub(super) fn connect() -> (Connection, Threads) {
    let (server, editor) = Connection::memory();
    let Connection { sender, receiver } = editor;
    let reader = std::thread::spawn(move || {
        let mut input = io::stdin().lock();
        while let Some(body) = body(&mut input)? {
            match message(&body) {
                Ok(message) => {
                    let is_exit =
                        matches!(&message, Message::Notification(own) if own.method == "exit");
                    if sender.send(message).is_err() || is_exit {
                        break;
                    }
                }
                Err(answer) => write(&answer)?,
            }
        }
        Ok(())
    });
    let writer = std::thread::spawn(move || {
        receiver.into_iter().try_for_each(|message| message.write(&mut io::stdout().lock()))
    });
    (server, Threads { reader, writer })
}

fn write(answer: &Value) -> io::Result<()> {
    let text = answer.to_string();
    let mut output = io::stdout().lock();
    write!(output, "Content-Length: {}\r\n\r\n{text}", text.len())?;
    output.flush()
}

/// Reads a header and what it is of; nothing at the end of the input.
fn body(input: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let broken = |problem: &str| io::Error::new(io::ErrorKind::InvalidData, problem);
    let mut length: Option<u64> = None;
    let mut line = String::new();
    loop {
        line.clear();
        if input.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').ok_or_else(|| broken("a header has no `:`"))?;
        if name.eq_ignore_ascii_case("Content-Length") {
            let number =
                value.trim().parse().map_err(|_| broken("`Content-Length` is no number"))?;
            length = Some(number);
        }
    }
    let length = length.ok_or_else(|| broken("there is no `Content-Length`"))?;
    let mut body = Vec::new();
    let read = input.take(length).read_to_end(&mut body)?;
    if (read as u64) < length { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(Some(body)) }
}

/// Returns the message that a body has, or what to answer where it has none.
fn message(body: &[u8]) -> Result<Message, Value> {
    let refused = |id: &Value, code: ErrorCode, message: String| {
        let error = json!({ "code": code as i32, "message": message });
        json!({ "jsonrpc": "2.0", "id": id, "error": error })
    };
    let value: Value = serde_json::from_slice(body).map_err(|error| {
        refused(&Value::Null, ErrorCode::ParseError, format!("the message is no JSON: {error}"))
    })?;
    let id = value.get("id").filter(|id| id.is_string() || id.is_number()).cloned();
    serde_json::from_value(value).map_err(|_| {
        let problem = "the message is no request, no answer and no notification";
        refused(&id.unwrap_or_default(), ErrorCode::InvalidRequest, problem.to_owned())
    })
}
