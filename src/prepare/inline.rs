//! Function calls replaced by the functions' bodies, until a graph of plain operations is left.
//!
//! On the way the XLA marks go (they sit on the calls) and so do control inputs, which order side effects: a MoViNet
//! that is served has none but reading variables.

use std::collections::HashMap;

use prost::Message;

use super::graph::{Graph, join, split};
use super::proto::{FunctionDef, FunctionHead, GraphDef, NodeDef, Value};

/// Operations that call a function.
const CALLS: [&str; 2] = ["PartitionedCall", "StatefulPartitionedCall"];
/// Operations with several named outputs of one tensor each, in order. All others have one name for their outputs.
const SEVERAL: [(&str, &[&str]); 2] = [
    (
        "FusedBatchNormV3",
        &["y", "batch_mean", "batch_variance", "reserve_space_1", "reserve_space_2", "reserve_space_3"],
    ),
    ("TopKV2", &["values", "indices"]),
];

/// Inlines all that `outputs`, tensors of the main graph, need. `Graph::outputs` are the same tensors afterwards.
///
/// # Errors
/// Says what the graph holds that cannot be inlined: control flow, unknown functions.
pub(super) fn inline(source: GraphDef, outputs: &[String]) -> Result<Graph, String> {
    let library = source.library.into_iter().flat_map(|library| library.functions);
    let name = |function: &[u8]| Some(FunctionHead::decode(function).ok()?.signature?.name);
    let functions = library.filter_map(|function| Some((name(&function)?, function))).collect();
    let mut inliner = Inliner { functions, graph: Graph::default() };
    let main = Scope { prefix: String::new(), arguments: HashMap::new(), in_function: false };
    let outputs = inliner.body(&main, source.nodes, outputs)?;
    inliner.graph.outputs = outputs;
    Ok(inliner.graph)
}

struct Inliner {
    /// Each a [`FunctionDef`], which is read when it is called.
    functions: HashMap<String, Vec<u8>>,
    graph: Graph,
}

/// A main graph, or one call's body.
struct Scope {
    prefix: String,
    /// What the function's parameters are at this call.
    arguments: HashMap<String, String>,
    /// Bodies refer to tensors as `node:name:1`, main graphs as `node:1`.
    in_function: bool,
}

impl Inliner {
    /// Adds those of `nodes`, the nodes of `scope`, that `wanted` need, and gives `wanted` as tensors of the new graph.
    fn body(&mut self, scope: &Scope, nodes: Vec<NodeDef>, wanted: &[String]) -> Result<Vec<String>, String> {
        let deepest = 4 * nodes.len() + wanted.len();
        let mut by_name: HashMap<_, _> = nodes.into_iter().map(|node| (node.name.clone(), node)).collect();
        let node_of = |tensor: &str| tensor.split(':').next().unwrap_or_default().to_owned();
        // What became of each node: the tensors of a call, or the new name of an operation.
        let mut done: HashMap<String, Done> = HashMap::new();
        let mut open: Vec<String> = wanted.iter().map(|tensor| node_of(tensor)).collect();
        while let Some(name) = open.last().cloned() {
            if done.contains_key(&name) || scope.arguments.contains_key(name.as_str()) {
                open.pop();
                continue;
            }
            let node = by_name.get(&name).ok_or_else(|| format!("its graph has no node '{name}'"))?;
            let inputs: Vec<_> = node.inputs.iter().filter(|input| !input.starts_with('^')).collect();
            let ready = |input: &str| done.contains_key(input) || scope.arguments.contains_key(input);
            let missing: Vec<_> = inputs.iter().map(|input| node_of(input)).filter(|input| !ready(input)).collect();
            if !missing.is_empty() {
                if open.len() > deepest {
                    return Err(format!("its graph runs in a circle at '{name}'"));
                }
                open.extend(missing);
                continue;
            }
            let inputs = inputs.iter().map(|input| scope.resolve(input, &done)).collect::<Result<Vec<_>, _>>()?;
            if let Some(node) = by_name.remove(&name) {
                let became = self.node(scope, node, inputs)?;
                done.insert(name, became);
            }
            open.pop();
        }
        wanted.iter().map(|tensor| scope.resolve(tensor, &done)).collect()
    }

    fn node(&mut self, scope: &Scope, mut node: NodeDef, inputs: Vec<String>) -> Result<Done, String> {
        let name = format!("{}{}", scope.prefix, node.name);
        if CALLS.contains(&node.op.as_str()) {
            let Some(Value::Function(function)) = node.attribute("f") else {
                return Err(format!("call '{}' names no function", node.name));
            };
            return self.call(&function.name, &format!("{name}/"), inputs).map(Done::Call);
        }
        let function_inside = |value: &Value| match value {
            Value::Function(_) => true,
            Value::List(list) => !list.functions.is_empty(),
            Value::Placeholder(_) => true,
            _ => false,
        };
        if node.attributes.values().filter_map(|attribute| attribute.value.as_ref()).any(function_inside) {
            return Err(format!("operation {} holds functions", node.op));
        }
        node.attributes.retain(|key, _| !key.starts_with('_')); // hints of other compilers
        let done = Done::Operation { name: name.clone(), op: node.op.clone() };
        self.graph.add(NodeDef { name, inputs, ..node });
        Ok(done)
    }

    fn call(&mut self, name: &str, prefix: &str, inputs: Vec<String>) -> Result<Vec<String>, String> {
        let function = self.functions.get(name).ok_or_else(|| format!("it has no function '{name}'"))?;
        let damaged = |error| format!("function '{name}' is damaged ({error})");
        let FunctionDef { signature, nodes, returns } = FunctionDef::decode(function.as_slice()).map_err(damaged)?;
        let signature = signature.ok_or_else(|| format!("function '{name}' has no signature"))?;
        if signature.inputs.len() != inputs.len() {
            return Err(format!("function '{name}' takes {}, not {} inputs", signature.inputs.len(), inputs.len()));
        }
        let arguments = signature.inputs.into_iter().map(|argument| argument.name).zip(inputs).collect();
        let scope = Scope { prefix: prefix.to_owned(), arguments, in_function: true };
        let returned = |output: &super::proto::ArgDef| {
            returns.get(&output.name).cloned().ok_or_else(|| format!("function '{name}' lacks a result"))
        };
        let wanted = signature.outputs.iter().map(returned).collect::<Result<Vec<_>, _>>()?;
        self.body(&scope, nodes, &wanted)
    }
}

enum Done {
    Operation { name: String, op: String },
    Call(Vec<String>),
}

impl Scope {
    /// A tensor of this scope as one of the new graph.
    fn resolve(&self, tensor: &str, done: &HashMap<String, Done>) -> Result<String, String> {
        let (node, output, index) = match (self.in_function, tensor.splitn(3, ':').collect::<Vec<_>>().as_slice()) {
            (true, &[node, output, index]) => (node, output, index.parse().unwrap_or(0)),
            (true, &[node, output]) => (node, output, 0),
            _ => {
                let (node, index) = split(tensor);
                (node, "", index)
            }
        };
        if let Some(argument) = self.arguments.get(node) {
            return Ok(argument.clone());
        }
        match done.get(node) {
            Some(Done::Call(tensors)) => {
                tensors.get(index).cloned().ok_or_else(|| format!("call '{node}' has no result {index}"))
            }
            Some(Done::Operation { name, op }) => {
                let names = SEVERAL.iter().find(|(several, _)| several == op).map(|(_, names)| *names);
                let offset = names.and_then(|names| names.iter().position(|name| *name == output)).unwrap_or(0);
                Ok(join(name, offset + index))
            }
            None => Err(format!("'{tensor}' is used before it is there")),
        }
    }
}
