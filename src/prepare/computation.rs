//! What a node computes, whatever its name is: comparable and hashable without a copy of its weights.

use std::hash::{Hash, Hasher};

use prost::Message;

use super::proto::{AttrValue, NodeDef, Value};

/// As much of a tensor tells nearly all of them apart; a hash of whole weights would take longer than comparing the few
/// that are left.
const LOOKED_AT: usize = 256;

/// A node but for its name. Two are equal if they are encoded alike.
pub(super) struct Computation<'g>(pub &'g NodeDef);

impl PartialEq for Computation<'_> {
    fn eq(&self, other: &Self) -> bool {
        let (one, other) = (self.0, other.0);
        one.op == other.op
            && one.inputs == other.inputs
            && one.attributes.len() == other.attributes.len()
            && one.attributes.iter().zip(&other.attributes).all(|((key, value), (other_key, other_value))| {
                key == other_key && is_encoded_alike(value, other_value)
            })
    }
}

impl Eq for Computation<'_> {}

impl Hash for Computation<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.op.hash(state);
        self.0.inputs.hash(state);
        for value in self.0.attributes.values().filter_map(|attribute| attribute.value.as_ref()) {
            match value {
                Value::Tensor(tensor) => (tensor.len(), &tensor[..tensor.len().min(LOOKED_AT)]).hash(state),
                Value::Bytes(bytes) | Value::Shape(bytes) => bytes.hash(state),
                Value::List(list) => (&list.ints, &list.types).hash(state),
                Value::Int(value) => value.hash(state),
                Value::Float(value) => value.to_bits().hash(state),
                Value::Bool(value) => value.hash(state),
                Value::Type(value) => value.hash(state),
                Value::Placeholder(name) => name.hash(state),
                Value::Function(function) => function.name.hash(state),
            }
        }
    }
}

/// Whether two attributes are the same to the bit: 0 isn't -0 here, and a number that is none equals itself.
fn is_encoded_alike(one: &AttrValue, other: &AttrValue) -> bool {
    match (&one.value, &other.value) {
        (Some(Value::Float(one)), Some(Value::Float(other))) => one.to_bits() == other.to_bits(),
        // Lists of numbers are short and rare.
        (Some(Value::List(one)), Some(Value::List(other))) if !one.floats.is_empty() => {
            one.encode_to_vec() == other.encode_to_vec()
        }
        (one, other) => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prepare::graph::{Floats, Graph};

    #[test]
    fn a_node_equals_another_to_the_last_bit_of_its_weights() {
        let mut graph = Graph::default();
        let values = vec![0.0; 1000];
        let mut constant = |last: f32| {
            let mut floats = Floats { shape: vec![1000], values: values.clone() };
            floats.values[999] = last;
            let name = graph.add_floats("f", &floats);
            graph.node(&name).unwrap().clone()
        };
        let nodes = [0.0, 0.0, -0.0, f32::NAN, f32::NAN].map(&mut constant);
        let equal = |one: usize, other: usize| Computation(&nodes[one]) == Computation(&nodes[other]);
        assert!(equal(0, 1) && equal(3, 4));
        assert!(!equal(0, 2) && !equal(0, 3));
        let float = |value: f32| NodeDef::new("n", "Op", &[], &[("epsilon", Value::Float(value))]);
        assert!(Computation(&float(f32::NAN)) == Computation(&float(f32::NAN)));
        assert!(Computation(&float(0.0)) != Computation(&float(-0.0)));
    }
}
