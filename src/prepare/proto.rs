//! TensorFlow's graph messages, as far as rewriting needs them.
//!
//! Source: `tensorflow/core/framework/{graph,node_def,attr_value,function,op_def,tensor,tensor_shape,versions}.proto`
//! and `tensorflow/core/protobuf/{saved_model,meta_graph}.proto`. What is only passed on (tensors, shapes, lists of
//! either) is kept as bytes, so nothing in it is lost; the bytes of a tensor are shared by all copies of its node.

use std::collections::BTreeMap;

use prost::bytes::Bytes;
use prost::{Message, Oneof};

pub(super) use crate::saved_model::{ShapeProto, SignatureDef, TensorInfo};

/// `DT_FLOAT`.
pub(crate) const FLOAT: i32 = 1;
/// `DT_UINT8`.
pub(crate) const UINT8: i32 = 4;
/// `DT_INT32`.
pub(crate) const INT32: i32 = 3;

#[derive(Clone, PartialEq, Message)]
pub(crate) struct SavedModelDef {
    #[prost(int64, tag = "1")]
    pub schema_version: i64,
    #[prost(message, repeated, tag = "2")]
    pub meta_graphs: Vec<MetaGraphDef>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct MetaGraphDef {
    #[prost(message, optional, tag = "1")]
    pub info: Option<MetaInfoDef>,
    #[prost(message, optional, tag = "2")]
    pub graph: Option<GraphDef>,
    #[prost(btree_map = "string, message", tag = "5")]
    pub signatures: BTreeMap<String, SignatureDef>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct MetaInfoDef {
    #[prost(string, repeated, tag = "4")]
    pub tags: Vec<String>,
    #[prost(string, tag = "5")]
    pub tensorflow_version: String,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct GraphDef {
    #[prost(message, repeated, tag = "1")]
    pub nodes: Vec<NodeDef>,
    #[prost(message, optional, tag = "2")]
    pub library: Option<FunctionLibrary>,
    #[prost(bytes = "vec", optional, tag = "4")]
    pub versions: Option<Vec<u8>>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct FunctionLibrary {
    /// Each a [`FunctionDef`]; they are many times larger as messages, and few are called.
    #[prost(bytes = "vec", repeated, tag = "1")]
    pub functions: Vec<Vec<u8>>,
}

/// A [`FunctionDef`] as far as its name.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct FunctionHead {
    #[prost(message, optional, tag = "1")]
    pub signature: Option<FunctionName>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct FunctionDef {
    #[prost(message, optional, tag = "1")]
    pub signature: Option<OpDef>,
    #[prost(message, repeated, tag = "3")]
    pub nodes: Vec<NodeDef>,
    /// Which tensor of the body each output is.
    #[prost(btree_map = "string, string", tag = "4")]
    pub returns: BTreeMap<String, String>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct OpDef {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(message, repeated, tag = "2")]
    pub inputs: Vec<ArgDef>,
    #[prost(message, repeated, tag = "3")]
    pub outputs: Vec<ArgDef>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct ArgDef {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(int32, tag = "3")]
    pub dtype: i32,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct NodeDef {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(string, tag = "2")]
    pub op: String,
    #[prost(string, repeated, tag = "3")]
    pub inputs: Vec<String>,
    #[prost(btree_map = "string, message", tag = "5")]
    pub attributes: BTreeMap<String, AttrValue>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct AttrValue {
    #[prost(oneof = "Value", tags = "1, 2, 3, 4, 5, 6, 7, 8, 9, 10")]
    pub value: Option<Value>,
}

#[derive(Clone, PartialEq, Oneof)]
pub(crate) enum Value {
    /// Boxed, for it alone would make every attribute seven times as large.
    #[prost(message, boxed, tag = "1")]
    List(Box<ListValue>),
    #[prost(bytes, tag = "2")]
    Bytes(Vec<u8>),
    #[prost(int64, tag = "3")]
    Int(i64),
    #[prost(float, tag = "4")]
    Float(f32),
    #[prost(bool, tag = "5")]
    Bool(bool),
    #[prost(int32, tag = "6")]
    Type(i32),
    #[prost(bytes, tag = "7")]
    Shape(Vec<u8>),
    #[prost(bytes = "bytes", tag = "8")]
    Tensor(Bytes),
    #[prost(string, tag = "9")]
    Placeholder(String),
    #[prost(message, tag = "10")]
    Function(FunctionName),
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct ListValue {
    #[prost(bytes = "vec", repeated, tag = "2")]
    pub bytes: Vec<Vec<u8>>,
    #[prost(int64, repeated, tag = "3")]
    pub ints: Vec<i64>,
    #[prost(float, repeated, tag = "4")]
    pub floats: Vec<f32>,
    #[prost(bool, repeated, tag = "5")]
    pub bools: Vec<bool>,
    #[prost(int32, repeated, tag = "6")]
    pub types: Vec<i32>,
    #[prost(bytes = "vec", repeated, tag = "7")]
    pub shapes: Vec<Vec<u8>>,
    #[prost(bytes = "vec", repeated, tag = "8")]
    pub tensors: Vec<Vec<u8>>,
    #[prost(bytes = "vec", repeated, tag = "9")]
    pub functions: Vec<Vec<u8>>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct FunctionName {
    #[prost(string, tag = "1")]
    pub name: String,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct TensorProto {
    #[prost(int32, tag = "1")]
    pub dtype: i32,
    #[prost(message, optional, tag = "2")]
    pub shape: Option<ShapeProto>,
    #[prost(bytes = "bytes", tag = "4")]
    pub content: Bytes,
    #[prost(float, repeated, tag = "5")]
    pub floats: Vec<f32>,
    #[prost(int32, repeated, tag = "7")]
    pub ints: Vec<i32>,
}

impl From<ListValue> for Value {
    fn from(list: ListValue) -> Self {
        Self::List(Box::new(list))
    }
}

impl From<Value> for AttrValue {
    fn from(value: Value) -> Self {
        Self { value: Some(value) }
    }
}

impl NodeDef {
    /// A node with these inputs and attributes.
    pub fn new(name: &str, op: &str, inputs: &[&str], attributes: &[(&str, Value)]) -> Self {
        Self {
            name: name.to_owned(),
            op: op.to_owned(),
            inputs: inputs.iter().map(|&input| input.to_owned()).collect(),
            attributes: attributes.iter().map(|(key, value)| ((*key).to_owned(), value.clone().into())).collect(),
        }
    }

    pub fn attribute(&self, name: &str) -> Option<&Value> {
        self.attributes.get(name)?.value.as_ref()
    }

    pub fn ints(&self, name: &str) -> Option<&[i64]> {
        match self.attribute(name)? {
            Value::List(list) => Some(&list.ints),
            _ => None,
        }
    }

    /// The attribute's text; `None` where there is none.
    pub fn text(&self, name: &str) -> Option<&[u8]> {
        match self.attribute(name)? {
            Value::Bytes(text) => Some(text),
            _ => None,
        }
    }
}

/// An attribute value that is a list of integers.
pub(crate) fn ints(values: &[i64]) -> Value {
    ListValue { ints: values.to_vec(), ..ListValue::default() }.into()
}

/// An attribute value that is a text.
pub(crate) fn text(value: &str) -> Value {
    Value::Bytes(value.as_bytes().to_vec())
}
