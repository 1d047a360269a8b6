use ndarray::Array3;
use proptest::prelude::*;

use super::super::{ArraySource, Format, MadeSource};
use super::*;

/// The rule in plain: indices of the frames on screen at times 0, 1/fps, 2/fps, ... of a clip whose frames last
/// `delays`; at least one.
fn frames_at(delays: &[Duration], fps: f64) -> Vec<usize> {
    let total = delays.iter().sum::<Duration>().as_secs_f64();
    let count = ((total * fps).round() as usize).max(1);
    let mut chosen = Vec::with_capacity(count);
    let (mut frame, mut shown_until) = (0, delays.first().map_or(0.0, Duration::as_secs_f64));
    for tick in 0..count {
        let time = tick as f64 / fps;
        while time >= shown_until - 1e-9 && frame + 1 < delays.len() {
            frame += 1;
            shown_until += delays[frame].as_secs_f64();
        }
        chosen.push(frame);
    }
    chosen
}

/// Frames that last `delays` and hold their number; `given` of them, however many it promises.
struct Delays {
    info: SourceInfo,
    delays: Vec<Duration>,
    given: usize,
    pixels: Array3<u8>,
    begun: usize,
}

impl Delays {
    fn new(delays: &[Duration]) -> Self {
        let total: Duration = delays.iter().sum();
        let info = SourceInfo {
            frames: Some(delays.len()),
            duration: Some(total).filter(|total| !total.is_zero()),
            ..SourceInfo::new("delays", Format::Made, 1, 1)
        };
        Self { info, delays: delays.to_vec(), given: delays.len(), pixels: Array3::zeros((1, 1, 3)), begun: 0 }
    }

    /// One that says nothing of its length.
    fn endless(delays: &[Duration]) -> Self {
        let unsaid = Self::new(delays);
        Self { info: SourceInfo { frames: None, duration: None, ..unsaid.info }, ..unsaid }
    }
}

impl FrameSource for Delays {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn advance(&mut self) -> Result<bool, MediaError> {
        if self.begun == self.given {
            return Ok(false);
        }
        self.pixels[[0, 0, 0]] = self.begun as u8;
        self.begun += 1;
        Ok(true)
    }

    fn frame(&self) -> Frame<'_> {
        let index = self.begun.saturating_sub(1);
        Frame {
            pixels: self.pixels.view().into(),
            time: self.delays[..index].iter().sum(),
            duration: self.delays.get(index).copied().unwrap_or_default(),
        }
    }
}

fn chosen(source: impl FrameSource, fps: f64) -> Vec<usize> {
    let mut source = AtRate::new(source, FrameRate::per_second(fps).unwrap()).unwrap();
    let mut chosen = Vec::new();
    while let Some(frame) = source.next_frame().unwrap() {
        let pixels = frame.pixels.bytes();
        chosen.push(usize::from(pixels[0]));
    }
    assert!(!source.advance().unwrap(), "the end stays the end");
    chosen
}

fn hundredths(delays: &[u64]) -> Vec<Duration> {
    delays.iter().map(|delay| Duration::from_millis(10 * delay)).collect()
}

fn at(delays: &[u64], fps: f64) -> Vec<usize> {
    chosen(Delays::new(&hundredths(delays)), fps)
}

#[test]
fn same_rate_keeps_every_frame() {
    assert_eq!(at(&[10; 13], 10.0), (0..13).collect::<Vec<_>>());
}

#[test]
fn half_the_rate_takes_every_other_frame() {
    assert_eq!(at(&[10; 6], 5.0), [0, 2, 4]);
}

#[test]
fn a_long_frame_is_repeated() {
    assert_eq!(at(&[10, 30, 10], 10.0), [0, 1, 1, 1, 2]);
}

#[test]
fn there_is_always_a_frame() {
    assert_eq!(at(&[1], 1.0), [0]);
}

#[test]
fn frames_that_last_no_time_are_passed_over() {
    assert_eq!(at(&[0, 10, 0, 0, 10, 0], 10.0), [1, 4]);
}

proptest! {
    #[test]
    fn it_chooses_as_the_plain_rule_does(
        delays in prop::collection::vec(prop_oneof![1 => Just(0u64), 3 => 1..40u64, 2 => Just(10)], 1..60),
        fps in prop_oneof![
            Just(10.0), Just(5.0), Just(25.0), Just(29.97), Just(100.0), Just(0.01), (1..1000u32).prop_map(|f| f64::from(f) / 7.0),
            0.05..300.0f64,
        ],
    ) {
        let delays = hundredths(&delays);
        prop_assume!(delays.iter().any(|delay| !delay.is_zero()));
        let expected = frames_at(&delays, fps);
        let rate = FrameRate::per_second(fps).unwrap();
        let info = AtRate::new(Delays::new(&delays), rate).unwrap().info().clone();
        prop_assert_eq!(info.frames, Some(expected.len()));
        let step = Duration::from_secs_f64(1.0 / fps);
        prop_assert_eq!(info.duration, Some(vec![step; expected.len()].iter().sum()));
        prop_assert_eq!(chosen(Delays::new(&delays), fps), expected);
    }

    #[test]
    fn it_chooses_as_the_plain_rule_does_among_nanoseconds(
        delays in prop::collection::vec(0..40u64, 1..12), fps in 1e7..1.9e9f64,
    ) {
        let delays: Vec<_> = delays.iter().map(|&delay| Duration::from_nanos(delay)).collect();
        prop_assume!(delays.iter().any(|delay| !delay.is_zero()));
        prop_assert_eq!(chosen(Delays::new(&delays), fps), frames_at(&delays, fps));
    }
}

#[test]
fn times_are_those_of_the_rate() {
    let source = MadeSource::new(20, 2, 2, 10.0);
    let mut source = AtRate::new(source, FrameRate::per_second(4.0).unwrap()).unwrap();
    let duration = Duration::from_millis(250);
    assert_eq!((source.info().frames, source.info().duration), (Some(8), Some(8 * duration)));
    assert_eq!((source.frame().time, source.frame().duration), (Duration::ZERO, duration));
    for tick in 0..8 {
        let frame = source.next_frame().unwrap().unwrap();
        assert_eq!((frame.time, frame.duration), (tick * duration, duration));
    }
    assert!(!source.advance().unwrap());
}

#[test]
fn the_native_rate_passes_everything_through() {
    let mut source = AtRate::new(MadeSource::new(2, 2, 2, 8.0), FrameRate::Native).unwrap();
    assert_eq!(source.info(), MadeSource::new(2, 2, 2, 8.0).info());
    source.advance().unwrap();
    assert_eq!(source.next_frame().unwrap().unwrap().time, Duration::from_millis(125));
    assert!(!source.advance().unwrap());
    let untimed = ArraySource::new(ndarray::Array4::zeros((3, 1, 1, 3)), None).unwrap();
    assert!(AtRate::new(untimed, FrameRate::Native).is_ok());
}

#[test]
fn a_rate_that_leaves_little_of_a_clip_is_a_warning() {
    let warning = |delays: &[u64], too_brief, fps| {
        let mut source = Delays::new(&hundredths(delays));
        source.info.too_brief = too_brief;
        let source = AtRate::new(source, FrameRate::per_second(fps).unwrap()).unwrap();
        source.warning().map(str::to_owned)
    };
    assert_eq!(
        warning(&[1; 40], 40, 5.0).unwrap(),
        "the clip says that it has 100 frames a second, faster than viewers show it, and so 5 fps leaves 2 of its 40 \
         frames; every one is taken at the native rate (--fps native)"
    );
    assert!(
        warning(&[0, 10, 0, 10], 2, 10.0).unwrap().contains("leaves 2 of its 4 frames"),
        "half of them last no time"
    );
    assert!(warning(&[10; 8], 0, 1.0).unwrap().contains("10 frames a second and so 1 fps leaves 1 of its 8"));
    assert_eq!(warning(&[1; 40], 40, 100.0), None, "nothing is left out");
    assert_eq!(warning(&[2; 100], 0, 5.0), None, "as it was filmed");
    assert_eq!(warning(&[0, 10, 10, 10], 1, 5.0), None);
    assert_eq!(warning(&[1], 1, 1.0), None);
}

#[test]
fn what_the_source_says_is_said_too() {
    struct Warned(Delays);
    impl FrameSource for Warned {
        fn info(&self) -> &SourceInfo {
            self.0.info()
        }
        fn advance(&mut self) -> Result<bool, MediaError> {
            self.0.advance()
        }
        fn frame(&self) -> Frame<'_> {
            self.0.frame()
        }
        fn warning(&self) -> Option<&str> {
            (self.0.begun == self.0.given).then_some("it is cut")
        }
    }
    let mut cut = Delays::new(&hundredths(&[1; 40]));
    (cut.given, cut.info.too_brief) = (10, 40);
    let mut source = AtRate::new(Warned(cut), FrameRate::per_second(5.0).unwrap()).unwrap();
    assert!(source.warning().unwrap().starts_with("the clip says"));
    while source.advance().unwrap() {}
    assert!(source.warning().unwrap().starts_with("it is cut; and the clip says"));
}

#[test]
fn a_rate_needs_times() {
    let rate = FrameRate::per_second(5.0).unwrap();
    let untimed = ArraySource::new(ndarray::Array4::zeros((3, 1, 1, 3)), None).unwrap();
    assert!(matches!(AtRate::new(untimed, rate), Err(MediaError::NoDelays { .. })));
    let mut endless = AtRate::new(Delays::endless(&[Duration::ZERO; 4]), rate).unwrap();
    assert!(matches!(endless.advance(), Err(MediaError::NoDelays { .. })));
    assert!(!endless.advance().unwrap());
}

#[test]
fn a_source_of_unknown_length_gives_ticks_while_its_frames_are_on_screen() {
    let delays = hundredths(&[10, 30, 10]);
    assert_eq!(chosen(Delays::endless(&delays), 10.0), [0, 1, 1, 1, 2]);
    assert_eq!(chosen(Delays::endless(&delays), 4.0), [0, 1]);
    let unknown = AtRate::new(Delays::endless(&delays), FrameRate::per_second(5.0).unwrap()).unwrap();
    assert_eq!((unknown.info().frames, unknown.info().duration), (None, None));
}

#[test]
fn a_source_that_ends_early_is_not_drawn_out() {
    let mut cut = Delays::new(&hundredths(&[10; 50]));
    cut.given = 3;
    assert_eq!(chosen(cut, 20.0), [0, 0, 1, 1, 2, 2]);
}

#[test]
fn a_failure_is_passed_on_and_ends_it() {
    let source = MadeSource::new(9, 2, 2, 10.0).failing_at(2);
    let mut source = AtRate::new(source, FrameRate::per_second(10.0).unwrap()).unwrap();
    assert!(source.advance().unwrap() && source.advance().unwrap());
    assert!(matches!(source.advance(), Err(MediaError::Damaged { frame: 2, .. })));
    assert!(!source.advance().unwrap());
}

#[test]
fn absurd_rates_neither_panic_nor_take_memory() {
    let long = || ArraySource::new(ndarray::Array4::zeros((1, 1, 1, 3)), Some(1e-18)).unwrap();
    let mut source = AtRate::new(long(), FrameRate::per_second(1.9e9).unwrap()).unwrap();
    assert_eq!(source.info().frames, Some(usize::MAX));
    assert!(source.advance().unwrap() && source.advance().unwrap());
    let mut source = AtRate::new(MadeSource::new(4, 2, 2, 1e9), FrameRate::per_second(1e-18).unwrap()).unwrap();
    assert_eq!(source.info().frames, Some(1));
    assert!(source.advance().unwrap() && !source.advance().unwrap());
}
