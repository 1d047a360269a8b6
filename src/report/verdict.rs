//! A verdict for people: a line an output, and for what differs how, where, and what would pass.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::effect;
use crate::compare::ModelInfo;
use crate::shown::shown;
use crate::verify::{Check, ComparedModels, NoNumbers, Parting, Verdict};

const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default();
const FAINT: Style = Style::new().dimmed();
const HINT: Style = AnsiColor::Cyan.on_default();
/// States that are listed of a parting.
const MOST_STATES: usize = 8;

/// Writes `verdict` to `output`, with ANSI styles.
///
/// # Errors
/// Whatever `output` says.
pub fn write(verdict: &Verdict, output: &mut dyn Write) -> io::Result<()> {
    if let Some(ComparedModels { models, reference }) = &verdict.compared {
        for pair in [(&models.base, &reference.base), (&models.stream, &reference.stream)] {
            let (Some(model), Some(reference)) = pair else { continue };
            let name = |ModelInfo { name, engine, .. }: &ModelInfo| format!("{} ({engine})", shown(name));
            writeln!(output, "{} against {}", name(model), name(reference))?;
        }
    }
    for check in &verdict.checks {
        let style = if check.passed { GOOD } else { BAD };
        writeln!(output, "{:<14} {style}{}{style:#}", check.output, outcome(check))?;
        match &check.effect {
            // Of two models the single values say little.
            Some(effect) if verdict.compared.is_some() && !is_identical(check) => {
                effect::write(effect, !check.passed, output)?;
            }
            _ if !check.passed => details(check, output)?,
            _ => {}
        }
    }
    for hint in &verdict.hints {
        writeln!(output, "{HINT}hint{HINT:#}: {hint}")?;
    }
    let flags: Vec<_> = verdict.checks.iter().filter_map(Check::passing_flag).collect();
    if !flags.is_empty() {
        writeln!(output, "would pass with {}", flags.join(" "))?;
    }
    let (style, word) = if verdict.passed { (GOOD, "equal") } else { (BAD, "not equal") };
    let tolerances: Vec<_> = verdict
        .checks
        .iter()
        .map(|check| format!("{} {:e} + {:e} |b|", check.output, check.tolerance.atol, check.tolerance.rtol))
        .collect();
    writeln!(output, "{style}{word}{style:#} {FAINT}(allowed: {}){FAINT:#}", tolerances.join(", "))
}

/// What a check found, in one line.
pub(super) fn outcome(check: &Check) -> String {
    if check.shape != check.expected_shape {
        return format!("DIFFERS in shape: {:?}, the reference has {:?}", check.shape, check.expected_shape);
    }
    let count: usize = check.shape.iter().product();
    if is_identical(check) {
        return format!("identical to the last bit ({count} values{})", no_numbers(check));
    }
    let odd = no_numbers(check);
    let differences = format!(
        "max abs {}, max rel {:.3e}, {} ulps, cosine {:.9}{odd}",
        distance(check.max_abs),
        check.max_rel,
        check.max_ulps,
        check.cosine
    );
    match &check.first_beyond {
        None => format!("within tolerance, {differences}, {} of {count} identical", check.identical),
        Some(first) => {
            format!("DIFFERS: {} of {count} beyond, {differences}, first at {}", check.beyond, shown(&first.describe()))
        }
    }
}

fn is_identical(check: &Check) -> bool {
    check.shape == check.expected_shape && check.identical == check.shape.iter().product::<usize>()
}

/// A largest difference; the largest that JSON has stands for an infinite one.
fn distance(difference: f64) -> String {
    if difference == f64::MAX { "infinite".into() } else { format!("{difference:.3e}") }
}

/// What is no number among the values, as far as there is any: `, no numbers: 1 here, 2 in the reference, 1 alike`.
fn no_numbers(check: &Check) -> String {
    let NoNumbers { got, expected, alike, .. } = check.no_numbers;
    match (got, expected) {
        (0, 0) => String::new(),
        _ => format!(", NaN or infinite: {got} here, {expected} in the reference, {alike} alike"),
    }
}

/// How and where a check failed, a line each.
pub(super) fn details(check: &Check, output: &mut dyn Write) -> io::Result<()> {
    if let Some(top) = check.top.filter(|_| check.effect.is_none()) {
        writeln!(output, "  top 1 the same in {} of {}, top 5 in {}", top.top1, top.predictions, top.top_k)?;
    }
    let counted = check.histogram.iter().filter(|decade| decade.count > 0);
    let counted: Vec<_> = counted
        .map(|decade| match decade.below {
            Some(below) => format!("{} below {below:.0e}", decade.count),
            None => format!("{} of 1 or more", decade.count),
        })
        .collect();
    if !counted.is_empty() {
        writeln!(output, "  {} identical, {}", check.identical, counted.join(", "))?;
    }
    for place in &check.worst {
        let difference = f64::from(place.got) - f64::from(place.expected);
        writeln!(
            output,
            "  {:<44} {:>13.6e} for {:>13.6e}, {difference:+.2e}",
            shown(&place.describe()),
            place.got,
            place.expected
        )?;
    }
    check.effect.as_ref().map_or(Ok(()), |effect| effect::write(effect, true, output))
}

/// Writes where two stream models part, or that they don't.
///
/// # Errors
/// Whatever `output` says.
pub fn write_parting(parting: Option<&Parting>, frames: usize, output: &mut dyn Write) -> io::Result<()> {
    let Some(parting) = parting else {
        return writeln!(output, "{GOOD}the models agree{GOOD:#} on the logits and states of all {frames} frames");
    };
    let logits = match parting.no_numbers {
        [0, 0] => format!("logits differ by up to {:.3e}", parting.logits),
        [here, there] => format!("logits are NaN or infinite: {here} here, {there} in the other"),
    };
    writeln!(
        output,
        "{BAD}the models part{BAD:#} at frame {} of {frames}: {logits}, {} states differ",
        parting.frame,
        parting.states.len()
    )?;
    if let Some(first) = parting.states.first() {
        let before = parting
            .last_equal
            .as_ref()
            .map_or(String::new(), |state| format!(" ({} still agrees)", shown(&state.to_string())));
        writeln!(output, "first in {}: {}{before}", shown(&first.state.place()), shown(&first.state.to_string()))?;
    }
    for difference in parting.states.iter().take(MOST_STATES) {
        let size = match (difference.max_abs, difference.no_numbers) {
            (None, _) => "another shape, or in one alone".into(),
            (Some(max_abs), [0, 0]) => format!("{max_abs:.3e}"),
            (Some(_), [here, there]) => format!("NaN or infinite: {here} here, {there} in the other"),
        };
        writeln!(output, "  {:<48} {size}", shown(&difference.state.to_string()))?;
    }
    match parting.states.len().saturating_sub(MOST_STATES) {
        0 => Ok(()),
        more => writeln!(output, "  and {more} more"),
    }
}
