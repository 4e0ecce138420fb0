//! Input that means harm, or was mangled: a diagnostic, exit code 1, in bounded time and memory.

use crate::process::Project;

/// Checks that a source is refused with a diagnostic.
#[track_caller]
fn refused(source: impl AsRef<[u8]>) {
    let project = Project::new();
    project.write("main.sync", source);
    let run = project.run(&["check"]).exits(1);
    assert!(run.stderr.contains("E0"), "no diagnostic:\n{}", run.stderr);
    assert!(run.stderr.len() < 200_000, "{} bytes of diagnostics", run.stderr.len());
}

/// Checks that a source is read, whatever comes of it.
#[track_caller]
fn survived(source: impl AsRef<[u8]>) {
    let project = Project::new();
    project.write("main.sync", source);
    let run = project.run(&["check"]);
    assert!(matches!(run.code, Some(0 | 1)), "{:?}\n{}", run.code, run.stderr);
    assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
}

#[test]
fn brackets_nested_ten_thousand_deep() {
    for (open, close) in [("[", "]"), ("(", ")"), ("{ a = ", " }"), ("if true then ", " else 1")] {
        let (open, close) = (open.repeat(10_000), close.repeat(10_000));
        refused(format!("environment dev {{ let a = {open}1{close} }}\n"));
        refused(format!("environment dev {{ let a = {open}"));
    }
    refused(format!("environment dev {{ let a = {}1 }}\n", "-".repeat(100_000)));
    refused(format!("environment dev {{ let a = 1{} }}\n", " + 1".repeat(100_000)));
    refused(format!("environment dev {{ let a = x{} }}\n", ".y".repeat(100_000)));
    refused(format!("type T = {}int{}\n", "[".repeat(10_000), "]".repeat(10_000)));
    refused(format!("environment dev {{ let a = \"{}x\" }}\n", "${\"".repeat(10_000)));
}

#[test]
fn a_file_of_fifty_megabytes() {
    let line = "  let a = \"0123456789012345678901234567890123456789\"\n";
    let body = line.repeat(50_000_000 / line.len());
    refused(format!("environment dev {{\n{body}}}\n"));
}

#[test]
fn a_file_of_eighty_megabytes_without_contents() {
    let project = Project::new();
    let file = std::fs::File::create(project.path("main.sync")).unwrap();
    file.set_len(80 << 20).unwrap();
    project.run(&["check"]).exits(1).says("E0803");
}

#[test]
fn a_declaration_of_nine_megabytes() {
    let project = Project::new();
    let text = "x".repeat(9 << 20);
    project.write("main.sync", format!("environment dev {{ let a = \"{text}\" }}\n"));
    project.run(&["check"]).exits(1).says("E0125");
}

#[test]
fn a_line_of_a_megabyte() {
    survived(format!("environment dev {{ let a = \"{}\" }}\n", "x".repeat(1_000_000)));
    refused(format!("environment dev {{ let a = {} }}\n", "1 ".repeat(500_000)));
    refused(format!("environment dev {{ let a = b + \"{}\" }}\n", "x".repeat(1_000_000)));
}

#[test]
fn bytes_that_are_no_text() {
    let project = Project::new();
    project.write("main.sync", b"environment dev { let a = \"\xff\xfe\" }\n");
    project.run(&["check"]).exits(1).says("E0802");
    // One byte is one mistake, and what stands behind it is there.
    for wrong in [b"environment dev { let a = \"\xff\" }\n".as_slice(), b"\xff\n", b"// \xff\n"] {
        let behind = b"environment behind { let c = 1 }\nenvironment heir extends behind {}\n";
        project.write("main.sync", [wrong, behind].concat());
        let run = project.run(&["check"]).exits(1);
        assert_eq!(run.stderr.matches("[E").count(), 1, "{}", run.stderr);
    }
    refused(b"environment dev { let a = \0 }\n");
    refused([0_u8; 4096]);
    survived(b"environment dev { let a = \"\0\" }\n");
    survived(b"\xef\xbb\xbfenvironment dev {}\n");
    survived("environment dev { let a = \"\u{202e}\u{feff}\" }\r\n");
}

#[test]
fn work_without_end() {
    refused("environment dev { let a = [for i in range(1000000000): i] }\n");
    refused("environment dev { let a = std.strings.repeat(\"x\", 1000000000000) }\n");
    let mut squares = String::from("environment dev {\n  let a0 = 10 / 3 * 1e400\n");
    for index in 1..64 {
        let before = index - 1;
        squares.push_str(&format!("  let a{index} = a{before} * a{before}\n"));
    }
    refused(squares + "}\n");
    let mut doubling = String::from("environment dev {\n  let a0 = \"xxxxxxxxxxxxxxxx\"\n");
    for index in 1..64 {
        let before = index - 1;
        doubling.push_str(&format!("  let a{index} = a{before} + a{before}\n"));
    }
    refused(doubling + "}\n");
    refused(
        "environment dev { let a = [for i in range(1000000): [for j in range(1000000): \
         [for k in range(1000000): 1]]] }\n",
    );
}

#[test]
fn folders_that_lead_back_to_themselves() {
    let project = Project::with("environment dev {}\n");
    std::os::unix::fs::symlink(".", project.path("loop")).unwrap();
    std::os::unix::fs::symlink("self.sync", project.path("self.sync")).unwrap();
    project.run(&["check"]).exits(1).says("E0801");
    std::fs::remove_file(project.path("self.sync")).unwrap();
    project.run(&["check"]).exits(0);
}

#[test]
fn a_state_that_was_truncated_or_edited() {
    let source =
        "environment dev {\n  resource local.file f { path = \"f\", content = \"x\" }\n}\n";
    let project = Project::with(source);
    project.run(&["apply", "dev", "--yes"]).exits(0);
    let path = project.path(".syncline/state.db");
    let whole = std::fs::read(&path).unwrap();
    for kept in [0, 1, 100, 4096, whole.len() / 2, whole.len() - 100] {
        for journal in ["state.db-wal", "state.db-shm"] {
            let _may_be_absent = std::fs::remove_file(project.path(".syncline").join(journal));
        }
        std::fs::write(&path, &whole[..kept]).unwrap();
        let run = project.run(&["plan", "dev"]);
        // Nothing recorded is what an empty file says; a cut through room that is not used yet takes
        // nothing away; anything else is damage.
        let intact = run.stdout.contains("No changes");
        let fine = match run.code {
            Some(0) => kept == 0 || intact,
            code => code == Some(1),
        };
        assert!(fine && !run.stderr.contains("panicked"), "{kept}: {:?}\n{}", run.code, run.stderr);
    }
    let needle = b"content";
    let at = whole.windows(needle.len()).position(|window| window == needle);
    let mut edited = whole.clone();
    edited[at.unwrap_or(whole.len() / 2)] ^= 1;
    std::fs::write(&path, &edited).unwrap();
    let run = project.run(&["state", "verify", "dev"]);
    assert_eq!(run.code, Some(1), "an edited log is found out\n{}{}", run.stdout, run.stderr);
}

#[cfg(unix)]
#[test]
fn files_are_read_below_the_project_alone() {
    let project = Project::with(
        "environment dev {\n  param path: string = \"a.txt\"\n  output text = file(path)\n  \
         output sum = std.files.sha256(path)\n}\n",
    );
    let outside = Project::empty();
    outside.write("secret.txt", "outside");
    project.write("a.txt", "inside");
    project.write("binary", b"\xff\x00");
    std::fs::create_dir(project.path("folder")).unwrap();
    std::fs::create_dir(project.path(".syncline")).unwrap();
    project.write(".syncline/kept", "kept");
    std::os::unix::fs::symlink(project.path("a.txt"), project.path("inner")).unwrap();
    std::os::unix::fs::symlink(outside.path("secret.txt"), project.path("link")).unwrap();
    std::os::unix::fs::symlink(outside.path("."), project.path("way")).unwrap();
    std::os::unix::fs::symlink(project.path(".syncline"), project.path("hidden")).unwrap();
    std::os::unix::fs::symlink(project.path("loop"), project.path("loop")).unwrap();
    project.pipe("pipe");
    let large = std::fs::File::create(project.path("large")).unwrap();
    large.set_len((16 << 20) + 1).unwrap();
    project.run(&["eval", "dev", "text", "--set", "path=inner"]).exits(0).says("inside");
    for (path, said) in [
        ("link", "not below the project"),
        ("way/secret.txt", "not below the project"),
        ("../x", "not below the project"),
        ("/etc/passwd", "not below the project"),
        ("binary", "not UTF-8"),
        ("large", "more than 16 MiB"),
        ("folder", "not a file"),
        ("pipe", "not a file"),
        ("loop", "cannot be read"),
        ("hidden/kept", "kept by a program"),
        ("b.txt", "Did you mean `a.txt`?"),
    ] {
        let run = project.run(&["check", "--set", &format!("path={path}")]).exits(1);
        run.says("E0340").says(said);
    }
}

#[cfg(unix)]
#[test]
fn folders_are_listed_below_the_project_alone() {
    let project = Project::with(
        "environment dev {\n  param path: string = \".\"\n  \
         output all = std.strings.join(std.files.list(path, \"**/*.txt\"), \" \")\n}\n",
    );
    let outside = Project::empty();
    outside.write("secret.txt", "outside");
    project.write("b.txt", "b");
    std::fs::create_dir_all(project.path("in/deep")).unwrap();
    project.write("in/deep/a.txt", "a");
    std::fs::create_dir(project.path(".syncline")).unwrap();
    project.write(".syncline/kept.txt", "kept");
    std::os::unix::fs::symlink(project.path("b.txt"), project.path("in/inner.txt")).unwrap();
    std::os::unix::fs::symlink(outside.path("secret.txt"), project.path("link.txt")).unwrap();
    std::os::unix::fs::symlink(outside.path("."), project.path("way")).unwrap();
    std::os::unix::fs::symlink(project.path("."), project.path("in/circle")).unwrap();
    project.run(&["eval", "dev", "all"]).exits(0).says("\"b.txt in/deep/a.txt in/inner.txt\"");
    project
        .run(&["eval", "dev", "all", "--set", "path=in"])
        .exits(0)
        .says("\"deep/a.txt inner.txt\"");
    for (path, said) in [
        ("way", "not below the project"),
        ("../x", "not below the project"),
        ("b.txt", "not a folder"),
        (".syncline", "kept by a program"),
        ("im", "Did you mean `in`?"),
    ] {
        let run = project.run(&["check", "--set", &format!("path={path}")]).exits(1);
        run.says("E0340").says(said);
    }
}
