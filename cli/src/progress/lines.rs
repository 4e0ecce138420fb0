//! JSON lines for programs, in the shape of Terraform's machine-readable output: `@level`,
//! `@message`, `@timestamp`, `type`.

use serde_json::{Map, Value as Json, json};
use syncline_model::{Diagnostic, EnvironmentName, Sources, Span};
use syncline_planner::plan::{Action, Change, Goal, Operation, Plan, PlannedHandover};
use syncline_planner::{Clock as _, Event, Execution};

use crate::output::Output;
use crate::project::SystemClock;
use crate::report::json::outputs;
use crate::report::table::time;

/// Writes JSON lines as data.
#[derive(Clone, Debug)]
pub struct Lines {
    output: Output,
    /// What they tell of, as each of them says: an environment, of which a run may go through several, or a test.
    subject: Map<String, Json>,
}

impl Lines {
    /// Returns a writer of lines.
    #[must_use]
    pub fn new(output: &Output) -> Self {
        Self { output: output.clone(), subject: Map::new() }
    }

    /// Returns the same for an environment.
    #[must_use]
    pub fn of(mut self, environment: &EnvironmentName) -> Self {
        self.subject.insert("environment".to_owned(), json!(environment));
        self
    }

    /// Returns the same for a test.
    #[must_use]
    pub fn of_test(mut self, file: &str, name: &str) -> Self {
        self.subject.insert("@testfile".to_owned(), json!(file));
        self.subject.insert("@testrun".to_owned(), json!(name));
        self
    }

    /// Writes a line of a kind: its message for people, and what it says for programs.
    pub fn line(&self, level: &str, message: &str, kind: &str, extra: Json) {
        let mut object = Map::new();
        object.insert("@level".to_owned(), json!(level));
        object.insert("@message".to_owned(), json!(message));
        let now = time(SystemClock::default().now()).replace(' ', "T");
        object.insert("@timestamp".to_owned(), json!(now));
        object.insert("type".to_owned(), json!(kind));
        object.extend(self.subject.clone());
        if let Json::Object(extra) = extra {
            object.extend(extra);
        }
        self.output.line(&Json::Object(object).to_string());
    }

    /// Writes what is planned.
    pub fn plan(&self, plan: &Plan) {
        for handover in &plan.handovers {
            let (action, address, before) = match handover {
                PlannedHandover::Moved { from, to } => ("move", to, Some(from)),
                PlannedHandover::Forgotten { address } => ("forget", address, None),
                PlannedHandover::Adopted { address, .. } => {
                    let own = |change: &&Change| change.address == *address;
                    if plan.changes.iter().filter(own).any(|own| !own.is_silent()) {
                        // A change of the plan tells of it.
                        continue;
                    }
                    ("import", address, None)
                }
                PlannedHandover::Retyped { .. } | PlannedHandover::Called { .. } => continue,
            };
            let message = format!("{address}: plan to {action}");
            let mut change = json!({ "resource": { "addr": address }, "action": action });
            if let Some(before) = before {
                change["previous_resource"] = json!({ "addr": before });
            }
            self.line("info", &message, "planned_change", json!({ "change": change }));
        }
        for change in plan.changes.iter().filter(|change| !change.is_silent()) {
            let action = action(change.action);
            let message = format!("{}: plan to {action}", change.address);
            let extra = json!({ "change": { "resource": resource(change), "action": action, "reason": change.reason } });
            self.line("info", &message, "planned_change", extra);
        }
        let counts = plan.counts();
        let message = format!(
            "Plan: {} to add, {} to change, {} to destroy.",
            counts.add, counts.change, counts.destroy
        );
        let message = if plan.is_empty() { "No changes.".to_owned() } else { message };
        let extra = json!({ "changes": {
            "add": counts.add, "change": counts.change, "remove": counts.destroy,
            "operation": "plan",
        }});
        self.line("info", &message, "change_summary", extra);
    }

    /// Writes an event.
    pub fn observe(&self, event: Event<'_>) {
        match event {
            Event::Refreshing { .. } | Event::Planned { .. } => {}
            Event::Started { change, operation } => {
                let message = format!("{}: {} started", change.address, name(operation));
                self.line("info", &message, "apply_start", hook(change, operation));
            }
            Event::Finished { change, operation, millis } => {
                let message = format!("{}: {} complete", change.address, name(operation));
                let mut extra = hook(change, operation);
                extra["hook"]["elapsed_seconds"] = json!(millis as f64 / 1000.0);
                self.line("info", &message, "apply_complete", extra);
            }
            Event::Failed { change, operation, diagnostic } => {
                let message = format!(
                    "{}: {} failed: {}",
                    change.address,
                    name(operation),
                    diagnostic.message
                );
                self.line("error", &message, "apply_errored", hook(change, operation));
            }
            Event::Skipped { change } => {
                let message = format!("{}: not started", change.address);
                let extra = json!({ "hook": { "resource": resource(change) } });
                self.line("warn", &message, "apply_skipped", extra);
            }
        }
    }

    /// Writes a diagnostic.
    pub fn diagnostic(&self, diagnostic: &Diagnostic, sources: &Sources) {
        let level = if diagnostic.is_error() { "error" } else { "warn" };
        let own = json!({ "diagnostic": described(diagnostic, sources) });
        self.line(level, &diagnostic.message, "diagnostic", own);
    }

    /// Writes that nothing was done in an environment in which something might have been.
    pub fn not_applied(&self) {
        let environment = self.subject.get("environment").and_then(Json::as_str);
        let message = format!("{}: not applied", environment.unwrap_or_default());
        self.line("warn", &message, "environment_skipped", json!({}));
    }

    /// Writes what came of an apply.
    pub fn end(
        &self,
        plan: &Plan,
        execution: &Execution,
        (diagnostics, sources): (&[Diagnostic], &Sources),
    ) {
        diagnostics.iter().for_each(|diagnostic| self.diagnostic(diagnostic, sources));
        let done = execution.done;
        let word = match execution.interrupted {
            true => "interrupted",
            false if execution.success() => "complete",
            false => "incomplete",
        };
        let (verb, operation) = match plan.goal {
            Goal::Apply => ("Apply", "apply"),
            Goal::Destroy => ("Destroy", "destroy"),
        };
        let message = format!(
            "{verb} {word}: {} added, {} changed, {} destroyed, {} unchanged.",
            done.add, done.change, done.destroy, plan.unchanged
        );
        let extra = json!({ "changes": {
            "add": done.add, "change": done.change, "remove": done.destroy, "operation": operation,
        }, "interrupted": execution.interrupted,
           "skipped": execution.skipped, "unfinished": execution.unfinished,
           "unseen": execution.unseen });
        self.line("info", &message, "change_summary", extra);
        let message = format!("Outputs: {}", execution.outputs.len());
        self.line("info", &message, "outputs", json!({ "outputs": outputs(&execution.outputs) }));
    }
}

fn resource(change: &Change) -> Json {
    let implied = change.resource_type.split('_').next();
    json!({
        "addr": change.address,
        "resource": change.address,
        "resource_type": change.resource_type,
        "resource_name": change.address.group(),
        "resource_key": change.address.key(),
        "implied_provider": implied,
        "provider": change.provider.to_string(),
    })
}

fn described(diagnostic: &Diagnostic, sources: &Sources) -> Json {
    let labels = diagnostic.labels.iter().filter_map(|label| {
        Some(json!({ "range": range(label.span, sources)?, "text": label.text }))
    });
    let suggestions = diagnostic.suggestions.iter().filter_map(|own| {
        let range = range(own.span, sources)?;
        Some(json!({ "range": range, "replacement": own.replacement, "certain": own.certain }))
    });
    let mut described = json!({
        "severity": if diagnostic.is_error() { "error" } else { "warning" },
        "code": diagnostic.code.id,
        "summary": diagnostic.message,
        "detail": diagnostic.notes.join("\n"),
        "help": diagnostic.help,
        "labels": labels.collect::<Vec<_>>(),
        "suggestions": suggestions.collect::<Vec<_>>(),
    });
    if let Some(range) = diagnostic.span().and_then(|span| range(span, sources)) {
        described["range"] = range;
    }
    described
}

/// Returns a place in a file of the project. What comes from outside has none.
fn range(span: Span, sources: &Sources) -> Option<Json> {
    let source = sources.get(span.file).filter(|own| !own.from_outside && !own.is_page)?;
    let at = |byte: u32| {
        let (line, column) = source.line_column(byte);
        json!({ "line": line, "column": column, "byte": byte })
    };
    Some(json!({ "filename": source.name, "start": at(span.start), "end": at(span.end) }))
}

fn hook(change: &Change, operation: Operation) -> Json {
    json!({ "hook": { "resource": resource(change), "action": name(operation) } })
}

const fn name(operation: Operation) -> &'static str {
    match operation {
        Operation::Create => "create",
        Operation::Update => "update",
        Operation::Delete => "delete",
        Operation::Read => "read",
        Operation::Record => "record",
        Operation::Check => "check",
    }
}

const fn action(action: Action) -> &'static str {
    match action {
        Action::Create => "create",
        Action::Update => "update",
        Action::Replace | Action::ReplaceCreateFirst => "replace",
        Action::Delete => "delete",
        Action::Read => "read",
        Action::Check | Action::Record => "noop",
    }
}
