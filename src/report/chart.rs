//! The chart of a timeline: the probability of the classes over frames and seconds, the base prediction as marks at the
//! right, and a legend below. `plot` writes it to a file, `animation` draws it for each frame.

use std::sync::Once;

use image::RgbImage;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontStyle, register_font};

use crate::shown::shown;
use crate::timeline::{Line, Timeline};

/// The bundled font, DejaVu Sans with Latin, Greek and Cyrillic; its licence lies beside it.
const FONT: &[u8] = include_bytes!("fonts/DejaVuSans.ttf");
const FAMILY: &str = "sans-serif";
/// Bitmaps are drawn so many times larger and then reduced: that smooths the lines.
const SUPERSAMPLING: u32 = 2;
/// From so many seconds on, the time axis has minutes.
const LONG: f64 = 120.0;
/// The least probability on a logarithmic axis.
const LEAST: f64 = 1e-5;
/// Share of the axis that the marks of the base prediction take, at the right.
const MARKS: f64 = 0.06;
/// Of a stream's line, what is still to come: dots and gaps in pixels.
const DOTS: (u32, u32) = (2, 4);

/// Colours that stay apart for most eyes on light and on dark.
const COLORS: [RGBColor; 10] = [
    RGBColor(31, 119, 180),
    RGBColor(230, 110, 20),
    RGBColor(44, 160, 44),
    RGBColor(214, 60, 60),
    RGBColor(148, 103, 189),
    RGBColor(150, 105, 90),
    RGBColor(227, 119, 194),
    RGBColor(127, 127, 127),
    RGBColor(170, 170, 40),
    RGBColor(23, 175, 195),
];

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// Dark on white.
    #[default]
    Light,
    /// Light on near black.
    Dark,
}

impl Theme {
    pub(super) fn background(self) -> RGBColor {
        match self {
            Self::Light => WHITE,
            Self::Dark => RGBColor(24, 26, 30),
        }
    }

    fn text(self) -> RGBColor {
        match self {
            Self::Light => RGBColor(30, 30, 30),
            Self::Dark => RGBColor(225, 225, 225),
        }
    }

    fn grid(self) -> RGBColor {
        match self {
            Self::Light => RGBColor(225, 225, 225),
            Self::Dark => RGBColor(58, 62, 68),
        }
    }
}

/// How a chart looks.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Logarithmic probabilities.
    pub log: bool,
    /// Light or dark.
    pub theme: Theme,
}

/// A place for a chart: sizes in pixels of the final picture.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sheet {
    pub width: u32,
    /// Height of axes and lines, without the legend.
    pub plot_height: u32,
    pub font: u32,
}

impl Sheet {
    /// Height of the whole, with a row of legend for each line and one for its head.
    pub fn height(&self, timeline: &Timeline) -> u32 {
        self.plot_height + self.row() * (timeline.lines.len() as u32 + 1) + self.font
    }

    fn row(&self) -> u32 {
        self.font * 3 / 2
    }

    fn times(self, factor: u32) -> Self {
        Self { width: self.width * factor, plot_height: self.plot_height * factor, font: self.font * factor }
    }
}

/// Why a chart could not be drawn.
#[derive(Debug, thiserror::Error)]
#[error("the chart could not be drawn: {0}")]
pub struct ChartError(String);

/// The chart as a picture; with a `playhead` (a frame, from 0), what comes after it is dotted.
pub(super) fn picture(
    timeline: &Timeline,
    look: Look,
    sheet: Sheet,
    playhead: Option<usize>,
) -> Result<RgbImage, ChartError> {
    let (width, height) = (sheet.width, sheet.height(timeline));
    let large = sheet.times(SUPERSAMPLING);
    let size = (width * SUPERSAMPLING, height * SUPERSAMPLING);
    let mut pixels = vec![0; (size.0 * size.1 * 3) as usize];
    let root = BitMapBackend::with_buffer(&mut pixels, size).into_drawing_area();
    Chart { timeline, look, sheet: large, playhead }.draw(&root)?;
    drop(root);
    let drawn = RgbImage::from_raw(size.0, size.1, pixels).ok_or_else(|| ChartError("its size is wrong".into()))?;
    Ok(image::imageops::thumbnail(&drawn, width, height))
}

/// The chart as an SVG document.
pub(super) fn svg(timeline: &Timeline, look: Look, sheet: Sheet) -> Result<String, ChartError> {
    let mut document = String::new();
    let root = SVGBackend::with_string(&mut document, (sheet.width, sheet.height(timeline))).into_drawing_area();
    Chart { timeline, look, sheet, playhead: None }.draw(&root)?;
    drop(root);
    Ok(document)
}

/// What is drawn, how, and on what.
struct Chart<'t> {
    timeline: &'t Timeline,
    look: Look,
    sheet: Sheet,
    playhead: Option<usize>,
}

impl Chart<'_> {
    fn draw<B: DrawingBackend>(&self, root: &DrawingArea<B, Shift>) -> Result<(), ChartError> {
        static REGISTERED: Once = Once::new();
        // It can fail only if the bundled file is no font, and then every text says so.
        REGISTERED.call_once(|| drop(register_font(FAMILY, FontStyle::Normal, FONT)));
        let failed = |error: DrawingAreaErrorKind<B::ErrorType>| ChartError(error.to_string());
        root.fill(&self.look.theme.background()).map_err(failed)?;
        let (plot, legend) = root.split_vertically(self.sheet.plot_height);
        self.draw_plot(&plot).map_err(failed)?;
        self.draw_legend(&legend).map_err(failed)?;
        root.present().map_err(failed)
    }

    fn draw_plot<B: DrawingBackend>(
        &self,
        area: &DrawingArea<B, Shift>,
    ) -> Result<(), DrawingAreaErrorKind<B::ErrorType>> {
        let &Self { timeline, look, sheet, playhead } = self;
        let font = sheet.font as i32;
        let last = timeline.frames().max(2) as f64;
        let end = last + (last - 1.0) * MARKS;
        let (bottom, top) = if look.log { (LEAST.log10(), 0.0) } else { (0.0, 1.0) };
        let margin = (top - bottom) * 0.02;
        let y = move |probability: f64| if look.log { probability.max(LEAST).log10() } else { probability };
        let text = (FAMILY, sheet.font).into_font().color(&look.theme.text());
        let has_seconds = !timeline.seconds.is_empty();
        // Frame n is the n-th, and is judged when its time on screen ends.
        let second_of = |frame: f64| timeline.seconds.last().map_or(0.0, |end| frame / timeline.frames() as f64 * end);
        let is_long = timeline.seconds.last().is_some_and(|end| *end > LONG);
        let mut chart = ChartBuilder::on(area)
            .margin(font / 2)
            .margin_right(font)
            .x_label_area_size(font * 3)
            .y_label_area_size(font * 9 / 2)
            .top_x_label_area_size(if has_seconds { font * 3 } else { 0 })
            .build_cartesian_2d(1.0..end, bottom - margin..top + margin)?
            .set_secondary_coord(second_of(1.0)..second_of(end).max(f64::MIN_POSITIVE), bottom..top);
        let label = |value: &f64| match look.log {
            true if *value >= -3.0 => format!("{}", 10f64.powf(*value)),
            true => format!("{:.0e}", 10f64.powf(*value)),
            false => format!("{value:.1}"),
        };
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(look.theme.grid())
            .axis_style(look.theme.text())
            .label_style(text.clone())
            .axis_desc_style(text.clone())
            .x_labels(timeline.frames().clamp(2, 10))
            .x_label_formatter(&|frame| {
                if frame.fract() == 0.0 && *frame <= last { format!("{frame}") } else { String::new() }
            })
            .y_labels(6)
            .y_label_formatter(&label)
            .x_desc("frame")
            .y_desc("probability")
            .draw()?;
        if has_seconds {
            chart
                .configure_secondary_axes()
                .axis_style(look.theme.text())
                .label_style(text.clone())
                .axis_desc_style(text.clone())
                .x_labels(8)
                .x_label_formatter(&|seconds| if is_long { clock(*seconds) } else { format!("{seconds:.1}") })
                .x_desc(if is_long { "minutes" } else { "seconds" })
                .draw()?;
        }
        let seen = playhead.map_or(timeline.frames(), |frame| frame + 1);
        let thick = (sheet.font / 6).max(1);
        if let Some(frame) = playhead {
            let at = frame as f64 + 1.0;
            let style = look.theme.text().mix(0.6).stroke_width((thick / 2).max(1));
            chart.draw_series(LineSeries::new([(at, bottom), (at, top)], style))?;
        }
        // The winning class last, over the others.
        for (at, line) in timeline.lines.iter().enumerate().rev() {
            let point = |frame: usize| (frame as f64 + 1.0, y(line.stream[frame]));
            let style = color(at).stroke_width(thick);
            chart.draw_series(LineSeries::new((0..seen).map(point), style))?;
            if seen < timeline.frames() {
                let (dot, gap) = (DOTS.0 * thick, DOTS.1 * thick);
                chart.draw_series(DashedLineSeries::new((seen - 1..timeline.frames()).map(point), dot, gap, style))?;
            }
            let marked = playhead.map_or(timeline.frames() - 1, |frame| frame);
            if timeline.frames() == 1 || playhead.is_some() {
                chart.draw_series([Circle::new(point(marked), thick * 2, color(at).filled())])?;
            }
            let mark = [(last + (end - last) * 0.25, y(line.base)), (end, y(line.base))];
            chart.draw_series(LineSeries::new(mark, color(at).stroke_width(thick * 2)))?;
        }
        Ok(())
    }

    /// A row a class: its colour, its name, what the stream says (at the playhead or the end) and what base says.
    fn draw_legend<B: DrawingBackend>(
        &self,
        area: &DrawingArea<B, Shift>,
    ) -> Result<(), DrawingAreaErrorKind<B::ErrorType>> {
        let &Self { timeline, look, sheet, playhead } = self;
        let (font, row, width) = (sheet.font as i32, sheet.row() as i32, sheet.width as i32);
        let style = |horizontal| {
            let text = (FAMILY, sheet.font).into_font().color(&look.theme.text());
            text.pos(Pos::new(horizontal, VPos::Center))
        };
        let (left, base, stream) = (font * 5 / 2, width - font, width - font * 5);
        let frame = playhead.unwrap_or(timeline.frames() - 1);
        let middle = |line: usize| row * line as i32 + row / 2;
        area.draw(&Text::new(format!("frame {}", frame + 1), (stream, middle(0)), style(HPos::Right)))?;
        area.draw(&Text::new("base", (base, middle(0)), style(HPos::Right)))?;
        for (at, Line { label, stream: probabilities, base: base_probability, .. }) in timeline.lines.iter().enumerate()
        {
            let y = middle(at + 1);
            area.draw(&Rectangle::new([(font, y - font * 2 / 5), (font * 2, y + font / 10)], color(at).filled()))?;
            let room = (stream - font * 4 - left).max(0) as u32;
            let name = fitting(&shown(label), |text| Ok(area.estimate_text_size(text, &style(HPos::Left))?.0 <= room))?;
            area.draw(&Text::new(name, (left, y), style(HPos::Left)))?;
            area.draw(&Text::new(format!("{:.3}", probabilities[frame]), (stream, y), style(HPos::Right)))?;
            area.draw(&Text::new(format!("{base_probability:.3}"), (base, y), style(HPos::Right)))?;
        }
        Ok(())
    }
}

/// `2:05`
fn clock(seconds: f64) -> String {
    let seconds = seconds.round() as u64;
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// `label`, or as much of its beginning as fits, with an ellipsis.
fn fitting<E>(label: &str, fits: impl Fn(&str) -> Result<bool, E>) -> Result<String, E> {
    let mut shown = label.to_owned();
    let mut kept = label.chars().count();
    while kept > 1 && !fits(&shown)? {
        kept -= 1;
        shown = label.chars().take(kept).chain(['…']).collect();
    }
    Ok(shown)
}

fn color(at: usize) -> RGBColor {
    COLORS[at % COLORS.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_cut_only_where_it_must_be() {
        let fits = |limit: usize| move |text: &str| Ok::<_, ()>(text.chars().count() <= limit);
        assert_eq!(fitting("massaging person's head", fits(40)).unwrap(), "massaging person's head");
        assert_eq!(fitting("massaging", fits(5)).unwrap(), "mass…");
    }

    #[test]
    fn one_frame_and_many_can_be_drawn() {
        for frames in [1, 2, 300] {
            let line = Line { label: "a (b) 'c'".into(), index: 0, stream: vec![0.5; frames], base: 0.0 };
            let timeline = Timeline { seconds: vec![], lines: vec![line], top_by_frame: vec![vec![]; frames] };
            let sheet = Sheet { width: 300, plot_height: 200, font: 10 };
            for log in [false, true] {
                let look = Look { log, theme: Theme::Dark };
                let drawn = picture(&timeline, look, sheet, Some(frames - 1)).unwrap();
                assert_eq!(drawn.height(), sheet.height(&timeline));
                assert!(drawn.pixels().any(|pixel| pixel.0 == [31, 119, 180]), "the line is there");
                assert!(svg(&timeline, look, sheet).unwrap().contains("a (b) "));
            }
        }
    }
}
