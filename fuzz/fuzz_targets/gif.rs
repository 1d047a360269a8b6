//! Whatever the bytes: the frames of a GIF are those of the plain model, or both have none.

#![no_main]

use std::io::Cursor;

use libfuzzer_sys::fuzz_target;
use movinet_tf::media::{FrameSource, GifSource, MediaError, Truncated};
use movinet_tf_fuzz::decode_gif::{Clip, decode};

const MOST_PIXELS: usize = 1 << 21;

fn read(bytes: &[u8], truncated: Truncated) -> Result<Clip, MediaError> {
    let mut source = GifSource::new(Cursor::new(bytes.to_vec()), "clip.gif", truncated)?;
    let (width, height, promised) = (source.info().width, source.info().height, source.info().frames.unwrap());
    let mut frames = Vec::new();
    while let Some(frame) = source.next_frame()? {
        frames.push(frame.pixels.bytes().into_owned());
    }
    assert!(frames.len() <= promised && (frames.len() == promised || source.warning().is_some()));
    Ok(Clip { width, height, frames })
}

fuzz_target!(|bytes: &[u8]| {
    // The model holds every pixel of every image.
    let sizes = bytes.windows(10).filter(|block| block[0] == 0x2C).map(|block| {
        let number = |at| u64::from(u16::from_le_bytes([block[at], block[at + 1]]));
        number(5) * number(7)
    });
    if sizes.max().is_some_and(|pixels| pixels > 1 << 22) {
        return;
    }
    let Ok(expected) = decode(bytes, MOST_PIXELS) else { return };
    let kept = read(bytes, Truncated::Keep);
    match (&kept, &expected) {
        (Ok(clip), Some(expected)) => {
            assert!(clip == expected, "other frames: {} and {}", clip.frames.len(), expected.frames.len())
        }
        (Err(_), None) => {}
        (Ok(clip), None) => panic!("{} frames where there are none", clip.frames.len()),
        (Err(error), Some(expected)) => panic!("{error}, but there are {} frames", expected.frames.len()),
    }
    if let Ok(clip) = read(bytes, Truncated::Refuse) {
        assert!(Some(clip) == expected, "what is taken without a word is all there is");
    }
});
