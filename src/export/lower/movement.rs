//! Operations that move all numbers, or give them another shape.

use super::reduction::axes;
use super::values::{Lowering, Value, is_picture, picture, place};
use crate::export::model::{Content, Kind};
use crate::prepare::NodeDef;

impl Lowering<'_> {
    pub(super) fn reshape(&mut self, node: &NodeDef) -> Result<Value, String> {
        let input = self.value(&node.inputs[0])?;
        let wanted = self.ints(node, 1)?;
        let all: usize = input.dims.iter().product();
        let known: i64 = wanted.iter().filter(|&&dim| dim >= 0).product();
        let open = if known == 0 { 0 } else { all as i64 / known };
        let dims: Vec<_> = wanted.iter().map(|&dim| if dim < 0 { open } else { dim } as usize).collect();
        match dims.iter().product::<usize>() == all {
            true => Ok(Value { dims, ..input }),
            false => Err(format!("makes {wanted:?} of {:?}", input.dims)),
        }
    }

    pub(super) fn squeeze(&mut self, node: &NodeDef) -> Result<Value, String> {
        let input = self.value(&node.inputs[0])?;
        let named = axes(node.ints("squeeze_dims").unwrap_or_default(), input.dims.len())?;
        let stays = |(at, dim): &(usize, &usize)| **dim != 1 || (!named.is_empty() && !named.contains(at));
        let dims = input.dims.iter().enumerate().filter(stays).map(|(_, &dim)| dim).collect();
        Ok(Value { dims, ..input })
    }

    pub(super) fn expand(&mut self, node: &NodeDef) -> Result<Value, String> {
        let input = self.value(&node.inputs[0])?;
        let mut dims = input.dims.clone();
        let axes = axes(&self.ints(node, 1)?, dims.len() + 1)?;
        axes.into_iter().for_each(|axis| dims.insert(axis, 1));
        Ok(Value { dims, ..input })
    }

    pub(super) fn transpose(&mut self, node: &NodeDef) -> Result<Value, String> {
        let input = self.value(&node.inputs[0])?;
        let order = axes(&self.ints(node, 1)?, input.dims.len())?;
        let dims: Vec<_> = order.iter().map(|&axis| input.dims[axis]).collect();
        let long: Vec<_> = order.iter().filter(|&&axis| input.dims[axis] != 1).collect();
        if long.is_sorted() {
            return Ok(Value { dims, ..input });
        }
        let tensor = self.shaped(&input, &input.dims);
        let order = self.model.ints(&order);
        Ok(Value { tensor: self.model.operator(Kind::Transpose, &[tensor, order], &dims), dims })
    }

    pub(super) fn concatenation(&mut self, node: &NodeDef) -> Result<Value, String> {
        let count = node.inputs.len() - 1;
        let parts = node.inputs[..count].iter().map(|input| self.value(input)).collect::<Result<Vec<_>, _>>()?;
        let mut dims = parts[0].dims.clone();
        let &[axis] = axes(&self.ints(node, count)?, dims.len())?.as_slice() else {
            return Err("goes along no single dimension".into());
        };
        dims[axis] = parts.iter().filter_map(|part| part.dims.get(axis)).sum();
        let shaped = |lowering: &mut Self, part: &Value| match is_picture(&dims) {
            true => lowering.shaped(part, &picture(&part.dims)),
            false => lowering.shaped(part, &part.dims),
        };
        let tensors: Vec<_> = parts.iter().map(|part| shaped(self, part)).collect();
        let kind = Kind::Concatenation(place(&dims, axis));
        Ok(Value { tensor: self.model.operator(kind, &tensors, &picture(&dims)), dims })
    }

    pub(super) fn pad(&mut self, node: &NodeDef) -> Result<Value, String> {
        let input = self.value(&node.inputs[0])?;
        let paddings = self.ints(node, 1)?;
        let (sides, rest) = paddings.as_chunks::<2>();
        if sides.len() != input.dims.len() || !rest.is_empty() || paddings.iter().any(|&padding| padding < 0) {
            return Err(format!("adds {paddings:?} to {:?}", input.dims));
        }
        let padded = |(&dim, sides): (&usize, &[i64; 2])| dim + sides.iter().sum::<i64>() as usize;
        let dims: Vec<_> = input.dims.iter().zip(sides).map(padded).collect();
        let skipped = if is_picture(&input.dims) && is_picture(&dims) { 1 } else { 0 };
        let tensor = self.shaped(&input, &input.dims[skipped..]);
        let sides: Vec<_> = sides[skipped..].iter().flatten().map(|&padding| padding as i32).collect();
        let sides = self.model.tensor(&[dims.len() - skipped, 2], Content::Int32(sides));
        Ok(Value { tensor: self.model.operator(Kind::Pad, &[tensor, sides], &dims[skipped..]), dims })
    }
}
