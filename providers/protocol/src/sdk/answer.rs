//! What an author's code comes to, in the protocol's words.
//!
//! Law: a panic is an error of the call that it happens in, and of no other.

use std::any::Any;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use syncline_model::{
    Applied, Imported, Open, Opened, Planned, Problem, ReadState, Response, Value,
};

use super::{Failure, Instance};

/// What a call answers beside its problems: only an apply has a partial answer.
pub(crate) trait Partial: Sized {
    fn partial(instance: Instance) -> Option<Self>;
}

impl Partial for Applied {
    fn partial(instance: Instance) -> Option<Self> {
        Some(applied(instance).0)
    }
}

impl Partial for ReadState {
    fn partial(_: Instance) -> Option<Self> {
        None
    }
}

impl Partial for Planned {
    fn partial(_: Instance) -> Option<Self> {
        None
    }
}

impl Partial for Imported {
    fn partial(_: Instance) -> Option<Self> {
        None
    }
}

impl Partial for Open {
    fn partial(_: Instance) -> Option<Self> {
        None
    }
}

impl Partial for Opened {
    fn partial(_: Instance) -> Option<Self> {
        None
    }
}

impl Partial for Value {
    fn partial(_: Instance) -> Option<Self> {
        None
    }
}

/// Returns what was made, and what there is to say of it.
pub(crate) fn applied(instance: Instance) -> (Applied, Vec<Problem>) {
    let state = instance.attributes.into_value();
    (Applied { state, private: instance.private, ..Applied::default() }, instance.warnings)
}

/// Runs a call, catches its panics and returns what the protocol wants to hear.
pub(crate) async fn answer<A, T: Partial>(
    call: impl Future<Output = Result<A, Failure>> + Send,
    finish: impl FnOnce(A) -> (T, Vec<Problem>) + Send,
) -> Response<T> {
    match AssertUnwindSafe(call).catch_unwind().await {
        Ok(Ok(made)) => {
            let (answer, problems) = finish(made);
            Response { answer: Some(answer), problems }
        }
        Ok(Err(failure)) => Response {
            answer: failure.partial.and_then(|instance| T::partial(*instance)),
            problems: failure.problems,
        },
        Err(panic) => Response::fail(panicked(&*panic)),
    }
}

/// Runs code that is not asynchronous, and catches its panics.
pub(crate) fn guard<T>(call: impl FnOnce() -> T) -> Result<T, Failure> {
    std::panic::catch_unwind(AssertUnwindSafe(call)).map_err(|panic| panicked(&*panic).into())
}

fn panicked(panic: &(dyn Any + Send)) -> Problem {
    let text = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned());
    let text = text.unwrap_or_else(|| "It left no message.".to_owned());
    Problem::error("the provider panicked, which is a mistake in it", text)
}
