//! An HTTPS server with files in memory.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// What a server has and what it was asked.
#[derive(Default)]
struct Shelf {
    files: BTreeMap<String, Vec<u8>>,
    /// How often a path still answers 503.
    failing: BTreeMap<String, u32>,
    /// Without this token everything is denied.
    token: Option<String>,
    asked: Vec<String>,
}

impl Shelf {
    fn answer(&mut self, request: &str, path: String) -> (&'static str, Vec<u8>) {
        self.asked.push(path.clone());
        let allowed = self
            .token
            .as_ref()
            .is_none_or(|token| request.to_lowercase().contains(&format!("bearer {token}")));
        if !allowed {
            return ("401 Unauthorized", Vec::new());
        }
        if let Some(left) = self.failing.get_mut(&path).filter(|left| **left > 0) {
            *left -= 1;
            return ("503 Service Unavailable", Vec::new());
        }
        match self.files.get(&path) {
            Some(body) => ("200 OK", body.clone()),
            None => ("404 Not Found", Vec::new()),
        }
    }
}

/// A server that ends with the process.
pub(crate) struct Server {
    /// `localhost:PORT`
    pub(crate) host: String,
    /// The certificate of its authority.
    pub(crate) root: Vec<u8>,
    shelf: Arc<Mutex<Shelf>>,
}

impl Server {
    pub(crate) fn start() -> Self {
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let root = authority.self_signed(&key).unwrap().der().to_vec();
        let issuer = Issuer::new(authority, key);
        let key = KeyPair::generate().unwrap();
        let leaf = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let leaf = leaf.signed_by(&key, &issuer).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![CertificateDer::from(leaf.der().to_vec())],
                PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
            )
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = format!("localhost:{}", listener.local_addr().unwrap().port());
        let shelf = Arc::new(Mutex::new(Shelf::default()));
        let (config, served) = (Arc::new(config), Arc::clone(&shelf));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (config, shelf) = (Arc::clone(&config), Arc::clone(&served));
                std::thread::spawn(move || answer(stream.unwrap(), config, &shelf));
            }
        });
        Self { host, root, shelf }
    }

    pub(crate) fn put(&self, path: &str, bytes: impl Into<Vec<u8>>) {
        self.shelf.lock().unwrap().files.insert(path.to_owned(), bytes.into());
    }

    pub(crate) fn remove(&self, path: &str) {
        self.shelf.lock().unwrap().files.remove(path);
    }

    pub(crate) fn get(&self, path: &str) -> Vec<u8> {
        self.shelf.lock().unwrap().files[path].clone()
    }

    pub(crate) fn fail(&self, path: &str, times: u32) {
        self.shelf.lock().unwrap().failing.insert(path.to_owned(), times);
    }

    pub(crate) fn guard(&self, token: &str) {
        self.shelf.lock().unwrap().token = Some(token.to_owned());
    }

    /// Returns what was asked since the last time.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.shelf.lock().unwrap().asked)
    }
}

fn answer(stream: TcpStream, config: Arc<ServerConfig>, shelf: &Mutex<Shelf>) {
    let mut stream = StreamOwned::new(ServerConnection::new(config).unwrap(), stream);
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    while !request.windows(4).any(|window| window == b"\r\n\r\n") {
        match stream.read(&mut buffer) {
            Ok(read) if read > 0 => request.extend(&buffer[..read]),
            Ok(_) | Err(_) => return,
        }
    }
    let request = String::from_utf8_lossy(&request).into_owned();
    let path = request.split(' ').nth(1).unwrap().to_owned();
    let (status, body) = shelf.lock().unwrap().answer(&request, path);
    let head =
        format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    let _gone = stream
        .write_all(head.as_bytes())
        .and_then(|()| stream.write_all(&body))
        .and_then(|()| stream.flush());
    stream.conn.send_close_notify();
    let _gone = stream.flush();
}
