//! Whatever the bytes: the size that a saved_model.pb was made for, its rewriting, and models recognised by signatures.

#![no_main]

use libfuzzer_sys::fuzz_target;
use movinet_tf::fuzzing::{Tensors, recognise, rewrite};
use movinet_tf::prepare::own_size;
use movinet_tf_fuzz::with_folder;

/// What signatures hold, and what would almost fit.
const NAMES: [&str; 16] = [
    "image",
    "logits",
    "classifier_head",
    "state/b0/l0/pool_buffer",
    "state_b0_l0_pool_buffer",
    "input_shape",
    "state/b0/l0/pool_frame_count",
    "state/b0/l0/stream_buffer",
    "state_b0_l0_stream_buffer",
    "serving_default",
    "call",
    "init_states",
    "__saved_model_init_op",
    "",
    "/",
    "state/head/pool_frame_count",
];

/// Signatures out of bytes, in order of names as those of a SavedModel.
fn signatures(bytes: &[u8]) -> Vec<(String, Tensors, Tensors)> {
    let name = |byte: u8| NAMES[usize::from(byte) % NAMES.len()].to_owned();
    let tensors = |bytes: &[u8]| {
        let mut tensors: Tensors =
            bytes.iter().map(|&byte| (name(byte), (byte >> 4 < 8).then_some(byte >> 4))).collect();
        tensors.sort();
        tensors.dedup_by(|a, b| a.0 == b.0);
        tensors
    };
    let split = |part: &[u8]| {
        let (inputs, outputs) = part[1..].split_at((part.len() - 1) / 2);
        (name(part[0]), tensors(inputs), tensors(outputs))
    };
    bytes.split(|&byte| byte == 0xFF).filter(|part| !part.is_empty()).map(split).collect()
}

fuzz_target!(|bytes: &[u8]| {
    recognise(&signatures(bytes));
    with_folder(|folder| {
        std::fs::write(folder.join("saved_model.pb"), bytes).unwrap();
        own_size(folder);
    });
    if let Some(rewritten) = rewrite(bytes) {
        rewrite(&rewritten);
    }
});
