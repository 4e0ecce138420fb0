//! The backend itself.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use syncline_model::{Digest, EnvironmentName, with_causes};
use syncline_planner::plan::StateMark;
use syncline_planner::record::LogError;
use syncline_state::{Backend, START, Stored};
use tokio::sync::Mutex;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config, Row, Statement};

use crate::tls::Tls;

/// The format that this version writes and reads.
pub const FORMAT: u32 = 1;

/// Where logs are in PostgreSQL.
#[derive(Clone, Debug, Default)]
pub struct Postgres {
    /// `postgres://user@host:5432/database`, with `sslmode` as PostgreSQL's own tools know it, but that a server's
    /// certificate is always verified, and that another machine is never asked without TLS unless the address says
    /// `sslmode=disable` or `prefer`.
    pub url: String,
    /// The user, where the address names none.
    pub user: Option<String>,
    /// The password, where the address names none.
    pub password: Option<String>,
    /// The schema that the tables stand in; `syncline` when empty.
    pub schema: String,
    /// A PEM file's bytes with the certificates to trust in place of the operating system's.
    pub trusted: Option<Vec<u8>>,
}

/// Logs in a PostgreSQL database.
pub struct PostgresBackend {
    config: Config,
    tls: Tls,
    /// Quoted.
    schema: String,
    place: String,
    connected: Mutex<Option<Arc<Connected>>>,
}

/// A connection, with what is asked often.
struct Connected {
    client: Client,
    queries: Option<Queries>,
}

struct Queries {
    read: Statement,
    tail: Statement,
    append: Statement,
}

type Failed = tokio_postgres::Error;

/// Reads an address, with the rule of [`Postgres::url`].
fn parse_url(url: &str) -> Result<Config, Failed> {
    let is_explicit = url.contains("sslmode=");
    // A certificate is verified with its name, in whatever mode.
    let known = ["verify-full", "verify-ca"].iter().fold(url.to_owned(), |url, mode| {
        url.replace(&format!("sslmode={mode}"), "sslmode=require")
    });
    let mut config: Config = known.parse()?;
    let is_here = config.get_hosts().iter().all(|host| match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost" || name.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
        }
    });
    if !is_explicit && !is_here {
        config.ssl_mode(SslMode::Require);
    }
    Ok(config)
}

impl std::fmt::Debug for PostgresBackend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PostgresBackend({})", self.place)
    }
}

impl PostgresBackend {
    /// Returns the backend of a database. Nothing is asked of the server before it is used.
    ///
    /// # Errors
    /// [`LogError::Storage`] when a setting makes no sense.
    pub fn new(settings: &Postgres) -> Result<Self, LogError> {
        let fail = |reason: String| LogError::Storage { doing: "read", reason };
        let mut config = parse_url(&settings.url)
            .map_err(|error| fail(format!("the url of postgres: {error}")))?;
        if let Some(user) = settings.user.as_ref().filter(|_| config.get_user().is_none()) {
            config.user(user);
        }
        if let Some(password) =
            settings.password.as_ref().filter(|_| config.get_password().is_none())
        {
            config.password(password);
        }
        config.application_name("syncline").connect_timeout(Duration::from_secs(15));
        let tls = Tls::new(settings.trusted.as_deref()).map_err(fail)?;
        let name = if settings.schema.is_empty() { "syncline" } else { &settings.schema };
        let database = config.get_dbname().unwrap_or("postgres");
        let place = format!("postgres, database {database}, schema {name}");
        let schema = format!("\"{}\"", name.replace('"', "\"\""));
        Ok(Self { config, tls, schema, place, connected: Mutex::default() })
    }

    fn failed(&self, doing: &'static str, error: &Failed) -> LogError {
        // The error itself only says `db error`; what the server said is its cause.
        let reason = error.as_db_error().map_or_else(|| with_causes(error), ToString::to_string);
        LogError::Storage { doing, reason: format!("{}: {reason}", self.place) }
    }

    /// Returns the connection, made anew where there is none any more.
    async fn connected(&self, doing: &'static str) -> Result<Arc<Connected>, LogError> {
        let mut kept = self.connected.lock().await;
        if let Some(connected) = kept.as_ref().filter(|kept| !kept.client.is_closed()) {
            return Ok(Arc::clone(connected));
        }
        let connected = Arc::new(self.connect(doing).await?);
        *kept = Some(Arc::clone(&connected));
        Ok(connected)
    }

    async fn connect(&self, doing: &'static str) -> Result<Connected, LogError> {
        let fail = |error: Failed| self.failed(doing, &error);
        let (client, connection) = self.config.connect(self.tls.clone()).await.map_err(fail)?;
        // It ends with the client; whoever asks afterwards finds the client closed.
        tokio::spawn(async move {
            let _ = connection.await;
        });
        client
            .batch_execute("SET synchronous_commit = on; SET statement_timeout = '60s'")
            .await
            .map_err(fail)?;
        let queries = self.queries(&client, doing).await?;
        Ok(Connected { client, queries })
    }

    /// Prepares what is asked often; `None` where nothing was ever written.
    async fn queries(
        &self,
        client: &Client,
        doing: &'static str,
    ) -> Result<Option<Queries>, LogError> {
        let schema = &self.schema;
        let found = client
            .query(&format!("SELECT value FROM {schema}.meta WHERE key = 'format'"), &[])
            .await;
        let format = match found {
            Ok(rows) => rows.first().and_then(|row| row.try_get::<_, &str>(0).ok()?.parse().ok()),
            Err(error) if is_missing(&error) => return Ok(None),
            Err(error) => return Err(self.failed(doing, &error)),
        };
        let found: u32 = format.ok_or_else(|| {
            let reason = format!("{}: its tables name no format", self.place);
            LogError::Storage { doing, reason }
        })?;
        if found > FORMAT {
            return Err(LogError::Format { found, known: FORMAT });
        }
        let read = format!(
            "SELECT sequence, previous, hash, time, body FROM {schema}.records
             WHERE environment = $1 AND sequence > $2 ORDER BY sequence LIMIT $3"
        );
        let tail = format!(
            "SELECT sequence, hash FROM {schema}.records
             WHERE environment = $1 ORDER BY sequence DESC LIMIT 1"
        );
        // The key decides between two that find the same last record.
        let append = format!(
            "INSERT INTO {schema}.records
                 (environment, sequence, previous, hash, time, body, batch)
             SELECT $1, own.*, $7 FROM
                 unnest($2::bigint[], $3::bytea[], $4::bytea[], $5::bigint[], $6::bytea[]) own
             WHERE ($8::bigint = 0 AND NOT EXISTS (
                     SELECT FROM {schema}.records WHERE environment = $1))
                 OR ($8 > 0 AND ($8, $9::bytea) = (
                     SELECT sequence, hash FROM {schema}.records
                     WHERE environment = $1 ORDER BY sequence DESC LIMIT 1))"
        );
        let prepared =
            tokio::try_join!(client.prepare(&read), client.prepare(&tail), client.prepare(&append));
        let (read, tail, append) = prepared.map_err(|error| self.failed(doing, &error))?;
        Ok(Some(Queries { read, tail, append }))
    }

    /// Makes the tables; of several that do so at once, one does and the others wait.
    async fn create(&self, client: &Client) -> Result<(), LogError> {
        let schema = &self.schema;
        let sql = format!(
            "BEGIN;
             SELECT pg_advisory_xact_lock(7955377267232601);
             CREATE SCHEMA IF NOT EXISTS {schema};
             CREATE TABLE IF NOT EXISTS {schema}.meta (key text PRIMARY KEY, value text NOT NULL);
             CREATE TABLE IF NOT EXISTS {schema}.records (
                 environment text NOT NULL,
                 sequence bigint NOT NULL,
                 previous bytea NOT NULL,
                 hash bytea NOT NULL,
                 time bigint NOT NULL,
                 body bytea NOT NULL,
                 batch bytea NOT NULL,
                 PRIMARY KEY (environment, sequence)
             );
             CREATE TABLE IF NOT EXISTS {schema}.checkpoints (
                 environment text PRIMARY KEY, body bytea NOT NULL
             );
             INSERT INTO {schema}.meta VALUES ('format', '{FORMAT}') ON CONFLICT DO NOTHING;
             COMMIT"
        );
        client.batch_execute(&sql).await.map_err(|error| self.failed("written", &error))
    }

    /// Returns a connection to tables that are there.
    async fn prepared(&self) -> Result<Arc<Connected>, LogError> {
        let connected = self.connected("written").await?;
        if connected.queries.is_some() {
            return Ok(connected);
        }
        self.create(&connected.client).await?;
        let fresh = Arc::new(self.connect("written").await?);
        *self.connected.lock().await = Some(Arc::clone(&fresh));
        Ok(fresh)
    }

    async fn insert(
        &self,
        environment: &EnvironmentName,
        (after, batch): (&StateMark, &[u8]),
        records: &[Stored],
    ) -> Result<Result<u64, Failed>, LogError> {
        let connected = self.prepared().await?;
        let Some(queries) = &connected.queries else {
            let reason = format!("{}: its tables are gone", self.place);
            return Err(LogError::Storage { doing: "written", reason });
        };
        let sequences: Vec<i64> = records.iter().map(|own| own.sequence.cast_signed()).collect();
        let previous: Vec<&[u8]> = records.iter().map(|own| &own.previous.0[..]).collect();
        let hashes: Vec<&[u8]> = records.iter().map(|own| &own.hash.0[..]).collect();
        let times: Vec<i64> = records.iter().map(|own| own.time.cast_signed()).collect();
        let bodies: Vec<&[u8]> = records.iter().map(|own| &own.body[..]).collect();
        let sequence = after.sequence.cast_signed();
        let hash = &after.hash.0[..];
        let name = environment.0.as_str();
        Ok(connected
            .client
            .execute(
                &queries.append,
                &[&name, &sequences, &previous, &hashes, &times, &bodies, &batch, &sequence, &hash],
            )
            .await)
    }

    /// Tells whether a batch was written.
    async fn is_written(
        &self,
        environment: &EnvironmentName,
        batch: &[u8],
        first: u64,
    ) -> Result<bool, LogError> {
        let connected = self.connected("written").await?;
        let sql = format!(
            "SELECT batch = $3 FROM {}.records WHERE environment = $1 AND sequence = $2",
            self.schema
        );
        let name = environment.0.as_str();
        let found = connected.client.query_opt(&sql, &[&name, &first.cast_signed(), &batch]).await;
        let row = found.map_err(|error| self.failed("written", &error))?;
        Ok(row.is_some_and(|row| row.try_get(0).unwrap_or(false)))
    }
}

#[async_trait]
impl Backend for PostgresBackend {
    fn place(&self) -> String {
        self.place.clone()
    }

    async fn read(
        &self,
        environment: &EnvironmentName,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Stored>, LogError> {
        let connected = self.connected("read").await?;
        let Some(queries) = &connected.queries else { return Ok(Vec::new()) };
        let from = i64::try_from(after).unwrap_or(i64::MAX);
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let name = environment.0.as_str();
        let rows = connected.client.query(&queries.read, &[&name, &from, &limit]).await;
        let rows = rows.map_err(|error| self.failed("read", &error))?;
        let mut records = Vec::with_capacity(rows.len());
        for row in &rows {
            match stored(row) {
                Some(stored) => records.push(stored),
                None if records.is_empty() => {
                    let reason = "its columns are not what was written".to_owned();
                    return Err(LogError::Corrupt { sequence: after + 1, reason });
                }
                None => break,
            }
        }
        Ok(records)
    }

    async fn tail(&self, environment: &EnvironmentName) -> Result<StateMark, LogError> {
        let connected = self.connected("read").await?;
        let Some(queries) = &connected.queries else { return Ok(START) };
        let name = environment.0.as_str();
        let row = connected.client.query_opt(&queries.tail, &[&name]).await;
        let Some(row) = row.map_err(|error| self.failed("read", &error))? else {
            return Ok(START);
        };
        let mark = sequence(&row, 0)
            .and_then(|sequence| Some(StateMark { sequence, hash: digest(&row, 1)? }));
        mark.ok_or_else(|| LogError::Storage {
            doing: "read",
            reason: format!("{}: the last record is not what was written", self.place),
        })
    }

    async fn append(
        &self,
        environment: &EnvironmentName,
        after: &StateMark,
        records: &[Stored],
    ) -> Result<bool, LogError> {
        let mut batch = [0; 16];
        getrandom::fill(&mut batch).map_err(|error| {
            let reason = format!("{}: {error}", self.place);
            LogError::Storage { doing: "written", reason }
        })?;
        let error = match self.insert(environment, (after, &batch), records).await? {
            Ok(count) => return Ok(count > 0 || records.is_empty()),
            Err(error) if error.code() == Some(&SqlState::UNIQUE_VIOLATION) => return Ok(false),
            Err(error) => error,
        };
        if error.as_db_error().is_some() && !is_ending(&error) {
            return Err(self.failed("written", &error));
        }
        // The answer was lost with the connection. A new one tells whether the records are there;
        // if they are not, the server has given them up, or will find the next ones in their place.
        if self.is_written(environment, &batch, after.sequence + 1).await? {
            return Ok(true);
        }
        match self.insert(environment, (after, &batch), records).await? {
            Ok(count) => Ok(count > 0),
            Err(error) if error.code() == Some(&SqlState::UNIQUE_VIOLATION) => {
                self.is_written(environment, &batch, after.sequence + 1).await
            }
            Err(error) => Err(self.failed("written", &error)),
        }
    }

    async fn environments(&self) -> Result<Vec<EnvironmentName>, LogError> {
        let connected = self.connected("read").await?;
        if connected.queries.is_none() {
            return Ok(Vec::new());
        }
        let sql = format!(
            "WITH RECURSIVE names(name) AS (
                 (SELECT environment FROM {0}.records ORDER BY environment LIMIT 1)
                 UNION ALL
                 SELECT (SELECT environment FROM {0}.records WHERE environment > name
                         ORDER BY environment LIMIT 1)
                 FROM names WHERE name IS NOT NULL
             )
             SELECT name FROM names WHERE name IS NOT NULL",
            self.schema
        );
        let rows = connected.client.query(&sql, &[]).await;
        let rows = rows.map_err(|error| self.failed("read", &error))?;
        let names = rows.iter().filter_map(|row| row.try_get::<_, &str>(0).ok());
        let mut names: Vec<_> = names.map(|name| EnvironmentName(name.into())).collect();
        names.sort();
        Ok(names)
    }

    async fn checkpoint(&self, environment: &EnvironmentName) -> Result<Option<Vec<u8>>, LogError> {
        let connected = self.connected("read").await?;
        if connected.queries.is_none() {
            return Ok(None);
        }
        let sql = format!("SELECT body FROM {}.checkpoints WHERE environment = $1", self.schema);
        let name = environment.0.as_str();
        let row = connected.client.query_opt(&sql, &[&name]).await;
        let row = row.map_err(|error| self.failed("read", &error))?;
        Ok(row.and_then(|row| row.try_get(0).ok()))
    }

    async fn set_checkpoint(
        &self,
        environment: &EnvironmentName,
        checkpoint: Option<Vec<u8>>,
    ) -> Result<(), LogError> {
        let connected = self.prepared().await?;
        let (schema, name) = (&self.schema, environment.0.as_str());
        let done = match checkpoint {
            Some(bytes) => {
                let sql = format!(
                    "INSERT INTO {schema}.checkpoints VALUES ($1, $2)
                     ON CONFLICT (environment) DO UPDATE SET body = excluded.body"
                );
                connected.client.execute(&sql, &[&name, &bytes]).await
            }
            None => {
                let sql = format!("DELETE FROM {schema}.checkpoints WHERE environment = $1");
                connected.client.execute(&sql, &[&name]).await
            }
        };
        done.map(drop).map_err(|error| self.failed("written", &error))
    }
}

/// Tells whether an error says that the tables were never made.
fn is_missing(error: &Failed) -> bool {
    let missing = [SqlState::UNDEFINED_TABLE, SqlState::INVALID_SCHEMA_NAME];
    error.code().is_some_and(|code| missing.contains(code))
}

/// Tells whether the server said that it ends the connection: class 57.
fn is_ending(error: &Failed) -> bool {
    error.code().is_some_and(|code| code.code().starts_with("57P"))
}

fn stored(row: &Row) -> Option<Stored> {
    Some(Stored {
        sequence: sequence(row, 0)?,
        previous: digest(row, 1)?,
        hash: digest(row, 2)?,
        time: sequence(row, 3)?,
        body: row.try_get::<_, Vec<u8>>(4).ok()?.into(),
    })
}

fn sequence(row: &Row, at: usize) -> Option<u64> {
    u64::try_from(row.try_get::<_, i64>(at).ok()?).ok()
}

fn digest(row: &Row, at: usize) -> Option<Digest> {
    row.try_get::<_, &[u8]>(at).ok()?.try_into().ok().map(Digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_machine_is_asked_over_tls_unless_the_address_says_otherwise() {
        for (url, mode) in [
            ("postgres://a@db.example/x", SslMode::Require),
            ("postgres://a@10.0.0.1/x", SslMode::Require),
            ("postgres://a@db.example/x?sslmode=verify-full", SslMode::Require),
            ("postgres://a@db.example/x?sslmode=verify-ca", SslMode::Require),
            ("postgres://a@db.example/x?sslmode=disable", SslMode::Disable),
            ("postgres://a@db.example/x?sslmode=prefer", SslMode::Prefer),
            ("postgres://a@localhost/x", SslMode::Prefer),
            ("postgres://a@127.0.0.1/x", SslMode::Prefer),
            ("postgres://a@%2Ftmp/x", SslMode::Prefer),
            ("postgres://a@localhost,db.example/x", SslMode::Require),
        ] {
            let config = parse_url(url).unwrap();
            assert_eq!(config.get_ssl_mode(), mode, "{url}");
        }
        assert!(parse_url("postgres://a@db.example/x?sslmode=maybe").is_err());
    }
}
