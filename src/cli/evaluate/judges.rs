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
    /// Whether it was seen what names the rows have for the classes.
    is_known: bool,
}

impl Judges {
    /// Of so many networks, whose classes have these names.
    pub fn new(networks: usize, names: Labels) -> Self {
        let evaluations = vec![Evaluation::default(); networks];
        Self { names, evaluations, comparison: Comparison::default(), is_known: false }
    }

    /// The next clip, of which each network `said` something.
    ///
    /// # Errors
    /// Usage where the classes that were said are others than the list was read for.
    pub fn add(&mut self, item: &Item, said: &[Said]) -> anyhow::Result<()> {
        if !self.is_known
            && let Some((_, top)) = said.iter().find(|(_, top)| !top.is_empty())
        {
            self.names = named(&self.names, top)?;
            self.is_known = true;
        }
        let truth = truth(item, &self.names).map_err(|error| usage(error.to_string()))?;
        let mut judged = Vec::new();
        for (evaluation, (row, top)) in self.evaluations.iter_mut().zip(said) {
            if top.is_empty() {
                evaluation.add_failed(truth);
                continue;
            }
            if truth >= top.len() {
                let (path, classes) = (item.path.display(), top.len());
                return Err(usage(format!("'{path}': the model has {classes} classes, and none of index {truth}")));
            }
            let one = Judged::new(row, top, truth);
            evaluation.add(&one);
            judged.push(one);
        }
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
                Some(ComparedModels { first, second, compared: self.comparison.figures(&self.names) })
            }
            _ => None,
        };
        let models = asked
            .into_iter()
            .zip(&self.evaluations)
            .map(|(asked, evaluation)| asked.with(evaluation.figures(&self.names)));
        (models.collect(), compared)
    }
}

/// The names of the classes of a model that gives `top`, all of them: `thought`, or none where the model has others.
fn named(thought: &Labels, top: &[Guess]) -> anyhow::Result<Labels> {
    let fits = |names: &Labels| top.iter().find(|guess| names.name(guess.index) != guess.label);
    let Some(Guess { label, index, .. }) = fits(thought) else { return Ok(thought.clone()) };
    if fits(&Labels::numbered()).is_none() {
        return Ok(Labels::numbered());
    }
    let name = thought.name(*index);
    Err(usage(format!("class {index} of the model is '{label}', not '{name}': name its classes, --labels FILE")))
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
        let told = add(names(), "green", &["green", "red"]).unwrap_err();
        assert_eq!(told, "class 0 of the model is 'green', not 'red': name its classes, --labels FILE");
    }

    #[test]
    fn of_a_model_without_names_that_were_thought_to_fit_indices_count_and_names_are_told() {
        let names = || Labels::parse("red\ngreen\nblue");
        let said = ["class 0", "class 1"];
        assert_eq!(add(names(), "1", &said), Ok(()));
        assert_eq!(add(names(), "green", &said), Err("'a.gif': the model has no class 'green'".into()));
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
        let figures: Vec<_> = judges.evaluations.iter().map(|one| one.figures(&judges.names)).collect();
        assert_eq!(figures.iter().map(|one| (one.clips, one.failed)).collect::<Vec<_>>(), [(2, 0), (1, 1)]);
        assert_eq!(judges.comparison.figures(&judges.names).clips, 1);
    }
}
