//! Operations that give a part of a tensor, and the counting of frames.

use super::values::{Lowering, Value};
use crate::export::model::{Content, Kind};
use crate::prepare::{NodeDef, Value as Attribute};

/// Places along a dimension: from the first to before the second, each that the stride meets.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Places {
    begin: i64,
    end: i64,
    stride: i64,
}

impl Lowering<'_> {
    pub(super) fn slice(&mut self, node: &NodeDef) -> Result<Value, String> {
        let input = self.value(&node.inputs[0])?;
        let (begin, size) = (self.ints(node, 1)?, self.ints(node, 2)?);
        let parts = begin.iter().zip(&size).zip(&input.dims).map(|((&begin, &size), &dim)| {
            let end = if size < 0 { dim as i64 } else { begin + size };
            Places { begin, end, stride: 1 }
        });
        let parts: Vec<_> = parts.collect();
        self.part(&input, &parts)
    }

    pub(super) fn strided_slice(&mut self, node: &NodeDef) -> Result<Value, String> {
        let input = self.value(&node.inputs[0])?;
        let (begin, end, strides) = (self.ints(node, 1)?, self.ints(node, 2)?, self.ints(node, 3)?);
        let is_in = |mask: &str, at: usize| match node.attribute(mask) {
            Some(&Attribute::Int(mask)) => mask >> at & 1 == 1,
            _ => false,
        };
        let (mut parts, mut shrunk, mut dims) = (Vec::new(), Vec::new(), input.dims.iter());
        for (at, ((&begin, &end), &stride)) in begin.iter().zip(&end).zip(&strides).enumerate() {
            if is_in("ellipsis_mask", at) || stride < 1 {
                return Err("leaves dimensions open, or goes backwards".into());
            }
            if is_in("new_axis_mask", at) {
                shrunk.push(Some(1));
                continue;
            }
            let &dim = dims.next().ok_or("names more dimensions than there are")?;
            let dim = dim as i64;
            let from_start = |place: i64| (if place < 0 { place + dim } else { place }).clamp(0, dim);
            let begin = if is_in("begin_mask", at) { 0 } else { from_start(begin) };
            let end = if is_in("end_mask", at) { dim } else { from_start(end) };
            let is_one = is_in("shrink_axis_mask", at);
            let places = Places { begin, end: if is_one { begin + 1 } else { end }, stride };
            shrunk.push((!is_one).then_some(places.count()));
            parts.push(places);
        }
        for &dim in dims {
            shrunk.push(Some(dim));
            parts.push(Places { begin: 0, end: dim as i64, stride: 1 });
        }
        let part = self.part(&input, &parts)?;
        Ok(Value { dims: shrunk.into_iter().flatten().collect(), ..part })
    }

    fn part(&mut self, input: &Value, parts: &[Places]) -> Result<Value, String> {
        let fits = |(part, &dim): (&Places, &usize)| 0 <= part.begin && part.begin < part.end && part.end <= dim as i64;
        if parts.len() != input.dims.len() || !parts.iter().zip(&input.dims).all(fits) {
            return Err(format!("takes {parts:?} of {:?}", input.dims));
        }
        let dims: Vec<_> = parts.iter().map(Places::count).collect();
        if dims == input.dims {
            return Ok(input.clone());
        }
        if parts.iter().any(|part| part.stride > 1 && part.count() > 1) {
            return self.scattered(input, parts, dims);
        }
        let tensor = self.shaped(input, &input.dims);
        let begin: Vec<_> = parts.iter().map(|part| part.begin as usize).collect();
        let (begin, size) = (self.model.ints(&begin), self.model.ints(&dims));
        Ok(Value { tensor: self.model.operator(Kind::Slice, &[tensor, begin, size], &dims), dims })
    }

    /// Of a number times constants, each second one, say: the number times each second constant.
    fn scattered(&mut self, input: &Value, parts: &[Places], dims: Vec<usize>) -> Result<Value, String> {
        let refused = || "leaves places out of what isn't a number times constants".to_owned();
        let maker = self.model.operators.iter().find(|operator| operator.output == input.tensor);
        let maker = maker.filter(|operator| matches!(operator.kind, Kind::Mul(_))).cloned().ok_or_else(refused)?;
        let content = |at: usize| &self.model.tensors[maker.inputs[at]];
        let (number, constants) = match (content(0).len(), content(1).len()) {
            (1, _) => (maker.inputs[0], content(1)),
            (_, 1) => (maker.inputs[1], content(0)),
            _ => return Err(refused()),
        };
        let Content::Float32(constants) = &constants.content else { return Err(refused()) };
        let met = (0..constants.len()).filter(|&at| {
            let mut rest = at;
            let mut along = parts.iter().zip(&input.dims).rev().map(|(part, dim)| {
                let place = rest % dim;
                rest /= dim;
                part.meets(place as i64)
            });
            along.all(|meets| meets)
        });
        let constants = met.map(|at| constants[at]).collect();
        let constants = self.model.floats(&dims, constants);
        Ok(Value { tensor: self.model.operator(maker.kind, &[number, constants], &dims), dims })
    }

    /// A range of one step is the number that it begins with: the frame's, of a single frame.
    pub(super) fn range(&mut self, node: &NodeDef) -> Result<Value, String> {
        let [start, limit, step] = [0, 1, 2].map(|at| node.inputs.get(at).map_or("", String::as_str));
        let step = self.graph.ints(step).ok_or("has a step that isn't constant")?;
        let sum = self.graph.producer(limit).filter(|node| matches!(node.op.as_str(), "AddV2" | "Add"));
        let sum = sum.map_or(&[][..], |sum| &sum.inputs);
        let is_next = match sum {
            [left, right] if left == start => self.graph.ints(right) == Some(step),
            [left, right] if right == start => self.graph.ints(left) == Some(step),
            _ => false,
        };
        match is_next {
            true => Ok(Value { dims: vec![1], ..self.value(start)? }),
            false => Err("counts more than one frame".into()),
        }
    }
}

impl Places {
    fn count(&self) -> usize {
        ((self.end - self.begin + self.stride - 1) / self.stride).max(0) as usize
    }

    fn meets(&self, place: i64) -> bool {
        (self.begin..self.end).contains(&place) && (place - self.begin) % self.stride == 0
    }
}
