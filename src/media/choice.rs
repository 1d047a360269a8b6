//! Rules of number: which frames of a clip a model is shown, by their indices.

/// How the published accuracies were measured (`sample_sequence` and `sample_linspace_sequence` of
/// `official/vision/ops/preprocess_ops_3d.py`): of `total` frames, for each view, the indices of `frames` in the order
/// in which they are seen, `stride` apart. One view is in the middle; several begin evenly between the first frame and
/// the last from which a view fits. Where there are too few frames, the clip is repeated from its beginning.
///
/// No views and a stride of 0 count as 1; without frames to choose from there are no views.
pub fn kinetics(total: usize, frames: usize, stride: usize, views: usize) -> Vec<Vec<usize>> {
    if total == 0 {
        return Vec::new();
    }
    let stride = stride.max(1);
    let spare = total.saturating_sub(frames.saturating_mul(stride));
    let view =
        |offset: usize| (0..frames).map(|frame| offset.saturating_add(frame.saturating_mul(stride)) % total).collect();
    if views <= 1 {
        return vec![view(spare / 2)];
    }
    // As `tf.linspace` does it, in float32: the last one is set, not computed.
    let (spare_float, last) = (spare as f32, views - 1);
    let step = spare_float / last as f32;
    let begin = |number: usize| if number == last { spare_float } else { step * number as f32 };
    (0..views).map(|number| view(begin(number) as usize)).collect()
}

/// As `frames_from_video_file` of TensorFlow's tutorials on video: `frames` indices from `start` on, `step` apart. What is
/// beyond the end of a clip is a black frame there.
pub fn letterbox(start: usize, frames: usize, step: usize) -> Vec<usize> {
    (0..frames).map(|frame| start.saturating_add(frame.saturating_mul(step))).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_view_is_in_the_middle() {
        assert_eq!(kinetics(300, 50, 5, 1)[0], (25..275).step_by(5).collect::<Vec<_>>());
        assert_eq!(kinetics(13, 3, 4, 1), [[0, 4, 8]], "half a frame is left out at the beginning");
        assert_eq!(kinetics(14, 3, 4, 1), [[1, 5, 9]]);
        assert_eq!(kinetics(14, 3, 4, 0), [[1, 5, 9]]);
    }

    #[test]
    fn a_short_clip_is_repeated_from_its_beginning() {
        assert_eq!(kinetics(5, 4, 3, 1), [[0, 3, 1, 4]]);
        assert_eq!(kinetics(1, 3, 5, 2), [[0, 0, 0], [0, 0, 0]]);
        assert_eq!(kinetics(3, 2, 5, 2), [[0, 2], [0, 2]]);
    }

    #[test]
    fn views_begin_evenly() {
        let begins = |total, views| kinetics(total, 2, 3, views).iter().map(|view| view[0]).collect::<Vec<_>>();
        assert_eq!(begins(16, 3), [0, 5, 10]);
        assert_eq!(begins(16, 4), [0, 3, 6, 10]);
        assert_eq!(begins(7, 4), [0, 0, 0, 1]);
    }

    #[test]
    fn nothing_to_choose_from_gives_no_views() {
        assert!(kinetics(0, 50, 5, 3).is_empty());
        assert_eq!(kinetics(9, 0, 5, 2), [[0usize; 0]; 2]);
    }

    #[test]
    fn letterbox_goes_on_beyond_the_end() {
        assert_eq!(letterbox(2, 3, 15), [2, 17, 32]);
        assert_eq!(letterbox(2, 3, 0), [2, 2, 2]);
        assert_eq!(letterbox(usize::MAX, 2, 1), [usize::MAX; 2]);
    }

    proptest! {
        #[test]
        fn every_view_is_of_frames_that_are_there(
            total in 1usize..10_000_000,
            frames in 0usize..200,
            stride in 0usize..50,
            views in 1usize..40,
        ) {
            let chosen = kinetics(total, frames, stride, views);
            prop_assert_eq!(chosen.len(), views);
            for view in &chosen {
                prop_assert_eq!(view.len(), frames);
                prop_assert!(view.iter().all(|&index| index < total));
            }
            let enough = total >= frames * stride.max(1);
            if enough && frames > 0 {
                prop_assert!(chosen.iter().all(|view| view.is_sorted()), "where there are enough frames none comes again");
                prop_assert!(chosen.is_sorted());
            }
        }
    }
}
