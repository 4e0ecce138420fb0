//! Packages, registries and folders to install from.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

use serde_json::json;
use sha2::{Digest as _, Sha256};
use syncline_install::{
    Error, Installed, Installer, LockFile, Place, Platform, Request, Settings, Source,
    settings::Method,
};

use crate::openpgp::Signer;
use crate::server::Server;

/// Returns the archive of a provider whose program says `text`.
pub(crate) fn archive(kind: &str, version: &str, text: &str) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().unix_permissions(0o755);
    writer.start_file(format!("terraform-provider-{kind}_v{version}"), options).unwrap();
    writer.write_all(text.as_bytes()).unwrap();
    writer.start_file("LICENSE", options).unwrap();
    writer.write_all(b"free").unwrap();
    writer.finish().unwrap().into_inner()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    syncline_install::hash::hex(&Sha256::digest(bytes))
}

/// Offers a version of `team/thing` for this platform and for `plan9_mips` in a registry.
pub(crate) fn publish(server: &Server, version: &str, signer: &Signer) {
    server.put("/.well-known/terraform.json", r#"{"providers.v1":"/v1/providers/"}"#);
    let base = "/v1/providers/team/thing";
    let here = Platform::current();
    let bytes = archive("thing", version, &format!("program {version}"));
    let name = format!("terraform-provider-thing_{version}_{here}.zip");
    let sums = format!(
        "{}  {name}\n{}  terraform-provider-thing_{version}_plan9_mips.zip\n",
        hex(&bytes),
        hex(b"another")
    );
    let download = json!({
        "protocols": ["5.0"],
        "filename": name,
        "download_url": format!("/files/{name}"),
        "shasum": hex(&bytes),
        "shasums_url": format!("/files/{version}_SHA256SUMS"),
        "shasums_signature_url": format!("/files/{version}_SHA256SUMS.sig"),
        "signing_keys": { "gpg_public_keys": [{ "key_id": "TEST", "ascii_armor": signer.armour() }] },
    });
    server
        .put(&format!("{base}/{version}/download/{}/{}", here.os, here.arch), download.to_string());
    server.put(&format!("/files/{version}_SHA256SUMS.sig"), signer.sign(sums.as_bytes()));
    server.put(&format!("/files/{version}_SHA256SUMS"), sums);
    server.put(&format!("/files/{name}"), bytes);
}

/// Says which versions a registry has.
pub(crate) fn list(server: &Server, versions: &[&str]) {
    let here = Platform::current();
    let list: Vec<_> = versions
        .iter()
        .map(|version| {
            json!({
                "version": version,
                "protocols": ["5.0", "6.0"],
                "platforms": [{ "os": here.os, "arch": here.arch }],
            })
        })
        .collect();
    server.put("/v1/providers/team/thing/versions", json!({ "versions": list }).to_string());
}

/// Returns a registry with `team/thing` 1.0.0, 1.1.0 and 2.0.0.
pub(crate) fn registry() -> (Server, Source) {
    let server = Server::start();
    let versions = ["1.0.0", "1.1.0", "2.0.0"];
    for version in versions {
        publish(&server, version, &Signer::new(1));
    }
    list(&server, &versions);
    let source = format!("{}/team/thing", server.host).parse().unwrap();
    (server, source)
}

pub(crate) fn request(source: &Source, constraints: &str) -> Request {
    Request { source: source.clone(), constraints: constraints.parse().unwrap() }
}

/// Returns an installer with a cache and places.
pub(crate) fn installer(cache: &Path, server: Option<&Server>, places: Vec<Place>) -> Installer {
    let mut settings = Settings::new(cache);
    settings.roots = server.map(|server| server.root.clone()).into_iter().collect();
    settings.methods = places.into_iter().map(Method::all).collect();
    Installer::new(settings)
}

/// Installs one provider.
pub(crate) fn install(
    installer: &Installer,
    request: &Request,
    lock: &mut LockFile,
) -> Result<Installed, Error> {
    installer.install(std::slice::from_ref(request), lock, false, &|_| ()).pop().unwrap()
}

/// Returns what the program of an installed provider says.
pub(crate) fn program(installed: &Installed) -> String {
    std::fs::read_to_string(&installed.program).unwrap()
}

/// Returns every file below a folder.
pub(crate) fn tree(folder: &Path) -> BTreeMap<String, u64> {
    syncline_install::hash::files(folder)
        .unwrap()
        .into_iter()
        .map(|name| {
            let size = std::fs::metadata(folder.join(&name)).unwrap().len();
            (name, size)
        })
        .collect()
}
