//! `syncline providers docs`.

use syncline_model::ProviderSchema;

use crate::exit::Failure;
use crate::output::{Paint, Style};
use crate::report::schema;
use crate::session::Session;

/// Prints the reference of a provider: Markdown, with emphasis on a terminal.
pub(super) fn run(
    session: &Session,
    schema: &ProviderSchema,
    markdown: bool,
) -> Result<(), Failure> {
    let text = schema::provider(schema);
    let paint = if markdown { Paint::default() } else { session.output.data_paint };
    session.output.data(&emphasised(&text, paint));
    Ok(())
}

/// Returns Markdown as it is read on a terminal: headings stand out, fences are left out.
fn emphasised(text: &str, paint: Paint) -> String {
    if !paint.enabled {
        return text.to_owned();
    }
    let mut shown = String::with_capacity(text.len());
    let mut code = false;
    for line in text.lines() {
        if line.starts_with("```") {
            code = !code;
            continue;
        }
        let heading = line.trim_start_matches('#');
        let line = if code {
            format!("    {}", paint.apply(Style::Cyan, line))
        } else if heading.len() < line.len() {
            paint.apply(Style::Bold, heading.trim_start())
        } else {
            spans(line, paint)
        };
        shown.push_str(&line);
        shown.push('\n');
    }
    shown
}

/// Returns a line with its code spans painted.
fn spans(line: &str, paint: Paint) -> String {
    let parts = line.split('`').enumerate();
    parts
        .map(
            |(at, part)| if at % 2 == 1 { paint.apply(Style::Cyan, part) } else { part.to_owned() },
        )
        .collect()
}
