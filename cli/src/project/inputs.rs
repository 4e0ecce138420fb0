//! Values for parameters: `--set`, `--vars` and `SYNCLINE_VAR_name`.
//!
//! What stands nearer to the command wins: `--set` over `--vars` over the environment of the
//! process. A file of values holds values and no expressions: JSON, or `name = value` as the
//! language writes it.

use std::io::Read as _;

use syncline_lang::stdlib::read_json;
use syncline_lang::syntax::parse_expression;
use syncline_lang::{Input, InputValue, literal};
use syncline_model::{Code, Diagnostic, FileId, Map, Sources, Value};

use crate::arguments::InputArguments;
use crate::exit::Failure;

pub use syncline_lang::Inputs;

const NOT_A_VALUE: Code = Code { id: "E0805", summary: "a file of values holds something else" };

/// The prefix of the variables that set parameters.
const PREFIX: &str = "SYNCLINE_VAR_";

/// The most bytes of a file of values.
const LARGEST: u64 = 64 << 20;

/// Collects the inputs and adds their texts to the sources, for messages that point into them.
///
/// # Errors
/// When an argument or a file cannot be read at all.
pub fn collect(
    arguments: &InputArguments,
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Inputs, Failure> {
    let mut values = Vec::new();
    let mut variables: Vec<(String, String)> = std::env::vars_os()
        .filter_map(|(name, value)| {
            let name = name.into_string().ok()?.strip_prefix(PREFIX)?.to_owned();
            Some((name, value.into_string().ok()?))
        })
        .collect();
    variables.sort();
    for (name, text) in variables {
        let source = format!("{PREFIX}{name}");
        let file = sources.add_input(source.as_str(), text.as_str());
        values.push(Input {
            name: name.into(),
            value: InputValue::Text(text.into()),
            source: source.into(),
            file,
            required: false,
        });
    }
    for path in &arguments.vars {
        file(path, sources, diagnostics, &mut values)?;
    }
    for set in &arguments.set {
        let Some((name, text)) = set.split_once('=') else {
            return Err(Failure::new(format!("`--set {set}` does not say what the value is"))
                .help("Write it as --set name=value."));
        };
        let file = sources.add_input(format!("--set {name}"), text);
        values.push(Input {
            name: name.trim().into(),
            value: InputValue::Text(text.into()),
            source: "--set".into(),
            file,
            required: true,
        });
    }
    Ok(Inputs { values, ..Inputs::default() })
}

fn file(
    path: &std::path::Path,
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
    values: &mut Vec<Input>,
) -> Result<(), Failure> {
    let shown = path.display().to_string();
    let fail = |reason: String| Failure::new(format!("the file {shown} cannot be read: {reason}"));
    // It may be a pipe or a device, which has no length and perhaps no end.
    let mut text = String::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(LARGEST + 1).read_to_string(&mut text))
        .map_err(|error| fail(error.to_string()))?;
    if text.len() as u64 > LARGEST {
        return Err(fail("it has more than 64 MiB".to_owned()));
    }
    // Some editors begin a file with a mark of its encoding.
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    // No line `name = value` begins like that.
    let is_json = text.trim_start().starts_with(['{', '[']);
    let (entries, file) = if is_json {
        let Value::Map(map) = read_json(text).map_err(|error| fail(error.to_string()))? else {
            return Err(fail("it is JSON, and no object".to_owned())
                .help("Write an object with a value for each parameter: `{ \"replicas\": 3 }`."));
        };
        (Map::clone(&map), sources.add_input(shown.as_str(), text))
    } else {
        lines(&shown, text, sources, diagnostics)
    };
    let read = if is_json { InputValue::Json } else { InputValue::Value };
    values.extend(entries.iter().map(|(name, value)| Input {
        name: name.clone(),
        value: read(value.clone()),
        source: shown.as_str().into(),
        file,
        required: true,
    }));
    Ok(())
}

/// Reads lines `name = value`.
fn lines(
    shown: &str,
    text: &str,
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> (Map, FileId) {
    // As the inside of a map, it is read by the language's own rules; the bracket is on the first
    // line, so that the lines of messages are those of the file.
    let whole = format!("{{{text}\n}}");
    let file = sources.add_input(shown, whole.as_str());
    let (expr, found) = parse_expression(file, &whole);
    let failed = !found.is_empty();
    diagnostics.extend(found);
    // Which of its lines are of secret parameters is not known yet.
    diagnostics.iter_mut().for_each(Diagnostic::conceal);
    match literal(&expr) {
        Ok(Value::Map(map)) => return (Map::clone(&map), file),
        Err(span) if !failed => diagnostics.push(
            Diagnostic::error(NOT_A_VALUE, format!("{shown} holds more than values"))
                .label(span, "this is not a plain value")
                .help("Write values alone: texts, numbers, true, false, null, lists, maps."),
        ),
        Ok(_) | Err(_) => {}
    }
    (Map::new(), file)
}
