//! The leases of what is open for a while: renewed in time, given back at the end.

use syncline_model::{Open, Response};

use super::{Done, Running};

impl Running<'_> {
    /// Renews an ephemeral resource when it is time.
    pub(super) fn renew_later(&mut self, number: usize) {
        let opening = self.open[number].clone();
        if opening.lease.renew_at.is_some() {
            let now = self.executor.clock.now();
            self.tasks.push(Box::pin(async move {
                let answer = Box::new(opening.renewed(now).await);
                Done::Renewed { number, answer }
            }));
        }
    }

    /// Takes a renewal. One that failed is told: what goes on with it may fail soon.
    pub(super) fn renewed(&mut self, number: usize, answer: Response<Open>) {
        let opening = &mut self.open[number];
        let told = answer.problems.iter().map(|problem| opening.report("renew", problem));
        self.execution.diagnostics.extend(told);
        if let Some(lease) = answer.answer {
            opening.lease = lease;
            self.renew_later(number);
        }
    }

    /// Closes what is open, the last one first.
    pub(in crate::execute) async fn close(&mut self) {
        while let Some(opening) = self.open.pop() {
            self.execution.diagnostics.extend(opening.close().await);
        }
    }
}
