//! `syncline providers`: which there are, what they offer, and pinning them.

mod docs;
mod pinning;

use std::collections::BTreeMap;

use serde_json::json;
use syncline_lang::World as _;
use syncline_model::{Attribute, Block, Mode, ProviderSchema, ResourceSchema};

use super::deferred::Deferred;
use crate::exit::{Exit, Failure};
use crate::project::{Loaded, Providers, root};
use crate::session::Session;

/// What to tell of the providers.
#[derive(clap::Subcommand, Clone, Debug)]
pub enum ProvidersCommand {
    /// List the providers
    List {
        /// Print JSON (`--json`)
        #[arg(long)]
        json: bool,
    },
    /// Print what providers offer, with types and descriptions
    Schema {
        /// A provider, or one of its types such as `local.file`; all when it is not given
        name: Option<String>,
        /// Print JSON (`--json`)
        #[arg(long)]
        json: bool,
    },
    /// Print the reference of a provider as Markdown, with emphasis on a terminal
    Docs {
        /// A provider, or one of its types such as `local.file`
        name: String,
        /// Print plain Markdown on a terminal too (`--markdown`)
        #[arg(long)]
        markdown: bool,
    },
    /// Choose and install versions, and pin them with their checksums in syncline.lock
    Lock(Deferred<pinning::LockArguments>),
    /// Fill a folder with the packages of the project's providers
    Mirror(Deferred<pinning::MirrorArguments>),
}

/// Returns the providers of the project around, or those that are built in where there is none.
fn providers(session: &Session) -> Result<Providers, Failure> {
    if root(&session.folder).is_err() {
        return Providers::built_in(&session.folder);
    }
    let mut loaded = Loaded::load(session)?;
    if loaded.world.incomplete {
        loaded.tell(session)?;
    }
    Ok(loaded.world)
}

pub(super) fn run(session: &Session, command: &ProvidersCommand) -> Result<Exit, Failure> {
    match command {
        ProvidersCommand::Lock(arguments) => return pinning::lock(session, arguments),
        ProvidersCommand::Mirror(arguments) => return pinning::mirror(session, arguments),
        ProvidersCommand::List { .. }
        | ProvidersCommand::Schema { .. }
        | ProvidersCommand::Docs { .. } => {}
    }
    let world = providers(session)?;
    let schemas: Vec<_> = world.providers().iter().filter_map(|name| world.schema(name)).collect();
    let source = |name: &str| {
        let found = world.external().find(|own| own.required.name == name);
        found.map_or("built in".to_owned(), |own| own.installed.source.short())
    };
    match command {
        ProvidersCommand::Lock(_) | ProvidersCommand::Mirror(_) => {}
        ProvidersCommand::Docs { name, markdown } => {
            for schema in chosen(&schemas, Some(name))? {
                docs::run(session, &schema, *markdown)?;
            }
        }
        ProvidersCommand::List { json: true } => {
            let list: Vec<_> = schemas
                .iter()
                .map(|schema| {
                    let source = source(&schema.name);
                    json!({ "name": schema.name, "version": schema.version, "source": source })
                })
                .collect();
            session.output.line(&super::pretty(&json!(list)));
        }
        ProvidersCommand::List { json: false } => {
            let rows: Vec<Vec<String>> = schemas
                .iter()
                .map(|schema| {
                    vec![
                        schema.name.to_string(),
                        schema.version.to_string(),
                        source(&schema.name),
                        first_line(&schema.description),
                    ]
                })
                .collect();
            let table = crate::report::table::table(&["NAME", "VERSION", "SOURCE", "WHAT"], &rows);
            session.output.data(&table);
        }
        ProvidersCommand::Schema { name, json } => {
            schema(session, &schemas, name.as_deref(), *json)?
        }
    }
    Ok(Exit::Done)
}

/// Returns the providers by a name, or the one type that is named: of it nothing else is kept.
fn chosen(
    schemas: &[std::sync::Arc<ProviderSchema>],
    name: Option<&str>,
) -> Result<Vec<ProviderSchema>, Failure> {
    let (provider, kind) = match name.map(|name| name.split_once('.').unwrap_or((name, ""))) {
        Some((provider, kind)) => (Some(provider), kind),
        None => (None, ""),
    };
    let mut chosen = Vec::new();
    for schema in schemas {
        if provider.is_some_and(|provider| schema.name != provider) {
            continue;
        }
        let mut schema = ProviderSchema::clone(schema);
        if !kind.is_empty() {
            let types = [&mut schema.resources, &mut schema.data, &mut schema.ephemeral];
            let left = types.map(|types| {
                types.retain(|own, _| own == kind);
                types.len()
            });
            if left == [0; 3] {
                continue;
            }
            schema.config = Block::default();
            schema.functions.clear();
        }
        chosen.push(schema);
    }
    if chosen.is_empty() {
        return Err(unknown(name.unwrap_or_default(), schemas));
    }
    Ok(chosen)
}

fn schema(
    session: &Session,
    schemas: &[std::sync::Arc<ProviderSchema>],
    name: Option<&str>,
    as_json: bool,
) -> Result<(), Failure> {
    let chosen = chosen(schemas, name)?;
    if as_json {
        let all: BTreeMap<&str, &ProviderSchema> =
            chosen.iter().map(|schema| (schema.name.as_str(), schema)).collect();
        session.output.line(&super::pretty(&json!(all)));
        return Ok(());
    }
    let mut text = String::new();
    for schema in &chosen {
        text.push_str(&format!(
            "# {} {}\n\n{}\n\n",
            schema.name, schema.version, schema.description
        ));
        for (what, types) in [
            ("resource", &schema.resources),
            ("data", &schema.data),
            ("ephemeral", &schema.ephemeral),
        ] {
            for (kind, own) in types {
                one(&mut text, &format!("{what} {}.{kind}", schema.name), own);
            }
        }
    }
    session.output.data(text.trim_end_matches('\n'));
    session.output.data("\n");
    Ok(())
}

/// How many types are named to somebody who has named none.
const MOST_NAMED: usize = 6;

/// Returns that a name is none, and what may have been meant.
fn unknown(name: &str, schemas: &[std::sync::Arc<ProviderSchema>]) -> Failure {
    let failure = Failure::new(format!("there is no provider or type `{name}`"));
    // A type as everybody calls it, as `aws_vpc` where the provider is called `cloud` here.
    let called = schemas.iter().find_map(|schema| {
        let kind = Mode::ALL.into_iter().find_map(|mode| schema.kind_of(mode, name))?;
        Some(format!("{}.{kind}", schema.name))
    });
    if let Some(called) = called {
        return failure.help(format!("Did you mean `{called}`?"));
    }
    let parts = name.split_once('.').or_else(|| name.split_once('_'));
    let of = |own: &str| schemas.iter().find(|schema| schema.name == own);
    if let Some((provider, kind)) = parts
        && let Some(schema) = of(provider)
    {
        return failure.help(near(schema, kind));
    }
    let names: Vec<&str> = schemas.iter().map(|schema| schema.name.as_str()).collect();
    match syncline_model::nearest(name, names.iter().copied()) {
        Some(near) => failure.help(format!("Did you mean `{near}`?")),
        None => failure.help(format!("The providers are {}.", names.join(", "))),
    }
}

/// Returns which types of a provider are like a name that is none.
fn near(schema: &ProviderSchema, kind: &str) -> String {
    let provider = &schema.name;
    // A type is written with its provider's name twice by whom Terraform has taught.
    let kind = kind.strip_prefix(&format!("{provider}_")).unwrap_or(kind);
    let types = [&schema.resources, &schema.data, &schema.ephemeral];
    let names = || types.iter().flat_map(|types| types.keys()).map(|own| own.as_str());
    if let Some((own, _)) = kind.split_once('.').filter(|(own, _)| names().any(|name| name == *own))
    {
        return format!("`syncline providers docs {provider}.{own}` tells what there is in it.");
    }
    if let Some(near) =
        names().find(|own| *own == kind).or_else(|| syncline_model::nearest(kind, names()))
    {
        return format!("Did you mean `{provider}.{near}`?");
    }
    let mut like: Vec<&str> = names().filter(|own| own.contains(kind)).collect();
    like.sort_by_key(|own| (!own.starts_with(kind), *own));
    like.dedup();
    let shown: Vec<String> =
        like.iter().take(MOST_NAMED).map(|own| format!("`{provider}.{own}`")).collect();
    match like.len() {
        0 => format!("`syncline providers schema {provider}` lists what there is."),
        count if count > MOST_NAMED => {
            format!("There are {}, and {} more.", shown.join(", "), count - MOST_NAMED)
        }
        _ => format!("There is {}.", shown.join(", ")),
    }
}

fn one(text: &mut String, heading: &str, schema: &ResourceSchema) {
    text.push_str(&format!("## {heading}\n\n{}\n\n", schema.description));
    for (name, attribute) in &schema.block.attributes {
        let marks = marks(attribute).join(", ");
        text.push_str(&format!("  {name}: {}  ({marks})\n", attribute.ty));
        if let Some(default) = &attribute.default {
            text.push_str(&format!("      default {default}\n"));
        }
        for line in attribute.description.lines() {
            text.push_str(&format!("      {line}\n"));
        }
    }
    if let Some(identity) = &schema.identity {
        let names: Vec<&str> = identity.block.attributes.keys().map(|name| name.as_str()).collect();
        text.push_str(&format!("  identified by {}\n", names.join(", ")));
    }
    text.push('\n');
}

fn marks(attribute: &Attribute) -> Vec<&'static str> {
    let marks = [
        (attribute.required, "required"),
        (attribute.optional, "optional"),
        (attribute.computed, "computed"),
        (attribute.sensitive, "secret"),
        (attribute.write_only, "write only"),
        (attribute.requires_replace, "a change replaces"),
    ];
    marks.into_iter().filter(|(is, _)| *is).map(|(_, mark)| mark).collect()
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}
