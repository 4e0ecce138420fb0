//! Installing from folders: packed, unpacked, and providers that are being developed.

use std::path::Path;

use syncline_install::{Error, LockFile, Place, Platform};

use crate::support::{archive, install, installer, program, request};

fn unpacked(mirror: &Path, version: &str, name: &str) -> std::path::PathBuf {
    let folder = mirror.join(format!("registry.opentofu.org/team/thing/{version}"));
    let folder = folder.join(Platform::current().to_string());
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(name), format!("program {version}")).unwrap();
    folder
}

#[test]
fn an_unpacked_provider_is_used_where_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let mirror = folder.path().join("mirror");
    let package = unpacked(&mirror, "1.0.0", "terraform-provider-thing_v1.0.0_x5");
    let asks = installer(&folder.path().join("cache"), None, vec![Place::Folder(mirror)]);
    let source = "team/thing".parse().unwrap();
    let mut lock = LockFile::default();
    let installed = install(&asks, &request(&source, ""), &mut lock).unwrap();
    assert_eq!(installed.folder, package);
    assert_eq!(program(&installed), "program 1.0.0");
    // It changes under a lock file that has seen it.
    std::fs::write(&installed.program, "changed").unwrap();
    let error = install(&asks, &request(&source, ""), &mut lock).unwrap_err();
    assert!(matches!(error, Error::Changed { .. }), "{error}");
}

#[test]
fn a_packed_provider_is_unpacked_into_the_cache_and_known_by_the_same_hash() {
    let folder = tempfile::tempdir().unwrap();
    let mirror = folder.path().join("mirror");
    let packed = mirror.join("registry.opentofu.org/team/thing");
    std::fs::create_dir_all(&packed).unwrap();
    let name = format!("terraform-provider-thing_1.0.0_{}.zip", Platform::current());
    std::fs::write(packed.join(name), archive("thing", "1.0.0", "packed")).unwrap();
    let asks = installer(&folder.path().join("cache"), None, vec![Place::Folder(mirror)]);
    let source = "team/thing".parse().unwrap();
    let mut lock = LockFile::default();
    let installed = install(&asks, &request(&source, ""), &mut lock).unwrap();
    assert!(installed.folder.starts_with(folder.path().join("cache")));
    assert_eq!(program(&installed), "packed");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&installed.program).unwrap().permissions().mode();
        assert_eq!(mode & 0o111, 0o111, "the program can be started");
    }
    // The cache is a mirror itself, and the hash of what was unpacked is in the lock file.
    let cache = Place::Folder(folder.path().join("cache"));
    let asks = installer(&folder.path().join("other"), None, vec![cache]);
    assert_eq!(install(&asks, &request(&source, ""), &mut lock).unwrap().folder, installed.folder);
}

#[test]
fn the_first_place_with_a_version_that_fits_wins() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    unpacked(&one, "1.0.0", "terraform-provider-thing");
    unpacked(&two, "2.0.0", "terraform-provider-thing");
    let places = vec![Place::Folder(one), Place::Folder(two)];
    let asks = installer(&folder.path().join("cache"), None, places);
    let source = "team/thing".parse().unwrap();
    for (constraints, version) in [("", "program 1.0.0"), (">= 1.5", "program 2.0.0")] {
        let mut lock = LockFile::default();
        let installed = install(&asks, &request(&source, constraints), &mut lock).unwrap();
        assert_eq!(program(&installed), version, "{constraints}");
    }
}

#[test]
fn a_provider_that_is_being_developed_is_not_locked() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("terraform-provider-thing"), "mine").unwrap();
    let source = "team/thing".parse().unwrap();
    let mut asks = installer(&folder.path().join("cache"), None, Vec::new());
    asks.settings.overrides.insert("team/thing".parse().unwrap(), folder.path().to_owned());
    let mut lock = LockFile::default();
    let installed = install(&asks, &request(&source, "~> 9.0"), &mut lock).unwrap();
    assert_eq!((program(&installed).as_str(), installed.version), ("mine", None));
    assert_eq!(lock, LockFile::default());
    // What is wrong with it is told of the override, and where that stands.
    asks.settings.file = Some("/home/me/.tofurc".into());
    for (path, why) in [("gone", "names"), (".", "holds no program named terraform-provider-thing")]
    {
        let path = folder.path().join("cache").join(path);
        std::fs::create_dir_all(folder.path().join("cache")).unwrap();
        asks.settings.overrides.insert("team/thing".parse().unwrap(), path);
        let error = install(&asks, &request(&source, ""), &mut lock).unwrap_err().to_string();
        let told = "the override of registry.opentofu.org/team/thing under `dev_overrides` of /home/me/.tofurc";
        assert!(error.starts_with(told) && error.contains(why), "{error}");
    }
}

#[test]
fn a_developed_program_is_hashed_anew_when_it_changes() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("terraform-provider-thing");
    let source = "team/thing".parse().unwrap();
    let mut asks = installer(&folder.path().join("cache"), None, Vec::new());
    asks.settings.overrides.insert("team/thing".parse().unwrap(), folder.path().to_owned());
    let digest = |text: &str, age: u64| {
        std::fs::write(&program, text).unwrap();
        let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000 - age);
        if age > 0 {
            let file = std::fs::File::options().append(true).open(&program).unwrap();
            file.set_modified(time).unwrap();
        }
        install(&asks, &request(&source, ""), &mut LockFile::default()).unwrap().sha256.unwrap()
    };
    // Written just now, and again: size and time may be the same.
    let (one, two) = (digest("one", 0), digest("two", 0));
    assert_ne!(one, two);
    assert_eq!(digest("one", 9), one);
    assert_eq!(digest("two", 9), one, "the same size and time: it is not read");
    assert_eq!(digest("two", 8), two);
    assert_eq!(digest("more", 8), digest("more", 7));
}

#[test]
fn a_package_without_a_program_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    unpacked(folder.path(), "1.0.0", "README");
    let places = vec![Place::Folder(folder.path().to_owned())];
    let asks = installer(&folder.path().join("cache"), None, places);
    let source = "team/thing".parse().unwrap();
    let error = install(&asks, &request(&source, ""), &mut LockFile::default()).unwrap_err();
    assert!(matches!(error, Error::NoProgram { .. }), "{error}");
}

#[test]
fn a_folder_that_terraform_has_filled_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let mirror = folder.path().join("mirror");
    unpacked(&mirror, "1.0.0", "terraform-provider-thing");
    let host = |name: &str| mirror.join(name);
    std::fs::rename(host("registry.opentofu.org"), host("registry.terraform.io")).unwrap();
    let asks = installer(&folder.path().join("cache"), None, vec![Place::Folder(mirror.clone())]);
    let source = "team/thing".parse().unwrap();
    let mut lock = LockFile::default();
    let error = install(&asks, &request(&source, ""), &mut lock).unwrap_err();
    let Error::NotFound { looked, .. } = error else { panic!("{error}") };
    let instead = looked[0].instead.as_ref().unwrap();
    assert_eq!(instead.to_string(), "registry.terraform.io/team/thing");
    assert_eq!(looked[0].found, format!("it has {instead}, and not this provider"));
    install(&asks, &request(instead, ""), &mut lock).unwrap();
    // No version there fits either.
    let error = install(&asks, &request(&source, ">= 2"), &mut LockFile::default()).unwrap_err();
    let Error::NotFound { looked, .. } = error else { panic!("{error}") };
    assert_eq!(looked[0].instead, None);
}
