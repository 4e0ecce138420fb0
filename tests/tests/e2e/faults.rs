//! A provider that goes wrong in each of its calls: what is said names the provider, the call and the resource, it
//! comes in time, and the state stays true.
//!
//! And what a provider is called with: the calls of a replacement, of a destruction, of what was not known.

use crate::external::External;
use crate::process::{Run, finish, signal};

const TITLE: &str = "`fixture` (example.com/test/fixture 1.2.3)";
const THING: &str = "resource fixture.thing a { name = \"a\" }";

/// A call, whether `a` is there when it comes, the source that makes it come, and the command.
type Case = (&'static str, bool, &'static str, &'static [&'static str]);

const PLAN: &[&str] = &["plan", "dev", "--refresh", "all"];
const CASES: [Case; 13] = [
    ("GetProviderSchema", false, THING, PLAN),
    ("ConfigureProvider", false, THING, PLAN),
    ("ValidateResourceConfig", false, THING, PLAN),
    ("PlanResourceChange", false, THING, PLAN),
    ("ReadDataSource", false, "data fixture.lookup d { name = \"a\" }", PLAN),
    ("CallFunction", false, "output o = fixture::join(\",\", \"a\", \"b\")", PLAN),
    (
        "ImportResourceState",
        false,
        "resource fixture.thing a { name = \"a\" }, adopt a = \"id-a\"",
        PLAN,
    ),
    (
        "OpenEphemeralResource",
        false,
        "ephemeral fixture.lease l { name = \"l\" }, provider fixture as inner { token = l.token }, \
         resource fixture.thing a { @provider(fixture.inner), name = \"a\" }",
        PLAN,
    ),
    (
        "CloseEphemeralResource",
        false,
        "ephemeral fixture.lease l { name = \"l\" }, provider fixture as inner { token = l.token }, \
         resource fixture.thing a { @provider(fixture.inner), name = \"a\" }",
        PLAN,
    ),
    (
        "ApplyResourceChange",
        false,
        "resource fixture.thing a { @timeout(2s), name = \"a\" }",
        &["apply", "dev", "--yes"],
    ),
    ("ReadResource", true, THING, PLAN),
    ("UpgradeResourceState", true, THING, PLAN),
    ("MoveResourceState", true, "resource fixture.other a { name = \"a\" }, moved a -> a", PLAN),
];

/// Leads a fault through every call; `judge` is told the call and what the run gave.
fn each(fault: &str, judge: impl Fn(&str, Run)) {
    let Some(project) = External::with("") else { return };
    for (call, is_there, source, arguments) in CASES {
        let write = |body: &str| {
            project.0.write("main.sync", format!("environment dev {{\n  {body}\n}}\n"));
        };
        if is_there {
            write(THING);
            project.run(&["apply", "dev", "--yes"]).exits(0);
        }
        write(source);
        let fault = format!("{fault}:{call}");
        let cache = tempfile::tempdir().unwrap();
        let cache = cache.path().display().to_string();
        let mut environment =
            vec![("FIXTURE_FAULT", fault.as_str()), ("SYNCLINE_PROVIDER_TIMEOUT", "2")];
        if call == "GetProviderSchema" {
            // What a provider offers is mostly known already, and it need not be asked.
            environment.push(("XDG_CACHE_HOME", &cache));
        }
        judge(call, project.run_with(arguments, &environment));
        // Whatever it was, the record is as it was, and nothing is there that nobody knows of.
        write(THING);
        let truth = project.run(PLAN).exits(0);
        truth.says(if is_there { "No changes" } else { "1 to add, 0 to change, 0 to destroy" });
    }
}

/// Returns the exit code of a run in which a call fails: what is not closed fails nothing.
fn code(call: &str) -> i32 {
    i32::from(call != "CloseEphemeralResource")
}

#[test]
fn a_crash_in_any_call_is_told() {
    each("crash", |call, run| {
        run.exits(code(call))
            .says(TITLE)
            .says("stopped")
            .says(call)
            .says(&format!("this provider crashes in {call}"));
    });
}

#[test]
fn a_call_that_hangs_is_given_up() {
    each("hang", |call, run| {
        let run = run.exits(code(call));
        if call == "ApplyResourceChange" {
            run.says("E0603").says("`a`");
        } else {
            run.says(TITLE).says("does not answer").says(call);
        }
    });
}

#[test]
fn a_flood_in_any_call_changes_nothing() {
    let Some(project) = External::with("") else { return };
    for (call, is_there, source, arguments) in
        CASES.into_iter().filter(|case| case.0 != "MoveResourceState")
    {
        let source = if is_there { THING } else { source };
        project.0.write("main.sync", format!("environment dev {{\n  {source}\n}}\n"));
        let fault = format!("flood:{call}");
        project.run_with(arguments, &[("FIXTURE_FAULT", fault.as_str())]).exits(0);
    }
}

#[test]
fn rubbish_and_100_megabytes_are_errors() {
    for fault in ["rubbish", "huge"] {
        let answers = [
            "ReadDataSource",
            "PlanResourceChange",
            "OpenEphemeralResource",
            "ReadResource",
            "ApplyResourceChange",
        ];
        let Some(project) = External::with("") else { return };
        for (call, is_there, source, arguments) in
            CASES.into_iter().filter(|case| answers.contains(&case.0))
        {
            let write = |body: &str| {
                project.0.write("main.sync", format!("environment dev {{\n  {body}\n}}\n"));
            };
            if is_there {
                write(THING);
                project.run(&["apply", "dev", "--yes"]).exits(0);
            }
            write(source);
            let fault = format!("{fault}:{call}");
            let run = project.run_with(arguments, &[("FIXTURE_FAULT", fault.as_str())]).exits(1);
            run.says(TITLE).says("gave an answer that cannot be used").says(call);
            write(THING);
            project.run(PLAN).exits(0);
        }
    }
}

#[test]
fn what_is_warned_of_many_instances_is_said_once() {
    let source = "environment dev {\n  resource fixture.thing a[n in range(9)] { name = \"a${n}\", fail = \"never\" }\n}\n";
    let Some(project) = External::with(source) else { return };
    let said = project.run(&["plan", "dev"]).exits(0);
    assert_eq!(said.stderr.matches("only for tests").count(), 1, "{}", said.stderr);
}

#[test]
fn what_a_provider_logs_is_shown_from_a_level_on() {
    let Some(project) = External::with(&format!("environment dev {{\n  {THING}\n}}\n")) else {
        return;
    };
    let all = project.run_with(PLAN, &[("SYNCLINE_LOG", "trace")]).exits(0);
    all.says("[fixture] trace: Received request: ").says("tf_rpc=\"PlanResourceChange\"");
    let few = project.run_with(PLAN, &[("SYNCLINE_LOG", "warn")]).exits(0);
    assert!(!few.stderr.contains("[fixture]"), "{}", few.stderr);
}

#[test]
fn a_plan_that_is_not_what_was_asked_for_is_refused() {
    let honest = |kind: &str| {
        format!("environment dev {{\n  resource {kind}.thing a {{ name = \"honest\" }}\n}}\n")
    };
    let plan = [("FIXTURE_FAULT", "lie:PlanResourceChange")];
    let apply = [("FIXTURE_FAULT", "lie:ApplyResourceChange")];
    let Some(project) = External::with(&honest("fixture")) else { return };
    project.run_with(&["plan", "dev"], &plan).exits(1).says("E0613").says("`a`").says("`name`");
    project.run_with(&["apply", "dev", "--yes"], &plan).exits(1);
    project.run(&["plan", "dev"]).exits(0).says("1 to add");
    // What was made otherwise than planned is recorded, and replaced.
    project.run_with(&["apply", "dev", "--yes"], &apply).exits(1).says("E0606").says("`name`");
    project.run(&["state", "show", "dev:a"]).exits(0).says("liars!");
    project.run(&["plan", "dev"]).exits(0).says("1 to add, 0 to change, 1 to destroy");
    // On an SDK that cannot tell, neither is an error.
    let Some(project) = External::with(&honest("legacy")) else { return };
    project.run_with(&["plan", "dev"], &plan).exits(0).says("1 to add");
    project.run_with(&["apply", "dev", "--yes"], &apply).exits(0).says("1 added");
    project.run(&["state", "show", "dev:a"]).exits(0).says("liars!");
}

/// Returns the calls that a command makes, of those that begin so.
fn calls(project: &External, arguments: &[&str], begins: &str) -> Vec<String> {
    let notes = tempfile::tempdir().unwrap();
    let file = notes.path().join("calls").display().to_string();
    project.run_with(arguments, &[("FIXTURE_LOG", file.as_str())]).exits(0);
    let text = std::fs::read_to_string(file).unwrap();
    text.lines().filter(|line| line.starts_with(begins)).map(str::to_owned).collect()
}

#[test]
fn a_provider_is_called_as_the_protocol_says() {
    let thing = |name: &str, more: &str| {
        format!(
            "environment dev {{\n  resource fixture.thing a {{ name = \"{name}\"{more} }}\n}}\n"
        )
    };
    let Some(project) = External::with(&thing("a", "")) else { return };
    let apply = ["apply", "dev", "--yes"];
    assert_eq!(calls(&project, &apply, "PlanResourceChange"), ["PlanResourceChange"]);
    // An update keeps the id.
    project.0.write("main.sync", thing("a", ", size = 7"));
    assert_eq!(calls(&project, &apply, "PlanResourceChange"), ["PlanResourceChange prior"]);
    project.run(&["state", "show", "dev:a"]).exits(0).says("id-a").says("7");
    // A replacement is planned a second time, as if there were nothing.
    project.0.write("main.sync", thing("b", ", size = 7"));
    let planned = calls(&project, &["plan", "dev"], "PlanResourceChange");
    assert_eq!(planned, ["PlanResourceChange prior", "PlanResourceChange"]);
    project.run(&apply).exits(0).says("1 added, 0 changed, 1 destroyed");
    // What is not known when it is planned is planned again before it is made.
    let both = thing("b", ", size = 7").replace("\n}\n", "\n  resource fixture.thing c { name = a.id }\n  resource fixture.thing d { name = c.id }\n}\n");
    project.0.write("main.sync", both);
    let both = calls(&project, &apply, "");
    let kept: Vec<&str> = both
        .iter()
        .map(String::as_str)
        .filter(|call| call.starts_with("Plan") || call.starts_with("Apply"))
        .collect();
    let (plan, make) = ("PlanResourceChange", "ApplyResourceChange");
    assert_eq!(kept, [plan, plan, make, plan, make]);
    // A destruction is planned where the provider wants that, and not with a newer record.
    let destroyed = calls(&project, &["destroy", "dev", "--yes"], "PlanResourceChange");
    assert_eq!(destroyed, ["PlanResourceChange prior destroy"; 3]);
}

#[test]
fn what_is_imported_and_gone_is_an_error() {
    let adopt = |kind: &str, id: &str| {
        format!(
            "environment dev {{\n  resource {kind} a {{ name = \"a\" }}\n  adopt a = \"{id}\"\n}}\n"
        )
    };
    for kind in ["fixture.thing", "legacy.thing"] {
        let Some(project) = External::with(&adopt(kind, "id-gone")) else { return };
        let run = project.run(&["plan", "dev"]).exits(1);
        run.says("nothing exists with the id `id-gone`").says("adopted here");
    }
}

/// Waits for something that comes within a minute.
fn wait_for(done: impl Fn() -> bool) {
    for _ in 0..6_000 {
        if done() {
            return;
        }
        std::thread::park_timeout(std::time::Duration::from_millis(10));
    }
    panic!("it does not come");
}

#[test]
fn an_apply_that_hangs_is_left_by_a_second_interrupt() {
    let Some(project) = External::with(&format!("environment dev {{\n  {THING}\n}}\n")) else {
        return;
    };
    let notes = tempfile::tempdir().unwrap();
    let file = notes.path().join("calls");
    let path = file.display().to_string();
    let environment =
        [("FIXTURE_FAULT", "hang:ApplyResourceChange"), ("FIXTURE_LOG", path.as_str())];
    let child = project.start(&["apply", "dev", "--yes"], &environment);
    wait_for(|| {
        std::fs::read_to_string(&file).is_ok_and(|text| text.contains("ApplyResourceChange"))
    });
    for _ in 0..2 {
        signal(child.id(), "INT");
        std::thread::park_timeout(std::time::Duration::from_millis(100));
    }
    let run = finish(child).exits(130).says("Not finished: a. What became of it is not known");
    assert!(!run.stderr.contains("Not started"), "{}", run.stderr);
    project.run(PLAN).exits(0).says("1 to add");
}

#[test]
fn an_unknown_of_which_something_is_known_is_an_unknown() {
    let source = format!(
        "environment dev {{\n  {THING}\n  resource fixture.thing b {{ name = a.id }}\n}}\n"
    );
    let Some(project) = External::with(&source) else { return };
    let refined = [("FIXTURE_FAULT", "refine:PlanResourceChange")];
    project.run_with(&["plan", "dev"], &refined).exits(0).says("id   = (known after apply)");
    project.run_with(&["apply", "dev", "--yes"], &refined).exits(0).says("2 added");
    project.run(PLAN).exits(0).says("No changes");
}

/// Returns how many programs of a project's mirror run.
#[cfg(target_os = "linux")]
fn running(project: &External) -> usize {
    let mirror = project.0.path("mirror").canonicalize().unwrap();
    let is_own = |entry: &std::fs::DirEntry| {
        let program = std::fs::read_link(entry.path().join("exe"));
        program.is_ok_and(|program| program.starts_with(&mirror))
    };
    std::fs::read_dir("/proc").unwrap().filter(|entry| entry.as_ref().is_ok_and(&is_own)).count()
}

#[test]
#[cfg(target_os = "linux")]
fn a_kill_leaves_no_provider_behind() {
    let Some(project) = External::with(&format!("environment dev {{\n  {THING}\n}}\n")) else {
        return;
    };
    let notes = tempfile::tempdir().unwrap();
    let file = notes.path().join("calls");
    let path = file.display().to_string();
    let environment =
        [("FIXTURE_FAULT", "hang:ApplyResourceChange"), ("FIXTURE_LOG", path.as_str())];
    let child = project.start(&["apply", "dev", "--yes"], &environment);
    wait_for(|| {
        std::fs::read_to_string(&file).is_ok_and(|text| text.contains("ApplyResourceChange"))
    });
    assert!(running(&project) > 0);
    signal(child.id(), "KILL");
    finish(child);
    wait_for(|| running(&project) == 0);
    project.run(PLAN).exits(0).says("1 to add");
}
