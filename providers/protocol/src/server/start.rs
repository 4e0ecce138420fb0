//! From the environment to a socket, and the line that says where it is.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use tokio::net::UnixListener;
use tokio_rustls::TlsAcceptor;

use super::tls;
use crate::CodecError;

/// What tells that a program starts this one as a provider.
const COOKIE: (&str, &str) =
    ("TF_PLUGIN_MAGIC_COOKIE", "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2");

/// A provider that listens.
pub(super) struct Start {
    pub(super) listener: UnixListener,
    /// What secures a connection; none where the client asked for none.
    pub(super) acceptor: Option<TlsAcceptor>,
    /// The folder of the socket, which goes with it.
    pub(super) socket: tempfile::TempDir,
}

/// Why a provider does not start.
#[derive(Debug, thiserror::Error)]
pub(super) enum StartError {
    /// It was started by hand.
    #[error(
        "This program is a provider. Syncline, OpenTofu and others that speak the plugin protocol \
         start it themselves; by hand there is nothing to be done with it."
    )]
    ByHand,
    /// It cannot tell what it offers.
    #[error("the provider's schema cannot be told: {0}\n{1}")]
    Schema(String, String),
    /// Its schema has something that the protocol cannot express.
    #[error("the plugin protocol cannot express the provider's schema: {0}")]
    Inexpressible(#[from] CodecError),
    /// The client's certificate cannot be used.
    #[error("the client's certificate cannot be used: {0}")]
    Client(String),
    /// No certificate could be made.
    #[error("no certificate could be made: {0}")]
    Certificate(#[from] rcgen::Error),
    /// The connection cannot be secured.
    #[error("connections cannot be secured: {0}")]
    Tls(#[from] rustls::Error),
    /// There is nowhere to listen.
    #[error("the provider cannot listen: {0}")]
    Listen(#[from] std::io::Error),
}

/// Fails where the program was started by hand.
pub(super) fn check_cookie() -> Result<(), StartError> {
    let is_given = std::env::var(COOKIE.0).is_ok_and(|value| value == COOKIE.1);
    if is_given { Ok(()) } else { Err(StartError::ByHand) }
}

/// Returns the address of a provider that is started by hand, `--debug ADDRESS`; none where a client starts it.
pub(super) fn debugged() -> Option<String> {
    let mut arguments = std::env::args().skip(1);
    let asked =
        arguments.next().is_some_and(|argument| argument.trim_start_matches('-') == "debug");
    asked.then(|| arguments.next().unwrap_or_default())
}

/// Returns the version of the protocol to speak: the newest of those that the client speaks. Where we share none, ours
/// is said, and the client tells why it goes.
fn version() -> u32 {
    let offered = std::env::var("PLUGIN_PROTOCOL_VERSIONS").unwrap_or_default();
    let offered: Vec<&str> = offered.split(',').map(str::trim).collect();
    if offered.contains(&"6") || offered == [""] { 6 } else { 5 }
}

/// Returns what a client has to be told to attach to a provider that was started by hand.
fn attachment(address: &str, socket: &Path) -> String {
    let reattach = serde_json::json!({ address: {
        "Protocol": "grpc",
        "ProtocolVersion": version(),
        "Pid": std::process::id(),
        "Test": true,
        "Addr": { "Network": "unix", "String": socket.display().to_string() },
    } });
    format!(
        "The provider runs until it is interrupted. Clients attach to it with\n\n\
         \tTF_REATTACH_PROVIDERS='{reattach}'\n\n"
    )
}

/// Listens, and says so: to the client that started this, or to whoever debugs it.
pub(super) fn start(debugged: Option<&str>) -> Result<Start, StartError> {
    let secured = match std::env::var("PLUGIN_CLIENT_CERT") {
        Ok(client) if !client.is_empty() && debugged.is_none() => Some(tls::secured(&client)?),
        Ok(_) | Err(_) => None,
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix("plugin");
    let named = std::env::var_os("PLUGIN_UNIX_SOCKET_DIR").filter(|folder| !folder.is_empty());
    let socket = match named {
        Some(folder) => builder.tempdir_in(PathBuf::from(folder))?,
        None => builder.tempdir()?,
    };
    let path = socket.path().join("s");
    let listener = UnixListener::bind(&path)?;
    let certificate = secured.as_ref().map(|secured| STANDARD_NO_PAD.encode(&secured.certificate));
    let line = match debugged {
        Some(address) => attachment(address, &path),
        None => format!(
            "1|{}|unix|{}|grpc|{}\n",
            version(),
            path.display(),
            certificate.as_deref().unwrap_or_default()
        ),
    };
    let mut output = std::io::stdout().lock();
    output.write_all(line.as_bytes())?;
    output.flush()?;
    drop(output);
    let acceptor = secured.map(|secured| TlsAcceptor::from(secured.config));
    Ok(Start { listener, acceptor, socket })
}
