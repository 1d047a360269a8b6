//! What models are worth as one page without any other file: figures, classes, confusions, calibration, the clips that were
//! most surely wrong, with pictures of them, what two models say differently, and where everything comes from.
//!
//! `../evaluation.html` is the template.

use std::io::{self, Write};

use image::imageops::{self, FilterType};
use minijinja::context;
use serde::Serialize;

use super::{EvaluationReport, ModelFigures};
use crate::batch::evaluation::{ClassFigures, Matrix};
use crate::report::html::{Provenance, address};
use crate::report::{Thumbnails, template};

const PAGE: &str = include_str!("../evaluation.html");
/// So many pictures of a clip are shown, and so large at most, in pixels.
const PICTURES: usize = 6;
const LARGEST: (u32, u32) = (160, 120);

/// Some pictures of a clip, spread over it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Strip {
    /// Addresses that hold them.
    pictures: Vec<String>,
}

/// What the page says of a model beside its figures.
#[derive(Serialize)]
struct Shown<'a> {
    by_accuracy: Vec<&'a ClassFigures>,
    matrix: &'a Matrix,
    strips: &'a [Strip],
}

impl Strip {
    /// Up to 6 of the clip's `frames`.
    ///
    /// # Errors
    /// When a picture cannot be encoded.
    pub fn of(frames: &Thumbnails) -> io::Result<Self> {
        let (all, shown) = (frames.len(), frames.len().min(PICTURES));
        let pictures = (0..shown).map(|at| {
            // The middle of each of as many parts of the clip.
            let picture = &frames.pictures[(2 * at + 1) * all / (2 * shown)];
            let (width, height) = picture.dimensions();
            let scale = (f64::from(LARGEST.0) / f64::from(width)).min(f64::from(LARGEST.1) / f64::from(height));
            let side = |length: u32| ((f64::from(length) * scale).round() as u32).max(1);
            match scale < 1.0 {
                true => address(&imageops::resize(picture, side(width), side(height), FilterType::Triangle)),
                false => address(picture),
            }
        });
        Ok(Self { pictures: pictures.collect::<io::Result<_>>()? })
    }
}

/// Writes the page to `output`. `strips` has, for each model, pictures of the clips that it was most surely wrong of, in
/// their order; it may have less, and none.
///
/// # Errors
/// Whatever `output` says.
pub fn write(
    report: &EvaluationReport,
    strips: &[Vec<Strip>],
    provenance: &Provenance,
    output: &mut dyn Write,
) -> io::Result<()> {
    let shown: Vec<_> = report
        .models
        .iter()
        .enumerate()
        .map(|(at, model): (_, &ModelFigures)| Shown {
            by_accuracy: model.by_accuracy(),
            matrix: &model.figures.matrix,
            strips: strips.get(at).map(Vec::as_slice).unwrap_or_default(),
        })
        .collect();
    let list = &report.list;
    let name = list.file_name().unwrap_or(list.as_os_str()).to_string_lossy();
    template::write(PAGE, context! { report, shown, provenance, name }, output)
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    use super::*;
    use crate::batch::evaluation::Evaluation;
    use crate::media::{FrameSource, MadeSource};
    use crate::predict::Labels;
    use crate::report::evaluation::example;

    fn page(report: &EvaluationReport, strips: &[Vec<Strip>]) -> String {
        let provenance = Provenance {
            command: "movinet-tf evaluate <list>".into(),
            program: "movinet-tf 1".into(),
            machine: "Linux".into(),
        };
        let mut output = Vec::new();
        write(report, strips, &provenance, &mut output).unwrap();
        String::from_utf8(output).unwrap()
    }

    fn strip(frames: usize) -> Strip {
        let mut source = MadeSource::new(frames, 20, 30, 10.0);
        let mut thumbnails = Thumbnails::default();
        while let Some(frame) = source.next_frame().unwrap() {
            thumbnails.push(frame);
        }
        Strip::of(&thumbnails).unwrap()
    }

    #[test]
    fn a_page_has_everything_in_it() {
        let strips = vec![vec![strip(20), strip(2)], vec![Strip::default(), strip(1)]];
        let report = example::report(&example::NAMES);
        let page = page(&report, &strips);
        assert!(page.starts_with("<!doctype html>") && page.trim_end().ends_with("</html>"));
        assert_eq!(page.matches("<img ").count(), 6 + 2 + 1);
        for text in
            ["validation.csv", "a0-stream", "a0-base", "waving hand", "80.0 %", "McNemar", "evaluate &lt;list&gt;"]
        {
            assert!(page.contains(text), "{text}");
        }
        assert_eq!(page.matches("class=\"matrix\"").count(), 2);
        assert_eq!(page.matches("role=\"img\"").count(), 2, "a diagram of reliability for each");
        for what in ["http:", "https:", "src=\"//", "url(", "@import", "fetch(", "<link rel=\"stylesheet\"", "{{", "{%"]
        {
            assert!(!page.contains(what), "{what}");
        }
        assert!(page.contains("--accent") && page.contains("dataset.theme"), "what pages share");
    }

    #[test]
    fn names_are_text_and_no_markup() {
        let hostile = "<img src=x onerror=alert(1)>\u{1b}\"' </script>";
        let mut report = example::report(&[hostile, "b", "c"]);
        report.list = format!("{hostile}.csv").into();
        report.models[0].model = hostile.into();
        report.comparison.as_mut().unwrap().first = hostile.into();
        let page = page(&report, &[]);
        assert!(!page.contains("<img") && !page.contains('\u{1b}'));
        assert_eq!(page.matches("</script>").count(), 1);
    }

    #[test]
    fn a_page_of_no_clips_and_one_model_is_a_page() {
        let mut report = example::report(&["a", "b"]);
        report.models.truncate(1);
        report.models[0].figures = Evaluation::default().figures(&Labels::numbered());
        report.comparison = None;
        let page = page(&report, &[]);
        assert!(page.contains("</html>") && !page.contains("McNemar"));
    }

    #[test]
    fn a_strip_is_spread_over_its_clip_and_small() {
        for (frames, pictures) in [(1, 1), (5, 5), (6, 6), (700, 6)] {
            assert_eq!(strip(frames).pictures.len(), pictures, "{frames}");
        }
        assert_eq!(strip(0), Strip::default());
        let mut thumbnails = Thumbnails::default();
        thumbnails.push(MadeSource::new(1, 300, 600, 10.0).next_frame().unwrap().unwrap());
        let address = Strip::of(&thumbnails).unwrap().pictures.remove(0);
        let jpeg = STANDARD.decode(address.strip_prefix("data:image/jpeg;base64,").unwrap()).unwrap();
        let picture = image::load_from_memory(&jpeg).unwrap();
        assert_eq!((picture.width(), picture.height()), (160, 80));
    }
}
