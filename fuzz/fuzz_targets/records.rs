//! Whatever the bytes: a record is read and gone by, or there is none.

#![no_main]

use libfuzzer_sys::fuzz_target;
use movinet_tf::fuzzing::records;
use movinet_tf_fuzz::with_folder;

fuzz_target!(|bytes: &[u8]| {
    with_folder(|folder| {
        std::fs::write(folder.join("movinet-tf.json"), bytes).unwrap();
        records(bytes, folder);
    });
});
