//! A graph without functions, and the tools that every rewrite needs.

use std::collections::{HashMap, HashSet};

use prost::Message;
use prost::bytes::Bytes;

use super::proto::{FLOAT, INT32, NodeDef, ShapeProto, TensorProto, UINT8, Value};
use crate::engine::tensorflow::Tensor;

/// Nodes by name. A tensor is `node` (its first output) or `node:1`.
#[derive(Debug, Default, Clone)]
pub(crate) struct Graph {
    pub nodes: Vec<NodeDef>,
    index: HashMap<String, usize>,
    /// The tensors that signatures give; they are never rewritten away.
    pub outputs: Vec<String>,
    fresh: usize,
}

/// A float32 constant.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Floats {
    pub shape: Vec<usize>,
    pub values: Vec<f32>,
}

/// `node:2` as (`node`, 2); `node` is (`node`, 0).
pub(crate) fn split(tensor: &str) -> (&str, usize) {
    match tensor.rsplit_once(':').map(|(node, index)| (node, index.parse())) {
        Some((node, Ok(index))) => (node, index),
        _ => (tensor, 0),
    }
}

/// (`node`, 2) as `node:2`; (`node`, 0) is `node`.
pub(super) fn join(node: &str, index: usize) -> String {
    if index == 0 { node.to_owned() } else { format!("{node}:{index}") }
}

/// `values` for all elements of `shape`: a short list means that its last value goes on.
fn filled<T: Copy + Default>(mut values: Vec<T>, shape: &[usize]) -> Vec<T> {
    let last = values.last().copied().unwrap_or_default();
    values.resize(shape.iter().product(), last);
    values
}

/// A tensor's values, of `content` or, where that is empty, those that were given one by one.
fn numbers<T: Copy>(content: &[u8], listed: Vec<T>, read: fn([u8; 4]) -> T) -> Vec<T> {
    match content.is_empty() {
        true => listed,
        false => content.chunks_exact(4).map(|b| read([b[0], b[1], b[2], b[3]])).collect(),
    }
}

/// A tensor's content.
fn bytes<T: Copy>(values: &[T], write: fn(T) -> [u8; 4]) -> Bytes {
    let mut bytes = Vec::with_capacity(4 * values.len());
    values.iter().for_each(|&value| bytes.extend_from_slice(&write(value)));
    bytes.into()
}

impl Graph {
    pub fn add(&mut self, node: NodeDef) -> String {
        let name = node.name.clone();
        self.index.insert(name.clone(), self.nodes.len());
        self.nodes.push(node);
        name
    }

    /// A name that no node has, beginning with `near`.
    pub fn fresh(&mut self, near: &str, what: &str) -> String {
        loop {
            self.fresh += 1;
            let name = format!("{near}/{what}_{}", self.fresh);
            if !self.index.contains_key(&name) {
                return name;
            }
        }
    }

    pub fn node(&self, name: &str) -> Option<&NodeDef> {
        self.index.get(name).map(|&at| &self.nodes[at])
    }

    /// The node that gives `tensor`.
    pub fn producer(&self, tensor: &str) -> Option<&NodeDef> {
        self.node(split(tensor).0)
    }

    /// The value of `tensor`, if it is a float32 constant.
    pub fn floats(&self, tensor: &str) -> Option<Floats> {
        let tensor = self.constant(tensor, FLOAT)?;
        let values = numbers(&tensor.content, tensor.floats, f32::from_le_bytes);
        let shape = tensor.shape.unwrap_or_default().known()?;
        let values = filled(values, &shape);
        Some(Floats { shape, values })
    }

    /// The shape of `tensor`, if it is a float32 constant; its values aren't looked at.
    pub fn shape(&self, tensor: &str) -> Option<Vec<usize>> {
        self.constant(tensor, FLOAT)?.shape.unwrap_or_default().known()
    }

    /// The value of `tensor`, if it is a float32 constant of one element.
    pub fn single(&self, tensor: &str) -> Option<f32> {
        let one = self.shape(tensor)?.iter().product::<usize>() == 1;
        one.then(|| self.floats(tensor))?.map(|constant| constant.values[0])
    }

    /// The values of `tensor`, if it is an int32 constant.
    pub fn ints(&self, tensor: &str) -> Option<Vec<i32>> {
        let tensor = self.constant(tensor, INT32)?;
        let values = numbers(&tensor.content, tensor.ints, i32::from_le_bytes);
        Some(filled(values, &tensor.shape.unwrap_or_default().known()?))
    }

    /// The shape of `tensor`, if it is an int32 constant.
    #[cfg(feature = "export")]
    pub fn int_shape(&self, tensor: &str) -> Option<Vec<usize>> {
        self.constant(tensor, INT32)?.shape.unwrap_or_default().known()
    }

    /// The constant `tensor`, whose content is the graph's own, not a copy.
    fn constant(&self, tensor: &str, dtype: i32) -> Option<TensorProto> {
        let node = self.producer(tensor).filter(|node| node.op == "Const")?;
        let Value::Tensor(bytes) = node.attribute("value")? else { return None };
        TensorProto::decode(bytes.clone()).ok().filter(|tensor| tensor.dtype == dtype)
    }

    pub fn add_floats(&mut self, near: &str, constant: &Floats) -> String {
        self.add_tensor(near, FLOAT, &constant.shape, bytes(&constant.values, f32::to_le_bytes))
    }

    /// A one-dimensional int32 constant.
    pub fn add_ints(&mut self, near: &str, values: &[i32]) -> String {
        self.add_int_tensor(near, &[values.len()], values)
    }

    /// An int32 constant of `shape`.
    pub fn add_int_tensor(&mut self, near: &str, shape: &[usize], values: &[i32]) -> String {
        self.add_tensor(near, INT32, shape, bytes(values, i32::to_le_bytes))
    }

    /// A constant with the value of `tensor`.
    pub fn add_value(&mut self, near: &str, tensor: &Tensor) -> String {
        let shape: Vec<_> = tensor.dims().iter().map(|&dim| dim as usize).collect();
        match tensor {
            Tensor::Float32(values) => self.add_floats(near, &Floats { shape, values: values.to_vec() }),
            Tensor::Int32(values) => self.add_int_tensor(near, &shape, values),
            Tensor::UInt8(values) => self.add_tensor(near, UINT8, &shape, Bytes::copy_from_slice(values)),
        }
    }

    fn add_tensor(&mut self, near: &str, dtype: i32, shape: &[usize], content: Bytes) -> String {
        let name = self.fresh(near, "const");
        let tensor = TensorProto { dtype, shape: Some(ShapeProto::of(shape)), content, ..TensorProto::default() };
        let value = Value::Tensor(tensor.encode_to_vec().into());
        self.add(NodeDef::new(&name, "Const", &[], &[("dtype", Value::Type(dtype)), ("value", value)]))
    }

    /// Adds a node of `op` beside `near` and gives its first output.
    pub fn add_op(&mut self, near: &str, op: &str, inputs: &[&str], attributes: &[(&str, Value)]) -> String {
        let name = self.fresh(near, &op.to_lowercase());
        self.add(NodeDef::new(&name, op, inputs, attributes))
    }

    /// Adds a node like `node` but for its name and inputs, and gives its first output.
    pub fn add_like(&mut self, near: &str, node: &NodeDef, inputs: &[&str]) -> String {
        let name = self.fresh(near, &node.op.to_lowercase());
        let inputs = inputs.iter().map(|&input| input.to_owned()).collect();
        self.add(NodeDef { name, inputs, ..node.clone() })
    }

    /// How often each tensor is used, by nodes and by signatures.
    pub fn uses(&self) -> HashMap<String, usize> {
        let mut uses = HashMap::new();
        for tensor in self.nodes.iter().flat_map(|node| &node.inputs).chain(&self.outputs) {
            let (node, index) = split(tensor);
            *uses.entry(join(node, index)).or_default() += 1;
        }
        uses
    }

    /// Lets every user of a tensor in `replaced` use what it maps to, chains followed.
    pub fn replace(&mut self, replaced: &HashMap<String, String>) {
        if replaced.is_empty() {
            return;
        }
        let follow = |tensor: &str| {
            let (node, index) = split(tensor);
            let mut current = join(node, index);
            while let Some(next) = replaced.get(&current) {
                current.clone_from(next);
            }
            current
        };
        let inputs = self.nodes.iter_mut().flat_map(|node| &mut node.inputs);
        inputs.chain(&mut self.outputs).for_each(|tensor| *tensor = follow(tensor));
    }

    /// Drops what no signature needs; `keep` (the signatures' inputs) stays in any case.
    pub fn prune(&mut self, keep: &HashSet<String>) {
        let mut needed = HashSet::new();
        let mut open: Vec<String> =
            self.outputs.iter().map(|tensor| split(tensor).0.to_owned()).chain(keep.iter().cloned()).collect();
        while let Some(name) = open.pop() {
            if let Some(node) = self.node(&name)
                && needed.insert(name.clone())
            {
                open.extend(node.inputs.iter().map(|input| split(input).0.to_owned()));
            }
        }
        self.nodes.retain(|node| needed.contains(&node.name));
        self.reindex();
    }

    /// Finds nodes by name again after some went.
    pub fn reindex(&mut self) {
        self.index = self.nodes.iter().enumerate().map(|(at, node)| (node.name.clone(), at)).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_of_a_constant_share_its_bytes_and_its_shape_needs_none() {
        let mut graph = Graph::default();
        let weights = graph.add_floats("f", &Floats { shape: vec![2, 3], values: vec![0.5; 6] });
        let three = graph.add_floats("f", &Floats { shape: vec![1, 1], values: vec![3.0] });
        let whole = graph.add_ints("f", &[1]);
        assert_eq!(graph.shape(&weights), Some(vec![2, 3]));
        assert_eq!([&weights, &three, &whole].map(|name| graph.single(name)), [None, Some(3.0), None]);
        let bytes = |graph: &Graph| match graph.node(&weights).unwrap().attribute("value") {
            Some(Value::Tensor(bytes)) => bytes.as_ptr_range(),
            _ => panic!("no tensor"),
        };
        assert_eq!(bytes(&graph), bytes(&graph.clone()));
        let content = graph.constant(&weights, FLOAT).unwrap().content;
        assert!(bytes(&graph).contains(&content.as_ptr()), "the content was copied");
    }
}
