//! Where everything that the command line says goes.
//!
//! Data goes to the standard output, everything else to the standard error; both through one
//! [`Output`], which knows whether colours and Unicode are wanted. A reader that has closed its end
//! of the pipe is no error: what is left to say is dropped. Data that cannot be written for another reason, as
//! on a full disk, is lost, and [`Output::lost`] says so. Tests capture both streams.

use std::fmt::Write as _;
use std::io::{BufRead as _, IsTerminal as _, Write};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// Colours and other emphasis, or none of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Paint {
    /// Whether escape sequences are written.
    pub enabled: bool,
}

/// An emphasis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// As it is.
    Plain,
    /// Headings.
    Bold,
    /// What matters less.
    Dim,
    /// What is made, and success.
    Green,
    /// What changes, and warnings.
    Yellow,
    /// What is destroyed, and errors.
    Red,
    /// What is read.
    Cyan,
}

impl Paint {
    /// Returns the text with an emphasis.
    #[must_use]
    pub fn apply(self, style: Style, text: &str) -> String {
        let code = match style {
            Style::Plain => return text.to_owned(),
            Style::Bold => "1",
            Style::Dim => "2",
            Style::Green => "32",
            Style::Yellow => "33",
            Style::Red => "31",
            Style::Cyan => "36",
        };
        if !self.enabled || text.is_empty() {
            return text.to_owned();
        }
        let mut painted = String::with_capacity(text.len() + 9);
        let _ = write!(painted, "\u{1b}[{code}m{text}\u{1b}[0m");
        painted
    }
}

/// The two streams and how to write on them.
#[derive(Clone)]
pub struct Output {
    data: Arc<Mutex<Box<dyn Write + Send>>>,
    lost: Arc<OnceLock<String>>,
    notes: Arc<Mutex<Box<dyn Write + Send>>>,
    /// The emphasis of the standard output.
    pub data_paint: Paint,
    /// The emphasis of the standard error.
    pub notes_paint: Paint,
    /// Whether frames may be drawn with more than ASCII.
    pub unicode: bool,
    /// The width of the terminal that the standard error is, in columns.
    pub width: usize,
    /// Whether the standard error is a terminal on which lines may be redrawn.
    pub live: bool,
    /// Whether the standard input is a terminal with someone to ask.
    pub asks: bool,
}

/// A stream into memory, for tests.
#[derive(Clone, Debug, Default)]
pub struct Captured(Arc<Mutex<Vec<u8>>>);

impl Captured {
    /// Returns what was written so far.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&lock(&self.0)).into_owned()
    }
}

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        lock(&self.0).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

impl Output {
    /// Returns the streams of the process. `NO_COLOR`, `CI`, `TERM` and the locale are honoured.
    #[must_use]
    pub fn process(no_color: bool) -> Self {
        let (stdout, stderr) = (std::io::stdout(), std::io::stderr());
        let plain = no_color
            || variable("NO_COLOR").is_some()
            || variable("TERM").is_some_and(|terminal| terminal == "dumb");
        let data_paint = Paint { enabled: !plain && stdout.is_terminal() };
        let notes_paint = Paint { enabled: !plain && stderr.is_terminal() };
        let live = stderr.is_terminal() && variable("CI").is_none() && !plain_terminal();
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(variable);
        let unicode = locale.is_none_or(|locale| {
            let locale = locale.to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        });
        let width = terminal_size::terminal_size_of(&stderr)
            .map_or(100, |(width, _)| usize::from(width.0).clamp(40, 160));
        Self {
            data: Arc::new(Mutex::new(Box::new(stdout))),
            lost: Arc::default(),
            notes: Arc::new(Mutex::new(Box::new(stderr))),
            data_paint,
            notes_paint,
            unicode,
            width,
            live,
            asks: std::io::stdin().is_terminal(),
        }
    }

    /// Returns an output into memory, with its two streams: data and notes.
    #[must_use]
    pub fn captured() -> (Self, Captured, Captured) {
        let (data, notes) = (Captured::default(), Captured::default());
        let output = Self {
            data: Arc::new(Mutex::new(Box::new(data.clone()))),
            lost: Arc::default(),
            notes: Arc::new(Mutex::new(Box::new(notes.clone()))),
            data_paint: Paint::default(),
            notes_paint: Paint::default(),
            unicode: true,
            width: 100,
            live: false,
            asks: false,
        };
        (output, data, notes)
    }

    /// Writes data, as it is.
    pub fn data(&self, text: &str) {
        self.bytes(text.as_bytes());
    }

    /// Writes bytes as data.
    pub fn bytes(&self, bytes: &[u8]) {
        self.keep(write_all(&self.data, bytes));
    }

    /// Returns why some of the data could not be written; none when all of it was, or its reader has left.
    #[must_use]
    pub fn lost(&self) -> Option<&str> {
        self.lost.get().map(String::as_str)
    }

    fn keep(&self, written: std::io::Result<()>) {
        if let Err(error) = written
            && error.kind() != std::io::ErrorKind::BrokenPipe
        {
            let _the_first_one_counts = self.lost.set(error.to_string());
        }
    }

    /// Writes a line of data.
    pub fn line(&self, text: &str) {
        let mut line = String::with_capacity(text.len() + 1);
        line.push_str(text);
        line.push('\n');
        self.bytes(line.as_bytes());
    }

    /// Writes a line of JSON data, piece by piece as it is made.
    pub fn json(&self, document: &impl serde::Serialize) {
        let mut stream = lock(&self.data);
        let mut stream = std::io::BufWriter::with_capacity(1 << 16, &mut **stream);
        let written = serde_json::to_writer(&mut stream, document)
            .map_err(std::io::Error::from)
            .and_then(|()| stream.write_all(b"\n"))
            .and_then(|()| stream.flush());
        self.keep(written);
    }

    /// Writes a line beside the data.
    pub fn note(&self, text: &str) {
        let mut line = String::with_capacity(text.len() + 1);
        line.push_str(text);
        line.push('\n');
        self.prompt(&line);
    }

    /// Writes beside the data, without ending the line.
    pub fn prompt(&self, text: &str) {
        // There is no one left to tell of an error.
        let _ = write_all(&self.notes, text.as_bytes());
    }

    /// Returns a line that the user types; `None` at the end of the input.
    #[must_use]
    pub fn answer(&self) -> Option<String> {
        let mut line = String::new();
        let read = std::io::stdin().lock().read_line(&mut line).ok()?;
        (read > 0).then(|| line.trim().to_owned())
    }

    /// Returns the same, and lets go on meanwhile what goes on: whoever stops waiting need not wait for a line.
    pub async fn answered(&self) -> Option<String> {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let own = self.clone();
        std::thread::spawn(move || {
            let _nobody_waits = sender.send(own.answer());
        });
        receiver.await.ok().flatten()
    }
}

impl std::fmt::Debug for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Output")
    }
}

fn plain_terminal() -> bool {
    variable("TERM").is_some_and(|terminal| terminal == "dumb")
}

fn write_all(stream: &Mutex<Box<dyn Write + Send>>, bytes: &[u8]) -> std::io::Result<()> {
    let mut stream = lock(stream);
    stream.write_all(bytes)?;
    stream.flush()
}
