//! Mutual TLS with certificates that are made for one process and thrown away.
//!
//! Each side shows a certificate of its own making, and trusts the other's and no other
//! ([`Pinned`]).

use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::crypto::aws_lc_rs::{default_provider, kx_group};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, Error};

use crate::pinned::Pinned;

/// What Syncline shows to a provider.
pub(super) struct Identity {
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
    /// The certificate as the provider is told it.
    pub(super) pem: String,
}

/// Makes a certificate and its key.
pub(super) fn identity() -> Result<Identity, rcgen::Error> {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der())
        .map_err(|_| rcgen::Error::CouldNotParseKeyPair)?;
    Ok(Identity { certificate: made.cert.der().clone(), key, pem: made.cert.pem() })
}

/// Returns what a connection needs to a provider that announced a certificate.
pub(super) fn client(identity: Identity, announced: Vec<u8>) -> Result<Arc<ClientConfig>, Error> {
    // Nobody records a socket of this machine to open it with the computers of later decades: keys are exchanged on
    // curves alone.
    let kx_groups = vec![kx_group::X25519, kx_group::SECP256R1];
    let provider = Arc::new(CryptoProvider { kx_groups, ..default_provider() });
    let pinned = Pinned { announced, provider: Arc::clone(&provider) };
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(pinned))
        .with_client_auth_cert(vec![identity.certificate], identity.key)?;
    config.alpn_protocols = vec![b"h2".to_vec()];
    Ok(Arc::new(config))
}
