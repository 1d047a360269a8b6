//! Kinds of operators: what they are called, how much they take, and by which rule what they make follows.
//!
//! Source: `tensorflow/compiler/mlir/lite/schema/schema.fbs`, and the kernels in `tensorflow/lite/kernels`.

/// How what an operator makes follows from what it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Element by element, of one operand or several that are broadcast.
    Elements,
    /// The same shape in another type.
    Conversion,
    Convolution,
    Depthwise,
    Pool,
    Connected,
    Reduction,
    Concatenation,
    Reshape,
    Slice,
    StridedSlice,
    Transpose,
    Pad,
    /// It isn't known here.
    Any,
}

/// Whether an operator has a table of options.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Options {
    /// It has none.
    None,
    /// `BuiltinOptions` that it may leave out.
    Free(i8),
    /// `BuiltinOptions` without which nothing says what it does.
    Needed(i8),
}

/// A kind of operators.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// `BuiltinOperator`.
    number: i32,
    pub name: &'static str,
    /// The least and the most that it takes; what is beyond the least may be left out.
    pub inputs: (usize, usize),
    pub options: Options,
    pub rule: Rule,
}

/// The kind with this number, where it is known.
pub fn of(number: i32) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.number == number)
}

const fn kind(number: i32, name: &'static str, inputs: (usize, usize), options: Options, rule: Rule) -> Kind {
    Kind { number, name, inputs, options, rule }
}

/// Of an operator that takes any number.
const MANY: usize = usize::MAX;

use Options::{Free, Needed};

const KINDS: &[Kind] = &[
    kind(0, "ADD", (2, 2), Needed(11), Rule::Elements),
    kind(1, "AVERAGE_POOL_2D", (1, 1), Needed(5), Rule::Pool),
    kind(2, "CONCATENATION", (1, MANY), Needed(10), Rule::Concatenation),
    kind(3, "CONV_2D", (2, 3), Needed(1), Rule::Convolution),
    kind(4, "DEPTHWISE_CONV_2D", (2, 3), Needed(2), Rule::Depthwise),
    kind(6, "DEQUANTIZE", (1, 1), Free(38), Rule::Conversion),
    kind(8, "FLOOR", (1, 1), Options::None, Rule::Elements),
    kind(9, "FULLY_CONNECTED", (2, 3), Needed(8), Rule::Connected),
    kind(14, "LOGISTIC", (1, 1), Options::None, Rule::Elements),
    kind(17, "MAX_POOL_2D", (1, 1), Needed(5), Rule::Pool),
    kind(18, "MUL", (2, 2), Needed(21), Rule::Elements),
    kind(19, "RELU", (1, 1), Options::None, Rule::Elements),
    kind(20, "RELU_N1_TO_1", (1, 1), Options::None, Rule::Elements),
    kind(21, "RELU6", (1, 1), Options::None, Rule::Elements),
    kind(22, "RESHAPE", (1, 2), Free(17), Rule::Reshape),
    kind(25, "SOFTMAX", (1, 1), Needed(9), Rule::Elements),
    kind(28, "TANH", (1, 1), Options::None, Rule::Elements),
    kind(34, "PAD", (2, 2), Free(22), Rule::Pad),
    kind(36, "GATHER", (2, 2), Needed(23), Rule::Any),
    kind(39, "TRANSPOSE", (2, 2), Free(26), Rule::Transpose),
    kind(40, "MEAN", (2, 2), Needed(27), Rule::Reduction),
    kind(41, "SUB", (2, 2), Needed(28), Rule::Elements),
    kind(42, "DIV", (2, 2), Needed(29), Rule::Elements),
    kind(43, "SQUEEZE", (1, 1), Needed(30), Rule::Reshape),
    kind(45, "STRIDED_SLICE", (4, 4), Needed(32), Rule::StridedSlice),
    kind(47, "EXP", (1, 1), Free(33), Rule::Elements),
    kind(49, "SPLIT", (2, 2), Needed(35), Rule::Any),
    kind(53, "CAST", (1, 1), Free(37), Rule::Conversion),
    kind(55, "MAXIMUM", (2, 2), Free(39), Rule::Elements),
    kind(57, "MINIMUM", (2, 2), Free(39), Rule::Elements),
    kind(59, "NEG", (1, 1), Free(42), Rule::Elements),
    kind(60, "PADV2", (3, 3), Free(43), Rule::Pad),
    kind(65, "SLICE", (3, 3), Free(48), Rule::Slice),
    kind(66, "SIN", (1, 1), Options::None, Rule::Elements),
    kind(70, "EXPAND_DIMS", (2, 2), Free(52), Rule::Any),
    kind(73, "LOG", (1, 1), Options::None, Rule::Elements),
    kind(74, "SUM", (2, 2), Needed(27), Rule::Reduction),
    kind(75, "SQRT", (1, 1), Options::None, Rule::Elements),
    kind(76, "RSQRT", (1, 1), Options::None, Rule::Elements),
    kind(77, "SHAPE", (1, 1), Free(55), Rule::Any),
    kind(78, "POW", (2, 2), Free(56), Rule::Elements),
    kind(82, "REDUCE_MAX", (2, 2), Needed(27), Rule::Reduction),
    kind(83, "PACK", (1, MANY), Needed(59), Rule::Any),
    kind(88, "UNPACK", (1, 1), Needed(64), Rule::Any),
    kind(89, "REDUCE_MIN", (2, 2), Needed(27), Rule::Reduction),
    kind(92, "SQUARE", (1, 1), Free(66), Rule::Elements),
    kind(98, "LEAKY_RELU", (1, 1), Needed(75), Rule::Elements),
    kind(99, "SQUARED_DIFFERENCE", (2, 2), Free(76), Rule::Elements),
    kind(101, "ABS", (1, 1), Free(78), Rule::Elements),
    kind(104, "CEIL", (1, 1), Options::None, Rule::Elements),
    kind(108, "COS", (1, 1), Free(84), Rule::Elements),
    kind(111, "ELU", (1, 1), Options::None, Rule::Elements),
    kind(114, "QUANTIZE", (1, 1), Options::Free(90), Rule::Conversion),
    kind(116, "ROUND", (1, 1), Options::None, Rule::Elements),
    kind(117, "HARD_SWISH", (1, 1), Free(91), Rule::Elements),
];
