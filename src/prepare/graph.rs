//! A graph without functions, and the tools that every rewrite needs.

use std::collections::{HashMap, HashSet};

use prost::Message;

use super::proto::{FLOAT, INT32, NodeDef, ShapeProto, TensorProto, Value};

/// Nodes by name. A tensor is `node` (its first output) or `node:1`.
#[derive(Debug, Default, Clone)]
pub(super) struct Graph {
    pub nodes: Vec<NodeDef>,
    index: HashMap<String, usize>,
    /// The tensors that signatures give; they are never rewritten away.
    pub outputs: Vec<String>,
    fresh: usize,
}

/// A float32 constant.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Floats {
    pub shape: Vec<usize>,
    pub values: Vec<f32>,
}

/// `node:2` as (`node`, 2); `node` is (`node`, 0).
pub(super) fn split(tensor: &str) -> (&str, usize) {
    match tensor.rsplit_once(':').map(|(node, index)| (node, index.parse())) {
        Some((node, Ok(index))) => (node, index),
        _ => (tensor, 0),
    }
}

/// (`node`, 2) as `node:2`; (`node`, 0) is `node`.
pub(super) fn join(node: &str, index: usize) -> String {
    if index == 0 { node.to_owned() } else { format!("{node}:{index}") }
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
        let node = self.producer(tensor).filter(|node| node.op == "Const")?;
        let Value::Tensor(bytes) = node.attribute("value")? else { return None };
        let tensor = TensorProto::decode(bytes.as_slice()).ok()?;
        if tensor.dtype != FLOAT {
            return None;
        }
        let dims = tensor.shape.unwrap_or_default().dims;
        let shape: Vec<usize> = dims.iter().map(|dim| usize::try_from(dim.size)).collect::<Result<_, _>>().ok()?;
        let count: usize = shape.iter().product();
        let mut values: Vec<f32> = match tensor.content.is_empty() {
            true => tensor.floats,
            false => tensor.content.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect(),
        };
        let last = values.last().copied().unwrap_or(0.0);
        values.resize(count, last); // a short list means that its last value goes on
        Some(Floats { shape, values })
    }

    pub fn add_floats(&mut self, near: &str, constant: &Floats) -> String {
        let content = constant.values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.add_tensor(near, FLOAT, &constant.shape, content)
    }

    /// A one-dimensional int32 constant.
    pub fn add_ints(&mut self, near: &str, values: &[i32]) -> String {
        let content = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.add_tensor(near, INT32, &[values.len()], content)
    }

    /// An int32 constant without dimensions.
    pub fn add_scalar(&mut self, near: &str, value: i32) -> String {
        self.add_tensor(near, INT32, &[], value.to_le_bytes().to_vec())
    }

    fn add_tensor(&mut self, near: &str, dtype: i32, shape: &[usize], content: Vec<u8>) -> String {
        let name = self.fresh(near, "const");
        let tensor = TensorProto { dtype, shape: Some(ShapeProto::of(shape)), content, ..TensorProto::default() };
        let value = Value::Tensor(tensor.encode_to_vec());
        self.add(NodeDef::new(&name, "Const", &[], &[("dtype", Value::Type(dtype)), ("value", value)]))
    }

    /// Adds a node of `op` beside `near` and gives its first output.
    pub fn add_op(&mut self, near: &str, op: &str, inputs: &[&str], attributes: &[(&str, Value)]) -> String {
        let name = self.fresh(near, &op.to_lowercase());
        self.add(NodeDef::new(&name, op, inputs, attributes))
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
