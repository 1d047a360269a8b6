//! From one SavedModel's bytes to another's: the order of the rewrites.

use std::collections::{BTreeMap, HashMap, HashSet};

use prost::Message;

use super::graph::{Floats, Graph, split};
use super::proto::{GraphDef, MetaGraphDef, MetaInfoDef, NodeDef, SavedModelDef, SignatureDef, Value};
use super::{batch_norm, common, conv3d, freeze, identity, inline, miscomputed, onednn, sound};
use crate::saved_model::{INIT_OP, functions_fault};

/// What was done to a graph.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Rewrites {
    /// Batch norms folded into the convolution before them.
    pub batch_norms: usize,
    /// Three-dimensional convolutions computed as two-dimensional ones.
    pub convolutions: usize,
    /// Convolutions made one operation with their bias and activation, or given to oneDNN as they are.
    pub fused: usize,
    /// Operations that equalled another.
    pub merged: usize,
    /// Operations in the result.
    pub operations: usize,
}

/// Which of TensorFlow's kernels a rewritten graph may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kernels {
    /// oneDNN's too, which the official x86 builds hold.
    OneDnn,
    /// Those that every build has.
    Standard,
}

/// Rewrites the serialized SavedModel `source` for TensorFlow's `kernels`; `variables` reads variables through operations of
/// its main graph, all at once, in their order.
///
/// # Errors
/// Says what the rewriter doesn't know.
pub(super) fn rewrite(
    source: &[u8],
    kernels: Kernels,
    variables: impl FnOnce(&[&str]) -> Result<Vec<Floats>, String>,
) -> Result<(Vec<u8>, Rewrites), String> {
    let Frozen { mut graph, inputs, batch_norms, mut signatures, versions, info, schema_version } =
        Frozen::of(source, variables)?;
    let convolutions = conv3d::lower(&mut graph)?;
    graph.prune(&inputs);
    let merged = common::merge(&mut graph);
    graph.prune(&inputs);
    miscomputed::refuse(&graph)?;
    let fused = match kernels {
        Kernels::OneDnn => onednn::choose(&mut graph, &inputs),
        Kernels::Standard => 0,
    };

    name_outputs(&mut graph, &mut signatures);
    let rewrites = Rewrites { batch_norms, convolutions, fused, merged, operations: graph.nodes.len() };
    let info = MetaInfoDef {
        tags: info.as_ref().map_or_else(Vec::new, |info| info.tags.clone()),
        tensorflow_version: info.map_or_else(String::new, |info| info.tensorflow_version),
    };
    let graph = GraphDef { nodes: graph.nodes, library: None, versions };
    let meta = MetaGraphDef { info: Some(info), graph: Some(graph), signatures };
    let saved = SavedModelDef { schema_version, meta_graphs: vec![meta] };
    Ok((saved.encode_to_vec(), rewrites))
}

/// The serialized graph of the SavedModel `source` for other libraries than TensorFlow: its variables as constants, batch
/// norms folded, and three-dimensional convolutions left as they are. `variables` is as for [`rewrite`].
///
/// # Errors
/// Says what the rewriter doesn't know.
pub(super) fn frozen(
    source: &[u8],
    variables: impl FnOnce(&[&str]) -> Result<Vec<Floats>, String>,
) -> Result<Vec<u8>, String> {
    // Operations that equal another are left: merged, OpenVINO's own fusing misses some, and a clip takes 7 % longer.
    let Frozen { graph, versions, .. } = Frozen::of(source, variables)?;
    Ok(GraphDef { nodes: graph.nodes, library: None, versions }.encode_to_vec())
}

/// One graph of plain operations and constants, and what was around it.
struct Frozen {
    graph: Graph,
    /// The operations that are fed.
    inputs: HashSet<String>,
    /// Batch norms that were folded.
    batch_norms: usize,
    signatures: BTreeMap<String, SignatureDef>,
    versions: Option<Vec<u8>>,
    info: Option<MetaInfoDef>,
    schema_version: i64,
}

impl Frozen {
    /// Inlines functions, freezes variables and folds batch norms.
    fn of(source: &[u8], variables: impl FnOnce(&[&str]) -> Result<Vec<Floats>, String>) -> Result<Self, String> {
        if let Some(reason) = functions_fault(source) {
            return Err(reason);
        }
        let saved = SavedModelDef::decode(source).map_err(|error| format!("saved_model.pb is damaged ({error})"))?;
        let meta = saved.meta_graphs.into_iter().next().ok_or("it holds no graph")?;
        let mut main = meta.graph.ok_or("it holds no graph")?;
        sound::inputs(&main.nodes)?;
        let versions = main.versions.take();
        let signatures: BTreeMap<_, _> = meta.signatures.into_iter().filter(|(name, _)| name != INIT_OP).collect();

        let tensors = |pick: fn(&SignatureDef) -> &BTreeMap<String, super::proto::TensorInfo>| -> Vec<String> {
            signatures.values().flat_map(|signature| pick(signature).values().map(|info| info.name.clone())).collect()
        };
        let outputs = tensors(|signature| &signature.outputs);
        let inputs: HashSet<_> =
            tensors(|signature| &signature.inputs).iter().map(|tensor| split(tensor).0.to_owned()).collect();
        let fed: Vec<_> = main.nodes.iter().filter(|node| inputs.contains(&node.name)).cloned().collect();
        let readers: HashMap<_, _> = main
            .nodes
            .iter()
            .filter(|node| node.op == "ReadVariableOp")
            .map(|node| (split(&node.inputs[0]).0.to_owned(), node.name.clone()))
            .collect();
        let mut graph = inline::inline(main, &outputs)?;
        sound::inputs(&graph.nodes)?;
        sound::no_circle(&graph.nodes)?;
        keep_inputs(&mut graph, fed);
        freeze::freeze(&mut graph, |handles| {
            let reader = |handle: &String| {
                let reader = readers.get(split(handle).0).map(String::as_str);
                reader.ok_or_else(|| format!("variable '{handle}' cannot be read"))
            };
            variables(&handles.iter().map(reader).collect::<Result<Vec<_>, _>>()?)
        })?;
        identity::remove(&mut graph);
        graph.prune(&inputs);
        let batch_norms = batch_norm::fold(&mut graph);
        graph.prune(&inputs);
        let (info, schema_version) = (meta.info, saved.schema_version);
        Ok(Self { graph, inputs, batch_norms, signatures, versions, info, schema_version })
    }
}

/// A signature's input that no output needs is still fed.
fn keep_inputs(graph: &mut Graph, fed: Vec<NodeDef>) {
    for node in fed {
        if graph.node(&node.name).is_none() {
            graph.add(node);
        }
    }
}

/// Gives each output of a signature an operation of its own, so that no two are the same tensor.
fn name_outputs(graph: &mut Graph, signatures: &mut BTreeMap<String, SignatureDef>) {
    let tensors = std::mem::take(&mut graph.outputs);
    let infos = signatures.iter_mut().flat_map(|(name, signature)| {
        signature.outputs.iter_mut().map(move |(key, info)| (format!("{name}_{}", key.replace('/', "_")), info))
    });
    for ((near, info), tensor) in infos.zip(tensors) {
        let name = graph.fresh(&near, "output");
        info.name = format!("{name}:0");
        graph.add(NodeDef::new(&name, "Identity", &[&tensor], &[("T", Value::Type(info.dtype))]));
    }
}
