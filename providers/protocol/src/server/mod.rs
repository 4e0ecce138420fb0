//! A provider as a program that anything runs which speaks the Terraform plugin protocol.
//!
//! Takes a [`syncline_model::Provider`] (what [`crate::sdk`] makes is one) and serves it over
//! version 6 of the protocol, or 5 where the client speaks no other, until it is told to end. Laws:
//!
//! * The first line on standard output says where it listens; nothing else is ever written there.
//! * With a client's certificate in the environment, only who holds its key is served.
//! * A call that was begun is carried to its end, whether or not its caller still waits, so that
//!   nothing is left half made.
//! * A panic is an answer of its one call, and a line in the log.
//! * It ends with the program that has started it, also where that is killed.
//! * With `--debug ADDRESS` it is started by hand: it says how clients attach to it (`TF_REATTACH_PROVIDERS`), takes
//!   any of them, and ends with an interrupt.
//! * Types are called `PROVIDER_TYPE`: the resource `file` of `local` is `local_file`.

mod calls;
mod convert;
mod fitting;
mod identity;
mod log;
mod routes;
mod schema;
mod start;
mod tls;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustix::process::Pid;
use syncline_model::Provider;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::UnixListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use self::calls::Server;
use self::log::Log;
use self::start::{Start, StartError};
use crate::sdk::Stop;

/// How long calls that are under way may take to end after the end was asked for.
const LAST_CALLS: Duration = Duration::from_millis(1500);
/// How long it is waited after a connection that could not be taken.
const LOST: Duration = Duration::from_millis(50);
/// How often it is looked whether anybody is left that the provider is for.
const LOOK: Duration = Duration::from_secs(1);
/// How much may be under way to us.
const WINDOW: u32 = 4 << 20;

/// Serves a provider until the program that started this one asks it to end; a `main` is this call.
///
/// Started by hand it says what it is, and fails.
#[must_use]
pub fn serve(provider: Arc<dyn Provider>) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            log::plain(&format!("the provider cannot start: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let served = runtime.block_on(run(provider));
    runtime.shutdown_timeout(Duration::from_millis(200));
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            log::plain(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

async fn run(provider: Arc<dyn Provider>) -> Result<(), StartError> {
    let parent = rustix::process::getppid();
    let debugged = start::debugged();
    if debugged.is_none() {
        start::check_cookie()?;
    }
    let schema = provider
        .schema()
        .await
        .map_err(|problem| StartError::Schema(problem.summary, problem.detail))?;
    let log = Log::new(&schema.name);
    log.panics();
    // Whoever started this process gets the interrupt too, and says what is to be done.
    let interrupts = signal(SignalKind::interrupt());
    let end = Stop::new();
    let _ignored = match (&debugged, interrupts) {
        (Some(_), Ok(interrupts)) => {
            tokio::spawn(interrupted(interrupts, Arc::clone(&provider), end.clone()));
            None
        }
        (_, interrupts) => interrupts.ok(),
    };
    if debugged.is_none() {
        tokio::spawn(orphaned(parent, Arc::clone(&provider), end.clone()));
    }
    let server = Arc::new(Server::new(Arc::clone(&provider), &schema, end.clone(), log)?);
    let Start { listener, acceptor, socket } = start::start(debugged.as_deref())?;
    accept(&listener, acceptor, &server, &end).await;
    drop(socket);
    Ok(())
}

/// Ends a provider that was started by hand when its user says so.
async fn interrupted(mut interrupts: Signal, provider: Arc<dyn Provider>, end: Stop) {
    interrupts.recv().await;
    provider.stop().await;
    end.request();
}

/// Ends a provider when who has started it is gone without a word: nobody else knows where it listens.
async fn orphaned(parent: Option<Pid>, provider: Arc<dyn Provider>, end: Stop) {
    while rustix::process::getppid() == parent {
        tokio::time::sleep(LOOK).await;
    }
    provider.stop().await;
    end.request();
}

/// Takes connections until the end is asked for, and lets what is under way end.
async fn accept(
    listener: &UnixListener,
    acceptor: Option<TlsAcceptor>,
    server: &Arc<Server>,
    end: &Stop,
) {
    let mut connections = JoinSet::new();
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    server.log.error(&format!("a connection was lost: {error}"));
                    // Where there are no more file descriptors, there may be some in a moment.
                    tokio::time::sleep(LOST).await;
                    continue;
                }
            },
            () = end.requested() => break,
        };
        let (server, end, acceptor) = (Arc::clone(server), end.clone(), acceptor.clone());
        connections.spawn(async move {
            match acceptor {
                None => connection(stream, server, end).await,
                Some(acceptor) => tokio::select! {
                    secured = acceptor.accept(stream) => match secured {
                        Ok(stream) => connection(stream, server, end).await,
                        Err(error) => server.log.error(&format!("a client was refused: {error}")),
                    },
                    // Who never says who it is keeps nobody waiting.
                    () = end.requested() => {}
                },
            }
        });
    }
    let last = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(LAST_CALLS, last).await.is_err() {
        server.log.error("calls were under way when the end was asked for");
    }
}

async fn connection(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    server: Arc<Server>,
    end: Stop,
) {
    let log = server.log.clone();
    let service = service_fn(move |request| routes::route(Arc::clone(&server), request));
    let serving = http2::Builder::new(TokioExecutor::new())
        .initial_stream_window_size(WINDOW)
        .initial_connection_window_size(WINDOW)
        .serve_connection(TokioIo::new(stream), service);
    let mut serving = std::pin::pin!(serving);
    let served = tokio::select! {
        served = serving.as_mut() => served,
        () = end.requested() => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = served {
        log.debug(&format!("a connection ended: {error}"));
    }
}
