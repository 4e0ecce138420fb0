//! Calls of the functions that providers offer.
//!
//! Takes a function with its arguments; returns what the provider answers. The provider is not configured: it is
//! started at the first call and kept until the command ends.
//!
//! Law: the same function is asked for the same arguments once in a command.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use syncline_model::{Problem, Provider, Response, Str, Value};
use tokio::runtime::Runtime;

/// A provider's function with its arguments.
type Call = (Str, Str, Vec<Value>);

/// The functions that were called, and what they answered.
#[derive(Default)]
pub(super) struct Called {
    answers: Mutex<BTreeMap<Call, Result<Value, Problem>>>,
    providers: Mutex<BTreeMap<Str, Arc<dyn Provider>>>,
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
    let task = runtime.spawn(async move { provider.call(&function, arguments).await });
    // A thread of its own waits, since the caller's may be one of another runtime.
    std::thread::scope(|scope| scope.spawn(|| runtime.block_on(task)).join()).ok()?.ok()
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
