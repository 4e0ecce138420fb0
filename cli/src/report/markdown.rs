//! Plans as Markdown: the comment on a pull request.
//!
//! A table of environments and counts; then, for each environment, destroys and replacements open
//! and the rest folded; then the fingerprints. At most [`BUDGET`] characters: what does not fit is
//! counted and named, never cut in the middle.

use syncline_model::Digest;
use syncline_planner::plan::{Action, Change, Plan};

use super::text::{self, TextOptions};

/// The most characters of a comment; a host such as GitHub takes 65,536.
pub const BUDGET: usize = 60_000;

/// What is kept free for the end of the comment.
const RESERVE: usize = 4_000;

/// Returns plans, each with its fingerprint, as one comment.
#[must_use]
pub fn plans(plans: &[(&Plan, Digest)]) -> String {
    let mut comment = String::from("### Syncline plan\n\n");
    comment.push_str("| environment | add | change | destroy | unchanged |\n");
    comment.push_str("| --- | ---: | ---: | ---: | ---: |\n");
    let mut unlisted = 0;
    for (plan, _) in plans {
        let counts = plan.counts();
        let row = format!(
            "| `{}` | {} | {} | {} | {} |\n",
            plan.environment, counts.add, counts.change, counts.destroy, plan.unchanged
        );
        if comment.len() + row.len() > BUDGET / 4 {
            unlisted += 1;
        } else {
            comment.push_str(&row);
        }
    }
    if unlisted > 0 {
        comment.push_str(&format!("\n{unlisted} more environments.\n"));
    }
    let mut left_out = Vec::new();
    for (plan, _) in plans {
        environment(plan, &mut comment, &mut left_out);
    }
    left_out_note(&left_out, &mut comment);
    fingerprints(plans, &mut comment);
    comment
}

fn environment(plan: &Plan, comment: &mut String, left_out: &mut Vec<String>) {
    let destroys = |change: &&Change| {
        matches!(change.action, Action::Delete | Action::Replace | Action::ReplaceCreateFirst)
    };
    let shown = |change: &&Change| !change.is_silent();
    let open: Vec<&Change> = plan.changes.iter().filter(destroys).collect();
    let folded: Vec<&Change> =
        plan.changes.iter().filter(|change| !destroys(change) && shown(change)).collect();
    let outputs = plan.outputs.iter().filter(|output| output.before != output.after).count();
    let nothing = open.is_empty() && folded.is_empty() && outputs == 0;
    if nothing && plan.drift.is_empty() && plan.handovers.is_empty() {
        return;
    }
    push(&format!("\n#### `{}`\n", plan.environment), comment);
    if !open.is_empty() {
        push("\n**Destroyed or replaced:**\n\n", comment);
        blocks(plan, &open, comment, left_out);
    }
    let rest = [
        (folded.len(), "change"),
        (plan.handovers.len(), "record handed over"),
        (outputs, "output change"),
        (plan.drift.len(), "difference found outside of Syncline"),
    ];
    let summary: Vec<String> = rest
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}{}", if *count == 1 { "" } else { "s" }))
        .map(|text| {
            text.replace("record handed overs", "records handed over").replace(
                "difference found outside of Synclines",
                "differences found outside of Syncline",
            )
        })
        .collect();
    if summary.is_empty() {
        return;
    }
    push(&format!("\n<details><summary>{}</summary>\n\n", summary.join(", ")), comment);
    blocks(plan, &folded, comment, left_out);
    let mut rest = with_changes(plan, Vec::new());
    rest.handovers.clone_from(&plan.handovers);
    rest.outputs.clone_from(&plan.outputs);
    rest.drift.clone_from(&plan.drift);
    rest.checks.clone_from(&plan.checks);
    let text = sections(&rest);
    if !text.is_empty() {
        block(&text, &format!("outputs and drift of `{}`", plan.environment), comment, left_out);
    }
    push("\n</details>\n", comment);
}

/// Returns the plan's head with some changes and nothing else. A whole plan is never cloned: it may
/// be large, and this is done for each change.
fn with_changes(plan: &Plan, changes: Vec<Change>) -> Plan {
    Plan {
        format: plan.format,
        syncline: plan.syncline.clone(),
        environment: plan.environment.clone(),
        goal: plan.goal,
        back_to: None,
        config: plan.config,
        state: plan.state,
        providers: Vec::new(),
        changes,
        unchanged: plan.unchanged,
        steps: Vec::new(),
        handovers: Vec::new(),
        drift: Vec::new(),
        data: Vec::new(),
        outputs: Vec::new(),
        checks: Vec::new(),
        reads: plan.reads,
        partial: plan.partial,
        contested: plan.contested,
    }
}

/// Adds changes as code blocks, as many as fit, each whole.
fn blocks(plan: &Plan, changes: &[&Change], comment: &mut String, left_out: &mut Vec<String>) {
    let mut own = with_changes(plan, Vec::new());
    own.changes = changes.iter().map(|change| (*change).clone()).collect();
    let text = sections(&own);
    if comment.len() + text.len() + RESERVE <= BUDGET {
        block(&text, "", comment, left_out);
        return;
    }
    for change in changes {
        own.changes = vec![(*change).clone()];
        let name = format!("{}:{}", plan.environment, change.address);
        block(&sections(&own), &name, comment, left_out);
    }
}

/// Returns the changes of a plan as text, without the header and the summary.
fn sections(plan: &Plan) -> String {
    let text = text::plan(plan, TextOptions::default());
    let lines: Vec<&str> = text.lines().collect();
    let body = lines.len().saturating_sub(2);
    let kept: Vec<&str> = lines[..body]
        .iter()
        .copied()
        .filter(|line| {
            !line.starts_with("Syncline will perform") && !line.starts_with("No changes.")
        })
        .collect();
    kept.join("\n").trim_matches('\n').to_owned()
}

fn block(text: &str, name: &str, comment: &mut String, left_out: &mut Vec<String>) {
    if text.is_empty() {
        return;
    }
    // A fence that is longer than any in the text keeps the text from ending the block.
    let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let block = format!("{fence}diff\n{}\n{fence}\n", signs_first(text));
    if comment.len() + block.len() + RESERVE > BUDGET {
        left_out.push(name.to_owned());
    } else {
        comment.push_str(&block);
    }
}

/// Moves each line's sign to its start, where a `diff` block gives it its colour.
fn signs_first(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let trimmed = line.trim_start();
        let indent = line.len() - trimmed.len();
        match trimmed.as_bytes() {
            [sign @ (b'+' | b'-'), b' ', ..] if indent > 0 => {
                let rest = &trimmed[1..];
                format!("{}{}{rest}", char::from(*sign), " ".repeat(indent))
            }
            [b'~', b' ', ..] => format!("!{}{}", " ".repeat(indent), &trimmed[1..]),
            _ => line.to_owned(),
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn left_out_note(left_out: &[String], comment: &mut String) {
    if left_out.is_empty() {
        return;
    }
    const NAMED: usize = 20;
    let names: Vec<String> = left_out
        .iter()
        .filter(|name| name.len() <= 80)
        .take(NAMED)
        .map(|name| format!("`{name}`"))
        .collect();
    let more = left_out.len() - names.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    comment.push_str(&format!(
        "\n{} changes do not fit here: {}{more}. `syncline plan` shows them.\n",
        left_out.len(),
        names.join(", ")
    ));
}

fn fingerprints(plans: &[(&Plan, Digest)], comment: &mut String) {
    const LISTED: usize = 10;
    comment.push('\n');
    for (plan, digest) in plans.iter().take(LISTED) {
        comment.push_str(&format!("`{}` plan fingerprint `{digest}`  \n", plan.environment));
    }
    if plans.len() > LISTED {
        comment.push_str(&format!("and {} more plans\n", plans.len() - LISTED));
    }
}

fn push(text: &str, comment: &mut String) {
    if comment.len() + text.len() + RESERVE / 2 <= BUDGET {
        comment.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syncline_model::{Address, Lifecycle, Mode, Path, ProviderId, Value};
    use syncline_planner::plan::{Bytes, Goal, Reads, Reason, StateMark};

    fn change(index: usize) -> Change {
        Change {
            address: Address::parse(&format!("r{index}")).unwrap(),
            mode: Mode::Managed,
            kind: "file".into(),
            resource_type: "local_file".into(),
            provider: ProviderId { name: "local".into(), alias: None },
            action: Action::Delete,
            reason: Reason::Removed,
            before: Value::map([("path", Value::from(format!("`````{index}")))]),
            after: Value::Null,
            replace_paths: vec![Path::default()],
            config: Value::Null,
            private: Bytes::default(),
            schema_version: 0,
            fingerprint: Digest::ZERO,
            depends_on: Vec::new(),
            lifecycle: Lifecycle::default(),
            health: Vec::new(),
            provenance: Vec::new(),
            declared: None,
        }
    }

    #[test]
    fn what_does_not_fit_is_counted_and_named() {
        let plan = Plan {
            format: Plan::FORMAT,
            syncline: "0".into(),
            environment: syncline_model::EnvironmentName("dev".into()),
            goal: Goal::Apply,
            back_to: None,
            config: Digest::ZERO,
            state: StateMark { sequence: 0, hash: Digest::ZERO },
            providers: Vec::new(),
            changes: (0..2_000).map(change).collect(),
            unchanged: 0,
            steps: Vec::new(),
            handovers: Vec::new(),
            drift: Vec::new(),
            data: Vec::new(),
            outputs: Vec::new(),
            checks: Vec::new(),
            reads: Reads::default(),
            partial: false,
            contested: false,
        };
        let comment = plans(&[(&plan, Digest::ZERO)]);
        assert!(comment.len() <= BUDGET, "{}", comment.len());
        assert!(comment.len() > BUDGET / 2, "{}", comment.len());
        assert!(comment.contains("| `dev` | 0 | 0 | 2000 | 0 |"));
        assert!(comment.contains("changes do not fit here: `dev:r"));
        assert!(comment.trim_end().ends_with(&format!("`{}`", Digest::ZERO)));
        assert_eq!(comment.matches("``````diff").count(), comment.matches("\n``````\n").count());
    }
}
