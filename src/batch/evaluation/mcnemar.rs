//! Whether of two networks one is better, or chance may have made it look so.

use serde::Serialize;

/// With so many clips of which one alone is right, the distribution of chi squared is near enough.
const MANY: u64 = 25;

/// Two networks on the same clips, and McNemar's test of whether both are right equally often.
///
/// Source: Q. McNemar, Note on the sampling error of the difference between correlated proportions or percentages (1947);
/// A. L. Edwards for the correction (1948).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct McNemar {
    /// Clips of which both are right.
    pub both_right: u64,
    /// Clips of which the first alone is right.
    pub only_first: u64,
    /// Clips of which the second alone is right.
    pub only_second: u64,
    /// Clips of which neither is right.
    pub both_wrong: u64,
    /// How likely a difference at least as large would be, if both were right equally often.
    pub p_value: f64,
    /// How that was found.
    pub test: Test,
}

/// How a probability was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    /// By the binomial distribution, two-sided: where one alone is right of less than 25 clips.
    Exact,
    /// By chi squared with one degree of freedom and the correction for continuity.
    Chi2,
}

impl McNemar {
    /// Of these counts.
    pub fn new(both_right: u64, only_first: u64, only_second: u64, both_wrong: u64) -> Self {
        let (test, p_value) = match only_first + only_second {
            differ @ 0..MANY => (Test::Exact, binomial(only_first.min(only_second), differ)),
            differ => (Test::Chi2, chi_squared(only_first.abs_diff(only_second), differ)),
        };
        Self { both_right, only_first, only_second, both_wrong, p_value, test }
    }
}

/// How likely `all` tosses of a coin show one of its sides `few` times or less.
fn binomial(few: u64, all: u64) -> f64 {
    let (mut ways, mut sum) = (1.0, 0.0);
    for tosses in 0..=few {
        sum += ways;
        // Of less than 25 these are whole numbers below 2^53.
        ways = ways * (all - tosses) as f64 / (tosses + 1) as f64;
    }
    (2.0 * sum / 2f64.powi(all as i32)).min(1.0)
}

/// How likely chi squared with one degree of freedom is at least what a `difference` of `all` gives.
fn chi_squared(difference: u64, all: u64) -> f64 {
    let corrected = difference.saturating_sub(1) as f64;
    libm::erfc((corrected * corrected / all as f64 / 2.0).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    // from statsmodels.stats.contingency_tables import mcnemar    # 0.15.0
    // for a, b in [...]: print(mcnemar([[0, a], [b, 0]], exact=a + b < 25, correction=True).pvalue)
    const KNOWN: [(u64, u64, Test, f64); 14] = [
        (0, 0, Test::Exact, 1.0),
        (1, 0, Test::Exact, 1.0),
        (5, 0, Test::Exact, 0.0625),
        (3, 9, Test::Exact, 0.14599609375),
        (7, 7, Test::Exact, 1.0),
        (12, 12, Test::Exact, 1.0),
        (2, 22, Test::Exact, 3.5881996154785156e-05),
        (0, 24, Test::Exact, 1.1920928955078125e-07),
        (12, 13, Test::Chi2, 1.0),
        (5, 20, Test::Chi2, 0.005110260660855866),
        (10, 40, Test::Chi2, 4.109787809945878e-05),
        (0, 25, Test::Chi2, 1.5866563039511885e-06),
        (100, 140, Test::Chi2, 0.01182113783662232),
        (900, 1300, Test::Chi2, 1.7894054155550994e-17),
    ];

    #[test]
    fn probabilities_are_those_of_statsmodels() {
        for (first, second, test, p_value) in KNOWN {
            for (first, second) in [(first, second), (second, first)] {
                let found = McNemar::new(3, first, second, 4);
                assert_eq!((found.only_first, found.only_second, found.test), (first, second, test));
                assert!((found.p_value / p_value - 1.0).abs() < 1e-12, "{first}, {second}: {}", found.p_value);
            }
        }
    }

    /// statsmodels corrects a difference of 0 too, and comes to 0.84.
    #[test]
    fn no_difference_is_no_sign_of_one() {
        assert_eq!(McNemar::new(0, 13, 13, 0).p_value, 1.0);
        assert_eq!(McNemar::new(100, 0, 0, 100).p_value, 1.0);
    }
}
