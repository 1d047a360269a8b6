//! What the program itself computes: decoding a clip, bringing it to a model's size, the most likely classes.

#![allow(clippy::unwrap_used, missing_docs, reason = "a bench fails by panic, and its macros make the functions")]

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, criterion_group, criterion_main};
use movinet_tf::media::{Cutter, FrameSource, GifSource, Space, Truncated};
use movinet_tf::predict::{softmax, top_k};
use ndarray::{Array1, Array3};

fn preprocess(criterion: &mut Criterion) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("cache/demo/jumping-jacks.gif");
    criterion.bench_function("decode 16 frames of 160x160", |bench| {
        bench.iter(|| {
            let mut clip = GifSource::open(black_box(&path), Truncated::Refuse).unwrap();
            while clip.advance().unwrap() {}
        });
    });
    let mut clip = GifSource::open(&path, Truncated::Refuse).unwrap();
    let mut frames: Vec<Array3<u8>> = Vec::new();
    while let Some(frame) = clip.next_frame().unwrap() {
        frames.extend(Array3::from_shape_vec(frame.pixels.dim(), frame.pixels.bytes().into_owned()));
    }
    for space in [Space::Squash, Space::ShortSide { short: 192 }, Space::Fit, Space::Letterbox, Space::Centre] {
        let cutter = Cutter::new(space, (clip.info().height, clip.info().width), 172);
        let mut seen = vec![0.0; cutter.len()];
        criterion.bench_function(&format!("cut 16 frames to 172x172: {space:?}"), |bench| {
            bench.iter(|| {
                let cut = |frame: &Array3<u8>| cutter.run(black_box(frame.view().into()), black_box(&mut seen));
                frames.iter().map(cut).for_each(Result::unwrap);
            });
        });
    }
    let logits: Array1<f32> = (0..600).map(|class| ((class * 37) % 601) as f32 / 60.0).collect();
    criterion.bench_function("softmax and top 5 of 600 classes", |bench| {
        bench.iter(|| top_k(softmax(black_box(&logits).view()).view(), 5));
    });
}

criterion_group!(benches, preprocess);
criterion_main!(benches);
