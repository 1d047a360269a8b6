//! The input through which a network is shown its clip or its frames.

use super::{DType, TensorSpec};

/// Batch, frames, height, width, channels.
const RANK: usize = 5;
const CHANNELS: u64 = 3;

/// Whether `input` has the form of a clip, whatever it is called: of rank 5 (or any), floating point or bytes.
pub(super) fn is_clip(input: &TensorSpec) -> bool {
    fault(input).is_none()
}

/// Whether `input` looks like pictures in some form, so that what is wrong with it is worth telling.
pub(super) fn looks_like_pictures(input: &TensorSpec) -> bool {
    input.shape.as_ref().is_some_and(|dims| dims.len() >= RANK - 1)
}

/// Why clips, `(1, frames, height, width, 3)`, cannot be fed to `input`; `None` where they can.
pub(super) fn fault(input: &TensorSpec) -> Option<String> {
    if !matches!(input.dtype, DType::Float32 | DType::UInt8) && !input.is_quantised() {
        return Some(format!("frames are fed as float32 or uint8, and '{}' is {}", input.name, input.dtype));
    }
    let dims = input.shape.as_deref()?;
    let &[batch, frames, height, width, channels] = dims else {
        return Some(format!("a clip is (batch, frames, height, width, 3), and '{}' is {input}", input.name));
    };
    let named = |dim: Option<u64>, number| dim == Some(number);
    if channels.is_none() && named(frames, CHANNELS) {
        return Some(format!("its frames seem to have their channels first: '{}' is {input}", input.name));
    }
    if channels.is_some_and(|channels| channels != CHANNELS) {
        return Some(match named(frames, CHANNELS) || named(height, CHANNELS) {
            true => format!("its frames have their channels first: '{}' is {input}", input.name),
            false => format!("its frames have no 3 channels: '{}' is {input}", input.name),
        });
    }
    if let Some(batch) = batch.filter(|&batch| batch != 1) {
        return Some(format!("it was exported for a batch of {batch}; export it for one of 1, or of any size"));
    }
    if named(frames, 0) || named(height, 0) || named(width, 0) {
        return Some(format!("it takes no frames: '{}' is {input}", input.name));
    }
    height
        .zip(width)
        .filter(|(height, width)| height != width)
        .map(|(height, width)| format!("it takes frames of {width}x{height} only, and frames are squared here"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault_of(dtype: DType, dims: &[i64]) -> Option<String> {
        let mut input = TensorSpec::for_tests("video", dtype, dims.len());
        input.shape = Some(dims.iter().map(|&dim| u64::try_from(dim).ok()).collect());
        fault(&input)
    }

    #[test]
    fn what_a_clip_can_be_fed_to_is_known_by_type_and_shape() {
        for (dtype, dims, word) in [
            (DType::Float32, &[-1, -1, -1, -1, 3][..], None),
            (DType::UInt8, &[1, 8, 64, 64, 3], None),
            (DType::Float32, &[-1, -1, -1, -1, -1], None),
            (DType::Other("float16"), &[-1, -1, -1, -1, 3], Some("'video' is float16")),
            (DType::Int32, &[-1, -1, -1, -1, 3], Some("'video' is int32")),
            (DType::Float32, &[-1, 224, 224, 3], Some("(batch, frames, height, width, 3)")),
            (DType::Float32, &[1, 3, 16, 112, 112], Some("channels first")),
            (DType::Float32, &[1, 16, 3, 112, 112], Some("channels first")),
            (DType::Float32, &[1, 3, -1, -1, -1], Some("channels first")),
            (DType::Float32, &[1, 3, -1, -1, 3], None),
            (DType::Float32, &[1, 16, 112, 112, 1], Some("no 3 channels")),
            (DType::Float32, &[2, -1, -1, -1, 3], Some("batch of 2")),
            (DType::UInt8, &[4, 8, 64, 64, 3], Some("batch of 4")),
            (DType::Float32, &[1, 0, 64, 64, 3], Some("no frames")),
            (DType::Float32, &[1, 8, 90, 160, 3], Some("160x90")),
        ] {
            let fault = fault_of(dtype, dims);
            match word {
                None => assert_eq!(fault, None, "{dims:?}"),
                Some(word) => assert!(fault.as_deref().is_some_and(|fault| fault.contains(word)), "{fault:?} {dims:?}"),
            }
        }
        assert_eq!(fault(&TensorSpec { shape: None, ..TensorSpec::for_tests("any", DType::Float32, 0) }), None);
    }
}
