//! From a request's path to the call that answers it.
//!
//! Beside the provider's calls there are those of the plugin library: the end, the provider's
//! output (there is none), connections the other way (there are none) and health.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;

use futures_util::stream::{self, Stream, StreamExt as _};
use hyper::body::Incoming;
use prost::Message;
use tonic::body::Body;
use tonic::codegen::http::{Request, Response};
use tonic::{Code, Status};
use tonic_prost::ProstCodec;

use super::calls::Server;
use crate::sdk::Stop;
use crate::wire::proto::plugin::{Empty, StdioData};

/// The largest message, either way.
const LARGEST: usize = 256 << 20;

/// The answer to a question for health.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
struct Health {
    #[prost(int32, tag = "1")]
    status: i32,
}

/// The status of a service that serves.
const SERVING: i32 = 1;

/// Answers a request.
pub(super) async fn route(
    server: Arc<Server>,
    request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    let path = request.uri().path().to_owned();
    let answered = match path.split_once(".Provider/") {
        Some(("/tfplugin6", call)) => provider(server, call, request).await,
        Some(("/tfplugin5", call)) => older(server, call, request).await,
        Some(_) | None => library(&server, &path, request).await,
    };
    Ok(answered.unwrap_or_else(|| {
        Status::new(Code::Unimplemented, format!("this provider has no {path}")).into_http()
    }))
}

/// Answers a call of version 5: the messages are those of version 6 but for two, and some names are others.
async fn older(
    server: Arc<Server>,
    call: &str,
    request: Request<Incoming>,
) -> Option<Response<Body>> {
    let newer = match call {
        "GetSchema" => {
            let schema = move |message| async move { server.older_schema(message).await };
            return Some(unary(request, schema).await);
        }
        "PrepareProviderConfig" => {
            let prepare = move |message| async move { server.prepare(message).await };
            return Some(unary(request, prepare).await);
        }
        "GetProviderSchema" | "ValidateProviderConfig" => return None,
        "ValidateResourceTypeConfig" => "ValidateResourceConfig",
        "ValidateDataSourceConfig" => "ValidateDataResourceConfig",
        "Configure" => "ConfigureProvider",
        "Stop" => "StopProvider",
        same => same,
    };
    provider(server, newer, request).await
}

/// Answers a call of the provider's.
async fn provider(
    server: Arc<Server>,
    call: &str,
    request: Request<Incoming>,
) -> Option<Response<Body>> {
    macro_rules! unary {
        ($method:ident) => {
            unary(request, move |message| async move { server.$method(message).await }).await
        };
    }
    Some(match call {
        "GetMetadata" => unary!(metadata),
        "GetProviderSchema" => unary!(provider_schema),
        "GetResourceIdentitySchemas" => unary!(identity_schemas),
        "GetFunctions" => unary!(functions),
        "ValidateProviderConfig" => unary!(validate_provider),
        "ValidateResourceConfig" => unary!(validate_resource),
        "ValidateDataResourceConfig" => unary!(validate_data),
        "ConfigureProvider" => unary!(configure),
        "UpgradeResourceState" => unary!(upgrade),
        "UpgradeResourceIdentity" => unary!(upgrade_identity),
        "ReadResource" => unary!(read),
        "PlanResourceChange" => unary!(plan),
        "ApplyResourceChange" => unary!(apply),
        "ImportResourceState" => unary!(import),
        "MoveResourceState" => unary!(take_over),
        "ReadDataSource" => unary!(read_data),
        "ValidateEphemeralResourceConfig" => unary!(validate_ephemeral),
        "OpenEphemeralResource" => unary!(open),
        "RenewEphemeralResource" => unary!(renew),
        "CloseEphemeralResource" => unary!(close),
        "CallFunction" => unary!(call_function),
        "StopProvider" => unary!(stop),
        _ => return None,
    })
}

/// Answers a call of the plugin library's.
async fn library(
    server: &Arc<Server>,
    path: &str,
    request: Request<Incoming>,
) -> Option<Response<Body>> {
    let end = server.end.clone();
    Some(match path {
        "/plugin.GRPCController/Shutdown" => {
            let server = Arc::clone(server);
            unary(request, move |_: Empty| async move {
                server.shut_down().await;
                Ok(Empty {})
            })
            .await
        }
        "/plugin.GRPCStdio/StreamStdio" => {
            let service = tower::service_fn(move |_: tonic::Request<Empty>| {
                let silence: Silence<StdioData> = silence(end.clone());
                async move { Ok::<_, Status>(tonic::Response::new(silence)) }
            });
            let codec = ProstCodec::<StdioData, Empty>::default();
            tonic::server::Grpc::new(codec).server_streaming(service, request).await
        }
        "/plugin.GRPCBroker/StartStream" => {
            let service = tower::service_fn(move |_: tonic::Request<tonic::Streaming<Empty>>| {
                let silence: Silence<Empty> = silence(end.clone());
                async move { Ok::<_, Status>(tonic::Response::new(silence)) }
            });
            let codec = ProstCodec::<Empty, Empty>::default();
            tonic::server::Grpc::new(codec).streaming(service, request).await
        }
        "/grpc.health.v1.Health/Check" => {
            unary(request, |_: Empty| async { Ok(Health { status: SERVING }) }).await
        }
        _ => return None,
    })
}

type Silence<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// Returns a stream that has nothing to say, and ends with the provider.
fn silence<T: Send + 'static>(end: Stop) -> Silence<T> {
    Box::pin(stream::once(async move { end.requested().await }).filter_map(|()| async { None }))
}

/// Answers one message with one. The call goes on where its caller has gone.
async fn unary<Q, A, F>(
    request: Request<Incoming>,
    call: impl FnOnce(Q) -> F + Send + 'static,
) -> Response<Body>
where
    Q: Message + Default + 'static,
    A: Message + Default + 'static,
    F: Future<Output = Result<A, Status>> + Send + 'static,
{
    let mut call = Some(call);
    let service = tower::service_fn(move |request: tonic::Request<Q>| {
        let running = call.take().map(|call| tokio::spawn(call(request.into_inner())));
        async move {
            let Some(running) = running else { return Err(Status::internal("called twice")) };
            match running.await {
                Ok(answer) => answer.map(tonic::Response::new),
                Err(_) => Err(Status::internal("the provider panicked, which is a mistake in it")),
            }
        }
    });
    tonic::server::Grpc::new(ProstCodec::<A, Q>::default())
        .max_decoding_message_size(LARGEST)
        .max_encoding_message_size(LARGEST)
        .unary(service, request)
        .await
}
