//! Operations that move numbers, or give them another shape.

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

    pub(super) fn slice(&mut self, node: &NodeDef) -> Result<Value, String> {
        let input = self.value(&node.inputs[0])?;
        let (begin, size) = (self.ints(node, 1)?, self.ints(node, 2)?);
        let parts = begin.iter().zip(&size).zip(&input.dims);
        let parts = parts.map(|((&begin, &size), &dim)| (begin, if size < 0 { dim as i64 } else { begin + size }));
        let parts: Vec<_> = parts.collect();
        self.part(&input, &parts)
    }

    pub(super) fn strided_slice(&mut self, node: &NodeDef) -> Result<Value, String> {
        let input = self.value(&node.inputs[0])?;
        let (begin, end, strides) = (self.ints(node, 1)?, self.ints(node, 2)?, self.ints(node, 3)?);
        let mask = |name: &str| match node.attribute(name) {
            Some(&crate::prepare::Value::Int(mask)) => mask,
            _ => 0,
        };
        if mask("new_axis_mask") != 0 || mask("ellipsis_mask") != 0 || begin.len() > input.dims.len() {
            return Err("makes new dimensions".into());
        }
        let is_in = |mask: i64, at: usize| mask >> at & 1 == 1;
        let mut parts = Vec::new();
        for (at, &dim) in input.dims.iter().enumerate() {
            let dim = dim as i64;
            let from_start = |place: i64| (if place < 0 { place + dim } else { place }).clamp(0, dim);
            let (Some(&begin), Some(&end), Some(&stride)) = (begin.get(at), end.get(at), strides.get(at)) else {
                parts.push((0, dim));
                continue;
            };
            let begin = if is_in(mask("begin_mask"), at) { 0 } else { from_start(begin) };
            let end = if is_in(mask("end_mask"), at) { dim } else { from_start(end) };
            let end = if is_in(mask("shrink_axis_mask"), at) { begin + 1 } else { end };
            if stride != 1 && end - begin > 1 {
                return Err("leaves places out".into());
            }
            parts.push((begin, end));
        }
        let mut value = self.part(&input, &parts)?;
        let stays = |(at, _): &(usize, &usize)| !is_in(mask("shrink_axis_mask"), *at);
        value.dims = value.dims.iter().enumerate().filter(stays).map(|(_, &dim)| dim).collect();
        Ok(value)
    }

    /// Of each dimension the places from the first number to before the second.
    fn part(&mut self, input: &Value, parts: &[(i64, i64)]) -> Result<Value, String> {
        let fits = |(&(begin, end), &dim): (&(i64, i64), &usize)| 0 <= begin && begin < end && end <= dim as i64;
        if parts.len() != input.dims.len() || !parts.iter().zip(&input.dims).all(fits) {
            return Err(format!("takes {parts:?} of {:?}", input.dims));
        }
        let dims: Vec<_> = parts.iter().map(|(begin, end)| (end - begin) as usize).collect();
        if dims == input.dims {
            return Ok(input.clone());
        }
        let tensor = self.shaped(input, &input.dims);
        let begin: Vec<_> = parts.iter().map(|&(begin, _)| begin as usize).collect();
        let (begin, size) = (self.model.ints(&begin), self.model.ints(&dims));
        Ok(Value { tensor: self.model.operator(Kind::Slice, &[tensor, begin, size], &dims), dims })
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
