//! The shape of the frames that a model was made for.

use super::TensorSpec;
use super::recognise::{self, Network, Signatures};
use crate::catalog::FAMILY;

/// Height and width in pixels of the frames that the network with these signatures was made for: the one size that it
/// takes, else that of the family member with as many states. `None` where neither tells, as for a base model of any size.
pub(crate) fn own_size(signatures: &Signatures) -> Option<usize> {
    match recognise::network(signatures).ok()? {
        Network::Base(base) => fixed_size(signatures.get(&base.name)?.input(&base.image)?),
        Network::Stream(stream) => {
            // The other steps of a prepared model are for the size that it was prepared for.
            let step = stream.general();
            fixed_size(signatures.get(&step.name)?.input(&step.image)?).or_else(|| size_by_states(step.states.len()))
        }
    }
}

/// Height and width in pixels of what an input `(batch, frames, height, width, 3)` takes, where it takes one
/// size only, as high as wide.
pub(crate) fn fixed_size(image: &TensorSpec) -> Option<usize> {
    match image.shape.as_deref()? {
        &[_, _, Some(height), Some(width), _] if height == width => usize::try_from(height).ok(),
        _ => None,
    }
}

/// Number of frames that an input takes at once, where that is fixed.
pub(crate) fn fixed_frames(image: &TensorSpec) -> Option<usize> {
    image.shape.as_deref()?.get(1).copied()?.and_then(|frames| usize::try_from(frames).ok())
}

/// Height and width in pixels of the frames of the family member with so many states, whose number tells the members
/// apart.
pub(crate) fn size_by_states(states: usize) -> Option<usize> {
    FAMILY.iter().find(|family| family.states == states).map(|family| family.size)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::movinet::DType;

    #[test]
    fn a_size_follows_from_the_shape_or_the_number_of_states() {
        let mut image = TensorSpec::for_tests("image", DType::Float32, 5);
        assert_eq!((fixed_size(&image), fixed_frames(&image)), (None, None));
        image.shape = Some(vec![Some(1), Some(8), Some(64), Some(64), Some(3)]);
        assert_eq!((fixed_size(&image), fixed_frames(&image)), (Some(64), Some(8)));
        assert_eq!([43, 73, 7].map(size_by_states), [Some(172), Some(224), None]);
    }
}
