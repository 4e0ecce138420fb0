//! `syncline state key`: who can read the secrets of an environment.

use std::time::Duration;

use syncline_model::{EnvironmentName, Str};
use syncline_planner::lease;
use syncline_planner::record::{Body, Log as _};

use crate::commands::running::{RunFlags, acquire};
use crate::exit::Failure;
use crate::project::Records;
use crate::session::Session;

/// What to do with the keys of an environment.
#[derive(clap::Subcommand, Clone, Debug)]
#[command(defer = true)]
pub enum KeyCommand {
    /// List who can read its secrets
    List {
        /// The environment
        env: String,
    },
    /// Let somebody else read them: `age1...`, `passphrase` or `command`
    Add {
        /// The environment
        env: String,
        /// Who: the public part of an age key, `passphrase` (`SYNCLINE_PASSPHRASE`), or `command`
        /// (`SYNCLINE_KEY_COMMAND`, called with `wrap` or `unwrap`)
        recipient: String,
    },
    /// Let somebody read no more what is written from now on
    Remove {
        /// The environment
        env: String,
        /// Who, as `list` says
        recipient: String,
    },
    /// Use a new key from now on, for the same readers
    Rotate {
        /// The environment
        env: String,
    },
}

impl KeyCommand {
    pub(super) fn environment(&self) -> &str {
        match self {
            Self::List { env }
            | Self::Add { env, .. }
            | Self::Remove { env, .. }
            | Self::Rotate { env } => env,
        }
    }
}

pub(super) async fn run(
    session: &Session,
    records: &Records,
    (environment, command): (EnvironmentName, KeyCommand),
) -> Result<(), Failure> {
    let log = records.log(&environment)?;
    let mut state = records.state(&environment).await?;
    let keys = records.keys(&environment);
    if let KeyCommand::List { .. } = command {
        session.output.line(&format!("key {}", keys.current()));
        keys.readers().iter().for_each(|reader| session.output.line(reader));
        return Ok(());
    }
    let lock_timeout = Duration::from_secs(30);
    let flags = RunFlags { yes: true, lock_timeout, input: false };
    let held = acquire(session, (&log, &environment), &flags, (&mut state, "state key")).await?;
    let is_first = state.keys.is_none();
    // Nobody else has read what the first key sealed: a key that others get is always a new one.
    let wrapped = readers(&keys.readers(), &command).and_then(|readers| {
        let with_new = is_first || !matches!(command, KeyCommand::Add { .. });
        keys.rewrap(&readers, with_new).map_err(|error| Failure::new(error.to_string()))
    });
    let written = match wrapped {
        Ok(wrapped) => {
            let body = Body::Keys(Box::new(wrapped.clone()));
            log.append(vec![body], None).await.map(|_| wrapped).map_err(Failure::from)
        }
        Err(failure) => Err(failure),
    };
    lease::release(&log, &held).await?;
    let wrapped = written?;
    session.output.note(&format!(
        "Secrets of `{environment}` are sealed with key {} from now on.",
        wrapped.current
    ));
    if !matches!(command, KeyCommand::Add { .. }) {
        session.output.note(
            "What was written before stays readable for whoever could read it. If a key was \
             lost to somebody, change the secrets themselves, too.",
        );
    }
    Ok(())
}

/// Returns who is to read.
fn readers(now: &[Str], command: &KeyCommand) -> Result<Vec<Str>, Failure> {
    let mut readers = now.to_vec();
    match command {
        KeyCommand::Add { recipient, .. } => {
            if now.iter().any(|own| own == recipient.as_str()) {
                return Err(Failure::new(format!("`{recipient}` can read already")));
            }
            readers.push(recipient.as_str().into());
        }
        KeyCommand::Remove { env, recipient } => {
            readers.retain(|own| own != recipient.as_str());
            if readers.len() == now.len() {
                return Err(Failure::new(format!("`{recipient}` cannot read anyway"))
                    .help(format!("`syncline state key list {env}` lists who can.")));
            }
            if readers.is_empty() {
                return Err(Failure::new("then nobody could read")
                    .help("Add somebody else first: `syncline state key add`."));
            }
        }
        KeyCommand::List { .. } | KeyCommand::Rotate { .. } => {}
    }
    Ok(readers)
}
