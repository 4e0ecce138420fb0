//! A plan as text, for people at a terminal and in logs.
//!
//! Destroys and replacements come first, then everything by address. Changes of instances that
//! differ in nothing but their key are told once. Every changed line ends with the place in the
//! source that makes it so.

mod groups;

use std::time::Duration;

use syncline_model::{Path, Place, Value};
use syncline_planner::plan::{Action, Change, Drift, OutputChange, Plan, PlannedHandover, Reason};

use self::groups::Group;
use super::difference::{self, Line, Mark, Sides};
use super::layout::{Row, places, write};
use crate::output::{Paint, Style};

/// What the text says beside the plan itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct TextOptions {
    /// One line a change, without attributes.
    pub concise: bool,
    /// Whether to emphasise.
    pub paint: Paint,
    /// How long the planning took, for the last line; `None` leaves the time out.
    pub seconds: Option<f64>,
}

/// About how much text is made before it is handed on, in bytes.
const PIECE: usize = 64 << 10;

/// Returns a plan as text that ends with a newline.
#[must_use]
pub fn plan(plan: &Plan, options: TextOptions) -> String {
    let mut text = String::new();
    plan_in_pieces(plan, options, &mut |piece| text.push_str(piece));
    text
}

/// Makes the same in pieces: the text of thousands of changes need not be there as a whole.
pub fn plan_in_pieces(plan: &Plan, options: TextOptions, take: &mut dyn FnMut(&str)) {
    let mut text = String::new();
    drift(&plan.drift, options, &mut text);
    let changes: Vec<&Change> = plan.changes.iter().filter(|change| !change.is_silent()).collect();
    let outputs: Vec<&OutputChange> =
        plan.outputs.iter().filter(|output| output.before != output.after).collect();
    if changes.is_empty() && outputs.is_empty() && plan.handovers.is_empty() {
        text.push_str(&options.paint.apply(Style::Green, no_changes(plan)));
        text.push('\n');
    } else {
        handovers(plan, options, &mut text);
        if !changes.is_empty() {
            let environment = plan.environment.to_string();
            let environment = options.paint.apply(Style::Bold, &environment);
            text.push_str(&format!("Syncline will perform these actions in {environment}:\n\n"));
            actions(&changes, options, &mut text, take);
        }
        output_changes(&outputs, options, &mut text);
        waiting_checks(plan, &mut text);
    }
    text.push_str(&summary(plan, options.paint));
    text.push('\n');
    text.push_str(&reads(plan, options.seconds));
    text.push('\n');
    take(&text);
}

fn actions(
    changes: &[&Change],
    options: TextOptions,
    text: &mut String,
    take: &mut dyn FnMut(&str),
) {
    let mut rows: Vec<Row> = Vec::new();
    groups::each_member(changes, |groups| {
        if options.concise {
            rows.extend(groups.iter().map(brief));
            return;
        }
        for group in &groups {
            change(group, options, text);
        }
        if text.len() > PIECE {
            take(text);
            text.clear();
        }
    });
    if options.concise {
        write(&rows, options.paint, text);
        text.push('\n');
    }
}

fn no_changes(plan: &Plan) -> &'static str {
    match plan.goal {
        syncline_planner::plan::Goal::Apply => {
            "No changes. Your infrastructure matches the configuration."
        }
        syncline_planner::plan::Goal::Destroy => "No changes. There is nothing to destroy.",
    }
}

/// Returns the line with a plan's numbers and fingerprints.
#[must_use]
pub fn summary(plan: &Plan, paint: Paint) -> String {
    let counts = plan.counts();
    let partial = if plan.partial { "  (partial: targets were given)" } else { "" };
    let numbers = format!(
        "Plan: {} to add, {} to change, {} to destroy.",
        counts.add, counts.change, counts.destroy
    );
    let marks = format!(
        "   {}  config {}  state {}  providers {}{partial}",
        plan.environment,
        plan.config.short(),
        plan.state.sequence,
        plan.providers.len()
    );
    format!("{}{}", paint.apply(Style::Bold, &numbers), paint.apply(Style::Dim, &marks))
}

fn reads(plan: &Plan, seconds: Option<f64>) -> String {
    let reads = &plan.reads;
    let plural = if reads.total == 1 { "" } else { "s" };
    let time = seconds.map_or_else(String::new, |seconds| format!(" in {seconds:.1}s"));
    format!(
        "Read {} of {} resource{plural}{time}; {} unchanged by fingerprint.",
        reads.read, reads.total, reads.unchanged_by_fingerprint
    )
}

/// Returns the sign of an action, as wide as the widest.
#[must_use]
pub const fn sign(action: Action) -> &'static str {
    match action {
        Action::Create => "  +",
        Action::Update => "  ~",
        Action::Replace => "-/+",
        Action::ReplaceCreateFirst => "+/-",
        Action::Delete => "  -",
        Action::Read => " <=",
        Action::Check => "  ?",
        Action::Record => "   ",
    }
}

/// Returns the emphasis of an action.
#[must_use]
pub const fn style(action: Action) -> Style {
    match action {
        Action::Create => Style::Green,
        Action::Update => Style::Yellow,
        Action::Replace | Action::ReplaceCreateFirst | Action::Delete => Style::Red,
        Action::Read | Action::Check => Style::Cyan,
        Action::Record => Style::Plain,
    }
}

/// Returns what will happen, to follow an address: `will be created`.
#[must_use]
pub fn sentence(action: Action, reason: Reason) -> String {
    let verb = match (action, reason) {
        (Action::Create, _) => "will be created",
        (Action::Update, _) => "will be updated in-place",
        (Action::Replace | Action::ReplaceCreateFirst, Reason::Requested) => {
            return "will be replaced, as requested".to_owned();
        }
        (Action::Replace | Action::ReplaceCreateFirst, Reason::Tainted) => {
            return "is tainted, so it must be replaced".to_owned();
        }
        (Action::Replace | Action::ReplaceCreateFirst, _) => "must be replaced",
        (Action::Delete, _) => "will be destroyed",
        (Action::Read, _) => "will be read during apply",
        (Action::Check, _) => "will be looked at",
        (Action::Record, _) => "will be recorded anew",
    };
    let why = match reason {
        Reason::Drifted => " (it was changed outside of Syncline)",
        Reason::Gone => " (it was recorded, but is gone)",
        Reason::Removed => " (the source no longer declares it)",
        Reason::KeyRemoved => " (the source no longer has this key)",
        Reason::OtherType => " (the source has another type here)",
        Reason::OtherConfiguration => {
            " (the source gives it another configuration of its provider)"
        }
        Reason::Dependency => " (what it depends on changes)",
        Reason::Ephemeral => " (for this run, and recorded nowhere)",
        Reason::Unseen => " (its health has not been seen yet)",
        Reason::Deferred => " (what it needs is not known before)",
        Reason::New
        | Reason::Changed
        | Reason::CannotUpdate
        | Reason::Tainted
        | Reason::Requested
        | Reason::Interrupted
        | Reason::Adopted
        | Reason::Moved
        | Reason::Destroy => "",
    };
    format!("{verb}{why}")
}

/// Returns a change as one row.
fn brief(group: &Group<'_>) -> Row {
    let change = group.first;
    let what = format!(" {} {}{}", change.type_name(), group.name(), group.count());
    Row::new(style(change.action), sign(change.action))
        .piece(Style::Plain, what)
        .at(declared(change))
}

fn change(group: &Group<'_>, options: TextOptions, text: &mut String) {
    let change = group.first;
    let paint = options.paint;
    let (sign, style) = (sign(change.action), style(change.action));
    let name = group.name();
    if let ([line], true) = (group.lines.as_slice(), group.instances > 1)
        && line.depth == 0
    {
        let body = line_text(line);
        let row = Row::new(style, sign)
            .piece(Style::Plain, format!(" {name}{}: ", group.count()))
            .piece(mark_style(line.mark), line.mark.sign())
            .piece(Style::Plain, format!(" {body}{}", forces(change, line)))
            .at(place(change, line));
        write(&[row], paint, text);
        text.push('\n');
        return;
    }
    let heading =
        format!("  # {name}{} {}\n", group.count(), sentence(change.action, change.reason));
    text.push_str(&paint.apply(Style::Bold, heading.trim_end_matches('\n')));
    text.push('\n');
    let mut rows = Vec::with_capacity(group.lines.len() + 2);
    let title = format!(" {} {name}", change.type_name());
    let title = Row::new(style, sign).piece(Style::Plain, title);
    let whole = matches!(change.action, Action::Create | Action::Read | Action::Delete);
    rows.push(if whole { title.at(declared(change)) } else { title });
    for line in &group.lines {
        rows.push(row(change, line));
    }
    if group.hidden > 0 {
        let plural = if group.hidden == 1 { "" } else { "s" };
        let word = if change.action == Action::Delete { "" } else { "unchanged " };
        let hidden = format!("        # ({} {word}attribute{plural} hidden)", group.hidden);
        rows.push(Row::new(Style::Dim, hidden));
    }
    for asked in &change.health {
        rows.push(Row::new(Style::Dim, format!("        # then {}", health(asked))));
    }
    write(&rows, paint, text);
    text.push('\n');
}

/// Returns what a resource's health is seen by, to follow `then`.
fn health(asked: &Value) -> String {
    let (name, what) = ["http", "tcp", "command"]
        .into_iter()
        .find_map(|name| Some((name, asked.as_map()?.get(name)?)))
        .unwrap_or(("http", &Value::Null));
    let within = asked.attribute("within").as_i64().unwrap_or_default().unsigned_abs();
    let within = Duration::from_millis(within);
    format!("{name} {what} has to answer within {within:?}")
}

fn row(change: &Change, line: &Line) -> Row {
    let indent = " ".repeat(6 + 4 * line.depth);
    let row = Row::new(Style::Plain, indent)
        .piece(mark_style(line.mark), line.mark.sign())
        .piece(Style::Plain, format!(" {}", line_text(line)));
    let forces = forces(change, line);
    let row = if forces.is_empty() { row } else { row.piece(Style::Red, forces) };
    row.at(place(change, line))
}

fn line_text(line: &Line) -> String {
    if line.name.is_empty() {
        return line.text.clone();
    }
    let missing = line.padding.saturating_sub(line.name.chars().count());
    format!("{}{} = {}", line.name, " ".repeat(missing), line.text)
}

fn forces(change: &Change, line: &Line) -> String {
    let replaces = matches!(change.action, Action::Replace | Action::ReplaceCreateFirst)
        && line.mark != Mark::Context
        && !line.name.is_empty()
        && change.replace_paths.contains(&line.path);
    if replaces { "   # forces replacement".to_owned() } else { String::new() }
}

/// Returns the places that made a line so. A change on which the source has no say has none.
fn place(change: &Change, line: &Line) -> String {
    let says = line.has_place && change.action != Action::Delete;
    if says {
        provenance(change, &line.path).map(places).unwrap_or_default()
    } else {
        String::new()
    }
}

/// Returns the places of the longest path that leads to `path`.
#[must_use]
pub fn provenance<'a>(change: &'a Change, path: &Path) -> Option<&'a [Place]> {
    change
        .provenance
        .iter()
        .filter(|(own, _)| path.starts_with(own))
        .max_by_key(|(own, _)| own.0.len())
        .map(|(_, places)| places.as_slice())
}

fn declared(change: &Change) -> String {
    change.declared.as_ref().map(ToString::to_string).unwrap_or_default()
}

const fn mark_style(mark: Mark) -> Style {
    match mark {
        Mark::Add => Style::Green,
        Mark::Remove => Style::Red,
        Mark::Change => Style::Yellow,
        Mark::Context => Style::Dim,
    }
}

fn drift(drifts: &[Drift], options: TextOptions, text: &mut String) {
    if drifts.is_empty() {
        return;
    }
    let plural = if drifts.len() == 1 { "this object has" } else { "these objects have" };
    text.push_str(&format!("Note: {plural} changed outside of Syncline:\n\n"));
    for drift in drifts {
        let gone = drift.found.is_null();
        let what = if gone { "is gone" } else { "has changed" };
        let (sign, style) = if gone { ("  -", Style::Red) } else { ("  ~", Style::Yellow) };
        let heading = format!("  # {} {what}", drift.address);
        let mut rows = vec![Row::new(Style::Bold, heading)];
        let type_name = format!("{}.{}", drift.provider.name, drift.kind);
        rows.push(
            Row::new(style, sign).piece(Style::Plain, format!(" {type_name} {}", drift.address)),
        );
        if !gone && !options.concise {
            let (lines, hidden) = difference::attributes(&drift.recorded, &drift.found);
            for line in &lines {
                let indent = " ".repeat(6 + 4 * line.depth);
                rows.push(
                    Row::new(Style::Plain, indent)
                        .piece(mark_style(line.mark), line.mark.sign())
                        .piece(Style::Plain, format!(" {}", line_text(line))),
                );
            }
            if hidden > 0 {
                let plural = if hidden == 1 { "" } else { "s" };
                let hidden = format!("        # ({hidden} unchanged attribute{plural} hidden)");
                rows.push(Row::new(Style::Dim, hidden));
            }
        }
        write(&rows, options.paint, text);
        text.push('\n');
    }
}

fn output_changes(outputs: &[&OutputChange], options: TextOptions, text: &mut String) {
    if outputs.is_empty() {
        return;
    }
    text.push_str("Changes to outputs:\n");
    let padding = outputs.iter().map(|output| output.name.chars().count()).max().unwrap_or(0);
    let mut rows = Vec::new();
    for output in outputs {
        let name = format!("{:padding$}", output.name);
        let mut lines = Vec::new();
        let sides = Sides { before: Some(&output.before), after: Some(&output.after) };
        let path = Path::attribute(output.name.clone());
        difference::entry(&name, sides, &path, 0, &mut lines);
        let mut place = output.place.as_ref().map(ToString::to_string).unwrap_or_default();
        for line in &lines {
            let indent = " ".repeat(2 + 4 * line.depth);
            rows.push(
                Row::new(Style::Plain, indent)
                    .piece(mark_style(line.mark), line.mark.sign())
                    .piece(Style::Plain, format!(" {}", line_text(line)))
                    .at(std::mem::take(&mut place)),
            );
        }
    }
    write(&rows, options.paint, text);
    text.push('\n');
}

/// Tells what is called otherwise, let go or taken over.
fn handovers(plan: &Plan, options: TextOptions, text: &mut String) {
    if plan.handovers.is_empty() {
        return;
    }
    let environment = options.paint.apply(Style::Bold, &plan.environment.to_string());
    text.push_str(&format!("Syncline will record in {environment}:\n\n"));
    for handover in &plan.handovers {
        let line = match handover {
            PlannedHandover::Moved { from, to } => format!("  # {from} is {to} now\n"),
            PlannedHandover::Forgotten { address } => {
                format!("  # {address} is managed no more, and is not destroyed\n")
            }
            PlannedHandover::Adopted { address, id } => {
                format!("  # {address} takes over what exists as {id}\n")
            }
            PlannedHandover::Retyped { address, from, to } => {
                format!("  # {address} is a {to} now, and was a {from}\n")
            }
            PlannedHandover::Called { from, to, was, is } if was == is => {
                format!("  # the provider {from} is called {to} now: {is}\n")
            }
            PlannedHandover::Called { from, to, was, is } => {
                let called = if from == to { String::new() } else { format!(" called {to},") };
                format!(
                    "  # the provider {from} is{called} {is} now, and takes over what {was} has made\n"
                )
            }
        };
        text.push_str(&line);
    }
    text.push('\n');
}

fn waiting_checks(plan: &Plan, text: &mut String) {
    let waiting = plan.checks.iter().filter(|check| !check.condition.is_known()).count();
    if waiting > 0 {
        let plural = if waiting == 1 { "condition waits" } else { "conditions wait" };
        text.push_str(&format!(
            "{waiting} {plural} for values that are known after apply, and will be checked then.\n\n"
        ));
    }
}

/// Returns a value under its name as text, on as many lines as it needs.
#[must_use]
pub fn named(name: &str, value: &Value, paint: Paint) -> String {
    let mut lines = Vec::new();
    let sides = Sides { before: None, after: Some(value) };
    difference::entry(name, sides, &Path::default(), 0, &mut lines);
    if lines.is_empty() {
        return format!("{} = null\n", paint.apply(Style::Bold, name));
    }
    let mut text = String::new();
    for (index, line) in lines.iter().enumerate() {
        // There are no marks here that would want room.
        let indent = if index == 0 { 0 } else { 2 * line.depth };
        let body = if index == 0 {
            format!("{} = {}", paint.apply(Style::Bold, name), line.text)
        } else {
            line_text(line)
        };
        text.push_str(format!("{}{body}", " ".repeat(indent)).trim_end());
        text.push('\n');
    }
    text
}

/// Returns recorded attributes as text: what `state show` prints.
#[must_use]
pub fn attributes(value: &Value, paint: Paint) -> String {
    let (lines, _) = difference::attributes(&Value::Null, value);
    let mut text = String::new();
    let rows: Vec<Row> = lines
        .iter()
        .map(|line| {
            Row::new(Style::Plain, format!("{}{}", " ".repeat(2 + 4 * line.depth), line_text(line)))
        })
        .collect();
    write(&rows, paint, &mut text);
    text
}
