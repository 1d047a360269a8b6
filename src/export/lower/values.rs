//! What became of TensorFlow's tensors, and their shapes.

use std::collections::HashMap;

use crate::export::model::{Content, Kind, Model, TensorId};
use crate::prepare::{Graph, split};

/// A tensor of the graph.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Value {
    /// What holds its numbers, in their order, in any shape.
    pub tensor: TensorId,
    /// Its shape in TensorFlow.
    pub dims: Vec<usize>,
}

/// A graph on its way to a model.
pub(super) struct Lowering<'g> {
    pub graph: &'g Graph,
    pub model: Model,
    /// By the names of nodes.
    pub values: HashMap<String, Value>,
    /// Tensors in other shapes that were asked for.
    pub shaped: HashMap<(TensorId, Vec<usize>), TensorId>,
}

/// The shape in which a value is computed with: a single frame of a single clip is a picture.
pub(super) fn picture(dims: &[usize]) -> Vec<usize> {
    match *dims {
        [1, 1, height, width, channels] => vec![1, height, width, channels],
        _ => dims.to_vec(),
    }
}

/// The place in [`picture`]'s shape of dimension `at`.
///
/// For a dimension that went it is another one of size 1.
pub(super) fn place(dims: &[usize], at: usize) -> usize {
    if is_picture(dims) { at.saturating_sub(1) } else { at }
}

/// Whether [`picture`] leaves a dimension out.
pub(super) fn is_picture(dims: &[usize]) -> bool {
    matches!(dims, [1, 1, _, _, _])
}

/// The shape of what is computed of two shapes, each value of the smaller used again.
pub(super) fn broadcast(left: &[usize], right: &[usize]) -> Result<Vec<usize>, String> {
    let rank = left.len().max(right.len());
    let dim = |dims: &[usize], at: usize| if at + dims.len() < rank { 1 } else { dims[at + dims.len() - rank] };
    (0..rank)
        .map(|at| match (dim(left, at), dim(right, at)) {
            (left, right) if left == right || right == 1 => Ok(left),
            (1, right) => Ok(right),
            _ => Err(format!("takes {left:?} and {right:?}, which don't fit")),
        })
        .collect()
}

impl Lowering<'_> {
    /// What `tensor` became; a constant is added to the model.
    pub fn value(&mut self, tensor: &str) -> Result<Value, String> {
        let (node, index) = split(tensor);
        if index != 0 {
            return Err(format!("uses output {index} of '{node}'"));
        }
        if let Some(value) = self.values.get(node) {
            return Ok(value.clone());
        }
        let (dims, content) = if let Some(floats) = self.graph.floats(node) {
            (floats.shape, Content::Float32(floats.values))
        } else if let (Some(dims), Some(values)) = (self.graph.int_shape(node), self.graph.ints(node)) {
            (dims, Content::Int32(values))
        } else {
            return Err(format!("uses '{node}', a constant of another type than float32 and int32"));
        };
        let value = Value { tensor: self.model.tensor(&dims, content), dims };
        self.values.insert(node.to_owned(), value.clone());
        Ok(value)
    }

    /// The values of the int32 constant that is input `at` of `node`.
    pub fn ints(&self, node: &crate::prepare::NodeDef, at: usize) -> Result<Vec<i64>, String> {
        let values = node.inputs.get(at).and_then(|input| self.graph.ints(input));
        let values = values.ok_or_else(|| format!("needs a constant as input {at}"))?;
        Ok(values.into_iter().map(i64::from).collect())
    }

    /// `value` in `shape`.
    pub fn shaped(&mut self, value: &Value, shape: &[usize]) -> TensorId {
        if self.model.tensors[value.tensor].shape == shape {
            return value.tensor;
        }
        if let Some(&shaped) = self.shaped.get(&(value.tensor, shape.to_vec())) {
            return shaped;
        }
        let shaped = match self.model.tensors[value.tensor].content.clone() {
            Content::Computed(_) => self.reshaped(value.tensor, shape),
            content => self.model.tensor(shape, content),
        };
        self.shaped.insert((value.tensor, shape.to_vec()), shaped);
        shaped
    }

    fn reshaped(&mut self, tensor: TensorId, shape: &[usize]) -> TensorId {
        let target = self.model.ints(shape);
        self.model.operator(Kind::Reshape, &[tensor, target], shape)
    }

    /// `value` as one side of an operator that uses smaller ones' values again: leading dimensions of 1 may be missing.
    pub fn operand(&mut self, value: &Value) -> TensorId {
        fn is_one(dim: &&usize) -> bool {
            **dim == 1
        }
        let (held, wanted) = (&self.model.tensors[value.tensor].shape, picture(&value.dims));
        let fits = held.len() <= wanted.len() && held.iter().skip_while(is_one).eq(wanted.iter().skip_while(is_one));
        match fits || value.dims.iter().all(|&dim| dim == 1) {
            true => value.tensor,
            false => self.shaped(value, &wanted),
        }
    }

    /// `tensor` as a result of the whole: in its own shape, computed, and no other result's.
    pub fn output(&mut self, tensor: &str) -> Result<TensorId, String> {
        let value = self.value(tensor)?;
        let tensor = self.shaped(&value, &value.dims);
        let is_own = matches!(self.model.tensors[tensor].content, Content::Computed(_))
            && !self.model.inputs.iter().chain(&self.model.outputs).any(|port| port.tensor == tensor);
        Ok(if is_own { tensor } else { self.reshaped(tensor, &value.dims) })
    }
}
