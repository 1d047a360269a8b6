//! GIFs are streamed, not loaded, and no bytes make the decoder panic.

#![allow(clippy::unwrap_used, reason = "a test fails by panic")]

use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use movinet_tf::media::{FrameSource, GifSource, MediaError, Truncated};
use proptest::prelude::*;

const SIDE: u16 = 32;

/// A GIF of `count` images of noise, which LZW makes no smaller.
fn noisy_gif(count: usize) -> Vec<u8> {
    let palette: Vec<u8> = (0..768).map(|value| (value * 7) as u8).collect();
    let mut bytes = Vec::new();
    let mut encoder = gif::Encoder::new(&mut bytes, SIDE, SIDE, &palette).unwrap();
    let mut random = fastrand::Rng::with_seed(1);
    for _ in 0..count {
        let indices: Vec<u8> = (0..SIDE * SIDE).map(|_| random.u8(..)).collect();
        let mut frame = gif::Frame::from_indexed_pixels(SIDE, SIDE, indices, None);
        frame.delay = 4;
        encoder.write_frame(&frame).unwrap();
    }
    drop(encoder);
    bytes
}

fn open(bytes: &[u8], truncated: Truncated) -> Result<GifSource, MediaError> {
    GifSource::new(Cursor::new(bytes.to_vec()), "clip.gif", truncated)
}

/// Goes to the end: the frames on the way, and the error that it ended with.
fn run(source: &mut GifSource) -> (usize, Option<MediaError>) {
    let mut frames = 0;
    loop {
        match source.advance() {
            Ok(true) => frames += 1,
            Ok(false) => return (frames, None),
            Err(error) => return (frames, Some(error)),
        }
    }
}

#[derive(Default)]
struct Counts {
    read: AtomicU64,
    largest_request: AtomicU64,
}

struct Counting<R> {
    reader: R,
    counts: Arc<Counts>,
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.counts.read.fetch_add(read as u64, Relaxed);
        self.counts.largest_request.fetch_max(buffer.len() as u64, Relaxed);
        Ok(read)
    }
}

impl<R: Seek> Seek for Counting<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.reader.seek(to)
    }
}

#[test]
fn a_long_clip_is_read_as_its_frames_are_asked_for() {
    const IMAGES: usize = 3000;
    const LOOKAHEAD: u64 = 64 << 10;
    let bytes = noisy_gif(IMAGES);
    let a_frame = bytes.len() as u64 / IMAGES as u64;
    assert!(bytes.len() as u64 > 30 * LOOKAHEAD, "the clip is too small to tell anything");
    let file = tempfile::NamedTempFile::new().unwrap();
    fs_err::write(file.path(), &bytes).unwrap();
    let counts = Arc::new(Counts::default());
    let reader = Counting { reader: fs_err::File::open(file.path()).unwrap(), counts: counts.clone() };
    let mut source = GifSource::new(reader, file.path(), Truncated::Refuse).unwrap();
    assert_eq!(source.info().frames, Some(IMAGES));
    assert_eq!(source.info().duration, Some(Duration::from_millis(40 * IMAGES as u64)));
    assert!(counts.read.swap(0, Relaxed) <= bytes.len() as u64 + LOOKAHEAD, "the blocks are gone through once");
    for frame in 0..IMAGES {
        let shown = source.next_frame().unwrap().unwrap();
        assert_eq!(shown.time, Duration::from_millis(40 * frame as u64));
        let (read, due) = (counts.read.load(Relaxed), (frame as u64 + 1) * a_frame);
        assert!(read <= due + LOOKAHEAD, "{read} bytes were read for {due} at frame {frame}");
    }
    assert!(!source.advance().unwrap() && source.warning().is_none());
    let largest = counts.largest_request.load(Relaxed);
    assert!(largest <= LOOKAHEAD, "{largest} bytes were asked for at once");
}

#[test]
fn what_is_no_gif_is_said_to_be_none() {
    let reason = |bytes: &[u8]| match open(bytes, Truncated::Keep) {
        Err(MediaError::NotAGif { reason, .. }) => reason,
        other => panic!("{other:?}"),
    };
    assert_eq!(reason(b""), "the file is empty");
    assert!(reason(b"GIF8").contains("does not begin with"));
    assert!(reason(b"\x89PNG\r\n\x1a\n").contains("does not begin with"));
    let missing = GifSource::open("no/such.gif", Truncated::Keep).unwrap_err();
    assert!(matches!(missing, MediaError::Read { .. }));
    let cause = std::error::Error::source(&missing).unwrap().to_string();
    assert!(cause.contains("no/such.gif") && !missing.to_string().contains(&cause));
    assert!(matches!(open(b"GIF89a\x01\0\x01\0\0\0\0;", Truncated::Keep), Err(MediaError::NoFrames { .. })));
}

#[test]
fn an_image_without_data_ends_the_clip() {
    let mut bytes = tiny(&[FOUR_PIXELS, &[], FOUR_PIXELS]);
    assert_eq!(bytes[45..48], [2, 0, 0]); // the length of no data, and the end behind it
    bytes.remove(47);
    let mut kept = open(&bytes, Truncated::Keep).unwrap();
    assert!(kept.warning().unwrap().contains("1 whole frame "));
    assert!(matches!(run(&mut kept), (1, None)));
    assert!(matches!(open(&bytes, Truncated::Refuse), Err(MediaError::Truncated { whole: 1, .. })));
}

/// A GIF with a palette of two black colours and images of 4x1 pixels whose data is `data`.
fn tiny(data: &[&[u8]]) -> Vec<u8> {
    let mut bytes = b"GIF89a\x04\0\x01\0\x80\0\0\0\0\0\0\0\0".to_vec();
    for data in data {
        bytes.extend(b"\x2c\0\0\0\0\x04\0\x01\0\0\x02");
        bytes.push(data.len() as u8);
        bytes.extend(*data);
        bytes.push(0);
    }
    bytes.push(b';');
    bytes
}

/// In codes of 3 bits: clear, 0, 0, clear, 0, 0, end.
const FOUR_PIXELS: &[u8] = &[0x04, 0x08, 0x14];
/// Clear, 0, end.
const ONE_PIXEL: &[u8] = &[0x44, 0x01];
/// Clear, then a code that no table has yet.
const DAMAGED: &[u8] = &[0x3C, 0x00];

#[test]
fn pixels_that_end_early_end_the_clip_or_are_refused() {
    let early = tiny(&[FOUR_PIXELS, FOUR_PIXELS, ONE_PIXEL, FOUR_PIXELS]);
    let mut kept = open(&early, Truncated::Keep).unwrap();
    assert_eq!((kept.info().frames, kept.warning()), (Some(4), None));
    assert!(matches!(run(&mut kept), (2, None)));
    assert!(kept.warning().unwrap().contains("2 whole frames"));
    assert!(!kept.advance().unwrap());
    let mut refused = open(&early, Truncated::Refuse).unwrap();
    assert!(matches!(run(&mut refused), (2, Some(MediaError::Truncated { whole: 2, .. }))));
    assert!(!refused.advance().unwrap());
    let mut first = open(&tiny(&[ONE_PIXEL, FOUR_PIXELS]), Truncated::Keep).unwrap();
    assert!(matches!(run(&mut first), (0, Some(MediaError::Truncated { whole: 0, .. }))));
}

#[test]
fn damaged_pixels_end_the_clip_or_are_an_error_at_their_frame() {
    let damaged = tiny(&[FOUR_PIXELS, DAMAGED, FOUR_PIXELS]);
    let mut kept = open(&damaged, Truncated::Keep).unwrap();
    assert!(matches!(run(&mut kept), (1, None)));
    assert!(kept.warning().unwrap().contains("frame 1 is damaged") && !kept.advance().unwrap());
    let mut refused = open(&damaged, Truncated::Refuse).unwrap();
    assert!(matches!(run(&mut refused), (1, Some(MediaError::Damaged { frame: 1, usable: 1, .. }))));
    assert!(!refused.advance().unwrap());
    for truncated in [Truncated::Keep, Truncated::Refuse] {
        let mut first = open(&tiny(&[DAMAGED, FOUR_PIXELS]), truncated).unwrap();
        assert!(matches!(run(&mut first), (0, Some(MediaError::Damaged { frame: 0, usable: 0, .. }))));
    }
}

#[test]
fn a_colour_outside_the_palette_is_an_error_whatever_is_asked_for() {
    let mut bytes = tiny(&[FOUR_PIXELS, &[0x94, 0x04, 0x14]]); // clear, 2, 2, clear, 0, 0, end
    for truncated in [Truncated::Keep, Truncated::Refuse] {
        let mut source = open(&bytes, truncated).unwrap();
        assert!(matches!(run(&mut source), (1, Some(MediaError::Damaged { frame: 1, usable: 0, .. }))));
    }
    bytes[10] = 0; // no palette
    bytes.drain(13..19);
    let mut source = open(&bytes, Truncated::Keep).unwrap();
    assert!(matches!(run(&mut source), (0, Some(MediaError::Damaged { frame: 0, usable: 0, .. }))));
}

#[test]
fn damaged_images_are_told_before_the_first_frame() {
    let good = tiny(&[FOUR_PIXELS, FOUR_PIXELS]);
    let second = tiny(&[FOUR_PIXELS]).len() - 1;
    for (at, value) in [(10, 12), (10, 9), (5, 0)] {
        let mut bytes = good.clone();
        bytes[second + at] = value; // the size of codes; the width
        let refused = open(&bytes, Truncated::Refuse);
        assert!(matches!(refused, Err(MediaError::Damaged { frame: 1, usable: 1, .. })), "{refused:?}");
        let mut kept = open(&bytes, Truncated::Keep).unwrap();
        assert!(matches!(run(&mut kept), (1, None)) && kept.warning().unwrap().contains("frame 1 is damaged"));
    }
}

#[test]
fn what_stands_behind_whole_frames_and_is_no_block_is_a_warning() {
    let mut clip = tiny(&[FOUR_PIXELS, FOUR_PIXELS]);
    clip.pop();
    for junk in [&b"text"[..], b"\0", b"\0\0\0\0", b"\xff;"] {
        for truncated in [Truncated::Keep, Truncated::Refuse] {
            let mut source = open(&[&clip, junk].concat(), truncated).unwrap();
            assert!(source.warning().unwrap().contains("behind its 2 frames"), "{junk:?}");
            assert!(matches!(run(&mut source), (2, None)));
        }
    }
    for cut in [&b","[..], b",\0\0", b"!", b"!\xfe\x09text"] {
        let refused = open(&[&clip, cut].concat(), Truncated::Refuse);
        assert!(matches!(refused, Err(MediaError::Truncated { whole: 2, .. })), "{cut:?}: {refused:?}");
    }
    assert!(matches!(open(b"GIF89a\x01\0\x01\0\0\0\0junk", Truncated::Keep), Err(MediaError::NoFrames { .. })));
}

#[test]
fn an_image_that_is_not_whole_has_no_part_in_the_canvas() {
    let mut bytes = tiny(&[FOUR_PIXELS, FOUR_PIXELS, DAMAGED, FOUR_PIXELS]);
    let image = (bytes.len() - tiny(&[]).len()) / 4 + 1; // damaged data are a byte shorter
    let third = tiny(&[]).len() - 1 + 2 * image;
    assert_eq!(bytes[third], 0x2c);
    bytes[third + 7] = 200; // the height
    let mut kept = open(&bytes, Truncated::Keep).unwrap();
    assert_eq!((kept.info().width, kept.info().height, kept.info().frames), (4, 1, Some(2)));
    assert!(matches!(run(&mut kept), (2, None)) && kept.warning().unwrap().contains("frame 2 is damaged"));
    assert!(matches!(open(&bytes, Truncated::Refuse), Err(MediaError::Damaged { frame: 2, usable: 2, .. })));
}

#[test]
fn an_image_without_its_end_is_not_whole() {
    let whole = tiny(&[FOUR_PIXELS, FOUR_PIXELS]);
    let all = |bytes: &[u8]| run(&mut open(bytes, Truncated::Keep).unwrap()).0;
    assert_eq!(all(&whole[..whole.len() - 1]), 2, "only the trailer is missing");
    assert_eq!(all(&whole[..whole.len() - 2]), 1, "all pixels are there, but not the image's end");
    let refused = open(&whole[..whole.len() - 2], Truncated::Refuse);
    assert!(matches!(refused, Err(MediaError::Truncated { whole: 1, .. })));
}

#[test]
fn a_canvas_that_is_too_large_is_refused() {
    let mut bytes = tiny(&[FOUR_PIXELS]);
    bytes[24..28].fill(0xFF); // width and height
    let refused = open(&bytes, Truncated::Keep);
    assert!(matches!(refused, Err(MediaError::TooLarge { bytes: 12_884_508_675, .. })), "{refused:?}");
}

/// Opens and runs `bytes` in both ways; whatever comes out must hold together.
fn survive(bytes: &[u8]) -> Result<(), TestCaseError> {
    for truncated in [Truncated::Keep, Truncated::Refuse] {
        let Ok(mut source) = open(bytes, truncated) else { continue };
        let promised = source.info().frames.unwrap();
        let (height, width) = (source.info().height, source.info().width);
        if height * width > 1 << 22 {
            continue; // it takes its time, and nothing else
        }
        let (frames, error) = run(&mut source);
        prop_assert!(frames <= promised);
        prop_assert!(frames == promised || error.is_some() || source.warning().is_some());
        prop_assert!(!source.advance().unwrap_or(false));
        prop_assert_eq!(source.frame().pixels.dim(), (height, width, 3));
    }
    Ok(())
}

fn clips() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parity/clips");
    let mut paths: Vec<_> = fs_err::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| fs_err::read(path).unwrap()).filter(|bytes| bytes.len() < 5000).collect()
}

proptest! {
    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..600), version in any::<bool>()) {
        survive(&bytes)?;
        survive(&[if version { b"GIF87a" } else { b"GIF89a" }, &bytes[..]].concat())?;
    }

    #[test]
    fn mutated_clips_never_panic(
        which in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4u8), 1..6),
    ) {
        let clips = clips();
        let mut bytes = which.get(&clips).clone();
        for (at, value, how) in changes {
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = value,
                1 => bytes.insert(at, value),
                2 if bytes.len() > 1 => drop(bytes.remove(at)),
                _ => bytes.truncate(at.max(1)),
            }
        }
        survive(&bytes)?;
    }
}
