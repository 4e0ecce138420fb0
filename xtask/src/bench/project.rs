//! Generated projects: so many resources, three environments, each resource referring to another.
//!
//! Takes a shape and a size, writes `main.sync`. The same input writes the same bytes.

use std::fmt::Write as _;
use std::path::Path;

use crate::Failure;

/// How the resources are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A declaration each, which refers to the one at a tenth of its number: a tree, ten wide.
    Flat,
    /// Two keyed declarations with half of the keys each, the second referring to the first.
    Keyed,
    /// Ten chains: each declaration refers to the tenth before it.
    Chain,
}

impl Shape {
    /// Returns the name in the table.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Flat => "flat",
            Self::Keyed => "keyed",
            Self::Chain => "chain",
        }
    }
}

/// The line that [`change_one`] edits.
const CHANGED: (&str, &str) =
    ("keepers = { changes = \"before\" }", "keepers = { changes = \"after\" }");

/// Writes a project.
///
/// # Errors
/// When the folder cannot be written.
pub(crate) fn generate(folder: &Path, shape: Shape, size: usize) -> Result<(), Failure> {
    let mut text = String::from(HEAD);
    match shape {
        Shape::Flat => flat(&mut text, size, |index| index / 10),
        Shape::Chain => flat(&mut text, size, |index| index.saturating_sub(10)),
        Shape::Keyed => keyed(&mut text, size),
    }
    text.push_str(TAIL);
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(folder.join("main.sync"), text))
        .map_err(|error| format!("{} could not be written: {error}", folder.display()))
}

/// Changes one attribute of one resource, which replaces it.
///
/// # Errors
/// When the project cannot be read or written.
pub(crate) fn change_one(folder: &Path) -> Result<(), Failure> {
    let path = folder.join("main.sync");
    std::fs::read_to_string(&path)
        .and_then(|text| std::fs::write(&path, text.replacen(CHANGED.0, CHANGED.1, 1)))
        .map_err(|error| format!("{} could not be changed: {error}", path.display()))
}

const HEAD: &str = "\
project \"bench\" {}

abstract environment base {
  param replicas: int where it >= 1 = 1
  param owner: string = \"team\"

";

const TAIL: &str = "\
}

environment dev extends base {}

environment staging extends base {
  replicas = 2
}

environment prod extends staging {
  replicas = super * 3
  owner = \"platform\"
}
";

/// Writes a declaration each; `of` tells to which one it refers.
fn flat(text: &mut String, size: usize, of: impl Fn(usize) -> usize) {
    for index in 0..size {
        let keepers = match index {
            0 => "  keepers = { owner }".to_owned(),
            _ if index + 1 == size => format!("  {}", CHANGED.0),
            _ => format!("  keepers = {{ owner, of = r{}.hex }}", of(index)),
        };
        let _infallible = writeln!(
            text,
            "  resource random.id r{index} {{\n    byte_length = replicas + 3\n    prefix = \"${{owner}}-{index}-\"\n  {keepers}\n  }}"
        );
    }
}

fn keyed(text: &mut String, size: usize) {
    let half = size.saturating_sub(1) / 2;
    text.push_str("  let keys = [\n");
    for index in 0..half {
        let _infallible = writeln!(text, "    \"k{index}\",");
    }
    text.push_str("  ]\n");
    text.push_str(
        "  resource random.id first[k in keys] {\n    byte_length = replicas + 3\n    prefix = \"${owner}-${k}-\"\n  }\n",
    );
    text.push_str(
        "  resource random.id second[k in keys] {\n    byte_length = replicas + 3\n    keepers = { owner, of = first[k].hex }\n  }\n",
    );
    for index in half * 2..size {
        let _infallible = writeln!(
            text,
            "  resource random.id single{index} {{\n    byte_length = replicas + 3\n    {}\n  }}",
            CHANGED.0
        );
    }
}
