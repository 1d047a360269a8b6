//! The shape of the frames that a model was made for.

use super::TensorSpec;
use super::recognise::{self, Network, Signatures};
use crate::catalog::{FAMILY, Family};

/// Height and width in pixels of the frames that the network with these signatures was made for: the one size that it
/// takes, else that of the family member with as many states. `None` where neither tells, as for a base model of any size.
pub(crate) fn own_size(signatures: &Signatures) -> Option<usize> {
    match recognise::network(signatures).ok()? {
        Network::Base(base) => fixed_size(signatures.get(&base.name)?.input(&base.image)?),
        Network::Stream(stream) => {
            // The other steps of a prepared model are for the size that it was prepared for.
            let step = stream.general();
            fixed_size(signatures.get(&step.name)?.input(&step.image)?)
                .or_else(|| Some(family_by_states(step.states.len())?.size))
        }
    }
}

/// What a network was fixed to when it was exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FixedShape {
    /// Height and width in pixels of the frames.
    pub size: Option<usize>,
    /// Number of its outputs, which are its classes.
    pub outputs: Option<usize>,
}

/// What the network with these signatures is fixed to.
///
/// # Errors
/// Why they are no network's.
pub(crate) fn fixed_shape(signatures: &Signatures) -> Result<FixedShape, String> {
    let (name, image, logits) = match recognise::network(signatures)? {
        Network::Base(base) => (base.name, base.image, base.logits),
        Network::Stream(stream) => {
            let step = stream.general();
            (step.name.clone(), step.image.clone(), step.logits.clone())
        }
    };
    let signature = signatures.get(&name);
    let size = signature.and_then(|signature| fixed_size(signature.input(&image)?));
    let outputs = signature.and_then(|signature| signature.output(&logits)?.shape.as_ref()?.get(1).copied()?);
    Ok(FixedShape { size, outputs: outputs.and_then(|outputs| usize::try_from(outputs).ok()) })
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

/// The family member that a stream network with these signatures is built like; `None` for another network.
pub(crate) fn family(signatures: &Signatures) -> Option<&'static Family> {
    match recognise::network(signatures).ok()? {
        Network::Base(_) => None,
        Network::Stream(stream) => family_by_states(stream.general().states.len()),
    }
}

/// The family member with so many states, whose number tells the members apart.
fn family_by_states(states: usize) -> Option<&'static Family> {
    FAMILY.iter().find(|family| family.states == states)
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
        let size = |states| family_by_states(states).map(|family| family.size);
        assert_eq!([43, 73, 7].map(size), [Some(172), Some(224), None]);
    }
}
