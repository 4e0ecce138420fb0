//! From what a project asks for to programs that can be started.
//!
//! Takes requests and a lock file; returns a program for each request, and the lock file with what
//! was chosen. Laws:
//! * The locked version is taken as long as the project's constraints allow it; else, or where
//!   nothing is locked, the first place that has a version that fits gives its newest one.
//! * What is locked and in the cache asks neither a mirror nor a registry.
//! * A package that has none of the locked hashes is refused, wherever it came from.
//! * Where no place can be reached, what the cache has will do.

use std::path::{Path, PathBuf};

use crate::address::{DEFAULT_HOST, TERRAFORM_HOST};
use crate::cache::{Cache, Known};
use crate::fetch::Client;
use crate::hash::{self, Hash};
use crate::lock::{LockFile, Locked};
use crate::place::{Package, Place, Remote};
use crate::registry::{self, Registries};
use crate::settings::Method;
use crate::{Constraints, Error, Looked, Platform, Settings, Source, Trust, Version, folder};

/// A provider that a project asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Which.
    pub source: Source,
    /// What is asked of its version.
    pub constraints: Constraints,
}

/// A provider that can be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installed {
    /// Which.
    pub source: Source,
    /// Its version; none for one that is being developed.
    pub version: Option<Version>,
    /// Its package's folder.
    pub folder: PathBuf,
    /// Its program.
    pub program: PathBuf,
    /// The program's SHA-256; none for one that runs already.
    pub sha256: Option<[u8; 32]>,
    /// Where it came from, as a message names it; empty when it was in the cache.
    pub place: String,
}

/// What an installation tells while it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A package is fetched.
    Fetching {
        /// The provider.
        source: Source,
        /// Its version.
        version: Version,
        /// The bytes that are here.
        done: u64,
        /// The bytes of the whole, where that is known.
        total: Option<u64>,
    },
    /// A package is here.
    Installed {
        /// The provider.
        source: Source,
        /// Its version.
        version: Version,
        /// Where it came from.
        place: String,
        /// What it is trusted by.
        trust: Trust,
    },
}

/// Hears what an installation tells, from several threads.
pub type Observer<'a> = &'a (dyn Fn(Event) + Sync);

/// Installs providers.
#[derive(Debug)]
pub struct Installer {
    /// How.
    pub settings: Settings,
    cache: Cache,
    registries: Registries,
}

/// A package, checked and where it stays.
struct Obtained {
    folder: PathBuf,
    known: Known,
    /// Hashes of other platforms' packages that are trusted as well.
    others: Vec<Hash>,
    place: String,
    trust: Trust,
}

impl Installer {
    /// Returns an installer; nothing is read or asked yet.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let cache = Cache::new(&settings.cache);
        let registries = Registries::new(Client::new(&settings));
        Self { settings, cache, registries }
    }

    /// Installs providers beside each other and writes into `lock` what was chosen.
    pub fn install(
        &self,
        requests: &[Request],
        lock: &mut LockFile,
        upgrade: bool,
        observer: Observer<'_>,
    ) -> Vec<Result<Installed, Error>> {
        let before = &*lock;
        let mut answers = Vec::new();
        std::thread::scope(|scope| {
            let running: Vec<_> = requests
                .iter()
                .map(|request| {
                    let locked = before.providers.get(&request.source);
                    scope.spawn(move || self.one(request, locked, upgrade, observer))
                })
                .collect();
            for thread in running {
                answers
                    .push(thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            }
        });
        let mut installed = Vec::new();
        for (request, answer) in requests.iter().zip(answers) {
            installed.push(answer.map(|(installed, locked)| {
                if let Some(locked) = locked {
                    lock.providers.insert(request.source.clone(), locked);
                }
                installed
            }));
        }
        installed
    }

    fn one(
        &self,
        request: &Request,
        locked: Option<&Locked>,
        upgrade: bool,
        observer: Observer<'_>,
    ) -> Result<(Installed, Option<Locked>), Error> {
        let source = &request.source;
        if let Some(folder) = self.settings.overrides.get(source) {
            return Ok((self.developed(source, folder)?, None));
        }
        let kept = locked.filter(|locked| !upgrade && request.constraints.allow(&locked.version));
        let platform = &self.settings.platform;
        let (version, obtained) = match kept {
            Some(locked) => {
                let version = locked.version.clone();
                let obtained = match self.cached(source, locked)? {
                    Some(obtained) => obtained,
                    None => self.obtain(request, &version, platform, Some(locked), observer)?,
                };
                (version, obtained)
            }
            None => {
                let version = self.choose(request)?;
                let same = locked.filter(|locked| locked.version == version);
                let obtained = self.obtain(request, &version, platform, same, observer)?;
                (version, obtained)
            }
        };
        // What is used where it stands is news only when it is chosen.
        let kept_in_cache = obtained.folder.starts_with(&self.settings.cache);
        if !obtained.place.is_empty() && (kept.is_none() || kept_in_cache) {
            observer(Event::Installed {
                source: source.clone(),
                version: version.clone(),
                place: obtained.place.clone(),
                trust: obtained.trust.clone(),
            });
        }
        let chosen = noted(request, &version, &obtained, locked);
        let program = folder::program(&obtained.folder, source)?;
        let installed = Installed {
            source: source.clone(),
            version: Some(version),
            folder: obtained.folder,
            program,
            sha256: Some(obtained.known.program),
            place: obtained.place,
        };
        Ok((installed, Some(chosen)))
    }

    /// Returns a provider that is being developed.
    fn developed(&self, source: &Source, folder: &Path) -> Result<Installed, Error> {
        let failed = |why: String| Error::Override {
            source_address: Box::new(source.clone()),
            file: self.settings.file.clone(),
            why,
        };
        // An override may name the program itself.
        let program = match folder.metadata() {
            Ok(own) if own.is_file() => folder.to_owned(),
            Ok(_) => folder::program(folder, source)
                .map_err(|error| failed(format!("names a folder without its program: {error}")))?,
            Err(error) => return Err(failed(format!("names {}: {error}", folder.display()))),
        };
        Ok(Installed {
            source: source.clone(),
            version: None,
            folder: folder.to_owned(),
            sha256: Some(self.cache.digest(&program)?),
            program,
            place: format!("the override {}", folder.display()),
        })
    }

    /// Returns a locked package that is in the cache; one of another hash is as good as none.
    fn cached(&self, source: &Source, locked: &Locked) -> Result<Option<Obtained>, Error> {
        let kept = self.cache.package(source, &locked.version, &self.settings.platform)?;
        let kept = kept.filter(|(_, known)| locked.accepts(&known.hashes));
        Ok(kept.map(|(folder, known)| Obtained::known(folder, known)))
    }

    /// Returns the version that a project without a lock gets.
    fn choose(&self, request: &Request) -> Result<Version, Error> {
        let platform = &self.settings.platform;
        let mut looked = Vec::new();
        for method in &self.settings.methods {
            let name = method.place.name(&request.source);
            let say = |found: &str, unreachable| Looked::new(&name, found.to_owned(), unreachable);
            if !method.is_for(&request.source) {
                looked.push(say("it is not for this provider", false));
                continue;
            }
            if method.place.is_remote() && self.settings.offline {
                looked.push(say("it was not asked: SYNCLINE_OFFLINE is set", true));
                continue;
            }
            match method.place.versions(&request.source, platform, &self.registries) {
                Ok(versions) => {
                    if let Some(version) = request.constraints.newest(&versions) {
                        return Ok(version.clone());
                    }
                    let instead = self.instead(request, method, &versions);
                    looked.push(match instead {
                        Some(other) => {
                            let found = format!("it has {other}, and not this provider");
                            let instead = Some(Box::new(other));
                            Looked { instead, ..say(&found, false) }
                        }
                        None => {
                            let found = none_fits(&versions, &method.place, &request.source);
                            Looked { is_there: !versions.is_empty(), ..say(&found, false) }
                        }
                    });
                }
                Err(error) => looked.push(say(&error.to_string(), true)),
            }
        }
        let cached = self.cache.versions(&request.source, platform);
        if let Some(version) = request.constraints.newest(&cached)
            && looked.iter().any(|looked| looked.unreachable)
        {
            return Ok(version.clone());
        }
        Err(not_found(request, None, platform, looked))
    }

    /// Returns the same provider at the other registry's address, where a folder has that and not the one that is
    /// asked for.
    fn instead(&self, request: &Request, method: &Method, versions: &[Version]) -> Option<Source> {
        let asked = &request.source;
        if !versions.is_empty() || asked.host != DEFAULT_HOST || method.place.is_remote() {
            return None;
        }
        let other = Source { host: TERRAFORM_HOST.to_owned(), ..asked.clone() };
        let found = method.place.versions(&other, &self.settings.platform, &self.registries);
        request.constraints.newest(&found.ok()?).is_some().then_some(other)
    }

    /// Returns the package of a version from the cache or the first place that has it.
    fn obtain(
        &self,
        request: &Request,
        version: &Version,
        platform: &Platform,
        locked: Option<&Locked>,
        observer: Observer<'_>,
    ) -> Result<Obtained, Error> {
        let source = &request.source;
        let mut looked = Vec::new();
        for method in self.settings.methods.iter().filter(|method| method.is_for(source)) {
            let place = method.place.name(source);
            if method.place.is_remote() && self.settings.offline {
                let found = "it was not asked: SYNCLINE_OFFLINE is set".to_owned();
                looked.push(Looked::new(place, found, true));
                continue;
            }
            match method.place.package(source, version, platform, &self.registries) {
                Ok(Some(package)) => {
                    let wanted = Wanted { source, version, platform, locked, place };
                    return self.take(wanted, package, observer);
                }
                Ok(None) => {
                    let found = format!("no version {version} for {platform}");
                    looked.push(Looked::new(place, found, false));
                }
                Err(error @ (Error::Untrusted { .. } | Error::Changed { .. })) => {
                    return Err(error);
                }
                Err(error) => {
                    looked.push(Looked::new(place, error.to_string(), true));
                }
            }
        }
        if let Some((folder, known)) = self.cache.package(source, version, platform)?
            && locked.is_none_or(|locked| locked.accepts(&known.hashes))
        {
            return Ok(Obtained::known(folder, known));
        }
        Err(not_found(request, Some(version), platform, looked))
    }

    /// Takes a package that a place has.
    fn take(
        &self,
        wanted: Wanted<'_>,
        package: Package,
        observer: Observer<'_>,
    ) -> Result<Obtained, Error> {
        let Wanted { source, version, platform, .. } = wanted;
        match package {
            Package::Folder(folder) => {
                let known = self.cache.known(&folder, source)?;
                wanted.check(&known.hashes)?;
                let place = wanted.place;
                Ok(Obtained { folder, known, others: Vec::new(), place, trust: Trust::Place })
            }
            Package::Archive(archive) => {
                let hashes = hash::archive(&archive)?;
                wanted.check(&hashes)?;
                let folder = self.cache.add(&archive, &hashes, (source, version, platform))?;
                let known = self.cache.known(&folder, source)?;
                let place = wanted.place;
                Ok(Obtained { folder, known, others: Vec::new(), place, trust: Trust::Place })
            }
            Package::Remote(remote) => {
                let (file, hashes) = self.fetch(source, version, &remote, observer)?;
                wanted.check(&hashes)?;
                let folder = self.cache.add(file.path(), &hashes, (source, version, platform))?;
                let known = self.cache.known(&folder, source)?;
                let others = remote.others;
                Ok(Obtained { folder, known, others, place: wanted.place, trust: remote.trust })
            }
        }
    }

    /// Fetches an archive and checks it against what its place says.
    fn fetch(
        &self,
        source: &Source,
        version: &Version,
        remote: &Remote,
        observer: Observer<'_>,
    ) -> Result<(tempfile::NamedTempFile, [Hash; 2]), Error> {
        let mut file = self.cache.scratch()?;
        let progress = |done, total| {
            let (source, version) = (source.clone(), version.clone());
            observer(Event::Fetching { source, version, done, total });
        };
        let digest = self.registries.client.download(&remote.url, file.as_file_mut(), &progress)?;
        let bytes = Hash::archive(&hash::hex(&digest));
        // The archive's own hash comes first: nothing is unzipped that may be anyone's.
        let by_bytes: Vec<Hash> =
            remote.expected.iter().filter(|own| own.as_str().starts_with("zh:")).cloned().collect();
        registry::expect(&remote.url, &by_bytes, &[bytes])?;
        let hashes = hash::archive(file.path())?;
        registry::expect(&remote.url, &remote.expected, &hashes)?;
        Ok((file, hashes))
    }

    /// Writes the archive of a provider for a platform into a file; returns its hashes.
    pub(crate) fn archive(
        &self,
        request: &Request,
        (version, platform): (&Version, &Platform),
        into: &Path,
        observer: Observer<'_>,
    ) -> Result<(Vec<Hash>, Vec<Hash>), Error> {
        let source = &request.source;
        let mut looked = Vec::new();
        for method in self.settings.methods.iter().filter(|method| method.is_for(source)) {
            let place = method.place.name(source);
            if method.place.is_remote() && self.settings.offline {
                continue;
            }
            let found = match method.place.package(source, version, platform, &self.registries) {
                Ok(Some(Package::Folder(folder))) => {
                    crate::archive::pack(&folder, into)?;
                    return Ok((hash::archive(into)?.to_vec(), Vec::new()));
                }
                Ok(Some(Package::Archive(from))) => {
                    std::fs::copy(&from, into).map_err(|error| Error::disk(into, error))?;
                    return Ok((hash::archive(into)?.to_vec(), Vec::new()));
                }
                Ok(Some(Package::Remote(remote))) => {
                    let (file, hashes) = self.fetch(source, version, &remote, observer)?;
                    std::fs::copy(file.path(), into).map_err(|error| Error::disk(into, error))?;
                    return Ok((hashes.to_vec(), remote.others));
                }
                Ok(None) => format!("no version {version} for {platform}"),
                Err(error) => error.to_string(),
            };
            looked.push(Looked::new(place, found, false));
        }
        Err(not_found(request, Some(version), platform, looked))
    }
}

/// What a package must be.
struct Wanted<'a> {
    source: &'a Source,
    version: &'a Version,
    platform: &'a Platform,
    locked: Option<&'a Locked>,
    place: String,
}

impl Wanted<'_> {
    fn check(&self, hashes: &[Hash]) -> Result<(), Error> {
        if self.locked.is_none_or(|locked| locked.accepts(hashes)) {
            return Ok(());
        }
        Err(Error::Changed {
            source_address: Box::new(self.source.clone()),
            version: self.version.to_string(),
            place: self.place.clone(),
            got: hashes.iter().map(ToString::to_string).collect(),
        })
    }
}

impl Obtained {
    fn known(folder: PathBuf, known: Known) -> Self {
        let (others, place) = (Vec::new(), String::new());
        Self { folder, known, others, place, trust: Trust::Place }
    }
}

/// Returns what the lock file says from now on: of the same version it forgets nothing.
fn noted(request: &Request, version: &Version, new: &Obtained, old: Option<&Locked>) -> Locked {
    let same = old.filter(|old| old.version == *version);
    let mut hashes = same.map(|old| old.hashes.clone()).unwrap_or_default();
    hashes.extend(new.known.hashes.iter().cloned());
    hashes.extend(new.others.iter().cloned());
    Locked { version: version.clone(), constraints: request.constraints.clone(), hashes }
}

fn none_fits(versions: &[Version], place: &Place, source: &Source) -> String {
    if versions.is_empty() {
        let platforms = match place {
            Place::Folder(path) => folder::platforms(path, source),
            Place::Mirror(_) | Place::Registry => Vec::new(),
        };
        return if platforms.is_empty() {
            "it does not have this provider".to_owned()
        } else {
            format!("it has this provider for {}, and not for this platform", platforms.join(", "))
        };
    }
    let newest: Vec<String> = versions.iter().rev().take(5).map(ToString::to_string).collect();
    let more = if versions.len() > newest.len() { ", ..." } else { "" };
    format!("no version fits; there are {}{more}", newest.join(", "))
}

fn not_found(
    request: &Request,
    version: Option<&Version>,
    platform: &Platform,
    looked: Vec<Looked>,
) -> Error {
    let asked = match version {
        Some(version) => format!("{version} for {platform}"),
        None if request.constraints.is_empty() => format!("for {platform}"),
        None => format!("{} for {platform}", request.constraints),
    };
    Error::NotFound { source_address: Box::new(request.source.clone()), asked, looked }
}
