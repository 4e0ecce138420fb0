//! One certificate that is accepted, and no other: each side of the plugin protocol's mutual TLS knows the other's.
//!
//! What is shown must be the announced one to the byte, and the handshake must be signed with its key. (Go's is marked
//! as an authority, which the usual verifiers refuse.)

use std::sync::Arc;

#[cfg(feature = "server")]
use rustls::DistinguishedName;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
#[cfg(feature = "server")]
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};

/// Accepts one certificate.
#[derive(Debug)]
pub(crate) struct Pinned {
    /// What the other side has announced, in DER.
    pub(crate) announced: Vec<u8>,
    pub(crate) provider: Arc<CryptoProvider>,
}

impl Pinned {
    fn check<T>(&self, shown: &CertificateDer<'_>, accepted: T) -> Result<T, Error> {
        if shown.as_ref() == self.announced {
            Ok(accepted)
        } else {
            Err(CertificateError::ApplicationVerificationFailure.into())
        }
    }
}

/// What is asked alike of who verifies a server and of who verifies a client.
macro_rules! signatures {
    () => {
        fn verify_tls12_signature(
            &self,
            message: &[u8],
            certificate: &CertificateDer<'_>,
            signature: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            let algorithms = &self.provider.signature_verification_algorithms;
            verify_tls12_signature(message, certificate, signature, algorithms)
        }

        fn verify_tls13_signature(
            &self,
            message: &[u8],
            certificate: &CertificateDer<'_>,
            signature: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            let algorithms = &self.provider.signature_verification_algorithms;
            verify_tls13_signature(message, certificate, signature, algorithms)
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            self.provider.signature_verification_algorithms.supported_schemes()
        }
    };
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.check(shown, ServerCertVerified::assertion())
    }

    signatures!();
}

#[cfg(feature = "server")]
impl ClientCertVerifier for Pinned {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        shown: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.check(shown, ClientCertVerified::assertion())
    }

    signatures!();
}
