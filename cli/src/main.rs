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

/// C's functions of mathematics, as the language computes them, for whatever else is linked in: progress bars, runtimes,
/// databases. The system's library of them, half a megabyte, would be mapped for these four.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "these names are C's, and mean what C says")]
mod mathematics {
    #[unsafe(no_mangle)]
    extern "C" fn exp(of: f64) -> f64 {
        libm::exp(of)
    }

    #[unsafe(no_mangle)]
    extern "C" fn log(of: f64) -> f64 {
        libm::log(of)
    }

    #[unsafe(no_mangle)]
    extern "C" fn log2(of: f64) -> f64 {
        libm::log2(of)
    }

    #[unsafe(no_mangle)]
    extern "C" fn pow(base: f64, exponent: f64) -> f64 {
        libm::pow(base, exponent)
    }
}
