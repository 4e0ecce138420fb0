//! Calls of functions that providers offer: `time::rfc3339_parse(moment)`.
//!
//! The schema of the provider says what a function takes and gives; it is asked while the environment is
//! evaluated when its arguments are known, and through a residual otherwise ([`crate::ops::offered`]).

use std::sync::Arc;

use syncline_model::{ProviderSchema, Span, Str, Value};

use super::call::Called;
use super::explore::unknown;
use super::scope::{Failed, Scope};
use crate::diagnostics::{
    deprecated_attribute, operation_failed, unknown_function, unknown_provider,
};
use crate::ops::{self, offered};
use crate::stdlib::Signature;
use crate::syntax::ast::{Arg, Ident};

impl Scope<'_> {
    /// Evaluates a call of a provider's function.
    pub(super) fn call_offered(
        &mut self,
        provider: &Ident,
        name: &Ident,
        args: &[Arg],
        span: Span,
    ) -> Result<Value, Failed> {
        let schema = self.offering(provider)?;
        let Some(function) = schema.functions.get(&name.name) else {
            let known = schema.functions.keys().map(Str::as_str);
            return self.fail(unknown_function::of_provider(&provider.name, name, known));
        };
        if let Some(instead) = &function.deprecated {
            self.report(deprecated_attribute::function(&name.name, instead, name.span));
        }
        let full = format!("{}::{}", provider.name, name.name);
        let signature = Signature::from(function);
        let called = Called { name: &full, signature: &signature };
        let (operands, spans) = self.plain_operands(called, args, span)?;
        if self.explores {
            return Ok(unknown(function.returns.clone()));
        }
        if self.looping > 0 {
            // A call of another process takes longer than any step of the language.
            self.spend(COST, span)?;
        }
        let answer = offered::call(&full, &operands, self.world.functions());
        answer.map(|value| ops::typed(value, &function.returns)).or_else(|error| {
            let at = error.operand.and_then(|at| spans.get(at)).copied();
            self.fail(operation_failed::diagnostic(&error, at.unwrap_or(span)))
        })
    }

    fn offering(&mut self, provider: &Ident) -> Result<Arc<ProviderSchema>, Failed> {
        match self.world.schema(&provider.name) {
            Some(schema) => Ok(schema),
            None => {
                let known = self.world.providers();
                self.fail(unknown_provider::diagnostic(&provider.name, provider.span, &known))
            }
        }
    }
}

/// How many steps a call counts for.
const COST: usize = 100;
