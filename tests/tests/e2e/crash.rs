//! `kill -9` in the middle of an apply: the next run finds what was made, and goes on from there.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::MetadataExt as _;

use crate::process::{Project, finish, signal};

const FILES: usize = 200;
const MOMENTS: u64 = 20;

/// Two hundred files, a third of which wait for another one.
fn source() -> String {
    let mut text = String::from("environment dev {\n");
    for index in 0..FILES {
        let content = match index.checked_sub(7) {
            Some(other) if index % 3 == 0 => format!("\"after ${{f{other}.path}}\""),
            _ => format!("\"file {index}\""),
        };
        text.push_str(&format!(
            "  resource local.file f{index} {{ path = \"files/{index}\", content = {content} }}\n"
        ));
    }
    text + "}\n"
}

/// Returns each complete file with its inode: a file that is made again gets another one.
fn inodes(project: &Project) -> BTreeMap<String, u64> {
    let Ok(entries) = std::fs::read_dir(project.path("files")) else { return BTreeMap::new() };
    entries
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), entry.metadata().unwrap().ino()))
        .filter(|(name, _)| name.parse::<usize>().is_ok())
        .collect()
}

#[test]
fn a_killed_apply_loses_nothing_and_makes_nothing_twice() {
    let text = source();
    // A fixed sequence that looks random: the same moments in every run of the test.
    let mut seed = 12_345_u64;
    let moments = crate::scale::full(1_000, MOMENTS);
    for moment in 0..moments {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let lines = (seed >> 33) as usize % (2 * FILES);
        let spins = (seed >> 20) % 20_000;
        let project = Project::with(&text);
        let mut child = project.command(&["apply", "dev", "--yes", "--json"]).spawn().unwrap();
        let stdout = child.stdout.take().unwrap();
        let read = BufReader::new(stdout).lines().take(lines).map_while(Result::ok).count();
        for _ in 0..spins {
            std::hint::spin_loop();
        }
        signal(child.id(), "KILL");
        let killed = finish(child);
        let found = inodes(&project);
        let again = project.run(&["apply", "dev", "--yes"]).exits(0);
        let after = inodes(&project);
        let context = format!(
            "moment {moment}: killed after {read} lines ({:?}) with {} files\n{}",
            killed.code,
            found.len(),
            again.stderr
        );
        assert_eq!(after.len(), FILES, "{context}");
        for (name, inode) in &found {
            assert_eq!(after.get(name), Some(inode), "{name} was made twice; {context}");
        }
        let list = project.run(&["state", "list", "dev"]).exits(0);
        assert_eq!(list.stdout.lines().count(), FILES, "{context}");
        project.run(&["plan", "dev", "--refresh", "all"]).exits(0).says("No changes");
        let names: usize = std::fs::read_dir(project.path("files")).unwrap().count();
        assert_eq!(names, FILES, "no unfinished file is left; {context}");
    }
    crate::scale::figure(&format!(
        "killed at random moments: {moments} kills of {FILES} resources, 0 lost, 0 made twice"
    ));
}
