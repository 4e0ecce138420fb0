//! Tokens for hosts, from wherever Terraform and OpenTofu look for them.
//!
//! Takes a host; returns its token: that of the variable `TF_TOKEN_registry_example_com`, that of a configuration file,
//! or what the credentials helper answers that such a file names. A helper is asked once for each host, and nothing
//! that it says but the token is used. A token is never printed.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use serde::Deserialize;

/// Where tokens come from.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Credentials {
    /// Those of configuration files, by host.
    pub tokens: BTreeMap<String, String>,
    /// The program that is asked for all others.
    pub helper: Option<Helper>,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let hosts: Vec<&String> = self.tokens.keys().collect();
        f.debug_struct("Credentials").field("hosts", &hosts).field("helper", &self.helper).finish()
    }
}

/// A program that knows tokens: `terraform-credentials-NAME`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Helper {
    /// Its name.
    pub name: String,
    /// What it is called with, before `get HOST`.
    pub arguments: Vec<String>,
    /// The folders in which it is looked for, before those of `PATH`.
    pub folders: Vec<PathBuf>,
}

/// What a helper answers.
#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    token: Option<String>,
}

/// Tokens that were asked for.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    credentials: Credentials,
    asked: Mutex<BTreeMap<String, Result<Option<String>, String>>>,
}

impl Tokens {
    pub(crate) fn new(credentials: Credentials) -> Self {
        Self { credentials, asked: Mutex::default() }
    }

    /// Returns the token of a host, if there is one.
    ///
    /// # Errors
    /// Why the helper gives none.
    pub(crate) fn of(&self, host: &str) -> Result<Option<String>, String> {
        let variable = std::env::var(variable(host)).ok().filter(|token| !token.is_empty());
        if let Some(token) = variable.or_else(|| self.credentials.tokens.get(host).cloned()) {
            return Ok(Some(token));
        }
        let Some(helper) = &self.credentials.helper else { return Ok(None) };
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.entry(host.to_owned()).or_insert_with(|| helper.ask(host)).clone()
    }
}

/// Returns the variable that holds a host's token.
fn variable(host: &str) -> String {
    format!("TF_TOKEN_{}", host.replace('-', "__").replace(['.', ':'], "_"))
}

impl Helper {
    fn ask(&self, host: &str) -> Result<Option<String>, String> {
        let name = format!("terraform-credentials-{}", self.name);
        let own = self.folders.iter().map(|folder| folder.join(&name)).find(|path| path.is_file());
        let program = own.unwrap_or_else(|| PathBuf::from(&name));
        let failed = |why: String| format!("the credentials helper `{name}` {why}");
        let output = Command::new(program)
            .args(&self.arguments)
            .args(["get", host])
            .stdin(Stdio::null())
            .output()
            .map_err(|error| failed(format!("cannot be started: {error}")))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            let said = said.lines().map(str::trim).find(|line| !line.is_empty());
            let said = said.map_or_else(|| output.status.to_string(), str::to_owned);
            return Err(failed(format!("fails for {host}: {said}")));
        }
        let answer = serde_json::from_slice::<Answer>(&output.stdout);
        answer.map(|answer| answer.token).map_err(|_| failed("answers no JSON with a token".into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_named_as_terraform_names_it() {
        assert_eq!(variable("my-registry.example.com"), "TF_TOKEN_my__registry_example_com");
    }

    #[test]
    fn nothing_shows_a_token() {
        let tokens = BTreeMap::from([("h".to_owned(), "s3cret".to_owned())]);
        let shown = format!("{:?}", Credentials { tokens, helper: None });
        assert!(!shown.contains("s3cret"), "{shown}");
    }

    #[cfg(unix)]
    #[test]
    fn a_helper_is_asked_once_for_each_host() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("terraform-credentials-desk");
        let text = format!(
            "#!/bin/sh\necho \"$@\" >> {}/calls\n[ \"$3\" = bad.example.com ] && echo 'no such' >&2 && exit 1\n\
             [ \"$3\" = odd.example.com ] && echo tiger && exit 0\n\
             [ \"$3\" = none.example.com ] && echo '{{}}' && exit 0\necho '{{\"token\": \"t\"}}'\n",
            folder.path().display()
        );
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        let helper = |name: &str| Helper {
            name: name.to_owned(),
            arguments: vec!["--desk".to_owned()],
            folders: vec![folder.path().to_owned()],
        };
        let tokens =
            Tokens::new(Credentials { helper: Some(helper("desk")), ..Default::default() });
        for _ in 0..2 {
            assert_eq!(tokens.of("a.example.com"), Ok(Some("t".to_owned())));
            assert_eq!(tokens.of("none.example.com"), Ok(None));
            assert!(tokens.of("bad.example.com").unwrap_err().contains("no such"));
            let odd = tokens.of("odd.example.com").unwrap_err();
            assert!(odd.contains("answers no JSON") && !odd.contains("tiger"), "{odd}");
        }
        let calls = std::fs::read_to_string(folder.path().join("calls")).unwrap();
        assert_eq!(calls.lines().count(), 4, "{calls}");
        assert!(calls.starts_with("--desk get a.example.com"), "{calls}");
        let tokens =
            Tokens::new(Credentials { helper: Some(helper("gone")), ..Default::default() });
        assert!(
            tokens.of("a.example.com").unwrap_err().contains("`terraform-credentials-gone` cannot")
        );
    }
}
