//! A SavedModel on the disk: its files, and what they tell without TensorFlow: signatures, variables, checksums, damage.

mod calls;
mod canonical;
mod damage;
#[cfg(test)]
pub(crate) mod example;
mod farmhash;
mod files;
mod fingerprint_pb;
mod head;
mod proto;
mod signatures;
mod table;
mod variables;
mod wire;

pub(crate) use calls::fault as functions_fault;
pub(crate) use damage::damage;
pub use files::fingerprint;
pub(crate) use files::{GRAPH, copy, lacks, missing_file};
pub(crate) use fingerprint_pb::was_changed;
#[cfg(test)]
pub(crate) use proto::DimProto;
pub(crate) use proto::{ShapeProto, SignatureDef, TensorInfo};
pub(crate) use signatures::{INIT_OP, SERVE, signatures};
#[cfg(feature = "fetch")]
pub(crate) use variables::weights;
