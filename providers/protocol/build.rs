//! Generates the messages of the plugin protocol from the files in `proto`.
//!
//! Takes those files, returns Rust in cargo's output folder. No program beside cargo is needed.
//!
//! Law: a message that both versions of the protocol define alike, with all that it is made of, is one type, that of
//! version 6.

use std::collections::BTreeMap;
use std::error::Error;

use prost_types::{DescriptorProto, FileDescriptorProto, FileDescriptorSet};

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
    for name in alike(&files) {
        config.extern_path(
            format!(".tfplugin5.{name}"),
            format!("crate::wire::proto::tfplugin6::{name}"),
        );
    }
    config.compile_fds(files)?;
    Ok(())
}

/// Returns the names of what is the same in both versions.
fn alike(files: &FileDescriptorSet) -> Vec<String> {
    let find = |package: &str| files.file.iter().find(|file| file.package() == package);
    let (Some(five), Some(six)) = (find("tfplugin5"), find("tfplugin6")) else { return Vec::new() };
    let enums = five.enum_type.iter().filter(|own| six.enum_type.contains(own));
    let enums = enums.map(|own| own.name().to_owned());
    let (five, six) = (messages(five), messages(six));
    let mut alike: Vec<&str> = five.keys().map(String::as_str).collect();
    alike.retain(|name| five.get(*name) == six.get(*name));
    // What is made of something that differs differs, too.
    loop {
        let differ: Vec<&String> =
            five.keys().filter(|name| !alike.contains(&name.as_str())).collect();
        let count = alike.len();
        alike.retain(|name| !differ.iter().any(|other| is_made_of(&five[*name], other)));
        if alike.len() == count {
            return alike.into_iter().map(str::to_owned).chain(enums).collect();
        }
    }
}

/// Returns the messages of a file by name; in these the names have no package.
fn messages(file: &FileDescriptorProto) -> BTreeMap<String, DescriptorProto> {
    let package = format!(".{}", file.package());
    let mut messages = file.message_type.clone();
    messages.iter_mut().for_each(|message| shorten(message, &package));
    messages.into_iter().map(|message| (message.name().to_owned(), message)).collect()
}

fn shorten(message: &mut DescriptorProto, package: &str) {
    for name in message.field.iter_mut().filter_map(|field| field.type_name.as_mut()) {
        *name = name.strip_prefix(package).unwrap_or(name).to_owned();
    }
    message.nested_type.iter_mut().for_each(|nested| shorten(nested, package));
}

fn is_made_of(message: &DescriptorProto, name: &str) -> bool {
    let is_named = |ty: &str| ty.split('.').nth(1) == Some(name);
    message.field.iter().any(|field| is_named(field.type_name()))
        || message.nested_type.iter().any(|nested| is_made_of(nested, name))
}
