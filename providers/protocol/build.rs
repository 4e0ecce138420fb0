//! Generates the messages of the plugin protocol from the files in `proto`.
//!
//! Takes those files, returns Rust in cargo's output folder. No program beside cargo is needed.

use std::error::Error;

const FILES: [&str; 3] = ["tfplugin5.proto", "tfplugin6.proto", "plugin.proto"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=proto");
    let files = protox::compile(FILES, ["proto"])?;
    let mut config = prost_build::Config::new();
    // Byte strings are as large as a state; shared ones are not copied out of the answer.
    config.bytes(["."]);
    config.btree_map(["."]);
    // Their comments hold indented examples, which rustdoc would take for code.
    config.disable_comments(["."]);
    config.compile_fds(files)?;
    Ok(())
}
