//! `syncline explain ENV:ADDRESS[.path]` and `syncline explain CODE`.

use syncline_lang::Evaluated;
use syncline_model::{Origin, Path, Sources, Value};

use crate::arguments::InputArguments;
use crate::commands::environments::one;
use crate::commands::planning::{evaluate_loaded, load, with_exports};
use crate::exit::{Exit, Failure};
use crate::output::{Paint, Style};
use crate::report::difference::brief;
use crate::report::layout::{Row, write};
use crate::session::Session;

/// Arguments of `explain`.
#[derive(clap::Args, Clone, Debug)]
pub struct ExplainArguments {
    /// What to explain: `prod:config.mode`, `prod:replicas`, or the code of a diagnostic: `E0201`
    what: String,
    #[command(flatten)]
    inputs: InputArguments,
}

pub(super) fn run(session: &Session, arguments: &ExplainArguments) -> Result<Exit, Failure> {
    if crate::pages::is_code(&arguments.what) {
        return code(session, &arguments.what);
    }
    let Some((environment, what)) = arguments.what.split_once(':') else {
        return Err(Failure::new(format!("`{}` names no environment", arguments.what))
            .help("Write the environment first: `prod:web.cpu`."));
    };
    let (mut loaded, inputs) = load(session, &arguments.inputs)?;
    let environment = one(session, &mut loaded, Vec::new(), environment)?;
    let inputs = with_exports(session, &loaded, std::slice::from_ref(&environment), inputs)?;
    let evaluated = evaluate_loaded(session, &mut loaded, &environment, &inputs)?;
    let paint = session.output.data_paint;
    let text = member(&evaluated, what, &loaded.sources, paint)
        .or_else(|| resource(&evaluated, what, &loaded.sources, paint));
    let Some(text) = text else {
        let members = evaluated.params.iter().chain(&evaluated.lets).map(|own| own.name.as_str());
        let resources = evaluated.desired.resources.iter().map(|own| own.address.as_str());
        let help = match syncline_model::nearest(what, members.chain(resources)) {
            Some(near) => format!("Did you mean `{environment}:{near}`?"),
            None => format!("`syncline eval {environment}` lists everything."),
        };
        return Err(Failure::new(format!("`{environment}` has no `{what}`")).help(help));
    };
    session.output.data(&text);
    Ok(Exit::Done)
}

/// Prints the page of a diagnostic.
fn code(session: &Session, code: &str) -> Result<Exit, Failure> {
    let Some(page) = crate::pages::page(code) else {
        let codes = crate::pages::codes();
        let near = syncline_model::nearest(code, codes.iter().copied());
        let help = near.map_or_else(
            || "docs/diagnostics.md lists them.".to_owned(),
            |near| format!("Did you mean `{near}`?"),
        );
        return Err(Failure::new(format!("no diagnostic has the code `{code}`")).help(help));
    };
    let paint = session.output.data_paint;
    let mut text = String::new();
    let mut is_code = false;
    for line in page.lines() {
        let fence = line.starts_with("```");
        let style = match line.strip_prefix("# ") {
            Some(_) => Style::Bold,
            None if is_code && !fence => Style::Cyan,
            None => Style::Plain,
        };
        if fence {
            is_code = !is_code;
            continue;
        }
        let line = line.strip_prefix("# ").unwrap_or(line);
        let indent = if is_code { "    " } else { "" };
        text.push_str(&paint.apply(style, &format!("{indent}{line}")));
        text.push('\n');
    }
    session.output.data(&text);
    Ok(Exit::Done)
}

/// Explains a parameter, a `let` or an output.
fn member(evaluated: &Evaluated, what: &str, sources: &Sources, paint: Paint) -> Option<String> {
    let members = evaluated.params.iter().chain(&evaluated.lets);
    let found =
        members
            .map(|own| (&own.name, &own.value, own.origins.as_slice(), &own.doc))
            .chain(
                evaluated.desired.outputs.iter().map(|own| {
                    (&own.name, &own.value, std::slice::from_ref(&own.origin), &own.doc)
                }),
            )
            .find(|(name, ..)| **name == what)?;
    let (name, value, origins, doc) = found;
    let mut text = heading(name, value, paint);
    for line in doc.lines() {
        text.push_str(&format!("  {line}\n"));
    }
    chain(origins.iter(), sources, paint, &mut text);
    Some(text)
}

/// Explains a resource or a part of it.
fn resource(evaluated: &Evaluated, what: &str, sources: &Sources, paint: Paint) -> Option<String> {
    let desired = &evaluated.desired;
    let exists = |address: &syncline_model::Address| desired.get(address).is_some();
    let (address, path) = super::eval::split(what, &exists)?;
    let resource = desired.get(&address)?;
    if path.0.is_empty() {
        let mut text = paint.apply(Style::Bold, &format!("{} {address}", resource.type_name()));
        text.push('\n');
        let origin = resource.origins.winner(&Path::default());
        let overlay = origin.map(|origin| origin.overlay.clone()).unwrap_or_default();
        if let Some(place) = sources.place(resource.span, &overlay) {
            text.push_str(&format!("  declared at {}:{}\n", place.file, place.line));
        }
        let mut rows = Vec::new();
        for (name, value) in resource.config.as_map()?.iter() {
            let place = resource.origins.winner(&Path::attribute(name.clone()));
            let place = place.and_then(|origin| sources.place(origin.span, &origin.overlay));
            let row = Row::new(Style::Plain, format!("  {name} = {}", brief(value)));
            rows.push(row.at(place.map(|place| place.to_string()).unwrap_or_default()));
        }
        write(&rows, paint, &mut text);
        return Some(text);
    }
    let value = path.get(&resource.config);
    resource.origins.winner(&path)?;
    let mut text = match value {
        Some(value) => heading(&format!("{address}.{path}"), value, paint),
        None => format!("{address}.{path} is not set\n"),
    };
    chain(resource.origins.chain(&path), sources, paint, &mut text);
    Some(text)
}

fn heading(name: &str, value: &Value, paint: Paint) -> String {
    crate::report::text::named(name, value, paint)
}

/// Adds what set a value, the newest first, each with its line of source.
fn chain<'a>(
    origins: impl DoubleEndedIterator<Item = &'a Origin>,
    sources: &Sources,
    paint: Paint,
    text: &mut String,
) {
    let mut rows = Vec::new();
    for (index, origin) in origins.rev().enumerate() {
        let at = place(sources, origin);
        let lead = if index == 0 { "set by  " } else { "beats   " };
        let style = if index == 0 { Style::Plain } else { Style::Dim };
        rows.push(
            Row::new(Style::Dim, format!("  {lead}")).piece(style, excerpt(sources, origin)).at(at),
        );
        if index > 0 {
            continue;
        }
        for from in origin.from.iter() {
            let row =
                Row::new(Style::Dim, "    from  ").piece(Style::Plain, excerpt(sources, from));
            rows.push(row.at(place(sources, from)));
        }
    }
    write(&rows, paint, text);
}

fn is_input(sources: &Sources, origin: &Origin) -> bool {
    sources.get(origin.span.file).is_some_and(|source| source.from_outside)
}

fn place(sources: &Sources, origin: &Origin) -> String {
    let place = sources.place(origin.span, &origin.overlay).filter(|_| !is_input(sources, origin));
    place.map_or_else(|| origin.overlay.to_string(), |place| place.to_string())
}

/// Returns the first line of what is written at an origin. What comes from outside may be secret,
/// and is not shown.
fn excerpt(sources: &Sources, origin: &Origin) -> String {
    const LONGEST: usize = 80;
    if is_input(sources, origin) {
        return "given from outside".to_owned();
    }
    let text = sources.text(origin.span);
    let first = text.lines().next().unwrap_or_default().trim();
    let is_cut = text.trim_end().lines().count() > 1 || first.chars().count() > LONGEST;
    let mut line: String = first.chars().take(LONGEST).collect();
    if is_cut {
        line.push_str(" ...");
    }
    line
}
