//! Installing from a registry.

use std::sync::Barrier;

use syncline_install::credentials::Helper;
use syncline_install::{Error, LockFile, Place, Version};

use crate::openpgp::Signer;
use crate::server::Server;
use crate::support::{hex, install, installer, list, program, publish, registry, request, tree};

#[test]
fn the_newest_that_fits_is_installed_and_locked_and_then_nobody_is_asked() {
    let (server, source) = registry();
    let cache = tempfile::tempdir().unwrap();
    let asks = installer(cache.path(), Some(&server), vec![Place::Registry]);
    let mut lock = LockFile::default();
    let installed = install(&asks, &request(&source, "~> 1.0"), &mut lock).unwrap();
    assert_eq!(program(&installed), "program 1.1.0");
    assert_eq!(installed.place, format!("the registry {}", server.host));
    let text = lock.text();
    assert!(text.contains("version     = \"1.1.0\"") && text.contains("constraints = \"~> 1.0\""));
    // The hashes of other platforms come from the signed checksums.
    assert!(text.contains("\"h1:") && text.contains(&format!("zh:{}", hex(b"another"))), "{text}");
    assert!(!server.asked().is_empty());

    // The same again, and with a server that has a newer version: what is locked stays.
    publish(&server, "1.2.0", &Signer::new(1));
    list(&server, &["1.1.0", "1.2.0"]);
    let before = lock.clone();
    let installed = install(&asks, &request(&source, "~> 1.0"), &mut lock).unwrap();
    assert_eq!((program(&installed), lock.clone()), ("program 1.1.0".to_owned(), before));
    assert_eq!(server.asked(), Vec::<String>::new());

    // An upgrade asks, and so does a constraint that does not allow what is locked.
    let upgraded = asks.install(&[request(&source, "~> 1.0")], &mut lock, true, &|_| ());
    assert_eq!(program(upgraded[0].as_ref().unwrap()), "program 1.2.0");
    let installed = install(&asks, &request(&source, "1.1.0"), &mut lock).unwrap();
    assert_eq!(program(&installed), "program 1.1.0");
}

#[test]
fn what_is_in_the_cache_will_do_where_nobody_can_be_asked() {
    let (server, source) = registry();
    let cache = tempfile::tempdir().unwrap();
    let mut asks = installer(cache.path(), Some(&server), vec![Place::Registry]);
    install(&asks, &request(&source, "1.0.0"), &mut LockFile::default()).unwrap();
    asks.settings.offline = true;
    let installed = install(&asks, &request(&source, ""), &mut LockFile::default()).unwrap();
    assert_eq!(installed.version, Some("1.0.0".parse::<Version>().unwrap()));
    let error = install(&asks, &request(&source, "2.0.0"), &mut LockFile::default()).unwrap_err();
    let Error::NotFound { looked, .. } = error else { panic!("{error}") };
    assert!(looked[0].unreachable && looked[0].found.contains("SYNCLINE_OFFLINE"), "{looked:?}");
}

#[test]
fn a_provider_that_is_nowhere_says_where_was_looked() {
    let (server, source) = registry();
    let folder = tempfile::tempdir().unwrap();
    let places = vec![
        Place::Folder(folder.path().join("mirror")),
        Place::Mirror("https://localhost:1/".to_owned()),
        Place::Registry,
    ];
    let asks = installer(&folder.path().join("cache"), Some(&server), places);
    let error = install(&asks, &request(&source, "> 2"), &mut LockFile::default()).unwrap_err();
    let Error::NotFound { looked, asked, .. } = error else { panic!("{error}") };
    assert!(asked.starts_with("> 2.0.0 for "), "{asked}");
    assert!(looked[0].found.contains("does not have this provider"));
    assert!(looked[1].unreachable && looked[1].place.contains("https://localhost:1/"));
    assert_eq!(looked[2].found, "no version fits; there are 2.0.0, 1.1.0, 1.0.0");
}

/// What must not be trusted: each tampering with a registry, and a piece of the message.
#[test]
fn nothing_is_installed_that_is_not_signed_or_not_what_was_signed() {
    type Tamper = fn(&Server, &str);
    let cases: [(&str, Tamper, &str); 5] = [
        ("other archive", |server, name| server.put(&format!("/files/{name}"), "x"), "should be"),
        (
            "other checksums",
            |server, name| {
                let sums = format!("{}  {name}\n", hex(b"x"));
                server.put("/files/2.0.0_SHA256SUMS", sums);
            },
            "signature",
        ),
        (
            "other key",
            |server, _| {
                let sums = server.get("/files/2.0.0_SHA256SUMS");
                server.put("/files/2.0.0_SHA256SUMS.sig", Signer::new(2).sign(&sums));
            },
            "signature",
        ),
        ("no signature", |server, _| server.remove("/files/2.0.0_SHA256SUMS.sig"), "nothing"),
        (
            "not listed",
            |server, _| {
                server.put("/files/2.0.0_SHA256SUMS", "");
                server.put("/files/2.0.0_SHA256SUMS.sig", Signer::new(1).sign(b""));
            },
            "another checksum",
        ),
    ];
    for (what, tamper, message) in cases {
        let (server, source) = registry();
        let name =
            format!("terraform-provider-thing_2.0.0_{}.zip", syncline_install::Platform::current());
        tamper(&server, &name);
        let cache = tempfile::tempdir().unwrap();
        let asks = installer(cache.path(), Some(&server), vec![Place::Registry]);
        let mut lock = LockFile::default();
        let error = install(&asks, &request(&source, ""), &mut lock).unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(text.contains(message), "{what}: {text}");
        assert_eq!(lock, LockFile::default(), "{what}");
        let kept = tree(cache.path());
        assert!(!kept.keys().any(|name| name.starts_with("localhost")), "{what}: {kept:?}");
    }
}

#[test]
fn a_package_that_the_lock_file_does_not_know_is_refused() {
    let (server, source) = registry();
    let folder = tempfile::tempdir().unwrap();
    let cache = |name: &str| folder.path().join(name);
    let mut lock = LockFile::default();
    let first = installer(&cache("one"), Some(&server), vec![Place::Registry]);
    install(&first, &request(&source, "1.0.0"), &mut lock).unwrap();
    for locked in lock.providers.values_mut() {
        locked.hashes = ["h1:other".parse().unwrap()].into();
    }
    let before = lock.clone();
    for asks in [first, installer(&cache("two"), Some(&server), vec![Place::Registry])] {
        let error = install(&asks, &request(&source, "1.0.0"), &mut lock).unwrap_err();
        assert!(matches!(error, Error::Changed { .. }), "{error}");
        assert_eq!(lock, before);
    }
}

#[test]
fn a_damaged_package_in_the_cache_is_replaced() {
    let (server, source) = registry();
    let cache = tempfile::tempdir().unwrap();
    let asks = installer(cache.path(), Some(&server), vec![Place::Registry]);
    let mut lock = LockFile::default();
    let installed = install(&asks, &request(&source, ""), &mut lock).unwrap();
    std::fs::write(&installed.program, "something else").unwrap();
    let again = install(&asks, &request(&source, ""), &mut lock).unwrap();
    assert_eq!(program(&again), "program 2.0.0");
    assert_eq!(again, installed);
    std::fs::remove_file(&installed.program).unwrap();
    let again = install(&asks, &request(&source, ""), &mut lock).unwrap();
    assert_eq!((program(&again).as_str(), again), ("program 2.0.0", installed));
}

#[test]
fn failures_that_pass_are_waited_for_and_tokens_are_sent() {
    let (server, source) = registry();
    server.fail("/v1/providers/team/thing/versions", 2);
    server.guard("s3cret");
    let cache = tempfile::tempdir().unwrap();
    let asks = installer(cache.path(), Some(&server), vec![Place::Registry]);
    let error = install(&asks, &request(&source, ""), &mut LockFile::default()).unwrap_err();
    assert!(format!("{error:?}").contains("access is denied"), "{error:?}");
    let mut settings = asks.settings.clone();
    // A helper that does not know the host matters where access is denied.
    let (name, arguments, folders) = ("that-is-nowhere".to_owned(), Vec::new(), Vec::new());
    settings.credentials.helper = Some(Helper { name, arguments, folders });
    let asks = syncline_install::Installer::new(settings.clone());
    let error = install(&asks, &request(&source, ""), &mut LockFile::default()).unwrap_err();
    assert!(format!("{error:?}").contains("terraform-credentials-that-is-nowhere"), "{error:?}");
    settings.credentials.tokens.insert(server.host.clone(), "s3cret".to_owned());
    let asks = syncline_install::Installer::new(settings);
    install(&asks, &request(&source, ""), &mut LockFile::default()).unwrap();
}

#[test]
fn many_runs_at_once_share_one_cache() {
    let (server, source) = registry();
    let cache = tempfile::tempdir().unwrap();
    let barrier = Barrier::new(8);
    let all = std::thread::scope(|scope| {
        let run = || {
            // An installer each, as processes have.
            let asks = installer(cache.path(), Some(&server), vec![Place::Registry]);
            let mut lock = LockFile::default();
            barrier.wait();
            let installed = install(&asks, &request(&source, "2.0.0"), &mut lock).unwrap();
            (program(&installed), lock)
        };
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(run)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    });
    assert!(all.iter().all(|one| *one == all[0]));
    let left = tree(&cache.path().join(".staging"));
    assert!(left.is_empty(), "{left:?}");
}
