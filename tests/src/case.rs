//! A case file, as plain data.
//!
//! Takes the text of a case and returns its title and sections in order; writes it back with other
//! expectations. It runs nothing. The format is described in `tests/README.md`.

use std::fmt::Write as _;

/// A case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// What it shows, in a sentence or two: all text before the first section.
    pub title: String,
    /// What is done, in order.
    pub sections: Vec<Section>,
}

/// A part of a case, started by a line `=== kind: argument`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Section {
    /// `=== file: main.sync`: writes a source; an empty body takes the file away.
    File {
        /// Its path below the project root.
        name: String,
        /// Its text, marks included.
        text: String,
    },
    /// `=== world`: changes the world behind the provider's back, a line a change.
    World {
        /// The lines.
        text: String,
    },
    /// `=== run: plan dev --set a=b`: runs a stage.
    Run {
        /// The words behind the colon.
        command: Vec<String>,
    },
    /// `=== expect`: what the last run gave.
    Expect {
        /// The text, without trailing blank lines.
        text: String,
    },
}

/// What starts a line that starts a section.
const FENCE: &str = "=== ";

impl Case {
    /// Reads a case.
    ///
    /// # Errors
    /// A line that starts with `=== ` and is no section, or a case without any.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut title = String::new();
        let mut sections: Vec<Section> = Vec::new();
        for (number, line) in text.lines().enumerate() {
            if let Some(head) = line.strip_prefix(FENCE) {
                let section = section(head).ok_or_else(|| format!("{}: {line}", number + 1))?;
                sections.push(section);
            } else if let Some(section) = sections.last_mut() {
                if let Some(body) = section.body() {
                    body.push_str(line);
                    body.push('\n');
                } else if !line.trim().is_empty() {
                    return Err(format!("{}: a run has no body: {line}", number + 1));
                }
            } else {
                title.push_str(line);
                title.push('\n');
            }
        }
        if sections.is_empty() {
            return Err("there is no section".to_owned());
        }
        for section in &mut sections {
            if let Section::Expect { text } | Section::File { text, .. } = section {
                // One blank line before the next section is for the reader.
                let trimmed = text.trim_end_matches('\n').len();
                text.truncate(trimmed);
                if !text.is_empty() {
                    text.push('\n');
                }
            }
        }
        Ok(Self { title: title.trim().to_owned(), sections })
    }
}

impl std::fmt::Display for Case {
    /// Writes the case as it is read.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text = format!("{}\n", self.title);
        for section in &self.sections {
            let written = match section {
                Section::File { name, text: body } => {
                    write!(text, "\n=== file: {name}\n{}\n", body.trim_end_matches('\n'))
                }
                Section::World { text: body } => {
                    write!(text, "\n=== world\n{}\n", body.trim_end_matches('\n'))
                }
                Section::Run { command } => write!(text, "\n=== run: {}\n", command.join(" ")),
                Section::Expect { text: body } => {
                    write!(text, "\n=== expect\n{}\n", body.trim_end_matches('\n'))
                }
            };
            written?;
        }
        f.write_str(&text)
    }
}

impl Section {
    fn body(&mut self) -> Option<&mut String> {
        match self {
            Self::File { text, .. } | Self::World { text } | Self::Expect { text } => Some(text),
            Self::Run { .. } => None,
        }
    }
}

fn section(head: &str) -> Option<Section> {
    let (kind, argument) = match head.split_once(':') {
        Some((kind, argument)) => (kind.trim(), argument.trim()),
        None => (head.trim(), ""),
    };
    match (kind, argument) {
        ("expect", "") => Some(Section::Expect { text: String::new() }),
        ("world", "") => Some(Section::World { text: String::new() }),
        ("file", name) if !name.is_empty() => {
            Some(Section::File { name: name.to_owned(), text: String::new() })
        }
        ("run", command) if !command.is_empty() => Some(Section::Run { command: words(command) }),
        _ => None,
    }
}

/// Splits at blanks; what is between single quotes stays together, quotes included.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quoted = false;
    for character in text.chars() {
        match character {
            '\'' => {
                quoted = !quoted;
                word.push(character);
            }
            ' ' if !quoted => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            other => word.push(other),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_is_written_as_it_was_read() {
        let text = "A title.\n\n=== file: main.sync\nproject \"p\" {}\n\n=== run: eval dev 'a + b'\n\n=== expect\n3\n";
        let case = Case::parse(text).unwrap();
        assert_eq!(case.sections.len(), 3);
        assert_eq!(
            case.sections[1],
            Section::Run { command: vec!["eval".into(), "dev".into(), "'a + b'".into()] }
        );
        assert_eq!(case.to_string(), text);
        assert!(Case::parse("A title.\n=== nothing\n").is_err());
    }
}
