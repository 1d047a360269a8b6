//! Convolutions and pools of pictures.

use super::values::{Lowering, Value};
use crate::export::model::{Activation, Kind, TensorId, Window};
use crate::prepare::NodeDef;

impl Lowering<'_> {
    pub(super) fn convolution(&mut self, node: &NodeDef) -> Result<Value, String> {
        let window = window(node)?;
        let filter = self.graph.floats(&node.inputs[1]).ok_or("needs a constant filter")?;
        let &[height, width, inside, out] = filter.shape.as_slice() else { return Err("has an odd filter".into()) };
        let input = self.value(&node.inputs[0])?;
        let dims = window.result(&input.dims, [height, width], out)?;
        if input.dims[3] != inside {
            return Err("works in groups".into());
        }
        let input = self.shaped(&input, &input.dims);
        let filter = self.model.floats(&[out, height, width, inside], outputs_first(&filter.values, out));
        Ok(self.convolved(Kind::Conv2D(window), [input, filter], out, dims))
    }

    pub(super) fn depthwise_convolution(&mut self, node: &NodeDef) -> Result<Value, String> {
        let window = window(node)?;
        let filter = self.graph.floats(&node.inputs[1]).ok_or("needs a constant filter")?;
        let &[height, width, inside, each] = filter.shape.as_slice() else { return Err("has an odd filter".into()) };
        let input = self.value(&node.inputs[0])?;
        let dims = window.result(&input.dims, [height, width], inside * each)?;
        let input = self.shaped(&input, &input.dims);
        let filter = self.model.floats(&[1, height, width, inside * each], filter.values);
        Ok(self.convolved(Kind::DepthwiseConv2D(window), [input, filter], inside * each, dims))
    }

    /// A product with a constant matrix is a convolution of a picture of one place.
    pub(super) fn product(&mut self, node: &NodeDef) -> Result<Value, String> {
        let filter = self.graph.floats(&node.inputs[1]).ok_or("needs a constant matrix")?;
        let input = self.value(&node.inputs[0])?;
        let (&[inside, out], &[rows, columns]) = (filter.shape.as_slice(), input.dims.as_slice()) else {
            return Err("has an odd matrix".into());
        };
        let is_transposed = ["transpose_a", "transpose_b"]
            .iter()
            .any(|key| node.attribute(key) == Some(&crate::prepare::Value::Bool(true)));
        if is_transposed || columns != inside {
            return Err("is of another form than rows by columns".into());
        }
        let input = self.shaped(&input, &[rows, 1, 1, inside]);
        let filter = self.model.floats(&[out, 1, 1, inside], outputs_first(&filter.values, out));
        let value = self.convolved(Kind::Conv2D(Window::each_place()), [input, filter], out, vec![rows, 1, 1, out]);
        Ok(Value { dims: vec![rows, out], ..value })
    }

    /// With a bias of zeros, which other terms may be added to.
    fn convolved(&mut self, kind: Kind, [input, filter]: [TensorId; 2], out: usize, dims: Vec<usize>) -> Value {
        let bias = self.model.floats(&[out], vec![0.0; out]);
        Value { tensor: self.model.operator(kind, &[input, filter, bias], &dims), dims }
    }

    pub(super) fn pool(&mut self, node: &NodeDef, kind: fn([usize; 2], Window) -> Kind) -> Result<Value, String> {
        let window = window(node)?;
        let &[1, height, width, 1] = node.ints("ksize").unwrap_or_default() else {
            return Err("has an odd window".into());
        };
        let size = [height as usize, width as usize];
        let input = self.value(&node.inputs[0])?;
        let channels = input.dims.last().copied().unwrap_or_default();
        let dims = window.result(&input.dims, size, channels)?;
        let input = self.shaped(&input, &input.dims);
        Ok(Value { tensor: self.model.operator(kind(size, window), &[input], &dims), dims })
    }
}

impl Window {
    /// One that sees each place of a picture alone.
    fn each_place() -> Self {
        Self { strides: [1, 1], same: true, activation: Activation::Linear }
    }

    /// Dimensions of the result for a window of `size` over an input of `dims`.
    fn result(&self, dims: &[usize], size: [usize; 2], channels: usize) -> Result<Vec<usize>, String> {
        let &[batch, height, width, _] = dims else { return Err("takes no pictures".into()) };
        let along = |length: usize, size: usize, stride: usize| match self.same {
            true => Some(length.div_ceil(stride)),
            false => Some((length + stride).checked_sub(size)? / stride),
        };
        let sides = along(height, size[0], self.strides[0]).zip(along(width, size[1], self.strides[1]));
        let (height, width) = sides.ok_or("has a window that is larger than the picture")?;
        Ok(vec![batch, height, width, channels])
    }
}

/// How the window of `node` goes.
fn window(node: &NodeDef) -> Result<Window, String> {
    if node.text("data_format").is_some_and(|format| format != b"NHWC") {
        return Err("has channels before height and width".into());
    }
    if node.ints("dilations").is_some_and(|dilations| dilations.iter().any(|&dilation| dilation != 1)) {
        return Err("is dilated".into());
    }
    let &[1, height, width, 1] = node.ints("strides").unwrap_or_default() else {
        return Err("has odd strides".into());
    };
    let same = match node.text("padding") {
        Some(b"SAME") => true,
        Some(b"VALID") => false,
        _ => return Err("has an odd padding".into()),
    };
    let strides = [height as usize, width as usize];
    Ok(Window { strides, same, activation: Activation::Linear })
}

/// Weights whose last dimension is that of the `out` outputs, with that first.
fn outputs_first(weights: &[f32], out: usize) -> Vec<f32> {
    (0..out).flat_map(|output| weights.iter().skip(output).step_by(out)).copied().collect()
}
