use ndarray::{Array3, s};
use proptest::prelude::*;

use super::*;

const RULES: [Space; 5] = [Space::Squash, Space::ShortSide { short: 20 }, Space::Fit, Space::Letterbox, Space::Centre];

fn cut<'a>(space: Space, pixels: impl Into<Pixels<'a>>, size: usize) -> Array3<f32> {
    let pixels = pixels.into();
    let from = match pixels {
        Pixels::Bytes(pixels) => pixels.dim(),
        Pixels::Unit(pixels) => pixels.dim(),
    };
    let cutter = Cutter::new(space, (from.0, from.1), size);
    let mut seen = vec![f32::NAN; cutter.len()];
    cutter.run(pixels, &mut seen).unwrap();
    let (height, width) = cutter.shape();
    Array3::from_shape_vec((height, width, 3), seen).unwrap()
}

fn noise(height: usize, width: usize) -> Array3<u8> {
    Array3::from_shape_fn((height, width, 3), |(y, x, c)| (y * 83 + x * 149 + c * 31 + y * x * 7) as u8)
}

fn unit(pixels: &Array3<u8>) -> Array3<f32> {
    pixels.mapv(|value| f32::from(value) / 255.0)
}

#[test]
fn edges_are_clamped() {
    let frame = Array3::from_shape_vec((1, 2, 3), vec![0, 0, 0, 255, 255, 255]).unwrap();
    let expected: Vec<_> = [0.0, 0.25, 0.75, 1.0].iter().flat_map(|&value| [value; 3]).collect();
    assert_eq!(cut(Space::Squash, frame.view(), 4).slice(s![0, .., ..]).iter().copied().collect::<Vec<_>>(), expected);
}

#[test]
fn a_pixel_fills_any_size() {
    let frame = Array3::from_elem((1, 1, 3), 51u8);
    assert!(cut(Space::Squash, frame.view(), 7).iter().all(|&value| value == 0.2));
}

#[test]
fn no_pixels_are_black() {
    assert_eq!(cut(Space::Squash, Array3::<u8>::zeros((0, 4, 3)).view(), 1), Array3::<f32>::zeros((1, 1, 3)));
    assert!(Cutter::new(Space::Squash, (1, 1), 0).is_empty());
    for space in RULES {
        let cutter = Cutter::new(space, (0, 0), 2);
        assert_eq!(
            (cutter.shape(), cut(space, Array3::<u8>::zeros((0, 0, 3)).view(), 2).sum()),
            ((2, 2), 0.0),
            "{space:?}"
        );
    }
}

#[test]
fn a_frame_of_the_size_seen_is_left_as_it_is() {
    let frame = noise(20, 20);
    for space in RULES {
        assert_eq!(cut(space, unit(&frame).view(), 20), unit(&frame), "{space:?}");
        let same = |(&got, &expected): (&f32, &f32)| (got - expected).abs() <= f32::EPSILON;
        assert!(cut(space, frame.view(), 20).iter().zip(&unit(&frame)).all(same), "{space:?}");
    }
}

#[test]
fn short_side_takes_the_middle_and_cuts_to_bytes() {
    let frame = noise(20, 31);
    let middle = frame.slice(s![2..18, 7..23, ..]).to_owned();
    assert_eq!(cut(Space::ShortSide { short: 20 }, frame.view(), 16), unit(&middle));
    // 0.25 * 2 + 0.75 * 1 = 1.25 and 1.75 become 1.
    let step = Array3::from_shape_fn((1, 2, 3), |(_, x, _)| x as u8 + 1);
    let seen = cut(Space::ShortSide { short: 2 }, step.view(), 4).mapv(|value| value * 255.0);
    assert_eq!(seen.slice(s![1, .., 0]).to_vec(), [1.0, 1.0, 1.0, 2.0]);
}

#[test]
fn short_side_is_black_around_what_is_smaller() {
    let seen = cut(Space::ShortSide { short: 4 }, Array3::from_elem((4, 9, 3), 255u8).view(), 7);
    let white = Array3::from_shape_fn((7, 7, 3), |(y, ..)| f32::from(u8::from((1..5).contains(&y))));
    assert_eq!(seen, white);
}

#[test]
fn values_of_0_to_1_that_were_bytes_are_seen_as_the_bytes() {
    let frame = noise(13, 37);
    for space in [Space::ShortSide { short: 20 }, Space::Fit] {
        assert_eq!(cut(space, frame.view(), 18), cut(space, unit(&frame).view(), 18), "{space:?}");
    }
}

#[test]
fn fit_keeps_the_proportions() {
    let shape = |height, width, size| Cutter::new(Space::Fit, (height, width), size).shape();
    assert_eq!(shape(720, 1280, 224), (126, 224));
    assert_eq!(shape(1280, 720, 224), (224, 126));
    assert_eq!(shape(57, 101, 172), (97, 172));
    assert_eq!(shape(5, 5, 172), (172, 172));
    assert_eq!(shape(2, 16, 4), (1, 4), "a half is rounded to the even number, but one row stays");
    assert_eq!(shape(3, 8, 4), (2, 4), "1.5 is rounded to 2");
}

#[test]
fn letterbox_has_the_frame_in_the_middle_of_black() {
    // The rows are floor(8 * 9 / 16) = 4, after floor((8 - 4.5) / 2) = 1 of black.
    let seen = cut(Space::Letterbox, Array3::from_elem((9, 16, 3), 255u8).view(), 8);
    let white = Array3::from_shape_fn((8, 8, 3), |(y, ..)| f32::from(u8::from((1..5).contains(&y))));
    assert_eq!(seen, white);
    let turned = cut(Space::Letterbox, Array3::from_elem((16, 9, 3), 255u8).view(), 8);
    assert_eq!(turned, white.permuted_axes([1, 0, 2]));
}

#[test]
fn centre_is_the_middle_squashed() {
    let wide = noise(11, 20);
    let middle = wide.slice(s![.., 4..15, ..]);
    assert_eq!(cut(Space::Centre, wide.view(), 16), cut(Space::Squash, middle, 16));
    let high = noise(20, 11);
    assert_eq!(cut(Space::Centre, high.view(), 5), cut(Space::Squash, high.slice(s![4..15, .., ..]), 5));
}

#[test]
fn other_sizes_are_refused() {
    for space in RULES {
        let cutter = Cutter::new(space, (4, 6), 8);
        let mut seen = vec![0.0; cutter.len()];
        let refused = cutter.run(noise(6, 4).view().into(), &mut seen);
        assert!(matches!(refused, Err(MediaError::Size { what: "frame", .. })), "{space:?}");
        let refused = cutter.run(noise(4, 6).view().into(), &mut seen[1..]);
        assert!(matches!(refused, Err(MediaError::Size { what: "buffer", .. })), "{space:?}");
    }
}

proptest! {
    #[test]
    fn any_frame_is_seen_between_0_and_1(
        height in 0usize..60,
        width in 0usize..60,
        size in 0usize..40,
        short in 0usize..50,
        stripe in 1usize..3,
    ) {
        let frame = noise(height, width);
        for space in [Space::Squash, Space::ShortSide { short }, Space::Fit, Space::Letterbox, Space::Centre] {
            let seen = cut(space, frame.view(), size);
            prop_assert!(seen.iter().all(|value| (-1e-6..=1.000_001).contains(value)), "{space:?}");
            let (rows, columns, _) = seen.dim();
            prop_assert!(rows <= size && columns <= size && rows.max(columns) == size, "{space:?} {rows}x{columns}");
            let part = frame.slice(s![.., ..;stripe, ..]);
            prop_assert_eq!(cut(space, part, size), cut(space, part.to_owned().view(), size), "{:?}", space);
        }
    }

    #[test]
    fn no_proportions_are_too_much(long in 1usize..200_000, size in 1usize..64) {
        for space in RULES {
            for from in [(1, long), (long, 1)] {
                let cutter = Cutter::new(space, from, size);
                prop_assert!(!cutter.is_empty(), "{space:?}");
                let frame = Array3::from_elem((from.0, from.1, 3), 255u8);
                let mut seen = vec![f32::NAN; cutter.len()];
                cutter.run(frame.view().into(), &mut seen).unwrap();
                prop_assert!(seen.contains(&1.0), "{space:?}");
            }
        }
    }
}
