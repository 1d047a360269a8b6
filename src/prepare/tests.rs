//! Each rewrite against the operation that it replaces, run by TensorFlow, on small random graphs.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use ndarray::Array1;
use proptest::prelude::*;
use prost::Message;

use super::graph::{Floats, Graph};
use super::proto::{
    ArgDef, FLOAT, FunctionDef, FunctionLibrary, FunctionName, GraphDef, INT32, ListValue, MetaGraphDef, MetaInfoDef,
    NodeDef, OpDef, SavedModelDef, ShapeProto, SignatureDef, TensorInfo, Value, ints, text,
};
use super::rewrite::{Kernels, Rewrites, rewrite};
use crate::cache::Cache;
use crate::engine::EngineError;
use crate::engine::tensorflow::{SavedModel, SessionConfig, Tensor};
use crate::fetch::Downloads;
use crate::progress::Silent;
use crate::runtime::{self, Loader, LogLines, Places, Runtime};
use crate::saved_model::GRAPH;

/// A convolution and what it is given.
#[derive(Debug, Clone)]
struct Case {
    batch: usize,
    /// Frames, height, width of the clip.
    clip: (usize, usize, usize),
    /// Taps, height, width of the kernel.
    kernel: (usize, usize, usize),
    channels: (usize, usize),
    depthwise: bool,
    /// Over frames, height, width.
    stride: (i64, i64, i64),
    padding: Padding,
    batch_norm: bool,
    /// Whether an average pool follows, and `x * sigmoid(x)` after it.
    pool: bool,
    swish: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Padding {
    Same,
    Valid,
    /// Zeros put around frames, height and width, then VALID.
    Explicit,
}

fn case() -> impl Strategy<Value = Case> {
    let kernel = (prop::sample::select(vec![1usize, 1, 3, 5]), 1usize..4, 1usize..4);
    let clip = (5usize..8, 4usize..9, 4usize..9);
    let padding = prop::sample::select(vec![Padding::Same, Padding::Valid, Padding::Explicit]);
    let stride = (1i64..3, 1i64..3, 1i64..3);
    let depthwise = prop::sample::select(vec![None, Some(1), Some(2)]);
    let channels = (1usize..4, 2usize..5);
    ((1usize..4, clip), kernel, channels, depthwise, padding, any::<[bool; 3]>(), stride).prop_map(
        |((batch, clip), kernel, channels, outputs_a_channel, padding, [batch_norm, pool, swish], stride)| Case {
            batch,
            clip,
            kernel,
            channels: outputs_a_channel.map_or(channels, |outputs| (channels.1, channels.1 * outputs)),
            depthwise: outputs_a_channel.is_some(),
            stride,
            padding,
            batch_norm,
            pool,
            swish,
        },
    )
}

impl Case {
    /// Whether the convolution is of a kind that is lowered.
    fn is_lowered(&self) -> bool {
        let temporal = self.padding != Padding::Same || self.kernel.0 == 1 || self.stride.0 == 1;
        temporal && (!self.depthwise || self.stride.1 == self.stride.2)
    }

    /// A SavedModel of one function, compiled by XLA as the official ones are (TensorFlow runs a depthwise Conv3D no
    /// other way): a first convolution that fixes the channels, the one under test, and what follows it.
    fn saved_model(&self, random: &mut fastrand::Rng) -> Vec<u8> {
        let mut constants = Graph::default();
        let mut constant = |shape: Vec<usize>, low: f32| {
            let values = (0..shape.iter().product()).map(|_| low + random.f32()).collect();
            constants.add_floats("f", &Floats { shape, values })
        };
        let ((taps, height, width), (given, out)) = (self.kernel, self.channels);
        let first = constant(vec![1, 1, 1, 3, given], -0.5);
        let filter = constant(vec![taps, height, width, if self.depthwise { 1 } else { given }, out], -0.5);
        let [scale, offset, mean] = [0.5, -0.5, -0.5].map(|low| constant(vec![out], low));
        let variance = constant(vec![out], 0.1);
        let convolution = |name: &str, input: &str, filter: &str, strides: (i64, i64, i64), same: bool| {
            let attributes = [
                ("T", Value::Type(FLOAT)),
                ("strides", ints(&[1, strides.0, strides.1, strides.2, 1])),
                ("padding", text(if same { "SAME" } else { "VALID" })),
                ("data_format", text("NDHWC")),
                ("dilations", ints(&[1; 5])),
            ];
            NodeDef::new(name, "Conv3D", &[input, &format!("{filter}:output:0")], &attributes)
        };
        let paddings = constants.add_int_tensor("f", &[5, 2], &[0, 0, 2, 1, 1, 0, 1, 2, 0, 0]);
        let mut nodes = std::mem::take(&mut constants.nodes);
        nodes.push(convolution("first", "x", &first, (1, 1, 1), true));
        let attributes = [("T", Value::Type(FLOAT)), ("Tpaddings", Value::Type(INT32))];
        nodes.push(NodeDef::new("pad", "Pad", &["first:output:0", &format!("{paddings}:output:0")], &attributes));
        let input = if self.padding == Padding::Explicit { "pad:output:0" } else { "first:output:0" };
        nodes.push(convolution("conv", input, &filter, self.stride, self.padding == Padding::Same));
        let [scale, offset, mean, variance] = [scale, offset, mean, variance].map(|name| format!("{name}:output:0"));
        let attributes = [
            ("T", Value::Type(FLOAT)),
            ("U", Value::Type(FLOAT)),
            ("epsilon", Value::Float(0.001)),
            ("exponential_avg_factor", Value::Float(1.0)),
            ("data_format", text("NDHWC")),
            ("is_training", Value::Bool(false)),
        ];
        let inputs = ["conv:output:0", &scale, &offset, &mean, &variance];
        nodes.push(NodeDef::new("norm", "FusedBatchNormV3", &inputs, &attributes));
        let mut result = if self.batch_norm { "norm:y:0" } else { "conv:output:0" };
        if self.pool {
            let attributes = [
                ("T", Value::Type(FLOAT)),
                ("ksize", ints(&[1, 1, 2, 3, 1])),
                ("strides", ints(&[1, 1, 2, 1, 1])),
                ("padding", text("SAME")),
                ("data_format", text("NDHWC")),
            ];
            nodes.push(NodeDef::new("pool", "AvgPool3D", &[result], &attributes));
            result = "pool:output:0";
        }
        if self.swish {
            let float = [("T", Value::Type(FLOAT))];
            nodes.push(NodeDef::new("gate", "Sigmoid", &[result], &float));
            nodes.push(NodeDef::new("swish", "Mul", &["gate:y:0", result], &float));
            result = "swish:z:0";
        }
        let argument = |name: &str| ArgDef { name: name.into(), dtype: FLOAT };
        let function = FunctionDef {
            signature: Some(OpDef { name: "f".into(), inputs: vec![argument("x")], outputs: vec![argument("y")] }),
            nodes,
            returns: [("y".to_owned(), result.to_owned())].into(),
        };
        saved_model_of(function)
    }

    fn image(&self, random: &mut fastrand::Rng) -> Tensor {
        let (frames, height, width) = self.clip;
        let mut image =
            Tensor::float32("a picture", &[self.batch as u64, frames as u64, height as u64, width as u64, 3]).unwrap();
        image.as_float32_mut().unwrap().iter_mut().for_each(|value| *value = random.f32());
        image
    }
}

fn saved_model_of(function: FunctionDef) -> Vec<u8> {
    let types = || Value::from(ListValue { types: vec![FLOAT], ..ListValue::default() });
    let shape = ShapeProto { dims: vec![], unknown_rank: true }.encode_to_vec();
    let call = [
        ("f", Value::Function(FunctionName { name: "f".into() })),
        ("Tin", types()),
        ("Tout", types()),
        ("_XlaMustCompile", Value::Bool(true)),
    ];
    let image = [("dtype", Value::Type(FLOAT)), ("shape", Value::Shape(shape.clone()))];
    let info = |name: &str| TensorInfo { name: name.into(), dtype: FLOAT, shape: Some(shape.clone()) };
    let signature = SignatureDef {
        inputs: [("image".to_owned(), info("image:0"))].into(),
        outputs: [("y".to_owned(), info("call:0"))].into(),
        method_name: "tensorflow/serving/predict".into(),
    };
    let graph = GraphDef {
        nodes: vec![
            NodeDef::new("image", "Placeholder", &[], &image),
            NodeDef::new("call", "PartitionedCall", &["image"], &call),
        ],
        library: Some(FunctionLibrary { functions: vec![function.encode_to_vec()] }),
        versions: Some(vec![0x08, 0x87, 0x0F]), // producer: 1927, TensorFlow 2.18
    };
    let info = MetaInfoDef { tags: vec!["serve".into()], tensorflow_version: String::new() };
    let signatures = [("serving_default".to_owned(), signature)].into();
    let meta = MetaGraphDef { info: Some(info), graph: Some(graph), signatures };
    SavedModelDef { schema_version: 1, meta_graphs: vec![meta] }.encode_to_vec()
}

/// TensorFlow, from where the program would take it.
pub(super) fn tensorflow() -> Runtime {
    static LOADER: LazyLock<Loader> = LazyLock::new(|| {
        // SAFETY: the tests of this crate read the environment only in here, one at a time.
        unsafe { Loader::new(LogLines::Hidden) }
    });
    static PLACES: LazyLock<Places> = LazyLock::new(|| {
        let paths = |name: &str| std::env::split_paths(&std::env::var_os(name).unwrap_or_default()).collect();
        let root = std::env::var_os("MOVINET_TF_CACHE");
        let root = root.map_or_else(|| std::env::temp_dir().join("movinet-tf"), PathBuf::from);
        let named = std::env::var_os("MOVINET_TF_LIBTENSORFLOW").map(PathBuf::from);
        Places { named, library_path: paths("LD_LIBRARY_PATH"), cache: Cache::new(root) }
    });
    let install = || runtime::installed(&PLACES, &Downloads::default(), &Silent);
    LOADER.obtain(&PLACES, install).unwrap().0
}

fn run(runtime: &Runtime, model: &[u8], folder: &Path, image: &Tensor) -> Array1<f32> {
    fs_err::create_dir(folder).unwrap();
    fs_err::write(folder.join("saved_model.pb"), model).unwrap();
    let model = SavedModel::load(runtime, folder, SessionConfig::default()).unwrap();
    let outputs = model.function("serving_default", &["image"], &["y"]).unwrap().run([image]).unwrap().0;
    Array1::from(outputs[0].as_float32().unwrap().to_vec())
}

/// What is fed must be what the signature takes: a surplus is no less wrong than a lack.
#[test]
fn a_wrong_number_of_tensors_is_refused() {
    let runtime = tensorflow();
    let model = saved_model_of(picture_convolution(1, false, 1, true, "biased:output:0"));
    let folder = tempfile::tempdir().unwrap();
    fs_err::write(folder.path().join(GRAPH), model).unwrap();
    let model = SavedModel::load(&runtime, folder.path(), SessionConfig::default()).unwrap();
    let function = model.function("serving_default", &["image"], &["y"]).unwrap();
    let image = Tensor::float32("a picture", &[1, 2, 9, 8, 3]).unwrap();
    assert!(function.run([&image]).is_ok());
    for feeds in [vec![], vec![&image, &image]] {
        let got = feeds.len();
        let refused = function.run(feeds).unwrap_err();
        assert!(matches!(refused, EngineError::Count { expected: 1, got: n, .. } if n == got), "{refused}");
    }
}

fn rewritten(model: &[u8], kernels: Kernels) -> Result<(Vec<u8>, Rewrites), String> {
    rewrite(model, kernels, |_| Err("there are no variables".into()))
}

proptest! {
    // Each case loads two models and has XLA compile one.
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn a_rewritten_graph_gives_what_the_original_gives(
        case in case(), kernels in prop::sample::select(vec![Kernels::OneDnn, Kernels::Standard]), seed: u64,
    ) {
        let runtime = tensorflow();
        let mut random = fastrand::Rng::with_seed(seed);
        let (original, image) = (case.saved_model(&mut random), case.image(&mut random));
        if case.depthwise && !case.is_lowered() {
            prop_assert!(rewritten(&original, kernels).unwrap_err().contains("needs XLA"));
            return Ok(());
        }
        if !case.depthwise && case.channels.0 == 1 && case.stride.1 != case.stride.2 {
            prop_assert!(rewritten(&original, kernels).unwrap_err().contains("of one channel"));
            return Ok(());
        }
        let (result, rewrites) = rewritten(&original, kernels).unwrap();
        // The first convolution is lowered always.
        prop_assert_eq!(rewrites.convolutions, 1 + usize::from(case.is_lowered()));
        prop_assert_eq!(rewrites.batch_norms, usize::from(case.batch_norm));
        let folder = tempfile::tempdir().unwrap();
        let expected = run(&runtime, &original, &folder.path().join("original"), &image);
        let got = run(&runtime, &result, &folder.path().join("result"), &image);
        prop_assert_eq!(expected.len(), got.len());
        let largest = expected.iter().fold(0f32, |largest, value| largest.max(value.abs()));
        for (a, b) in expected.iter().zip(&got) {
            prop_assert!((a - b).abs() <= 1e-5 * largest.max(1.0), "{} and {} of {}", a, b, largest);
        }
    }
}

/// A two-dimensional convolution with its bias; the function gives its operation `result`.
fn picture_convolution(kernel: usize, depthwise: bool, stride: i64, same: bool, result: &str) -> FunctionDef {
    let mut random = fastrand::Rng::with_seed(kernel as u64);
    let mut graph = Graph::default();
    let (op, out) = if depthwise { ("DepthwiseConv2dNative", 3) } else { ("Conv2D", 5) };
    let mut constant = |graph: &mut Graph, shape: Vec<usize>| {
        let values = (0..shape.iter().product()).map(|_| random.f32() - 0.5).collect();
        graph.add_floats("f", &Floats { shape, values })
    };
    let filter = constant(&mut graph, vec![kernel, kernel, 3, if depthwise { 1 } else { out }]);
    let bias = constant(&mut graph, vec![out]);
    let [three, sixth] =
        [3.0, 1.0 / 6.0].map(|value| graph.add_floats("f", &Floats { shape: vec![], values: vec![value] }));
    let pictures = graph.add_int_tensor("f", &[4], &[-1, 9, 8, 3]);
    let mut nodes = std::mem::take(&mut graph.nodes);
    let float = [("T", Value::Type(FLOAT))];
    let mut add = |name: &str, op: &str, inputs: [&str; 2], attributes: &[(&str, Value)]| {
        let inputs: Vec<_> = inputs.into_iter().filter(|input| !input.is_empty()).collect();
        nodes.push(NodeDef::new(name, op, &inputs, &[float.as_slice(), attributes].concat()));
    };
    let output = |name: &str| format!("{name}:output:0");
    add("flat", "Reshape", ["x", &output(&pictures)], &[("Tshape", Value::Type(INT32))]);
    let attributes = [
        ("strides", ints(&[1, stride, stride, 1])),
        ("padding", text(if same { "SAME" } else { "VALID" })),
        ("data_format", text("NHWC")),
        ("dilations", ints(&[1; 4])),
    ];
    add("conv", op, ["flat:output:0", &output(&filter)], &attributes);
    add("biased", "BiasAdd", ["conv:output:0", &output(&bias)], &[("data_format", text("NHWC"))]);
    add("shifted", "AddV2", ["biased:output:0", &output(&three)], &[]);
    add("clipped", "Relu6", ["shifted:z:0", ""], &[]);
    add("gated", "Mul", ["biased:output:0", "clipped:activations:0"], &[]);
    add("hard_swish", "Mul", ["gated:z:0", &output(&sixth)], &[]);
    add("gate", "Sigmoid", ["biased:output:0", ""], &[]);
    add("swish", "Mul", ["biased:output:0", "gate:y:0"], &[]);
    let argument = |name: &str| ArgDef { name: name.into(), dtype: FLOAT };
    FunctionDef {
        signature: Some(OpDef { name: "f".into(), inputs: vec![argument("x")], outputs: vec![argument("y")] }),
        nodes,
        returns: [("y".to_owned(), result.to_owned())].into(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_fused_convolution_gives_what_its_parts_give(
        kernel in 1usize..5, depthwise: bool, stride in 1i64..3, same: bool,
        result in prop::sample::select(vec!["biased:output:0", "hard_swish:z:0", "swish:z:0"]), seed: u64,
    ) {
        let runtime = tensorflow();
        let original = saved_model_of(picture_convolution(kernel, depthwise, stride, same, result));
        let (result, rewrites) = rewritten(&original, Kernels::OneDnn).unwrap();
        prop_assert_eq!(rewrites.fused, 1);
        let left = SavedModelDef::decode(result.as_slice()).unwrap().meta_graphs.remove(0).graph.unwrap().nodes;
        let parts = ["BiasAdd", "Relu6", "Mul", "Sigmoid"];
        prop_assert!(!left.iter().any(|node| parts.contains(&node.op.as_str())), "{:?}", left);
        let mut random = fastrand::Rng::with_seed(seed);
        let mut image = Tensor::float32("a picture", &[1, 2, 9, 8, 3]).unwrap();
        image.as_float32_mut().unwrap().iter_mut().for_each(|value| *value = random.f32() * 8.0 - 4.0);
        let folder = tempfile::tempdir().unwrap();
        let expected = run(&runtime, &original, &folder.path().join("original"), &image);
        let got = run(&runtime, &result, &folder.path().join("result"), &image);
        prop_assert_eq!(expected.len(), got.len());
        for (a, b) in expected.iter().zip(&got) {
            prop_assert!((a - b).abs() <= 2e-5, "{} and {}", a, b);
        }
    }
}

#[test]
fn what_is_not_known_is_refused() {
    let refusal = |nodes: Vec<NodeDef>| {
        let function = FunctionDef {
            signature: Some(OpDef {
                name: "f".into(),
                inputs: vec![ArgDef { name: "x".into(), dtype: FLOAT }],
                outputs: vec![ArgDef { name: "y".into(), dtype: FLOAT }],
            }),
            nodes,
            returns: [("y".to_owned(), "last:output:0".to_owned())].into(),
        };
        rewrite(&saved_model_of(function), Kernels::Standard, |_| Err("no".into())).unwrap_err()
    };
    let branch = [("then_branch", Value::Function(FunctionName { name: "g".into() }))];
    assert!(refusal(vec![NodeDef::new("last", "If", &["x"], &branch)]).contains("operation If holds functions"));
    let missing = [("f", Value::Function(FunctionName { name: "g".into() }))];
    assert!(refusal(vec![NodeDef::new("last", "PartitionedCall", &["x"], &missing)]).contains("no function 'g'"));
    assert!(refusal(vec![NodeDef::new("last", "RandomUniform", &["x"], &[])]).contains("RandomUniform"));
    assert!(refusal(vec![NodeDef::new("last", "Relu", &["last:activations:0"], &[])]).contains("circle"));
    assert!(rewrite(b"no protobuf at all", Kernels::Standard, |_| Err("no".into())).is_err());
}
