//! One session, any number of clips: with real models through TensorFlow, on the demo, or on the pair in the folder
//! MOVINET_TF_TEST_PAIR (`base` and `stream` in it).

#![allow(clippy::unwrap_used, reason = "a test fails by panic")]

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use movinet_tf::cache::{Cache, CacheError};
use movinet_tf::fetch::Downloads;
use movinet_tf::models::demo;
use movinet_tf::runtime::{self, Places};
use movinet_tf::{
    EngineChoice, FrameSource, GifSource, Loader, LogLines, MadeSource, PairName, Session, SessionError, Truncated,
};
use ndarray::{Array1, Array2, Axis};

static LOADER: LazyLock<Loader> = LazyLock::new(|| {
    // SAFETY: the tests of this file read the environment only in `session`, behind this.
    unsafe { Loader::new(LogLines::Hidden) }
});

fn session(engine: EngineChoice) -> Session {
    let loader = &*LOADER;
    let cache = std::env::var_os("MOVINET_TF_CACHE").map_or_else(|| "cache".into(), PathBuf::from);
    let builder = Session::builder().tensorflow(loader).cache(cache).downloads(Downloads::default()).engine(engine);
    let builder = match std::env::var_os("MOVINET_TF_LIBTENSORFLOW") {
        Some(library) => builder.library(library),
        None => builder,
    };
    let builder = match std::env::var_os("MOVINET_TF_TEST_PAIR").map(PathBuf::from) {
        Some(pair) => builder.base(pair.join("base")).stream(pair.join("stream")),
        None => builder.pair(PairName::Demo),
    };
    builder.build().unwrap()
}

fn gif(path: &str) -> GifSource {
    GifSource::open(Path::new(env!("CARGO_MANIFEST_DIR")).join(path), Truncated::Refuse).unwrap()
}

fn first() -> GifSource {
    gif("cache/demo/jumping-jacks.gif")
}

fn second() -> GifSource {
    gif("tests/parity/clips/large.gif")
}

/// Every logit of a clip through the stream alone, `(frames, classes)`.
fn streamed(session: &Session, source: impl FrameSource + 'static) -> Array2<f32> {
    let rows: Vec<Array1<f32>> = session.stream(source).unwrap().map(|step| step.unwrap().logits).collect();
    ndarray::stack(Axis(0), &rows.iter().map(|row| row.view()).collect::<Vec<_>>()).unwrap()
}

fn compared(session: &Session, mut source: impl FrameSource) -> (Array2<f32>, Array2<f32>) {
    let run = session.run(&mut source, &mut |_| {}).unwrap();
    (run.logits.base, run.logits.stream)
}

#[test]
fn clips_in_any_order_give_the_same_bits_without_loading_again() {
    for engine in [EngineChoice::Auto, EngineChoice::Reference] {
        let session_a = session(engine);
        let one = compared(&session_a, first());
        let other = streamed(&session_a, second());
        let session_b = session(engine);
        assert_eq!(streamed(&session_b, second()), other, "{engine:?}");
        assert_eq!(compared(&session_b, first()), one, "{engine:?}");
        assert_eq!(streamed(&session_b, first()), one.1, "alone as beside base");
        assert_eq!(compared(&session_b, second()).1, other, "{engine:?}");
    }
}

#[test]
fn a_clip_that_fails_in_its_middle_leaves_nothing_behind() {
    let session = session(EngineChoice::Auto);
    let expected = streamed(&session, first());
    let mut steps = session.stream(MadeSource::new(9, 40, 50, 10.0).failing_at(4)).unwrap();
    let given = steps.by_ref().take_while(Result::is_ok).count();
    assert_eq!(given, 4);
    assert!(steps.next().is_none(), "it ends at its first error");
    let failed = session.compare(MadeSource::new(9, 40, 50, 10.0).failing_at(4));
    assert!(matches!(failed, Err(SessionError::Media(_))), "{failed:?}");
    assert_eq!(streamed(&session, first()), expected);
}

#[test]
fn a_model_is_in_use_as_long_as_a_stream_of_it_is_there() {
    drop(session(EngineChoice::Auto)); // TensorFlow is here from now on
    let cache = std::env::var_os("MOVINET_TF_CACHE").map_or_else(|| "cache".into(), PathBuf::from);
    let named = std::env::var_os("MOVINET_TF_LIBTENSORFLOW").map(PathBuf::from);
    let places = Places { named, library_path: Vec::new(), cache: Cache::new(cache) };
    let library = runtime::find(&places).unwrap().unwrap().library;
    let folder = tempfile::tempdir().unwrap();
    let builder = Session::builder().library(library).tensorflow(&LOADER).cache(folder.path());
    let session = builder.pair(PairName::Demo).engine(EngineChoice::Reference).build().unwrap();
    let cache = Cache::new(folder.path());
    let entry = cache.entries().unwrap().remove(0);
    let in_use = || matches!(cache.remove(&entry), Err(CacheError::InUse { .. }));
    assert!(in_use());
    let stream = session.stream(first()).unwrap();
    drop(session);
    assert!(in_use());
    drop(stream);
    cache.remove(&entry).unwrap();
}

#[test]
fn threads_share_a_session() {
    let session = session(EngineChoice::Auto);
    let (one, other) = (streamed(&session, first()), streamed(&session, second()));
    std::thread::scope(|scope| {
        let threads = [first as fn() -> GifSource, second].map(|clip| {
            let session = &session;
            scope.spawn(move || streamed(session, clip()))
        });
        assert_eq!(threads.map(|thread| thread.join().unwrap()), [one, other]);
    });
}

#[test]
fn whole_clip_in_memory_and_frame_by_frame_are_one() {
    let session = session(EngineChoice::Reference);
    let size = session.size().unwrap();
    let video = movinet_tf::media::video(&mut first(), size).unwrap();
    let frames = session.stream_network().unwrap().logits(video.view()).unwrap();
    assert_eq!(frames, streamed(&session, first()).outer_iter().map(|row| row.to_owned()).collect::<Vec<_>>());
    let prediction = session.predict(first()).unwrap();
    assert_eq!(session.base_network().unwrap().predict(video.view()).unwrap(), prediction.logits.row(0));
    if std::env::var_os("MOVINET_TF_TEST_PAIR").is_none() {
        assert_eq!(video, demo::video(size).unwrap());
        assert_eq!(prediction.top[0].label, "jumping jacks");
    }
}

/// `cargo test --release --test session -- --ignored`: each length is compiled, for seconds.
#[test]
#[ignore = "takes minutes"]
fn any_number_of_lengths_takes_the_memory_of_a_few() {
    let session = session(EngineChoice::Reference);
    let resident = || {
        let status = fs_err::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
    };
    let mut megabytes = Vec::new();
    for frames in 1..=48 {
        session.predict(MadeSource::new(frames, 32, 32, 10.0)).unwrap();
        megabytes.push(resident());
    }
    // 32 lengths more: some 6 MB each, if all were kept.
    assert!(megabytes[47] <= megabytes[15] + 64, "{megabytes:?}");
}
