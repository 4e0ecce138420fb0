//! Who asks after the health of what was made: by HTTP, by a connection, or by a program.
//!
//! Takes a target; asks once. Redirections are not followed, so that an answer is the resource's own. Programs run in
//! the project's folder, and end with the try.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use syncline_install::fetch;
use syncline_model::Str;
use syncline_planner::health::{Prober, Seen, Target};
use tokio::net::TcpStream;
use tokio::process::Command;

/// The most bytes of an answer that are searched.
const LARGEST_ANSWER: u64 = 1 << 20;

/// The most characters that are told of what was seen.
const LONGEST: usize = 200;

/// Asks from this machine.
#[derive(Debug)]
pub struct FromHere {
    root: PathBuf,
    agent: Arc<OnceLock<fetch::Agent>>,
}

impl FromHere {
    /// Returns a prober for the project in a folder; nothing is read or asked before the first try.
    #[must_use]
    pub fn new(root: PathBuf) -> Self {
        Self { root, agent: Arc::default() }
    }

    async fn program(&self, words: &[Str]) -> Result<(), Seen> {
        let Some((program, arguments)) = words.split_first() else { return Ok(()) };
        let mut command = Command::new(program.as_str());
        command.args(arguments.iter().map(Str::as_str)).current_dir(&self.root);
        command.stdin(Stdio::null()).kill_on_drop(true);
        let ended = command.output().await;
        let ended =
            ended.map_err(|error| Seen::new("the program cannot be run", error.to_string()))?;
        if ended.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&ended.stderr);
        let last = said.lines().map(str::trim).rfind(|line| !line.is_empty());
        let last = last.map(short).unwrap_or_default();
        Err(Seen::new(format!("the program ended with {}", code(ended.status)), last))
    }
}

/// One request.
struct Request {
    url: Str,
    headers: Vec<(Str, Str)>,
    status: Vec<u16>,
    contains: Option<Str>,
    timeout: Duration,
}

#[async_trait]
impl Prober for FromHere {
    async fn ask(&self, target: &Target, timeout: Duration) -> Result<(), Seen> {
        match target.clone() {
            Target::Http { url, headers, status, contains } => {
                let agent = Arc::clone(&self.agent);
                let request = Request { url, headers, status, contains, timeout };
                let asked = tokio::task::spawn_blocking(move || {
                    request.ask(agent.get_or_init(|| fetch::agent(&[])))
                });
                asked
                    .await
                    .unwrap_or_else(|error| Err(Seen::new("nobody asked", error.to_string())))
            }
            Target::Tcp(address) => {
                let connected = TcpStream::connect(address.as_str()).await;
                connected.map(drop).map_err(|error| Seen::new("no connection", error.to_string()))
            }
            Target::Command(words) => self.program(&words).await,
        }
    }
}

impl Request {
    fn ask(&self, agent: &fetch::Agent) -> Result<(), Seen> {
        let mut request = agent.get(self.url.as_str());
        for (name, value) in &self.headers {
            request = request.header(name.as_str(), value.as_str());
        }
        let request = request.config().https_only(false).max_redirects(0);
        let request = request.timeout_global(Some(self.timeout)).build();
        let mut answer = request.call().map_err(|error| unreached(&error))?;
        let status = answer.status().as_u16();
        let fits = match self.status.as_slice() {
            [] => (200..300).contains(&status),
            wanted => wanted.contains(&status),
        };
        if !fits {
            return Err(Seen::new(format!("it answered {}", answer.status()), ""));
        }
        let Some(text) = &self.contains else { return Ok(()) };
        let body = answer.body_mut().with_config().limit(LARGEST_ANSWER).read_to_vec();
        let body = body.map_err(|error| unreached(&error))?;
        let found = String::from_utf8_lossy(&body).contains(text.as_str());
        if found {
            return Ok(());
        }
        Err(Seen::new("its answer does not contain what it has to", format!("\"{}\"", short(text))))
    }
}

fn unreached(error: &dyn std::fmt::Display) -> Seen {
    Seen::new("it cannot be reached", short(&error.to_string()))
}

fn code(status: std::process::ExitStatus) -> String {
    status.code().map_or_else(|| "a signal".to_owned(), |code| code.to_string())
}

fn short(text: &str) -> String {
    let mut start: String = text.chars().take(LONGEST).collect();
    if start.len() < text.len() {
        start.push_str("...");
    }
    start
}
