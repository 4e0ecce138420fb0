//! Documents that hold a state: a state file of version 4, or what `terraform show -json` prints.
//!
//! Takes the text of one and returns its entries as they stand there: numbers keep all of their digits.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value as Json;
use serde_json::value::RawValue;

/// What a document has.
pub(crate) struct Entries {
    pub(crate) entries: Vec<Entry>,
    pub(crate) outputs: BTreeMap<String, Output>,
    /// What is of any type stands beside its type.
    pub(crate) says_types: bool,
}

/// What tells states from other documents.
#[derive(Deserialize)]
struct Probe {
    #[serde(default)]
    pub(crate) planned_values: Option<IgnoredAny>,
    #[serde(default)]
    pub(crate) format_version: Option<IgnoredAny>,
}

/// What `terraform show -json` prints.
#[derive(Deserialize)]
struct Shown {
    #[serde(default)]
    pub(crate) values: ShownValues,
}

#[derive(Default, Deserialize)]
struct ShownValues {
    #[serde(default)]
    pub(crate) outputs: BTreeMap<String, Output>,
    #[serde(default)]
    pub(crate) root_module: ShownModule,
}

#[derive(Default, Deserialize)]
struct ShownModule {
    #[serde(default)]
    pub(crate) address: String,
    #[serde(default)]
    pub(crate) resources: Vec<ShownResource>,
    #[serde(default)]
    pub(crate) child_modules: Vec<Self>,
}

#[derive(Deserialize)]
struct ShownResource {
    #[serde(default)]
    pub(crate) mode: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) provider_name: String,
    #[serde(default)]
    pub(crate) index: Json,
    #[serde(default)]
    pub(crate) schema_version: u32,
    #[serde(default)]
    pub(crate) values: Option<Box<RawValue>>,
    #[serde(default)]
    pub(crate) depends_on: Vec<String>,
    #[serde(default)]
    pub(crate) tainted: bool,
    #[serde(default)]
    pub(crate) deposed_key: String,
}

#[derive(Deserialize)]
pub(crate) struct Output {
    #[serde(default)]
    pub(crate) value: Option<Box<RawValue>>,
    /// Its type, as the protocol writes types.
    #[serde(default, rename = "type")]
    pub(crate) ty: Option<Box<RawValue>>,
    #[serde(default)]
    pub(crate) sensitive: bool,
}

#[derive(Deserialize)]
struct File {
    pub(crate) version: u64,
    #[serde(default)]
    pub(crate) outputs: BTreeMap<String, Output>,
    #[serde(default)]
    pub(crate) resources: Vec<Entry>,
}

#[derive(Clone, Deserialize)]
pub(crate) struct Entry {
    #[serde(default)]
    pub(crate) module: String,
    pub(crate) mode: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) provider: String,
    pub(crate) instances: Vec<Instance>,
}

#[derive(Clone, Deserialize)]
pub(crate) struct Instance {
    #[serde(default)]
    pub(crate) index_key: Json,
    #[serde(default)]
    pub(crate) schema_version: u32,
    #[serde(default)]
    pub(crate) attributes: Option<Box<RawValue>>,
    #[serde(default)]
    pub(crate) private: String,
    #[serde(default)]
    pub(crate) dependencies: Vec<String>,
    #[serde(default)]
    pub(crate) status: String,
    #[serde(default)]
    pub(crate) deposed: String,
}

/// Reads a document: a state, or what `terraform show -json` prints of one.
pub(crate) fn entries(text: &str) -> Result<Entries, String> {
    let fail = |error: serde_json::Error| error.to_string();
    let probe: Probe = serde_json::from_str(text).map_err(fail)?;
    if probe.planned_values.is_some() {
        return Err("it is a plan, and no state".to_owned());
    }
    if probe.format_version.is_some() {
        let Shown { values } = serde_json::from_str(text).map_err(fail)?;
        let mut entries = Vec::new();
        shown(values.root_module, &mut entries);
        return Ok(Entries { entries, outputs: values.outputs, says_types: false });
    }
    let file: File = serde_json::from_str(text).map_err(fail)?;
    if file.version != 4 {
        return Err(format!("a state of version {} is not understood", file.version));
    }
    Ok(Entries { entries: file.resources, outputs: file.outputs, says_types: true })
}

/// Adds the entries of a module as `terraform show -json` prints it.
fn shown(module: ShownModule, all: &mut Vec<Entry>) {
    for own in module.resources {
        let instance = Instance {
            index_key: own.index,
            schema_version: own.schema_version,
            attributes: own.values,
            private: String::new(),
            dependencies: own.depends_on,
            status: if own.tainted { "tainted".to_owned() } else { String::new() },
            deposed: own.deposed_key,
        };
        all.push(Entry {
            module: module.address.clone(),
            mode: own.mode,
            kind: own.kind,
            name: own.name,
            provider: format!("provider[\"{}\"]", own.provider_name),
            instances: vec![instance],
        });
    }
    module.child_modules.into_iter().for_each(|own| shown(own, all));
}
