//! Operations on each number alone.

use super::values::{Lowering, Value, broadcast};
use crate::export::model::{Content, Element, Kind};
use crate::prepare::{FLOAT, INT32, NodeDef, Value as Attribute};

impl Lowering<'_> {
    pub(super) fn binary(&mut self, node: &NodeDef, kind: Kind) -> Result<Value, String> {
        let [left, right] = [self.value(&node.inputs[0])?, self.value(&node.inputs[1])?];
        let dims = broadcast(&left.dims, &right.dims)?;
        for (one, other) in [(&left, &right), (&right, &left)] {
            if one.dims == dims && self.changes_nothing(other, kind, other == &right) {
                return Ok(one.clone());
            }
        }
        let operands = [self.operand(&left), self.operand(&right)];
        let shape = broadcast(&self.model.tensors[operands[0]].shape, &self.model.tensors[operands[1]].shape)?;
        Ok(Value { tensor: self.model.operator(kind, &operands, &shape), dims })
    }

    /// Whether `value` as one side leaves the other as it is.
    fn changes_nothing(&self, value: &Value, kind: Kind, is_right: bool) -> bool {
        let neutral = match kind {
            Kind::Add(_) => 0,
            Kind::Sub(_) if is_right => 0,
            Kind::Mul(_) => 1,
            Kind::Div(_) if is_right => 1,
            _ => return false,
        };
        match &self.model.tensors[value.tensor].content {
            Content::Float32(values) => values.iter().all(|&value| value == neutral as f32),
            Content::Int32(values) => values.iter().all(|&value| value == neutral),
            _ => false,
        }
    }

    pub(super) fn bias(&mut self, node: &NodeDef) -> Result<Value, String> {
        match node.text("data_format").is_some_and(|format| format.starts_with(b"NC")) {
            true => Err("has channels before height and width".into()),
            false => self.binary(node, Kind::Add(Default::default())),
        }
    }

    pub(super) fn unary(&mut self, node: &NodeDef, kind: Kind) -> Result<Value, String> {
        let Value { tensor, dims } = self.value(&node.inputs[0])?;
        let shape = self.model.tensors[tensor].shape.clone();
        Ok(Value { tensor: self.model.operator(kind, &[tensor], &shape), dims })
    }

    pub(super) fn softmax(&mut self, node: &NodeDef) -> Result<Value, String> {
        let value = self.value(&node.inputs[0])?;
        let tensor = self.shaped(&value, &value.dims);
        Ok(Value { tensor: self.model.operator(Kind::Softmax, &[tensor], &value.dims), dims: value.dims })
    }

    pub(super) fn cast(&mut self, node: &NodeDef) -> Result<Value, String> {
        let element = match node.attribute("DstT") {
            Some(Attribute::Type(FLOAT)) => Element::Float32,
            Some(Attribute::Type(INT32)) => Element::Int32,
            _ => return Err("gives another type than float32 and int32".into()),
        };
        let Value { tensor, dims } = self.value(&node.inputs[0])?;
        if self.model.tensors[tensor].element() == element {
            return Ok(Value { tensor, dims });
        }
        let shape = self.model.tensors[tensor].shape.clone();
        let cast = self.model.operator(Kind::Cast, &[tensor], &shape);
        self.model.tensors[cast].content = Content::Computed(element);
        Ok(Value { tensor: cast, dims })
    }
}
