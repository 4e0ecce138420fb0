//! Which provider, for which machine.
//!
//! Takes what a project writes (`hashicorp/random`, `example.com/team/thing`) and returns whole
//! addresses. Laws: host, namespace and type are lower case; equal addresses print equally; a part
//! never holds `/`, `.` at its ends or anything else that could leave a folder.

use std::fmt;
use std::str::FromStr;

/// The registry of addresses that name none.
pub const DEFAULT_HOST: &str = "registry.opentofu.org";

/// The registry that publishes most of what is published at the default one, too.
pub const TERRAFORM_HOST: &str = "registry.terraform.io";

/// The address of a provider: `registry.opentofu.org/hashicorp/random`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Source {
    /// The registry's host, perhaps with a port.
    pub host: String,
    /// Who publishes it.
    pub namespace: String,
    /// Its type, the first part of its resource types: `random`.
    pub kind: String,
}

/// Why a text is no address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// There are not one to three parts.
    #[error("an address is `NAMESPACE/TYPE` or `HOST/NAMESPACE/TYPE`")]
    Parts,
    /// A part has letters that no name has.
    #[error("`{0}` is no name: letters, digits, `-` and `_` are")]
    Name(String),
    /// The first of three parts is no host.
    #[error("`{0}` is no host")]
    Host(String),
}

impl FromStr for Source {
    type Err = SourceError;

    fn from_str(text: &str) -> Result<Self, SourceError> {
        let parts: Vec<&str> = text.trim().split('/').collect();
        let (host, namespace, kind) = match parts.as_slice() {
            [kind] => (DEFAULT_HOST, "hashicorp", *kind),
            [namespace, kind] => (DEFAULT_HOST, *namespace, *kind),
            [host, namespace, kind] => (*host, *namespace, *kind),
            _ => return Err(SourceError::Parts),
        };
        if !is_host(host) {
            return Err(SourceError::Host(host.to_owned()));
        }
        for part in [namespace, kind] {
            if !is_name(part) {
                return Err(SourceError::Name(part.to_owned()));
            }
        }
        Ok(Self {
            host: host.to_ascii_lowercase(),
            namespace: namespace.to_ascii_lowercase(),
            kind: kind.to_ascii_lowercase(),
        })
    }
}

fn is_name(text: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    !text.is_empty()
        && text.chars().all(inner)
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.ends_with(|c: char| c.is_ascii_alphanumeric())
}

fn is_host(text: &str) -> bool {
    let (name, port) = text.split_once(':').unwrap_or((text, "1"));
    let parts = || name.split('.');
    port.parse::<u16>().is_ok()
        && parts().all(|part| is_name(part) && !part.contains('_'))
        && (parts().count() > 1 || name == "localhost" || text.contains(':'))
}

impl Source {
    /// Returns the folder of the provider in mirrors and caches, with `/`.
    #[must_use]
    pub fn folder(&self) -> String {
        // A colon is no part of a file's name everywhere; OpenTofu writes it as it is elsewhere.
        let host = if cfg!(windows) { self.host.replace(':', "_") } else { self.host.clone() };
        format!("{host}/{}/{}", self.namespace, self.kind)
    }

    /// Returns the address as a user would write it: without the default registry.
    #[must_use]
    pub fn short(&self) -> String {
        if self.host == DEFAULT_HOST {
            format!("{}/{}", self.namespace, self.kind)
        } else {
            self.to_string()
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.host, self.namespace, self.kind)
    }
}

/// An operating system and an architecture, in the words of Go: `linux_amd64`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Platform {
    /// The operating system: `linux`, `darwin`, `windows`, `freebsd`.
    pub os: String,
    /// The architecture: `amd64`, `arm64`, `386`, `arm`.
    pub arch: String,
}

impl Platform {
    /// Returns the platform of this program.
    #[must_use]
    pub fn current() -> Self {
        let os = match std::env::consts::OS {
            "macos" => "darwin",
            other => other,
        };
        let arch = match std::env::consts::ARCH {
            "x86_64" => "amd64",
            "aarch64" => "arm64",
            "x86" => "386",
            other => other,
        };
        Self { os: os.to_owned(), arch: arch.to_owned() }
    }
}

impl FromStr for Platform {
    type Err = SourceError;

    fn from_str(text: &str) -> Result<Self, SourceError> {
        let (os, arch) = text.split_once('_').ok_or(SourceError::Parts)?;
        for part in [os, arch] {
            if part.is_empty() || !part.chars().all(|c| c.is_ascii_alphanumeric()) {
                return Err(SourceError::Name(part.to_owned()));
            }
        }
        Ok(Self { os: os.to_owned(), arch: arch.to_owned() })
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.os, self.arch)
    }
}

/// Which providers an installation method is for: `registry.opentofu.org/hashicorp/*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    parts: [String; 3],
}

impl FromStr for Pattern {
    type Err = SourceError;

    fn from_str(text: &str) -> Result<Self, SourceError> {
        let mut parts: Vec<&str> = text.trim().split('/').collect();
        if parts.len() == 2 {
            parts.insert(0, DEFAULT_HOST);
        }
        let [host, namespace, kind] = parts.as_slice() else { return Err(SourceError::Parts) };
        for part in [namespace, kind] {
            if *part != "*" && !is_name(part) {
                return Err(SourceError::Name((*part).to_owned()));
            }
        }
        if *host != "*" && !is_host(host) {
            return Err(SourceError::Host((*host).to_owned()));
        }
        Ok(Self { parts: [host, namespace, kind].map(|part| part.to_ascii_lowercase()) })
    }
}

impl Pattern {
    /// Tells whether a provider is meant.
    #[must_use]
    pub fn matches(&self, source: &Source) -> bool {
        let own = [&source.host, &source.namespace, &source.kind];
        self.parts.iter().zip(own).all(|(pattern, part)| pattern == "*" || pattern == part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_whole_and_lower_case() {
        let source: Source = "HashiCorp/Random".parse().unwrap();
        assert_eq!(source.to_string(), "registry.opentofu.org/hashicorp/random");
        assert_eq!(source.short(), "hashicorp/random");
        let source: Source = "example.com:8443/team/thing".parse().unwrap();
        assert_eq!(source.short(), "example.com:8443/team/thing");
    }

    #[test]
    fn what_could_leave_a_folder_is_no_address() {
        for text in
            ["", "a/b/c/d", "../x", "a/..", "example/a/b", "exa mple.com/a/b", "a//b", "-a/b"]
        {
            assert!(text.parse::<Source>().is_err(), "{text}");
        }
    }

    #[test]
    fn patterns_have_wildcards() {
        let source: Source = "hashicorp/random".parse().unwrap();
        for text in ["*/*/*", "hashicorp/*", "registry.opentofu.org/*/random"] {
            assert!(text.parse::<Pattern>().unwrap().matches(&source), "{text}");
        }
        assert!(!"example.com/*/*".parse::<Pattern>().unwrap().matches(&source));
    }
}
