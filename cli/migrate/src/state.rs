//! States of Terraform.
//!
//! Takes a state file of version 4, or what `terraform show -json` prints, and returns what is
//! recorded of each managed resource under its new address. Moves that the source declares and the
//! state has not made yet are made on the way; what a `removed` block lets go of is left out.

#![expect(clippy::wildcard_enum_match_arm, reason = "every other kind of JSON stands for itself")]

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;
use syncline_lang::stdlib::read_json;
use syncline_model::{Address, Value};

use crate::document::{Entries, Entry, Instance, Output, entries};
use crate::handed::Handed;
use crate::names::{Instances, Names};
use crate::source::Module;
use crate::text;

/// How addresses are translated.
#[derive(Clone, Debug, Default)]
pub struct Translation {
    /// The names of each module, and the folder of each call, by the module's folder.
    pub modules: BTreeMap<String, (Names, BTreeMap<String, String>)>,
    /// Local names of providers by `NAMESPACE/TYPE`.
    pub providers: BTreeMap<String, String>,
    /// What configurations of providers are called.
    pub handed: Handed,
    /// Moves by the module's folder: from and to, as written.
    pub moves: Vec<(String, String, String)>,
    /// What is let go of, by the module's folder, as written.
    pub removed: Vec<(String, String)>,
}

/// A resource of a state under its new address.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    /// Its address here.
    pub address: Address,
    /// Its address there.
    pub was: String,
    /// The local name of its provider.
    pub provider: String,
    /// The alias of its provider's configuration.
    pub alias: Option<String>,
    /// The source address of its provider; empty where the state does not tell it.
    pub source: String,
    /// Its type without the provider's name.
    pub kind: String,
    /// Its type as the state has it.
    pub resource_type: String,
    /// The version of the schema that the attributes follow.
    pub schema_version: u32,
    /// Its attributes, with all digits of their numbers.
    pub attributes: Value,
    /// What is of any type stands beside its type: `{"value": ..., "type": ...}`.
    pub says_types: bool,
    /// The provider's own bytes.
    pub private: Vec<u8>,
    /// What it depends on: addresses here.
    pub depends_on: Vec<Address>,
    /// A create failed half-way.
    pub tainted: bool,
    /// It was replaced, and waits to be destroyed.
    pub deposed: bool,
}

/// A resource that has no place in the new project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// Its address there.
    pub was: String,
    /// Why.
    pub why: String,
}

/// Where something of a state is in the new project.
struct Placed<'t> {
    address: Address,
    /// How its instances are told apart.
    instances: &'t Instances,
    /// The names on the way to it.
    way: Vec<&'t str>,
}

impl Translation {
    /// Notes a module.
    pub(crate) fn note(
        &mut self,
        folder: &str,
        names: &Names,
        calls: &BTreeMap<String, String>,
        module: &Module,
    ) {
        self.modules.insert(folder.to_owned(), (names.clone(), calls.clone()));
        let written = |found: crate::source::Found<'_>, name: &str| {
            found.value(name).map(|own| own.to_string().trim().to_owned()).unwrap_or_default()
        };
        for found in module.blocks("moved") {
            let entry = (folder.to_owned(), written(found, "from"), written(found, "to"));
            self.moves.push(entry);
        }
        for found in module.blocks("removed") {
            let kept = found.block.body.get_blocks("lifecycle").any(|own| {
                own.body
                    .get_attribute("destroy")
                    .is_some_and(|own| own.value.as_bool() == Some(false))
            });
            if kept {
                self.removed.push((folder.to_owned(), written(found, "from")));
            }
        }
    }

    /// Reads a state.
    ///
    /// # Errors
    /// When the text is no state.
    pub fn read(&self, text: &str) -> Result<(Vec<Resource>, Vec<Left>), String> {
        let Entries { entries, says_types, .. } = entries(text)?;
        let (mut resources, mut left) = (Vec::new(), Vec::new());
        let (mut needs, mut wholes) = (Vec::new(), Wholes::default());
        for entry in entries.iter().filter(|entry| entry.mode == "managed") {
            // Old ones come before the one that took their place.
            let is_old = |own: &&Instance| !own.deposed.is_empty();
            let current = || entry.instances.iter().filter(|own| !is_old(own));
            for instance in entry.instances.iter().filter(is_old).chain(current()) {
                let key = |own: &Instance| own.index_key.clone();
                if is_old(&instance) && !current().any(|own| key(own) == key(instance)) {
                    let why = "it waits to be destroyed, and nothing took its place".to_owned();
                    left.push(Left { was: written(entry, instance), why });
                    continue;
                }
                let was = written(entry, instance);
                match self.resource(entry, instance, &was) {
                    Ok(resource) => {
                        let resource = Resource { says_types, ..resource };
                        wholes.add(&resource.was, &resource.address);
                        needs.push(&instance.dependencies);
                        resources.push(resource);
                    }
                    Err(why) => left.push(Left { was, why }),
                }
            }
        }
        for (resource, needs) in resources.iter_mut().zip(needs) {
            resource.depends_on = wholes.needed(needs, &resource.address);
        }
        Ok((resources, left))
    }

    /// Returns the outputs of a state: the name here, the value, and whether it is secret.
    #[must_use]
    pub fn outputs(&self, text: &str) -> Vec<(String, Value, bool)> {
        let Ok(Entries { outputs, .. }) = entries(text) else { return Vec::new() };
        let names = self.modules.get("").map(|(names, _)| &names.outputs);
        let one = |(name, own): (String, Output)| {
            let value = read_json(own.value?.get()).ok()?;
            let ty = own.ty.and_then(|ty| read_json(ty.get()).ok());
            let value = ty.map_or(value.clone(), |ty| of_type(&value, &ty));
            Some((names?.get(&name)?.clone(), value, own.sensitive))
        };
        outputs.into_iter().filter_map(one).collect()
    }

    fn resource(&self, entry: &Entry, instance: &Instance, was: &str) -> Result<Resource, String> {
        let now = self.moved(was);
        if self.is_let_go(&now) {
            return Err("a `removed` block lets go of it".to_owned());
        }
        let placed = self.placed(&now).or_else(|why| self.implied(&now).ok_or(why))?;
        let Placed { address, way, .. } = placed;
        let provider = self.provider(entry);
        // What `terraform show -json` prints has no aliases, and what is planned goes by the source.
        let alias = self.handed.of_member(&way, &provider);
        let kind = text::short(&entry.kind);
        let private = STANDARD.decode(&instance.private).unwrap_or_default();
        Ok(Resource {
            address,
            was: was.to_owned(),
            provider,
            alias,
            source: source(entry).to_owned(),
            kind: kind.to_owned(),
            resource_type: entry.kind.clone(),
            schema_version: instance.schema_version,
            attributes: match &instance.attributes {
                Some(own) => read_json(own.get()).map_err(|error| error.to_string())?,
                None => Value::Null,
            },
            says_types: false,
            private,
            depends_on: Vec::new(),
            tainted: instance.status == "tainted",
            deposed: !instance.deposed.is_empty(),
        })
    }

    /// Tells whether a `removed` block lets go of an address.
    fn is_let_go(&self, now: &str) -> bool {
        self.levels(now).into_iter().any(|(folder, at)| {
            let mut removed = self.removed.iter().filter(|(own, _)| *own == folder);
            removed.any(|(_, from)| behind(&now[at..], from).is_some())
        })
    }

    /// Returns an address after the moves of all modules.
    fn moved(&self, was: &str) -> String {
        let mut now = was.to_owned();
        // A move may follow on another one; there are no more steps than moves.
        for _ in 0..=self.moves.len() {
            let step = self.levels(&now).into_iter().find_map(|(folder, at)| {
                let mut moves = self.moves.iter().filter(|(own, ..)| *own == folder);
                moves.find_map(|(_, from, to)| {
                    let rest = moves_on(&now[at..], from, to)?;
                    Some(format!("{}{to}{rest}", &now[..at]))
                })
            });
            match step {
                Some(next) => now = next,
                None => break,
            }
        }
        now
    }

    /// Returns the address after a move that nobody has to say: what is counted was there once before as number
    /// 0, and the other way round.
    fn implied(&self, now: &str) -> Option<Placed<'_>> {
        let (other, counted) = match now.strip_suffix("[0]") {
            Some(single) => (single.to_owned(), Instances::One),
            None => (format!("{now}[0]"), Instances::Count),
        };
        self.placed(&other).ok().filter(|placed| *placed.instances == counted)
    }

    /// Returns the modules that an address goes through: the folder of each, and where the rest of the
    /// address starts.
    fn levels<'s>(&'s self, address: &str) -> Vec<(&'s str, usize)> {
        let (mut levels, mut folder, mut at) = (vec![("", 0)], "", 0);
        while let Some(rest) = address[at..].strip_prefix("module.") {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            let Some(to) = self.modules.get(folder).and_then(|(_, calls)| calls.get(&rest[..end]))
            else {
                break;
            };
            let Some(length) = first_step(&rest[end..]) else { break };
            at += "module.".len() + end + length;
            folder = to;
            levels.push((folder, at));
        }
        levels
    }

    /// Returns the address here of an address there.
    ///
    /// # Errors
    /// Why there is none.
    pub fn address(&self, was: &str) -> Result<Address, String> {
        self.placed(was).map(|placed| placed.address)
    }

    /// Returns where an address there is here.
    fn placed(&self, was: &str) -> Result<Placed<'_>, String> {
        let steps = steps(was).ok_or("its address is not understood")?;
        let (mut folder, mut prefix, mut way) = ("", String::new(), Vec::new());
        let mut steps = steps.as_slice();
        while let [(word, None), (call, key), rest @ ..] = steps {
            if word != "module" {
                break;
            }
            let (names, calls) = self.modules.get(folder).ok_or("its module is not translated")?;
            let named = names.modules.get(call).ok_or("its module is not declared")?;
            let key = key.as_deref().filter(|_| named.instances != Instances::Maybe);
            prefix = Address::prefix(&prefix, &named.name, key).to_string();
            way.push(named.name.as_str());
            folder = calls.get(call).ok_or("its module is not translated")?;
            steps = rest;
        }
        let [(kind, None), (label, key)] = steps else {
            return Err("its address is not understood".to_owned());
        };
        let (names, _) = self.modules.get(folder).ok_or("its module is not translated")?;
        let of = (kind.clone(), label.clone());
        let named = names.resources.get(&of).ok_or("it is not declared any more")?;
        let key = key.as_deref().filter(|_| named.instances != Instances::Maybe);
        let keyed = matches!(named.instances, Instances::Count | Instances::Each);
        if keyed != key.is_some() {
            return Err(
                "it has instances in one of state and source, and not in the other".to_owned()
            );
        }
        way.push(named.name.as_str());
        let address = Address::inside(&prefix, &named.name, key);
        Ok(Placed { address, instances: &named.instances, way })
    }

    /// Returns the local name in `provider["HOST/NAMESPACE/TYPE"].alias`.
    fn provider(&self, entry: &Entry) -> String {
        let mut parts: Vec<&str> = source(entry).rsplit('/').take(2).collect();
        parts.reverse();
        let fallback = entry.kind.split_once('_').map_or(entry.kind.as_str(), |(name, _)| name);
        let name = self.providers.get(&parts.join("/")).cloned();
        name.unwrap_or_else(|| text::provider(fallback))
    }
}

/// Returns a value as its type has it, which stands beside it as the protocol writes types: `["set", "string"]`. Lists
/// and tuples are one here, and so are maps and objects.
#[must_use]
pub fn of_type(value: &Value, ty: &Value) -> Value {
    let [word, inner] = ty.as_items().unwrap_or_default() else { return value.clone() };
    match (word.as_str(), value, inner) {
        (Some("set"), Value::List(items), _) => {
            Value::set(items.iter().map(|own| of_type(own, inner)))
        }
        (Some("list"), Value::List(items), _) => {
            Value::list(items.iter().map(|own| of_type(own, inner)))
        }
        (Some("tuple"), Value::List(items), Value::List(types)) => {
            Value::list(items.iter().zip(types.iter()).map(|(own, ty)| of_type(own, ty)))
        }
        (Some("map"), Value::Map(entries), _) => {
            Value::map(entries.iter().map(|(key, own)| (key.as_str(), of_type(own, inner))))
        }
        (Some("object"), Value::Map(entries), types) => Value::map(
            entries.iter().map(|(key, own)| (key.as_str(), of_type(own, types.attribute(key)))),
        ),
        _ => value.clone(),
    }
}

/// Returns the address in `provider["HOST/NAMESPACE/TYPE"].alias`.
fn source(entry: &Entry) -> &str {
    let (_, rest) = entry.provider.split_once("provider[\"").unwrap_or(("", &entry.provider));
    rest.split_once("\"]").map_or(rest, |(source, _)| source)
}

/// What became of whole resources. A dependency in a state is on one of those, in every instance of the modules that it
/// is in; here it is on each instance that is recorded.
#[derive(Debug, Default)]
pub struct Wholes(BTreeMap<String, Vec<Address>>);

impl Wholes {
    /// So many dependencies on one resource are a dependency on the instance of the same key, where there is one: all on
    /// all of thousands would be millions.
    const MOST: usize = 100;

    /// Notes an instance: its address there, and here.
    pub fn add(&mut self, was: &str, address: &Address) {
        self.0.entry(whole(was)).or_default().push(address.clone());
    }

    /// Returns what something depends on.
    #[must_use]
    pub fn needed(&self, needs: &[String], own: &Address) -> Vec<Address> {
        let mut found = Vec::new();
        for need in needs {
            let Some(all) = self.0.get(&whole(need)) else { continue };
            let same = all.iter().find(|one| one.key().is_some() && one.key() == own.key());
            match same.filter(|_| all.len() > Self::MOST) {
                Some(one) => found.push(one.clone()),
                None => found.extend(all.iter().cloned()),
            }
        }
        found.sort();
        found.dedup();
        found.retain(|one| one != own);
        found
    }
}

/// Returns an address without its keys.
fn whole(text: &str) -> String {
    let Some(steps) = steps(text) else { return text.to_owned() };
    let names: Vec<String> = steps.into_iter().map(|(name, _)| name).collect();
    names.join(".")
}

fn written(entry: &Entry, instance: &Instance) -> String {
    let module = if entry.module.is_empty() { String::new() } else { format!("{}.", entry.module) };
    let key = match &instance.index_key {
        Json::Null => String::new(),
        Json::String(key) => format!("[{}]", Json::from(key.as_str())),
        other => format!("[{other}]"),
    };
    format!("{module}{}.{}{key}", entry.kind, entry.name)
}

/// Returns what stands behind a whole part of an address.
fn behind<'a>(address: &'a str, part: &str) -> Option<&'a str> {
    let rest = address.strip_prefix(part).filter(|_| !part.is_empty())?;
    (rest.is_empty() || rest.starts_with(['.', '['])).then_some(rest)
}

/// Returns what stands behind what a move is from. Where one of both has a key, both are single instances.
fn moves_on<'a>(address: &'a str, from: &str, to: &str) -> Option<&'a str> {
    let is_instance = from.ends_with(']') || to.ends_with(']');
    behind(address, from).filter(|rest| !is_instance || !rest.starts_with('['))
}

/// Returns how long the key and the dot are that an address goes on with.
fn first_step(rest: &str) -> Option<usize> {
    if rest.starts_with('.') {
        return Some(1);
    }
    let (mut quoted, mut escaped) = (false, false);
    let end = rest.find(|letter| {
        let ends = letter == ']' && !quoted;
        quoted ^= letter == '"' && !escaped;
        escaped = letter == '\\' && !escaped;
        ends
    })?;
    rest[end + 1..].starts_with('.').then_some(end + 2)
}

/// Returns the parts of an address, each with its key; nothing where it is none.
#[must_use]
pub fn steps(text: &str) -> Option<Vec<(String, Option<String>)>> {
    let mut steps = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        let mut key = None;
        rest = after;
        if let Some(inner) = rest.strip_prefix('[') {
            let end = match inner.strip_prefix('"') {
                Some(quoted) => {
                    let mut escaped = false;
                    let close = quoted.find(|letter| {
                        let ends = letter == '"' && !escaped;
                        escaped = letter == '\\' && !escaped;
                        ends
                    })?;
                    close + 2
                }
                None => inner.find(']')?,
            };
            let literal = &inner[..end];
            key = Some(match serde_json::from_str::<Json>(literal).ok()? {
                Json::String(key) => key,
                other => other.to_string(),
            });
            rest = inner[end..].strip_prefix(']')?;
        }
        steps.push((name.to_owned(), key));
        rest = match rest.strip_prefix('.') {
            Some(more) => more,
            None if rest.is_empty() => rest,
            None => return None,
        };
    }
    Some(steps)
}

#[cfg(test)]
mod tests {
    use super::steps;

    #[test]
    fn addresses_are_taken_apart() {
        let parts = steps("module.a[\"x.\\\"y]\"].aws_s3_bucket.b[3]").unwrap();
        let shown: Vec<String> = parts
            .iter()
            .map(|(name, key)| {
                format!("{name}{}", key.as_ref().map_or(String::new(), |k| format!("/{k}")))
            })
            .collect();
        assert_eq!(shown, ["module", "a/x.\"y]", "aws_s3_bucket", "b/3"]);
        assert!(steps("a[").is_none() && steps("a[\"b]").is_none());
    }
}
