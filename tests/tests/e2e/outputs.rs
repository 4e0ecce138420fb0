//! Environments that read one another's outputs, with the binary: order, values, provenance, secrets.

use crate::process::{Project, finish, tree};

const CANARY: &str = "Kanarie~7f&Q%zx9";

/// `shop` reads `network`, which is declared behind it.
const SOURCE: &str = r#"environment shop {
  param region: string = "eu"
  resource local.file web { path = "shop-${network.outputs.id}", content = regional[region].outputs.text }
  resource local.file zone[z in network.outputs.zones] { path = "zone-${z}", content = z }
  resource local.file secret_key { path = "key", content = network.outputs.key }
  output seen = network.outputs.id
}
environment regional[r in ["eu", "us"]] {
  output text = "region ${r} of ${network.outputs.id}"
}
environment network {
  param wanted: [string] = ["a"]
  secret param token: string
  resource random.id made { byte_length = 4 }
  /// Where everything stands.
  output id: string = made.hex
  output zones: [string] = wanted
  secret output key = "<${token}>"
}
"#;

fn run(project: &Project, arguments: &[&str]) -> crate::process::Run {
    let mut command = project.command(arguments);
    command.env("SYNCLINE_VAR_token", CANARY);
    let run = crate::process::finish(command.spawn().unwrap());
    for text in [&run.stdout, &run.stderr] {
        assert!(!text.contains(CANARY), "{arguments:?} shows a secret\n{text}");
    }
    run
}

#[test]
fn environments_are_planned_and_applied_in_the_order_of_what_they_read() {
    let project = Project::with(SOURCE);
    // Which zones there are is known once both are taken together, or when the network is applied.
    run(&project, &["plan", "shop"]).exits(1).says("E0311").says("syncline apply network");
    project.write("main.sync", SOURCE.replace("[z in network.outputs.zones]", "[z in [\"a\"]]"));
    run(&project, &["check"]).exits(0);
    run(&project, &["graph", "shop"]).exits(0).says("needs network:outputs.id");
    run(&project, &["eval", "shop"]).exits(0).says("(known after network is applied)");
    let plan = run(&project, &["plan"]).exits(0);
    let at =
        |text: &str| plan.stdout.find(text).unwrap_or_else(|| panic!("{text}\n{}", plan.stdout));
    assert!(at("network  config") < at("regional/eu  config"));
    assert!(at("regional/eu  config") < at("shop  config"));
    assert!(!plan.stderr.contains("W0234"), "{}", plan.stderr);
    // Alone it is told what is missing; and not applied.
    run(&project, &["plan", "shop"])
        .exits(0)
        .says("W0234")
        .says("(known after network is applied)");
    let before = tree(&project.path("."));
    run(&project, &["apply", "shop", "--yes"])
        .exits(1)
        .says("`shop` reads what `network` has not been applied with")
        .says("syncline apply network shop");
    run(&project, &["plan", "shop", "--out", "p"]).exits(1).says("syncline apply network shop");
    assert_eq!(tree(&project.path(".")), before, "nothing is done");
    project.write("main.sync", SOURCE);
    run(&project, &["plan"]).exits(0).says("zone/a");
    run(&project, &["apply", "--yes"]).exits(0);
    let id = run(&project, &["output", "shop", "seen", "--raw"]).exits(0).stdout.trim().to_owned();
    assert_eq!(id.len(), 8);
    let web = std::fs::read_to_string(project.path(format!("shop-{id}"))).unwrap();
    assert_eq!(web, format!("region eu of {id}"));
    assert_eq!(std::fs::read_to_string(project.path("key")).unwrap(), format!("<{CANARY}>"));
    run(&project, &["plan"]).exits(0);
    run(&project, &["plan", "--detailed-exitcode"]).exits(0);
}

#[test]
fn a_reader_changes_when_what_it_reads_was_applied_and_says_where_it_is_from() {
    let project = Project::with(SOURCE);
    run(&project, &["graph", "shop"]).exits(1).says("syncline apply network");
    run(&project, &["apply", "network", "--yes"]).exits(0);
    // Whoever looks at an environment sees what was recorded of others, as a plan does.
    run(&project, &["graph", "shop"]).exits(0).says("zone/a");
    run(&project, &["eval", "shop", "zone"]).exits(0).says("zone-a");
    run(&project, &["explain", "shop:zone"]).exits(0).says("zone/a");
    let mut console = project.command(&["console", "shop"]);
    console.stdin(std::process::Stdio::piped()).env("SYNCLINE_VAR_token", CANARY);
    let mut console = console.spawn().unwrap();
    let mut input = console.stdin.take().unwrap();
    std::io::Write::write_all(&mut input, b"zone[\"a\"].path\n").unwrap();
    drop(input);
    crate::process::finish(console).exits(0).says("\"zone-a\"");
    run(&project, &["apply", "--yes"]).exits(0);
    run(&project, &["plan", "shop", "--detailed-exitcode"]).exits(0);
    // In the source alone: the recorded value is used, and that is said.
    project.write("zones.vars", "wanted = [\"a\", \"b\"]\n");
    run(&project, &["plan", "shop", "--vars", "zones.vars", "--detailed-exitcode"])
        .exits(1)
        .says("E0308");
    project.write("main.sync", SOURCE.replace("= [\"a\"]", "= [\"a\", \"b\"]"));
    run(&project, &["plan", "shop", "--detailed-exitcode"])
        .exits(0)
        .says("`network` was applied with another `zones` than its source has now");
    // A plan of both goes by what is planned; keys are known by then.
    run(&project, &["plan", "shop", "network", "--detailed-exitcode"]).exits(2).says("zone/b");
    run(&project, &["plan", "shop", "--out", "old.plan"]).exits(0);
    run(&project, &["apply", "network", "--yes"]).exits(0);
    run(&project, &["apply", "--plan", "old.plan", "--yes"]).exits(3);
    let plan = run(&project, &["plan", "shop", "--detailed-exitcode"]).exits(2);
    plan.says("zone/b");
    project.write(
        "main.sync",
        SOURCE
            .replace("byte_length = 4", "byte_length = 5")
            .replace("= [\"a\"]", "= [\"a\", \"b\"]"),
    );
    run(&project, &["apply", "network", "--yes"]).exits(0);
    run(&project, &["plan", "shop"]).exits(0).says("(network, run 3)");
    run(&project, &["explain", "shop:web.path"]).exits(0).says("(network, run 3)");
    run(&project, &["apply", "--yes"]).exits(0);
    run(&project, &["plan", "--detailed-exitcode"]).exits(0);
}

#[test]
#[cfg(target_os = "linux")]
fn what_is_printed_to_a_full_disk_is_lost_and_said_to_be() {
    let project = Project::with("environment dev {\n  param a: int = 1\n  output size = a\n}\n");
    project.run(&["apply", "dev", "--yes"]).exits(0);
    for arguments in [
        ["state", "export", "dev"].as_slice(),
        &["plan", "dev", "--json"],
        &["eval", "dev", "--json"],
        &["history", "dev"],
    ] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let run = project.command(arguments).stdout(full).spawn().unwrap();
        finish(run).exits(1).says("what was printed could not be written: No space left");
    }
}
