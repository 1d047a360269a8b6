//! What a difference means, for people: a few lines, and a table of how it goes over the clip.

use std::io::{self, Write};

use super::text::fitted;
use crate::predict::Guess;
use crate::shown::shown;
use crate::verify::{DriftPart, Effect, TopParting};

/// A mean probability that differs by less is the same in the table.
const SEEN: f64 = 5e-5;

/// Writes `effect` to `output`; how it goes over the clip and over the classes where it `matters`.
///
/// # Errors
/// Whatever `output` says.
pub(super) fn write(effect: &Effect, matters: bool, output: &mut dyn Write) -> io::Result<()> {
    let Effect { agreement, parting, drift, classes } = effect;
    let of = agreement.predictions;
    let unit = if drift.is_empty() { "predictions" } else { "frames" };
    let shared = agreement.top_k_overlap * 100.0;
    writeln!(
        output,
        "  top 1 the same on {} of {of} {unit}, among the top 5 on {}; {shared:.0} % of the top 5 shared",
        agreement.top1, agreement.top5
    )?;
    if let Some(TopParting { frame, time, got, expected }) = parting {
        let time = time.map_or(String::new(), |time| format!(" ({time:.2} s)"));
        let place = frame.map_or(String::new(), |frame| format!(" first at frame {frame}{time}"));
        let guess = |Guess { label, probability, .. }: &Guess| format!("{} {probability:.3}", shown(label));
        writeln!(output, "  parts{place}: {} for {}", guess(got), guess(expected))?;
    }
    write!(output, "  probability of a class differs by up to {}", share(agreement.max_abs))?;
    if of > 1 {
        write!(output, ", in the mean by {}", share(agreement.mean_max_abs))?;
    }
    match agreement.correlation {
        Some(correlation) => writeln!(output, "; correlation of logits {correlation:.4}")?,
        None => writeln!(output)?,
    }
    if !matters {
        return Ok(());
    }
    if !drift.is_empty() {
        writeln!(output, "  {:<14}{:<16}{:>11}{:>11}{:>11}", "frames", "seconds", "top 1", "largest", "spread")?;
        drift.iter().try_for_each(|part| drift_row(part, output))?;
    }
    let seen: Vec<_> = classes.iter().filter(|class| class.mean_abs >= SEEN).collect();
    if !seen.is_empty() {
        writeln!(output, "  {:<30}{:>11}{:>11}{:>11}", "mean probability", "here", "reference", "apart")?;
    }
    for class in seen {
        let label = fitted(&class.label, 29);
        writeln!(output, "  {label:<30}{:>11.4}{:>11.4}{:>11.4}", class.got, class.expected, class.mean_abs)?;
    }
    Ok(())
}

fn drift_row(part: &DriftPart, output: &mut dyn Write) -> io::Result<()> {
    let DriftPart { frames: [first, last], times, predictions, top1, max_relative, deviation_ratio, .. } = part;
    let range = |first: String, last: String| if first == last { first } else { format!("{first}-{last}") };
    let frames = range(first.to_string(), last.to_string());
    let times = times.map_or("-".to_owned(), |[from, to]| range(format!("{from:.2}"), format!("{to:.2}")));
    let same = format!("{top1} of {predictions}");
    let largest = max_relative.map_or("-".to_owned(), share);
    let spread = deviation_ratio.map_or("-".to_owned(), |ratio| format!("{ratio:.3}"));
    writeln!(output, "  {frames:<14}{times:<16}{same:>11}{largest:>11}{spread:>11}")
}

/// A share with the digits that count.
fn share(share: f64) -> String {
    if share == 0.0 || share >= 0.01 { format!("{share:.3}") } else { format!("{share:.1e}") }
}
