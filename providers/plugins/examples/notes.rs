//! A whole provider: notes, each a file in a folder. `docs/authors.md` goes through it.

use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use syncline_protocol::sdk::{
    Attributes, DataSource, Ephemeral, Failure, HandedOver, Instance, Open, Plan, Problem,
    ProviderBuilder, Resource, Schema, Type, async_trait, attribute, invalid,
};

/// How long a lock is held before it has to be renewed.
const HELD: Duration = Duration::from_secs(60);

/// Where the notes are; set once, when the provider is configured.
type Folder = Arc<OnceLock<PathBuf>>;

fn main() -> ExitCode {
    let folder = Folder::default();
    let configured = Arc::clone(&folder);
    let config = Schema::new("Where notes are kept.").attribute(
        "folder",
        attribute::string().default("notes").describe("The folder. It is `notes` unless set."),
    );
    let provider = ProviderBuilder::new("notes", env!("CARGO_PKG_VERSION"))
        .describe("Notes, each a file in a folder.")
        .configure(config, move |config| {
            let folder = PathBuf::from(config.string("folder")?);
            std::fs::create_dir_all(&folder).map_err(|error| {
                invalid("folder", "the folder cannot be made", error.to_string())
            })?;
            configured.get_or_init(|| folder);
            Ok(())
        })
        .resource("note", Note(Arc::clone(&folder)))
        .data("note", Found(Arc::clone(&folder)))
        .ephemeral("lock", Lock(folder))
        .build();
    syncline_protocol::server::serve(Arc::new(provider))
}

/// `notes.note`, which others call `notes_note`.
struct Note(Folder);

#[async_trait]
impl Resource for Note {
    fn schema(&self) -> Schema {
        let title = "Its title, which is its file's name too.";
        Schema::new("A note.")
            .attribute(
                "title",
                attribute::string().required().requires_replace().identifies().describe(title),
            )
            .identity("folder", attribute::string().describe("The folder that it is in."))
            .attribute("text", attribute::string().default("").describe("What it says."))
            .attribute("id", attribute::string().computed().stable().describe("Its title again."))
            .attribute("length", attribute::integer().computed().describe("The text's bytes."))
    }

    fn validate(&self, config: &Attributes) -> Vec<Problem> {
        let Some(title) = config.get("title").as_str() else { return Vec::new() };
        if title.is_empty() || title.contains('/') || title.starts_with('.') {
            let detail = "A title has no `/` in it, and does not start with a dot.";
            return vec![invalid("title", "this cannot be a title", detail)];
        }
        Vec::new()
    }

    async fn plan(&self, plan: &mut Plan) -> Result<(), Failure> {
        plan.set("id", plan.planned.get("title").clone());
        match plan.planned.get("text").as_str() {
            Some(text) => plan.set("length", text.len() as i64),
            None => plan.forget("length", Type::Int),
        }
        Ok(())
    }

    async fn create(&self, planned: Instance) -> Result<Instance, Failure> {
        let path = path(&self.0, planned.string("title")?)?;
        // It may be called again after it was interrupted: the same text is no other note.
        if let Ok(found) = std::fs::read_to_string(path)
            && found != planned.string("text")?
        {
            let detail = "Import it, or choose another title.";
            return Err(invalid("title", "there is a note with this title", detail).into());
        }
        write(&self.0, planned)
    }

    async fn read(&self, mut recorded: Instance) -> Result<Option<Instance>, Failure> {
        let title = recorded.string("title")?.to_owned();
        match std::fs::read_to_string(path(&self.0, &title)?) {
            Ok(text) => {
                recorded.set("id", title);
                recorded.set("length", text.len() as i64);
                recorded.set("text", text);
                recorded.identity.set("folder", folder(&self.0)?);
                Ok(Some(recorded))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed("read", &error).into()),
        }
    }

    async fn update(&self, _prior: Instance, planned: Instance) -> Result<Instance, Failure> {
        write(&self.0, planned)
    }

    async fn delete(&self, recorded: Instance) -> Result<(), Failure> {
        match std::fs::remove_file(path(&self.0, recorded.string("title")?)?) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(failed("remove", &error).into())
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }

    async fn import(&self, id: &str) -> Result<Instance, Failure> {
        let mut instance = Instance::default();
        instance.set("title", id);
        Ok(instance)
    }

    /// What is in another folder is another provider's, though its title be the same.
    async fn import_identity(&self, identity: &Attributes) -> Result<Instance, Failure> {
        let own = folder(&self.0)?;
        if identity.optional_string("folder")?.is_some_and(|folder| folder != own) {
            let detail = format!("This provider keeps its notes in `{own}`.");
            return Err(invalid("title", "the note is in another folder", detail).into());
        }
        self.import(identity.string("title")?).await
    }

    /// A file of `local` in the folder is a note, where `moved` says that it is one now.
    fn take_over(&self, from: &HandedOver, attributes: Attributes) -> Result<Instance, Failure> {
        if from.kind != "local_file" {
            let detail = "A `local_file` does.";
            let summary = format!("no record of `{}` becomes a note", from.kind);
            return Err(Problem::error(summary, detail).into());
        }
        let mut instance = Instance::default();
        let path = PathBuf::from(attributes.string("path")?);
        let title = path.file_name().unwrap_or_default().to_string_lossy();
        instance.set("title", title.as_ref());
        Ok(instance)
    }
}

/// The data source `notes.note`.
struct Found(Folder);

#[async_trait]
impl DataSource for Found {
    fn schema(&self) -> Schema {
        Schema::new("A note that is there.")
            .attribute("title", attribute::string().required().describe("Its title."))
            .attribute("text", attribute::string().computed().describe("What it says."))
    }

    async fn read(&self, mut config: Attributes) -> Result<Attributes, Failure> {
        let path = path(&self.0, config.string("title")?)?;
        let text = std::fs::read_to_string(path).map_err(|error| failed("read", &error))?;
        config.set("text", text);
        Ok(config)
    }
}

/// The ephemeral resource `notes.lock`: a file that is there as long as somebody holds the lock.
struct Lock(Folder);

#[async_trait]
impl Ephemeral for Lock {
    fn schema(&self) -> Schema {
        let key = "Whoever shows it holds the lock.";
        Schema::new("A lock on a note, held for a run.")
            .attribute("title", attribute::string().required().describe("The note's title."))
            .attribute("key", attribute::string().computed().sensitive().describe(key))
    }

    async fn open(&self, mut config: Attributes) -> Result<(Attributes, Open), Failure> {
        let file = format!("{}.lock", config.string("title")?);
        let path = path(&self.0, &file)?;
        let made = std::fs::OpenOptions::new().write(true).create_new(true).open(path);
        made.map_err(|error| failed("lock", &error))?;
        config.set("key", format!("key to {file}"));
        Ok((config, held(file.into_bytes())))
    }

    async fn renew(&self, private: Vec<u8>) -> Result<Open, Failure> {
        Ok(held(private))
    }

    async fn close(&self, private: Vec<u8>) -> Result<(), Failure> {
        let path = path(&self.0, &String::from_utf8_lossy(&private))?;
        Ok(std::fs::remove_file(path).map_err(|error| failed("unlock", &error))?)
    }
}

fn held(private: Vec<u8>) -> Open {
    let until = (SystemTime::now() + HELD).duration_since(UNIX_EPOCH).unwrap_or_default();
    Open { private, renew_at: u64::try_from(until.as_millis()).ok() }
}

fn path(folder: &Folder, title: &str) -> Result<PathBuf, Problem> {
    let unconfigured = || Problem::error("the provider is not configured", "");
    folder.get().map(|folder| folder.join(title)).ok_or_else(unconfigured)
}

fn folder(folder: &Folder) -> Result<String, Problem> {
    Ok(path(folder, "")?.to_string_lossy().trim_end_matches('/').to_owned())
}

fn write(notes: &Folder, mut planned: Instance) -> Result<Instance, Failure> {
    let (title, text) = (planned.string("title")?.to_owned(), planned.string("text")?.to_owned());
    std::fs::write(path(notes, &title)?, &text).map_err(|error| failed("write", &error))?;
    planned.set("length", text.len() as i64);
    planned.set("id", title);
    planned.identity.set("folder", folder(notes)?);
    Ok(planned)
}

fn failed(doing: &str, error: &io::Error) -> Problem {
    invalid("title", format!("cannot {doing} the note"), error.to_string())
}
