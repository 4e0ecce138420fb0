//! Fuzzing of parser, formatter, checker and evaluator.
//!
//! `fuzz SEED COUNT FOLDER SEEDS...` makes so many inputs and gives each to every stage: no panic, no
//! stage over two seconds, no more than 512 MB, and what [`stages`] asks for. Inputs that lead to a
//! message, a kind of value or a pair of them that none before led to are kept and changed further;
//! the same seed makes the same inputs. One that fails is made smaller and kept in the folder.
//! `cargo xtask fuzz` runs it; `fuzz FILE` takes one file. Ends early when the file `stop` is in the
//! folder.

mod campaign;
mod generate;
mod mutate;
mod peak;
mod random;
mod stages;

use std::collections::BTreeSet;
use std::io::Write as _;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use campaign::Corpus;
use peak::peak;
use random::Random;
use stages::{Stages, Taken};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How often it is looked whether something hangs.
const LOOK: Duration = Duration::from_secs(2);
/// After that an input is given up, and all others with it.
const HOPELESS: Duration = Duration::from_secs(120);
/// The most memory of the whole process, the seeds among it.
const LARGEST: u64 = 512 << 20;
/// What a thread of a program has.
const STACK: usize = 8 << 20;

/// How many inputs lie between two lines about how far it is.
const REPORT: u64 = 1 << 19;

/// The input that is under way, by its number, and since when.
type Running = Option<(u64, Instant)>;

/// What a campaign has and finds.
struct Shared<'a> {
    folder: &'a Path,
    seeds: Vec<String>,
    seed: u64,
    count: u64,
    /// The failures so far, each kind once.
    failures: Mutex<BTreeSet<String>>,
    taken: Mutex<Taken>,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [file] = arguments.as_slice() {
        return one(file);
    }
    let [seed, count, folder, seeds @ ..] = arguments.as_slice() else {
        say("usage: fuzz SEED COUNT FOLDER SEEDS...");
        return ExitCode::FAILURE;
    };
    let (Ok(seed), Ok(count)) = (seed.parse::<u64>(), count.parse::<u64>()) else {
        say("the seed and how many inputs there are must be numbers");
        return ExitCode::FAILURE;
    };
    let mut texts = Vec::new();
    seeds.iter().for_each(|path| collect(Path::new(path), &mut texts));
    texts.sort();
    // What is to go on for long takes all its steps, and a mutation of it too.
    texts.retain(|text| !text.contains("00000"));
    // What a panic says is in the verdict; millions of traces help nobody.
    std::panic::set_hook(Box::new(|_| {}));
    let shared = Shared {
        folder: Path::new(folder),
        seeds: texts,
        seed,
        count,
        failures: Mutex::default(),
        taken: Mutex::default(),
    };
    let running = Mutex::new(None);
    std::thread::scope(|scope| {
        let (working, done) = std::sync::mpsc::channel::<()>();
        let builder = std::thread::Builder::new().stack_size(STACK);
        let (shared, running) = (&shared, &running);
        let worker = builder.spawn_scoped(scope, move || {
            work(shared, running);
            drop(working);
        });
        watch(running, &done);
        let _ended = worker.map(std::thread::ScopedJoinHandle::join);
    });
    let failures = lock(&shared.failures);
    tell(&lock(&shared.taken), failures.len());
    if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Gives one file to every stage, and tells what comes of it and how long it takes.
#[expect(clippy::disallowed_methods, reason = "a file is read, and a time taken")]
fn one(file: &str) -> ExitCode {
    let Ok(text) = std::fs::read_to_string(file) else { return ExitCode::FAILURE };
    let start = Instant::now();
    let result = campaign::verdict(&text, &mut Stages::new());
    say(&format!("{result:?} {:?} {} MB", start.elapsed(), peak() >> 20));
    if result.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn tell(taken: &Taken, failures: usize) {
    say(&format!(
        "{} parsed, {} formatted, {} checked, {} evaluated; {failures} failures, peak {} MB",
        taken.parsed,
        taken.formatted,
        taken.checked,
        taken.evaluated,
        peak() >> 20
    ));
}

fn say(line: &str) {
    let _gone = writeln!(std::io::stdout(), "{line}");
}

/// Ends the process when an input takes so long that its end cannot be waited for.
fn watch(running: &Mutex<Running>, done: &std::sync::mpsc::Receiver<()>) {
    while done.recv_timeout(LOOK) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
        if let Some((number, since)) = *lock(running)
            && since.elapsed() > HOPELESS
        {
            say(&format!("input {number} hangs: it is in the file `running`"));
            std::process::abort();
        }
    }
}

/// Takes inputs until there are enough. The one under way stands in a file: an overflow of the stack
/// ends the process without a word.
#[expect(clippy::disallowed_methods, reason = "what is measured is time")]
fn work(shared: &Shared<'_>, own: &Mutex<Running>) {
    let note = std::fs::File::create(shared.folder.join("running"));
    let mut stages = Stages::new();
    let mut corpus = Corpus::new(shared.seeds.clone());
    let mut random = Random::new(shared.seed);
    let mut high = LARGEST;
    for number in 1..=shared.count {
        if number.is_multiple_of(1_024) && shared.folder.join("stop").exists() {
            break;
        }
        let text = corpus.input(&mut random);
        *lock(own) = Some((number, Instant::now()));
        if let Ok(note) = &note {
            let _unwritable = note.write_all_at(format!("{:8}\n{text}", text.len()).as_bytes(), 0);
        }
        let mut result = campaign::verdict(&text, &mut stages);
        corpus.note(&text, &stages, &mut random);
        if number.is_multiple_of(64) && peak() > high {
            high = u64::MAX;
            result = Err("it takes more than 512 MB, or one of those before does".to_owned());
        }
        if let Err(failure) = result
            && lock(&shared.failures).insert(failure.clone())
        {
            keep(shared.folder, number, text, &failure);
        }
        if number.is_multiple_of(REPORT) {
            tell(&stages.taken, lock(&shared.failures).len());
            say(&format!("{} features, {} inputs kept", corpus.features(), corpus.kept()));
        }
    }
    *lock(own) = None;
    *lock(&shared.taken) = stages.taken;
}

/// Makes an input that fails smaller and keeps it.
#[expect(clippy::disallowed_methods, reason = "a file is written")]
fn keep(folder: &Path, number: u64, text: String, failure: &str) {
    let is_slow = failure.contains("more than");
    let text = if is_slow { text } else { campaign::smaller(&text, failure) };
    let path = folder.join(format!("input-{number}.sync"));
    let _unwritable = std::fs::write(&path, text.as_bytes());
    say(&format!("input {number}: {failure}: {}", path.display()));
}

/// Collects the sources below a path: `.sync` files, and the files of text cases.
#[expect(clippy::disallowed_methods, reason = "the caller of the language reads the files")]
fn collect(path: &Path, texts: &mut Vec<String>) {
    if path.is_dir() {
        let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        paths.sort();
        return paths.iter().for_each(|path| collect(path, texts));
    }
    let Ok(text) = std::fs::read_to_string(path) else { return };
    if path.extension().is_some_and(|ending| ending == "sync") {
        return texts.push(text);
    }
    for section in text.split("\n=== file: ").skip(1) {
        let Some((_, body)) = section.split_once('\n') else { continue };
        texts.push(body.split("\n=== ").next().unwrap_or_default().to_owned());
    }
}
