//! Providers that somebody else has started, to debug them: where they listen.

use std::collections::BTreeMap;

use super::handshake::{Handshake, HandshakeError, Place, Protocol};

/// Where a provider listens that somebody else has started.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
pub struct Attached {
    #[serde(rename = "Protocol")]
    transport: String,
    #[serde(rename = "ProtocolVersion")]
    version: u32,
    #[serde(rename = "Addr")]
    place: Listens,
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
struct Listens {
    #[serde(rename = "Network")]
    network: String,
    #[serde(rename = "String")]
    address: String,
}

impl Attached {
    /// Reads `TF_REATTACH_PROVIDERS`: a JSON object, by the source addresses of providers.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn read(text: &str) -> Result<BTreeMap<String, Self>, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    /// Returns what a provider that we start says first.
    pub(super) fn handshake(&self) -> Result<Handshake, HandshakeError> {
        if self.transport != "grpc" {
            return Err(HandshakeError::NetRpc);
        }
        let protocol = match self.version {
            5 => Protocol::Five,
            6 => Protocol::Six,
            other => return Err(HandshakeError::Protocol(other.to_string())),
        };
        let address = self.place.address.clone();
        let place = match self.place.network.as_str() {
            "unix" => Place::Unix(address.into()),
            "tcp" => Place::Tcp(address),
            other => return Err(HandshakeError::Network(other.to_owned())),
        };
        Ok(Handshake { protocol, place, certificate: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_debuggers_print_is_read() {
        let text = r#"{"example.com/me/notes":{"Protocol":"grpc","ProtocolVersion":5,"Pid":7,"Test":true,
            "Addr":{"Network":"unix","String":"/tmp/s"}}}"#;
        let read = Attached::read(text).unwrap();
        let shaken = read["example.com/me/notes"].handshake().unwrap();
        assert_eq!((shaken.protocol, shaken.place), (Protocol::Five, Place::Unix("/tmp/s".into())));
        assert!(Attached::read("{").is_err());
        assert!(
            Attached::read(&text.replace(":5", ":4")).unwrap()["example.com/me/notes"]
                .handshake()
                .is_err()
        );
    }
}
