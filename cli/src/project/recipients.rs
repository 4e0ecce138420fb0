//! Who can unwrap the keys of an environment.
//!
//! | recipient | who that is | what unwraps |
//! | --- | --- | --- |
//! | `file:ID` | who has a key file | `SYNCLINE_KEY_FILE`, or the one among the settings |
//! | `age1...` | who has an `age` key (X25519, age-encryption.org/v1) | the identities in the file `SYNCLINE_AGE_IDENTITY` |
//! | `passphrase` | who knows it (`age` with scrypt) | `SYNCLINE_PASSPHRASE` |
//! | `command` | whom a key service lets | `SYNCLINE_KEY_COMMAND`, called with `wrap` or `unwrap` |
//!
//! The command gets the key in base64, or the text that it made of it, on standard input and answers on
//! standard output. It is named by the environment of the user and never by what is recorded: what
//! somebody wrote into a log is not run.

use std::io::Write as _;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use syncline_model::Str;
use syncline_state::{Key, KeySeal, Recipients, Seal as _, SealError};

/// The recipients that this user may be.
pub(super) struct Own {
    /// The seal of the key file.
    pub(super) file: KeySeal,
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn failed(recipient: &str, reason: impl std::fmt::Display) -> SealError {
    SealError::Wrap { recipient: recipient.to_owned(), reason: reason.to_string() }
}

impl Recipients for Own {
    fn own(&self) -> Str {
        format!("file:{}", self.file.id()).as_str().into()
    }

    fn wrap(&self, recipient: &str, key: &Key) -> Result<Str, SealError> {
        let fail = |reason: &dyn std::fmt::Display| failed(recipient, reason);
        if recipient == self.own().as_str() {
            return Ok(BASE64.encode(self.file.seal_bytes(key)?).as_str().into());
        }
        let wrapped = match recipient {
            "command" => return run("wrap", &BASE64.encode(key)).map(|text| text.as_str().into()),
            "passphrase" => {
                let passphrase = variable("SYNCLINE_PASSPHRASE")
                    .ok_or_else(|| fail(&"SYNCLINE_PASSPHRASE is not set"))?;
                age::encrypt(&age::scrypt::Recipient::new(passphrase.into()), key)
            }
            _ if recipient.starts_with("age1") => {
                let own: age::x25519::Recipient =
                    recipient.parse().map_err(|error| fail(&error))?;
                age::encrypt(&own, key)
            }
            _ => {
                return Err(fail(
                    &"it is none that is known: `age1...`, `passphrase`, `command`, or the own `file:ID`",
                ));
            }
        };
        Ok(BASE64.encode(wrapped.map_err(|error| fail(&error))?).as_str().into())
    }

    fn unwrap(&self, recipient: &str, text: &str) -> Result<Option<Key>, SealError> {
        let fail = |reason: &dyn std::fmt::Display| failed(recipient, reason);
        let decode = || BASE64.decode(text).map_err(|error| fail(&error));
        let found = if recipient == self.own().as_str() {
            Some(self.file.open_bytes(&decode()?)?)
        } else if recipient.starts_with("age1") {
            let Some(path) = variable("SYNCLINE_AGE_IDENTITY") else { return Ok(None) };
            let file = std::fs::read_to_string(&path)
                .map_err(|error| fail(&format!("SYNCLINE_AGE_IDENTITY, {path}: {error}")))?;
            let identities = file.lines().filter_map(|line| line.trim().parse().ok());
            let mut own = identities.filter(|identity: &age::x25519::Identity| {
                identity.to_public().to_string() == recipient
            });
            let Some(identity) = own.next() else { return Ok(None) };
            Some(age::decrypt(&identity, &decode()?).map_err(|error| fail(&error))?)
        } else if recipient == "passphrase" {
            let Some(passphrase) = variable("SYNCLINE_PASSPHRASE") else { return Ok(None) };
            let identity = age::scrypt::Identity::new(passphrase.into());
            Some(age::decrypt(&identity, &decode()?).map_err(|error| fail(&error))?)
        } else if recipient == "command" && variable("SYNCLINE_KEY_COMMAND").is_some() {
            let answer = run("unwrap", text)?;
            Some(BASE64.decode(answer).map_err(|error| fail(&error))?)
        } else {
            None
        };
        let key = found.map(|bytes| bytes.try_into().map_err(|_| fail(&"it wraps no key")));
        key.transpose()
    }
}

/// Runs the command of a key service.
fn run(verb: &str, input: &str) -> Result<String, SealError> {
    let fail = |reason: &dyn std::fmt::Display| failed("command", reason);
    let command =
        variable("SYNCLINE_KEY_COMMAND").ok_or_else(|| fail(&"SYNCLINE_KEY_COMMAND is not set"))?;
    let mut words = command.split_whitespace();
    let program = words.next().unwrap_or_default();
    let mut child = Command::new(program)
        .args(words)
        .arg(verb)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| fail(&format!("{program}: {error}")))?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(input.as_bytes()).map_err(|error| fail(&error))?;
    }
    let output = child.wait_with_output().map_err(|error| fail(&error))?;
    if !output.status.success() {
        return Err(fail(&format!("{program} {verb}: {}", output.status)));
    }
    let text =
        String::from_utf8(output.stdout).map_err(|_| fail(&"it did not answer with text"))?;
    Ok(text.trim().to_owned())
}
