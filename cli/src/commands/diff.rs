//! `syncline diff ENV ENV`.

mod document;

use std::collections::BTreeSet;

use syncline_lang::{Evaluated, EvaluatedMember};
use syncline_model::{
    Address, Desired, DesiredResource, EnvironmentName, Mode, Origin, Path, Place, Sources,
};
use syncline_planner::Dependencies;

use crate::arguments::InputArguments;
use crate::commands::environments::one;
use crate::commands::planning::{evaluate_all, load, with_exports};
use crate::exit::{Exit, Failure};
use crate::output::{Paint, Style};
use crate::project::{Loaded, Records};
use crate::report::difference::{self, Line, Mark, Sides};
use crate::report::layout::{Row, places, write};
use crate::session::Session;

/// Arguments of `diff`.
#[derive(clap::Args, Clone, Debug)]
pub struct DiffArguments {
    /// The one environment
    from: String,
    /// The other environment
    to: String,
    #[command(flatten)]
    inputs: InputArguments,
    /// Print JSON (`--json`)
    #[arg(long)]
    json: bool,
}

/// The two environments, and what of them is not applied yet.
struct Pair<'a> {
    from: &'a Evaluated,
    to: &'a Evaluated,
    /// What is not applied yet; `None` where nothing was ever applied.
    pending: [Option<BTreeSet<Address>>; 2],
    sources: &'a Sources,
}

pub(super) fn run(session: &Session, arguments: &DiffArguments) -> Result<Exit, Failure> {
    let (mut loaded, inputs) = load(session, &arguments.inputs)?;
    let names = [
        one(session, &mut loaded, Vec::new(), &arguments.from)?,
        one(session, &mut loaded, Vec::new(), &arguments.to)?,
    ];
    let inputs = with_exports(session, &loaded, &names, inputs)?;
    let all = evaluate_all(session, &mut loaded, &names, &inputs)?;
    let [from, to] = all.as_slice() else { return Err(Failure::told(Exit::Error)) };
    let records = Records::open(&loaded.root, &session.output)?;
    let pending = super::block_on(async {
        Ok([pending(&loaded, &records, from).await?, pending(&loaded, &records, to).await?])
    })?;
    let pair = Pair { from, to, pending, sources: &loaded.sources };
    if arguments.json {
        session.output.line(&super::pretty(&document::document(&pair)));
    } else {
        session.output.data(&report(&pair, session.output.data_paint));
    }
    Ok(Exit::Done)
}

/// Returns the resources whose declaration is not what is recorded as applied.
async fn pending(
    loaded: &Loaded,
    records: &Records,
    evaluated: &Evaluated,
) -> Result<Option<BTreeSet<Address>>, Failure> {
    let desired = &evaluated.desired;
    let environment: &EnvironmentName = &desired.environment;
    let state = records.state(environment).await?;
    if state.runs.is_empty() {
        return Ok(None);
    }
    let registry = loaded.world.registry().await?;
    let key = records.digest_key(environment);
    let Ok(fingerprints) = syncline_planner::fingerprints(desired, &registry, &key) else {
        return Ok(Some(BTreeSet::new()));
    };
    let managed = |resource: &DesiredResource| resource.mode == Mode::Managed;
    let pending = desired
        .resources
        .iter()
        .zip(&fingerprints.resources)
        .zip(open(desired))
        .filter(|((resource, _), _)| managed(resource))
        .filter(|((resource, fingerprint), is_open)| match state.recorded(&resource.address) {
            Some(own) => own.fingerprint != **fingerprint && !is_open,
            None => true,
        })
        .map(|((resource, _), _)| resource.address.clone())
        .collect();
    Ok(Some(pending))
}

/// Tells of each resource whether it hangs on a data source: what it was brought to holds what that said, which only a
/// plan asks for.
fn open(desired: &Desired) -> Vec<bool> {
    let mut open: Vec<bool> = desired.resources.iter().map(|own| own.mode == Mode::Data).collect();
    // Circles were reported when it was evaluated.
    let Dependencies { needs, order, .. } = Dependencies::of(desired).unwrap_or_default();
    for at in order {
        open[at as usize] |= needs[at as usize].iter().any(|need| open[*need as usize]);
    }
    open
}

fn report(pair: &Pair<'_>, paint: Paint) -> String {
    let (from, to) = (&pair.from.desired.environment, &pair.to.desired.environment);
    let mut text = format!("From {from} to {to}:\n");
    let mut differs = false;
    differs |= members("Parameters", &pair.from.params, &pair.to.params, (pair, paint), &mut text);
    differs |= resources(pair, paint, &mut text);
    differs |= outputs(pair, paint, &mut text);
    if !differs {
        text.push_str("\nThey are declared alike.\n");
    }
    for (environment, pending) in [from, to].into_iter().zip(&pair.pending) {
        match pending {
            None => text.push_str(&format!("\n{environment} was never applied.\n")),
            Some(pending) if pending.is_empty() => {}
            Some(pending) => {
                let plural = if pending.len() == 1 { "resource is" } else { "resources are" };
                text.push_str(&format!(
                    "\n{} {plural} not applied yet in {environment}: syncline plan {environment}\n",
                    pending.len()
                ));
            }
        }
    }
    text
}

fn place(pair: &Pair<'_>, origin: Option<&Origin>) -> String {
    let flow = origin.into_iter().flat_map(|own| std::iter::once(own).chain(own.from.iter()));
    let mut found: Vec<Place> =
        flow.filter_map(|own| pair.sources.place(own.span, &own.overlay)).collect();
    found.dedup();
    places(&found)
}

fn declared(pair: &Pair<'_>, resource: &DesiredResource) -> String {
    let overlay = resource.origins.winner(&Path::default()).map(|origin| origin.overlay.clone());
    let place = pair.sources.place(resource.span, &overlay.unwrap_or_default());
    place.map(|place| place.to_string()).unwrap_or_default()
}

fn line_row(line: &Line, indent: usize) -> Row {
    let style = match line.mark {
        Mark::Add => Style::Green,
        Mark::Remove => Style::Red,
        Mark::Change => Style::Yellow,
        Mark::Context => Style::Dim,
    };
    let name = if line.name.is_empty() {
        String::new()
    } else {
        format!("{:width$} = ", line.name, width = line.padding)
    };
    Row::new(Style::Plain, " ".repeat(indent + 4 * line.depth))
        .piece(style, line.mark.sign())
        .piece(Style::Plain, format!(" {name}{}", line.text))
}

fn members(
    heading: &str,
    from: &[EvaluatedMember],
    to: &[EvaluatedMember],
    (pair, paint): (&Pair<'_>, Paint),
    text: &mut String,
) -> bool {
    let find = |members: &[EvaluatedMember], name: &str| -> Option<usize> {
        members.binary_search_by(|own| own.name.as_str().cmp(name)).ok()
    };
    let value = |members: &[EvaluatedMember], name: &str| -> Option<syncline_model::Value> {
        find(members, name).map(|at| members[at].value.clone())
    };
    let names: BTreeSet<&str> = from
        .iter()
        .chain(to)
        .map(|own| own.name.as_str())
        .filter(|name| value(from, name) != value(to, name))
        .filter(|name| {
            !is_passed_on(find(from, name).map(|at| &from[at]), find(to, name).map(|at| &to[at]))
        })
        .collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    let mut rows = Vec::new();
    for name in names {
        let before = find(from, name).map(|at| &from[at]);
        let after = find(to, name).map(|at| &to[at]);
        let sides =
            Sides { before: before.map(|own| &own.value), after: after.map(|own| &own.value) };
        let mut lines = Vec::new();
        let padded = format!("{name:width$}");
        difference::entry(&padded, sides, &Path::attribute(name), 0, &mut lines);
        let origin = after.or(before).and_then(|own| own.origins.last());
        let mut place = place(pair, origin);
        for line in &lines {
            rows.push(line_row(line, 2).at(std::mem::take(&mut place)));
        }
    }
    section(heading, &rows, paint, text)
}

/// Tells whether a unit's parameter is set by the same line in both environments: what differs is
/// what that line passes on, and is told where it is set.
fn is_passed_on(from: Option<&EvaluatedMember>, to: Option<&EvaluatedMember>) -> bool {
    let (Some(from), Some(to)) = (from, to) else { return false };
    let line = |own: &EvaluatedMember| own.origins.last().map(|origin| origin.span);
    from.name.contains('.') && line(from) == line(to)
}

fn section(heading: &str, rows: &[Row], paint: Paint, text: &mut String) -> bool {
    if rows.is_empty() {
        return false;
    }
    text.push_str(&format!("\n{}\n", paint.apply(Style::Bold, heading)));
    write(rows, paint, text);
    true
}

fn resources(pair: &Pair<'_>, paint: Paint, text: &mut String) -> bool {
    let all = pair.from.desired.resources.iter().chain(&pair.to.desired.resources);
    let addresses: BTreeSet<&Address> = all.map(|own| &own.address).collect();
    let mut rows = Vec::new();
    for address in addresses {
        let before = pair.from.desired.get(address);
        let after = pair.to.desired.get(address);
        match (before, after) {
            (Some(before), Some(after)) => changed(pair, before, after, &mut rows),
            (Some(before), None) => {
                let title = title("-", Style::Red, before, &marks(pair, address));
                rows.push(title.at(declared(pair, before)));
            }
            (None, Some(after)) => {
                let title = title("+", Style::Green, after, &marks(pair, address));
                rows.push(title.at(declared(pair, after)));
            }
            (None, None) => {}
        }
    }
    section("Resources", &rows, paint, text)
}

fn title(sign: &str, style: Style, resource: &DesiredResource, marks: &str) -> Row {
    let what = format!(" {} {}{marks}", resource.type_name(), resource.address);
    Row::new(Style::Plain, "  ").piece(style, sign).piece(Style::Plain, what)
}

/// Returns in which of the two a resource is not applied yet.
fn marks(pair: &Pair<'_>, address: &Address) -> String {
    let environments = [&pair.from.desired.environment, &pair.to.desired.environment];
    let names: Vec<String> = environments
        .into_iter()
        .zip(&pair.pending)
        .filter(|(_, pending)| pending.as_ref().is_some_and(|own| own.contains(address)))
        .map(|(environment, _)| environment.to_string())
        .collect();
    if names.is_empty() { String::new() } else { format!("   (pending in {})", names.join(", ")) }
}

fn changed(
    pair: &Pair<'_>,
    before: &DesiredResource,
    after: &DesiredResource,
    rows: &mut Vec<Row>,
) {
    let (lines, _) = difference::attributes(&before.config, &after.config);
    if lines.is_empty() && before.type_name() == after.type_name() {
        return;
    }
    rows.push(title("~", Style::Yellow, after, &marks(pair, &after.address)));
    for line in &lines {
        let place = if line.has_place {
            let origins = if line.mark == Mark::Remove { &before.origins } else { &after.origins };
            place(pair, origins.winner(&line.path))
        } else {
            String::new()
        };
        rows.push(line_row(line, 6).at(place));
    }
}

fn outputs(pair: &Pair<'_>, paint: Paint, text: &mut String) -> bool {
    let [from, to] = [pair.from, pair.to].map(output_members);
    members("Outputs", &from, &to, (pair, paint), text)
}

/// Returns the outputs of an environment as members, sorted by name.
pub(super) fn output_members(evaluated: &Evaluated) -> Vec<EvaluatedMember> {
    let member = |own: &syncline_model::DesiredOutput| EvaluatedMember {
        name: own.name.clone(),
        value: own.value.clone(),
        ty: own.ty.clone(),
        origins: vec![own.origin.clone()],
        parts: syncline_model::Origins::default(),
        doc: own.doc.clone(),
    };
    evaluated.desired.outputs.iter().map(member).collect()
}
