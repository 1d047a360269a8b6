//! A network as TF Lite's operators on tensors of known shape: what the lowering makes, the passes improve, and the writer
//! writes.

use std::collections::HashMap;

/// A tensor's place in [`Model::tensors`].
pub(super) type TensorId = usize;

/// Operators in the order in which they run, and their tensors.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Model {
    pub tensors: Vec<Tensor>,
    pub operators: Vec<Operator>,
    /// What is fed, by its name in the signature.
    pub inputs: Vec<Port>,
    /// What is given, by its name in the signature. No two are the same tensor.
    pub outputs: Vec<Port>,
}

/// A named end of the network.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Port {
    pub name: String,
    pub tensor: TensorId,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tensor {
    pub shape: Vec<usize>,
    pub content: Content,
}

/// A tensor's values, where they are known.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Content {
    /// Fed, or computed by an operator.
    Computed(Element),
    Float32(Vec<f32>),
    Int32(Vec<i32>),
    /// Half precision, as bits.
    Float16(Vec<u16>),
    /// Symmetric: a value is its scale times the integer. There is a scale for each place along dimension `axis`.
    Int8 {
        values: Vec<i8>,
        scales: Vec<f32>,
        axis: usize,
    },
}

/// Type of what is fed or computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Element {
    Float32,
    Int32,
}

/// One operator; each has one output.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Operator {
    pub kind: Kind,
    pub inputs: Vec<TensorId>,
    pub output: TensorId,
}

/// TF Lite's builtin operators, as far as a MoViNet needs them, with their options.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Add(Activation),
    Sub(Activation),
    Mul(Activation),
    Div(Activation),
    Maximum,
    Minimum,
    /// Input, filter `(out, height, width, in)`, bias.
    Conv2D(Window),
    /// Input, filter `(1, height, width, out)`, bias.
    DepthwiseConv2D(Window),
    /// The window's size, and how it goes.
    AveragePool2D([usize; 2], Window),
    /// As [`Kind::AveragePool2D`].
    MaxPool2D([usize; 2], Window),
    /// Input, axes; the dimensions stay, as 1.
    Mean,
    /// As [`Kind::Mean`].
    Sum,
    /// Along this dimension.
    Concatenation(usize),
    /// Input, shape.
    Reshape,
    /// Input, begin, size.
    Slice,
    /// Input, paddings `(rank, 2)`.
    Pad,
    /// Input, permutation.
    Transpose,
    Cast,
    Relu,
    Relu6,
    Logistic,
    HardSwish,
    Softmax,
    Sin,
    Cos,
    Dequantize,
}

/// What an operator does to its result by itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(super) enum Activation {
    #[default]
    Linear,
    Relu,
    Relu6,
}

/// How a window goes over a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Window {
    /// Over height and width.
    pub strides: [usize; 2],
    /// Whether the picture is padded so that each place is the middle of a window; else windows lie within it.
    pub same: bool,
    pub activation: Activation,
}

impl Kind {
    /// The operator's own activation, where it can have one.
    pub fn activation(&mut self) -> Option<&mut Activation> {
        match self {
            Self::Add(activation) | Self::Sub(activation) | Self::Mul(activation) | Self::Div(activation) => {
                Some(activation)
            }
            Self::Conv2D(window)
            | Self::DepthwiseConv2D(window)
            | Self::AveragePool2D(_, window)
            | Self::MaxPool2D(_, window) => Some(&mut window.activation),
            _ => None,
        }
    }

    /// Whether it is a convolution without an activation.
    pub fn is_linear_convolution(&self) -> bool {
        matches!(self, Self::Conv2D(window) | Self::DepthwiseConv2D(window) if window.activation == Activation::Linear)
    }
}

impl Tensor {
    /// How many values it has.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// The type that operators see.
    pub fn element(&self) -> Element {
        match self.content {
            Content::Computed(element) => element,
            Content::Int32(_) => Element::Int32,
            Content::Float32(_) | Content::Float16(_) | Content::Int8 { .. } => Element::Float32,
        }
    }
}

impl Model {
    /// Adds a tensor.
    pub fn tensor(&mut self, shape: &[usize], content: Content) -> TensorId {
        self.tensors.push(Tensor { shape: shape.to_vec(), content });
        self.tensors.len() - 1
    }

    /// Adds a float32 constant.
    pub fn floats(&mut self, shape: &[usize], values: Vec<f32>) -> TensorId {
        self.tensor(shape, Content::Float32(values))
    }

    /// Adds a one-dimensional int32 constant.
    pub fn ints(&mut self, values: &[usize]) -> TensorId {
        self.tensor(&[values.len()], Content::Int32(values.iter().map(|&value| value as i32).collect()))
    }

    /// Adds an operator that runs after all others, and gives its output, of this shape and the type of its first input.
    pub fn operator(&mut self, kind: Kind, inputs: &[TensorId], shape: &[usize]) -> TensorId {
        let element = self.tensors[inputs[0]].element();
        let output = self.tensor(shape, Content::Computed(element));
        self.operators.push(Operator { kind, inputs: inputs.to_vec(), output });
        output
    }

    /// The value of a float32 constant whose elements are all the same number.
    pub fn number(&self, tensor: TensorId) -> Option<f32> {
        match &self.tensors[tensor].content {
            Content::Float32(values) => values.first().copied().filter(|first| values.iter().all(|v| v == first)),
            _ => None,
        }
    }

    /// Which operators use each tensor, and which makes it.
    pub fn links(&self) -> Links {
        let mut links = Links { users: vec![Vec::new(); self.tensors.len()], maker: HashMap::new(), given: Vec::new() };
        for (at, operator) in self.operators.iter().enumerate() {
            operator.inputs.iter().for_each(|&input| links.users[input].push(at));
            links.maker.insert(operator.output, at);
        }
        links.given = self.outputs.iter().map(|port| port.tensor).collect();
        links
    }
}

/// How operators are linked by tensors.
pub(super) struct Links {
    users: Vec<Vec<usize>>,
    maker: HashMap<TensorId, usize>,
    given: Vec<TensorId>,
}

impl Links {
    /// The operator that makes `tensor`.
    pub fn maker(&self, tensor: TensorId) -> Option<usize> {
        self.maker.get(&tensor).copied()
    }

    /// The operators that use `tensor`, one that uses it twice counted twice.
    pub fn users(&self, tensor: TensorId) -> &[usize] {
        &self.users[tensor]
    }

    /// Whether `tensor` is an output of the model.
    pub fn is_given(&self, tensor: TensorId) -> bool {
        self.given.contains(&tensor)
    }

    /// The one operator that uses `tensor`, if it is neither used otherwise nor given.
    pub fn only_user(&self, tensor: TensorId) -> Option<usize> {
        match self.users[tensor].as_slice() {
            &[user] if !self.is_given(tensor) => Some(user),
            _ => None,
        }
    }
}
