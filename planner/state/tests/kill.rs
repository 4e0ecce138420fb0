//! A process that is killed while it writes: what it was told is durable is there afterwards.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;

use syncline_model::{Address, EnvironmentName};
use syncline_planner::record::{Body, Log};
use syncline_state::{KeySeal, SqliteBackend, StoredLog, verify};

const FILE: &str = "SYNCLINE_TEST_STATE_FILE";

fn open(path: &std::path::Path) -> StoredLog {
    let environment = EnvironmentName("dev".into());
    SqliteBackend::new(path).log(&environment, Arc::new(KeySeal::new(&[1; 32])), Arc::new(|| 5))
}

fn forgotten(number: u64) -> Body {
    Body::Forgotten { address: Address::instance("jobs", &number.to_string()) }
}

/// The child: appends pairs from several tasks for ever, and prints each mark that it is given.
/// In a run of the tests by themselves there is no file for it, and it does nothing.
#[test]
fn child() {
    let Some(path) = std::env::var_os(FILE).map(PathBuf::from) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    runtime.block_on(async {
        let log = Arc::new(open(&path));
        let last = log.read(0).await.unwrap().len() as u64;
        log.append(vec![forgotten(0), forgotten(0)], Some(last)).await.unwrap();
        let mut tasks = tokio::task::JoinSet::new();
        for task in 1..=8 {
            let log = Arc::clone(&log);
            tasks.spawn(async move {
                loop {
                    let pair = vec![forgotten(task), forgotten(task)];
                    let mark = log.append(pair, None).await.unwrap();
                    println!("durable {} {}", mark.sequence, mark.hash);
                }
            });
        }
        tasks.join_all().await;
    });
}

#[test]
fn what_was_acknowledged_survives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(".syncline/state.db");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    for round in 0..10 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child", "--nocapture"])
            .env(FILE, &path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // The moment differs from round to round, and falls anywhere between two syncs.
        let enough = 3 + round * 7;
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let is_mark = |line: &String| line.starts_with("durable ");
        let mut marks: Vec<String> = lines.by_ref().filter(is_mark).take(enough).collect();
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(marks.len(), enough, "round {round}");
        marks.extend(lines.filter(is_mark));

        let records = runtime.block_on(open(&path).read(0)).unwrap();
        let backend = SqliteBackend::new(&path);
        runtime.block_on(verify(&backend, &EnvironmentName("dev".into()))).unwrap();
        assert!(records.chunks(2).all(|pair| pair[0].body == pair[1].body), "round {round}");
        for mark in marks {
            let mut words = mark.split(' ').skip(1);
            // The kill may have cut the last line short.
            let (Some(sequence), Some(hash)) = (words.next(), words.next()) else { continue };
            if hash.len() == 64 {
                let record = &records[sequence.parse::<usize>().unwrap() - 1];
                assert_eq!(record.hash.to_string(), hash, "round {round}");
            }
        }
    }
}
