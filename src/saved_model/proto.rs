//! TensorFlow's messages of signatures and variables, as far as they are read.
//!
//! Source: `tensorflow/core/protobuf/{saved_model,meta_graph,tensor_bundle,fingerprint}.proto` and
//! `tensorflow/core/framework/tensor_shape.proto`.

use std::collections::BTreeMap;

use prost::Message;

/// A SavedModel as far as its signatures: the graph, which is nearly all of it, is passed over.
#[derive(Clone, PartialEq, Message)]
pub(super) struct SavedModelHead {
    #[prost(message, repeated, tag = "2")]
    pub meta_graphs: Vec<MetaGraphHead>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct MetaGraphHead {
    #[prost(message, optional, tag = "1")]
    pub info: Option<MetaInfoHead>,
    #[prost(btree_map = "string, message", tag = "5")]
    pub signatures: BTreeMap<String, SignatureDef>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct MetaInfoHead {
    #[prost(string, repeated, tag = "4")]
    pub tags: Vec<String>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct SignatureDef {
    #[prost(btree_map = "string, message", tag = "1")]
    pub inputs: BTreeMap<String, TensorInfo>,
    #[prost(btree_map = "string, message", tag = "2")]
    pub outputs: BTreeMap<String, TensorInfo>,
    #[prost(string, tag = "3")]
    pub method_name: String,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct TensorInfo {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(int32, tag = "2")]
    pub dtype: i32,
    /// A [`ShapeProto`].
    #[prost(bytes = "vec", optional, tag = "3")]
    pub shape: Option<Vec<u8>>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct ShapeProto {
    #[prost(message, repeated, tag = "2")]
    pub dims: Vec<DimProto>,
    #[prost(bool, tag = "3")]
    pub unknown_rank: bool,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct DimProto {
    #[prost(int64, tag = "1")]
    pub size: i64,
}

/// The first entry of `variables.index`.
#[derive(Clone, PartialEq, Message)]
pub(super) struct BundleHeader {
    #[prost(int32, tag = "1")]
    pub shards: i32,
}

/// Each other entry: where a variable's values are.
#[derive(Clone, PartialEq, Message)]
pub(super) struct BundleEntry {
    #[prost(message, optional, tag = "2")]
    pub shape: Option<ShapeProto>,
    #[prost(int32, tag = "3")]
    pub shard: i32,
    #[prost(int64, tag = "4")]
    pub offset: i64,
    #[prost(int64, tag = "5")]
    pub size: i64,
}

/// `fingerprint.pb`.
#[derive(Clone, PartialEq, Message)]
pub(super) struct FingerprintDef {
    /// Of `saved_model.pb`.
    #[prost(uint64, tag = "1")]
    pub saved_model: u64,
    /// Of `variables.index`; 0 where there is none.
    #[prost(uint64, tag = "5")]
    pub variables_index: u64,
    #[prost(message, optional, tag = "6")]
    pub version: Option<VersionDef>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct VersionDef {
    #[prost(int64, tag = "1")]
    pub producer: i64,
}

impl ShapeProto {
    pub fn of(dims: &[usize]) -> Self {
        Self { dims: dims.iter().map(|&size| DimProto { size: size as i64 }).collect(), unknown_rank: false }
    }

    /// Its dimensions, where none varies.
    pub fn known(&self) -> Option<Vec<usize>> {
        self.dims.iter().map(|dim| usize::try_from(dim.size).ok()).collect()
    }
}
