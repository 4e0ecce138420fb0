//! Which functions of a program run: a breakpoint at the first byte of each, taken away when it is hit.
//!
//! Takes a command and the places of functions, returns those that ran, in any thread, before the process
//! ended. Processes that it starts run on by themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::FileExt as _;
use std::process::Command;

use nix::errno::Errno;
use nix::sys::ptrace::{self, Options};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use crate::Failure;

/// `int3` of x86-64.
const BREAKPOINT: u8 = 0xcc;

/// Runs the command to its end and returns those of `functions` that ran: addresses in its file.
///
/// # Errors
/// When the command cannot be started or traced, or fails.
pub(super) fn run(command: &Command, functions: &BTreeSet<u64>) -> Result<BTreeSet<u64>, Failure> {
    let shown = format!("{command:?}");
    let mut child = stopped(command).spawn().map_err(|error| format!("{shown}: {error}"))?;
    let process = Pid::from_raw(i32::try_from(child.id()).map_err(|error| error.to_string())?);
    let outcome = Tracer::attach(process)
        .and_then(|mut tracer| tracer.run(functions))
        .map_err(|error| format!("{shown} could not be traced: {error}"));
    match outcome {
        Ok((hit, 0)) => Ok(hit),
        Ok((_, code)) => Err(format!("{shown} failed: {code}")),
        Err(failure) => {
            let _gone = child.kill();
            let _gone = child.wait();
            Err(failure)
        }
    }
}

/// Returns the command behind a shell that waits to be traced before it becomes the program.
fn stopped(command: &Command) -> Command {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", "kill -STOP $$; exec \"$0\" \"$@\""]).arg(command.get_program());
    shell.args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        shell.current_dir(folder);
    }
    shell.stdin(std::process::Stdio::null());
    shell.stdout(std::process::Stdio::null());
    shell.stderr(std::process::Stdio::null());
    shell
}

struct Tracer {
    process: Pid,
    /// Where the program's file begins in memory, and the byte that stood at each breakpoint.
    base: u64,
    under: BTreeMap<u64, u8>,
    hit: BTreeSet<u64>,
}

impl Tracer {
    fn attach(process: Pid) -> Result<Self, Failure> {
        let told = |error: Errno| error.to_string();
        while !matches!(
            waitpid(process, Some(WaitPidFlag::WUNTRACED)).map_err(told)?,
            WaitStatus::Stopped(..)
        ) {}
        let options = Options::PTRACE_O_TRACECLONE
            | Options::PTRACE_O_TRACEFORK
            | Options::PTRACE_O_TRACEVFORK
            | Options::PTRACE_O_TRACEEXEC
            | Options::PTRACE_O_EXITKILL;
        ptrace::seize(process, options).map_err(told)?;
        kill(process, Signal::SIGCONT).map_err(told)?;
        Ok(Self { process, base: 0, under: BTreeMap::new(), hit: BTreeSet::new() })
    }

    /// Follows the process to its end: what was hit, and the exit code.
    fn run(&mut self, functions: &BTreeSet<u64>) -> Result<(BTreeSet<u64>, i32), Failure> {
        loop {
            let status = waitpid(None::<Pid>, Some(WaitPidFlag::__WALL))
                .map_err(|error| error.to_string())?;
            match status {
                WaitStatus::Exited(id, code) if id == self.process => {
                    return Ok((std::mem::take(&mut self.hit), code));
                }
                WaitStatus::Signaled(id, signal, _) if id == self.process => {
                    return Err(format!("it ended by {signal}"));
                }
                WaitStatus::PtraceEvent(id, _, event)
                    if event == ptrace::Event::PTRACE_EVENT_EXEC as i32 =>
                {
                    if id == self.process {
                        self.place(functions)?;
                        gone(ptrace::cont(id, None))?;
                    } else {
                        gone(ptrace::detach(id, None))?;
                    }
                }
                WaitStatus::PtraceEvent(id, ..) => gone(ptrace::cont(id, None))?,
                WaitStatus::Stopped(id, Signal::SIGTRAP) => {
                    self.stopped(id)?;
                    gone(ptrace::cont(id, None))?;
                }
                WaitStatus::Stopped(id, signal) => gone(ptrace::cont(id, Some(signal)))?,
                WaitStatus::Exited(..)
                | WaitStatus::Signaled(..)
                | WaitStatus::PtraceSyscall(_)
                | WaitStatus::Continued(_)
                | WaitStatus::StillAlive => {}
            }
        }
    }

    /// Puts a breakpoint at each function of the program that has just begun.
    fn place(&mut self, functions: &BTreeSet<u64>) -> Result<(), Failure> {
        let told = |error: std::io::Error| error.to_string();
        let folder = format!("/proc/{}", self.process);
        let maps = std::fs::read_to_string(format!("{folder}/maps")).map_err(told)?;
        let base = maps.split('-').next().and_then(|first| u64::from_str_radix(first, 16).ok());
        self.base = base.ok_or("its memory is unknown")?;
        let memory = std::fs::File::options()
            .read(true)
            .write(true)
            .open(format!("{folder}/mem"))
            .map_err(told)?;
        for &function in functions {
            let mut byte = [0];
            memory.read_exact_at(&mut byte, self.base + function).map_err(told)?;
            memory.write_all_at(&[BREAKPOINT], self.base + function).map_err(told)?;
            self.under.insert(function, byte[0]);
        }
        Ok(())
    }

    /// Takes away the breakpoint that a thread stands behind, and sets it back before it.
    fn stopped(&mut self, thread: Pid) -> Result<(), Failure> {
        let told = |error: Errno| error.to_string();
        let mut registers = ptrace::getregs(thread).map_err(told)?;
        let place = registers.rip.wrapping_sub(1);
        let function = place.wrapping_sub(self.base);
        let Some(&byte) = self.under.get(&function) else { return Ok(()) };
        // In the memory of this very thread: a process that was forked has its own.
        let address = place as ptrace::AddressType;
        let word = ptrace::read(thread, address).map_err(told)?;
        ptrace::write(thread, address, (word & !0xff) | i64::from(byte)).map_err(told)?;
        registers.rip = place;
        ptrace::setregs(thread, registers).map_err(told)?;
        self.hit.insert(function);
        Ok(())
    }
}

/// Passes over a thread that has ended meanwhile.
fn gone(done: nix::Result<()>) -> Result<(), Failure> {
    match done {
        Ok(()) | Err(Errno::ESRCH) => Ok(()),
        Err(error) => Err(error.to_string()),
    }
}
