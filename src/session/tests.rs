//! What a session promises, on the fake engine.

use std::sync::Arc;
use std::time::Duration;

use ndarray::{Array1, Array4, ArrayView4};

use super::{Session, SessionBuilder, SessionError, Step, Streaming};
use crate::catalog::Variation;
use crate::engine::fake::{FakeBase, FakeStream};
use crate::engine::{BaseNetwork, Engine, EngineError, StateView, Stream, StreamNetwork, Window};
use crate::media::{ArraySource, AtRate, FrameRate, FrameSource, MadeSource, MediaError};
use crate::models::PairName;
use crate::predict::Labels;
use crate::progress::{Progress, Silent, Task, Unit};

const RED: [u8; 3] = [255, 0, 0];
const BLUE: [u8; 3] = [0, 0, 255];

fn with(stream: impl StreamNetwork + 'static) -> SessionBuilder {
    Session::builder().networks(Engine::Fake, Some(Arc::new(FakeBase)), Some(Arc::new(stream)))
}

fn session() -> Session {
    with(FakeStream::default()).build().unwrap()
}

fn clip(red: usize, blue: usize) -> MadeSource {
    MadeSource::new(red + blue, 24, 40, 10.0).with_colors([vec![RED; red], vec![BLUE; blue]].concat())
}

fn steps(session: &Session, source: impl FrameSource + 'static) -> Vec<Step> {
    let steps: Result<Vec<_>, _> = session.stream(source).unwrap().collect();
    // How long each took is another thing each time.
    steps.unwrap().into_iter().map(|step| Step { elapsed: Duration::ZERO, ..step }).collect()
}

#[test]
fn a_session_goes_to_other_threads_and_is_shared_by_them() {
    fn is_send<T: Send>() {}
    fn is_sync<T: Sync>() {}
    is_send::<Session>();
    is_sync::<Session>();
    is_send::<SessionBuilder>();
    is_sync::<SessionBuilder>();
    is_send::<Streaming>();
    is_send::<SessionError>();
    is_sync::<SessionError>();
}

#[test]
fn a_stream_takes_any_number_of_frames_and_a_whole_clip_does_not() {
    // Three frames that last for minutes, at a rate that repeats them.
    let long = || AtRate::new(MadeSource::new(3, 6, 9, 1.0 / 655.0), FrameRate::per_second(5.0).unwrap()).unwrap();
    assert_eq!(long().info().frames, Some(9825));
    assert_eq!(session().stream(long()).unwrap().filter(Result::is_ok).count(), 9825);
    assert!(matches!(session().compare(long()), Err(SessionError::TooMany { frames: 9825, .. })));
    assert!(matches!(session().video(long()), Err(SessionError::TooMany { frames: 9825, .. })));
}

#[test]
fn base_and_stream_say_what_they_see() {
    let comparison = session().compare(clip(9, 3)).unwrap();
    assert_eq!(comparison.base.top[0].label, "red");
    assert_eq!(comparison.stream.last.top[0].label, "blue");
    assert_eq!(comparison.stream.settled_frame, 10);
    assert!(!comparison.agreement.last.top1);
    assert_eq!((comparison.clip.frames, comparison.clip.size, comparison.clip.fps), (12, 32, Some(10.0)));
    assert_eq!(session().predict(clip(9, 3)).unwrap().top, comparison.base.top);
}

#[test]
fn a_stream_gives_what_compare_gives_however_often_and_in_whatever_order() {
    let session = session();
    let compared = session.run(&mut clip(3, 4), &mut |_| {}).unwrap();
    let (one, other) = (steps(&session, clip(3, 4)), steps(&session, clip(5, 1)));
    for (frame, step) in one.iter().enumerate() {
        assert_eq!((step.frame, step.time.as_millis()), (frame, 100 * frame as u128));
        assert_eq!(step.logits, compared.logits.stream.row(frame));
    }
    assert_eq!(steps(&session, clip(5, 1)), other);
    assert_eq!(steps(&session, clip(3, 4)), one);
}

#[test]
fn a_clip_is_classified_as_it_is_compared() {
    use crate::media::{Sampling, SamplingOptions};

    let kinetics = SamplingOptions {
        sampling: Some(Sampling::Kinetics),
        views: Some(3),
        frames: Some(4),
        step: Some(2),
        ..SamplingOptions::default()
    };
    for options in [SamplingOptions::default(), kinetics] {
        let both = with(FakeStream::default()).sampling_options(options);
        let session = both.clone().build().unwrap();
        let run = session.run(&mut clip(9, 4), &mut |_| {}).unwrap();
        let answers = run.answers().unwrap();
        let (base, stream) = (&answers.base.probabilities[0], answers.stream.probabilities.last().unwrap());
        let said = session.classify(clip(9, 4)).unwrap();
        let alone = |variation| both.clone().only(variation).build().unwrap().classify(clip(9, 4)).unwrap();
        let (base_alone, stream_alone) = (alone(Variation::Base), alone(Variation::Stream));
        assert_eq!((said.frames, base_alone.frames, stream_alone.frames), (run.clip.frames, said.frames, said.frames));
        assert_eq!((&base_alone.base, &stream_alone.stream), (&said.base, &said.stream));
        let (said_base, said_stream) = (said.base.unwrap(), said.stream.unwrap());
        assert_eq!((&said_base.probabilities, &said_stream.probabilities), (base, stream));
        assert_eq!(said_base.logits, run.logits.base);
        let last = run.logits.stream.nrows() - 1;
        assert_eq!(said_stream.logits.row(said_stream.logits.nrows() - 1), run.logits.stream.row(last));
    }
    let nothing = with(FakeStream::default()).only(Variation::Stream).build().unwrap().classify(clip(0, 0));
    assert!(matches!(nothing, Err(SessionError::NoFrames { .. })));
}

#[test]
fn a_source_that_fails_in_its_middle_leaves_the_session_as_it_was() {
    let session = session();
    let expected = steps(&session, clip(3, 4));
    let outcomes: Vec<_> = session.stream(clip(3, 4).failing_at(5)).unwrap().collect();
    assert_eq!(outcomes.len(), 6, "five frames, and the failure, once");
    assert!(matches!(outcomes[5], Err(SessionError::Media(MediaError::Damaged { frame: 5, .. }))));
    assert!(session.compare(clip(3, 4).failing_at(0)).is_err());
    assert_eq!(steps(&session, clip(3, 4)), expected);
}

#[test]
fn an_engine_that_fails_ends_the_stream_and_not_the_session() {
    let session = with(FakeStream::failing_at(2)).build().unwrap();
    for _ in 0..2 {
        let outcomes: Vec<_> = session.stream(clip(3, 4)).unwrap().collect();
        assert_eq!(outcomes.len(), 3);
        assert!(matches!(outcomes[2], Err(SessionError::Engine(EngineError::Run { .. }))));
    }
    assert_eq!(steps(&session, clip(1, 1)).len(), 2);
}

#[test]
fn one_of_a_pair_is_enough_for_what_it_does() {
    let stream = with(FakeStream::default()).only(Variation::Stream).build().unwrap();
    assert_eq!(steps(&stream, clip(1, 1)).len(), 2);
    assert!(matches!(stream.predict(clip(1, 1)), Err(SessionError::NoBase)));
    assert!(matches!(stream.compare(clip(1, 1)), Err(SessionError::NoBase)));
    let base = with(FakeStream::default()).only(Variation::Base).build().unwrap();
    assert!(base.predict(clip(1, 1)).is_ok());
    assert!(matches!(base.stream(clip(1, 1)), Err(SessionError::NoStream)));
}

#[test]
fn what_a_builder_lacks_is_told() {
    assert!(matches!(Session::builder().build(), Err(SessionError::NoModel)));
    let folder = tempfile::tempdir().unwrap();
    let models = Session::builder().cache(folder.path().join("cache")).base(folder.path()).stream(folder.path());
    assert!(matches!(models.clone().build(), Err(SessionError::Engine(EngineError::Incomplete { .. }))));
    let named = Session::builder().cache(folder.path()).base("a0-stream").build();
    assert!(matches!(named, Err(SessionError::Model(_))), "{named:?}");
    let labels = with(FakeStream::default()).labels(Labels::parse("one\ntwo")).build();
    assert!(matches!(labels, Err(SessionError::Labels(_))));
}

#[test]
fn a_pair_by_name_needs_no_files_where_it_is_the_fake_one() {
    let session = Session::builder().pair(PairName::Fake).size(16).top_k(3).build().unwrap();
    let comparison = session.compare(clip(2, 0)).unwrap();
    assert_eq!((comparison.base.top.len(), comparison.clip.size), (3, 16));
    assert_eq!(comparison.models.stream.engine, Engine::Fake);
    assert_eq!(session.tensorflow(), None);
}

#[test]
fn an_untimed_array_is_a_clip_too() {
    let frames = ndarray::Array4::from_shape_fn((5, 6, 7, 3), |(_, _, _, channel)| RED[channel]);
    let comparison = session().compare(ArraySource::new(frames, None).unwrap()).unwrap();
    assert_eq!((comparison.clip.frames, comparison.clip.fps), (5, None));
    assert_eq!(comparison.stream.last.top[0].label, "red");
}

#[test]
fn a_size_that_no_frame_has_is_refused() {
    for size in [0, 20_000, usize::MAX] {
        let session = with(FakeStream::default()).size(size).build().unwrap();
        let refusals = [
            session.compare(clip(1, 1)).map(drop).unwrap_err(),
            session.predict(clip(1, 1)).map(drop).unwrap_err(),
            session.stream(clip(1, 1)).map(drop).unwrap_err(),
            session.video(clip(1, 1)).map(drop).unwrap_err(),
        ];
        assert!(refusals.iter().all(|refusal| matches!(refusal, SessionError::Size { .. })), "{refusals:?}");
    }
}

/// An engine of one's own, with something wrong about it.
#[derive(Debug, Clone, Copy)]
enum Odd {
    ShortWindow,
    ShortInput,
    OtherClasses,
    NoClasses,
    Fine,
}

impl BaseNetwork for Odd {
    fn own_size(&self) -> Option<usize> {
        Some(4)
    }

    fn window(&self, frames: usize, height: usize, width: usize) -> Result<Box<dyn Window>, EngineError> {
        let frames = if matches!(self, Self::ShortWindow) { frames - 1 } else { frames };
        Ok(Box::new(OddClip(*self, Array4::zeros((frames, height, width, 3)))))
    }
}

#[derive(Debug)]
struct OddClip(Odd, Array4<f32>);

impl Window for OddClip {
    fn pixels(&mut self) -> &mut [f32] {
        self.1.as_slice_mut().unwrap()
    }

    fn video(&self) -> ArrayView4<'_, f32> {
        self.1.view()
    }

    fn predict(&self) -> Result<Array1<f32>, EngineError> {
        Ok(Array1::zeros(if matches!(self.0, Odd::NoClasses) { 0 } else { 2 }))
    }
}

impl StreamNetwork for Odd {
    fn own_size(&self) -> Option<usize> {
        Some(4)
    }

    fn frames_per_step(&self) -> usize {
        0
    }

    fn begin(&self, height: usize, width: usize) -> Result<Box<dyn Stream>, EngineError> {
        let missing = usize::from(matches!(self, Self::ShortInput));
        Ok(Box::new(OddStream { odd: *self, input: vec![0.0; height * width * 3 - missing], steps: 0 }))
    }
}

#[derive(Debug)]
struct OddStream {
    odd: Odd,
    input: Vec<f32>,
    steps: usize,
}

impl Stream for OddStream {
    fn input(&mut self) -> &mut [f32] {
        &mut self.input
    }

    fn step(&mut self) -> Result<Option<Array1<f32>>, EngineError> {
        self.steps += 1;
        Ok(Some(Array1::zeros(match self.odd {
            Odd::NoClasses => 0,
            Odd::OtherClasses => 1 + self.steps,
            _ => 2,
        })))
    }

    fn reset(&mut self) -> Result<(), EngineError> {
        Ok(())
    }

    fn states(&self) -> Vec<StateView<'_>> {
        Vec::new()
    }

    fn time_inside(&self) -> Duration {
        Duration::ZERO
    }
}

#[test]
fn an_engine_of_ones_own_runs_and_what_is_wrong_with_it_is_an_error() {
    let built = |odd: Odd| {
        let engine = Engine::Other("odd");
        Session::builder().networks(engine, Some(Arc::new(odd)), Some(Arc::new(odd))).build().unwrap()
    };
    let comparison = built(Odd::Fine).compare(clip(2, 1)).unwrap();
    assert_eq!(comparison.models.base.engine.to_string(), "odd");
    assert_eq!(comparison.base.top[0].label, "class 0");
    for odd in [Odd::ShortWindow, Odd::ShortInput, Odd::OtherClasses, Odd::NoClasses] {
        let refusal = built(odd).compare(clip(2, 1)).unwrap_err();
        assert!(matches!(refusal, SessionError::Engine(_) | SessionError::Media(_)), "{odd:?}: {refusal}");
    }
    assert!(built(Odd::ShortInput).stream(clip(1, 1)).unwrap().next().unwrap().is_err());
}

#[derive(Debug, Default)]
struct Lines(std::sync::Mutex<Vec<String>>);

impl Progress for Lines {
    fn begin(&self, _: &str, _: Option<u64>, _: Unit) -> Box<dyn Task> {
        Box::new(Silent)
    }

    fn note(&self, line: &str) {
        self.0.lock().unwrap().push(line.to_owned());
    }

    fn warning(&self, _: &str) {}

    fn detail(&self, _: &str) {}
}

#[test]
fn what_base_will_need_is_said_before_a_frame_is_read() {
    let lines = Arc::new(Lines::default());
    let session = with(FakeStream::default()).size(224).progress(Arc::clone(&lines) as Arc<_>).build().unwrap();
    let outcome = session.compare(MadeSource::new(3000, 4, 4, 10.0).failing_at(0));
    assert!(outcome.is_err());
    let said = lines.0.lock().unwrap().join("\n");
    assert!(said.contains("all 3000 frames at once: 1806 MB"), "{said}");
}
