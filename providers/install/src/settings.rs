//! Where providers come from, as the user has set it up.
//!
//! Takes environment variables and one configuration file, and returns the methods of installation
//! in the order in which they are asked. The file has the form of OpenTofu's and Terraform's own
//! (`provider_installation`, `credentials`, `credentials_helper`), or that as JSON, so that theirs can be used; tokens
//! are also in what `tofu login` writes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::address::{Pattern, Platform, Source};
use crate::blocks::{self, Entry, Item};
use crate::credentials::{Credentials, Helper};
use crate::{Error, Place};

/// A way to get providers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Method {
    /// Where.
    pub place: Place,
    /// The providers that it is for; empty for all.
    pub include: Vec<Pattern>,
    /// The providers that it is not for.
    pub exclude: Vec<Pattern>,
}

impl Method {
    /// Returns a method for every provider.
    #[must_use]
    pub const fn all(place: Place) -> Self {
        Self { place, include: Vec::new(), exclude: Vec::new() }
    }

    /// Tells whether it is for a provider.
    #[must_use]
    pub fn is_for(&self, source: &Source) -> bool {
        (self.include.is_empty() || self.include.iter().any(|own| own.matches(source)))
            && !self.exclude.iter().any(|own| own.matches(source))
    }
}

/// How providers are installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The ways, in the order in which they are asked; the first with a version that fits wins.
    pub methods: Vec<Method>,
    /// Providers that are being developed: the folder of each one's program.
    pub overrides: BTreeMap<Source, PathBuf>,
    /// The folder of installed packages, shared by all projects.
    pub cache: PathBuf,
    /// The platform.
    pub platform: Platform,
    /// The network is not used.
    pub offline: bool,
    /// Where tokens come from.
    pub credentials: Credentials,
    /// Certificates (DER) that are trusted beside those of the system.
    pub roots: Vec<Vec<u8>>,
    /// The configuration file that was read.
    pub file: Option<PathBuf>,
}

/// Looks up an environment variable.
pub type Variables<'a> = &'a dyn Fn(&str) -> Option<String>;

impl Settings {
    /// Returns settings with a cache and nothing else.
    #[must_use]
    pub fn new(cache: impl Into<PathBuf>) -> Self {
        Self {
            methods: Vec::new(),
            overrides: BTreeMap::new(),
            cache: cache.into(),
            platform: Platform::current(),
            offline: false,
            credentials: Credentials::default(),
            roots: Vec::new(),
            file: None,
        }
    }

    /// Returns what the environment variables and the configuration file say.
    ///
    /// # Errors
    /// When the file cannot be read or is not well-formed.
    pub fn discover(variables: Variables<'_>) -> Result<Self, Error> {
        let variable = |name: &str| variables(name).filter(|value| !value.is_empty());
        let home = variable("HOME").or_else(|| variable("USERPROFILE")).map(PathBuf::from);
        let below = |name: &str, rest: &str| {
            let base = variable(name).map(PathBuf::from);
            base.or_else(|| home.as_ref().map(|home| home.join(rest)))
        };
        let cache = variable("SYNCLINE_CACHE_DIR").map(PathBuf::from).unwrap_or_else(|| {
            below("XDG_CACHE_HOME", ".cache").unwrap_or_else(std::env::temp_dir).join("syncline")
        });
        let mut settings = Self::new(cache.join("providers"));
        settings.offline = variable("SYNCLINE_OFFLINE").is_some_and(|value| value != "0");
        for path in std::env::split_paths(&variable("SYNCLINE_PLUGIN_DIR").unwrap_or_default()) {
            if !path.as_os_str().is_empty() {
                settings.methods.push(Method::all(Place::Folder(path)));
            }
        }
        let config = below("XDG_CONFIG_HOME", ".config");
        let mut installs = false;
        if let Some(path) = configuration_file(&variable, config.as_deref(), home.as_deref()) {
            let text = std::fs::read_to_string(&path).map_err(|error| Error::disk(&path, error))?;
            let entries = blocks::parse(&text).map_err(|why| Error::file(&path, why))?;
            installs = settings.read(&entries).map_err(|why| Error::file(&path, why))?;
            settings.file = Some(path);
        }
        if let Some(home) = &home {
            settings.log_in(&home.join(".terraform.d"))?;
        }
        if let Some(url) = variable("SYNCLINE_PROVIDER_MIRROR") {
            settings.methods.retain(|method| matches!(method.place, Place::Folder(_)));
            settings.methods.push(Method::all(Place::Mirror(with_slash(&url))));
        } else if !installs {
            let data = below("XDG_DATA_HOME", ".local/share").map(|data| data.join("syncline"));
            let tofu = home.as_ref().map(|home| home.join(".terraform.d"));
            for folder in [data, tofu].into_iter().flatten() {
                let folder = folder.join("plugins");
                if folder.is_dir() {
                    settings.methods.push(Method::all(Place::Folder(folder)));
                }
            }
            settings.methods.push(Method::all(Place::Registry));
        }
        Ok(settings)
    }

    /// Takes what `tofu login` and `terraform login` have written; a helper is looked for there as well.
    fn log_in(&mut self, folder: &Path) -> Result<(), Error> {
        if let Some(helper) = &mut self.credentials.helper {
            helper.folders.push(folder.join("plugins"));
        }
        let path = folder.join("credentials.tfrc.json");
        if !path.is_file() {
            return Ok(());
        }
        let text = std::fs::read_to_string(&path).map_err(|error| Error::disk(&path, error))?;
        let entries = blocks::parse(&text).map_err(|why| Error::file(&path, why))?;
        let mut own = Self::new("");
        own.read(&entries).map_err(|why| Error::file(&path, why))?;
        for (host, token) in own.credentials.tokens {
            self.credentials.tokens.entry(host).or_insert(token);
        }
        Ok(())
    }

    /// Takes over what a file says; returns whether it says how to install.
    fn read(&mut self, entries: &[Entry]) -> Result<bool, String> {
        let mut installs = false;
        for entry in entries {
            match entry.name.as_str() {
                "provider_installation" => {
                    for method in entry.item.bodies().into_iter().flatten() {
                        for body in method.item.bodies() {
                            installs |= self.method(&method.name, body)?;
                        }
                    }
                }
                "credentials" => {
                    for (host, body) in entry.labelled() {
                        if let Some(token) = blocks::value(body, "token").and_then(Item::text) {
                            let host = host.to_ascii_lowercase();
                            self.credentials.tokens.insert(host, token.to_owned());
                        }
                    }
                }
                "credentials_helper" => {
                    for (name, body) in entry.labelled() {
                        let arguments = blocks::value(body, "args").and_then(Item::texts);
                        let arguments = arguments.unwrap_or_default();
                        let arguments = arguments.into_iter().map(str::to_owned).collect();
                        let (name, folders) = (name.to_owned(), Vec::new());
                        self.credentials.helper = Some(Helper { name, arguments, folders });
                    }
                }
                // Whatever else Terraform's own file may say is not about installation.
                _ => {}
            }
        }
        Ok(installs)
    }

    fn method(&mut self, method: &str, body: &[Entry]) -> Result<bool, String> {
        let text = |name: &str| {
            let item = blocks::value(body, name).and_then(Item::text);
            item.ok_or_else(|| format!("`{method}` has no `{name}`"))
        };
        let place = match method {
            "dev_overrides" => {
                for own in body {
                    let path = own.item.text().ok_or("a folder is a text")?;
                    let source: Source =
                        own.name.parse().map_err(|error| format!("`{}`: {error}", own.name))?;
                    self.overrides.insert(source, PathBuf::from(path));
                }
                return Ok(false);
            }
            "filesystem_mirror" => Place::Folder(PathBuf::from(text("path")?)),
            "network_mirror" => Place::Mirror(with_slash(text("url")?)),
            "direct" => Place::Registry,
            other => {
                return Err(format!(
                    "`{other}` is no method of installation; there are filesystem_mirror, \
                     network_mirror, direct and dev_overrides"
                ));
            }
        };
        let patterns = |name: &str| -> Result<Vec<Pattern>, String> {
            let Some(item) = blocks::value(body, name) else { return Ok(Vec::new()) };
            let texts = item.texts().ok_or_else(|| format!("`{name}` is a list of texts"))?;
            let one = |text: &&str| text.parse().map_err(|error| format!("`{text}`: {error}"));
            texts.iter().map(one).collect()
        };
        let (include, exclude) = (patterns("include")?, patterns("exclude")?);
        self.methods.push(Method { place, include, exclude });
        Ok(true)
    }
}

fn with_slash(url: &str) -> String {
    if url.ends_with('/') { url.to_owned() } else { format!("{url}/") }
}

/// Returns the one configuration file that counts: the first that is named or there.
fn configuration_file(
    variable: &dyn Fn(&str) -> Option<String>,
    config: Option<&Path>,
    home: Option<&Path>,
) -> Option<PathBuf> {
    if let Some(path) = variable("SYNCLINE_CONFIG_FILE") {
        return Some(PathBuf::from(path));
    }
    let own = config.map(|config| config.join("syncline").join("providers.conf"));
    if let Some(path) = own.filter(|path| path.is_file()) {
        return Some(path);
    }
    // Of other tools' files a missing one is not ours to complain about.
    let named = variable("TF_CLI_CONFIG_FILE").map(PathBuf::from);
    let known = [".tofurc", ".terraformrc"];
    let known = known.iter().filter_map(|name| home.map(|home| home.join(name)));
    named.into_iter().chain(known).find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
plugin_cache_dir = "/ignored"
credentials "registry.example.com" { token = "s3cret" }
provider_installation {
  dev_overrides {
    "hashicorp/null" = "/home/me/null"
  }
  filesystem_mirror {
    path    = "/opt/mirror"
    include = ["example.com/*/*"]
  }
  network_mirror { url = "https://mirror.example.com/providers" }
  direct { exclude = ["example.com/*/*"] }
}
"#;

    #[test]
    fn a_file_of_terraform_is_honoured() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rc");
        std::fs::write(&path, FILE).unwrap();
        let name = path.to_str().unwrap().to_owned();
        let settings = Settings::discover(&|variable| match variable {
            "TF_CLI_CONFIG_FILE" => Some(name.clone()),
            "SYNCLINE_CACHE_DIR" => Some("/cache".to_owned()),
            _ => None,
        });
        let settings = settings.unwrap();
        assert_eq!(settings.cache, Path::new("/cache/providers"));
        assert_eq!(settings.credentials.tokens["registry.example.com"], "s3cret");
        assert_eq!(settings.overrides.len(), 1);
        let places: Vec<_> = settings.methods.iter().map(|method| &method.place).collect();
        let mirror = "https://mirror.example.com/providers/".to_owned();
        let folder = PathBuf::from("/opt/mirror");
        assert_eq!(places, [&Place::Folder(folder), &Place::Mirror(mirror), &Place::Registry]);
        let source = "example.com/a/b".parse().unwrap();
        assert!(settings.methods[0].is_for(&source) && !settings.methods[2].is_for(&source));
    }

    #[test]
    fn without_a_file_the_registry_is_asked_after_the_folders() {
        let settings = Settings::discover(&|variable| {
            (variable == "SYNCLINE_PLUGIN_DIR").then(|| "/a:/b".to_owned())
        });
        let places: Vec<_> =
            settings.unwrap().methods.into_iter().map(|method| method.place).collect();
        let folder = |path: &str| Place::Folder(PathBuf::from(path));
        assert_eq!(places, [folder("/a"), folder("/b"), Place::Registry]);
    }

    #[test]
    fn a_file_may_be_json() {
        let text = r#"{
  "credentials": { "Registry.example.com": { "token": "s3cr\u0065t" } },
  "credentials_helper": [{ "desk": { "args": ["--x"] } }],
  "provider_installation": [
    { "network_mirror": [{ "url": "https://m.example.com/" }] },
    { "direct": { "exclude": ["example.com/*/*"] }, "dev_overrides": { "hashicorp/null": "/n" } }
  ]
}
"#;
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join(".tofurc"), text).unwrap();
        let own = home.path().join(".terraform.d");
        std::fs::create_dir(&own).unwrap();
        let login = r#"{"credentials":{"registry.example.com":{"token":"other"},"b.example.com":{"token":"b"}}}"#;
        std::fs::write(own.join("credentials.tfrc.json"), login).unwrap();
        let place = home.path().to_str().unwrap().to_owned();
        let settings =
            Settings::discover(&|variable| (variable == "HOME").then(|| place.clone())).unwrap();
        assert_eq!(settings.credentials.tokens["registry.example.com"], "s3cret");
        assert_eq!(settings.credentials.tokens["b.example.com"], "b");
        let helper = settings.credentials.helper.as_ref().unwrap();
        assert_eq!(
            (helper.name.as_str(), helper.arguments.len(), helper.folders.len()),
            ("desk", 1, 1)
        );
        let places: Vec<_> = settings.methods.iter().map(|method| &method.place).collect();
        let mirror = "https://m.example.com/".to_owned();
        assert_eq!(places, [&Place::Mirror(mirror), &Place::Registry]);
        assert_eq!(settings.methods[1].exclude.len(), 1);
        assert_eq!(settings.overrides.len(), 1);
    }

    #[test]
    fn an_unknown_method_is_an_error() {
        let entries = blocks::parse("provider_installation { oci_mirror {} }").unwrap();
        let error = Settings::new("/c").read(&entries).unwrap_err();
        assert!(error.contains("oci_mirror"), "{error}");
    }
}
