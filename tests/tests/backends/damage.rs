//! Logs that were cut or changed where they are kept: every byte of it is noticed, the first bad
//! record is named, and everything before it is read.

use std::path::{Path, PathBuf};

use syncline_model::{Address, Value};
use syncline_planner::record::{Body, Log as _, LogError, Record};
use syncline_state::{VerifyError, verify};

use crate::worlds::{World, dev};

fn body(number: usize) -> Body {
    if number % 3 == 2 {
        return Body::Forgotten { address: Address::parse("a").unwrap() };
    }
    let secret = Value::secret(Value::from("tiger"));
    Body::Outputs { values: vec![("n".into(), Value::from(number as i64)), ("s".into(), secret)] }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap().block_on(future)
}

/// Writes three batches of three records.
fn fill(world: &World) -> Vec<Record> {
    block_on(async {
        let log = world.log();
        for batch in 0..3 {
            log.append((0..3).map(|own| body(batch * 3 + own)).collect(), None).await.unwrap();
        }
        world.log().read(0).await.unwrap()
    })
}

/// Checks that damage is noticed, named, and that what is read is a beginning of the log.
fn check(world: &World, all: &[Record], what: &str) {
    block_on(async {
        let error = verify(&*world.backend(), &dev()).await.unwrap_err();
        let (sound, damage) = world.log().read_sound().await;
        assert!(all.starts_with(&sound) && sound.len() < all.len(), "{what}");
        assert_eq!(VerifyError::Log(damage.unwrap()), error, "{what}");
        assert!(world.log().state().await.is_err(), "{what}");
        if let VerifyError::Log(LogError::Corrupt { sequence, .. }) = error {
            assert_eq!(sequence, sound.len() as u64 + 1, "{what}");
        }
    });
}

fn batches(world: &World) -> Vec<PathBuf> {
    let folder = world.place.strip_prefix("folder ").unwrap();
    let entries = std::fs::read_dir(Path::new(folder).join("dev/log")).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

#[test]
fn objects_flipped_or_cut_at_every_byte() {
    let world = World::fresh("folder");
    let all = fill(&world);
    for (number, path) in batches(&world).iter().enumerate() {
        let whole = std::fs::read(path).unwrap();
        for at in 0..whole.len() {
            let mut flipped = whole.clone();
            flipped[at] ^= 1 << (at % 8);
            std::fs::write(path, &flipped).unwrap();
            check(&world, &all, &format!("batch {number}, byte {at} flipped"));
            std::fs::write(path, &whole[..at]).unwrap();
            check(&world, &all, &format!("batch {number}, cut at {at}"));
        }
        std::fs::write(path, [&whole[..], b"x"].concat()).unwrap();
        let (sound, damage) = block_on(world.log().read_sound());
        assert!(all.starts_with(&sound) && damage.is_some(), "batch {number} goes on");
        std::fs::write(path, &whole).unwrap();
    }
    assert_eq!(block_on(world.log().read(0)).unwrap(), all);
}

#[test]
fn an_object_that_is_gone_is_missed_by_its_number() {
    let world = World::fresh("folder");
    let all = fill(&world);
    let paths = batches(&world);
    for (number, path) in paths.iter().enumerate().take(2) {
        let whole = std::fs::read(path).unwrap();
        std::fs::remove_file(path).unwrap();
        check(&world, &all, &format!("batch {number} removed"));
        std::fs::write(path, &whole).unwrap();
    }
    let (first, second) = (std::fs::read(&paths[0]).unwrap(), std::fs::read(&paths[1]).unwrap());
    std::fs::write(&paths[0], &second).unwrap();
    check(&world, &all, "a batch in another one's place");
    std::fs::write(&paths[0], &first).unwrap();
    let newer = String::from_utf8(first).unwrap().replacen(r#""log":1"#, r#""log":2"#, 1);
    std::fs::write(&paths[0], &newer).unwrap();
    check(&world, &all, "a newer format with a false checksum");
}
