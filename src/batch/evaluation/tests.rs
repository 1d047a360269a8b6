//! A network on a few clips, its figures worked out by hand.

use super::*;

fn judged(path: &str, truth: usize, ranked: &[usize]) -> Judged {
    let top = ranked.iter().enumerate().map(|(rank, &class)| (class, 0.6 - 0.1 * rank as f64)).collect();
    Judged { path: path.into(), truth, top, ..Judged::default() }
}

fn labels() -> Labels {
    Labels::parse("a\nb\nc\nd\ne\nf")
}

fn evaluation() -> Evaluation {
    let mut evaluation = Evaluation::default();
    evaluation.add(&judged("1", 0, &[0, 1, 2, 3, 4]));
    evaluation.add(&judged("2", 0, &[1, 0, 2, 3, 4]));
    evaluation.add(&judged("3", 0, &[1, 2, 3, 4, 5]));
    evaluation.add(&judged("4", 1, &[1, 0, 2, 3, 4]));
    evaluation
}

#[test]
fn figures_are_those_of_the_clips() {
    let figures = evaluation().figures(&labels());
    assert_eq!((figures.clips, figures.failed, figures.accuracy_with_failed), (4, 0, None));
    assert_eq!(figures.top1, Accuracy { accuracy: Some(0.5), correct: 2, interval: wilson(2, 4) });
    assert_eq!(figures.top5, Accuracy { accuracy: Some(0.75), correct: 3, interval: wilson(3, 4) });
    assert!((figures.per_class_accuracy.unwrap() - (1.0 / 3.0 + 1.0) / 2.0).abs() < 1e-15);
    assert!((figures.calibration.ece.unwrap() - 0.1).abs() < 1e-15, "all in a bin: |0.5 - 0.6|");
    let a = ClassFigures {
        label: "a".into(),
        index: 0,
        clips: 3,
        failed: 0,
        correct: 1,
        accuracy: Some(1.0 / 3.0),
        most_confused: Some(MostConfused { label: "b".into(), index: 1, clips: 2 }),
    };
    assert_eq!(figures.classes[0], a);
    assert_eq!((figures.classes.len(), &figures.classes[1].most_confused), (2, &None));
    assert_eq!(figures.confusions.len(), 1);
    assert_eq!(figures.worst.iter().map(|wrong| wrong.path.to_str().unwrap()).collect::<Vec<_>>(), ["2", "3"]);
    assert_eq!(figures.matrix.rows, [[1, 2], [0, 1]]);
}

#[test]
fn what_failed_is_told_and_in_no_other_figure() {
    let mut with_failed = evaluation();
    with_failed.add_failed(0);
    with_failed.add(&Judged { truth: 4, ..Judged::default() });
    let (without, with) = (evaluation().figures(&labels()), with_failed.figures(&labels()));
    assert_eq!((with.clips, with.failed), (4, 2));
    assert_eq!(with.accuracy_with_failed, Some(WithFailed { top1: 2.0 / 6.0, top5: 3.0 / 6.0 }));
    assert_eq!(
        (&with.top1, &with.top5, with.per_class_accuracy),
        (&without.top1, &without.top5, without.per_class_accuracy)
    );
    assert_eq!((with.calibration, with.matrix, with.worst), (without.calibration, without.matrix, without.worst));
    let e = with.classes.last().unwrap();
    assert_eq!((&*e.label, e.clips, e.failed, e.accuracy), ("e", 0, 1, None));
    assert_eq!(with.classes[0].accuracy, without.classes[0].accuracy);
}

#[test]
fn of_no_clips_there_are_no_figures() {
    let figures = Evaluation::default().figures(&Labels::numbered());
    let json = serde_json::to_value(&figures).unwrap();
    for null in ["/top1/accuracy", "/top1/interval", "/top5/accuracy", "/per_class_accuracy", "/calibration/ece"] {
        assert_eq!(json.pointer(null), Some(&Value::Null), "{null}");
    }
    assert_eq!(json["clips"], 0);
}

#[test]
fn of_many_clips_a_few_are_kept() {
    let mut evaluation = Evaluation::default();
    for clip in 0..200_000 {
        evaluation.add(&judged("clip", clip % 600, &[(clip * 7) % 600, 1, 2, 3, 4]));
    }
    let figures = evaluation.figures(&Labels::numbered());
    assert_eq!((figures.clips, figures.classes.len()), (200_000, 600));
    assert_eq!((figures.worst.len(), figures.confusions.len(), figures.matrix.classes.len()), (20, 100, 40));
}
