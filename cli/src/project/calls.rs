//! Calls of providers while an environment is evaluated: functions that they offer, and data sources on which it hangs
//! which resources there are.
//!
//! Takes a function with its arguments, or a data source with its configuration; returns what the provider answers. For
//! a function it is not configured, and is kept until the command ends; what reads data sources ends before the
//! environment is planned.
//!
//! Law: the same is asked once in a command.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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
        once(&self.answers, call, || {
            let provider = {
                let mut providers = locked(&self.providers);
                Arc::clone(providers.entry(provider.into()).or_insert_with(make))
            };
            answered(ask(&provider, function, arguments, runtime))
        })
    }

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
        once(&self.data, data, || {
            let known = locked(&self.readers).get(&own).cloned();
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
            locked(&self.readers).insert(own, provider);
            answer
        })
    }

    /// Lets go of what reads data sources: whoever plans starts the providers anew.
    pub(super) fn let_go(&self) {
        locked(&self.readers).clear();
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns what is known under a key; what is asked for it is known from then on.
fn once<K: Ord, V: Clone>(known: &Mutex<BTreeMap<K, V>>, key: K, ask: impl FnOnce() -> V) -> V {
    if let Some(answer) = locked(known).get(&key) {
        return answer.clone();
    }
    let answer = ask();
    locked(known).insert(key, answer.clone());
    answer
}

/// Waits on a thread of its own, since the caller's may be one of another runtime.
pub(super) fn aside<T: Send>(wait: impl FnOnce() -> T + Send) -> Option<T> {
    std::thread::scope(|scope| scope.spawn(wait).join().ok())
}

/// Waits for something on a runtime, or on one of its own where there is none.
fn elsewhere<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
    runtime: Option<&Runtime>,
) -> Option<T> {
    aside(|| match runtime {
        Some(runtime) => runtime.block_on(runtime.spawn(work)).ok(),
        None => {
            let own = tokio::runtime::Builder::new_current_thread().enable_all().build();
            Some(own.ok()?.block_on(work))
        }
    })?
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
