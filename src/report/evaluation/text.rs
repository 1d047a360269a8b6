//! What models are worth, for people: 80 columns, with colour where the terminal has it.

use std::io::{self, Write};

use anstyle::Style;

use super::{ComparedModels, EvaluationReport, ModelFigures};
use crate::batch::evaluation::{Accuracy, Change, ClassFigures, Confusion, McNemar, Right, Test};
use crate::report::text::{fitted, seconds};
use crate::shown::shown;

const WIDTH: usize = 80;
const HEAD: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();
/// So many confusions, classes and clips are shown.
const MOST: usize = 10;

/// Writes `report` to `output`, with ANSI styles: give it a stream that takes them out where they don't belong.
///
/// # Errors
/// Whatever `output` says.
pub fn write(report: &EvaluationReport, output: &mut dyn Write) -> io::Result<()> {
    let EvaluationReport { list, models, comparison, seconds: time, .. } = report;
    let list = list.file_name().unwrap_or(list.as_os_str()).to_string_lossy();
    let clips = models.iter().map(|model| model.figures.clips + model.figures.failed).max().unwrap_or_default();
    writeln!(output, "{HEAD}{}{HEAD:#}: {clips} clips in {}", shown(&list), seconds(*time))?;
    for (at, ModelFigures { rule, .. }) in models.iter().enumerate() {
        if models[..at].iter().all(|before| before.rule != *rule) {
            writeln!(output, "{FAINT}{}{FAINT:#}", shown(rule))?;
        }
    }
    writeln!(output)?;
    writeln!(
        output,
        "{HEAD}{:<22}{:>8}{:<13}{:>8}{:<13}{:>9}{:>7}{HEAD:#}",
        "95 % confidence", "top 1", "", "top 5", "", "per class", "ECE"
    )?;
    models.iter().try_for_each(|model| figures_row(output, model))?;
    models.iter().try_for_each(|model| failed_line(output, model))?;
    for model in models {
        details(output, model)?;
    }
    comparison.as_ref().map_or(Ok(()), |compared| write_comparison(output, compared))
}

fn figures_row(output: &mut dyn Write, ModelFigures { model, network, figures, .. }: &ModelFigures) -> io::Result<()> {
    let name = if model.ends_with(network.name()) { model.clone() } else { format!("{model}, {}", network.name()) };
    let ece = figures.calibration.ece.map_or("-".to_owned(), |ece| format!("{ece:.3}"));
    writeln!(
        output,
        "{:<22}{}{}{:>9}{ece:>7}",
        fitted(&name, 21),
        accuracy_cell(&figures.top1),
        accuracy_cell(&figures.top5),
        percent(figures.per_class_accuracy)
    )
}

/// `68.8 % 65.0-72.4`, in 21 columns.
fn accuracy_cell(Accuracy { accuracy, interval, .. }: &Accuracy) -> String {
    let interval = interval.map_or(String::new(), |[low, high]| format!("{:.1}-{:.1}", low * 100.0, high * 100.0));
    format!("{:>8} {interval:<12}", percent(*accuracy))
}

fn percent(share: Option<f64>) -> String {
    share.map_or("-".to_owned(), |share| format!("{:.1} %", share * 100.0))
}

fn failed_line(output: &mut dyn Write, ModelFigures { model, figures, .. }: &ModelFigures) -> io::Result<()> {
    let Some(with) = &figures.accuracy_with_failed else { return Ok(()) };
    let (failed, model) = (figures.failed, fitted(model, 21));
    let (top1, top5) = (percent(Some(with.top1)), percent(Some(with.top5)));
    writeln!(output, "{FAINT}{model}: {failed} failed; as wrong answers: top 1 {top1}, top 5 {top5}{FAINT:#}")
}

/// What it confuses, and which classes it knows least.
fn details(output: &mut dyn Write, model: &ModelFigures) -> io::Result<()> {
    let ModelFigures { model: name, figures, .. } = model;
    let name = shown(name);
    if figures.confusions.is_empty() {
        return Ok(());
    }
    writeln!(output, "\n{HEAD}{name} takes{:>1$}{HEAD:#}", "for", 41_usize.saturating_sub(name.chars().count()))?;
    for Confusion { truth, said, clips } in figures.confusions.iter().take(MOST) {
        writeln!(output, "{clips:>7}  {:<34} {}", fitted(&truth.label, 33), fitted(&said.label, 35))?;
    }
    let classes = model.by_accuracy();
    let least: Vec<_> = classes.into_iter().filter(|class| class.correct < class.clips).take(MOST).collect();
    writeln!(output, "\n{HEAD}{name} knows least{HEAD:#}")?;
    for ClassFigures { label, clips, correct, accuracy, .. } in least {
        writeln!(output, "{:>8}  {:<34} {correct} of {clips}", percent(*accuracy), fitted(label, 33))?;
    }
    Ok(())
}

fn write_comparison(output: &mut dyn Write, compared: &ComparedModels) -> io::Result<()> {
    let (first, second) = (shown(&compared.first), shown(&compared.second));
    let McNemar { both_right, only_first, only_second, both_wrong, p_value, test } = &compared.compared.mcnemar;
    writeln!(output, "\n{HEAD}{first} against {second}{HEAD:#}, {} clips", compared.compared.clips)?;
    for (clips, what) in [
        (both_right, "both are right".to_owned()),
        (only_first, format!("{first} alone is right")),
        (only_second, format!("{second} alone is right")),
        (both_wrong, "both are wrong".to_owned()),
    ] {
        writeln!(output, "{clips:>7}  {}", fitted(&what, WIDTH - 9))?;
    }
    let test = match test {
        Test::Exact => "exact",
        Test::Chi2 => "chi squared",
    };
    let verdict = match p_value {
        _ if only_first == only_second => "no difference",
        ..0.05 => "a difference, more than chance",
        _ => "a difference that may be chance",
    };
    writeln!(output, "McNemar's test: p = {} ({test}), {verdict}", probability(*p_value))?;
    if compared.compared.changed == 0 {
        return Ok(());
    }
    writeln!(output, "\n{HEAD}{} clips change{HEAD:#}", compared.compared.changed)?;
    for Change { path, truth, first, second, right, .. } in compared.compared.changes.iter().take(MOST) {
        let path = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
        let path = fitted(&path, 22);
        let mark = |is_right| if is_right { "✓" } else { "✗" };
        let (one, other) = (mark(*right == Right::First), mark(*right == Right::Second));
        let said = |label: &str| fitted(label, 25);
        writeln!(output, "{path:<22}  {one} {:<25}  {other} {}", said(&first.label), said(&second.label))?;
        if *right == Right::Neither {
            writeln!(output, "{:<22}  {FAINT}is {}{FAINT:#}", "", fitted(&truth.label, WIDTH - 27))?;
        }
    }
    Ok(())
}

/// Three digits that count.
fn probability(p: f64) -> String {
    if p >= 0.001 { format!("{p:.3}") } else { format!("{p:.1e}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::evaluation::{Comparison, Evaluation};
    use crate::predict::Labels;
    use crate::report::evaluation::example;

    fn text(report: &EvaluationReport) -> String {
        let mut output = Vec::new();
        write(report, &mut anstream::StripStream::new(&mut output)).unwrap();
        String::from_utf8(output).unwrap()
    }

    #[test]
    fn the_report_fits_80_columns_and_reads_well() {
        let text = text(&example::report(&example::NAMES));
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        insta::assert_snapshot!(text);
    }

    #[test]
    fn long_and_hostile_names_fit_and_are_shown() {
        let long = "a long \u{1b}[31mname ".repeat(20);
        let mut report = example::report(&[&long, "b", "c\u{202e}"]);
        report.models[0].model = long.clone();
        report.list = "a\u{1b}.csv".into();
        let text = text(&report);
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
        for line in text.lines().filter(|line| line.starts_with([' ', '0'])) {
            assert!(line.chars().count() <= WIDTH, "{line}");
        }
    }

    #[test]
    fn of_no_clips_and_of_no_mistakes_little_is_said() {
        let mut report = example::report(&example::NAMES);
        report.models.truncate(1);
        report.models[0].figures = Evaluation::default().figures(&Labels::numbered());
        let comparison = report.comparison.as_mut().unwrap();
        comparison.compared = Comparison::default().figures(&Labels::numbered());
        insta::assert_snapshot!(text(&report));
    }

    #[test]
    fn small_probabilities_keep_their_digits() {
        assert_eq!(
            [1.0, 0.0421, 0.001, 0.00099, 1.8e-17].map(probability),
            ["1.000", "0.042", "0.001", "9.9e-4", "1.8e-17"]
        );
    }

    #[test]
    fn the_json_has_the_contracts_keys() {
        let mut output = Vec::new();
        let mut report = example::report(&["a", "b"]);
        // Of lists, enough to see their keys.
        for model in &mut report.models {
            model.figures.calibration.bins.truncate(1);
            model.figures.worst.truncate(1);
        }
        report.comparison.as_mut().unwrap().compared.changes.truncate(1);
        crate::report::json::write(&report, &mut output).unwrap();
        insta::assert_snapshot!(String::from_utf8(output).unwrap());
    }
}
