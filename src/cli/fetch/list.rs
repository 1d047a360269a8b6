//! `movinet-tf fetch --list`.

use std::io::Write;

use movinet_tf::cache::{Kind, Origin};
use movinet_tf::catalog::{self, EngineLibrary};
use movinet_tf::fetch::Store;
use movinet_tf::report::json;
use movinet_tf::runtime;
use serde::Serialize;

use crate::cli::Context;
use crate::cli::exit::Exit;

#[derive(Serialize)]
struct Listed {
    name: String,
    frames: usize,
    size: usize,
    fps: f64,
    top1: f64,
    top5: Option<f64>,
    megabytes: u32,
    here: Option<Origin>,
    handle: Option<String>,
}

/// Prints what there is, and whether it is here.
pub(super) fn list(store: &Store, as_json: bool, context: &Context) -> anyhow::Result<Exit> {
    let saved_models = catalog::models().map(|model| {
        let (top1, top5) = model.accuracy();
        let &catalog::Family { frames, size, fps, megabytes, .. } = model.family;
        let here = store.find(model).map(|found| found.origin);
        let (name, top5, handle) = (model.to_string(), Some(top5), Some(model.handle()));
        Listed { name, frames, size, fps, top1, top5, megabytes, here, handle }
    });
    let tflite = catalog::tflite_models().map(|model| {
        let &catalog::Family { frames, size, fps, .. } = model.family;
        let (name, megabytes) = (model.to_string(), model.megabytes());
        let here = store.find(model).map(|found| found.origin);
        let top1 = model.accuracy().unwrap_or_default();
        Listed { name, frames, size, fps, top1, top5: None, megabytes, here, handle: None }
    });
    let rows: Vec<_> = saved_models.chain(tflite).collect();
    let mut output = context.terminal.results();
    if as_json {
        json::write(&rows, &mut output)?;
    } else {
        writeln!(output, "model              frames  size  fps  top 1  top 5  weights  here")?;
        for row in &rows {
            let Listed { name, frames, size, fps, top1, top5, megabytes, here, .. } = row;
            let here = here.map_or("-".to_owned(), |origin| origin.to_string());
            let top5 = top5.map_or("-".to_owned(), |top5| format!("{top5:.2}"));
            writeln!(
                output,
                "{name:<18} {frames:>6} {size:>5} {fps:>4} {top1:>6.2} {top5:>6} {megabytes:>5} MB  {here}"
            )?;
        }
        for file in [&catalog::LABELS, &catalog::SAMPLE] {
            let here = if store.cache.entry(Kind::File, file.name).path().is_file() { "cache" } else { "-" };
            writeln!(output, "{:<18} {:>41}  {here}", file.what, format!("{} KB", file.bytes.div_ceil(1000)))?;
        }
        // What was named and is none is told by what needs it.
        for which in EngineLibrary::ALL {
            let library = runtime::find_library(which, &context.places_of(which)).ok().flatten();
            let here = library.map_or("-".to_owned(), |library| library.place().to_string());
            writeln!(output, "{:<18} {:>41}  {here}", which.key(), format!("{} MB", which.megabytes()))?;
        }
        let ffmpeg = runtime::find_ffmpeg(&context.ffmpeg_places()).ok().flatten();
        let here = ffmpeg.map_or("-".to_owned(), |ffmpeg| ffmpeg.place().to_string());
        writeln!(output, "{:<18} {:>41}  {here}", "ffmpeg", format!("{} MB", catalog::FFMPEG_MEGABYTES))?;
    }
    output.flush()?;
    Ok(Exit::Done)
}
