//! Asks the linker of a release build for a program of which little is resident: with the functions of plans and
//! applies side by side, which `order.ld` lists that `cargo xtask order` writes on the same system, and with places
//! that depend on where the program is loaded in the compact form (`SHT_RELR` of the ELF specification), where the
//! system's loader reads it. With a linker of somebody's choice, which may not read such a script or be slow at it,
//! and with other `rustflags` than those of `.cargo/config.toml`, from which names follow, the program is the
//! same, less dense.

use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=order.ld");
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    let flags = variable("CARGO_ENCODED_RUSTFLAGS");
    let chosen = flags.contains("link") || std::env::var_os("RUSTC_LINKER").is_some();
    let traced = variable("CARGO_CFG_TARGET_OS") == "linux"
        && variable("CARGO_CFG_TARGET_ARCH") == "x86_64"
        && variable("CARGO_CFG_TARGET_ENV") == "gnu";
    if variable("PROFILE") == "release" && traced && !chosen {
        let folder = variable("CARGO_MANIFEST_DIR");
        println!("cargo:rustc-link-arg-bin=syncline=-Wl,-T,{folder}/order.ld");
        if variable("HOST") == variable("TARGET") && loader_reads_compact() {
            println!("cargo:rustc-link-arg-bin=syncline=-Wl,-z,pack-relative-relocs");
        }
    }
}

/// Tells whether this system's loader is glibc's of 2.36 or later. What is built with an older one runs with newer ones.
fn loader_reads_compact() -> bool {
    let told = Command::new("getconf").arg("GNU_LIBC_VERSION").output();
    let told = told.map(|told| String::from_utf8_lossy(&told.stdout).into_owned());
    let version = told.ok().and_then(|told| Some(told.split_once("glibc 2.")?.1.trim().to_owned()));
    version.and_then(|minor| minor.parse::<u32>().ok()).is_some_and(|minor| minor >= 36)
}
