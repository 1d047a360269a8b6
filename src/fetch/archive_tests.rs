//! Archives as they come, and as they should not.

use std::path::Path;

use flate2::read::GzDecoder;
use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;
use tar::EntryType;

use super::archive::{Limits, unpack_saved_model};

const FILES: [(&str, &[u8]); 3] = [
    ("./saved_model.pb", b"graph"),
    ("./variables/variables.index", b"index"),
    ("./variables/variables.data-00000-of-00001", b"weights"),
];

fn header(path: &str, kind: EntryType, size: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    // Written by hand: the crate refuses to write what an attacker would.
    header.as_mut_bytes()[..path.len()].copy_from_slice(path.as_bytes());
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_mode(0o644);
    header.set_cksum();
    header
}

fn tarball(extra: &[(&str, EntryType, &[u8])]) -> Vec<u8> {
    let model = FILES.map(|(path, content)| (path, EntryType::Regular, content));
    archive(&[&model, extra].concat())
}

fn archive(entries: &[(&str, EntryType, &[u8])]) -> Vec<u8> {
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (path, kind, content) in entries {
        tar.append(&header(path, *kind, content.len() as u64), *content).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap()
}

/// The model in `folder` of an archive, and what else is there.
fn nested(folder: &str, extra: &[(&str, EntryType, &[u8])]) -> Vec<u8> {
    let paths = FILES.map(|(path, _)| format!("{folder}/{}", &path[2..]));
    let model: Vec<_> =
        paths.iter().zip(FILES).map(|(path, (_, content))| (&**path, EntryType::Regular, content)).collect();
    archive(&[&model, extra].concat())
}

fn plain(gzip: &[u8]) -> Vec<u8> {
    let mut tar = Vec::new();
    std::io::Read::read_to_end(&mut GzDecoder::new(gzip), &mut tar).unwrap();
    tar
}

/// All files of a folder, in order.
fn files_in(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs_err::read_dir(folder).unwrap() {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name().into_string().unwrap())).unwrap();
        match path.is_dir() {
            true => found.extend(files_in(&path).into_iter().map(|inside| format!("{name}/{inside}"))),
            false => found.push(name),
        }
    }
    found.sort();
    found
}

fn unpack(archive: &[u8], limits: Limits) -> Result<tempfile::TempDir, String> {
    let folder = tempfile::tempdir().unwrap();
    let into = folder.path().join("inner");
    fs_err::create_dir(&into).unwrap();
    let result = unpack_saved_model(archive, "x", &into, limits).map_err(|error| error.to_string());
    assert_eq!(fs_err::read_dir(folder.path()).unwrap().count(), 1, "nothing is written outside");
    result.map(|_| folder)
}

fn refusal(archive: &[u8]) -> String {
    unpack(archive, Limits::default()).unwrap_err()
}

#[test]
fn the_official_layout_is_unpacked() {
    let folder = unpack(&tarball(&[("./assets/", EntryType::Directory, b"")]), Limits::default()).unwrap();
    let inner = folder.path().join("inner");
    for (path, content) in FILES {
        assert_eq!(fs_err::read(inner.join(path)).unwrap(), content);
    }
    assert!(inner.join("assets").is_dir());
}

#[test]
fn a_model_in_a_folder_of_the_archive_is_brought_to_the_top() {
    let names = ["saved_model.pb", "variables/variables.data-00000-of-00001", "variables/variables.index"];
    let readme = [("README.md", EntryType::Regular, &b"x"[..]), ("m/._x", EntryType::Directory, b"")];
    for archive in [
        nested("a2", &[]),
        nested("./movinet a2", &[("./movinet a2/", EntryType::Directory, b"")]),
        nested("a/b/c", &[]),
        nested("variables", &readme),
        nested("m", &readme),
    ] {
        for archive in [plain(&archive), archive] {
            let into = tempfile::tempdir().unwrap();
            let mut files = unpack_saved_model(&archive[..], "x", into.path(), Limits::default()).unwrap();
            let found = files_in(into.path());
            assert_eq!(found.iter().filter(|name| !name.ends_with("._x")).collect::<Vec<_>>(), names);
            files.sort_by(|a, b| a.path.cmp(&b.path));
            assert_eq!(
                files.iter().map(|file| &file.path).collect::<Vec<_>>(),
                names,
                "the record is of what is there"
            );
            assert_eq!(fs_err::read(into.path().join("saved_model.pb")).unwrap(), b"graph");
        }
    }
}

#[test]
fn a_model_at_the_top_stays_there_whatever_is_below_it() {
    let below = [("assets.extra/saved_model.pb", EntryType::Regular, &b"other"[..])];
    let folder = unpack(&tarball(&below), Limits::default()).unwrap();
    assert_eq!(fs_err::read(folder.path().join("inner/saved_model.pb")).unwrap(), b"graph");
    assert_eq!(fs_err::read(folder.path().join("inner/assets.extra/saved_model.pb")).unwrap(), b"other");
}

#[test]
fn what_an_archive_holds_is_told_where_it_is_no_single_model() {
    let other = nested("base", &[("stream/saved_model.pb", EntryType::Regular, b"graph")]);
    assert!(refusal(&other).contains("2 SavedModels, in 'base', 'stream'; unpack it and give one of their folders"));
    let none = archive(&[("a.txt", EntryType::Regular, b"x"), ("b/c.h5", EntryType::Regular, b"x")]);
    assert!(refusal(&none).contains("lacks saved_model.pb; it holds 'a.txt', 'b/c.h5'"));
    assert!(refusal(&archive(&[("a", EntryType::Directory, b"")])).contains("it holds no file"));
    let many: Vec<_> = ["1", "2", "3", "4", "5", "6", "7"].map(|name| (name, EntryType::Regular, &b"x"[..])).into();
    assert!(refusal(&archive(&many)).contains("'5' and 2 more"));
}

#[test]
fn a_tar_without_gzip_is_unpacked_and_as_strictly() {
    let whole = plain(&tarball(&[]));
    let folder = unpack(&whole, Limits::default()).unwrap();
    assert_eq!(files_in(folder.path()).len(), 3);
    assert!(refusal(&[&whole[..], b"garbage"].concat()).contains("after its end"));
    assert!(refusal(&whole[..1536 + 2]).contains("ends too early") || refusal(&whole[..1536 + 2]).contains("damaged"));
    assert!(refusal(&plain(&tarball(&[("../evil", EntryType::Regular, b"x")]))).contains("outside the folder"));
}

#[test]
fn what_is_no_archive_is_named() {
    for (start, name) in [
        (&b"PK\x03\x04"[..], "a zip file"),
        (b"BZh91AY", "bzip2"),
        (b"\xfd7zXZ\0\0", "xz"),
        (b"\x28\xb5\x2f\xfd", "zstd"),
        (b"\x89HDF\r\n", "HDF5"),
        (b"\x1c\0\0\0TFL3", "TensorFlow Lite"),
    ] {
        assert!(refusal(start).contains(name), "{}", refusal(start));
    }
}

#[test]
fn what_leaves_the_folder_is_refused() {
    for path in ["../evil", "./a/../../evil", "/tmp/evil"] {
        assert!(refusal(&tarball(&[(path, EntryType::Regular, b"x")])).contains("outside the folder"), "{path}");
    }
}

#[test]
fn links_and_devices_are_refused() {
    for kind in [EntryType::Symlink, EntryType::Link, EntryType::Char, EntryType::Fifo] {
        assert!(refusal(&tarball(&[("./x", kind, b"")])).contains("neither a file nor a folder"), "{kind:?}");
    }
}

#[test]
fn duplicates_bombs_and_crowds_are_refused() {
    assert!(refusal(&tarball(&[("saved_model.pb", EntryType::Regular, b"x")])).contains("twice"));
    let zeros = vec![0; 1 << 20];
    let bomb = tarball(&[("./assets/zeros", EntryType::Regular, &zeros)]);
    assert!(unpack(&bomb, Limits { entries: 10, bytes: 1 << 19 }).unwrap_err().contains("more than 524288 bytes"));
    assert!(unpack(&tarball(&[]), Limits { entries: 2, bytes: 1 << 20 }).unwrap_err().contains("more than 2 files"));
}

#[test]
fn damage_is_told() {
    let whole = tarball(&[]);
    assert!(refusal(&[&whole[..], b"garbage"].concat()).contains("after its end"));
    assert!(refusal(&whole[..whole.len() - 5]).contains("ends too early"));
    assert!(refusal(b"<!DOCTYPE html><p>sign in").contains("web page"));
    assert!(refusal(b"").contains("empty"));
}

#[test]
fn a_model_without_variables_is_refused() {
    for path in ["saved_model.pb", "a/saved_model.pb"] {
        let archive = archive(&[(path, EntryType::Regular, b"x")]);
        assert!(refusal(&archive).contains("lacks variables/variables.index"));
    }
}

proptest! {
    /// Whatever single byte of an archive is changed, the result is an error or the right files, never a panic
    /// and nothing outside the folder.
    #[test]
    fn a_changed_byte_never_gives_a_wrong_model(at in 0usize..10_000, flip in 1u8..=255) {
        let mut archive = tarball(&[]);
        let at = at % archive.len();
        archive[at] ^= flip;
        if let Ok(folder) = unpack(&archive, Limits::default()) {
            for (path, content) in FILES {
                prop_assert_eq!(fs_err::read(folder.path().join("inner").join(path)).unwrap(), content);
            }
        }
    }

    #[test]
    fn any_bytes_end_in_an_error(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        prop_assert!(unpack(&bytes, Limits::default()).is_err());
    }
}
