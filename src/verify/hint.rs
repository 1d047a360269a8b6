//! What a difference between two videos looks like: the usual mistakes, by name.

use ndarray::{ArrayView4, ArrayViewD, Axis, Ix4, Slice};

/// Values this close are the same picture, however it was computed.
const CLOSE: f32 = 1e-3;

/// What would explain that the reference's video `expected` is not `got`, both `(frames, height, width, 3)`.
pub(super) fn explain(got: &ArrayViewD<f32>, expected: &ArrayViewD<f32>) -> Option<String> {
    let got = got.view().into_dimensionality::<Ix4>().ok()?;
    let expected = expected.view().into_dimensionality::<Ix4>().ok()?;
    if got.dim() != expected.dim() || same(got, expected, |value| value, CLOSE) {
        return None;
    }
    let mut turned = got;
    turned.slice_axis_inplace(Axis(3), Slice::new(0, None, -1));
    if same(turned, expected, |value| value, CLOSE) {
        return Some("the reference's channels are BGR, not RGB".into());
    }
    if same(got, expected, |value| value * 255.0, 255.0 * CLOSE) {
        return Some("the reference's video was not divided by 255".into());
    }
    if same(got, expected, |value| value * 2.0 - 1.0, CLOSE) {
        return Some("the reference's video is scaled to [-1, 1], not to [0, 1]".into());
    }
    moved_frames(got, expected)
}

fn same(got: ArrayView4<f32>, expected: ArrayView4<f32>, scale: impl Fn(f32) -> f32, close: f32) -> bool {
    got.iter().zip(expected.iter()).all(|(&a, &b)| (scale(a) - b).abs() <= close)
}

/// Names the frames of the reference that are other frames here, if all that differ are.
fn moved_frames(got: ArrayView4<f32>, expected: ArrayView4<f32>) -> Option<String> {
    let is_frame = |a: usize, b: usize| {
        got.index_axis(Axis(0), a).iter().zip(expected.index_axis(Axis(0), b)).all(|(a, b)| (a - b).abs() <= CLOSE)
    };
    let frames = got.len_of(Axis(0));
    let moved: Option<Vec<_>> = (0..frames)
        .filter(|&frame| !is_frame(frame, frame))
        .map(|frame| {
            let here = (0..frames).find(|&here| is_frame(here, frame))?;
            Some(format!("frame {frame} of the reference is frame {here} here"))
        })
        .collect();
    const MOST: usize = 4;
    let moved = moved?;
    let more = if moved.len() > MOST { ", and so on" } else { "" };
    Some(format!("{}{more}", moved[..moved.len().min(MOST)].join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array4, s};

    fn video() -> Array4<f32> {
        Array4::from_shape_fn((4, 3, 5, 3), |(t, y, x, c)| ((t * 53 + y * 31 + x * 17 + c * 7) % 100) as f32 / 100.0)
    }

    fn hint(expected: Array4<f32>) -> Option<String> {
        explain(&video().view().into_dyn(), &expected.view().into_dyn())
    }

    #[test]
    fn the_usual_mistakes_are_named() {
        assert_eq!(hint(video()), None);
        assert!(hint(video().slice_move(s![.., .., .., ..;-1])).unwrap().contains("BGR"));
        assert!(hint(video() * 255.0).unwrap().contains("not divided by 255"));
        assert!(hint(video() * 2.0 - 1.0).unwrap().contains("[-1, 1]"));
        let swapped = hint(video().select(ndarray::Axis(0), &[0, 2, 1, 3])).unwrap();
        assert_eq!(swapped, "frame 1 of the reference is frame 2 here, frame 2 of the reference is frame 1 here");
        assert_eq!(hint(video() + 0.5), None);
    }
}
