//! Imports and functions, and what becomes of attributes that are gone.

use syncline_model::{ImportRequest, Imported, Map, Mode, Path, Problem, Response, Value};

use super::{CAPABILITIES, Session, answered};
use crate::host::failure::CallError;
use crate::wire::decode::unknown;
use crate::wire::diagnostics::problems;
use crate::wire::encode::Extra;
use crate::wire::proto::tfplugin6::{call_function, import_resource_state};
use crate::wire::shape::Shape;

impl Session {
    pub(in crate::host) async fn import(
        &self,
        request: ImportRequest,
    ) -> Result<Response<Imported>, Problem> {
        const CALL: &str = "ImportResourceState";
        let kind = self.kind(Mode::Managed, &request.kind)?;
        let message = import_resource_state::Request {
            type_name: kind.name.clone(),
            id: request.id.to_string(),
            client_capabilities: Some(CAPABILITIES),
            identity: self.identified(CALL, kind, &request.identity)?,
        };
        let answer = self.process.call(message, Some(self.limits.long)).await?;
        let mut said = problems(answer.diagnostics);
        said.extend(self.deferred(CALL, answer.deferred));
        let (mut own, others): (Vec<_>, Vec<_>) =
            answer.imported_resources.into_iter().partition(|one| one.type_name == kind.name);
        let more = others.len() + own.len().saturating_sub(1);
        if more > 0 {
            said.push(Problem {
                is_error: false,
                ..Problem::error(
                    format!("the provider {} found {more} more resources", self.process.title),
                    "Only the first one of the asked type is taken over.",
                )
            });
        }
        Ok(answered(said, || {
            if own.is_empty() {
                return Err(missing(&request));
            }
            let found = own.swap_remove(0);
            let state = self.answer(CALL, &kind.shape, found.state)?;
            if state.is_null() {
                return Err(missing(&request));
            }
            let private = self.keep(CALL, kind, &found.private, (found.identity, &[]))?;
            Ok(Imported { state, private })
        }))
    }

    pub(in crate::host) async fn call(
        &self,
        name: &str,
        arguments: &[Value],
    ) -> Result<Response<Value>, Problem> {
        const CALL: &str = "CallFunction";
        let (Some(signature), Some(schema)) =
            (self.schema.functions.get(name), self.schema.model.functions.get(name))
        else {
            return Ok(Response::fail(Problem::error(
                format!("`{}` has no function `{name}`", self.schema.model.name),
                "",
            )));
        };
        let fixed = signature.parameters.len();
        let fits = match signature.variadic {
            Some(_) => arguments.len() >= fixed,
            None => arguments.len() == fixed,
        };
        if !fits {
            let detail = format!("It takes {fixed}, and {} are given.", arguments.len());
            return Ok(Response::fail(Problem::error("the number of arguments is wrong", detail)));
        }
        let mut sent = Vec::with_capacity(arguments.len());
        for (at, argument) in arguments.iter().enumerate() {
            let shape = signature.parameters.get(at).or(signature.variadic.as_ref());
            let parameter = schema.parameters.get(at).or(schema.variadic.as_ref());
            let (Some(shape), Some(parameter)) = (shape, parameter) else { continue };
            if argument.is_null() && !parameter.nullable {
                let detail = format!("`{}` must not be null.", parameter.name);
                let problem = Problem::error("an argument is null", detail);
                return Ok(Response::fail(problem.at(Path::default().index(at))));
            }
            if !argument.is_known() && !parameter.allows_unknown {
                return Ok(Response::ok(unknown(&signature.returns)));
            }
            sent.extend(self.value(CALL, shape, argument, Extra::Refused)?);
        }
        let message = call_function::Request { name: name.to_owned(), arguments: sent };
        let answer = self.process.call(message, Some(self.limits.short)).await?;
        // A result may come with an error, and means nothing then.
        if let Some(error) = answer.error {
            let mut problem = Problem::error(error.text, "");
            if let Some(at) = error.function_argument.and_then(|at| usize::try_from(at).ok()) {
                problem.path = Path::default().index(at);
            }
            return Ok(Response::fail(problem));
        }
        Ok(answered(Vec::new(), || self.answer(CALL, &signature.returns, answer.result)))
    }

    /// Asks running calls to come to an end soon.
    pub(in crate::host) async fn stop(&self) -> Result<(), Problem> {
        let message = crate::wire::proto::tfplugin6::stop_provider::Request {};
        let answer = self.process.call_optional(message, Some(self.limits.stop)).await?;
        match answer.map(|answer| answer.error).filter(|error| !error.is_empty()) {
            Some(error) => Err(self.process.problem(&CallError::Status(error), "StopProvider")),
            None => Ok(()),
        }
    }
}

fn missing(request: &ImportRequest) -> Problem {
    let summary = if request.identity.is_null() {
        format!("there is nothing with the id `{}`", request.id)
    } else {
        format!("there is nothing with the identity {}", request.identity)
    };
    Problem::error(summary, "")
}

/// Returns a recorded value without the attributes that its type does not have, null for those
/// that are new.
pub(super) fn conformed(shape: &Shape, value: &Value) -> Value {
    match (shape, value) {
        (Shape::Object(members), Value::Map(map)) => Value::from(
            members
                .iter()
                .map(|member| {
                    let value = match map.get(&member.name) {
                        Some(value) if !value.is_null() => conformed(&member.shape, value),
                        Some(_) | None => member.absent(),
                    };
                    (member.name.clone(), value)
                })
                .collect::<Map>(),
        ),
        (Shape::List(element), Value::List(items)) => {
            Value::list(items.iter().map(|item| conformed(element, item)))
        }
        (Shape::Set(element), Value::Set(items)) => {
            Value::set(items.iter().map(|item| conformed(element, item)))
        }
        (Shape::Map(element), Value::Map(map)) => Value::from(
            map.iter().map(|(key, item)| (key.clone(), conformed(element, item))).collect::<Map>(),
        ),
        _ => value.clone(),
    }
}
