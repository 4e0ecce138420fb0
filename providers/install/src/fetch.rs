//! The network: HTTPS, and nothing else.
//!
//! Takes addresses and returns bodies, bounded in size; failures that may pass are tried again.
//! Certificates are those of the system (or of `SSL_CERT_FILE`) and those of the settings. Tokens
//! go to the host that they are for and follow no redirection.

use std::io::{Read, Write};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use sha2::{Digest as _, Sha256};
pub use ureq::Agent;
use ureq::ResponseExt as _;
use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};

use crate::credentials::Tokens;
use crate::{Error, Settings};

/// How often something is tried.
const TRIES: u32 = 3;
/// The most bytes of an answer that is kept in memory.
const LARGEST_ANSWER: u64 = 32 << 20;
/// The most bytes of a package.
const LARGEST_PACKAGE: u64 = 4 << 30;

/// An answer of a server.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Where it came from, redirections followed.
    pub url: String,
    /// The body.
    pub body: Vec<u8>,
}

/// Fetches what the network has.
#[derive(Debug)]
pub struct Client {
    agent: OnceLock<Agent>,
    roots: Vec<Vec<u8>>,
    tokens: Tokens,
}

/// Returns what makes requests: over HTTPS alone unless a request says otherwise, and with the certificates of the
/// system and `roots`, in DER. A status is no error.
#[must_use]
pub fn agent(roots: &[Vec<u8>]) -> Agent {
    let found = rustls_native_certs::load_native_certs().certs;
    let system = found.iter().map(AsRef::as_ref);
    let own = roots.iter().map(Vec::as_slice);
    let roots = system.chain(own).map(|der: &[u8]| Certificate::from_der(der).to_owned());
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls = TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .root_certs(RootCerts::Specific(Arc::new(roots.collect())))
        .unversioned_rustls_crypto_provider(provider)
        .build();
    Agent::config_builder()
        .https_only(true)
        .http_status_as_error(false)
        .user_agent(concat!("syncline/", env!("CARGO_PKG_VERSION")))
        .timeout_connect(Some(Duration::from_secs(15)))
        .timeout_recv_response(Some(Duration::from_secs(60)))
        .tls_config(tls)
        .build()
        .into()
}

impl Client {
    /// Returns a client; nothing is read or asked before the first request.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        Self {
            agent: OnceLock::new(),
            roots: settings.roots.clone(),
            tokens: Tokens::new(settings.credentials.clone()),
        }
    }

    fn agent(&self) -> &Agent {
        self.agent.get_or_init(|| agent(&self.roots))
    }

    /// Returns what is at an address; nothing when the server has nothing there.
    ///
    /// # Errors
    /// When the server cannot be reached, refuses, or answers too much.
    pub fn get(&self, url: &str) -> Result<Option<Answer>, Error> {
        self.persist(url, |mut response| {
            let from = response.get_uri().to_string();
            let body = response.body_mut().with_config().limit(LARGEST_ANSWER).read_to_vec();
            body.map(|body| Answer { url: from, body })
                .map_err(|error| Error::network(url, error.to_string()))
        })
    }

    /// Writes what is at an address and returns its SHA-256.
    ///
    /// # Errors
    /// As [`Client::get`]; nothing there is an error too.
    pub fn download(
        &self,
        url: &str,
        file: &mut std::fs::File,
        progress: &dyn Fn(u64, Option<u64>),
    ) -> Result<[u8; 32], Error> {
        let digest = self.persist(url, |mut response| {
            let total = response.body().content_length();
            let mut body = response.body_mut().with_config().limit(LARGEST_PACKAGE).reader();
            copy(&mut body, file, &|done| progress(done, total))
                .map_err(|error| Error::network(url, error.to_string()))
        })?;
        digest.ok_or_else(|| Error::network(url, "there is nothing"))
    }

    /// Asks until there is an answer that is worth reading.
    fn persist<T>(
        &self,
        url: &str,
        mut read: impl FnMut(ureq::http::Response<ureq::Body>) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        let token = host(url).map_or(Ok(None), |host| self.tokens.of(host));
        // Without one it may go as well: why there is none matters where access is denied.
        let (token, without) = match token {
            Ok(token) => (token, String::new()),
            Err(why) => (None, format!("; {why}")),
        };
        let mut failure = Error::network(url, "it was not asked");
        for attempt in 0..TRIES {
            if attempt > 0 {
                std::thread::park_timeout(Duration::from_millis(200 << attempt));
            }
            let mut request = self.agent().get(url);
            if let Some(token) = &token {
                request = request.header("Authorization", format!("Bearer {token}"));
            }
            match request.call() {
                Ok(response) => match response.status().as_u16() {
                    200 => match read(response) {
                        Ok(answer) => return Ok(Some(answer)),
                        Err(error) => failure = error,
                    },
                    404 | 410 => return Ok(None),
                    401 | 403 => {
                        let why = "access is denied; a `credentials` block or a variable TF_TOKEN_HOST names a token";
                        return Err(Error::network(url, format!("{why}{without}")));
                    }
                    status => {
                        failure = Error::network(url, format!("the server answers {status}"));
                        if status != 429 && status < 500 {
                            return Err(failure);
                        }
                    }
                },
                Err(ureq::Error::HostNotFound) => {
                    return Err(Error::network(url, "there is no such host"));
                }
                Err(error @ (ureq::Error::BadUri(_) | ureq::Error::RequireHttpsOnly(_))) => {
                    return Err(Error::network(url, error.to_string()));
                }
                Err(error) => failure = Error::network(url, error.to_string()),
            }
        }
        Err(failure)
    }
}

/// Copies from the start of a file and hashes on the way.
fn copy(
    from: &mut dyn Read,
    file: &mut std::fs::File,
    progress: &dyn Fn(u64),
) -> std::io::Result<[u8; 32]> {
    use std::io::Seek as _;
    file.rewind()?;
    file.set_len(0)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 17];
    let mut done = 0;
    loop {
        let read = from.read(&mut buffer)?;
        if read == 0 {
            file.flush()?;
            return Ok(hasher.finalize().into());
        }
        hasher.update(&buffer[..read]);
        file.write_all(&buffer[..read])?;
        done += read as u64;
        progress(done);
    }
}

/// Returns the host of an address, with its port.
fn host(url: &str) -> Option<&str> {
    url.strip_prefix("https://")?.split(['/', '?', '#']).next()
}

/// Returns an address that another one is relative to.
#[must_use]
pub fn join(base: &str, relative: &str) -> String {
    if relative.contains("://") {
        return relative.to_owned();
    }
    let origin = base.match_indices('/').nth(2).map_or(base.len(), |(at, _)| at);
    if relative.starts_with("//") {
        return format!("https:{relative}");
    }
    if relative.starts_with('/') {
        return format!("{}{relative}", &base[..origin]);
    }
    let path = base.split(['?', '#']).next().unwrap_or(base);
    let folder = path.rfind('/').filter(|at| *at >= origin).map_or(path.len(), |at| at);
    let (mut folder, mut relative) = (&path[..folder], relative);
    while let Some(rest) = relative.strip_prefix("../") {
        folder = folder.rfind('/').filter(|at| *at >= origin).map_or(folder, |at| &folder[..at]);
        relative = rest;
    }
    format!("{folder}/{}", relative.trim_start_matches("./"))
}

#[cfg(test)]
mod tests {
    use super::join;

    #[test]
    fn relative_addresses_are_joined() {
        for (base, relative, whole) in [
            ("https://a.b/c/d.json", "e.zip", "https://a.b/c/e.zip"),
            ("https://a.b/c/d.json?x=/y", "./e.zip", "https://a.b/c/e.zip"),
            ("https://a.b/c/d/", "../e.zip", "https://a.b/c/e.zip"),
            ("https://a.b/c", "../../../e.zip", "https://a.b/e.zip"),
            ("https://a.b", "e", "https://a.b/e"),
            ("https://a.b/c", "/v1/", "https://a.b/v1/"),
            ("https://a.b/c", "https://x.y/z", "https://x.y/z"),
        ] {
            assert_eq!(join(base, relative), whole, "{base} + {relative}");
        }
    }
}
