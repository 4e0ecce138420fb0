//! Data sources that are read while an environment is evaluated: which resources there are may hang on them.
//!
//! Takes a value that decides which resources there are. Where it waits for data sources alone whose configuration
//! is known, the [`World`](super::World) is asked to read those, and the value is computed with what they say. All
//! other values wait until the environment is planned.
//!
//! Laws: what a schema or the configuration calls secret is secret in the answer; a world that does not read
//! (where a source is only checked) leaves everything as it is.

use std::collections::BTreeMap;
use std::sync::Arc;

use syncline_model::{Address, Map, Mode, Problem, ProviderId, Span, Value, mark};

use super::SlotValue;
use super::resource::Instances;
use super::scope::{Failed, Scope};
use crate::diagnostics::{not_known_yet, operation_failed};
use crate::ops;

/// A data source that is to be read.
#[derive(Clone, Copy, Debug)]
pub struct DataQuery<'a> {
    /// Which.
    pub address: &'a Address,
    /// Who reads it.
    pub provider: &'a ProviderId,
    /// How that is set up; wholly known.
    pub provider_config: &'a Value,
    /// Its type without the provider's name.
    pub kind: &'a str,
    /// Its configuration; wholly known.
    pub config: &'a Value,
}

impl Scope<'_> {
    /// Returns a value as it is known once the data sources have been read that it waits for.
    pub(super) fn settled(&mut self, value: Value, span: Span) -> Result<Value, Failed> {
        if value.is_known() || self.explores || self.rehearses {
            return Ok(value);
        }
        let mut addresses = Vec::new();
        value.waits_for(&mut addresses);
        addresses.sort_unstable();
        addresses.dedup();
        let mut read: BTreeMap<Address, Value> = BTreeMap::new();
        for address in addresses {
            let Some(answer) = self.read_data(&address) else { return Ok(value) };
            match answer {
                Ok(answer) => drop(read.insert(address, answer)),
                Err(problem) => {
                    return self.fail(not_known_yet::unread(&address, &problem, span));
                }
            }
        }
        let lookup = |address: &Address| read.get(address).cloned();
        let computed = ops::resolve_with(&value, &lookup, self.world.functions());
        computed.or_else(|error| self.fail(operation_failed::diagnostic(&error, span)))
    }

    /// Tells whether a value waits for nothing but data sources.
    pub(super) fn waits_for_data(&self, value: &Value) -> bool {
        let (mut addresses, mut outputs) = (Vec::new(), Vec::new());
        value.waits_for(&mut addresses);
        value.waits_for_outputs(&mut outputs);
        let is_data = |address| {
            let found = self.data_source(address);
            found.is_some_and(|(instances, at)| instances.query(at).1.is_known())
        };
        outputs.is_empty() && !addresses.is_empty() && addresses.iter().all(is_data)
    }

    /// Reads a data source; nothing where that is not done now.
    fn read_data(&self, address: &Address) -> Option<Result<Value, Problem>> {
        let (instances, at) = self.data_source(address)?;
        let (provider, config) = instances.query(at);
        let name = provider.alias.as_ref().unwrap_or(&provider.name);
        let nothing = Value::from(Map::new());
        let provider_config = match self.value_in(0, name) {
            Some((SlotValue::Provider { value, .. }, _)) => value,
            Some(_) => return None,
            // What it is set up with waits for the value itself.
            None if self.tables.list[0].table.find(name).is_some() => return None,
            None => &nothing,
        };
        if !config.is_known() || !provider_config.is_known() {
            return None;
        }
        let kind = instances.class.kind();
        let query = DataQuery { address, provider: &provider, provider_config, kind, config };
        let answer = self.world.read(&query)?;
        Some(answer.map(|answer| mark(&instances.class.schema.block, answer, config)))
    }

    fn data_source(&self, address: &Address) -> Option<(Arc<Instances>, usize)> {
        let values = self.frames.iter().flat_map(|frame| &frame.values).flatten();
        let mut all = values.filter_map(|(value, _)| {
            let SlotValue::Instances(own) = value else { return None };
            (own.class.mode == Mode::Data).then_some(own)
        });
        all.find_map(|own| {
            let at = own.list.iter().position(|instance| instance.address == *address)?;
            Some((Arc::clone(own), at))
        })
    }
}
