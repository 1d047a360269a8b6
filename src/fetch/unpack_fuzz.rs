//! Hostile archives: whatever is in a tar, unpacking ends in an error or a model, inside its folder, without a panic.
//!
//! The mutations are made below the gzip layer, whose checksum would stop them, and without one. More of them:
//! `PROPTEST_CASES=1000000 cargo test --release --lib unpack_fuzz`

use std::io::Write;
use std::path::Path;

use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;

use super::archive::{Limits, unpack_saved_model};

const LIMITS: Limits = Limits { entries: 8, bytes: 1 << 20 };
const NAMES: [&str; 14] = [
    "./saved_model.pb",
    "saved_model.pb",
    "variables/variables.index",
    "./variables",
    "../evil",
    "/evil",
    "a/../../evil",
    "",
    ".",
    "saved_model.pb/inside",
    "m/saved_model.pb",
    "./m/variables/variables.index",
    "variables/saved_model.pb",
    "variables/variables/variables.index",
];

#[derive(Debug, Clone)]
struct Entry {
    name: &'static str,
    kind: u8,
    claimed: u64,
    content: Vec<u8>,
}

fn entry() -> impl Strategy<Value = Entry> {
    let kind = prop::sample::select(b"0\x005123467LKxgSDVMN~".to_vec());
    let content = prop::collection::vec(any::<u8>(), 0..1200);
    let lie = prop_oneof![8 => Just(None), 1 => any::<u32>().prop_map(Some)];
    (prop::sample::select(NAMES.to_vec()), kind, content, lie).prop_map(|(name, kind, content, lie)| Entry {
        name,
        kind,
        claimed: lie.map_or(content.len() as u64, u64::from),
        content,
    })
}

fn tar(entries: &[Entry]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in entries {
        let mut header = tar::Header::new_ustar();
        header.as_mut_bytes()[..entry.name.len()].copy_from_slice(entry.name.as_bytes());
        header.set_size(entry.claimed);
        header.set_mode(0o644);
        header.as_mut_bytes()[156] = entry.kind;
        header.set_cksum();
        bytes.extend_from_slice(header.as_bytes());
        bytes.extend_from_slice(&entry.content);
        bytes.resize(bytes.len().next_multiple_of(512), 0);
    }
    bytes.resize(bytes.len() + 1024, 0);
    bytes
}

fn unpack(tar: &[u8]) {
    unpack_archive(tar);
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(tar).unwrap();
    unpack_archive(&gzip.finish().unwrap());
}

fn unpack_archive(archive: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    let into = folder.path().join("inner");
    fs_err::create_dir(&into).unwrap();
    let result = unpack_saved_model(archive, "x", &into, LIMITS);
    assert_eq!(fs_err::read_dir(folder.path()).unwrap().count(), 1, "written outside: {result:?}");
    assert!(bytes_in(&into) <= LIMITS.bytes, "more than the limit");
    if let Ok(files) = result {
        assert!(into.join("saved_model.pb").is_file() && into.join("variables/variables.index").is_file());
        assert_eq!(files.iter().map(|file| file.bytes).sum::<u64>(), bytes_in(&into), "the record is of what is there");
    }
}

fn bytes_in(folder: &Path) -> u64 {
    fs_err::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let found = fs_err::symlink_metadata(entry.path()).unwrap();
            assert!(found.is_dir() || found.is_file(), "neither a file nor a folder: {entry:?}");
            if found.is_dir() { bytes_in(&entry.path()) } else { found.len() }
        })
        .sum()
}

proptest! {
    #[test]
    fn any_entries(entries in prop::collection::vec(entry(), 0..12)) {
        unpack(&tar(&entries));
    }

    #[test]
    fn changed_bytes(
        entries in prop::collection::vec(entry(), 1..5),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
        fix_checksums: bool,
    ) {
        let mut bytes = tar(&entries);
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if fix_checksums {
            let mut header = tar::Header::new_ustar();
            header.as_mut_bytes().copy_from_slice(&bytes[..512]);
            header.set_cksum();
            bytes[..512].copy_from_slice(header.as_bytes());
        }
        unpack(&bytes);
    }
}
