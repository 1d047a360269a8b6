//! Sums and means over dimensions.

use super::values::{Lowering, Value, picture, place};
use crate::export::model::Kind;
use crate::prepare::{NodeDef, Value as Attribute};

impl Lowering<'_> {
    pub(super) fn reduction(&mut self, node: &NodeDef, kind: Kind) -> Result<Value, String> {
        let input = self.value(&node.inputs[0])?;
        let axes = axes(&self.ints(node, 1)?, input.dims.len())?;
        let keeps = node.attribute("keep_dims") == Some(&Attribute::Bool(true));
        let dims = input.dims.iter().enumerate().filter_map(|(at, &dim)| match axes.contains(&at) {
            true => keeps.then_some(1),
            false => Some(dim),
        });
        let dims: Vec<_> = dims.collect();
        let long: Vec<_> =
            axes.iter().filter(|&&axis| input.dims[axis] != 1).map(|&axis| place(&input.dims, axis)).collect();
        if long.is_empty() {
            return Ok(Value { tensor: input.tensor, dims });
        }
        let mut shape = picture(&input.dims);
        let tensor = self.shaped(&input, &shape);
        long.iter().for_each(|&axis| shape[axis] = 1);
        let axes = self.model.ints(&long);
        Ok(Value { tensor: self.model.operator(kind, &[tensor, axes], &shape), dims })
    }

    /// Over one element it gives the element.
    pub(super) fn running_sum(&mut self, node: &NodeDef) -> Result<Value, String> {
        let input = self.value(&node.inputs[0])?;
        let axes = axes(&self.ints(node, 1)?, input.dims.len())?;
        let leaves_out = node.attribute("exclusive") == Some(&Attribute::Bool(true));
        match leaves_out || axes.iter().any(|&axis| input.dims[axis] != 1) {
            true => Err("goes over more than one element".into()),
            false => Ok(input),
        }
    }
}

/// Dimensions as TensorFlow counts them, from the end where they are negative.
pub(super) fn axes(axes: &[i64], rank: usize) -> Result<Vec<usize>, String> {
    let from_start = |&axis: &i64| if axis < 0 { axis + rank as i64 } else { axis };
    let axes: Vec<_> = axes.iter().map(from_start).collect();
    match axes.iter().all(|axis| (0..rank as i64).contains(axis)) {
        true => Ok(axes.into_iter().map(|axis| axis as usize).collect()),
        false => Err(format!("names dimensions {axes:?} of {rank}")),
    }
}
