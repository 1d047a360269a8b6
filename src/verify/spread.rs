//! How values go along with those of a reference.

/// Values and those of a reference, place by place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Spread {
    /// Largest absolute difference.
    pub max_abs: f64,
    /// Pearson's; none where one of both is the same everywhere.
    pub correlation: Option<f64>,
    /// Standard deviation, as a share of the reference's; none where that is 0.
    pub deviation_ratio: Option<f64>,
}

impl Spread {
    /// Of `got` and `expected`, which are as many.
    pub fn of(got: &[f64], expected: &[f64]) -> Self {
        let count = got.len().max(1) as f64;
        let mean = |values: &[f64]| values.iter().sum::<f64>() / count;
        let (got_mean, expected_mean) = (mean(got), mean(expected));
        let pairs = || got.iter().zip(expected);
        let [mut own, mut others, mut both] = [0.0; 3];
        for (a, b) in pairs() {
            let (a, b) = (a - got_mean, b - expected_mean);
            (own, others, both) = (own + a * a, others + b * b, both + a * b);
        }
        Self {
            max_abs: pairs().map(|(a, b)| (a - b).abs()).fold(0.0, f64::max),
            correlation: (own > 0.0 && others > 0.0).then(|| both / (own.sqrt() * others.sqrt())),
            deviation_ratio: (others > 0.0).then(|| (own / others).sqrt()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn correlation_and_deviation_are_numpys() {
        // numpy.corrcoef([1, 2, 4, 3], [2, 1, 5, 5])[0, 1]; numpy.std of both
        let spread = Spread::of(&[1.0, 2.0, 4.0, 3.0], &[2.0, 1.0, 5.0, 5.0]);
        assert!((spread.correlation.unwrap() - 0.814_091_578_410_694_3).abs() < 1e-12, "{spread:?}");
        assert!((spread.deviation_ratio.unwrap() - 0.626_224_291_085_149_4).abs() < 1e-12, "{spread:?}");
        assert_eq!(spread.max_abs, 2.0);
    }

    #[test]
    fn what_never_changes_has_neither() {
        let spread = Spread::of(&[1.0, 2.0], &[3.0, 3.0]);
        assert_eq!((spread.correlation, spread.deviation_ratio), (None, None));
        assert_eq!(Spread::of(&[3.0, 3.0], &[1.0, 2.0]).deviation_ratio, Some(0.0));
    }
}
