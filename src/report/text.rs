//! A comparison for people: 80 columns, with colour where the terminal has it.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use crate::compare::{Agreement, Comparison, Timing};
use crate::predict::Guess;
use crate::shown::shown;

const WIDTH: usize = 80;
const COLUMN: usize = WIDTH / 2;
const HEAD: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();
const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default();

/// Writes `comparison` to `output`, with ANSI styles: give it a stream that takes them out where they don't belong.
///
/// # Errors
/// Whatever `output` says.
pub fn write(comparison: &Comparison, output: &mut dyn Write) -> io::Result<()> {
    let Comparison { clip, models, base, stream, agreement, timing, .. } = comparison;
    let rate = clip.fps.map_or(String::new(), |fps| format!(", {fps:.1} a second"));
    let tensorflow = comparison.tensorflow.as_ref().map_or(String::new(), |version| format!(", TensorFlow {version}"));
    let file = clip.path.file_name().unwrap_or(clip.path.as_os_str()).to_string_lossy();
    let file = shown(&file);
    writeln!(output, "{HEAD}{file}{HEAD:#}: {} frames of {}x{}{rate}", clip.frames, clip.width, clip.height)?;
    writeln!(
        output,
        "{FAINT}{} and {} at {}x{}{tensorflow}{FAINT:#}",
        shown(&models.base.name),
        shown(&models.stream.name),
        clip.size,
        clip.size
    )?;
    writeln!(output, "{FAINT}{}{FAINT:#}", clip.rule)?;
    writeln!(output)?;
    let last = format!("stream, after the last of {} frames", clip.frames);
    side_by_side(output, ("base, the whole clip", &base.top), (&last, &stream.last.top))?;
    writeln!(output)?;
    let mean = format!("stream, mean of {} frames", clip.frames);
    side_by_side(output, ("stream, after frame 1", &stream.first.top), (&mean, &stream.mean.top))?;
    writeln!(output)?;
    let winner = stream.last.top.first().map_or("".into(), |guess| shown(&guess.label));
    match stream.settled_frame {
        0 => writeln!(output, "The stream says {HEAD}{winner}{HEAD:#} from the first frame on.")?,
        frame => {
            writeln!(output, "The stream settles on {HEAD}{winner}{HEAD:#} at frame {} of {}.", frame + 1, clip.frames)?
        }
    }
    let over_time = &stream.final_label_probability_by_frame;
    if over_time.len() > 1 {
        let (first, last) = (over_time[0], over_time[over_time.len() - 1]);
        writeln!(output, "{first:.3} {GOOD}{}{GOOD:#} {last:.3}", sparkline(over_time))?;
    }
    writeln!(output)?;
    let k = base.top.len();
    let top_k = format!("top {k}");
    writeln!(
        output,
        "{HEAD}{:<24}{:>9}{top_k:>10}{:>9}{:>9}{:>9}{:>10}{HEAD:#}",
        "base against", "top 1", "cosine", "KL", "JS", "largest"
    )?;
    agreement_row(output, "stream, last frame", &agreement.last, k)?;
    agreement_row(output, "stream, mean", &agreement.mean, k)?;
    writeln!(output)?;
    writeln!(output, "{FAINT}{}{FAINT:#}", timing_line(timing))
}

/// Probabilities as blocks, one a value, or one a stretch (its mean) where there are more than fit.
fn sparkline(probabilities: &[f64]) -> String {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    const ROOM: usize = WIDTH - 12;
    let columns = probabilities.len().min(ROOM);
    let bound = |column: usize| column * probabilities.len() / columns;
    let block = |column: usize| {
        let stretch = &probabilities[bound(column)..bound(column + 1)];
        let mean = stretch.iter().sum::<f64>() / stretch.len() as f64;
        BLOCKS[((mean * BLOCKS.len() as f64) as usize).min(BLOCKS.len() - 1)]
    };
    (0..columns).map(block).collect()
}

fn side_by_side(output: &mut dyn Write, left: (&str, &[Guess]), right: (&str, &[Guess])) -> io::Result<()> {
    writeln!(output, "{HEAD}{:<COLUMN$}{}{HEAD:#}", left.0, right.0)?;
    for (row, (left, right)) in left.1.iter().zip(right.1).enumerate() {
        let style = if row == 0 { HEAD } else { Style::new() };
        writeln!(output, "{style}{:<COLUMN$}{}{style:#}", guess_cell(left), guess_cell(right))?;
    }
    Ok(())
}

fn guess_cell(guess: &Guess) -> String {
    format!("{:.3}  {}", guess.probability, fitted(&guess.label, COLUMN - 9))
}

/// `text` [shown] in at most so many characters.
pub(super) fn fitted(text: &str, room: usize) -> String {
    let whole = shown(text);
    let mut fitted: String = whole.chars().take(room).collect();
    if whole.chars().count() > room {
        fitted.pop();
        fitted.push('…');
    }
    fitted
}

fn agreement_row(output: &mut dyn Write, name: &str, agreement: &Agreement, k: usize) -> io::Result<()> {
    let (style, same) = if agreement.top1 { (GOOD, "same") } else { (BAD, "differs") };
    let shared = format!("{:.0} of {k}", agreement.top_k_overlap * k as f64);
    let Agreement { cosine, kl, js, max_abs, .. } = agreement;
    writeln!(output, "{name:<24}{style}{same:>9}{style:#}{shared:>10}{cosine:>9.4}{kl:>9.4}{js:>9.4}{max_abs:>10.4}")
}

fn timing_line(timing: &Timing) -> String {
    format!(
        "load {} + {}, base {}, stream {} then {} a frame, in all {}",
        seconds(timing.load_base),
        seconds(timing.load_stream),
        seconds(timing.base),
        seconds(timing.stream_first),
        seconds(timing.stream_median),
        seconds(timing.total)
    )
}

/// `2.1 s` or `14 ms`, with two significant digits below ten of either.
pub fn seconds(value: f64) -> String {
    match value {
        value if value >= 9.95 => format!("{value:.0} s"),
        value if value >= 0.9995 => format!("{value:.1} s"),
        value if value >= 0.00995 => format!("{:.0} ms", value * 1e3),
        value => format!("{:.1} ms", value * 1e3),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::Origin;
    use crate::compare::{ClipInfo, Logits, ModelInfo, Models, SCHEMA};
    use crate::engine::{Engine, Form};
    use crate::media::{Format, Sampling, SourceInfo};
    use crate::predict::Labels;
    use ndarray::array;

    fn model(name: &str) -> ModelInfo {
        ModelInfo {
            name: name.into(),
            path: "models".into(),
            source: Origin::Cache,
            engine: Engine::TensorFlow(Form::Reference),
            output: None,
            proof: None,
            sha256: Some("0".repeat(64)),
        }
    }

    fn example() -> Comparison {
        let labels = Labels::parse(
            "jumping jacks\npassing american football (not in game)\nplaying rock scissors paper\n\
             massaging person's head",
        );
        let logits = Logits {
            base: array![[6.0, 2.0, 1.0, -3.0]],
            stream: array![[0.0, 2.0, 1.0, 0.5], [4.0, 1.0, 0.0, 0.0], [9.0, 0.0, 1.0, 0.0]],
        };
        let (base, stream, agreement) = logits.answers([None; 2]).unwrap().predictions(&labels, 3);
        let timing = Timing {
            load_base: 1.1,
            load_stream: 2.31,
            base: 12.34,
            stream_first: 0.0042,
            stream_median: 0.0144,
            total: 3.96,
            ..Timing::default()
        };
        Comparison {
            schema: SCHEMA,
            clip: ClipInfo {
                frames: 3,
                fps: Some(8.0),
                size: 172,
                sampling: Sampling::Model,
                rule: "model: every frame at 8 fps, squashed".into(),
                ..ClipInfo::of(&SourceInfo::new("clips/jumpingjack.gif", Format::Gif, 300, 200))
            },
            models: Models { base: model("a0-base"), stream: model("a0-stream") },
            tensorflow: Some("2.18.1".into()),
            base,
            stream,
            agreement,
            timing,
        }
    }

    #[test]
    fn the_report_fits_80_columns_and_reads_well() {
        let mut output = Vec::new();
        write(&example(), &mut anstream::StripStream::new(&mut output)).unwrap();
        let text = String::from_utf8(output).unwrap();
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH));
        insta::assert_snapshot!(text);
    }

    #[test]
    fn the_json_has_the_contracts_keys() {
        let mut output = Vec::new();
        crate::report::json::write(&example(), &mut output).unwrap();
        insta::assert_snapshot!(String::from_utf8(output).unwrap());
    }

    #[test]
    fn a_sparkline_has_a_block_a_frame_and_fits() {
        assert_eq!(sparkline(&[0.0, 0.5, 1.0]), "▁▅█");
        let long: Vec<_> = (0..1000).map(|frame| f64::from(frame) / 999.0).collect();
        let line = sparkline(&long);
        assert_eq!(line.chars().count(), 68);
        assert!(line.starts_with('▁') && line.ends_with('█'));
    }

    #[test]
    fn times_have_two_digits_that_count() {
        let shown = [0.0042, 0.0144, 0.9996, 2.31, 29.8].map(seconds);
        assert_eq!(shown, ["4.2 ms", "14 ms", "1.0 s", "2.3 s", "30 s"]);
    }
}
