//! What is taken for what.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::class::Class;
use crate::predict::Labels;

/// A matrix shows so many classes.
const MOST_CLASSES: usize = 40;

/// Clips of a class that were taken for another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Confusion {
    /// What they are.
    pub truth: Class,
    /// What was said of them.
    pub said: Class,
    /// How many there are.
    pub clips: u64,
}

/// What was said of the clips of each class: of all classes that occurred, or of those that were confused most.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Matrix {
    /// The classes, in order.
    pub classes: Vec<Class>,
    /// Clips: a row for each class that they are of, a column for each that was said.
    pub rows: Vec<Vec<u64>>,
    /// For each row, the clips of which a class was said that has no column.
    pub others: Vec<u64>,
    /// How many classes occurred, as truth or answer.
    pub occurred: usize,
}

/// Counts of what was said of what: as many as there are pairs that occurred.
#[derive(Debug, Clone, Default)]
pub(super) struct Pairs {
    clips: BTreeMap<(usize, usize), u64>,
}

impl Pairs {
    /// A clip of class `truth`, of which `said` was said.
    pub fn add(&mut self, truth: usize, said: usize) {
        *self.clips.entry((truth, said)).or_default() += 1;
    }

    /// Pairs of two, with their clips, most first; of equal ones in the order of the classes.
    fn wrong(&self) -> Vec<((usize, usize), u64)> {
        let wrong = self.clips.iter().filter(|((truth, said), _)| truth != said);
        let mut wrong: Vec<_> = wrong.map(|(&pair, &clips)| (pair, clips)).collect();
        wrong.sort_by_key(|&(pair, clips)| (Reverse(clips), pair));
        wrong
    }

    /// The `most` that hold most clips.
    pub fn largest(&self, most: usize, labels: &Labels) -> Vec<Confusion> {
        let wrong = self.wrong().into_iter().take(most);
        wrong.map(|((truth, said), clips)| confusion(truth, said, clips, labels)).collect()
    }

    /// What each class was most often taken for, where it was.
    pub fn most_of_each(&self, labels: &Labels) -> BTreeMap<usize, Confusion> {
        let mut most = BTreeMap::new();
        for ((truth, said), clips) in self.wrong() {
            most.entry(truth).or_insert_with(|| confusion(truth, said, clips, labels));
        }
        most
    }

    /// The matrix.
    pub fn matrix(&self, labels: &Labels) -> Matrix {
        let occurred: BTreeSet<usize> = self.clips.keys().flat_map(|&(truth, said)| [truth, said]).collect();
        let mut confused = BTreeMap::<usize, u64>::new();
        for ((truth, said), clips) in self.wrong() {
            *confused.entry(truth).or_default() += clips;
            *confused.entry(said).or_default() += clips;
        }
        let mut classes: Vec<usize> = occurred.iter().copied().collect();
        classes.sort_by_key(|class| Reverse(confused.get(class).copied().unwrap_or_default()));
        classes.truncate(MOST_CLASSES);
        classes.sort_unstable();
        let column: BTreeMap<usize, usize> = classes.iter().enumerate().map(|(at, &class)| (class, at)).collect();
        let (mut rows, mut others) = (vec![vec![0; classes.len()]; classes.len()], vec![0; classes.len()]);
        for ((truth, said), &clips) in &self.clips {
            match (column.get(truth), column.get(said)) {
                (Some(&row), Some(&column)) => rows[row][column] = clips,
                (Some(&row), None) => others[row] += clips,
                (None, _) => {}
            }
        }
        let classes = classes.into_iter().map(|class| Class::new(class, labels)).collect();
        Matrix { classes, rows, others, occurred: occurred.len() }
    }
}

fn confusion(truth: usize, said: usize, clips: u64, labels: &Labels) -> Confusion {
    Confusion { truth: Class::new(truth, labels), said: Class::new(said, labels), clips }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(clips: &[(usize, usize, u64)]) -> Pairs {
        let mut pairs = Pairs::default();
        clips.iter().for_each(|&(truth, said, count)| (0..count).for_each(|_| pairs.add(truth, said)));
        pairs
    }

    #[test]
    fn confusions_are_told_largest_first() {
        let pairs = pairs(&[(0, 0, 9), (0, 1, 2), (1, 0, 3), (2, 1, 2), (2, 0, 1)]);
        let told = |confusions: Vec<Confusion>| -> Vec<_> {
            confusions.iter().map(|found| (found.truth.index, found.said.index, found.clips)).collect()
        };
        let labels = Labels::parse("a\nb\nc");
        assert_eq!(told(pairs.largest(3, &labels)), [(1, 0, 3), (0, 1, 2), (2, 1, 2)]);
        let most = pairs.most_of_each(&labels).into_values().collect();
        assert_eq!(told(most), [(0, 1, 2), (1, 0, 3), (2, 1, 2)]);
        assert_eq!(pairs.largest(1, &labels)[0].truth.label, "b");
    }

    // from sklearn.metrics import confusion_matrix    # 1.9.1; it numbers the classes that occur
    // confusion_matrix([0]*11 + [3]*3 + [7]*4, [0]*9 + [3]*2 + [0]*3 + [3]*2 + [0] + [7])
    #[test]
    fn a_matrix_is_that_of_sklearn() {
        let pairs = pairs(&[(0, 0, 9), (0, 3, 2), (3, 0, 3), (7, 3, 2), (7, 0, 1), (7, 7, 1)]);
        let matrix = pairs.matrix(&Labels::numbered());
        assert_eq!(matrix.classes.iter().map(|class| class.index).collect::<Vec<_>>(), [0, 3, 7]);
        assert_eq!(matrix.rows, [[9, 2, 0], [3, 0, 0], [1, 2, 1]]);
        assert_eq!((matrix.others, matrix.occurred), (vec![0; 3], 3));
    }

    #[test]
    fn a_large_matrix_keeps_the_classes_that_are_confused_and_counts_the_rest() {
        // 50 classes, all right but 45, 47 and 49, which are taken for each other, and one clip of 45 for each of all others.
        let mut clips: Vec<_> = (0..50).map(|class| (class, class, 5)).collect();
        clips.extend([(45, 47, 4), (47, 49, 3), (49, 45, 2)]);
        clips.extend((0..45).map(|class| (45, class, 1)));
        let matrix = pairs(&clips).matrix(&Labels::numbered());
        assert_eq!((matrix.classes.len(), matrix.rows.len(), matrix.occurred), (40, 40, 50));
        let at = |index| matrix.classes.iter().position(|class| class.index == index).unwrap();
        let (a, b, c) = (at(45), at(47), at(49));
        assert_eq!((matrix.rows[a][b], matrix.rows[b][c], matrix.rows[c][a]), (4, 3, 2));
        assert_eq!(matrix.others[a], 45 - 37, "three of the 40 are no class that 45 was taken for once");
        assert_eq!(matrix.rows[a].iter().sum::<u64>() + matrix.others[a], 5 + 4 + 45);
    }

    #[test]
    fn of_nothing_the_matrix_is_empty() {
        assert_eq!(Pairs::default().matrix(&Labels::numbered()), Matrix::default());
    }
}
