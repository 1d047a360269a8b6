//! Pictures of clips for the page.

use std::time::Duration;

use movinet_tf::batch::evaluation::Wrong;
use movinet_tf::media::{FrameSource, Part};
use movinet_tf::progress::{Progress, Unit};
use movinet_tf::report::Thumbnails;
use movinet_tf::report::evaluation::ModelFigures;
use movinet_tf::report::evaluation::html::Strip;

use crate::cli::Context;
use crate::cli::models::ModelArguments;

/// Pictures of the clips that each of `figures` was most surely wrong of; of a clip that cannot be read any more there are
/// none.
pub fn of(figures: &[ModelFigures], models: &ModelArguments, context: &Context) -> Vec<Vec<Strip>> {
    let count: usize = figures.iter().map(|model| model.figures.worst.len()).sum();
    let task = context.terminal.begin("drawing", Some(count as u64), Unit::Clips);
    let strip = |wrong: &Wrong| {
        let strip = strip(wrong, models, context).unwrap_or_else(|error| {
            context.terminal.warning(&format!("no pictures of '{}': {error:#}", wrong.path.display()));
            Strip::default()
        });
        task.advance(1);
        strip
    };
    figures.iter().map(|model| model.figures.worst.iter().map(strip).collect()).collect()
}

fn strip(wrong: &Wrong, models: &ModelArguments, context: &Context) -> anyhow::Result<Strip> {
    let clip = models.open(&wrong.path, context)?;
    let to = wrong.to.map(Duration::try_from_secs_f64).transpose()?;
    let mut part = Part::new(clip, Duration::try_from_secs_f64(wrong.from)?, to)?;
    let mut frames = Thumbnails::default();
    while let Some(frame) = part.next_frame()? {
        frames.push(frame);
    }
    Ok(Strip::of(&frames)?)
}
