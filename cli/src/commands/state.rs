//! `syncline state`: looking at what is recorded, and mending it.

mod export;
mod import;
mod key;
mod migrate;

use std::time::Duration;

use syncline_model::{Address, EnvironmentName};
use syncline_planner::lease;
use syncline_planner::record::{Body, Lease, Log as _, LogError};
use syncline_planner::{Entry, State};
use syncline_state::VerifyError;

pub(super) use self::migrate::moved_to;
use crate::commands::environments::{one_recorded, several_recorded};
use crate::commands::running::{RunFlags, acquire};
use crate::exit::{Exit, Failure};
use crate::output::Style;
use crate::project::{Backends, Records, Required, holder, is_alive, requirements, root};
use crate::report::table::time;
use crate::report::text::attributes;
use crate::session::Session;

/// What to do with the recorded state.
#[derive(clap::Subcommand, Clone, Debug)]
#[command(defer = true)]
pub enum StateCommand {
    /// List what is recorded, one address a line
    List {
        /// The environment, or those with keys by their name; all that are recorded when it is not given
        env: Option<String>,
    },
    /// Print what is recorded of one resource; secrets are not shown
    Show {
        /// The resource: `prod:jobs/mail`
        resource: String,
        /// Print JSON (`--json`)
        #[arg(long)]
        json: bool,
    },
    /// Give a resource another address, without touching it
    Mv {
        /// The resource: `prod:web`
        from: String,
        /// Its new address: `site`
        to: String,
        /// How long to wait for another run (`--lock-timeout 5m`)
        #[arg(long, value_name = "TIME", default_value = "30s", value_parser = crate::arguments::duration)]
        lock_timeout: Duration,
    },
    /// Stop managing a resource, without touching it
    Forget {
        /// The resource: `prod:web`
        resource: String,
        /// How long to wait for another run (`--lock-timeout 5m`)
        #[arg(long, value_name = "TIME", default_value = "30s", value_parser = crate::arguments::duration)]
        lock_timeout: Duration,
    },
    /// Print everything that is recorded; secrets are not shown
    Export {
        /// The environment
        env: String,
        /// In which form (`--format terraform`)
        #[arg(long, value_enum, default_value = "syncline")]
        format: export::Format,
    },
    /// Record what a Terraform state holds, without touching anything
    Import {
        /// The environment
        env: String,
        /// A Terraform state of version 4 (`terraform state pull > old.tfstate`)
        file: std::path::PathBuf,
        /// How long to wait for another run (`--lock-timeout 5m`)
        #[arg(long, value_name = "TIME", default_value = "30s", value_parser = crate::arguments::duration)]
        lock_timeout: Duration,
    },
    /// Say who can read the secrets of an environment
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Move the log of an environment to another place, verified
    Migrate {
        /// The environment
        env: String,
        /// Where it was; where the project says when it is not given (`--from local`)
        #[arg(long, value_name = "PLACE")]
        from: Option<String>,
        /// Where it goes; where the project says when it is not given (`--to "s3 bucket=acme"`)
        #[arg(long, value_name = "PLACE")]
        to: Option<String>,
        /// How long to wait for another run (`--lock-timeout 5m`)
        #[arg(long, value_name = "TIME", default_value = "30s", value_parser = crate::arguments::duration)]
        lock_timeout: Duration,
    },
    /// Check every record against the chain of hashes
    Verify {
        /// The environment, or those with keys by their name; all that are recorded when it is not given
        env: Option<String>,
    },
    /// Take the environment from a run that is dead
    Unlock {
        /// The environment
        env: String,
        /// Do not ask (`--yes`)
        #[arg(long, short = 'y')]
        yes: bool,
    },
}

/// Returns the providers that the project names.
fn named(session: &Session) -> Result<Vec<Required>, Failure> {
    let (_, files, _) = crate::project::sources(&root(&session.folder)?);
    Ok(requirements(&syncline_lang::resolve(files).0).0)
}

pub(super) fn run(session: &Session, command: StateCommand) -> Result<Exit, Failure> {
    let root = root(&session.folder)?;
    match command {
        StateCommand::Verify { env } => {
            let backends = Backends::read(&root)?;
            return super::block_on(verify(session, &backends, env.as_deref()));
        }
        StateCommand::List { .. }
        | StateCommand::Show { .. }
        | StateCommand::Mv { .. }
        | StateCommand::Forget { .. }
        | StateCommand::Export { .. }
        | StateCommand::Import { .. }
        | StateCommand::Key(_)
        | StateCommand::Migrate { .. }
        | StateCommand::Unlock { .. } => {}
    }
    let records = Records::open(&root, &session.output)?;
    super::block_on(run_on(session, &records, command))
}

async fn run_on(
    session: &Session,
    records: &Records,
    command: StateCommand,
) -> Result<Exit, Failure> {
    match command {
        StateCommand::Verify { .. } => {}
        StateCommand::List { env } => list(session, records, env.as_deref()).await?,
        StateCommand::Show { resource, json } => {
            let (environment, address) = split(session, records, &resource).await?;
            let state = records.state(&environment).await?;
            let entry = find(&state, &environment, &address)?;
            show(session, (&state, &address, entry), json);
        }
        StateCommand::Mv { from, to, lock_timeout } => {
            let (environment, from) = split(session, records, &from).await?;
            let to = within(&environment, &from, &to)?;
            let change = Mend { environment, address: from, to: Some(to), lock_timeout };
            mend(session, records, change).await?;
        }
        StateCommand::Forget { resource, lock_timeout } => {
            let (environment, address) = split(session, records, &resource).await?;
            let change = Mend { environment, address, to: None, lock_timeout };
            mend(session, records, change).await?;
        }
        StateCommand::Export { env, format } => {
            let environment = one(session, records, &env).await?;
            let state = records.state(&environment).await?;
            let json = export::export(&environment, &state, format, &named(session)?);
            session.output.line(&super::pretty(&json));
            let secretive = export::secretive(&state);
            if matches!(format, export::Format::Terraform) && !secretive.is_empty() {
                session.output.note(&format!(
                    "Secrets are left out, of {}: there is null in their place.",
                    secretive.join(", ")
                ));
            }
        }
        StateCommand::Import { env, file, lock_timeout } => {
            let environment = one(session, records, &env).await?;
            import(session, records, (environment, &file), lock_timeout).await?;
        }
        StateCommand::Key(command) => {
            let environment = one(session, records, command.environment()).await?;
            key::run(session, records, (environment, command)).await?;
        }
        StateCommand::Migrate { env, from, to, lock_timeout } => {
            let own = migrate::Move { environment: env, from, to, lock_timeout };
            migrate::run(session, records, own).await?;
        }
        StateCommand::Unlock { env, yes } => return unlock(session, records, &env, yes).await,
    }
    Ok(Exit::Done)
}

/// Returns the one environment that is named of those that are recorded or declared.
async fn one(session: &Session, records: &Records, name: &str) -> Result<EnvironmentName, Failure> {
    one_recorded(session, records.environments().await?, name)
}

/// Returns the new address of what is recorded, which may be written with its environment.
fn within(environment: &EnvironmentName, from: &Address, to: &str) -> Result<Address, Failure> {
    let to = match to.split_once(':') {
        Some((own, to)) if own == environment.0.as_str() => to,
        Some((other, to)) => {
            return Err(Failure::new(format!(
                "`{environment}:{from}` stays in `{environment}`, and `{other}` is another environment"
            ))
            .help(format!("Write `{to}` alone. What is there already is taken over with `adopt`.")));
        }
        None => to,
    };
    Address::parse(to).map_err(|error| Failure::new(error.to_string()))
}

async fn split(
    session: &Session,
    records: &Records,
    text: &str,
) -> Result<(EnvironmentName, Address), Failure> {
    let Some((environment, address)) = text.split_once(':') else {
        return Err(Failure::new(format!("`{text}` names no environment"))
            .help(format!("Write the environment first: `dev:{text}`.")));
    };
    let environment = one(session, records, environment).await?;
    let address = Address::parse(address).map_err(|error| Failure::new(error.to_string()))?;
    Ok((environment, address))
}

fn find<'a>(
    state: &'a State,
    environment: &EnvironmentName,
    address: &Address,
) -> Result<&'a Entry, Failure> {
    state.resources.get(address).ok_or_else(|| {
        let names = state.resources.keys().map(Address::as_str);
        let help = match syncline_model::nearest(address.as_str(), names) {
            Some(near) => format!("Did you mean `{environment}:{near}`?"),
            None => format!("`syncline state list {environment}` lists what is recorded."),
        };
        Failure::new(format!("nothing is recorded at `{environment}:{address}`")).help(help)
    })
}

async fn list(session: &Session, records: &Records, env: Option<&str>) -> Result<(), Failure> {
    let recorded = records.environments().await?;
    let environments = match env {
        Some(name) => several_recorded(session, recorded, name)?,
        None => recorded,
    };
    for environment in environments {
        let state = records.state(&environment).await?;
        let is_named = env == Some(&*environment.0);
        let prefix = if is_named { String::new() } else { format!("{environment}:") };
        let width = state.resources.keys().map(|own| own.as_str().chars().count()).max();
        let width = width.unwrap_or(0);
        let mut text = String::new();
        for (address, entry) in &state.resources {
            let type_name = match (&entry.recorded, &entry.in_flight) {
                (Some(recorded), _) => format!("{}.{}", recorded.provider.name, recorded.kind),
                (None, Some(intent)) => format!("{}.{}", intent.provider.name, intent.kind),
                (None, None) => String::new(),
            };
            let tainted = entry.recorded.as_deref().is_some_and(|recorded| recorded.tainted);
            let marks = [
                (tainted, "  tainted"),
                (entry.in_flight.is_some(), "  in flight"),
                (!entry.deposed.is_empty(), "  has an old one to destroy"),
            ];
            let marks: String = marks.iter().filter(|(is, _)| *is).map(|(_, mark)| *mark).collect();
            text.push_str(&format!("{prefix}{:width$}  {type_name}{marks}\n", address.as_str()));
        }
        session.output.data(&text);
    }
    Ok(())
}

fn show(session: &Session, (state, address, entry): (&State, &Address, &Entry), json: bool) {
    if json {
        session.output.line(&super::pretty(&export::entry(address, entry, state)));
        return;
    }
    let paint = session.output.data_paint;
    let mut text = String::new();
    if let Some(recorded) = &entry.recorded {
        let heading = format!("{}.{} {address}", recorded.provider.name, recorded.kind);
        text.push_str(&paint.apply(Style::Bold, &heading));
        text.push('\n');
        text.push_str(&attributes(&recorded.attributes, paint));
        if let Some(source) = state.source(&recorded.provider, &recorded.source) {
            text.push_str(&format!("  # made by {source}\n"));
        }
        for need in &recorded.depends_on {
            text.push_str(&format!("  # needs {need}\n"));
        }
        if recorded.tainted {
            text.push_str("  # tainted: it is replaced at the next apply\n");
        }
        if recorded.outdated {
            text.push_str(
                "  # what it is to be replaced with has changed: it is replaced at the next apply\n",
            );
        }
    }
    if entry.in_flight.is_some() {
        text.push_str(
            "  # a call was under way when a run was killed; the next plan asks its provider\n",
        );
    }
    session.output.data(&text);
}

/// A change of the record alone: to another address, or away.
struct Mend {
    environment: EnvironmentName,
    address: Address,
    to: Option<Address>,
    lock_timeout: Duration,
}

async fn mend(session: &Session, records: &Records, mend: Mend) -> Result<(), Failure> {
    let Mend { environment, address, to, lock_timeout } = mend;
    let log = records.log(&environment)?;
    let mut state = records.state(&environment).await?;
    find(&state, &environment, &address)?;
    let flags = RunFlags { yes: true, lock_timeout, input: false };
    let purpose = if to.is_some() { "state mv" } else { "state forget" };
    let held = acquire(session, (&log, &environment), &flags, (&mut state, purpose)).await?;
    // Another run may have ended meanwhile.
    let checked = find(&state, &environment, &address).map(drop).and_then(|()| match &to {
        Some(to) if *to == address => {
            Err(Failure::new(format!("it is `{environment}:{to}` already")))
        }
        Some(to) if state.resources.contains_key(to) => {
            Err(Failure::new(format!("something is recorded at `{environment}:{to}` already"))
                .help("Move or forget that first."))
        }
        _ => Ok(()),
    });
    let body = match &to {
        Some(to) => Body::Moved { from: address.clone(), to: to.clone() },
        None => Body::Forgotten { address: address.clone() },
    };
    let written = match checked {
        Ok(()) => log.append(vec![body], None).await.map(drop).map_err(Failure::from),
        Err(failure) => Err(failure),
    };
    lease::release(&log, &held).await?;
    written?;
    session.output.note(&match to {
        Some(to) => format!("{environment}:{address} is {environment}:{to} now."),
        None => format!("{environment}:{address} is not managed any more; it was not touched."),
    });
    Ok(())
}

/// Records what a file holds; refuses when anything of it is recorded already.
async fn import(
    session: &Session,
    records: &Records,
    (environment, file): (EnvironmentName, &std::path::Path),
    lock_timeout: Duration,
) -> Result<(), Failure> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        Failure::new(format!("the file {} cannot be read: {error}", file.display()))
    })?;
    let imported = import::read(&text, &named(session)?)?;
    for note in &imported.notes {
        session.output.note(&format!("Left out: {note}."));
    }
    let count = imported.resources.len();
    let log = records.log(&environment)?;
    let mut state = records.state(&environment).await?;
    let flags = RunFlags { yes: true, lock_timeout, input: false };
    let held = acquire(session, (&log, &environment), &flags, (&mut state, "state import")).await?;
    let taken =
        imported.resources.iter().find(|(address, _)| state.resources.contains_key(address));
    let written = match taken {
        Some((address, _)) => {
            Err(Failure::new(format!("something is recorded at `{environment}:{address}` already"))
                .help("Nothing was imported. Move or forget that first."))
        }
        None => log.append(import::bodies(imported), None).await.map(drop).map_err(Failure::from),
    };
    lease::release(&log, &held).await?;
    written?;
    session.output.note(&format!(
        "{count} resources are recorded in `{environment}`; nothing was touched. `syncline plan \
         {environment}` says how they differ from the source."
    ));
    Ok(())
}

async fn verify(
    session: &Session,
    backends: &Backends,
    env: Option<&str>,
) -> Result<Exit, Failure> {
    let recorded = backends.environments().await?;
    let environments = match env {
        Some(name) => several_recorded(session, recorded, name)?,
        None => recorded,
    };
    let mut exit = Exit::Done;
    for environment in environments {
        let backend = backends.of_environment(&environment)?;
        let verified = match syncline_state::verify(&*backend, &environment).await {
            Ok(verified) => verified,
            Err(error) => {
                // The others shall be looked at all the same.
                session.tell_failure(&does_not_hold(&environment, &backend.place(), error));
                exit = Exit::Error;
                continue;
            }
        };
        let checkpoint = verified.checkpoint.map(|last| format!(", checkpoint at {last}"));
        session.output.line(&format!(
            "{environment}: {} records{}, head {}: ok",
            verified.records,
            checkpoint.unwrap_or_default(),
            verified.head.short()
        ));
    }
    Ok(exit)
}

/// Returns why a log could not be verified: it was not read, or does not hold.
fn does_not_hold(environment: &EnvironmentName, place: &str, error: VerifyError) -> Failure {
    match error {
        VerifyError::Log(
            error @ (LogError::Format { .. } | LogError::Storage { .. } | LogError::Refused { .. }),
        ) => Failure::from(error).note(format!("It is the log of `{environment}`, in {place}.")),
        VerifyError::Log(_) | VerifyError::Checkpoint { .. } => {
            Failure::new(format!("the log of `{environment}` does not hold: {error}"))
                .help(format!("Bring {place} back from a copy made before."))
        }
    }
}

/// Says who has an environment: a run, or nobody, since its log is somewhere else.
fn who_has(environment: &EnvironmentName, held: &Lease) -> String {
    let (by, since) = (&held.holder, time(held.since));
    if let Some(place) = moved_to(by) {
        return format!(
            "The log of `{environment}` has moved to {place}, at {since}. Freed, there are two of it, and \
             neither has what is done in the other."
        );
    }
    let runs = by.host == holder().host && is_alive(by);
    let runs = if runs { " That process runs, on this machine." } else { "" };
    format!(
        "{}@{} (process {}) has `{environment}` since {since} for {}.{runs}",
        by.user, by.host, by.process, held.purpose
    )
}

async fn unlock(
    session: &Session,
    records: &Records,
    name: &str,
    yes: bool,
) -> Result<Exit, Failure> {
    let environment = one(session, records, name).await?;
    let log = records.log(&environment)?;
    let state = records.state(&environment).await?;
    let Some((held, _)) = &state.lease else {
        session.output.note(&format!("Nobody has `{environment}`."));
        return Ok(Exit::Done);
    };
    session.output.note(&who_has(&environment, held));
    if !yes {
        if !session.output.asks {
            return Err(Failure::new("nobody is there to ask").help("Give --yes."));
        }
        session.output.prompt(
            "Take it away? That run then stops at its next record. Only 'yes' is accepted: ",
        );
        if session.output.answer().as_deref() != Some("yes") {
            session.output.note("Nothing was done.");
            return Ok(Exit::Error);
        }
    }
    lease::break_lease(&log, &state, holder()).await?;
    session.output.note(&format!("`{environment}` is free."));
    Ok(Exit::Done)
}
