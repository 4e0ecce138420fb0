//! From an executable to a connection.

use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use syncline_model::with_causes;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStdout, Command};
use tokio::task::JoinHandle;

use super::channel::Channel;
use super::failure::LaunchError;
use super::handshake::{self, Handshake, Place, Protocol};
use super::options::HostOptions;
use super::orphan;
use super::output::Output;
use super::tls;

/// What makes an executable start as a provider, and not explain itself.
const COOKIE: (&str, &str) =
    ("TF_PLUGIN_MAGIC_COOKIE", "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2");
/// The longest first line that is read.
const LONGEST_HANDSHAKE: usize = 64 * 1024;
/// How long the last words of a process that ended are waited for.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// The path of a socket must stay below this, with its name.
const LONGEST_FOLDER: usize = 70;

/// A process that has been started and can be talked to.
pub(super) struct Launched {
    /// None where somebody else has started it.
    pub(super) child: Option<Owned>,
    pub(super) protocol: Protocol,
    pub(super) channel: Channel,
    pub(super) output: Arc<Output>,
}

/// A process of ours.
pub(super) struct Owned {
    pub(super) child: Child,
    /// Holds its socket; goes with the process.
    pub(super) folder: tempfile::TempDir,
    /// What reads its streams, and ends with them.
    pub(super) drains: Vec<JoinHandle<()>>,
}

/// Starts the provider.
///
/// # Errors
/// Why it does not start, and what it wrote.
pub(super) async fn launch(options: &HostOptions) -> Result<Launched, (LaunchError, String)> {
    let output = Output::new(options.name.clone(), options.log.clone());
    let silent = |error: LaunchError| (error, String::new());
    let identity = tls::identity().map_err(|error| silent(error.into()))?;
    if let Some(attached) = &options.attached {
        let shaken = attached.handshake().map_err(|error| silent(error.into()))?;
        let protocol = shaken.protocol;
        let channel = connect(shaken, identity, options).await.map_err(silent)?;
        return Ok(Launched { child: None, protocol, channel, output });
    }
    let folder = folder().map_err(|error| silent(LaunchError::Folder(error)))?;
    let command = command(options, &folder, &identity);
    let mut child = orphan::spawn(command).await.map_err(|source| {
        let executable = options.executable.display().to_string();
        silent(LaunchError::Spawn { executable, source })
    })?;
    let mut drains = Vec::new();
    if let Some(stderr) = child.stderr.take() {
        let output = Arc::clone(&output);
        drains.push(tokio::spawn(async move { output.drain(stderr, Vec::new()).await }));
    }
    let begun = begin(&mut child, &output, &mut drains, options.limits.start).await;
    let connected = match begun {
        Ok(shaken) => {
            let protocol = shaken.protocol;
            connect(shaken, identity, options).await.map(|channel| (protocol, channel))
        }
        Err(error) => Err(error),
    };
    match connected {
        Ok((protocol, channel)) => {
            output.forget();
            let child = Some(Owned { child, folder, drains });
            Ok(Launched { child, protocol, channel, output })
        }
        Err(error) => {
            super::process::kill(&mut child).await;
            drained(&mut drains).await;
            Err((error, output.tail()))
        }
    }
}

fn folder() -> std::io::Result<tempfile::TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("syncline-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(0o700));
    }
    // A socket's path is limited to about a hundred bytes; some folders for temporary files are
    // longer than that.
    let usual = std::env::temp_dir();
    if usual.as_os_str().len() > LONGEST_FOLDER {
        return builder.tempdir_in("/tmp");
    }
    builder.tempdir()
}

fn command(options: &HostOptions, folder: &tempfile::TempDir, identity: &tls::Identity) -> Command {
    let mut command = Command::new(&options.executable);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    if let Some(directory) = &options.directory {
        command.current_dir(directory);
    }
    command
        .env_remove("PLUGIN_MULTIPLEX_GRPC")
        .envs(options.environment.iter().map(|(name, value)| (name, value)))
        .env(COOKIE.0, COOKIE.1)
        .env("PLUGIN_PROTOCOL_VERSIONS", "5,6")
        .env("PLUGIN_MIN_PORT", "10000")
        .env("PLUGIN_MAX_PORT", "25000")
        .env("PLUGIN_CLIENT_CERT", &identity.pem)
        .env("PLUGIN_UNIX_SOCKET_DIR", folder.path())
        // Older providers put their socket here, and what is killed leaves it behind.
        .env("TMPDIR", folder.path());
    command
}

/// Reads the first line, and goes on reading for ever.
async fn begin(
    child: &mut Child,
    output: &Arc<Output>,
    drains: &mut Vec<JoinHandle<()>>,
    limit: Duration,
) -> Result<Handshake, LaunchError> {
    let Some(mut stdout) = child.stdout.take() else { return Err(LaunchError::Ended(None)) };
    let first = tokio::time::timeout(limit, first_line(&mut stdout)).await;
    let Ok(first) = first else { return Err(LaunchError::Silent(limit)) };
    let Some((line, rest)) = first else {
        return Err(LaunchError::Ended(last_words(child, drains).await));
    };
    match handshake::parse(&line) {
        Ok(shaken) => {
            let output = Arc::clone(output);
            drains.push(tokio::spawn(async move { output.drain(stdout, rest).await }));
            Ok(shaken)
        }
        Err(error) => {
            output.line(line.as_bytes());
            // What is no provider mostly ends at once, and says on stderr what it is.
            let _status = last_words(child, drains).await;
            Err(error.into())
        }
    }
}

/// Returns the first line and what was read beyond it; none when the stream ends before.
async fn first_line(stdout: &mut ChildStdout) -> Option<(String, Vec<u8>)> {
    let mut read = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        if let Some(at) = read.iter().position(|byte| *byte == b'\n') {
            let rest = read.split_off(at + 1);
            return Some((String::from_utf8_lossy(&read).into_owned(), rest));
        }
        if read.len() > LONGEST_HANDSHAKE {
            return Some((String::from_utf8_lossy(&read[..LONGEST_HANDSHAKE]).into_owned(), read));
        }
        match stdout.read(&mut chunk).await {
            Ok(0) | Err(_) if read.is_empty() => return None,
            Ok(0) | Err(_) => {
                return Some((String::from_utf8_lossy(&read).into_owned(), Vec::new()));
            }
            Ok(length) => read.extend_from_slice(&chunk[..length]),
        }
    }
}

/// Waits a moment for a process to end and for what it has to say on stderr.
async fn last_words(child: &mut Child, drains: &mut Vec<JoinHandle<()>>) -> Option<ExitStatus> {
    let status = tokio::time::timeout(LAST_WORDS, child.wait()).await;
    drained(drains).await;
    status.ok()?.ok()
}

/// Waits a moment until all that a process has written was read.
async fn drained(drains: &mut Vec<JoinHandle<()>>) {
    let all = futures_util::future::join_all(drains.drain(..));
    let _late = tokio::time::timeout(LAST_WORDS, all).await;
}

async fn connect(
    shaken: Handshake,
    identity: tls::Identity,
    options: &HostOptions,
) -> Result<Channel, LaunchError> {
    let tls = match shaken.certificate {
        Some(announced) => Some(tls::client(identity, announced)?),
        None => None,
    };
    let dialled = async {
        let stream = dial(shaken.place, tls).await.map_err(|error| with_causes(&error))?;
        Channel::open(stream).await.map_err(|error| with_causes(&error))
    };
    match tokio::time::timeout(options.limits.start, dialled).await {
        Ok(dialled) => dialled.map_err(LaunchError::Connect),
        Err(_) => Err(LaunchError::Connect("it does not answer".to_owned())),
    }
}

trait Stream: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin {}
impl<T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin> Stream for T {}

async fn dial(
    place: Place,
    tls: Option<Arc<rustls::ClientConfig>>,
) -> std::io::Result<Box<dyn Stream>> {
    let plain: Box<dyn Stream> = match place {
        #[cfg(unix)]
        Place::Unix(path) => Box::new(tokio::net::UnixStream::connect(path).await?),
        #[cfg(not(unix))]
        Place::Unix(_) => return Err(std::io::ErrorKind::Unsupported.into()),
        Place::Tcp(address) => {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            Box::new(stream)
        }
    };
    let Some(tls) = tls else { return Ok(plain) };
    let name =
        rustls::pki_types::ServerName::try_from("localhost").map_err(std::io::Error::other)?;
    let mut secured = tokio_rustls::TlsConnector::from(tls).connect(name, plain).await?;
    // A server of TLS 1.3 refuses our certificate only after the handshake has ended for us.
    secured.flush().await?;
    Ok(Box::new(secured))
}
