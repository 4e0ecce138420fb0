//! `syncline drift [ENV...]`: recorded against real; changes nothing.

use std::num::NonZeroUsize;

use serde_json::{Value as Json, json};
use syncline_lang::Evaluated;
use syncline_lang::ops::Resolver;
use syncline_model::{Desired, EnvironmentName, Value};
use syncline_planner::drift::{Comparison, Difference, Drift, Drifted, drift};

use crate::arguments::InputArguments;
use crate::commands::environments::{note_none, several};
use crate::commands::planning::{load, with_exports};
use crate::commands::state::moved_to;
use crate::exit::{Exit, Failure};
use crate::output::Style;
use crate::progress::Planning;
use crate::project::{Records, is_alive};
use crate::report::json::{sensitive, value};
use crate::session::Session;

/// Arguments of `drift`.
#[derive(clap::Args, Clone, Debug)]
pub struct DriftArguments {
    /// The environments; all when none is named
    env: Vec<String>,
    /// The most calls to providers that are under way at once (`--parallelism 4`)
    #[arg(long, value_name = "N", default_value = "10", value_parser = crate::arguments::parallelism)]
    parallelism: NonZeroUsize,
    #[command(flatten)]
    inputs: InputArguments,
    /// Print JSON, a document for each environment (`--json`)
    #[arg(long)]
    json: bool,
}

pub(super) fn run(session: &Session, arguments: &DriftArguments) -> Result<Exit, Failure> {
    let (mut loaded, inputs) = load(session, &arguments.inputs)?;
    let records = Records::open(&loaded.root, &session.output)?;
    let recorded = super::block_on(records.environments())?;
    let names = several(session, &mut loaded, recorded, &arguments.env)?;
    note_none(session, &names);
    let inputs = with_exports(session, &loaded, &names, inputs)?;
    // The source tells what providers are set up with; where it does not, the record does.
    let evaluated =
        |name: &String| syncline_lang::evaluate(&loaded.project, name, &inputs, &loaded.world).0;
    let all: Vec<Option<Evaluated>> = names.iter().map(evaluated).collect();
    let targets = names.iter().map(|name| EnvironmentName(name.as_str().into())).zip(all);
    let mut exit = Exit::Done;
    super::block_on(async {
        let registry = loaded.world.registry().await?;
        for (index, (environment, evaluated)) in targets.enumerate() {
            let resolver = Resolver { functions: Some(&loaded.world) };
            let with = (&registry, resolver, arguments.parallelism.get());
            let target = (&environment, evaluated.as_ref().map(|own| &own.desired));
            let found = compare(session, &records, target, with).await?;
            if arguments.json {
                session.output.line(&super::pretty(&document(&environment, &found)));
            } else {
                if index > 0 {
                    session.output.line("");
                }
                show(session, &environment, &found);
            }
            if !found.drifted.is_empty() {
                exit = Exit::Changes;
            }
        }
        Ok(exit)
    })
}

async fn compare(
    session: &Session,
    records: &Records,
    (environment, desired): (&EnvironmentName, Option<&Desired>),
    (registry, resolver, parallelism): (&syncline_planner::ProviderRegistry, Resolver<'_>, usize),
) -> Result<Drift, Failure> {
    let state = records.state(environment).await?;
    let progress = Planning::new(&session.output, environment);
    let comparison = Comparison {
        state: &state,
        desired,
        providers: registry,
        resolve: &resolver,
        parallelism,
        observer: &progress,
    };
    let found = drift(&comparison).await;
    progress.finish();
    if let Some((lease, _)) = state.lease.as_ref().filter(|(lease, _)| is_alive(&lease.holder)) {
        let by = &lease.holder;
        session.output.note(&match moved_to(by) {
            Some(place) => format!(
                "The log of `{environment}` has moved to {place}: what is there was compared with what it was then."
            ),
            None => format!(
                "{}@{} (process {}) is changing the environment: what it works on may be told as drift.",
                by.user, by.host, by.process
            ),
        });
    }
    Ok(found)
}

const fn class(difference: &Difference) -> &'static str {
    match difference {
        Difference::Changed { .. } => "changed",
        Difference::Deleted { .. } => "deleted",
        Difference::LeftBehind { .. } => "left_behind",
        Difference::InFlight { .. } => "in_flight",
        Difference::Unverifiable { .. } => "unverifiable",
    }
}

fn show(session: &Session, environment: &EnvironmentName, found: &Drift) {
    let output = &session.output;
    let paint = output.data_paint;
    for drifted in &found.drifted {
        let name = format!("{}.{} {}", drifted.provider.name, drifted.kind, drifted.address);
        let (sign, style, what) = match &drifted.difference {
            Difference::Changed { .. } => ("~", Style::Yellow, "was changed".to_owned()),
            Difference::Deleted { .. } => ("-", Style::Red, "is gone".to_owned()),
            Difference::LeftBehind { .. } => {
                ("-", Style::Yellow, "has an old one that is to be destroyed".to_owned())
            }
            Difference::InFlight { operation } => {
                ("?", Style::Yellow, format!("is in flight: call {operation} was interrupted"))
            }
            Difference::Unverifiable { problem } => {
                ("?", Style::Yellow, format!("cannot be told: {}", problem.summary))
            }
        };
        output.line(&format!("{} {name} {what}", paint.apply(style, sign)));
        for line in details(drifted) {
            output.line(&line);
        }
    }
    let count =
        |wanted: &str| found.drifted.iter().filter(|own| class(&own.difference) == wanted).count();
    if found.drifted.is_empty() {
        let line =
            format!("No drift. All {} resources of {environment} are as recorded.", found.compared);
        output.line(&paint.apply(Style::Green, &line));
        return;
    }
    output.line(&format!(
        "\nDrift: {} changed, {} deleted, {} left behind, {} in flight, {} unverifiable, of {} \
         resources of {environment}.",
        count("changed"),
        count("deleted"),
        count("left_behind"),
        count("in_flight"),
        count("unverifiable"),
        found.compared
    ));
    output.note(&format!("syncline plan {environment} shows what an apply would do about it."));
}

fn details(drifted: &Drifted) -> Vec<String> {
    let Difference::Changed { recorded, found, paths } = &drifted.difference else {
        return Vec::new();
    };
    let null = Value::Null;
    let line = |path: &syncline_model::Path| {
        let (old, new) = (path.get(recorded).unwrap_or(&null), path.get(found).unwrap_or(&null));
        if old.has_secret() || new.has_secret() {
            return format!("    {path} = (secret), another one than recorded");
        }
        format!("    {path} = {} -> {}", short(old), short(new))
    };
    paths.iter().map(line).collect()
}

/// Returns a value on one line of bounded length.
fn short(value: &Value) -> String {
    const LONGEST: usize = 60;
    let text = value.to_string();
    if text.chars().count() <= LONGEST {
        return text;
    }
    let start: String = text.chars().take(LONGEST).collect();
    format!("{start}...")
}

fn document(environment: &EnvironmentName, found: &Drift) -> Json {
    let resources: Vec<Json> = found.drifted.iter().map(resource).collect();
    json!({
        "format_version": "1.0",
        "environment": environment,
        "compared": found.compared,
        "drift": resources,
    })
}

fn resource(drifted: &Drifted) -> Json {
    let mut json = json!({
        "address": drifted.address,
        "type": format!("{}.{}", drifted.provider.name, drifted.kind),
        "resource_type": drifted.resource_type,
        "provider": drifted.provider.to_string(),
        "class": class(&drifted.difference),
    });
    match &drifted.difference {
        Difference::Changed { recorded, found, paths } => {
            json["paths"] = paths.iter().map(|path| json!(path.to_string())).collect();
            json["recorded"] = value(recorded);
            json["found"] = value(found);
            json["sensitive"] = sensitive(found);
        }
        Difference::Deleted { recorded } | Difference::LeftBehind { recorded } => {
            json["recorded"] = value(recorded);
        }
        Difference::InFlight { operation } => json["operation"] = json!(operation),
        Difference::Unverifiable { problem } => {
            json["problem"] = json!({ "summary": problem.summary, "detail": problem.detail });
        }
    }
    json
}
