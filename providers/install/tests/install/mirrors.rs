//! Filling mirrors, and installing from network mirrors.

use syncline_install::{Error, LockFile, Place, Platform, fill};

use crate::server::Server;
use crate::support::{install, installer, program, registry, request, tree};

#[test]
fn a_filled_mirror_serves_from_the_disk_and_over_the_network() {
    let (server, source) = registry();
    let folder = tempfile::tempdir().unwrap();
    let asks = installer(&folder.path().join("one"), Some(&server), vec![Place::Registry]);
    let (mirror, here) = (folder.path().join("mirror"), [Platform::current()]);
    let wanted = request(&source, "~> 1.0");
    for version in ["1.0.0", "1.1.0"] {
        let version = version.parse().unwrap();
        let hashes =
            fill::packages(&asks, &wanted, &version, &here, Some(&mirror), &|_| ()).unwrap();
        assert_eq!(hashes.len(), 3, "two of the archive, one of the other platform's: {hashes:?}");
    }

    let mut lock = LockFile::default();
    let disk = installer(&folder.path().join("two"), None, vec![Place::Folder(mirror.clone())]);
    let installed = install(&disk, &wanted, &mut lock).unwrap();
    assert_eq!(program(&installed), "program 1.1.0");

    let shelf = Server::start();
    for name in tree(&mirror).into_keys() {
        shelf.put(&format!("/providers/{name}"), std::fs::read(mirror.join(&name)).unwrap());
    }
    let place = Place::Mirror(format!("https://{}/providers/", shelf.host));
    let remote = installer(&folder.path().join("three"), Some(&shelf), vec![place.clone()]);
    let before = lock.clone();
    let installed = install(&remote, &wanted, &mut lock).unwrap();
    assert_eq!((program(&installed).as_str(), lock), ("program 1.1.0", before));

    // Another archive than the mirror's own document says.
    let name = format!("terraform-provider-thing_1.1.0_{}.zip", Platform::current());
    shelf.put(&format!("/providers/{source}/{name}"), "rubbish");
    let remote = installer(&folder.path().join("four"), Some(&shelf), vec![place]);
    let error = install(&remote, &wanted, &mut LockFile::default()).unwrap_err();
    assert!(matches!(error, Error::Untrusted { .. }), "{error}");
}
