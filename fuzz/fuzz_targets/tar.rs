//! Whatever the bytes: an archive becomes a whole model inside its folder, or an error. As they are, and within gzip.

#![no_main]

use std::io::Write;
use std::path::Path;

use flate2::{Compression, write::GzEncoder};
use libfuzzer_sys::fuzz_target;
use movinet_tf::fuzzing::unpack;
use movinet_tf_fuzz::with_folder;

fn bytes_in(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries
        .map(|entry| {
            let found = std::fs::symlink_metadata(entry.path()).unwrap();
            assert!(found.is_dir() || found.is_file(), "neither a file nor a folder: {entry:?}");
            if found.is_dir() { bytes_in(&entry.path()) } else { found.len() }
        })
        .sum()
}

fn check(archive: &[u8]) {
    with_folder(|outer| {
        let into = outer.join("inner");
        std::fs::create_dir(&into).unwrap();
        let files = unpack(archive, &into);
        assert_eq!(std::fs::read_dir(outer).unwrap().count(), 1, "written outside");
        assert!(bytes_in(&into) <= 1 << 20, "more than the limit");
        let Some(files) = files else { return };
        assert!(into.join("saved_model.pb").is_file() && into.join("variables/variables.index").is_file());
        assert_eq!(files.iter().map(|file| file.1).sum::<u64>(), bytes_in(&into), "the record is of what is there");
        assert!(files.iter().all(|(path, bytes)| std::fs::metadata(into.join(path)).unwrap().len() == *bytes));
    });
}

fuzz_target!(|bytes: &[u8]| {
    check(bytes);
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(bytes).unwrap();
    check(&gzip.finish().unwrap());
});
