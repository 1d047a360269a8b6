//! A model as a TF Lite file.

mod operators;
mod schema;

use std::collections::HashMap;

use flatbuffers::{FlatBufferBuilder, Push, PushAlignment, TableFinishedWIPOffset, Vector, WIPOffset};

use super::model::{Content, Element, Model, Port, Tensor};
pub(super) use operators::code;
use schema::{
    IDENTIFIER, VERSION, buffer, metadata, model as file, operator, operator_code, quantization, signature_def,
    subgraph, tensor, tensor_map, tensor_type,
};

/// The signature's name, as in the official files.
const SIGNATURE: &str = "serving_default";
/// The first TensorFlow whose interpreter has all operators in all versions that are written.
const MIN_RUNTIME_VERSION: &str = "2.5.0";
/// The metadata that names it.
const MIN_RUNTIME_VERSION_KEY: &str = "min_runtime_version";
/// Its value has room for as many bytes.
const MIN_RUNTIME_VERSION_LENGTH: usize = 16;

type Table = WIPOffset<TableFinishedWIPOffset>;

/// The file's bytes.
pub(super) fn write(model: &Model, description: &str) -> Vec<u8> {
    Writer::default().write(model, description)
}

#[derive(Default)]
struct Writer<'b> {
    builder: FlatBufferBuilder<'b>,
    buffers: Vec<Table>,
    /// Buffers of few bytes by these: shapes and axes are the same again and again.
    known: HashMap<Vec<u8>, u32>,
}

impl<'b> Writer<'b> {
    fn write(mut self, model: &Model, description: &str) -> Vec<u8> {
        let empty = self.table(|_| {});
        self.buffers.push(empty); // by the schema's rule the first one
        let names = names(model);
        let tensors: Vec<_> =
            model.tensors.iter().zip(&names).map(|(tensor, name)| self.tensor(tensor, name)).collect();
        let (codes, operators) = self.operators(model);
        let metadata = self.metadata();
        let signature = self.signature(model);

        let tensors = self.builder.create_vector(&tensors);
        let [inputs, outputs] = [&model.inputs, &model.outputs].map(|ports| self.ids(ports.iter().map(|p| p.tensor)));
        let operators = self.builder.create_vector(&operators);
        let name = self.builder.create_string("main");
        let graph = self.table(|builder| {
            builder.push_slot_always(subgraph::TENSORS, tensors);
            builder.push_slot_always(subgraph::INPUTS, inputs);
            builder.push_slot_always(subgraph::OUTPUTS, outputs);
            builder.push_slot_always(subgraph::OPERATORS, operators);
            builder.push_slot_always(subgraph::NAME, name);
        });
        let codes = self.builder.create_vector(&codes);
        let graphs = self.builder.create_vector(&[graph]);
        let description = self.builder.create_string(description);
        let buffers = std::mem::take(&mut self.buffers);
        let buffers = self.builder.create_vector(&buffers);
        let metadata = self.builder.create_vector(&[metadata]);
        let signatures = self.builder.create_vector(&[signature]);
        let root = self.table(|builder| {
            builder.push_slot_always(file::VERSION, VERSION);
            builder.push_slot_always(file::OPERATOR_CODES, codes);
            builder.push_slot_always(file::SUBGRAPHS, graphs);
            builder.push_slot_always(file::DESCRIPTION, description);
            builder.push_slot_always(file::BUFFERS, buffers);
            builder.push_slot_always(file::METADATA, metadata);
            builder.push_slot_always(file::SIGNATURE_DEFS, signatures);
        });
        self.builder.finish(root, Some(IDENTIFIER));
        self.builder.finished_data().to_vec()
    }

    fn table(&mut self, fill: impl FnOnce(&mut FlatBufferBuilder<'b>)) -> Table {
        let table = self.builder.start_table();
        fill(&mut self.builder);
        self.builder.end_table(table)
    }

    fn ids(&mut self, ids: impl Iterator<Item = usize>) -> WIPOffset<Vector<'b, i32>> {
        let ids: Vec<_> = ids.map(|id| id as i32).collect();
        self.builder.create_vector(&ids)
    }

    fn tensor(&mut self, described: &Tensor, name: &str) -> Table {
        let (element, content) = content(&described.content);
        let data = content.map_or(0, |content| self.buffer(content));
        let quantization = match &described.content {
            Content::Int8 { scales, axis, .. } => Some(self.quantization(scales, *axis)),
            _ => None,
        };
        let shape = self.ids(described.shape.iter().copied());
        let name = self.builder.create_string(name);
        self.table(|builder| {
            builder.push_slot_always(tensor::SHAPE, shape);
            builder.push_slot(tensor::TYPE, element, tensor_type::FLOAT32);
            builder.push_slot(tensor::BUFFER, data, 0);
            builder.push_slot_always(tensor::NAME, name);
            if let Some(quantization) = quantization {
                builder.push_slot_always(tensor::QUANTIZATION, quantization);
            }
            builder.push_slot(tensor::HAS_RANK, true, false);
        })
    }

    fn quantization(&mut self, scales: &[f32], axis: usize) -> Table {
        let zero_points = self.builder.create_vector(&vec![0_i64; scales.len()]);
        let scales = self.builder.create_vector(scales);
        self.table(|builder| {
            builder.push_slot_always(quantization::SCALE, scales);
            builder.push_slot_always(quantization::ZERO_POINT, zero_points);
            builder.push_slot(quantization::DIMENSION, axis as i32, 0);
        })
    }

    /// The number of a buffer with this content.
    fn buffer(&mut self, content: Vec<u8>) -> u32 {
        const FEW: usize = 64;
        if let Some(&known) = self.known.get(&content) {
            return known;
        }
        let data = self.aligned(&content);
        let table = self.table(|builder| builder.push_slot_always(buffer::DATA, data));
        self.buffers.push(table);
        let number = self.buffers.len() as u32 - 1;
        if content.len() <= FEW {
            self.known.insert(content, number);
        }
        number
    }

    /// A vector of bytes that begins at a multiple of [`Block`]'s size, as the schema asks.
    fn aligned(&mut self, content: &[u8]) -> WIPOffset<Vector<'b, u8>> {
        self.builder.start_vector::<Block>(content.len().div_ceil(Block::size()));
        // A flatbuffer is built from its end.
        for chunk in content.chunks(Block::size()).rev() {
            let mut block = Block::default();
            block.0[..chunk.len()].copy_from_slice(chunk);
            self.builder.push(block);
        }
        self.builder.end_vector::<u8>(content.len())
    }

    /// The kinds of operators, and the operators.
    fn operators(&mut self, model: &Model) -> (Vec<Table>, Vec<Table>) {
        let mut kinds: Vec<(i32, i32)> = Vec::new();
        let mut operators = Vec::new();
        for described in &model.operators {
            let code = code(&described.kind);
            let kind = (code.number, operators::version(model, described));
            let at = kinds.iter().position(|known| *known == kind).unwrap_or_else(|| {
                kinds.push(kind);
                kinds.len() - 1
            });
            let inputs = self.ids(described.inputs.iter().copied());
            let outputs = self.ids([described.output].into_iter());
            let options = operators::options(&mut self.builder, model, described);
            let options = self.builder.end_table(options);
            operators.push(self.table(|builder| {
                builder.push_slot(operator::OPCODE_INDEX, at as u32, 0);
                builder.push_slot_always(operator::INPUTS, inputs);
                builder.push_slot_always(operator::OUTPUTS, outputs);
                if code.options != 0 {
                    builder.push_slot_always(operator::OPTIONS_TYPE, code.options);
                    builder.push_slot_always(operator::OPTIONS, options);
                }
            }));
        }
        let codes = kinds.into_iter().map(|(number, version)| {
            self.table(|builder| {
                // Interpreters from before operator 127 read this one alone.
                builder.push_slot(operator_code::DEPRECATED_BUILTIN_CODE, number.min(127) as i8, 0);
                builder.push_slot(operator_code::VERSION, version, 1);
                builder.push_slot(operator_code::BUILTIN_CODE, number, 0);
            })
        });
        (codes.collect(), operators)
    }

    fn metadata(&mut self) -> Table {
        let mut version = MIN_RUNTIME_VERSION.as_bytes().to_vec();
        version.resize(MIN_RUNTIME_VERSION_LENGTH, 0);
        let data = self.buffer(version);
        let name = self.builder.create_string(MIN_RUNTIME_VERSION_KEY);
        self.table(|builder| {
            builder.push_slot_always(metadata::NAME, name);
            builder.push_slot(metadata::BUFFER, data, 0);
        })
    }

    fn signature(&mut self, model: &Model) -> Table {
        let [inputs, outputs] = [&model.inputs, &model.outputs].map(|ports| {
            let maps: Vec<_> = ports.iter().map(|port| self.tensor_map(port)).collect();
            self.builder.create_vector(&maps)
        });
        let key = self.builder.create_string(SIGNATURE);
        self.table(|builder| {
            builder.push_slot_always(signature_def::INPUTS, inputs);
            builder.push_slot_always(signature_def::OUTPUTS, outputs);
            builder.push_slot_always(signature_def::SIGNATURE_KEY, key);
            builder.push_slot_always(signature_def::SUBGRAPH_INDEX, 0_u32);
        })
    }

    fn tensor_map(&mut self, port: &Port) -> Table {
        let name = self.builder.create_string(&port.name);
        self.table(|builder| {
            builder.push_slot_always(tensor_map::NAME, name);
            builder.push_slot(tensor_map::TENSOR_INDEX, port.tensor as u32, 0);
        })
    }
}

/// Names for what looks at the file: inputs as Google's converter calls them, others by who makes them.
fn names(model: &Model) -> Vec<String> {
    let mut names: Vec<_> = (0..model.tensors.len()).map(|at| format!("constant_{at}")).collect();
    for (at, operator) in model.operators.iter().enumerate() {
        names[operator.output] = format!("{}_{at}", code(&operator.kind).name.to_ascii_lowercase());
    }
    for port in &model.inputs {
        names[port.tensor] = format!("{SIGNATURE}_{}:0", port.name);
    }
    names
}

/// A tensor's type, and its values as they are stored.
fn content(content: &Content) -> (i8, Option<Vec<u8>>) {
    match content {
        Content::Computed(Element::Float32) => (tensor_type::FLOAT32, None),
        Content::Computed(Element::Int32) => (tensor_type::INT32, None),
        Content::Float32(values) => {
            (tensor_type::FLOAT32, Some(values.iter().flat_map(|value| value.to_le_bytes()).collect()))
        }
        Content::Int32(values) => {
            (tensor_type::INT32, Some(values.iter().flat_map(|value| value.to_le_bytes()).collect()))
        }
        Content::Float16(values) => {
            (tensor_type::FLOAT16, Some(values.iter().flat_map(|value| value.to_le_bytes()).collect()))
        }
        Content::Int8 { values, .. } => (tensor_type::INT8, Some(values.iter().map(|&value| value as u8).collect())),
    }
}

/// Bytes that are stored at a multiple of their number.
#[derive(Clone, Copy, Default)]
struct Block([u8; 16]);

impl Push for Block {
    type Output = Self;

    unsafe fn push(&self, place: &mut [u8], _: usize) {
        place[..Self::size()].copy_from_slice(&self.0);
    }

    fn alignment() -> PushAlignment {
        PushAlignment::new(Self::size())
    }
}
