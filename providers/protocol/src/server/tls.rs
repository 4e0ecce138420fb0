//! The server's side of mutual TLS: one certificate of our own, and one client that is let in.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::start::StartError;
use crate::pinned::Pinned;

/// What a connection needs, and the certificate to announce.
pub(super) struct Secured {
    pub(super) config: Arc<ServerConfig>,
    pub(super) certificate: CertificateDer<'static>,
}

/// Returns what serves the holder of a certificate, given as PEM.
pub(super) fn secured(client: &str) -> Result<Secured, StartError> {
    let client = CertificateDer::from_pem_slice(client.as_bytes())
        .map_err(|error| StartError::Client(error.to_string()))?;
    let key = KeyPair::generate()?;
    let certificate = parameters()?.self_signed(&key)?.der().clone();
    let private = PrivateKeyDer::try_from(key.serialize_der())
        .map_err(|error| StartError::Client(error.to_owned()))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let announced = client.as_ref().to_vec();
    let only = Arc::new(Pinned { announced, provider: Arc::clone(&provider) });
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_client_cert_verifier(only)
        .with_single_cert(vec![certificate.clone()], private)?;
    config.alpn_protocols = vec![b"h2".to_vec()];
    Ok(Secured { config: Arc::new(config), certificate })
}

/// Returns the fields that the plugin library gives its own certificates.
fn parameters() -> Result<CertificateParams, rcgen::Error> {
    let mut parameters = CertificateParams::new(["localhost".to_owned()])?;
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, "localhost");
    name.push(DnType::OrganizationName, "Syncline");
    parameters.distinguished_name = name;
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters.key_usages = vec![
        KeyUsagePurpose::DigitalSignature,
        KeyUsagePurpose::KeyEncipherment,
        KeyUsagePurpose::KeyAgreement,
        KeyUsagePurpose::KeyCertSign,
    ];
    parameters.extended_key_usages =
        vec![ExtendedKeyUsagePurpose::ClientAuth, ExtendedKeyUsagePurpose::ServerAuth];
    Ok(parameters)
}
