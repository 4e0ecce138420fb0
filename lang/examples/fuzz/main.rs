//! Fuzzing of parser, formatter, checker and evaluator.
//!
//! `fuzz FIRST COUNT FOLDER SEEDS...` gives the inputs of so many seeds to every stage, one by one:
//! no panic, no stage over two seconds, no more than 512 MB, and what [`stages`] asks for. An input
//! that fails is made smaller and kept in the folder; its seed makes it again. `cargo xtask fuzz`
//! runs it. A count of 0 prints the input of the first seed; `fuzz FILE` takes one file. Ends early when the file `stop` is in the folder.

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

use peak::peak;
use stages::Taken;

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

/// The seed that a thread is at, and since when.
type Running = Option<(u64, Instant)>;

/// What a campaign has and finds.
struct Shared<'a> {
    folder: &'a Path,
    seeds: &'a [String],
    first: u64,
    end: u64,
    /// The failures so far, each kind once.
    failures: Mutex<BTreeSet<String>>,
    taken: Mutex<Taken>,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [file] = arguments.as_slice() {
        return one(file);
    }
    let [first, count, folder, seeds @ ..] = arguments.as_slice() else {
        say("usage: fuzz FIRST COUNT FOLDER SEEDS...");
        return ExitCode::FAILURE;
    };
    let (Ok(first), Ok(count)) = (first.parse::<u64>(), count.parse::<u64>()) else {
        say("the first seed and how many there are must be numbers");
        return ExitCode::FAILURE;
    };
    let mut texts = Vec::new();
    seeds.iter().for_each(|path| collect(Path::new(path), &mut texts));
    texts.sort();
    // What is to go on for long takes all its steps, and a mutation of it too.
    texts.retain(|text| !text.contains("00000"));
    if count == 0 {
        say(&campaign::input(first, &texts));
        return ExitCode::SUCCESS;
    }
    // What a panic says is in the verdict; millions of traces help nobody.
    std::panic::set_hook(Box::new(|_| {}));
    let shared = Shared {
        folder: Path::new(folder),
        seeds: &texts,
        first,
        end: first.saturating_add(count),
        failures: Mutex::default(),
        taken: Mutex::default(),
    };
    let running = Mutex::new(None);
    std::thread::scope(|scope| {
        let (working, done) = std::sync::mpsc::channel::<()>();
        let builder = std::thread::Builder::new().stack_size(STACK);
        let (shared, running) = (&shared, &running);
        let _started = builder.spawn_scoped(scope, move || {
            work(shared, running);
            drop(working);
        });
        watch(running, &done);
    });
    let taken = *lock(&shared.taken);
    let failures = lock(&shared.failures);
    say(&format!(
        "{} parsed, {} formatted, {} checked, {} evaluated; {} failures, peak {} MB",
        taken.parsed,
        taken.formatted,
        taken.checked,
        taken.evaluated,
        failures.len(),
        peak() >> 20
    ));
    if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Gives one file to every stage, and tells what comes of it and how long it takes.
#[expect(clippy::disallowed_methods, reason = "a file is read, and a time taken")]
fn one(file: &str) -> ExitCode {
    let Ok(text) = std::fs::read_to_string(file) else { return ExitCode::FAILURE };
    let start = Instant::now();
    let result = campaign::verdict(&text, &mut Taken::default());
    say(&format!("{result:?} {:?} {} MB", start.elapsed(), peak() >> 20));
    if result.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn say(line: &str) {
    let _gone = writeln!(std::io::stdout(), "{line}");
}

/// Ends the process when an input takes so long that its end cannot be waited for.
fn watch(running: &Mutex<Running>, done: &std::sync::mpsc::Receiver<()>) {
    while done.recv_timeout(LOOK) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
        if let Some((seed, since)) = *lock(running)
            && since.elapsed() > HOPELESS
        {
            say(&format!("seed {seed} hangs"));
            std::process::abort();
        }
    }
}

/// Takes seeds until there are no more. The seed under way stands in a file: an overflow of the stack
/// ends the process without a word.
#[expect(clippy::disallowed_methods, reason = "what is measured is time")]
fn work(shared: &Shared<'_>, own: &Mutex<Running>) {
    let note = std::fs::File::create(shared.folder.join("running"));
    let mut taken = Taken::default();
    let mut high = LARGEST;
    for seed in shared.first..shared.end {
        if seed % 1_024 == 0 && shared.folder.join("stop").exists() {
            break;
        }
        let text = campaign::input(seed, shared.seeds);
        *lock(own) = Some((seed, Instant::now()));
        if let Ok(note) = &note {
            let _unwritable = note.write_all_at(format!("{seed:20}\n").as_bytes(), 0);
        }
        let mut result = campaign::verdict(&text, &mut taken);
        if seed % 64 == 0 && peak() > high {
            high = u64::MAX;
            result = Err("it takes more than 512 MB, or one of those before does".to_owned());
        }
        if let Err(failure) = result
            && lock(&shared.failures).insert(failure.clone())
        {
            let is_slow = failure.contains("more than");
            let text = if is_slow { text } else { campaign::smaller(&text, &failure) };
            let path = shared.folder.join(format!("seed-{seed}.sync"));
            let _unwritable =
                std::fs::File::create(&path).and_then(|mut file| file.write_all(text.as_bytes()));
            say(&format!("seed {seed}: {failure}: {}", path.display()));
        }
    }
    *lock(own) = None;
    let mut sum = lock(&shared.taken);
    sum.parsed += taken.parsed;
    sum.formatted += taken.formatted;
    sum.checked += taken.checked;
    sum.evaluated += taken.evaluated;
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
