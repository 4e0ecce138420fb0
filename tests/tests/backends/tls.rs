//! PostgreSQL over the network: a certificate that is verified, a password that is asked for.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use syncline_planner::record::{Body, Log as _, LogError};
use syncline_state_postgres::{Postgres, PostgresBackend};

use crate::worlds::log_on;

/// Each log has a schema of its own.
static ASKED: AtomicU64 = AtomicU64::new(0);

/// Writes a record into a log on a server.
async fn ask(address: &str, trusted: Option<Vec<u8>>, password: &str) -> Result<u64, LogError> {
    let settings = Postgres {
        url: format!("postgres://syncline@{address}"),
        password: Some(password.to_owned()),
        schema: format!("tls{}_{}", std::process::id(), ASKED.fetch_add(1, Ordering::Relaxed)),
        trusted,
        ..Postgres::default()
    };
    let log = log_on(Arc::new(PostgresBackend::new(&settings).unwrap()));
    let mark = log.append(vec![Body::Outputs { values: Vec::new() }], None).await?;
    Ok(mark.sequence)
}

fn refused(answer: Result<u64, LogError>, why: &str) {
    let error = answer.expect_err(why).to_string();
    assert!(error.contains(why), "{error}");
}

#[tokio::test]
async fn a_server_is_verified_before_it_gets_anything() {
    let variable = |name: &str| std::env::var(format!("SYNCLINE_TEST_POSTGRES_{name}"));
    let (Ok(port), Ok(tls_port), Ok(password), Ok(ca)) =
        (variable("PORT"), variable("TLS_PORT"), variable("PASSWORD"), variable("CA"))
    else {
        return;
    };
    let trusted = std::fs::read(ca).unwrap();
    let named = format!("localhost:{tls_port}/postgres?sslmode=verify-full");
    ask(&named, Some(trusted.clone()), &password).await.unwrap();
    refused(ask(&named, None, &password).await, "certificate");
    refused(ask(&named, Some(trusted.clone()), "wrong").await, "password authentication failed");
    // The certificate is of `localhost`.
    let numbered = format!("127.0.0.1:{tls_port}/postgres?sslmode=require");
    refused(ask(&numbered, Some(trusted), &password).await, "certificate");
    let plain = format!("localhost:{port}/postgres?sslmode=disable");
    ask(&plain, None, &password).await.unwrap();
}
