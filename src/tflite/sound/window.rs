//! Convolutions and pools: what a window makes that goes over a picture.

use super::super::file::TfLiteFault;
use super::super::flatbuffer::Table;
use super::super::graph::Operator;
use super::fact::Fact;
use super::kind::Rule;
use super::wrong;

/// A window, height before width.
struct Window {
    same: bool,
    size: [i64; 2],
    strides: [i64; 2],
    dilations: [i64; 2],
}

/// Whether `output` is what a window makes of `data`, by the options of `operator`.
pub fn sound(operator: &Operator, rule: Rule, data: &[&Fact], output: &Fact) -> Result<(), TfLiteFault> {
    let dims: Option<Vec<&[i64]>> = data.iter().map(|fact| fact.dims.as_deref()).collect();
    let (Some(dims), Some(made), Some(options)) = (dims, output.dims.as_deref(), operator.options) else {
        return Ok(());
    };
    let mismatch = || wrong(format!("cannot make {made:?} of {dims:?}"));
    let [batch, height, width, channels] = *dims[0] else { return mismatch() };
    let (size, depth, dilations) = match (rule, dims.get(1)) {
        (Rule::Pool, _) => ([options.i32(4)?.into(), options.i32(3)?.into()], channels, [1, 1]),
        (Rule::Convolution, Some(&&[units, height, width, of])) => {
            if of < 1 || channels % of != 0 {
                return mismatch();
            }
            ([height, width], units, dilations(options, 4)?)
        }
        (Rule::Depthwise, Some(&&[1, height, width, of])) => {
            if channels.checked_mul(options.i32(3)?.into()) != Some(of) {
                return mismatch();
            }
            ([height, width], of, dilations(options, 5)?)
        }
        _ => return mismatch(),
    };
    if dims.get(2).is_some_and(|bias| **bias != [depth]) {
        return mismatch();
    }
    let window = Window {
        same: match options.i8(0)? {
            0 => true,
            1 => false,
            other => return wrong(format!("has padding {other}")),
        },
        size,
        strides: [options.i32(2)?.into(), options.i32(1)?.into()],
        dilations,
    };
    let places = [height, width].into_iter().enumerate().map(|(at, length)| window.places(at, length));
    match places.collect::<Option<Vec<_>>>().as_deref() {
        Some(&[high, wide]) if *made == [batch, high, wide, depth] => Ok(()),
        _ => mismatch(),
    }
}

/// Height before width, from the fields `width` and the one behind it; 1 where they are left out.
fn dilations(options: Table, width: usize) -> Result<[i64; 2], TfLiteFault> {
    Ok([options.i32_or(width + 1, 1)?.into(), options.i32_or(width, 1)?.into()])
}

impl Window {
    /// How often it fits along so many pixels.
    fn places(&self, at: usize, length: i64) -> Option<i64> {
        let (size, stride, dilation) = (self.size[at], self.strides[at], self.dilations[at]);
        if size < 1 || stride < 1 || dilation < 1 {
            return None;
        }
        let covered = (size - 1).checked_mul(dilation)? + 1;
        let room = if self.same { length } else { length - covered + 1 };
        (room > 0).then(|| (room + stride - 1) / stride)
    }
}
