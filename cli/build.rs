//! Asks the linker of a release build to put the functions of plans and applies side by side: `order.ld`,
//! which `cargo xtask order` writes on the same system. With a linker of somebody's choice, which may not read
//! such a script or be slow at it, and with other `rustflags` than those of `.cargo/config.toml`, from which names
//! follow, the program is the same, less dense.

fn main() {
    println!("cargo:rerun-if-changed=order.ld");
    let is = |name: &str, value: &str| std::env::var(name).is_ok_and(|found| found == value);
    let flags = std::env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    let chosen = flags.contains("link") || std::env::var_os("RUSTC_LINKER").is_some();
    let traced = is("CARGO_CFG_TARGET_OS", "linux")
        && is("CARGO_CFG_TARGET_ARCH", "x86_64")
        && is("CARGO_CFG_TARGET_ENV", "gnu");
    if is("PROFILE", "release") && traced && !chosen {
        let folder = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
        println!("cargo:rustc-link-arg-bin=syncline=-Wl,-T,{folder}/order.ld");
    }
}
