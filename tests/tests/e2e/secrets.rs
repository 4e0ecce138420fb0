//! Secrets in every place where one can stand, searched for in everything that is written or said, in
//! some fifty encodings; and keys: who can read, and who cannot any more.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use sha2::Digest as _;

use crate::process::Project;

/// What stands for every secret: nothing else has this text.
const CANARY: &str = "Kanarie~7f&Q%zx9";

/// Secrets in attributes, in maps and lists, inside texts, in what a command gets, in outputs.
const SOURCE: &str = "\
environment dev {
  secret param token: string
  let both = { plain = \"p\", hidden = token }

  resource local.file whole { path = \"out/${environment.name}/whole\", content = token }
  resource local.file inside { path = \"out/${environment.name}/inside\", content = \"user:${token}@host\" }
  resource local.file computed { path = \"out/${environment.name}/computed\", content = \"${whole.content} again\" }
  resource local.file of_map { path = \"out/${environment.name}/of_map\", content = both.hidden }
  resource local.command given { create = \"printf '%s' '${token}' > out/${environment.name}/given\" }
  resource random.password made { length = 24 }
  resource local.file from_made { path = \"out/${environment.name}/from_made\", content = made.result }

  output handed = token
  output nested = { list = [token, \"x\"], inner = { deep = \"<${token}>\" } }
}
environment copy extends dev {}
";

/// Forms of a text, each by its name.
type Forms = Vec<(String, Vec<u8>)>;

fn each(bytes: &[u8], form: &dyn Fn(u8) -> String) -> Vec<u8> {
    bytes.iter().map(|byte| form(*byte)).collect::<String>().into_bytes()
}

fn joined(bytes: &[u8], by: &str, form: &dyn Fn(u8) -> String) -> Vec<u8> {
    bytes.iter().map(|byte| form(*byte)).collect::<Vec<_>>().join(by).into_bytes()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Returns a text in many forms, each by its name.
fn encodings(text: &str) -> Forms {
    let mut all = Vec::new();
    cut(text, &mut all);
    escaped(text, &mut all);
    wide(text, &mut all);
    coded(text, &mut all);
    digested(text, &mut all);
    all
}

fn cut(text: &str, all: &mut Forms) {
    let bytes = text.as_bytes();
    let mut add = |name: &str, form: Vec<u8>| all.push((name.to_owned(), form));
    add("as it is", bytes.to_vec());
    add("reversed", bytes.iter().rev().copied().collect());
    add("upper case", text.to_uppercase().into_bytes());
    add("lower case", text.to_lowercase().into_bytes());
    add("half of it", bytes[..bytes.len() * 3 / 4].to_vec());
    add("the other half", bytes[bytes.len() / 4..].to_vec());
    add("hex", hex(bytes).into_bytes());
    add("upper hex", hex(bytes).to_uppercase().into_bytes());
}

fn escaped(text: &str, all: &mut Forms) {
    let bytes = text.as_bytes();
    let mut add = |name: &str, form: Vec<u8>| all.push((name.to_owned(), form));
    add("spaced hex", joined(bytes, " ", &|byte| format!("{byte:02x}")));
    add("colon hex", joined(bytes, ":", &|byte| format!("{byte:02x}")));
    add("0x hex", joined(bytes, ", ", &|byte| format!("0x{byte:02x}")));
    add("\\x", each(bytes, &|byte| format!("\\x{byte:02x}")));
    add("\\u", each(bytes, &|byte| format!("\\u{byte:04x}")));
    add("\\u upper", each(bytes, &|byte| format!("\\u{byte:04X}")));
    add("\\u{}", each(bytes, &|byte| format!("\\u{{{byte:x}}}")));
    add("octal", each(bytes, &|byte| format!("\\{byte:03o}")));
    add("bits", each(bytes, &|byte| format!("{byte:08b}")));
    add("percent", each(bytes, &|byte| format!("%{byte:02X}")));
    add("lower percent", each(bytes, &|byte| format!("%{byte:02x}")));
    let escaped = |byte: u8| match byte {
        byte if byte.is_ascii_alphanumeric() => (byte as char).to_string(),
        byte => format!("%{byte:02X}"),
    };
    add("url", each(bytes, &escaped));
    add(
        "url twice",
        String::from_utf8_lossy(&each(bytes, &escaped)).replace('%', "%25").into_bytes(),
    );
    add("html", text.replace('&', "&amp;").into_bytes());
    add("html decimal", each(bytes, &|byte| format!("&#{byte};")));
    add("html hex", each(bytes, &|byte| format!("&#x{byte:x};")));
    add("quoted-printable", each(bytes, &|byte| format!("={byte:02X}")));
    add("json &", text.replace('&', "\\u0026").into_bytes());
    add("markdown", text.replace('~', "\\~").into_bytes());
    add("decimal", joined(bytes, ",", &|byte| byte.to_string()));
    add("spaced decimal", joined(bytes, " ", &|byte| byte.to_string()));
    add("listed decimal", joined(bytes, ", ", &|byte| byte.to_string()));
}

fn wide(text: &str, all: &mut Forms) {
    let bytes = text.as_bytes();
    let mut add = |name: &str, form: Vec<u8>| all.push((name.to_owned(), form));
    let utf16: Vec<u16> = text.encode_utf16().collect();
    add("utf-16 le", utf16.iter().flat_map(|unit| unit.to_le_bytes()).collect());
    add("utf-16 be", utf16.iter().flat_map(|unit| unit.to_be_bytes()).collect());
    add("utf-32 le", bytes.iter().flat_map(|byte| u32::from(*byte).to_le_bytes()).collect());
    add("utf-32 be", bytes.iter().flat_map(|byte| u32::from(*byte).to_be_bytes()).collect());
    let rot13 = |byte: u8| match byte {
        b'a'..=b'z' => (((byte - b'a' + 13) % 26 + b'a') as char).to_string(),
        b'A'..=b'Z' => (((byte - b'A' + 13) % 26 + b'A') as char).to_string(),
        _ => (byte as char).to_string(),
    };
    add("rot13", each(bytes, &rot13));
    add("xor 0xff", bytes.iter().map(|byte| byte ^ 0xff).collect());
    add("spaced", joined(bytes, " ", &|byte| (byte as char).to_string()));
}

fn coded(text: &str, all: &mut Forms) {
    let bytes = text.as_bytes();
    let mut add = |name: &str, form: Vec<u8>| all.push((name.to_owned(), form));
    // What stands before a text decides how base64 cuts it: three ways, without the ragged ends.
    for shift in 0..3 {
        let shifted = [&vec![b'.'; shift][..], bytes].concat();
        for (name, engine) in [("base64", &STANDARD), ("base64 url", &URL_SAFE)] {
            let coded = engine.encode(&shifted);
            let inner = coded[4.min(shift * 4)..coded.len() - 4].to_owned();
            add(&format!("{name} at {shift}"), inner.into_bytes());
        }
    }
    add(
        "base64 of hex",
        STANDARD.encode(hex(bytes)).trim_end_matches('=').as_bytes()[..20].to_vec(),
    );
    add("hex of base64", hex(STANDARD.encode(bytes).as_bytes()).into_bytes());
    add("base64 twice", STANDARD.encode(&STANDARD.encode(bytes)[..18]).into_bytes());
}

fn digested(text: &str, all: &mut Forms) {
    let mut add = |name: &str, form: Vec<u8>| all.push((name.to_owned(), form));
    // A digest without a key can be guessed from.
    for form in [text.to_owned(), format!("\"{text}\"")] {
        let sha = sha2::Sha256::digest(form.as_bytes());
        let own = blake3::hash(form.as_bytes());
        add("sha-256", sha.to_vec());
        add("sha-256 hex", hex(&sha).into_bytes());
        add("sha-256 base64", STANDARD.encode(sha).as_bytes()[..40].to_vec());
        add("blake3", own.as_bytes().to_vec());
        add("blake3 hex", own.to_hex().as_bytes().to_vec());
    }
}

/// Returns every file below a folder, hidden ones too.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

#[track_caller]
fn search(what: &str, content: &[u8]) {
    search_for(CANARY, what, content);
}

/// Fails where a text is in something, in any form.
#[track_caller]
pub(crate) fn search_for(text: &str, what: &str, content: &[u8]) {
    for (name, form) in encodings(text) {
        let found = content.windows(form.len()).position(|window| window == form);
        assert_eq!(found, None, "{what} holds the secret: {name}");
    }
}

#[test]
fn the_search_finds_what_is_there() {
    let all = encodings(CANARY);
    assert!(all.len() >= 50, "{}", all.len());
    for (name, form) in &all {
        let content = [b"before ", &form[..], b" after"].concat();
        let found = std::panic::catch_unwind(|| search("it", &content));
        assert!(found.is_err(), "{name}");
    }
}

#[test]
fn no_secret_is_in_anything_that_is_written_or_said() {
    let project = Project::with(SOURCE);
    let set = format!("token={CANARY}");
    for environment in ["dev", "copy"] {
        std::fs::create_dir_all(project.path("out").join(environment)).unwrap();
    }
    let runs: &[&[&str]] = &[
        &["check", "--set", &set],
        &["plan", "dev", "--set", &set],
        &["plan", "dev", "--set", &set, "--json"],
        &["plan", "dev", "--set", &set, "--markdown"],
        &["plan", "dev", "--set", &set, "--out", "dev.plan"],
        &["apply", "--plan", "dev.plan", "--yes", "--set", &set],
        &["apply", "copy", "--yes", "--json", "--set", &set],
        &["plan", "dev", "--set", &set, "--refresh", "all"],
        &["plan", "dev", "--set", "token=another"],
        &["plan", "dev", "--set", "token=another", "--json"],
        &["plan", "dev", "--set", "token=another", "--markdown"],
        &["plan", "dev", "--destroy", "--set", &set],
        &["diff", "dev", "copy", "--set", &set],
        &["eval", "dev", "--set", &set],
        &["eval", "dev", "--set", &set, "--json"],
        &["explain", "dev:whole.content", "--set", &set],
        &["graph", "dev", "--set", &set],
        &["state", "list"],
        &["state", "show", "dev:whole"],
        &["state", "show", "dev:given", "--json"],
        &["state", "export", "dev"],
        &["state", "export", "dev", "--format", "terraform"],
        &["state", "verify"],
        &["output", "dev"],
        &["output", "dev", "--json"],
        &["history", "dev"],
        &["history", "dev", "--json"],
    ];
    let look = |arguments: &[&str]| {
        let run = project.run(arguments);
        let what = arguments.join(" ").replace(CANARY, "...");
        assert_eq!(run.code, Some(0), "{what}\n{}", run.stderr);
        search(&format!("stdout of {what}"), run.stdout.as_bytes());
        search(&format!("stderr of {what}"), run.stderr.as_bytes());
        for file in files(project.path("").as_path()) {
            // What the project makes is the secret's own place.
            if !file.starts_with(project.path("out")) {
                search(&file.display().to_string(), &std::fs::read(&file).unwrap());
            }
        }
    };
    runs.iter().for_each(|arguments| look(arguments));
    let applied = std::fs::read_to_string(project.path("out/dev/whole")).unwrap();
    assert_eq!(applied, CANARY, "the secret was there to be found");
    // Compared by keyed digest: the same secret is no change, another one is.
    project.run(&["plan", "dev", "--set", &set]).exits(0).says("No changes");
    project.run(&["plan", "dev", "--set", "token=another"]).exits(0).says("(secret)");
    look(&["destroy", "dev", "--yes", "--set", &set]);
}

/// Secrets that are mistyped, given to a name that nothing has, or to a file with another mistake.
#[test]
fn a_mistyped_secret_is_not_shown_in_its_own_diagnostic() {
    let project = Project::with(
        "environment dev {\n  secret param pin: int\n  param port: int = 1\n  \
         secret param short: string where std.strings.length(it) < 3 = \"\"\n  \
         secret param db: { user: string } = { user = \"u\" }\n  \
         param login: { name: string, key: secret int }? = null\n}\n",
    );
    project.write("broken.sync.vars", format!("pin = \"{CANARY}\" \"\nport = 2\n"));
    project.write("beside.vars", format!("pin = 1 short = '{CANARY}'\nport = \"x\"\n"));
    project.write("port.vars", format!("db = {{ user = \"{CANARY}\" }}\npin = 1\nport = \"x\"\n"));
    project.write("secret.json", format!("{{\"pin\": \"{CANARY}\", \"port\": \"x\"}}"));
    project.write("field.json", format!("{{\"pin\": 1, \"db\": {{\"{CANARY}\": 1}}}}"));
    let cases: &[&[&str]] = &[
        &["--set", &format!("pin={CANARY}")],
        &["--set", &format!("pin=\"{CANARY}\"")],
        &["--set", &format!("pin=[\"{CANARY}\"")],
        &["--set", &format!("pni={CANARY}"), "--set", "pin=1"],
        &["--set", &format!("short={CANARY}"), "--set", "pin=1"],
        &["--set", &format!("db={{ user = 1, key = \"{CANARY}\" }}"), "--set", "pin=1"],
        &["--set", &format!("db={{ \"{CANARY}\" = 1 }}"), "--set", "pin=1"],
        &["--set", &format!("login={{ name = \"n\", key = \"{CANARY}\" }}"), "--set", "pin=1"],
        &["--set", &format!("login={{ name = \"n\", key = \"{CANARY}"), "--set", "pin=1"],
        &["--vars", "broken.sync.vars"],
        &["--vars", "beside.vars"],
        &["--vars", "port.vars"],
        &["--vars", "secret.json"],
        &["--vars", "field.json"],
    ];
    for case in cases {
        for command in [&["check"][..], &["plan", "dev"], &["plan", "dev", "--json"]] {
            let run = project.run(&[command, case].concat()).exits(1);
            let what = case.join(" ").replace(CANARY, "...");
            search(&format!("stdout with {what}"), run.stdout.as_bytes());
            search(&format!("stderr with {what}"), run.stderr.as_bytes());
            assert!(!run.stderr.contains("E0303"), "{what}: nothing is missing\n{}", run.stderr);
        }
    }
    let mut command = project.command(&["check"]);
    command.env("SYNCLINE_VAR_pin", CANARY);
    let run = crate::process::finish(command.spawn().unwrap()).exits(1);
    run.says("`pin` must be `int`, and is a secret").says("at: SYNCLINE_VAR_pin");
}

/// Secrets in what fails: a command that writes one to its error stream, the path of a file.
#[test]
fn what_fails_on_a_secret_does_not_tell_it() {
    let project = Project::with(
        "environment dev {\n  secret param token: string\n  resource local.command c { create = \
         \"echo ${token} >&2; exit 3\" }\n}\n\
         environment files {\n  secret param token: string\n  let a = file(token)\n  \
         let b = std.files.list(\"x-${token}\")\n  let c = template(token, {})\n}\n",
    );
    let set = format!("token={CANARY}");
    for arguments in [
        &["apply", "dev", "--yes", "--set", &set][..],
        &["apply", "dev", "--yes", "--json", "--set", &set],
        &["plan", "files", "--set", &set],
        &["eval", "files", "file(token)", "--set", &set],
    ] {
        let run = project.run(arguments).exits(1);
        let what = arguments.join(" ").replace(CANARY, "...");
        search(&format!("stdout of {what}"), run.stdout.as_bytes());
        search(&format!("stderr of {what}"), run.stderr.as_bytes());
    }
    let run = project.run(&["apply", "dev", "--yes", "--set", &set]);
    run.says("exit code 3").says("Its error stream is not shown");
}

/// Somebody with a key file of their own.
fn someone(project: &Project, name: &str, arguments: &[&str]) -> crate::process::Run {
    with(project, name, &[], arguments)
}

fn with(
    project: &Project,
    name: &str,
    variables: &[(&str, &str)],
    arguments: &[&str],
) -> crate::process::Run {
    let mut command = project.command(arguments);
    command.env("SYNCLINE_KEY_FILE", project.path(format!(".{name}.key")));
    for (name, value) in variables {
        command.env(name, value);
    }
    crate::process::finish(command.spawn().unwrap())
}

const ONE_SECRET: &str = "\
environment dev {
  resource random.password p { length = 20 }
  resource local.file f { path = \"f\", content = \"a ${p.result}\" }
}
";

#[test]
fn a_passphrase_lets_somebody_else_read_until_it_is_taken_away() {
    let project = Project::with(ONE_SECRET);
    let passphrase = [("SYNCLINE_PASSPHRASE", "correct horse")];
    someone(&project, "ada", &["apply", "dev", "--yes"]).exits(0).says("Keep it");
    someone(&project, "bob", &["plan", "dev"]).exits(1).says("sealed with key");
    with(&project, "ada", &passphrase, &["state", "key", "add", "dev", "passphrase"]).exits(0);
    someone(&project, "ada", &["plan", "dev"]).exits(0).says("No changes");
    with(&project, "bob", &passphrase, &["plan", "dev"]).exits(0).says("No changes");
    someone(&project, "bob", &["plan", "dev"]).exits(1).says("passphrase");
    let wrong = [("SYNCLINE_PASSPHRASE", "wrong")];
    with(&project, "bob", &wrong, &["plan", "dev"]).exits(1).says("passphrase");
    someone(&project, "ada", &["state", "key", "remove", "dev", "passphrase"]).exits(0);
    someone(&project, "ada", &["state", "key", "rotate", "dev"]).exits(0);
    someone(&project, "ada", &["plan", "dev", "--out", "p.plan"]).exits(0).says("No changes");
    project.write("main.sync", ONE_SECRET.replace("\"a ", "\"b "));
    someone(&project, "ada", &["apply", "dev", "--yes"]).exits(0).says("1 changed");
    with(&project, "bob", &passphrase, &["plan", "dev"]).exits(1).says("only these can unwrap");
    someone(&project, "ada", &["state", "verify", "dev"]).exits(0);
}

#[test]
fn an_age_key_and_a_key_service_can_read() {
    let project = Project::with(ONE_SECRET);
    let identity = age::x25519::Identity::generate();
    let secret = age::secrecy::ExposeSecret::expose_secret(&identity.to_string()).to_owned();
    project.write("bob.age", format!("# bob\n{secret}\n"));
    let public = identity.to_public().to_string();
    someone(&project, "ada", &["apply", "dev", "--yes"]).exits(0);
    someone(&project, "ada", &["state", "key", "add", "dev", &public]).exits(0);
    someone(&project, "ada", &["state", "key", "list", "dev"]).exits(0).says(&public);
    let path = project.path("bob.age").display().to_string();
    let identity = [("SYNCLINE_AGE_IDENTITY", path.as_str())];
    with(&project, "bob", &identity, &["plan", "dev"]).exits(0).says("No changes");
    project.write("main.sync", ONE_SECRET.replace("\"a ", "\"b "));
    with(&project, "bob", &identity, &["apply", "dev", "--yes"]).exits(0).says("1 changed");
    // A key service: here a program that turns the text around.
    project.write("service", "#!/bin/sh\nrev\n");
    let program = project.path("service").display().to_string();
    let command = format!("sh {program}");
    let service = [("SYNCLINE_KEY_COMMAND", command.as_str())];
    with(&project, "ada", &service, &["state", "key", "add", "dev", "command"]).exits(0);
    with(&project, "eve", &service, &["plan", "dev"]).exits(0).says("No changes");
    someone(&project, "eve", &["plan", "dev"]).exits(1).says("command");
    someone(&project, "ada", &["state", "key", "add", "dev", "age1nonsense"]).exits(1);
    someone(&project, "ada", &["state", "key", "remove", "dev", "nobody"]).exits(1);
}
