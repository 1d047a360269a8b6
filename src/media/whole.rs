//! A whole clip at once, for models that take it so.

use ndarray::Array4;

use super::{Cutter, FrameSource, MediaError, Space};

/// The whole clip as a model sees it: float32 RGB in [0, 1], `(frames, size, size, 3)`, as
/// `tf.image.resize(...) / 255`.
///
/// It holds all frames, `12 * size * size` bytes each; a source that never ends takes all memory.
///
/// # Errors
/// Those of [`FrameSource::advance`]; [`MediaError::Size`] where the source gives frames of another size than
/// [`FrameSource::info`] says.
pub fn video(source: &mut dyn FrameSource, size: usize) -> Result<Array4<f32>, MediaError> {
    let cutter = Cutter::new(Space::Squash, (source.info().height, source.info().width), size);
    let (mut count, mut values) = (0, Vec::new());
    // Room is made frame by frame: the number of frames that a file claims may be a lie.
    while let Some(frame) = source.next_frame()? {
        let before = values.len();
        values.resize(before + cutter.len(), 0.0);
        cutter.run(frame.pixels, &mut values[before..])?;
        count += 1;
    }
    Ok(Array4::from_shape_vec((count, size, size, 3), values)
        .unwrap_or_else(|_| unreachable!("one value was written for every position")))
}

#[cfg(test)]
mod tests {
    use super::super::{ArraySource, MadeSource};
    use super::*;

    #[test]
    fn every_frame_is_there_in_order() {
        let frames = Array4::from_shape_fn((2, 5, 5, 3), |(t, y, x, c)| (t * 90 + y * 15 + x * 3 + c) as u8);
        let mut source = ArraySource::new(frames.clone(), None).unwrap();
        assert_eq!(video(&mut source, 5).unwrap(), frames.mapv(|value| f32::from(value) / 255.0));
        assert_eq!(video(&mut MadeSource::new(0, 4, 4, 1.0), 5).unwrap().dim(), (0, 5, 5, 3));
    }

    #[test]
    fn a_failure_is_passed_on() {
        let failed = video(&mut MadeSource::new(3, 4, 4, 1.0).failing_at(2), 5);
        assert!(matches!(failed, Err(MediaError::Damaged { frame: 2, .. })));
    }
}
