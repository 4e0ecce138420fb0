//! The calls of both versions of the protocol, through one client.
//!
//! The messages of both versions have the same fields under the same numbers (but for schemas), so
//! a call is a request, its answer, and a name in each version.

use std::time::Duration;

use prost::Message;
use syncline_model::with_causes;
use tonic::Code;
use tonic::codegen::http::Uri;
use tonic::codegen::http::uri::PathAndQuery;
use tonic_prost::ProstCodec;

use super::channel::Channel;
use super::failure::CallError;
use super::handshake::Protocol;
use crate::wire::proto::plugin;
use crate::wire::proto::tfplugin5 as five;
use crate::wire::proto::tfplugin6 as six;

/// The most that is kept of an error's message, in characters.
const LONGEST_MESSAGE: usize = 4000;

/// A request that can be made of both versions.
pub(super) trait Call: Message + 'static {
    /// What is answered.
    type Answer: Message + Default + 'static;
    /// Its name in version 5.
    const FIVE: &'static str;
    /// Its name in version 6, and in messages.
    const SIX: &'static str;
}

macro_rules! calls {
    ($($module:ident: $five:literal, $six:literal;)*) => {
        $(impl Call for six::$module::Request {
            type Answer = six::$module::Response;
            const FIVE: &'static str = concat!("/tfplugin5.Provider/", $five);
            const SIX: &'static str = concat!("/tfplugin6.Provider/", $six);
        })*
    };
}

calls! {
    get_provider_schema: "GetSchema", "GetProviderSchema";
    get_resource_identity_schemas: "GetResourceIdentitySchemas", "GetResourceIdentitySchemas";
    validate_provider_config: "PrepareProviderConfig", "ValidateProviderConfig";
    configure_provider: "Configure", "ConfigureProvider";
    validate_resource_config: "ValidateResourceTypeConfig", "ValidateResourceConfig";
    validate_data_resource_config: "ValidateDataSourceConfig", "ValidateDataResourceConfig";
    upgrade_resource_state: "UpgradeResourceState", "UpgradeResourceState";
    upgrade_resource_identity: "UpgradeResourceIdentity", "UpgradeResourceIdentity";
    read_resource: "ReadResource", "ReadResource";
    plan_resource_change: "PlanResourceChange", "PlanResourceChange";
    apply_resource_change: "ApplyResourceChange", "ApplyResourceChange";
    import_resource_state: "ImportResourceState", "ImportResourceState";
    move_resource_state: "MoveResourceState", "MoveResourceState";
    read_data_source: "ReadDataSource", "ReadDataSource";
    call_function: "CallFunction", "CallFunction";
    validate_ephemeral_resource_config:
        "ValidateEphemeralResourceConfig", "ValidateEphemeralResourceConfig";
    open_ephemeral_resource: "OpenEphemeralResource", "OpenEphemeralResource";
    renew_ephemeral_resource: "RenewEphemeralResource", "RenewEphemeralResource";
    close_ephemeral_resource: "CloseEphemeralResource", "CloseEphemeralResource";
    stop_provider: "Stop", "StopProvider";
}

/// Returns a call's name without its service, for messages.
pub(super) fn name_of<C: Call>() -> &'static str {
    C::SIX.rsplit('/').next().unwrap_or(C::SIX)
}

/// A connection to a provider.
#[derive(Clone, Debug)]
pub(super) struct Client {
    pub(super) channel: Channel,
    pub(super) protocol: Protocol,
    /// The largest message, in bytes, either way.
    pub(super) largest: usize,
}

impl Client {
    /// Makes a call.
    pub(super) async fn call<C: Call>(
        &self,
        request: C,
        limit: Option<Duration>,
    ) -> Result<C::Answer, CallError> {
        let path = match self.protocol {
            Protocol::Five => C::FIVE,
            Protocol::Six => C::SIX,
        };
        self.unary(path, request, limit).await
    }

    /// Asks for the schema.
    pub(super) async fn schema(
        &self,
        limit: Option<Duration>,
    ) -> Result<six::get_provider_schema::Response, CallError> {
        let request = six::get_provider_schema::Request {};
        match self.protocol {
            Protocol::Six => self.call(request, limit).await,
            Protocol::Five => {
                let path = six::get_provider_schema::Request::FIVE;
                let answer: five::get_provider_schema::Response =
                    self.unary(path, request, limit).await?;
                Ok(crate::wire::schema::upgrade(answer))
            }
        }
    }

    /// Asks the process to end. It mostly ends without an answer.
    pub(super) async fn shutdown(&self) {
        let path = "/plugin.GRPCController/Shutdown";
        let _answer: Result<plugin::Empty, CallError> =
            self.unary(path, plugin::Empty {}, None).await;
    }

    /// Reads what the provider writes, for as long as there is any.
    pub(super) async fn read_output(&self, line: impl Fn(&[u8])) {
        let mut client = self.over();
        if client.ready().await.is_err() {
            return;
        }
        let codec = ProstCodec::<plugin::Empty, plugin::StdioData>::default();
        let path = PathAndQuery::from_static("/plugin.GRPCStdio/StreamStdio");
        let request = tonic::Request::new(plugin::Empty {});
        // A provider without this service writes to its own streams.
        let Ok(answer) = client.server_streaming(request, path, codec).await else { return };
        let mut stream = answer.into_inner();
        let mut lines = super::output::Lines::default();
        while let Ok(Some(data)) = stream.message().await {
            lines.push(&data.data, &mut |bytes| line(bytes));
        }
        lines.finish(&mut |bytes| line(bytes));
    }

    /// Returns a client for one call. Whoever listens on a socket of its own has no name.
    fn over(&self) -> tonic::client::Grpc<Channel> {
        let origin = Uri::from_static("http://localhost");
        tonic::client::Grpc::with_origin(self.channel.clone(), origin)
    }

    async fn unary<Q: Message + 'static, A: Message + Default + 'static>(
        &self,
        path: &'static str,
        request: Q,
        limit: Option<Duration>,
    ) -> Result<A, CallError> {
        let call = async {
            let mut client = self
                .over()
                .max_decoding_message_size(self.largest)
                .max_encoding_message_size(self.largest);
            client.ready().await.map_err(|error| CallError::Lost(with_causes(&error)))?;
            let codec = ProstCodec::<Q, A>::default();
            let path = PathAndQuery::from_static(path);
            let answer = client.unary(tonic::Request::new(request), path, codec).await;
            answer.map(tonic::Response::into_inner).map_err(|status| failure(&status, self.largest))
        };
        match limit {
            Some(limit) => {
                let timely = tokio::time::timeout(limit, call).await;
                timely.unwrap_or(Err(CallError::Silent(limit)))
            }
            None => call.await,
        }
    }
}

/// Returns what an error means; a message may have so many bytes.
fn failure(status: &tonic::Status, largest: usize) -> CallError {
    let (code, message) = (status.code(), status.message());
    let is_size = code == Code::OutOfRange || code == Code::ResourceExhausted;
    let text = || -> String { message.chars().take(LONGEST_MESSAGE).collect() };
    if code == Code::Unimplemented {
        CallError::Unsupported
    } else if is_size && message.contains("encoded message length too large") {
        CallError::Question(format!("it is larger than {} MiB", largest >> 20))
    } else if is_size && message.contains("too large") {
        CallError::TooLarge(largest >> 20)
    } else if code == Code::Unavailable || std::error::Error::source(status).is_some() {
        // What a provider says itself has no cause on this side.
        CallError::Lost(text())
    } else {
        CallError::Status(format!("{}: {}", code.description(), text()))
    }
}

#[cfg(test)]
mod tests {
    use tonic::Status;

    use super::*;

    #[test]
    fn what_a_provider_says_is_told_from_what_happens_to_the_connection() {
        let said = failure(&Status::internal("a disk is full"), 1 << 20);
        assert_eq!(said.to_string(), "Internal error: a disk is full");
        assert!(matches!(said, CallError::Status(_)));
        let broken = std::io::Error::from(std::io::ErrorKind::BrokenPipe);
        let broken = Status::from_error(Box::new(broken));
        assert!(matches!(failure(&broken, 0), CallError::Lost(_)));
        assert!(matches!(failure(&Status::unavailable("closing"), 0), CallError::Lost(_)));
        let none = failure(&Status::unimplemented("unknown method"), 0);
        assert!(matches!(none, CallError::Unsupported));
        let size = |message: &str| failure(&Status::out_of_range(message), 3 << 20).to_string();
        let answer = size("Error, decoded message length too large: found 9 bytes");
        assert_eq!(answer, "its answer is larger than 3 MiB");
        let question = size("Error, encoded message length too large: found 9 bytes");
        assert_eq!(question, "the question cannot be put: it is larger than 3 MiB");
    }
}
