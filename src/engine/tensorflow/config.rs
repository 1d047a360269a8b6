//! How a session runs, as the serialized `tensorflow.ConfigProto` that the C API takes.
//!
//! Source: `tensorflow/core/protobuf/config.proto` and `rewriter_config.proto`. The messages are a few bytes long and
//! the `tensorflow` crate keeps its own types private, so they are written here by hand.

/// Settings of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SessionConfig {
    /// Threads for one operation and for operations side by side; `None` leaves the choice to TensorFlow (all cores).
    pub threads: Option<u16>,
}

impl SessionConfig {
    /// The bytes of a `ConfigProto`.
    ///
    /// Grappler, the graph optimizer, is always off: Python calls signatures of a SavedModel without it, so with it
    /// the numbers would differ in their last bits, and loading would take longer.
    pub(super) fn to_proto(self) -> Vec<u8> {
        // graph_options (10) { rewrite_options (10) { disable_meta_optimizer (19): true } }
        let mut bytes = vec![0x52, 0x05, 0x52, 0x03, 0x98, 0x01, 0x01];
        if let Some(threads) = self.threads {
            for field in [2u8, 5] {
                // intra_op_parallelism_threads, inter_op_parallelism_threads
                bytes.push(field << 3);
                push_varint(&mut bytes, u64::from(threads));
            }
        }
        bytes
    }
}

/// The bytes of a `RunOptions` that runs a step in the calling thread (`inter_op_thread_pool: -1`), for steps too
/// small to be worth handing over.
pub(super) fn in_calling_thread() -> Vec<u8> {
    let mut bytes = vec![3 << 3];
    push_varint(&mut bytes, -1i64 as u64);
    bytes
}

fn push_varint(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_are_those_of_protobuf() {
        // From Python: ConfigProto(...).SerializeToString() with the same fields, sorted by field number.
        let config = SessionConfig { threads: Some(300) };
        assert_eq!(config.to_proto()[7..], [0x10, 0xAC, 0x02, 0x28, 0xAC, 0x02]);
        assert_eq!(in_calling_thread(), [[0x18].as_slice(), &[0xFF; 9], &[0x01]].concat());
    }
}
