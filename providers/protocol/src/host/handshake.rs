//! The line in which a provider says where it listens.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

/// A certificate is longer than this; anything shorter in its place means nothing.
const SHORTEST_CERTIFICATE: usize = 50;

/// Where and how a provider listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Handshake {
    pub(super) protocol: Protocol,
    pub(super) place: Place,
    /// The certificate that it will show, DER; none without TLS.
    pub(super) certificate: Option<Vec<u8>>,
}

/// The version of the plugin protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    Five,
    Six,
}

/// Where a provider listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Unix(PathBuf),
    Tcp(String),
}

/// Why the line is no handshake.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum HandshakeError {
    /// It does not have the form of one.
    #[error("it began with `{0}`, which is not how a provider begins")]
    Malformed(String),
    /// The plugin library speaks another version of itself.
    #[error("it uses version {0} of the plugin library's own protocol, and 1 is known")]
    Library(String),
    /// The provider speaks another version of the protocol.
    #[error("it speaks version {0} of the plugin protocol; 5 and 6 are known")]
    Protocol(String),
    /// Neither a Unix socket nor TCP.
    #[error("it listens on `{0}`, which is not known")]
    Network(String),
    /// The transport before gRPC.
    #[error("it speaks net/rpc, which was given up before version 5 of the plugin protocol")]
    NetRpc,
    /// The certificate cannot be read.
    #[error("its certificate cannot be read")]
    Certificate,
}

/// Reads the line.
pub(super) fn parse(line: &str) -> Result<Handshake, HandshakeError> {
    let fields: Vec<&str> = line.trim().split('|').collect();
    let malformed = || {
        let shown: String = line.trim().chars().take(120).map(printable).collect();
        HandshakeError::Malformed(shown)
    };
    let [library, protocol, network, address, rest @ ..] = fields.as_slice() else {
        return Err(malformed());
    };
    if library.is_empty() || !library.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(malformed());
    }
    if *library != "1" {
        return Err(HandshakeError::Library((*library).to_owned()));
    }
    let protocol = match *protocol {
        "5" => Protocol::Five,
        "6" => Protocol::Six,
        other => return Err(HandshakeError::Protocol(other.to_owned())),
    };
    let place = match *network {
        "unix" => Place::Unix(PathBuf::from(address)),
        "tcp" => Place::Tcp((*address).to_owned()),
        other => return Err(HandshakeError::Network(other.to_owned())),
    };
    if rest.first() != Some(&"grpc") {
        return Err(HandshakeError::NetRpc);
    }
    let certificate = match rest.get(1) {
        Some(text) if text.len() > SHORTEST_CERTIFICATE => {
            let der = STANDARD_NO_PAD.decode(text).or_else(|_| STANDARD.decode(text));
            Some(der.map_err(|_| HandshakeError::Certificate)?)
        }
        _ => None,
    };
    Ok(Handshake { protocol, place, certificate })
}

fn printable(character: char) -> char {
    if character.is_control() { ' ' } else { character }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_line_has_an_empty_certificate() {
        let read = parse("1|5|unix|/tmp/plugin1|grpc|\n").unwrap();
        let place = Place::Unix("/tmp/plugin1".into());
        assert_eq!(read, Handshake { protocol: Protocol::Five, place, certificate: None });
    }

    #[test]
    fn a_certificate_is_read_with_and_without_padding() {
        let der = vec![7; 100];
        for text in [STANDARD.encode(&der), STANDARD_NO_PAD.encode(&der)] {
            let read = parse(&format!("1|6|tcp|127.0.0.1:1234|grpc|{text}|true")).unwrap();
            assert_eq!(read.place, Place::Tcp("127.0.0.1:1234".to_owned()));
            assert_eq!(read.certificate.as_ref(), Some(&der));
        }
    }

    #[test]
    fn what_cannot_be_spoken_with_is_named() {
        let said = |line: &str| parse(line).unwrap_err().to_string();
        assert!(said("hello").contains("`hello`"));
        assert!(said("a|b|c|d|e").contains("`a|b|c|d|e`"));
        assert!(said("2|5|unix|x|grpc").contains("version 2"));
        assert!(said("1|4|unix|x|grpc").contains("version 4"));
        assert!(said("1|5|unix|x").contains("net/rpc"));
        assert!(said("1|5|pipe|x|grpc").contains("`pipe`"));
        assert!(said(&format!("1|5|unix|x|grpc|{}", "!".repeat(60))).contains("certificate"));
    }
}
