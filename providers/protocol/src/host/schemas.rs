//! A provider's schema: asked for once, shared, kept between runs.
//!
//! Laws: what is kept belongs to the bytes of one executable; what cannot be read or written there
//! is as if it were not there.

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use prost::Message as _;
use sha2::Digest as _;
use syncline_model::Problem;
use tokio::sync::OnceCell;

use super::handshake::Protocol;
use super::options::HostOptions;
use super::process::Process;
use crate::wire::diagnostics;
use crate::wire::proto::tfplugin6::{get_provider_schema, get_resource_identity_schemas};
use crate::wire::schema::{Names, WireSchema, convert};

/// What the hosts of one provider share.
#[derive(Default)]
pub(super) struct Shared {
    schema: OnceCell<Arc<WireSchema>>,
    /// A process that nobody has configured.
    pub(super) spare: Mutex<Option<Arc<Process>>>,
}

/// What a provider says about itself.
struct Answers {
    schema: get_provider_schema::Response,
    identities: get_resource_identity_schemas::Response,
    /// The version of the protocol that it speaks.
    protocol: Protocol,
}

impl Shared {
    /// Returns the schema where no process is needed for it.
    pub(super) async fn known(&self, options: &HostOptions) -> Option<Arc<WireSchema>> {
        if let Some(schema) = self.schema.get() {
            return Some(Arc::clone(schema));
        }
        let file = file(options).await?;
        let bytes = tokio::fs::read(file).await.ok()?;
        let schema = Arc::new(converted(options, Answers::read(&bytes)?).ok()?);
        Some(Arc::clone(self.schema.get_or_init(|| async { schema }).await))
    }

    /// Returns the schema, and makes sure that the process has been asked for it where it needs to
    /// have been.
    pub(super) async fn introduce(
        &self,
        options: &HostOptions,
        process: &Process,
    ) -> Result<Arc<WireSchema>, Problem> {
        if let Some(schema) = self.known(options).await {
            let introduced = process.introduced.load(Ordering::Acquire);
            if !introduced && !schema.schema_is_optional {
                process.schema().await?;
            }
            return Ok(schema);
        }
        let ask = || async {
            let answers = Answers::ask(options, process).await?;
            if let Some(file) = file(options).await {
                keep(&file, answers.write()).await;
            }
            converted(options, answers).map(Arc::new)
        };
        self.schema.get_or_try_init(ask).await.map(Arc::clone)
    }
}

impl Answers {
    async fn ask(options: &HostOptions, process: &Process) -> Result<Self, Problem> {
        let mut schema = process.schema().await?;
        let said = diagnostics::problems(std::mem::take(&mut schema.diagnostics));
        if let Some(error) = said.into_iter().find(|problem| problem.is_error) {
            return Err(error);
        }
        let request = get_resource_identity_schemas::Request {};
        let limit = Some(options.limits.short);
        let mut identities = process.call_optional(request, limit).await?.unwrap_or_default();
        let said = diagnostics::problems(std::mem::take(&mut identities.diagnostics));
        match said.into_iter().find(|problem| problem.is_error) {
            Some(error) => Err(error),
            None => Ok(Self { schema, identities, protocol: process.protocol() }),
        }
    }

    fn write(&self) -> Vec<u8> {
        let mut bytes = self.schema.encode_length_delimited_to_vec();
        bytes.extend(self.identities.encode_length_delimited_to_vec());
        bytes.push(if self.protocol == Protocol::Five { 5 } else { 6 });
        bytes
    }

    fn read(mut bytes: &[u8]) -> Option<Self> {
        let schema = get_provider_schema::Response::decode_length_delimited(&mut bytes).ok()?;
        let identities =
            get_resource_identity_schemas::Response::decode_length_delimited(&mut bytes).ok()?;
        let protocol = match bytes {
            [5] => Protocol::Five,
            [6] => Protocol::Six,
            _ => return None,
        };
        Some(Self { schema, identities, protocol })
    }
}

fn converted(options: &HostOptions, answers: Answers) -> Result<WireSchema, Problem> {
    let names = Names {
        local: &options.name,
        source: options.source.rsplit('/').next().unwrap_or_default(),
        version: &options.version,
    };
    let converted = convert(names, answers.schema, &answers.identities.identity_schemas);
    let mut converted = converted.map_err(|error| {
        let summary = format!("the schema of the provider {} cannot be read", options.title());
        Problem::error(summary, error.to_string())
    })?;
    // What speaks version 6 is of the newer framework, whose schemas say all.
    if answers.protocol == Protocol::Five {
        converted.may_default();
    }
    Ok(converted)
}

/// Returns where the schema of these very bytes is kept; none where none is.
async fn file(options: &HostOptions) -> Option<PathBuf> {
    let folder = options.cache.as_ref().filter(|_| options.attached.is_none())?;
    let digest = match options.sha256 {
        Some(digest) => digest,
        None => {
            let executable = options.executable.clone();
            tokio::task::spawn_blocking(move || digest(&executable)).await.ok()?.ok()?
        }
    };
    let name: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    Some(folder.join(format!("{name}.schema")))
}

fn digest(path: &Path) -> std::io::Result<[u8; 32]> {
    let mut file = std::fs::File::open(path)?;
    let mut hasher = sha2::Sha256::new();
    let mut chunk = vec![0; 1 << 16];
    loop {
        match std::io::Read::read(&mut file, &mut chunk)? {
            0 => return Ok(hasher.finalize().into()),
            length => hasher.update(&chunk[..length]),
        }
    }
}

/// Writes a file so that nobody sees half of it. A cache that cannot be written is none.
async fn keep(file: &Path, bytes: Vec<u8>) {
    let file = file.to_owned();
    let write = move || -> std::io::Result<()> {
        let Some(folder) = file.parent() else { return Ok(()) };
        std::fs::create_dir_all(folder)?;
        let mut fresh = tempfile::NamedTempFile::new_in(folder)?;
        std::io::Write::write_all(&mut fresh, &bytes)?;
        fresh.persist(&file)?;
        Ok(())
    };
    let _unkept = tokio::task::spawn_blocking(write).await;
}
