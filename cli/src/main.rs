//! The `syncline` binary.

use std::process::ExitCode;

/// Trees of small parts are what this program makes: an allocator that is good at those.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    give_back_at_once();
    syncline_cli::main()
}

/// Lets the allocator give back what is free at once, and not a second later: what one stage of a run has
/// dropped would be counted with what the next one takes. `MIMALLOC_PURGE_DELAY` prevails.
#[expect(unsafe_code, reason = "options of the allocator are set in C")]
fn give_back_at_once() {
    /// `mi_option_purge_delay`, in milliseconds: see `mimalloc.h` of the version that Cargo.toml names.
    const PURGE_DELAY: libmimalloc_sys::mi_option_t = 15;
    // SAFETY: the function takes any option and any value at any time, and no pointer.
    unsafe { libmimalloc_sys::mi_option_set_default(PURGE_DELAY, 0) }
}
