//! How sure a share is.

/// The 97.5 % quantile of the normal distribution: of it, 95 % lie within so many standard deviations.
const Z: f64 = 1.959963984540054;

/// The interval that holds the true share with 95 % confidence, where `part` of `all` were counted: Wilson's score interval,
/// which is right for few clips and near 0 and 1 too. `None` of nothing.
///
/// Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference (1927).
pub fn wilson(part: u64, all: u64) -> Option<[f64; 2]> {
    if all == 0 {
        return None;
    }
    let (n, share) = (all as f64, part as f64 / all as f64);
    let middle = (share + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
    let half = Z / (1.0 + Z * Z / n) * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    // At the ends, what is exactly 0 or 1 would be so but for rounding.
    let low = if part == 0 { 0.0 } else { middle - half };
    let high = if part == all { 1.0 } else { middle + half };
    Some([low, high])
}

#[cfg(test)]
mod tests {
    use super::*;

    // from statsmodels.stats.proportion import proportion_confint    # 0.15.0
    // for k, n in [(0, 10), (10, 10), (1, 1), (5, 10), (7, 12), (413, 600), (1, 100000)]:
    //     print((k, n, *proportion_confint(k, n, method="wilson")))
    const KNOWN: [(u64, u64, f64, f64); 7] = [
        (0, 10, 0.0, 0.27753279986288926),
        (10, 10, 0.7224672001371106, 1.0),
        (1, 1, 0.2065493143772374, 1.0),
        (5, 10, 0.23659309051256394, 0.7634069094874361),
        (7, 12, 0.31951131254954973, 0.8067396863412435),
        (413, 600, 0.6501728707185476, 0.7240975552329586),
        (1, 100000, 1.7652477303783092e-06, 5.664709659040968e-05),
    ];

    #[test]
    fn intervals_are_those_of_statsmodels() {
        for (part, all, low, high) in KNOWN {
            let [found_low, found_high] = wilson(part, all).unwrap();
            assert!((found_low - low).abs() < 1e-14 && (found_high - high).abs() < 1e-14, "{part} of {all}");
        }
        assert_eq!(wilson(0, 0), None);
    }

    #[test]
    fn an_interval_has_the_share_in_it_and_ends_where_shares_do() {
        for all in 1..60 {
            for part in 0..=all {
                let [low, high] = wilson(part, all).unwrap();
                let share = part as f64 / all as f64;
                assert!(0.0 <= low && low <= share && share <= high && high <= 1.0, "{part} of {all}");
            }
        }
    }
}
