//! `terraform.remote_state`: the outputs of a state that Terraform keeps.
//!
//! Takes where the state is, as Terraform's own data source does; returns its outputs, those that are sensitive as
//! secrets. It reads states in files, and writes nothing.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::value::RawValue;
use syncline_model::{Number, Path as AttributePath, Problem, Type, Value};
use syncline_protocol::sdk::{Attributes, DataSource, Failure, Schema, attribute, invalid};

/// The largest state.
const MOST: u64 = 1 << 30;

const OTHERS: &str = "Another backend's state is printed by `terraform state pull > FILE`. What several projects need is \
                      best an output of an environment in one project, which others read.";

/// The data source `terraform.remote_state`.
pub(crate) struct RemoteState {
    root: PathBuf,
}

impl RemoteState {
    pub(crate) const fn new(root: PathBuf) -> Self {
        Self { root }
    }
}

#[async_trait]
impl DataSource for RemoteState {
    fn schema(&self) -> Schema {
        let any = |text| attribute::of(Type::Any).describe(text);
        Schema::new("The outputs of a state that Terraform or OpenTofu keeps in a file.")
            .attribute("backend", attribute::string().required().describe("Who keeps it: `local`."))
            .attribute(
                "config",
                any("Where it is: `path`, relative to the project's folder unless it starts with `/`; of another \
                     workspace than `default` also `workspace_dir`."),
            )
            .attribute(
                "workspace",
                attribute::string().describe("The workspace; `default` unless set."),
            )
            .attribute("defaults", any("Outputs that count where the state has none of the name."))
            .attribute(
                "outputs",
                attribute::of(Type::Any)
                    .computed()
                    .describe("The outputs by their names; secret where they are sensitive."),
            )
    }

    fn validate(&self, config: &Attributes) -> Vec<Problem> {
        let backend = config.get("backend").as_str().filter(|own| *own != "local");
        let other = backend.map(|own| {
            invalid("backend", format!("states of the backend `{own}` are not read here"), OTHERS)
        });
        let known = ["path", "workspace_dir"];
        let entries = config.get("config").as_map();
        let unknown = entries.and_then(|all| all.keys().find(|own| !known.contains(&own.as_str())));
        let unknown = unknown.filter(|_| other.is_none()).map(|own| {
            invalid(
                "config",
                format!("`{own}` says nothing here"),
                "Give `path`, or `workspace_dir`.",
            )
        });
        other.into_iter().chain(unknown).collect()
    }

    async fn read(&self, mut config: Attributes) -> Result<Attributes, Failure> {
        let shown = place(&config);
        let text = read(&self.root.join(&shown)).map_err(|error| {
            let summary = format!("cannot read the state `{}`: {error}", shown.display());
            Problem::error(
                summary,
                "Look whether the path is right, and whether anything was applied there.",
            )
            .at(AttributePath::attribute("config"))
        })?;
        let mut outputs: BTreeMap<String, Value> = config
            .get("defaults")
            .as_map()
            .into_iter()
            .flat_map(|all| all.iter().map(|(name, own)| (name.to_string(), own.clone())))
            .collect();
        outputs.extend(self::outputs(&text).map_err(|why| {
            let summary = format!("`{}` is no state of Terraform: {why}", shown.display());
            invalid("config", summary, "`terraform state pull` prints one that is.")
        })?);
        config.set("outputs", Value::map(outputs));
        Ok(config)
    }
}

/// Returns where a state is, as Terraform looks for it.
fn place(config: &Attributes) -> PathBuf {
    let text = |name: &str| config.get("config").attribute(name).as_str().map(PathBuf::from);
    let workspace =
        config.get("workspace").as_str().filter(|own| *own != "default" && !own.is_empty());
    match workspace {
        Some(workspace) => {
            let folder = text("workspace_dir").unwrap_or_else(|| "terraform.tfstate.d".into());
            folder.join(workspace).join("terraform.tfstate")
        }
        None => text("path").unwrap_or_else(|| "terraform.tfstate".into()),
    }
}

fn read(path: &Path) -> io::Result<String> {
    let found = std::fs::metadata(path)?;
    if !found.is_file() || found.len() > MOST {
        return Err(io::Error::other("it is no file of up to 1 GiB"));
    }
    std::fs::read_to_string(path)
}

/// What is read of a state.
#[derive(Deserialize)]
struct State {
    version: u64,
    #[serde(default)]
    outputs: BTreeMap<String, Output>,
}

#[derive(Deserialize)]
struct Output {
    value: Box<RawValue>,
    #[serde(rename = "type")]
    ty: Option<serde_json::Value>,
    #[serde(default)]
    sensitive: bool,
}

fn outputs(text: &str) -> Result<Vec<(String, Value)>, String> {
    let state: State = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if state.version != 4 {
        return Err(format!("it is of version {}, and 4 is read", state.version));
    }
    let one = |(name, own): (String, Output)| {
        let ty = own.ty.unwrap_or_default();
        let value = value(own.value.get(), &ty).map_err(|error| format!("{name}: {error}"))?;
        Ok((name, if own.sensitive { Value::secret(value) } else { value }))
    };
    state.outputs.into_iter().map(one).collect()
}

/// Returns a value with all digits of its numbers, of the type that stands beside it.
fn value(text: &str, ty: &serde_json::Value) -> Result<Value, serde_json::Error> {
    let text = text.trim();
    let word = ty.get(0).and_then(serde_json::Value::as_str).unwrap_or_default();
    let inner = ty.get(1).unwrap_or(&serde_json::Value::Null);
    let part = |at: &dyn Fn() -> Option<serde_json::Value>| match word {
        "tuple" | "object" => at().unwrap_or_default(),
        _ => inner.clone(),
    };
    Ok(match text.as_bytes().first() {
        Some(b'{') => {
            let entries: BTreeMap<String, Box<RawValue>> = serde_json::from_str(text)?;
            let one = |(key, own): (String, Box<RawValue>)| {
                let ty = part(&|| inner.get(&key).cloned());
                value(own.get(), &ty).map(|own| (key, own))
            };
            Value::map(entries.into_iter().map(one).collect::<Result<Vec<_>, _>>()?)
        }
        Some(b'[') => {
            let items: Vec<Box<RawValue>> = serde_json::from_str(text)?;
            let one = |(at, own): (usize, Box<RawValue>)| {
                value(own.get(), &part(&|| inner.get(at).cloned()))
            };
            let items = items.into_iter().enumerate().map(one).collect::<Result<Vec<_>, _>>()?;
            if word == "set" { Value::set(items) } else { Value::list(items) }
        }
        Some(b'"') => Value::from(serde_json::from_str::<String>(text)?),
        Some(b't' | b'f') => Value::from(text == "true"),
        Some(b'n') | None => Value::Null,
        Some(_) => match Number::parse(text) {
            Ok(number) => Value::Number(number),
            Err(_) => Value::from(text),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_have_their_types_and_secrets() {
        let text = r#"{ "version": 4, "outputs": {
            "ids": { "value": ["b", "a"], "type": ["set", "string"] },
            "mixed": { "value": { "n": 12345678901234567890.5, "l": [true, null] }, "type": ["object", { "n": "number", "l": ["tuple", ["bool", "string"]] }] },
            "token": { "value": "x", "type": "string", "sensitive": true }
        }, "resources": [] }"#;
        let all = outputs(text).unwrap();
        assert_eq!(all[0].1, Value::set(["a".into(), "b".into()]));
        let number = Value::Number(Number::parse("12345678901234567890.5").unwrap());
        let list = Value::list([true.into(), Value::Null]);
        assert_eq!(all[1].1, Value::map([("n", number), ("l", list)]));
        assert!(all[2].1.is_secret());
        assert!(outputs(r#"{ "version": 3 }"#).is_err() && outputs("nothing").is_err());
    }
}
