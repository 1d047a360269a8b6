//! Two networks on the same clips.

use std::path::PathBuf;

use serde::Serialize;
use serde_json::Value;

use super::Judged;
use super::class::Class;
use super::mcnemar::McNemar;
use crate::predict::{Guess, Labels};

/// So many changed clips are kept of each kind.
const MOST: usize = 50;

/// Two networks on the same clips, one clip after the other.
#[derive(Debug, Clone, Default)]
pub struct Comparison {
    both_right: u64,
    both_wrong: u64,
    /// Clips that changed, by who is right.
    changed: [Changed; 3],
}

/// Clips that changed in one way.
#[derive(Debug, Clone, Default)]
struct Changed {
    clips: u64,
    /// As the first network judges them, and what the second one says.
    kept: Vec<(Judged, (usize, f64))>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Compared {
    /// Clips of which there are both answers.
    pub clips: u64,
    /// How often which is right, and what that means.
    pub mcnemar: McNemar,
    /// Clips of which the most likely class isn't the same.
    pub changed: u64,
    /// They: those of which the first alone is right, then those of the second, then those of neither, up to 50 of each, in
    /// the list's order.
    pub changes: Vec<Change>,
}

/// A clip of which the most likely class isn't the same.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
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
    /// What the first network says.
    pub first: Guess,
    /// What the second one says.
    pub second: Guess,
    /// Which of both is right.
    pub right: Right,
}

/// Which of two is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// The first.
    First,
    /// The second.
    Second,
    /// Neither.
    Neither,
}

impl Comparison {
    /// A clip, as both networks judge it; one without any class counts for nothing.
    pub fn add(&mut self, first: &Judged, second: &Judged) {
        let (Some(&(first_class, _)), Some(&said)) = (first.top.first(), second.top.first()) else { return };
        let right = match (first_class == first.truth, said.0 == first.truth) {
            (true, true) => return self.both_right += 1,
            (true, false) => Right::First,
            (false, true) => Right::Second,
            (false, false) => {
                self.both_wrong += 1;
                if first_class == said.0 {
                    return;
                }
                Right::Neither
            }
        };
        let changed = &mut self.changed[right as usize];
        changed.clips += 1;
        if changed.kept.len() < MOST {
            changed.kept.push((first.shortened(), said));
        }
    }

    /// What was found; `labels` are the names of the classes.
    pub fn figures(&self, labels: &Labels) -> Compared {
        let [first, second, neither] = [0, 1, 2].map(|kind: usize| self.changed[kind].clips);
        Compared {
            clips: self.both_right + first + second + self.both_wrong,
            mcnemar: McNemar::new(self.both_right, first, second, self.both_wrong),
            changed: first + second + neither,
            changes: self.changes(labels).collect(),
        }
    }

    fn changes(&self, labels: &Labels) -> impl Iterator<Item = Change> {
        let kinds = self.changed.iter().zip([Right::First, Right::Second, Right::Neither]);
        let kept = kinds.flat_map(|(changed, right)| changed.kept.iter().map(move |kept| (kept, right)));
        kept.filter_map(move |((judged, said), right)| {
            let guess = |&(index, probability): &(usize, f64)| Guess { label: labels.name(index), index, probability };
            let (first, second) = (guess(judged.top.first()?), guess(said));
            let Judged { path, from, to, id, truth, .. } = judged.clone();
            Some(Change { path, from, to, id, truth: Class::new(truth, labels), first, second, right })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(path: &str, truth: usize, said: usize) -> Judged {
        Judged { path: path.into(), truth, top: vec![(said, 0.5)], ..Judged::default() }
    }

    #[test]
    fn clips_that_change_are_told_by_who_is_right() {
        let mut comparison = Comparison::default();
        for (path, truth, first, second) in [
            ("1", 0, 0, 0),
            ("2", 0, 1, 1),
            ("3", 0, 1, 2),
            ("4", 0, 0, 1),
            ("5", 1, 0, 1),
            ("6", 2, 2, 2),
            ("7", 1, 2, 1),
        ] {
            comparison.add(&judged(path, truth, first), &judged(path, truth, second));
        }
        let Compared { clips, mcnemar, changed, changes } = comparison.figures(&Labels::parse("a\nb\nc"));
        assert_eq!((clips, changed, mcnemar), (7, 4, McNemar::new(2, 1, 2, 2)));
        let told: Vec<_> = changes
            .iter()
            .map(|change| (change.path.to_str().unwrap(), &*change.first.label, &*change.second.label, change.right))
            .collect();
        let expected = [
            ("4", "a", "b", Right::First),
            ("5", "a", "b", Right::Second),
            ("7", "c", "b", Right::Second),
            ("3", "b", "c", Right::Neither),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn of_many_changes_some_are_kept_and_all_counted() {
        let mut comparison = Comparison::default();
        for clip in 0..1000 {
            comparison.add(&judged(&clip.to_string(), 0, 0), &judged(&clip.to_string(), 0, 1));
        }
        comparison.add(&judged("last", 0, 1), &judged("last", 0, 0));
        let Compared { clips, changed, changes, .. } = comparison.figures(&Labels::numbered());
        assert_eq!((clips, changed, changes.len()), (1001, 1001, 51));
        assert_eq!((&*changes[49].path.to_string_lossy(), &*changes[50].path.to_string_lossy()), ("49", "last"));
    }
}
