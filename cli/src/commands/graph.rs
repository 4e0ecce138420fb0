//! `syncline graph ENV`.

use crate::arguments::InputArguments;
use crate::commands::planning::{One, evaluate_one};
use crate::exit::{Exit, Failure};
use crate::report::graph::Graph;
use crate::report::svg;
use crate::session::Session;

/// Arguments of `graph`.
#[derive(clap::Args, Clone, Debug)]
pub struct GraphArguments {
    /// The environment
    env: String,
    /// How to print it (`--format svg`)
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    #[command(flatten)]
    inputs: InputArguments,
}

/// How to print a graph.
#[derive(clap::ValueEnum, Clone, Copy, Debug)]
enum Format {
    /// Each resource and what it needs
    Text,
    /// For Graphviz
    Dot,
    /// For Mermaid
    Mermaid,
    /// Nodes and edges
    Json,
    /// A picture
    Svg,
}

pub(super) fn run(session: &Session, arguments: &GraphArguments) -> Result<Exit, Failure> {
    let One { evaluated, .. } = evaluate_one(session, &arguments.env, &arguments.inputs)?;
    let graph = Graph::of(&evaluated.desired);
    let text = match arguments.format {
        Format::Text => graph.text(),
        Format::Dot => graph.dot(),
        Format::Mermaid => graph.mermaid(),
        Format::Json => format!("{}\n", super::pretty(&graph.json())),
        Format::Svg => svg::draw(&graph),
    };
    session.output.data(&text);
    Ok(Exit::Done)
}
