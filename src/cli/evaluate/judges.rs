//! From the rows of clips to figures.

use movinet_tf::batch::evaluation::{Comparison, Evaluation, Judged, truth};
use movinet_tf::batch::{Item, Row};
use movinet_tf::predict::{Guess, Labels};
use movinet_tf::report::evaluation::{ComparedModels, ModelFigures};

use super::asked::Asked;
use crate::cli::exit::usage;

/// What one network says of a clip.
pub type Said<'a> = (&'a Row, &'a [Guess]);

/// The figures of one or two networks, one clip after the other.
pub struct Judges {
    names: Labels,
    evaluations: Vec<Evaluation>,
    comparison: Comparison,
    /// Whether the rows' classes were seen to be those of `names`.
    is_known: bool,
}

impl Judges {
    /// Of so many networks, whose classes have these names.
    pub fn new(networks: usize, names: Labels) -> Self {
        let evaluations = vec![Evaluation::new(names.clone()); networks];
        Self { comparison: Comparison::new(names.clone()), names, evaluations, is_known: false }
    }

    /// The next clip, of which each network `said` something.
    ///
    /// # Errors
    /// Usage where the classes that were said are others than the list was read for.
    pub fn add(&mut self, item: &Item, said: &[Said]) -> anyhow::Result<()> {
        let truth = truth(item, &self.names).map_err(|error| usage(error.to_string()))?;
        let mut judged = Vec::new();
        for (evaluation, (row, top)) in self.evaluations.iter_mut().zip(said) {
            if top.is_empty() {
                evaluation.add_failed(truth);
                continue;
            }
            if !self.is_known {
                check(&self.names, top)?;
            }
            if truth >= top.len() {
                let (path, classes) = (item.path.display(), top.len());
                return Err(usage(format!("'{path}': the model has {classes} classes, and none of index {truth}")));
            }
            let one = Judged::new(row, top, truth);
            evaluation.add(&one);
            judged.push(one);
        }
        self.is_known |= judged.len() == self.evaluations.len();
        if let [first, second] = &judged[..] {
            self.comparison.add(first, second);
        }
        Ok(())
    }

    /// The figures of the networks that were `asked`, and of the first against the second.
    pub fn figures(self, asked: Vec<Asked>) -> (Vec<ModelFigures>, Option<ComparedModels>) {
        let compared = match &asked[..] {
            [first, second] => Some(ComparedModels {
                first: first.model.clone(),
                second: second.model.clone(),
                compared: self.comparison.figures(),
            }),
            _ => None,
        };
        let models =
            asked.into_iter().zip(&self.evaluations).map(|(asked, evaluation)| asked.with(evaluation.figures()));
        (models.collect(), compared)
    }
}

/// Whether `top`, all classes of a model, have these names.
fn check(names: &Labels, top: &[Guess]) -> anyhow::Result<()> {
    let is_other = |guess: &&Guess| names.name(guess.index) != guess.label;
    match top.iter().find(is_other) {
        None => Ok(()),
        Some(Guess { label, index, .. }) => {
            let name = names.name(*index);
            Err(usage(format!(
                "the labels are not those of the model, whose class {index} is '{label}', not '{name}': name its labels, --labels FILE"
            )))
        }
    }
}
