//! `@health` against real servers and programs on this machine.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::process::Project;

/// Starts a server that refuses so many requests before it is ready; returns its port and how often it was asked.
fn server(refusals: usize, answer: &'static str) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut request = [0; 4096];
            let read = stream.read(&mut request).unwrap_or(0);
            if read == 0 {
                continue;
            }
            let is_trusted = String::from_utf8_lossy(&request[..read]).contains("hunter2");
            let ready = count.fetch_add(1, Ordering::SeqCst) >= refusals && is_trusted;
            let status = if ready { "200 OK" } else { "503 Service Unavailable" };
            let length = answer.len();
            let _gone = write!(
                stream,
                "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{answer}"
            );
        }
    });
    (port, asked)
}

fn source(port: u16, more: &str) -> String {
    format!(
        r#"environment dev {{
  secret param token: string
  resource local.file web {{
    @health(
      http = "http://127.0.0.1:{port}/${{self.path}}", headers = {{ "x-token" = token }}, contains = "ready",
      every = 10ms, within = 20s{more}
    )
    @health(tcp = "127.0.0.1:{port}", every = 10ms)
    @health(command = ["cat", self.path], every = 10ms, within = 5s)
    path = "web.txt", content = "one"
  }}
  resource local.file dns {{ path = "dns.txt", content = web.path }}
}}
"#
    )
}

#[test]
fn what_depends_on_a_resource_waits_until_it_answers() {
    let (port, asked) = server(3, "it is ready");
    let project = Project::with(&source(port, ", successes = 2"));
    project.run(&["check", "--set", "token=hunter2"]).exits(0);
    let plan =
        project.run(&["plan", "dev", "--set", "token=hunter2", "--out", "saved.plan"]).exits(0);
    plan.says("# then http").says("has to answer within 20s").says("# then command");
    let applied =
        project.run(&["apply", "--plan", "saved.plan", "--yes", "--set", "token=hunter2"]).exits(0);
    applied.says("2 added, 0 changed, 0 destroyed");
    assert!(asked.load(Ordering::SeqCst) >= 5, "three refusals and two successes");
    project.run(&["plan", "dev", "--set", "token=hunter2"]).exits(0).says("No changes");
    project.run(&["history", "dev"]).exits(0).says("done");
    let saved = std::fs::read_to_string(project.path("saved.plan")).unwrap();
    assert!(!saved.contains("hunter2"), "a secret stands in the saved plan");
    let state = std::fs::read(project.path(".syncline/state.db")).unwrap();
    assert!(!state.windows(7).any(|own| own == b"hunter2"), "a secret stands in the state");
}

#[test]
fn what_does_not_answer_is_asked_again_by_the_next_apply() {
    let (port, _) = server(usize::MAX, "it is ready");
    let project = Project::with(&source(port, "").replace("within = 20s", "within = 100ms"));
    let failed = project.run(&["apply", "dev", "--yes", "--set", "token=hunter2"]).exits(1);
    let failed =
        failed.says("E0614").says("`web` is not healthy: it answered 503 Service Unavailable");
    failed.says("Apply incomplete: 1 added, 0 changed, 0 destroyed");
    assert!(project.path("web.txt").exists() && !project.path("dns.txt").exists());
    let json = project.run(&["plan", "dev", "--json", "--set", "token=hunter2"]).exits(0);
    assert!(
        !json.stdout.contains("hunter2") && json.stdout.contains("\"unseen\""),
        "{}",
        json.stdout
    );
    let (port, _) = server(0, "it is ready");
    project.write("main.sync", source(port, ""));
    project
        .run(&["plan", "dev", "--set", "token=hunter2"])
        .exits(0)
        .says("its health has not been seen yet");
    project.run(&["apply", "dev", "--yes", "--set", "token=hunter2"]).exits(0).says("1 added");
    project.run(&["plan", "dev", "--set", "token=hunter2"]).exits(0).says("No changes");
}

#[test]
fn what_was_seen_is_told_without_secrets() {
    let (port, _) = server(0, "not yet");
    let asks = |annotation: &str| {
        format!(
            "environment dev {{\n  secret param token: string\n  \
             resource local.file web {{\n    @health({annotation}, every = 10ms, within = 30ms)\n    \
             path = \"web.txt\", content = \"one\"\n  }}\n}}\n"
        )
    };
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for (annotation, said) in [
        (
            format!(
                "http = \"http://127.0.0.1:{port}/\", headers = {{ a = token }}, contains = \"ready\""
            ),
            "its answer does not contain what it has to",
        ),
        (format!("http = \"http://127.0.0.1:{port}/\", status = 418"), "it answered 503"),
        (format!("tcp = \"127.0.0.1:{closed}\""), "refused"),
        (format!("http = \"http://127.0.0.1:{closed}/\""), "refused"),
        ("command = [\"no-such-program\"]".to_owned(), "the program cannot be run: No such file"),
        (
            "command = [\"sh\", \"-c\", \"echo ${token} >&2; exit 3\"]".to_owned(),
            "the program ended with 3\n",
        ),
        (
            "command = [\"sh\", \"-c\", \"echo no; exit 3\"]".replace("no;", "no >&2;"),
            "the program ended with 3: no",
        ),
        ("command = [\"sleep\", \"60\"], timeout = 50ms".to_owned(), "no answer came within 50ms"),
    ] {
        let project = Project::with(&asks(&annotation));
        let run =
            project.run(&["apply", "dev", "--yes", "--set", "token=hunter2"]).exits(1).says(said);
        assert!(!format!("{}{}", run.stdout, run.stderr).contains("hunter2"), "{}", run.stderr);
    }
}

#[test]
fn a_look_at_health_that_is_given_up_is_told_as_that() {
    let project = Project::with(
        "environment dev {\n  resource local.command web {\n    create = \"true\"\n    \
         @health(command = [\"sh\", \"-c\", \"echo asked > asked; cat gate; false\"], within = 5m)\n  }\n  \
         resource local.file after { path = \"after\", content = web.stdout }\n}\n",
    );
    project.pipe("asked");
    project.pipe("gate");
    let run = project.command(&["apply", "dev", "--yes", "--json"]).spawn().unwrap();
    // Somebody asks by now.
    assert_eq!(std::fs::read_to_string(project.path("asked")).unwrap(), "asked\n");
    assert!(crate::process::signal(run.id(), "INT").success());
    let run = crate::process::finish(run).exits(130).says("Health still open: web.");
    let run = run.says("Not started: after.");
    assert!(run.stdout.contains("\"unseen\":[\"web\"]"), "{}", run.stdout);
}
