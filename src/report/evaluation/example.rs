//! Figures to try reports on: a network of six classes on some clips, and another one.

use super::{ComparedModels, EvaluationReport, ModelFigures, Network, SCHEMA};
use crate::batch::evaluation::{Comparison, Evaluation, Judged};
use crate::media::Sampling;
use crate::predict::Labels;

/// Two models on the same clips, whose classes have these names.
pub(super) fn report(names: &[&str]) -> EvaluationReport {
    let labels = Labels::new(names.iter().map(|&name| name.to_owned()).collect());
    let classes = names.len();
    let (mut first, mut second) = (Evaluation::default(), Evaluation::default());
    let mut comparison = Comparison::default();
    for clip in 0..60 {
        let truth = clip % classes;
        let judged = |said: usize, probability: f64| {
            let rest = |rank: usize| if rank == 0 { probability } else { (1.0 - probability) / (classes - 1) as f64 };
            let top = (0..classes).map(|rank| ((said + classes - rank) % classes, rest(rank))).collect();
            let path = format!("videos/{}/{clip:03}.mp4", names[truth]).into();
            Judged { path, truth, top, id: Some(clip.into()), ..Judged::default() }
        };
        let probability = 0.5 + f64::from(clip as u32 * 7 % 50) / 100.0;
        let one = judged(if clip % 5 == 0 { (truth + 1) % classes } else { truth }, probability);
        let other = judged(if clip % 7 == 0 { (truth + clip) % classes } else { truth }, probability);
        first.add(&one);
        second.add(&other);
        comparison.add(&one, &other);
    }
    second.add_failed(0);
    let model = |network, model: &str, evaluation: &Evaluation| ModelFigures {
        network,
        model: model.into(),
        engine: "prepared".into(),
        sha256: None,
        sampling: Sampling::Kinetics,
        rule: "kinetics: 50 frames at 5 fps, the square in the middle".into(),
        figures: evaluation.figures(&labels),
    };
    EvaluationReport {
        schema: SCHEMA,
        list: "lists/validation.csv".into(),
        models: vec![model(Network::Stream, "a0-stream", &first), model(Network::Base, "a0-base", &second)],
        comparison: Some(ComparedModels {
            first: "a0-stream".into(),
            second: "a0-base".into(),
            compared: comparison.figures(&labels),
        }),
        seconds: 12.34,
    }
}

pub(super) const NAMES: [&str; 6] =
    ["clapping", "jumping jacks", "lunge", "passing american football (not in game)", "pull ups", "waving hand"];
