//! What the program itself computes: decoding a clip, bringing it to a model's size, the most likely classes.

#![allow(clippy::unwrap_used, missing_docs, reason = "a bench fails by panic, and its macros make the functions")]

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, criterion_group, criterion_main};
use movinet_tf::clip::{Clip, Truncated};
use movinet_tf::predict::{softmax, top_k};
use ndarray::Array1;

fn preprocess(criterion: &mut Criterion) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("cache/demo/jumping-jacks.gif");
    let clip = Clip::read(&path, Truncated::Refuse).unwrap();
    criterion.bench_function("decode 16 frames of 160x160", |bench| {
        bench.iter(|| Clip::read(black_box(&path), Truncated::Refuse).unwrap());
    });
    criterion.bench_function("resize 16 frames to 172x172", |bench| bench.iter(|| black_box(&clip).video(172)));
    let logits: Array1<f32> = (0..600).map(|class| ((class * 37) % 601) as f32 / 60.0).collect();
    criterion.bench_function("softmax and top 5 of 600 classes", |bench| {
        bench.iter(|| top_k(softmax(black_box(&logits).view()).view(), 5));
    });
}

criterion_group!(benches, preprocess);
criterion_main!(benches);
