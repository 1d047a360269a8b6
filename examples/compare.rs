//! A clip through a pair of models, and another through the stream model alone, without loading anything again:
//! `cargo run --release --example compare -- CLIP.gif OTHER.gif BASE_FOLDER STREAM_FOLDER`; on the demo without arguments.

use movinet_tf::fetch::Downloads;
use movinet_tf::{GifSource, Loader, LogLines, PairName, Session, Truncated};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // SAFETY: no other thread runs yet.
    let loader = unsafe { Loader::new(LogLines::Hidden) };
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let builder = Session::builder().tensorflow(&loader).downloads(Downloads::default());
    let (session, clips) = match arguments.as_slice() {
        [clip, other, base, stream] => (builder.base(base).stream(stream), [clip.as_str(), other]),
        _ => (builder.pair(PairName::Demo), ["cache/demo/jumping-jacks.gif"; 2]),
    };
    let session = session.build()?;

    let comparison = session.compare(GifSource::open(clips[0], Truncated::Refuse)?)?;
    let (base, stream) = (&comparison.base.top[0], &comparison.stream.last.top[0]);
    show(&format!(
        "base says {} ({:.3}), stream {} ({:.3})",
        base.label, base.probability, stream.label, stream.probability
    ));

    for step in session.stream(GifSource::open(clips[1], Truncated::Refuse)?)? {
        let step = step?;
        let best = &session.top(step.logits.view())?[0];
        show(&format!("{:6.2} s  {} ({:.3})", step.time.as_secs_f64(), best.label, best.probability));
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "an example prints")]
fn show(line: &str) {
    println!("{line}");
}
