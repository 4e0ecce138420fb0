//! Calls of providers while an environment is evaluated: functions that they offer, and data sources on which it hangs
//! which resources there are.
//!
//! Takes a function with its arguments, or a data source with its configuration; returns what the provider answers. For
//! a function it is not configured, and is kept until the command ends; what reads data sources ends before the
//! environment is planned.
//!
//! Law: the same is asked once in a command.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use syncline_lang::DataQuery;
use syncline_model::{DataRequest, Problem, Provider, ProviderId, Response, Str, Value};
use tokio::runtime::Runtime;

/// A provider's function with its arguments.
type Call = (Str, Str, Vec<Value>);

/// A data source with its configuration, behind who reads it and how that is set up.
type Data = (ProviderId, Value, Str, Value);

/// What was asked for, and the answers.
#[derive(Default)]
pub(super) struct Called {
    answers: Mutex<BTreeMap<Call, Result<Value, Problem>>>,
    providers: Mutex<BTreeMap<Str, Arc<dyn Provider>>>,
    data: Mutex<BTreeMap<Data, Result<Value, Problem>>>,
    /// Those that are set up to read data sources.
    readers: Mutex<BTreeMap<(ProviderId, Value), Arc<dyn Provider>>>,
}

impl std::fmt::Debug for Called {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Called").finish_non_exhaustive()
    }
}

impl Called {
    /// Returns what a function answers; what waits for another process does so on the runtime.
    ///
    /// # Errors
    /// What the provider says.
    pub(super) fn answer(
        &self,
        (provider, function, arguments): (&str, &str, &[Value]),
        runtime: Option<&Runtime>,
        make: &dyn Fn() -> Arc<dyn Provider>,
    ) -> Result<Value, Problem> {
        let call: Call = (provider.into(), function.into(), arguments.to_vec());
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = answers.get(&call) {
            return answer.clone();
        }
        drop(answers);
        let provider = {
            let mut providers = self.providers.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(providers.entry(provider.into()).or_insert_with(make))
        };
        let answer = answered(ask(&provider, function, arguments, runtime));
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.insert(call, answer.clone());
        answer
    }
}

impl Called {
    /// Returns what a data source says.
    ///
    /// # Errors
    /// What the provider says.
    pub(super) fn read(
        &self,
        query: &DataQuery<'_>,
        runtime: Option<&Runtime>,
        make: &dyn Fn() -> Arc<dyn Provider>,
    ) -> Result<Value, Problem> {
        let own = (query.provider.clone(), query.provider_config.clone());
        let data: Data = (own.0.clone(), own.1.clone(), query.kind.into(), query.config.clone());
        let answers = self.data.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = answers.get(&data) {
            return answer.clone();
        }
        drop(answers);
        let known = self.readers.lock().unwrap_or_else(PoisonError::into_inner).get(&own).cloned();
        let is_set_up = known.is_some();
        let provider = known.unwrap_or_else(make);
        let (reader, config) = (Arc::clone(&provider), own.1.clone());
        let request = DataRequest { kind: query.kind.into(), config: query.config.clone() };
        let read = async move {
            if !is_set_up {
                let problems = reader.configure(config).await;
                if let Some(problem) = problems.into_iter().find(|problem| problem.is_error) {
                    return Response::fail(problem);
                }
            }
            reader.read_data(request).await
        };
        let answer = answered(elsewhere(read, runtime));
        self.readers.lock().unwrap_or_else(PoisonError::into_inner).insert(own, provider);
        let mut answers = self.data.lock().unwrap_or_else(PoisonError::into_inner);
        answers.insert(data, answer.clone());
        answer
    }

    /// Lets go of what reads data sources: whoever plans starts the providers anew.
    pub(super) fn let_go(&self) {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// Waits for something on a runtime, or on one of its own where there is none.
fn elsewhere<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
    runtime: Option<&Runtime>,
) -> Option<T> {
    // A thread of its own waits, since the caller's may be one of another runtime.
    std::thread::scope(|scope| {
        let wait = || match runtime {
            Some(runtime) => runtime.block_on(runtime.spawn(work)).ok(),
            None => {
                let own = tokio::runtime::Builder::new_current_thread().enable_all().build();
                Some(own.ok()?.block_on(work))
            }
        };
        scope.spawn(wait).join().ok()?
    })
}

fn ask(
    provider: &Arc<dyn Provider>,
    function: &str,
    arguments: &[Value],
    runtime: Option<&Runtime>,
) -> Option<Response<Value>> {
    let Some(runtime) = runtime else {
        return at_once(provider.call(function, arguments.to_vec()));
    };
    let (provider, function) = (Arc::clone(provider), function.to_owned());
    let arguments = arguments.to_vec();
    elsewhere(async move { provider.call(&function, arguments).await }, Some(runtime))
}

fn answered(response: Option<Response<Value>>) -> Result<Value, Problem> {
    let Some(response) = response else {
        return Err(Problem::error("the provider could not be asked", ""));
    };
    if let Some(problem) = response.problems.into_iter().find(|problem| problem.is_error) {
        return Err(problem);
    }
    response.answer.ok_or_else(|| Problem::error("the provider gave no answer", ""))
}

/// Returns what a future gives that has nothing to wait for; so no runtime is started for it.
pub(super) fn at_once<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(answer) => Some(answer),
        std::task::Poll::Pending => None,
    }
}
