//! Whether a network is right as often as it says.

use serde::Serialize;

use super::accuracy::share;

/// Number of bins.
const BINS: usize = 15;

/// How far a network's probabilities are shares of clips.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Calibration {
    /// The expected calibration error: the mean over the clips of how far confidence and accuracy of their bin are apart, 0 to
    /// 1; none of no clips.
    ///
    /// Source: C. Guo et al., On calibration of modern neural networks (2017).
    pub ece: Option<f64>,
    /// Clips by the probability of their most likely class, in 15 bins as wide as each other.
    pub bins: Vec<Bin>,
}

/// Clips of which the most likely class is about as likely.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bin {
    /// It is more likely than this; in the first bin, at least as likely.
    pub from: f64,
    /// And at most as likely as this.
    pub to: f64,
    /// How many there are.
    pub clips: u64,
    /// The mean probability of the most likely class; none of no clips.
    pub confidence: Option<f64>,
    /// The share of clips of which it is the right one; none of no clips.
    pub accuracy: Option<f64>,
}

/// Sums of the clips of each bin.
#[derive(Debug, Clone, Default)]
pub(super) struct Bins([Sums; BINS]);

#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    clips: u64,
    correct: u64,
    probability: f64,
}

impl Bins {
    /// A clip whose most likely class has this `probability`, and whether it is the right one.
    pub fn add(&mut self, probability: f64, is_right: bool) {
        let bin = (1..BINS).position(|bin| probability <= edge(bin)).unwrap_or(BINS - 1);
        let sums = &mut self.0[bin];
        sums.clips += 1;
        sums.correct += u64::from(is_right);
        sums.probability += probability;
    }

    /// The figures.
    pub fn figures(&self) -> Calibration {
        let clips: u64 = self.0.iter().map(|sums| sums.clips).sum();
        // clips / all * |correct / clips - probability / clips|
        let apart: f64 = self.0.iter().map(|sums| (sums.correct as f64 - sums.probability).abs()).sum();
        let bins = self.0.iter().enumerate().map(|(bin, sums)| Bin {
            from: edge(bin),
            to: edge(bin + 1),
            clips: sums.clips,
            confidence: (sums.clips > 0).then(|| sums.probability / sums.clips as f64),
            accuracy: share(sums.correct, sums.clips),
        });
        Calibration { ece: (clips > 0).then(|| apart / clips as f64), bins: bins.collect() }
    }
}

/// Where bin number `bin` begins.
fn edge(bin: usize) -> f64 {
    bin as f64 / BINS as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bin_ends_with_its_end() {
        let mut bins = Bins::default();
        for probability in [0.0, 1.0 / 15.0, 0.2, 0.2000001, 1.0, 1.0 + 1e-12] {
            bins.add(probability, true);
        }
        let counts: Vec<_> = bins.figures().bins.iter().map(|bin| bin.clips).collect();
        assert_eq!(counts, [2, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]);
    }

    // import numpy as np    # 2.4.6
    // p = (np.arange(1, 201) * 37 % 200 + 1) / 200; right = np.arange(1, 201) * 11 % 7 < 4
    // bin = np.digitize(p, np.linspace(0, 1, 16)[1:-1], right=True)
    // sum((bin == b).mean() * abs(right[bin == b].mean() - p[bin == b].mean()) for b in set(bin))
    #[test]
    fn the_error_is_that_of_numpy() {
        let mut bins = Bins::default();
        for number in 1..=200_u32 {
            bins.add(f64::from(number * 37 % 200 + 1) / 200.0, number * 11 % 7 < 4);
        }
        let Calibration { ece, bins } = bins.figures();
        assert!((ece.unwrap() - 0.25895).abs() < 1e-14, "{ece:?}");
        assert_eq!(bins.iter().map(|bin| bin.clips).sum::<u64>(), 200);
    }

    #[test]
    fn who_is_right_as_often_as_said_has_no_error() {
        let mut bins = Bins::default();
        (0..10).for_each(|clip| bins.add(0.7, clip < 7));
        let figures = bins.figures();
        assert!(figures.ece.unwrap() < 1e-15);
        let bin = &figures.bins[10];
        assert!((bin.confidence.unwrap() - 0.7).abs() < 1e-12 && bin.accuracy == Some(0.7));
        // All of one bin: |1 - 0.9|.
        let mut bins = Bins::default();
        (0..4).for_each(|_| bins.add(0.9, true));
        assert!((bins.figures().ece.unwrap() - 0.1).abs() < 1e-15);
        assert_eq!(Bins::default().figures().ece, None);
    }
}
