//! A process that is stopped for longer than its lease, and then goes on, never writes again.
#![cfg(unix)]

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rustix::process::{Pid, Signal, kill_process};
use syncline_model::Value;
use syncline_planner::lease::{LeaseRequest, acquire, renew};
use syncline_planner::record::{Body, Holder, Log as _};
use syncline_planner::{CancelToken, Clock, State};
use syncline_state::KeySeal;

use crate::worlds::{dev, on_each, open};

const PLACE: &str = "SYNCLINE_TEST_PAUSED";

struct Real(Instant);

impl Clock for Real {
    fn now(&self) -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64
    }

    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }
}

fn request(user: &str, duration: u64) -> LeaseRequest {
    let process = std::process::id();
    LeaseRequest {
        holder: Holder { user: user.into(), host: "h".into(), process, started: "".into() },
        purpose: "apply".into(),
        duration,
        timeout: Duration::from_secs(30),
        cancel: CancelToken::new(),
    }
}

fn body(text: &str) -> Body {
    Body::Outputs { values: vec![("text".into(), Value::from(text))] }
}

fn log_at(place: &str) -> syncline_state::StoredLog {
    let clock: syncline_state::Clock = Arc::new(|| Real(Instant::now()).now());
    syncline_state::StoredLog::new(open(place), dev(), Arc::new(KeySeal::new(&[1; 32])), clock)
}

/// The child: takes the environment, then writes and renews until it is refused; and says so.
/// In a run of the tests by themselves there is no place for it, and it does nothing.
#[test]
fn child() {
    let Ok(place) = std::env::var(PLACE) else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (log, clock) = (log_at(&place), Real(Instant::now()));
        let mut state = State::default();
        let request = request("child", 1_500);
        let mut held = acquire(&log, &mut state, request, &clock, &|_| true).await.unwrap();
        for number in 0.. {
            let written = log.append(vec![body("child")], None).await;
            let renewed = renew(&log, &mut held, &clock).await;
            println!("turn {number} {written:?} {renewed:?}");
            if written.is_err() && renewed.is_err() {
                println!("lost");
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
}

fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_raw(child.id().cast_signed()).unwrap(), signal).unwrap();
}

#[test]
fn a_paused_process_never_writes() {
    on_each(async |world| {
        if world.place.is_empty() {
            return;
        }
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "paused::child", "--nocapture"])
            .env(PLACE, &world.place)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        assert!(lines.any(|line| line.starts_with("turn 2 ")), "{}", world.name);
        signal(&child, Signal::STOP);

        let (log, clock) = (log_at(&world.place), Real(Instant::now()));
        let mut state = State::default();
        // It may have been stopped with the file's lock in its hand: then nobody can go on.
        let mut taken = None;
        for _ in 0..5 {
            let wait = LeaseRequest { timeout: Duration::from_secs(20), ..request("other", 1_500) };
            match acquire(&log, &mut state, wait, &clock, &|_| true).await {
                Ok(held) => {
                    taken = Some(held);
                    break;
                }
                Err(error) => {
                    println!("{}: {error}", world.name);
                    signal(&child, Signal::CONT);
                    tokio::time::sleep(Duration::from_millis(30)).await;
                    signal(&child, Signal::STOP);
                }
            }
        }
        let taken = taken.expect("the environment is free in the end");
        log.append(vec![body("other")], None).await.unwrap();

        signal(&child, Signal::CONT);
        assert!(lines.any(|line| line == "lost"), "{}: it goes on", world.name);
        assert!(child.wait().unwrap().success());
        log.append(vec![body("other")], None).await.unwrap();
        let records = log_at(&world.place).read(0).await.unwrap();
        let after = records.iter().filter(|record| record.sequence >= taken.number);
        let written_by_child = after
            .filter(|record| matches!(&record.body, Body::Outputs { values } if values[0].1 == Value::from("child")))
            .count();
        assert_eq!(written_by_child, 0, "{}", world.name);
    });
}
