//! How much memory a process has taken, as the kernel counts it.

/// Returns the largest resident set so far, in bytes; 0 where the system does not tell.
#[expect(clippy::disallowed_methods, reason = "it is the kernel's, not a source")]
pub(crate) fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}
