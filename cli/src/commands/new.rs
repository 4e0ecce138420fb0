//! `syncline new [DIR]`.

use std::path::{Component, PathBuf};

use crate::exit::{Exit, Failure};
use crate::session::Session;

/// Arguments of `new`.
#[derive(clap::Args, Clone, Debug)]
pub struct NewArguments {
    /// The folder to write to; made where there is none
    #[arg(default_value = ".", hide_default_value = true)]
    dir: PathBuf,
}

const PROJECT: &str = include_str!("new/project.sync");
const ENVIRONMENTS: &str = include_str!("new/environments.sync");
const IGNORED: &str = ".syncline/\nout/\n";

pub(super) fn run(session: &Session, arguments: &NewArguments) -> Result<Exit, Failure> {
    let folder = session.folder.join(&arguments.dir);
    let is_named = |own: &Component<'_>| *own != Component::CurDir;
    let named: PathBuf = folder.components().filter(is_named).collect();
    let shown = folder.display().to_string();
    let fail = |error: std::io::Error| Failure::new(format!("{shown} cannot be written: {error}"));
    std::fs::create_dir_all(&folder).map_err(fail)?;
    let full = folder.canonicalize().map_err(fail)?;
    let name = full.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = name.unwrap_or_else(|| "site".to_owned());
    let quoted = syncline_model::Value::from(name.as_str()).to_string();
    let project = PROJECT.replace("\"NAME\"", &quoted);
    let files = [
        ("project.sync", project.as_str()),
        ("environments.sync", ENVIRONMENTS),
        (".gitignore", IGNORED),
    ];
    if let Some(found) = crate::project::source_in(&full) {
        return Err(Failure::new(format!("{} is there already", named.join(found).display()))
            .note("The .sync files of a folder are one project: another one cannot be put beside them.")
            .help("Name another folder: `syncline new site`."));
    }
    for (file, text) in files {
        let path = folder.join(file);
        if !path.exists() {
            std::fs::write(&path, text).map_err(fail)?;
            session.output.line(&format!("wrote {}", named.join(file).display()));
        }
    }
    let dir = arguments.dir.display();
    let place = if dir.to_string() == "." { String::new() } else { format!(" -C {dir}") };
    session.output.note(&format!("Next: syncline{place} apply dev"));
    Ok(Exit::Done)
}
