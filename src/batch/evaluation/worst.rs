//! The clips of which a network was most surely wrong.

use std::path::PathBuf;

use serde::Serialize;
use serde_json::Value;

use super::Judged;
use super::class::Class;
use crate::predict::Labels;

/// So many are kept.
const MOST: usize = 20;

/// A clip of which the most likely class is not the true one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Wrong {
    /// The clip, as the list names it.
    #[serde(serialize_with = "crate::paths::serialize")]
    pub path: PathBuf,
    /// Where the part begins that was looked at, in seconds since its first frame.
    pub from: f64,
    /// And where it ends; none where that is the clip's end.
    pub to: Option<f64>,
    /// Whatever the list calls it by.
    pub id: Option<Value>,
    /// What it is.
    pub truth: Class,
    /// What was said of it.
    pub said: Class,
    /// And how likely that was held.
    pub probability: f64,
}

/// The worst so far, most likely first; of equal ones the earlier first. What was said of each is the first in its `top`.
#[derive(Debug, Clone, Default)]
pub(super) struct Worst(Vec<Judged>);

impl Worst {
    /// `judged`, of which something was said wrongly, with this probability.
    pub fn add(&mut self, judged: &Judged, probability: f64) {
        let probability_of = |known: &Judged| known.top.first().map_or(0.0, |&(_, probability)| probability);
        let at = self.0.partition_point(|known| probability_of(known).total_cmp(&probability).is_ge());
        if at < MOST {
            self.0.truncate(MOST - 1);
            self.0.insert(at, judged.shortened());
        }
    }

    /// Those that were kept.
    pub fn figures(&self, labels: &Labels) -> Vec<Wrong> {
        let wrong = self.0.iter().filter_map(|judged| {
            let &(said, probability) = judged.top.first()?;
            let Judged { path, from, to, id, truth, .. } = judged.clone();
            let (truth, said) = (Class::new(truth, labels), Class::new(said, labels));
            Some(Wrong { path, from, to, id, truth, said, probability })
        });
        wrong.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_surest_are_kept_in_order_and_no_more_than_a_few() {
        let mut worst = Worst::default();
        for number in 0..100_u32 {
            let probability = f64::from(number * 37 % 50) / 50.0;
            let top = vec![(1, probability), (2, 0.0)];
            worst.add(&Judged { path: number.to_string().into(), top, ..Judged::default() }, probability);
        }
        let kept: Vec<_> = worst.figures(&Labels::numbered()).iter().map(|wrong| wrong.probability).collect();
        let expected: Vec<_> = (0..20).map(|at| f64::from(49 - at / 2) / 50.0).collect();
        assert_eq!(kept, expected, "each of 0 to 49 came twice");
        let paths: Vec<u32> = worst
            .figures(&Labels::numbered())
            .iter()
            .map(|wrong| wrong.path.to_str().unwrap().parse().unwrap())
            .collect();
        assert!(paths.chunks(2).all(|twice| twice[0] + 50 == twice[1]), "{paths:?}");
    }
}
