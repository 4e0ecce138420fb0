//! Starts processes that do not outlive Syncline.
//!
//! On Linux the kernel kills a child when the *thread* that started it ends, whatever the reason.
//! So all providers are started from one thread, which lives as long as the process.

use std::io;
use std::sync::OnceLock;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use tokio::process::{Child, Command};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// How often a program that is in use is tried again.
const BUSY_TRIES: u32 = 50;
/// How long is waited in between.
const BUSY_PAUSE: Duration = Duration::from_millis(10);

struct Job {
    command: Command,
    runtime: Handle,
    started: oneshot::Sender<io::Result<Child>>,
}

/// Starts a process in a group of its own.
pub(super) async fn spawn(mut command: Command) -> io::Result<Child> {
    command.kill_on_drop(true);
    #[cfg(unix)]
    command.process_group(0);
    #[cfg(target_os = "linux")]
    die_with_parent(&mut command);
    let (started, child) = oneshot::channel();
    let job = Job { command, runtime: Handle::current(), started };
    let gone = || io::Error::other("the thread that starts providers has ended");
    launcher().send(job).map_err(|_| gone())?;
    child.await.map_err(|_| gone())?
}

/// Starts a process. A program that was just written may seem to be in use: some other process that
/// was started meanwhile still has the file open, for as long as it takes to begin.
fn start(command: &mut Command) -> io::Result<Child> {
    for _ in 0..BUSY_TRIES {
        match command.spawn() {
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => {
                std::thread::park_timeout(BUSY_PAUSE);
            }
            started => return started,
        }
    }
    command.spawn()
}

fn launcher() -> &'static Sender<Job> {
    static LAUNCHER: OnceLock<Sender<Job>> = OnceLock::new();
    LAUNCHER.get_or_init(|| {
        let (sender, jobs) = channel::<Job>();
        let run = move || {
            while let Ok(mut job) = jobs.recv() {
                let entered = job.runtime.enter();
                let child = start(&mut job.command);
                drop(entered);
                // Where nobody waits any more, the child is dropped and so killed.
                let _unwanted = job.started.send(child);
            }
        };
        // Without a thread the channel is closed, and each start says so.
        let _thread = std::thread::Builder::new().name("provider-launcher".to_owned()).spawn(run);
        sender
    })
}

/// Asks the kernel to kill the child when its parent is gone. A parent that ended before the
/// question was asked is seen by the child itself.
#[cfg(target_os = "linux")]
#[expect(
    unsafe_code,
    reason = "only a child can ask this of the kernel, between fork and exec; it makes two system \
              calls there and nothing else"
)]
fn die_with_parent(command: &mut Command) {
    use rustix::process::{Pid, Signal, getpid, getppid, set_parent_process_death_signal};

    let parent: Pid = getpid();
    // SAFETY: the closure runs after fork in the child: it allocates nothing, takes no lock and
    // calls only prctl and getppid, which are safe there.
    unsafe {
        command.pre_exec(move || {
            set_parent_process_death_signal(Some(Signal::KILL))?;
            if getppid() == Some(parent) {
                Ok(())
            } else {
                Err(io::Error::from_raw_os_error(rustix::io::Errno::SRCH.raw_os_error()))
            }
        });
    }
}
