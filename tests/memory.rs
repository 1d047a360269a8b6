//! A stream's memory doesn't grow with its length: 3,000 frames of 480x270 take no more than 30.

#![allow(clippy::unwrap_used, reason = "a test fails by panic")]

use std::io::BufWriter;
use std::path::Path;
use std::sync::Arc;

use gif::{Encoder, Frame};
use movinet_tf::engine::{Engine, fake};
use movinet_tf::{GifSource, Session, Truncated};

const WIDTH: u16 = 480;
const HEIGHT: u16 = 270;

/// A GIF of so many frames that don't compress: a few, again and again.
fn write(path: &Path, frames: usize) {
    let palette: Vec<u8> = (0..=255).flat_map(|value| [value, 255 - value, value / 2]).collect();
    let file = BufWriter::new(fs_err::File::create(path).unwrap());
    let mut encoder = Encoder::new(file, WIDTH, HEIGHT, &palette).unwrap();
    let mut random = fastrand::Rng::with_seed(1);
    let mut encoded = || {
        let buffer: Vec<u8> =
            std::iter::repeat_with(|| random.u8(..)).take(usize::from(WIDTH) * usize::from(HEIGHT)).collect();
        let mut frame = Frame { width: WIDTH, height: HEIGHT, delay: 4, buffer: buffer.into(), ..Frame::default() };
        frame.make_lzw_pre_encoded();
        frame
    };
    let pictures: [_; 4] = std::array::from_fn(|_| encoded());
    for picture in pictures.iter().cycle().take(frames) {
        encoder.write_lzw_pre_encoded_frame(picture).unwrap();
    }
}

/// The largest memory that this process has had, in bytes.
fn peak() -> u64 {
    let status = fs_err::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

#[test]
fn a_long_clip_streams_in_the_memory_of_a_short_one() {
    let folder = tempfile::tempdir().unwrap();
    let (base, stream) = (Arc::new(fake::FakeBase), Arc::new(fake::FakeStream::default()));
    let session = Session::builder().networks(Engine::Fake, Some(base), Some(stream)).size(172).build().unwrap();
    let mut peaks = Vec::new();
    for frames in [30, 3000] {
        let path = folder.path().join(format!("{frames}.gif"));
        write(&path, frames);
        let clip = GifSource::open(&path, Truncated::Refuse).unwrap();
        assert_eq!(session.stream(clip).unwrap().map(Result::unwrap).count(), frames);
        peaks.push(peak());
    }
    let grown = peaks[1] - peaks[0];
    assert!(grown <= 20 << 20, "{grown} bytes more than 30 frames took");
}
