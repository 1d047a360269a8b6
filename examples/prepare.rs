//! Fetches a model where it is not here and prepares it: `cargo run --release --example prepare -- a0-stream`; the demo's
//! stream model without an argument.

use std::path::PathBuf;
use std::sync::Arc;

use movinet_tf::cache::{Cache, ForeignCaches};
use movinet_tf::fetch::Downloads;
use movinet_tf::models::{ModelFinder, demo};
use movinet_tf::prepare::{self, Original, Wanted};
use movinet_tf::progress::Silent;
use movinet_tf::runtime::{self, Loader, LogLines, Places};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // SAFETY: no other thread runs yet.
    let loader = unsafe { Loader::new(LogLines::Hidden) };
    let name = std::env::args().nth(1).map_or_else(|| "demo-stream".into(), PathBuf::from);
    let (cache, downloads) = (Cache::new("cache"), Downloads::default());

    let finder = ModelFinder {
        cache: cache.clone(),
        foreign: ForeignCaches::default(),
        downloads: Some(downloads.clone()),
        progress: Arc::new(Silent),
    };
    let model = finder.any(&name)?;

    let places = Places { named: None, library_path: Vec::new(), cache: cache.clone() };
    let (tensorflow, _held) = loader.obtain(&places, || runtime::installed(&places, &downloads, &Silent))?;
    let wanted = Wanted { usual_size: model.card.size, ..Wanted::default() };
    let original = Original::new(&tensorflow, &cache, &model.path, wanted, &demo::video)?;
    let prepared = prepare::prepare(&original)?;
    show(&format!(
        "{}: equal on {} predictions within {:.1e}, in {}",
        model.name,
        prepared.record.proof.predictions,
        prepared.record.proof.max_relative,
        prepared.path.display()
    ));
    Ok(())
}

#[expect(clippy::print_stdout, reason = "an example prints")]
fn show(line: &str) {
    println!("{line}");
}
