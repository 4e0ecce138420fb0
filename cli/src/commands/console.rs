//! `syncline console ENV`: a prompt in an environment.
//!
//! Every line is an expression as if it stood in the environment; one that lacks its end goes on over
//! lines, up to an empty one. Lines that begin with `:` are for the console itself. On a terminal there are
//! history and completion, the same as in editors; from a pipe the lines are read as they come, and an
//! error ends with exit code 1.

use std::io::{BufRead as _, IsTerminal as _};
use std::path::PathBuf;
use std::sync::Arc;

use rustyline::completion::{Completer, Pair};
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::FileHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{CompletionType, Config, Context, Editor, Helper};
use syncline_lang::Inputs;
use syncline_lang::ide::{self, Analysis, Buffer};
use syncline_model::{Diagnostic, FileId, Value};

use crate::arguments::InputArguments;
use crate::commands::environments::one;
use crate::commands::planning::{load, with_exports};
use crate::exit::{Exit, Failure};
use crate::project::{self, Loaded, Providers};
use crate::session::Session;

const HELP: &str = "\
An expression prints its value: `replicas * 2`, `web.path`, `keys(services)`.
:type EXPR    prints the type of its value
:reload       reads the sources again
:help         prints this
:quit         leaves; so does Ctrl-D
";

/// Arguments of `console`.
#[derive(clap::Args, Clone, Debug)]
pub struct ConsoleArguments {
    /// The environment
    env: String,
    #[command(flatten)]
    inputs: InputArguments,
}

pub(super) fn run(session: &Session, arguments: &ConsoleArguments) -> Result<Exit, Failure> {
    let mut console = Console::open(session, arguments)?;
    if std::io::stdin().is_terminal() { console.converse() } else { console.read_all() }
}

struct Console<'a> {
    session: &'a Session,
    arguments: &'a ConsoleArguments,
    loaded: Loaded,
    inputs: Inputs,
    environment: String,
}

/// What a line asks for.
enum Next {
    GoOn,
    /// It was wrong, and that has been told.
    Wrong,
    Leave,
}

impl<'a> Console<'a> {
    fn open(session: &'a Session, arguments: &'a ConsoleArguments) -> Result<Self, Failure> {
        let (mut loaded, inputs) = load(session, &arguments.inputs)?;
        loaded.tell(session)?;
        let environment = one(session, &mut loaded, Vec::new(), &arguments.env)?;
        let inputs = with_exports(session, &loaded, std::slice::from_ref(&environment), inputs)?;
        Ok(Self { session, arguments, loaded, inputs, environment })
    }

    /// Reads lines from a pipe.
    fn read_all(&mut self) -> Result<Exit, Failure> {
        let (mut exit, mut text) = (Exit::Done, String::new());
        let mut lines = std::io::stdin().lock().lines();
        loop {
            let line = lines.next().transpose().map_err(|error| {
                Failure::new(format!("the standard input cannot be read: {error}"))
            })?;
            let is_last = line.is_none();
            text.push_str(&line.unwrap_or_default());
            if !is_last && goes_on(&text) {
                text.push('\n');
                continue;
            }
            match self.line(&std::mem::take(&mut text)) {
                Next::GoOn => {}
                Next::Wrong => exit = Exit::Error,
                Next::Leave => return Ok(exit),
            }
            if is_last {
                return Ok(exit);
            }
        }
    }

    /// Speaks with someone at a terminal.
    fn converse(&mut self) -> Result<Exit, Failure> {
        let failed = |error: ReadlineError| Failure::new(format!("the terminal fails: {error}"));
        let config = Config::builder().completion_type(CompletionType::List).build();
        let mut editor: Editor<Words, FileHistory> = Editor::with_config(config).map_err(failed)?;
        editor.set_helper(Some(self.words()));
        let history = self.history();
        // The first time there is none yet.
        let _none_yet = editor.load_history(&history);
        self.session.output.note(&format!("{}: `:help` says what there is", self.environment));
        let prompt = format!("{}> ", self.environment);
        loop {
            match editor.readline(&prompt) {
                Ok(line) => {
                    let _not_kept = editor.add_history_entry(line.trim());
                    let reloads = line.trim() == ":reload";
                    if matches!(self.line(&line), Next::Leave) {
                        break;
                    }
                    if reloads {
                        editor.set_helper(Some(self.words()));
                    }
                }
                Err(ReadlineError::Interrupted) => {}
                Err(ReadlineError::Eof) => break,
                Err(error) => return Err(failed(error)),
            }
        }
        if history.parent().is_some_and(std::path::Path::is_dir) {
            let _not_kept = editor.save_history(&history);
        }
        Ok(Exit::Done)
    }

    /// History is kept beside the state, and only where there is one.
    fn history(&self) -> PathBuf {
        self.loaded.root.join(".syncline").join("console_history")
    }

    fn words(&self) -> Words {
        let (sources, files, diagnostics) = project::sources(&self.loaded.root);
        let project = &self.loaded.project;
        let world = Providers::of(self.session, &self.loaded.root, project).ok();
        let analysis = world.and_then(|(world, _)| {
            Analysis::of_files(sources, files, diagnostics, &self.inputs, Arc::new(world), &|| true)
        });
        let layer = self.environment.split('/').next().unwrap_or_default().to_owned();
        Words { analysis, layer }
    }

    fn line(&mut self, line: &str) -> Next {
        let line = line.trim();
        let (command, rest) = line.split_once(' ').unwrap_or((line, ""));
        match command {
            "" => Next::GoOn,
            ":quit" | ":q" | ":exit" => Next::Leave,
            "quit" | "exit" if rest.is_empty() && !self.is_known(line) => Next::Leave,
            "let" | "param" | "resource" | "output" if !rest.is_empty() => {
                self.session.tell_failure(&Failure::new("nothing is declared here").help(
                    "Write an expression alone: it is evaluated and printed. What is declared \
                         stands in the sources; `:reload` reads them again.",
                ));
                Next::Wrong
            }
            ":help" | ":h" => {
                self.session.output.data(HELP);
                Next::GoOn
            }
            ":reload" | ":r" => match Self::open(self.session, self.arguments) {
                Ok(fresh) => {
                    *self = fresh;
                    Next::GoOn
                }
                Err(failure) => {
                    self.session.tell_failure(&failure);
                    Next::Wrong
                }
            },
            ":type" | ":t" => self.evaluate(rest, &|session, value| {
                session.output.line(&syncline_lang::ops::type_of(value).to_string());
            }),
            other if other.starts_with(':') => {
                self.session.tell_failure(
                    &Failure::new(format!("`{other}` is not known"))
                        .help("`:help` says what there is."),
                );
                Next::Wrong
            }
            _ => self.evaluate(line, &|session, value| super::eval::print(session, value, false)),
        }
    }

    /// Tells whether the environment knows a name.
    fn is_known(&self, name: &str) -> bool {
        let (expr, _) = syncline_lang::syntax::parse_expression(FileId(0), name);
        let Loaded { project, world, .. } = &self.loaded;
        let (_, found) = syncline_lang::evaluate_expression(
            project,
            &self.environment,
            &self.inputs,
            world,
            &expr,
        );
        !found.iter().any(|own| own.code.id == "E0201")
    }

    fn evaluate(&mut self, text: &str, show: &dyn Fn(&Session, &Value)) -> Next {
        let file: FileId = self.loaded.sources.add("(console)", text);
        let (expr, mut found) = syncline_lang::syntax::parse_expression(file, text);
        let mut value = None;
        if found.is_empty() {
            let project = &self.loaded.project;
            let world = &self.loaded.world;
            (value, found) = syncline_lang::evaluate_expression(
                project,
                &self.environment,
                &self.inputs,
                world,
                &expr,
            );
        }
        if self.session.tell(&found, &self.loaded.sources).is_err() {
            return Next::Wrong;
        }
        if let Some(value) = value {
            show(self.session, &value);
        }
        Next::GoOn
    }
}

/// Tells whether a text lacks its end: a bracket, or what stands behind an operator. An empty line ends it.
fn goes_on(text: &str) -> bool {
    let (_, found) = syncline_lang::syntax::parse_expression(FileId(0), text);
    let at_end = |own: &Diagnostic| own.message.ends_with("found the end of the line");
    if text.trim().is_empty() {
        return false;
    }
    // In a block of text an empty line is one of its lines.
    let in_block = text.matches("\"\"\"").count() % 2 == 1;
    let is_open = |own: &Diagnostic| own.code.id == "E0101" || at_end(own);
    in_block || !text.ends_with('\n') && found.iter().any(is_open)
}

/// Completes names as editors do.
struct Words {
    analysis: Option<Analysis>,
    layer: String,
}

impl Completer for Words {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        position: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Pair>)> {
        let Some(analysis) = &self.analysis else { return Ok((position, Vec::new())) };
        // The line as if it stood in the environment.
        let head = format!("environment {} {{\n  let value = ", self.layer);
        let text = format!("{head}{line}");
        let buffer = Buffer { name: "", text: &text };
        let found = ide::complete(analysis, buffer, head.len() + position);
        let start = found.start.saturating_sub(head.len());
        let pairs = found.items.into_iter().map(|item| {
            let replacement = item.label.trim_end_matches(" =").to_owned();
            Pair { display: item.label, replacement }
        });
        Ok((start, pairs.collect()))
    }
}

impl Validator for Words {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        Ok(match goes_on(context.input()) {
            true => ValidationResult::Incomplete,
            false => ValidationResult::Valid(None),
        })
    }
}

impl Hinter for Words {
    type Hint = String;
}

impl Highlighter for Words {}

impl Helper for Words {}
