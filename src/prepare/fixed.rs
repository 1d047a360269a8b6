//! A second step for frames of one size: what depends on shapes alone is looked up once and becomes a constant.
//!
//! At a fixed input shape a stream model's arithmetic on shapes, a third of its operations, always gives the same.
//! TensorFlow itself computes it: [`Step::wanted`] names tensors to look at, one run of the model gives their values,
//! and [`Step::fix`] puts these in. The step for any shape stays beside it, and both share their weights.

use std::collections::{HashMap, HashSet};

use prost::Message;
use prost::bytes::Buf;

use super::graph::{Graph, join, split};
use super::proto::{NodeDef, SavedModelDef, ShapeProto, SignatureDef, TensorInfo};
use super::rewrite::Kernels;
use super::{common, onednn};
use crate::engine::tensorflow::Tensor;

/// Operations that give their input's values in another shape, or more or fewer of them: the same, where the shape
/// stays.
const MOVERS: [&str; 7] = ["Reshape", "Squeeze", "ExpandDims", "Slice", "StridedSlice", "BroadcastTo", "Pad"];
/// Names of the operations that belong to a fixed step begin with this.
const PREFIX: &str = "fixed/";

/// What one run of a step showed.
#[derive(Debug, Default)]
pub(super) struct Observed {
    /// The input of frames.
    pub image: String,
    /// Dimensions of the signature's inputs, by their names in it.
    pub inputs: HashMap<String, Vec<u64>>,
    /// Values of tensors of the graph.
    pub tensors: HashMap<String, Tensor>,
}

/// The step of a rewritten SavedModel, to be made again for one shape.
pub(super) struct Step {
    saved: SavedModelDef,
    name: String,
    graph: Graph,
    inputs: HashSet<String>,
    /// Constants that the step for any shape has too.
    constants: HashSet<String>,
}

impl Step {
    /// The signature `name` of the serialized SavedModel `source`, whose graph has no functions. Of a `Bytes` the weights
    /// aren't copied.
    ///
    /// # Errors
    /// When there is no such signature.
    pub fn new(source: impl Buf, name: &str) -> Result<Self, String> {
        let saved = SavedModelDef::decode(source).map_err(|error| format!("saved_model.pb is damaged ({error})"))?;
        let meta = saved.meta_graphs.first().ok_or("it holds no graph")?;
        let signature = meta.signatures.get(name).ok_or_else(|| format!("it has no signature '{name}'"))?;
        let inputs = signature.inputs.values().map(|info| split(&info.name).0.to_owned()).collect();
        let mut graph = Graph::default();
        for node in meta.graph.iter().flat_map(|graph| &graph.nodes) {
            graph.add(node.clone());
        }
        graph.outputs = signature.outputs.values().map(|info| info.name.clone()).collect();
        graph.prune(&inputs);
        let constants = graph.nodes.iter().filter(|node| node.op == "Const").map(|node| node.name.clone()).collect();
        Ok(Self { name: name.to_owned(), graph, inputs, constants, saved })
    }

    /// The tensors whose values [`Step::fix`] needs: those that follow from shapes, where others use them, and what
    /// goes through operations that may turn out to move nothing.
    pub fn wanted(&self) -> Vec<String> {
        let known = self.known();
        let mut wanted = HashSet::new();
        for node in self.graph.nodes.iter().filter(|node| !known.contains(&node.name)) {
            wanted.extend(node.inputs.iter().filter(|input| self.is_known(&known, input)).cloned());
            if MOVERS.contains(&node.op.as_str()) {
                wanted.extend([node.inputs[0].clone(), node.name.clone()]);
            }
        }
        wanted.retain(|tensor| !self.inputs.contains(split(tensor).0)); // what is fed cannot be fetched
        wanted.into_iter().collect()
    }

    fn is_known(&self, known: &HashSet<String>, tensor: &str) -> bool {
        known.contains(split(tensor).0) && self.graph.producer(tensor).is_some_and(|node| node.op != "Const")
    }

    /// The operations whose results follow from the shapes of the step's inputs.
    fn known(&self) -> HashSet<String> {
        let mut known = HashSet::new();
        // A graph of inlined functions lists an operation after its inputs, a rewritten one nearly: until no more come.
        loop {
            let before = known.len();
            for node in &self.graph.nodes {
                let follows = match node.op.as_str() {
                    "Shape" | "Const" => true,
                    _ => !node.inputs.is_empty() && node.inputs.iter().all(|input| known.contains(split(input).0)),
                };
                if follows {
                    known.insert(node.name.clone());
                }
            }
            if known.len() == before {
                return known;
            }
        }
    }

    /// The SavedModel with one more signature, `{name}_{height}x{width}`, for inputs of the shapes `observed` in a run.
    ///
    /// # Errors
    /// When an input's shape is missing.
    pub fn fix(mut self, observed: &Observed, kernels: Kernels) -> Result<Vec<u8>, String> {
        self.specialise(observed)?;
        if kernels == Kernels::OneDnn {
            onednn::choose(&mut self.graph, &self.inputs);
        }
        self.attach(observed)
    }

    /// The step alone, for inputs of the shapes `observed` in a run, with its signature.
    ///
    /// # Errors
    /// When the signature is gone.
    #[cfg(feature = "export")]
    pub fn alone(mut self, observed: &Observed) -> Result<(Graph, SignatureDef), String> {
        self.specialise(observed)?;
        let meta = self.saved.meta_graphs.first_mut().ok_or("it holds no graph")?;
        let mut signature = meta.signatures.remove(&self.name).ok_or("its step is gone")?;
        for (info, tensor) in signature.outputs.values_mut().zip(&self.graph.outputs) {
            info.name.clone_from(tensor);
        }
        Ok((self.graph, signature))
    }

    /// Lets constants take the place of what follows from shapes, and drops what then moves nothing.
    fn specialise(&mut self, observed: &Observed) -> Result<(), String> {
        let values = &observed.tensors;
        let signature = &self.saved.meta_graphs.first().ok_or("it holds no graph")?.signatures[&self.name];
        let fed: HashMap<_, _> = signature
            .inputs
            .iter()
            .filter_map(|(key, info)| Some((split(&info.name).0.to_owned(), observed.inputs.get(key)?.as_slice())))
            .collect();
        let shape = |tensor: &str| values.get(tensor).map(Tensor::dims).or(fed.get(tensor).copied());
        let known = self.known();
        let mut found: Vec<_> = values.iter().filter(|(tensor, _)| self.is_known(&known, tensor)).collect();
        found.sort_by_key(|(tensor, _)| *tensor); // the result is the same every time
        let mut replaced = HashMap::new();
        for (tensor, value) in found {
            let (node, index) = split(tensor);
            replaced.insert(join(node, index), self.graph.add_value(node, value));
        }
        self.graph.replace(&replaced);
        let mut passing = HashMap::new();
        for node in self.graph.nodes.iter().filter(|node| MOVERS.contains(&node.op.as_str())) {
            if shape(&node.inputs[0]).is_some_and(|dims| Some(dims) == shape(&node.name)) && !self.turns(node) {
                passing.insert(node.name.clone(), node.inputs[0].clone());
            }
        }
        self.graph.replace(&passing);
        self.join_reshapes();
        self.graph.prune(&self.inputs);
        common::merge(&mut self.graph);
        self.graph.prune(&self.inputs);
        Ok(())
    }

    /// Whether an operation that keeps the shape moves values all the same: a slice may go backwards.
    fn turns(&self, node: &NodeDef) -> bool {
        node.op == "StridedSlice"
            && !self.graph.ints(&node.inputs[3]).is_some_and(|strides| strides.iter().all(|&stride| stride == 1))
    }

    /// A reshape of a reshape needs the second only.
    fn join_reshapes(&mut self) {
        for at in 0..self.graph.nodes.len() {
            let node = &self.graph.nodes[at];
            if node.op != "Reshape" {
                continue;
            }
            if let Some(before) = self.graph.producer(&node.inputs[0]).filter(|before| before.op == "Reshape") {
                let input = before.inputs[0].clone();
                self.graph.nodes[at].inputs[0] = input;
            }
        }
    }

    /// Adds the operations, under names of their own, and the signature.
    fn attach(self, observed: &Observed) -> Result<Vec<u8>, String> {
        let Self { mut saved, name, graph, inputs, constants } = self;
        let meta = saved.meta_graphs.first_mut().ok_or("it holds no graph")?;
        let main = meta.graph.get_or_insert_default();
        let shared = |node: &NodeDef| inputs.contains(&node.name) || constants.contains(&node.name);
        let renamed: HashMap<_, _> = graph
            .nodes
            .iter()
            .filter(|node| !shared(node))
            .map(|node| (node.name.clone(), format!("{PREFIX}{}", node.name)))
            .collect();
        let rename = |tensor: &str| {
            let (node, index) = split(tensor);
            renamed.get(node).map_or_else(|| tensor.to_owned(), |name| join(name, index))
        };
        for node in graph.nodes.into_iter().filter(|node| !shared(node)) {
            main.nodes.push(NodeDef {
                name: rename(&node.name),
                inputs: node.inputs.iter().map(|input| rename(input)).collect(),
                ..node
            });
        }
        let step = meta.signatures.get(&name).ok_or("its step is gone")?;
        let mut fixed = SignatureDef { method_name: step.method_name.clone(), ..SignatureDef::default() };
        let mut size = String::new();
        for (key, info) in &step.inputs {
            let dims = observed.inputs.get(key).ok_or_else(|| format!("the shape of '{key}' is not known"))?;
            let dims: Vec<_> = dims.iter().map(|&dim| dim as usize).collect();
            if let (true, &[_, _, height, width, _]) = (*key == observed.image, dims.as_slice()) {
                size = format!("{height}x{width}");
            }
            let shape = Some(ShapeProto::of(&dims).encode_to_vec());
            fixed.inputs.insert(key.clone(), TensorInfo { shape, ..info.clone() });
        }
        for ((key, info), tensor) in step.outputs.iter().zip(&graph.outputs) {
            let (node, index) = split(tensor);
            let at = renamed.get(node).map_or(node, String::as_str);
            fixed.outputs.insert(key.clone(), TensorInfo { name: format!("{at}:{index}"), ..info.clone() });
        }
        meta.signatures.insert(format!("{name}_{size}"), fixed);
        Ok(saved.encode_to_vec())
    }
}

#[cfg(test)]
#[cfg(feature = "fetch")]
mod tests {
    use super::*;
    use crate::prepare::proto::{FLOAT, GraphDef, INT32, MetaGraphDef, Value};

    /// `y = Reshape(x, Shape(x))`: nothing is left of it but its output's own operation.
    #[test]
    fn what_follows_from_shapes_becomes_constant_and_moves_nothing() {
        let mut graph = Graph::default();
        graph.add(NodeDef::new("x", "Placeholder", &[], &[("dtype", Value::Type(FLOAT))]));
        graph.add(NodeDef::new("shape", "Shape", &["x"], &[("out_type", Value::Type(INT32))]));
        graph.add(NodeDef::new("flat", "Reshape", &["x", "shape"], &[]));
        graph.add(NodeDef::new("y", "Identity", &["flat"], &[]));
        let info = |name: &str| TensorInfo { name: name.into(), dtype: FLOAT, shape: None };
        let signature = SignatureDef {
            inputs: [("image".to_owned(), info("x:0"))].into(),
            outputs: [("logits".to_owned(), info("y:0"))].into(),
            method_name: String::new(),
        };
        let main = GraphDef { nodes: graph.nodes, library: None, versions: None };
        let meta = MetaGraphDef { info: None, graph: Some(main), signatures: [("call".to_owned(), signature)].into() };
        let source = SavedModelDef { schema_version: 1, meta_graphs: vec![meta] }.encode_to_vec();
        let step = Step::new(source.as_slice(), "call").unwrap();
        let mut wanted = step.wanted();
        wanted.sort();
        assert_eq!(wanted, ["flat", "shape"]);
        let _tensorflow = crate::prepare::tests::tensorflow(); // it owns the tensors' memory
        let dims = [1, 1, 8, 9, 3];
        let picture = || Tensor::float32("a picture", &dims).unwrap();
        let values = [("flat", picture()), ("shape", Tensor::int32(&dims.map(|dim| dim as i32)))];
        let observed = Observed {
            image: "image".into(),
            inputs: [("image".to_owned(), dims.to_vec())].into(),
            tensors: values.map(|(name, value)| (name.to_owned(), value)).into(),
        };
        let fixed = step.fix(&observed, Kernels::Standard).unwrap();
        let fixed = SavedModelDef::decode(fixed.as_slice()).unwrap();
        let meta = &fixed.meta_graphs[0];
        assert_eq!(meta.signatures.keys().collect::<Vec<_>>(), ["call", "call_8x9"]);
        assert_eq!(meta.signatures["call_8x9"].outputs["logits"].name, "fixed/y:0");
        let added: Vec<_> = meta.graph.as_ref().unwrap().nodes.iter().filter(|n| n.name.starts_with(PREFIX)).collect();
        assert_eq!(added.len(), 1);
        assert_eq!(added[0].inputs, ["x"]);
    }
}
