//! Where TF Lite's file has what: the places of tables' fields, and the numbers of operators and options.
//!
//! Source: `tensorflow/compiler/mlir/lite/schema/schema.fbs`, version 3, as far as it is written here.

use flatbuffers::VOffsetT;

/// The file's identifier.
pub(super) const IDENTIFIER: &str = "TFL3";
/// The schema's version.
pub(super) const VERSION: u32 = 3;

/// The place of a table's field, by its number.
const fn field(number: VOffsetT) -> VOffsetT {
    4 + 2 * number
}

pub(super) mod model {
    use super::{VOffsetT, field};
    pub const VERSION: VOffsetT = field(0);
    pub const OPERATOR_CODES: VOffsetT = field(1);
    pub const SUBGRAPHS: VOffsetT = field(2);
    pub const DESCRIPTION: VOffsetT = field(3);
    pub const BUFFERS: VOffsetT = field(4);
    pub const METADATA: VOffsetT = field(6);
    pub const SIGNATURE_DEFS: VOffsetT = field(7);
}

pub(super) mod operator_code {
    use super::{VOffsetT, field};
    pub const DEPRECATED_BUILTIN_CODE: VOffsetT = field(0);
    pub const VERSION: VOffsetT = field(2);
    pub const BUILTIN_CODE: VOffsetT = field(3);
}

pub(super) mod subgraph {
    use super::{VOffsetT, field};
    pub const TENSORS: VOffsetT = field(0);
    pub const INPUTS: VOffsetT = field(1);
    pub const OUTPUTS: VOffsetT = field(2);
    pub const OPERATORS: VOffsetT = field(3);
    pub const NAME: VOffsetT = field(4);
}

pub(super) mod tensor {
    use super::{VOffsetT, field};
    pub const SHAPE: VOffsetT = field(0);
    pub const TYPE: VOffsetT = field(1);
    pub const BUFFER: VOffsetT = field(2);
    pub const NAME: VOffsetT = field(3);
    pub const QUANTIZATION: VOffsetT = field(4);
    pub const HAS_RANK: VOffsetT = field(8);
}

pub(super) mod quantization {
    use super::{VOffsetT, field};
    pub const SCALE: VOffsetT = field(2);
    pub const ZERO_POINT: VOffsetT = field(3);
    pub const DIMENSION: VOffsetT = field(6);
}

pub(super) mod operator {
    use super::{VOffsetT, field};
    pub const OPCODE_INDEX: VOffsetT = field(0);
    pub const INPUTS: VOffsetT = field(1);
    pub const OUTPUTS: VOffsetT = field(2);
    pub const OPTIONS_TYPE: VOffsetT = field(3);
    pub const OPTIONS: VOffsetT = field(4);
}

pub(super) mod buffer {
    use super::{VOffsetT, field};
    pub const DATA: VOffsetT = field(0);
}

pub(super) mod metadata {
    use super::{VOffsetT, field};
    pub const NAME: VOffsetT = field(0);
    pub const BUFFER: VOffsetT = field(1);
}

pub(super) mod signature_def {
    use super::{VOffsetT, field};
    pub const INPUTS: VOffsetT = field(0);
    pub const OUTPUTS: VOffsetT = field(1);
    pub const SIGNATURE_KEY: VOffsetT = field(2);
    pub const SUBGRAPH_INDEX: VOffsetT = field(4);
}

pub(super) mod tensor_map {
    use super::{VOffsetT, field};
    pub const NAME: VOffsetT = field(0);
    pub const TENSOR_INDEX: VOffsetT = field(1);
}

/// `TensorType`.
pub(super) mod tensor_type {
    pub const FLOAT32: i8 = 0;
    pub const FLOAT16: i8 = 1;
    pub const INT32: i8 = 2;
    pub const INT8: i8 = 9;
}

/// The places of options' fields.
pub(super) mod option {
    use super::{VOffsetT, field};
    /// `Padding`, of convolutions and pools.
    pub const PADDING: VOffsetT = field(0);
    pub const STRIDE_WIDTH: VOffsetT = field(1);
    pub const STRIDE_HEIGHT: VOffsetT = field(2);
    pub const CONV_2D_ACTIVATION: VOffsetT = field(3);
    pub const DEPTHWISE_MULTIPLIER: VOffsetT = field(3);
    pub const DEPTHWISE_ACTIVATION: VOffsetT = field(4);
    pub const POOL_FILTER_WIDTH: VOffsetT = field(3);
    pub const POOL_FILTER_HEIGHT: VOffsetT = field(4);
    pub const POOL_ACTIVATION: VOffsetT = field(5);
    pub const ARITHMETIC_ACTIVATION: VOffsetT = field(0);
    pub const CONCATENATION_AXIS: VOffsetT = field(0);
    pub const KEEP_DIMS: VOffsetT = field(0);
    pub const SOFTMAX_BETA: VOffsetT = field(0);
}
