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
            [first, second] => {
                let (first, second) = match first.model == second.model {
                    true => (format!("{} (first)", first.model), format!("{} (second)", second.model)),
                    false => (first.model.clone(), second.model.clone()),
                };
                Some(ComparedModels { first, second, compared: self.comparison.figures() })
            }
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A row of which these classes were said.
    fn row(top: &[&str]) -> Row {
        let guess = |(index, label)| json!({"label": label, "index": index, "probability": 1.0 / (index + 1) as f64});
        let top: Vec<_> = top.iter().enumerate().map(guess).collect();
        let row = json!({
            "path": "a.gif", "from": 0.0, "to": null, "frames": 1, "top": top, "model": "m", "engine": "fake",
            "sampling": "model", "seconds": 0.1, "error": null, "id": null,
        });
        serde_json::from_value(row).unwrap()
    }

    fn add(names: Labels, label: &str, top: &[&str]) -> Result<(), String> {
        let item = Item { label: Some(label.into()), ..Item::new("a.gif") };
        let row = row(top);
        Judges::new(1, names).add(&item, &[(&row, &row.top)]).map_err(|error| error.to_string())
    }

    #[test]
    fn a_model_of_other_classes_than_were_thought_is_told() {
        let names = || Labels::parse("red\ngreen\nblue");
        assert_eq!(add(names(), "green", &["red", "green", "blue"]), Ok(()));
        let told = add(names(), "green", &["class 0", "class 1"]).unwrap_err();
        assert!(told.contains("class 0 is 'class 0', not 'red'") && told.contains("--labels"), "{told}");
    }

    #[test]
    fn an_index_that_no_class_has_is_told() {
        assert_eq!(add(Labels::numbered(), "1", &["class 0", "class 1"]), Ok(()));
        let told = add(Labels::numbered(), "2", &["class 0", "class 1"]).unwrap_err();
        assert_eq!(told, "'a.gif': the model has 2 classes, and none of index 2");
        assert_eq!(add(Labels::numbered(), "2", &[]), Ok(()), "what failed says nothing of the classes");
    }

    #[test]
    fn of_two_networks_one_may_fail() {
        let names = Labels::parse("red\ngreen");
        let mut judges = Judges::new(2, names);
        let item = Item { label: Some("red".into()), ..Item::new("a.gif") };
        let (good, bad) = (row(&["red", "green"]), row(&[]));
        judges.add(&item, &[(&good, &good.top), (&bad, &bad.top)]).unwrap();
        judges.add(&item, &[(&good, &good.top), (&good, &good.top)]).unwrap();
        let figures: Vec<_> = judges.evaluations.iter().map(Evaluation::figures).collect();
        assert_eq!(figures.iter().map(|one| (one.clips, one.failed)).collect::<Vec<_>>(), [(2, 0), (1, 1)]);
        assert_eq!(judges.comparison.figures().clips, 1);
    }
}
