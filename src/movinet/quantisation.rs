//! Numbers as small integers: TF Lite's affine quantisation.

use std::hash::{Hash, Hasher};

use super::DType;

/// What numbers the integers of a tensor stand for: `number = (integer - zero_point) * scale`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quantisation {
    /// The difference between two integers.
    pub scale: f32,
    /// The integer that stands for 0.
    pub zero_point: i32,
}

// No scale is NaN: `Quantisation::new` refuses one.
impl Eq for Quantisation {}

impl Hash for Quantisation {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.scale.to_bits(), self.zero_point).hash(state);
    }
}

impl Quantisation {
    /// One of this scale, which is a number above 0.
    pub fn new(scale: f32, zero_point: i32) -> Option<Self> {
        (scale.is_finite() && scale > 0.0).then_some(Self { scale, zero_point })
    }

    /// The number that `integer` stands for.
    pub fn number(self, integer: i32) -> f32 {
        integer.wrapping_sub(self.zero_point) as f32 * self.scale
    }

    /// The integer of `range` that stands for the number nearest to `number`; of two as near ones the one farther from the
    /// zero point, as TF Lite rounds.
    pub fn integer(self, number: f32, range: (i32, i32)) -> i32 {
        let integer = (number / self.scale).round() as i32;
        integer.saturating_add(self.zero_point).clamp(range.0, range.1)
    }
}

/// The least and the greatest integer of a type that is quantised to.
pub(crate) fn integers(dtype: DType) -> Option<(i32, i32)> {
    match dtype {
        DType::Int8 => Some((i8::MIN.into(), i8::MAX.into())),
        DType::UInt8 => Some((0, u8::MAX.into())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const INT8: (i32, i32) = (-128, 127);

    #[test]
    fn pictures_are_quantised_as_the_converter_says() {
        // What it gives an input in [0, 1].
        let picture = Quantisation::new(1.0 / 255.0, -128).unwrap();
        assert_eq!(
            [0.0, 1.0, 0.25, 2.0, -1.0].map(|number| picture.integer(number, INT8)),
            [-128, 127, -64, 127, -128]
        );
        assert_eq!(integers(DType::Int8), Some(INT8));
        assert_eq!(integers(DType::Float32), None);
    }

    #[test]
    fn no_scale_is_below_what_a_number_can_be_divided_by() {
        for scale in [0.0, -1.0, f32::NAN, f32::INFINITY] {
            assert_eq!(Quantisation::new(scale, 0), None);
        }
    }

    proptest! {
        #[test]
        fn an_integer_comes_back(scale in 1e-6f32..1e3, zero_point in -128i32..=127, integer in -128i32..=127) {
            let quantisation = Quantisation::new(scale, zero_point).unwrap();
            prop_assert_eq!(quantisation.integer(quantisation.number(integer), INT8), integer);
        }

        #[test]
        fn a_number_in_reach_comes_back_within_half_a_step(scale in 1e-3f32..1e3, zero_point in -128i32..=127, part in 0.0f32..1.0) {
            let quantisation = Quantisation::new(scale, zero_point).unwrap();
            let (low, high) = (quantisation.number(-128), quantisation.number(127));
            let number = low + (high - low) * part;
            let back = quantisation.number(quantisation.integer(number, INT8));
            prop_assert!((back - number).abs() <= scale * 0.501, "{} {}", back, number);
        }

        #[test]
        fn no_number_is_out_of_range(number in proptest::num::f32::ANY, zero_point in i32::MIN..i32::MAX) {
            let integer = Quantisation::new(0.5, zero_point).unwrap().integer(number, INT8);
            prop_assert!((-128..=127).contains(&integer));
        }
    }
}
