//! How far a value may be from another.

use serde::Serialize;

/// How far an output may be from its reference.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Tolerance {
    /// Absolute part.
    pub atol: f64,
    /// Part relative to the reference's value.
    pub rtol: f64,
}

impl Tolerance {
    /// Whether `got` is close to `expected`: `|got - expected| <= atol + rtol * |expected|` as numpy's `isclose` with
    /// `equal_nan`. An infinity is close to the same infinity alone, and what is no number to what is no number.
    pub(super) fn allows(self, got: f64, expected: f64) -> bool {
        let Self { atol, rtol } = self;
        match got.is_finite() && expected.is_finite() {
            true => (got - expected).abs() <= atol + rtol * expected.abs(),
            false => got == expected || got.is_nan() && expected.is_nan(),
        }
    }
}

/// How far two values are apart, as far as JSON has numbers for it: an infinity or what is no number is as far as can be
/// from all that isn't the same.
pub(super) fn distance(got: f64, expected: f64) -> f64 {
    match got.is_finite() && expected.is_finite() {
        true => (got - expected).abs(),
        false if got == expected || got.is_nan() && expected.is_nan() => 0.0,
        false => f64::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDE: Tolerance = Tolerance { atol: f64::MAX, rtol: f64::MAX };
    const NONE: Tolerance = Tolerance { atol: 0.0, rtol: 0.0 };

    #[test]
    fn an_infinity_equals_the_same_infinity_alone_and_nan_nan_alone() {
        let odd = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, 1e30];
        for (at, &got) in odd.iter().enumerate() {
            for (other, &expected) in odd.iter().enumerate() {
                let is_number = got.is_finite() && expected.is_finite();
                assert_eq!(NONE.allows(got, expected), at == other, "{got} {expected}");
                assert_eq!(WIDE.allows(got, expected), at == other || is_number, "{got} {expected}");
                assert_eq!(distance(got, expected) == 0.0, at == other);
                assert!(distance(got, expected).is_finite());
            }
        }
    }
}
