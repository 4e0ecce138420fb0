//! One HTTP/2 connection to a provider, for tonic's client to make calls over.
//!
//! Takes a stream that is connected and, where the provider wants it, encrypted; returns a service. A
//! provider has one connection, which is never made anew: with the process goes all that it knew.

use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::body::Incoming;
use hyper::client::conn::http2::{Builder, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncWrite};
use tonic::body::Body;
use tonic::codegen::Service;
use tonic::codegen::http::{Request, Response};

/// How much may be under way to us, in bytes: schemas take tens of MiB.
const WINDOW: u32 = 16 << 20;

/// A connection, to be cloned for each call.
#[derive(Clone, Debug)]
pub(super) struct Channel(SendRequest<Body>);

impl Channel {
    /// Begins HTTP/2 on a stream; a task of its own reads and writes it to its end.
    ///
    /// # Errors
    /// When the other side does not speak it.
    pub(super) async fn open<S>(stream: S) -> hyper::Result<Self>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let (sender, connection) = Builder::new(TokioExecutor::new())
            .initial_connection_window_size(WINDOW)
            .initial_stream_window_size(WINDOW)
            .max_header_list_size(1 << 20)
            .handshake(TokioIo::new(stream))
            .await?;
        // How it ends is told to the calls that it ends.
        tokio::spawn(async move { drop(connection.await) });
        Ok(Self(sender))
    }
}

impl Service<Request<Body>> for Channel {
    type Response = Response<Incoming>;
    type Error = hyper::Error;
    type Future = Pin<Box<dyn Future<Output = hyper::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<hyper::Result<()>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        Box::pin(self.0.send_request(request))
    }
}
