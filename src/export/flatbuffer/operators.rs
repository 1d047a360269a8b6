//! Operators by TF Lite's numbers, with their options.

use flatbuffers::{FlatBufferBuilder, TableUnfinishedWIPOffset, WIPOffset};

use super::schema::option;
use crate::export::model::{Activation, Content, Kind, Model, Operator, Window};

/// An operator's name and numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::export) struct Code {
    /// Its name in the schema.
    pub name: &'static str,
    /// `BuiltinOperator`.
    pub number: i32,
    /// `BuiltinOptions`.
    pub options: u8,
}

/// The code of an operator of this kind.
pub(in crate::export) fn code(kind: &Kind) -> Code {
    let (name, number, options) = match kind {
        Kind::Add(_) => ("ADD", 0, 11),
        Kind::Sub(_) => ("SUB", 41, 28),
        Kind::Mul(_) => ("MUL", 18, 21),
        Kind::Div(_) => ("DIV", 42, 29),
        Kind::Maximum => ("MAXIMUM", 55, 39),
        Kind::Minimum => ("MINIMUM", 57, 39),
        Kind::Conv2D(_) => ("CONV_2D", 3, 1),
        Kind::DepthwiseConv2D(_) => ("DEPTHWISE_CONV_2D", 4, 2),
        Kind::AveragePool2D(..) => ("AVERAGE_POOL_2D", 1, 5),
        Kind::MaxPool2D(..) => ("MAX_POOL_2D", 17, 5),
        Kind::Mean => ("MEAN", 40, 27),
        Kind::Sum => ("SUM", 74, 27),
        Kind::Concatenation(_) => ("CONCATENATION", 2, 10),
        Kind::Reshape => ("RESHAPE", 22, 17),
        Kind::Slice => ("SLICE", 65, 48),
        Kind::Pad => ("PAD", 34, 22),
        Kind::Transpose => ("TRANSPOSE", 39, 26),
        Kind::Cast => ("CAST", 53, 37),
        Kind::Relu => ("RELU", 19, 0),
        Kind::Relu6 => ("RELU6", 21, 0),
        Kind::Logistic => ("LOGISTIC", 14, 0),
        Kind::HardSwish => ("HARD_SWISH", 117, 91),
        Kind::Softmax => ("SOFTMAX", 25, 9),
        Kind::Sin => ("SIN", 66, 0),
        Kind::Cos => ("COS", 108, 84),
        Kind::Dequantize => ("DEQUANTIZE", 6, 38),
    };
    Code { name, number, options }
}

/// The least version of the operator that knows what is asked of it here.
///
/// Source: `tensorflow/compiler/mlir/lite/tools/versioning/op_version.cc`.
pub(super) fn version(model: &Model, operator: &Operator) -> i32 {
    let has = |at: usize, is: fn(&Content) -> bool| {
        operator.inputs.get(at).is_some_and(|&input| is(&model.tensors[input].content))
    };
    let is_int8 = |content: &Content| matches!(content, Content::Int8 { .. });
    let is_int8: fn(&Content) -> bool = is_int8;
    let rank = operator.inputs.iter().map(|&input| model.tensors[input].shape.len()).max().unwrap_or_default();
    match operator.kind {
        Kind::Conv2D(_) if has(1, is_int8) => 5,
        Kind::DepthwiseConv2D(_) if has(1, is_int8) => 6,
        Kind::Dequantize if has(0, is_int8) => 5,
        Kind::Dequantize => 3,
        Kind::Slice if rank > 4 => 5,
        _ => 1,
    }
}

/// The operator's options, where it has any, under construction.
pub(super) fn options(
    builder: &mut FlatBufferBuilder<'_>,
    model: &Model,
    operator: &Operator,
) -> WIPOffset<TableUnfinishedWIPOffset> {
    let table = builder.start_table();
    match operator.kind {
        Kind::Add(activation) | Kind::Sub(activation) | Kind::Mul(activation) | Kind::Div(activation) => {
            builder.push_slot(option::ARITHMETIC_ACTIVATION, number(activation), 0);
        }
        Kind::Conv2D(window) => {
            strides(builder, window);
            builder.push_slot(option::CONV_2D_ACTIVATION, number(window.activation), 0);
        }
        Kind::DepthwiseConv2D(window) => {
            let channels = |at: usize| model.tensors[operator.inputs[at]].shape[3];
            strides(builder, window);
            builder.push_slot(option::DEPTHWISE_MULTIPLIER, (channels(1) / channels(0)) as i32, 0);
            builder.push_slot(option::DEPTHWISE_ACTIVATION, number(window.activation), 0);
        }
        Kind::AveragePool2D([height, width], window) | Kind::MaxPool2D([height, width], window) => {
            strides(builder, window);
            builder.push_slot(option::POOL_FILTER_WIDTH, width as i32, 0);
            builder.push_slot(option::POOL_FILTER_HEIGHT, height as i32, 0);
            builder.push_slot(option::POOL_ACTIVATION, number(window.activation), 0);
        }
        Kind::Mean | Kind::Sum => builder.push_slot(option::KEEP_DIMS, true, false),
        Kind::Concatenation(axis) => builder.push_slot(option::CONCATENATION_AXIS, axis as i32, 0),
        Kind::Softmax => builder.push_slot(option::SOFTMAX_BETA, 1.0, 0.0),
        _ => {}
    }
    table
}

/// Dilations are 1 where nothing is said.
fn strides(builder: &mut FlatBufferBuilder<'_>, window: Window) {
    let valid = i8::from(!window.same);
    let [height, width] = window.strides.map(|stride| stride as i32);
    builder.push_slot(option::PADDING, valid, 0);
    builder.push_slot(option::STRIDE_WIDTH, width, 0);
    builder.push_slot(option::STRIDE_HEIGHT, height, 0);
}

/// `ActivationFunctionType`.
fn number(activation: Activation) -> i8 {
    match activation {
        Activation::Linear => 0,
        Activation::Relu => 1,
        Activation::Relu6 => 3,
    }
}
