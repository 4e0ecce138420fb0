//! Scanning and parsing at the same time.
//!
//! Takes the text of a file; returns its outline, and what each of its parts gave, in order. A part of
//! a large file goes to whoever is free as soon as the scanner has passed it. What was parsed ahead
//! counts only where the same part comes out in the end: who works when never shows.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};

use super::parts::{Cutter, Part};
use super::scanner::{self, Outline, Seen};
use super::{DEEP_STACK, Done, MAX_DIAGNOSTICS, Parser};

/// From this size on a file is parsed in parallel.
const PARALLEL_FROM: usize = 256 << 10;
/// After so many bytes the scanner hands over what it has passed.
const STEP: usize = 16 << 10;
/// The most threads that parse.
const MOST_THREADS: usize = 8;

/// A part that is to be parsed.
struct Job<'c> {
    at: usize,
    part: Arc<Part>,
    /// How much was reported of the parts before it.
    reported: &'c AtomicUsize,
}

impl Job<'_> {
    fn run(&self, parser: &Parser<'_>) -> (usize, Done) {
        // What was counted before a part was taken stands before it in the file: what that part
        // reports beyond the most would be cut off in the end.
        let is_full = self.reported.load(Ordering::SeqCst) >= MAX_DIAGNOSTICS;
        let mut done = parser.part(&self.part);
        if is_full {
            done.reports.clear();
        }
        self.reported.fetch_add(done.reports.len(), Ordering::SeqCst);
        (self.at, done)
    }
}

/// Scans and parses a file. The members are no longer in its outline.
pub(super) fn run(parser: &Parser<'_>) -> (Outline, Vec<Done>) {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
    if parser.text.len() < PARALLEL_FROM || threads == 1 {
        alone(parser)
    } else {
        together(parser, threads)
    }
}

/// Parses on so many threads what the scanner has passed.
fn together(parser: &Parser<'_>, threads: usize) -> (Outline, Vec<Done>) {
    let reported = [AtomicUsize::new(0), AtomicUsize::new(0)];
    let (sender, jobs) = mpsc::channel::<Job<'_>>();
    let jobs = Mutex::new(jobs);
    let work = || {
        let mut own = Vec::new();
        loop {
            let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(job) = job else { return own };
            own.push(job.run(parser));
        }
    };
    std::thread::scope(|scope| {
        let builder = || std::thread::Builder::new().stack_size(DEEP_STACK);
        let workers: Vec<_> =
            (0..threads).filter_map(|_| builder().spawn_scoped(scope, work).ok()).collect();
        let mut parts = Parts { sent: Vec::new(), sender };
        let (outline, order) = hand_over(parser, &mut parts, &reported);
        let Parts { sent, sender } = parts;
        drop(sender);
        let mut done: Vec<Option<Done>> = sent.iter().map(|_| None).collect();
        for (at, part) in workers.into_iter().filter_map(|worker| worker.join().ok()).flatten() {
            done[at] = Some(part);
        }
        // Where no thread could be started, this one does the work.
        let taken = |at: usize| done[at].take().unwrap_or_else(|| parser.part(&sent[at]));
        (outline, order.into_iter().map(taken).collect())
    })
}

/// Scans first and then parses.
fn alone(parser: &Parser<'_>) -> (Outline, Vec<Done>) {
    let mut outline = scanner::scan(parser.file, parser.text);
    let parts = cut(parser.text, outline.seen());
    outline.members = Vec::new();
    let reported = AtomicUsize::new(0);
    let done = super::on_fitting_stack(outline.deepest, || {
        let job = |part: &Arc<Part>| Job { at: 0, part: part.clone(), reported: &reported };
        parts.iter().map(|part| job(part).run(parser).1).collect()
    });
    (outline, done)
}

/// Cuts what was seen of a text into parts.
pub(super) fn cut(text: &str, seen: Seen<'_>) -> Vec<Arc<Part>> {
    let mut cutter = Cutter::new(text);
    std::iter::from_fn(|| cutter.next(seen)).map(Arc::new).collect()
}

/// The parts that were handed over, and the way they go.
struct Parts<'c> {
    sent: Vec<Arc<Part>>,
    sender: mpsc::Sender<Job<'c>>,
}

impl<'c> Parts<'c> {
    fn send(&mut self, part: Part, reported: &'c AtomicUsize) {
        let part = Arc::new(part);
        let job = Job { at: self.sent.len(), part: part.clone(), reported };
        // Nobody takes it where no thread could be started.
        let _gone = self.sender.send(job);
        self.sent.push(part);
    }
}

/// Scans and hands over the parts; returns which of them are those of the file, in order. What is
/// reported is counted anew behind parts that turned out to be none.
fn hand_over<'c>(
    parser: &Parser<'_>,
    parts: &mut Parts<'c>,
    [ahead, anew]: &'c [AtomicUsize; 2],
) -> (Outline, Vec<usize>) {
    let mut cutter = Cutter::new(parser.text);
    let mut outline = scanner::scan_in_steps(parser.file, parser.text, STEP, |seen| {
        while let Some(part) = cutter.whole(seen) {
            parts.send(part, ahead);
        }
    });
    let seen = outline.seen();
    let mut cutter = Cutter::new(parser.text);
    let mut order = Vec::with_capacity(parts.sent.len() + 1);
    for (at, part) in parts.sent.iter().enumerate() {
        let before = cutter.clone();
        if !cutter.passes(part, seen) {
            cutter = before;
            break;
        }
        order.push(at);
    }
    let reported = if order.len() == parts.sent.len() { ahead } else { anew };
    while let Some(part) = cutter.next(seen) {
        order.push(parts.sent.len());
        parts.send(part, reported);
    }
    outline.members = Vec::new();
    (outline, order)
}

#[cfg(test)]
mod tests {
    use syncline_model::FileId;

    use super::super::Trees;
    use super::*;

    /// Some members of each kind, often enough for many parts.
    fn text() -> String {
        let mut text = String::from("environment base {\n");
        for at in 0..2_000 {
            let _ = std::fmt::write(
                &mut text,
                format_args!(
                    "  /// The {at}th.\n  resource a.b r{at} {{\n    n = \"x ${{{at}}}\" // why\n  }}\n"
                ),
            );
        }
        text.push_str("}\nfn f(a: int) -> int = a\noverlay x for base { r1.n = \"y\" }\n");
        text
    }

    #[test]
    fn who_works_when_never_shows() {
        let text = text();
        let file = FileId(0);
        // What makes an item be read again, what is never closed, what is reported very often.
        let odd =
            ["", "{", "}", "(", "\"", "\"\"\"", "/*", "# no\n", "environment y {\n", ";", "\n)"];
        let places = [0, 20, text.len() / 3, text.len() / 2, text.len() - 60, text.len()];
        let places = places.map(|at| text[..at].rfind('\n').map_or(0, |at| at + 1));
        let often = text.replace("n = ", "n ");
        let texts = odd.iter().flat_map(|odd| {
            let text = &text;
            places.map(|at| format!("{}{odd}{}", &text[..at], &text[at..]))
        });
        for text in texts.chain([often]) {
            let known = Trees::default();
            let parser = Parser { file, text: &text, known: Some(&known) };
            let seen = |(outline, done): (Outline, Vec<Done>)| {
                let shown = |done: Done| format!("{:?} {:?}", done.trees, done.kept);
                let reports: Vec<_> = done.iter().flat_map(|done| done.reports.clone()).collect();
                let reports = reports[..reports.len().min(MAX_DIAGNOSTICS)].to_vec();
                let trees: Vec<_> = done.into_iter().map(shown).collect();
                (format!("{outline:?}"), reports, trees)
            };
            assert_eq!(seen(together(&parser, 3)), seen(alone(&parser)), "{text}");
        }
    }
}
