//! `syncline explain ENV:ADDRESS[.path]` and `syncline explain CODE`.

mod reference;

use syncline_lang::{Evaluated, EvaluatedMember, World};
use syncline_model::{DesiredResource, Map, Origin, Path, Place, Sources, Span, Str, Value};

use self::reference::split;
use crate::arguments::InputArguments;
use crate::commands::diff::output_members;
use crate::commands::planning::{One, evaluate_one};
use crate::exit::{Exit, Failure};
use crate::output::{Paint, Style};
use crate::project::Loaded;
use crate::report::difference::brief;
use crate::report::layout::{Row, write};
use crate::report::text::named;
use crate::session::Session;

/// Arguments of `explain`.
#[derive(clap::Args, Clone, Debug)]
pub struct ExplainArguments {
    /// What to explain: `prod:config.mode`, `prod:services["web"]`, `prod:replicas`, or the code of a diagnostic: `E0201`
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
    let One { loaded, environment, evaluated, .. } =
        evaluate_one(session, environment, &arguments.inputs)?;
    let explanation = Explanation::new(&evaluated, &loaded, session.output.data_paint);
    let text = explanation.member(what).or_else(|| explanation.resources(what));
    let Some(text) = text else {
        let members = explanation.members().map(|own| own.name.as_str());
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

/// What an environment evaluates to, with all that tells where it comes from.
struct Explanation<'a> {
    evaluated: &'a Evaluated,
    outputs: Vec<EvaluatedMember>,
    sources: &'a Sources,
    world: &'a dyn World,
    paint: Paint,
    /// The places of what is secret: a source may have the secret itself there.
    secrets: Vec<Span>,
}

impl<'a> Explanation<'a> {
    fn new(evaluated: &'a Evaluated, loaded: &'a Loaded, paint: Paint) -> Self {
        let outputs = output_members(evaluated);
        let members = evaluated.params.iter().chain(&evaluated.lets).chain(&outputs);
        let secrets = members
            .filter(|own| own.value.has_secret())
            .flat_map(|own| own.origins.iter().map(|origin| origin.span))
            .collect();
        let (sources, world) = (&loaded.sources, &loaded.world);
        Self { evaluated, outputs, sources, world, paint, secrets }
    }

    fn members(&self) -> impl Iterator<Item = &EvaluatedMember> {
        self.evaluated.params.iter().chain(&self.evaluated.lets).chain(&self.outputs)
    }

    /// Explains a parameter, a `let` or an output, or a part of it.
    fn member(&self, what: &str) -> Option<String> {
        let (name, path) = split(what, &|name| self.members().any(|own| own.name == name))?;
        let member = self.members().find(|own| own.name == name.as_str())?;
        let value = part(&member.value, &path)?;
        let mut text = named(&joined(&name, &path), &value, self.paint);
        if path.is_empty() {
            for line in member.doc.lines() {
                text.push_str(&format!("  {line}\n"));
            }
        }
        self.chain(member.chain(&path), member.value.has_secret(), &mut text);
        Some(text)
    }

    /// Explains a resource, all instances of one, all that is in a unit, or a part of each.
    fn resources(&self, what: &str) -> Option<String> {
        let all = &self.evaluated.desired.resources;
        let exists = |name: &str| all.iter().any(|own| is_below(own, name));
        let (name, path) = split(what, &exists)?;
        let is_it = |own: &&DesiredResource| {
            let is_own = own.address.as_str() == name || own.address.group() == name;
            is_own || path.is_empty() && is_below(own, &name)
        };
        let texts: Vec<String> = all
            .iter()
            .filter(is_it)
            .filter_map(|own| match path.root() {
                Some(attribute) => self.attribute(own, attribute, &path),
                None => Some(self.resource(own)),
            })
            .collect();
        (!texts.is_empty()).then(|| texts.join("\n"))
    }

    fn resource(&self, resource: &DesiredResource) -> String {
        let heading = format!("{} {}", resource.type_name(), resource.address);
        let mut text = self.paint.apply(Style::Bold, &heading);
        text.push('\n');
        if let Some(place) = self.declared(resource) {
            text.push_str(&format!("  declared at {}:{}\n", place.file, place.line));
        }
        let mut rows = Vec::new();
        for (name, value) in resource.config.as_map().into_iter().flat_map(Map::iter) {
            let place = resource.origins.winner(&Path::attribute(name.clone()));
            let place = place.and_then(|own| self.sources.place(own.span, &own.overlay));
            let row = Row::new(Style::Plain, format!("  {name} = {}", brief(value)));
            rows.push(row.at(place.map(|place| place.to_string()).unwrap_or_default()));
        }
        write(&rows, self.paint, &mut text);
        text
    }

    /// Explains an attribute or a part of it; one that is not configured may be computed.
    fn attribute(&self, resource: &DesiredResource, name: &Str, path: &Path) -> Option<String> {
        let schema = self.world.schema(&resource.provider.name)?;
        let schema = schema.get(resource.mode, &resource.kind)?;
        let attribute = schema.block.get(name)?;
        let shown = joined(resource.address.as_str(), path);
        let configured = |path: &Path| part(&resource.config, path).filter(|own| !own.is_null());
        let whole = configured(&Path::attribute(name.clone()));
        if let Some(value) = configured(path) {
            let mut text = named(&shown, &value, self.paint);
            // The line may set more than the part.
            let is_secret = attribute.sensitive || whole.is_some_and(|own| own.has_secret());
            self.chain(resource.origins.chain(path).collect(), is_secret, &mut text);
            return Some(text);
        }
        if whole.is_some() {
            return None;
        }
        if attribute.computed {
            let unknown = attribute.unknown(&resource.address, path.clone());
            let mut text = named(&shown, &unknown, self.paint);
            let by = Row::new(Style::Dim, "  computed by  ");
            let by = by.piece(Style::Plain, resource.type_name());
            let place = self.declared(resource).map(|place| place.to_string());
            write(&[by.at(place.unwrap_or_default())], self.paint, &mut text);
            return Some(text);
        }
        let mut text = format!("{shown} is not set\n");
        let chain = resource.origins.chain(path).collect();
        self.chain(chain, attribute.sensitive, &mut text);
        Some(text)
    }

    fn declared(&self, resource: &DesiredResource) -> Option<Place> {
        let origin = resource.origins.winner(&Path::default());
        let overlay = origin.map(|origin| origin.overlay.clone()).unwrap_or_default();
        self.sources.place(resource.span, &overlay)
    }

    /// Adds what set a value, the newest first, each with its line of source.
    fn chain(&self, origins: Vec<&Origin>, is_secret: bool, text: &mut String) {
        let mut rows = Vec::new();
        for (index, origin) in origins.into_iter().rev().enumerate() {
            let lead = if index == 0 { "set by  " } else { "beats   " };
            let style = if index == 0 { Style::Plain } else { Style::Dim };
            let row = Row::new(Style::Dim, format!("  {lead}"));
            rows.push(row.piece(style, self.excerpt(origin, is_secret)).at(self.place(origin)));
            if index > 0 {
                continue;
            }
            for from in origin.from.iter() {
                let row = Row::new(Style::Dim, "    from  ");
                let row = row.piece(Style::Plain, self.excerpt(from, false));
                rows.push(row.at(self.place(from)));
            }
        }
        write(&rows, self.paint, text);
    }

    fn is_input(&self, origin: &Origin) -> bool {
        self.sources.get(origin.span.file).is_some_and(|source| source.from_outside)
    }

    fn place(&self, origin: &Origin) -> String {
        let place = self.sources.place(origin.span, &origin.overlay);
        let place = place.filter(|_| !self.is_input(origin));
        place.map_or_else(|| origin.overlay.to_string(), |place| place.to_string())
    }

    /// Returns the first line of what is written at an origin. What comes from outside may be secret,
    /// and is not shown; of what is secret, what stands in front of the value.
    fn excerpt(&self, origin: &Origin, is_secret: bool) -> String {
        const LONGEST: usize = 80;
        if self.is_input(origin) {
            return "given from outside".to_owned();
        }
        let text = self.sources.text(origin.span);
        let first = text.lines().next().unwrap_or_default().trim();
        if is_secret || self.secrets.contains(&origin.span) {
            return without_value(first);
        }
        let is_cut = text.trim_end().lines().count() > 1 || first.chars().count() > LONGEST;
        let mut line: String = first.chars().take(LONGEST).collect();
        if is_cut {
            line.push_str(" ...");
        }
        line
    }
}

/// Tells whether a resource is what has this name, an instance of it, or in it.
fn is_below(resource: &DesiredResource, name: &str) -> bool {
    let rest = resource.address.as_str().strip_prefix(name);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '/']))
}

/// Returns a line without the value that it sets.
fn without_value(line: &str) -> String {
    let is_setting = |at: &usize| {
        let (before, after) = (&line[..*at], &line[at + 1..]);
        !before.ends_with(['=', '!', '<', '>']) && !after.starts_with(['=', '>'])
    };
    let setting = line.match_indices('=').map(|(at, _)| at).find(is_setting);
    setting.map_or_else(|| "(secret)".to_owned(), |at| format!("{}= (secret)", &line[..at]))
}

/// Returns a part of a value; a part of a secret is secret.
fn part(value: &Value, path: &Path) -> Option<Value> {
    let found = path.get(value)?.clone();
    let is_inside = |length| {
        let outer = Path::from(&path.0[..length]);
        outer.get(value).is_some_and(Value::is_secret)
    };
    let is_secret = (0..path.0.len()).any(is_inside) && !found.is_secret();
    Some(if is_secret { Value::secret(found) } else { found })
}

/// Returns the name of a part.
fn joined(name: &str, path: &Path) -> String {
    let path = path.to_string();
    let dot = if path.is_empty() || path.starts_with('[') { "" } else { "." };
    format!("{name}{dot}{path}")
}
