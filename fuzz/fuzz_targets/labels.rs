//! Whatever the bytes: labels are names without surprises, or an error that names the file.

#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use movinet_tf::fuzzing::labels;

fuzz_target!(|bytes: &[u8]| {
    let found = match labels(bytes) {
        Ok(found) => found,
        Err(error) => {
            assert!(error.to_string().contains("labels.txt"));
            return;
        }
    };
    let lines = bytes.split(|byte| matches!(byte, b'\n' | b'\r' | b',' | b'"')).count();
    let count =
        (0..=lines).find(|&count| found.check(count, Path::new("x")).is_ok()).expect("no more names than there can be");
    for index in 0..count {
        let name = found.name(index);
        assert!(!name.is_empty() && name == name.trim(), "{name:?}");
    }
    let mark = "\u{feff}".as_bytes();
    if !bytes.starts_with(mark) {
        assert_eq!(labels(&[mark, bytes].concat()).ok(), Some(found), "a byte-order mark is no part of a name");
    }
});
