//! Telling from signatures which of a SavedModel's functions are a MoViNet's, or another network's that is called like
//! one: by what they take and give, whatever its name.

mod answer;
mod base;
mod stream;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub(crate) use base::{BaseSignature, base};
pub(crate) use stream::{StepSignature, StreamSignatures, stream};

use super::{Signature, fixed_frames};

/// The signatures of a SavedModel, by name.
pub(crate) type Signatures = BTreeMap<String, Signature>;

/// A network that is known by its signatures.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Network {
    /// It takes a clip.
    Base(BaseSignature),
    /// It takes frames and states.
    Stream(StreamSignatures),
}

/// What the signatures are.
///
/// # Errors
/// Why they are neither network's, by the signature that comes nearest.
pub(crate) fn network(signatures: &Signatures) -> Result<Network, String> {
    let no_base = match base(signatures) {
        Ok(base) => return Ok(Network::Base(base)),
        Err(no_base) => no_base,
    };
    stream(signatures).map(Network::Stream).map_err(|no_stream| Unfit::nearest([no_base, no_stream]).to_string())
}

/// What the signatures are, or why they are none of a network, in a sentence.
pub(crate) fn explained(signatures: &Signatures) -> String {
    match network(signatures) {
        Ok(Network::Base(BaseSignature { name, image, logits })) => {
            format!("signature '{name}' takes a clip as '{image}' and answers with '{logits}'")
        }
        Ok(Network::Stream(stream)) => {
            let StepSignature { name, image, logits, states } = stream.general();
            let frames = signatures.get(name).and_then(|signature| fixed_frames(signature.input(image)?)).unwrap_or(1);
            let frames = if frames == 1 { "a frame".to_owned() } else { format!("{frames} frames at a time") };
            let begin = match &stream.init {
                Some(init) => format!("'{}' makes them", init.name),
                None => "they begin as zeros".into(),
            };
            let count = states.len();
            format!(
                "signature '{name}' takes {frames} as '{image}' and {count} states, and answers with '{logits}' and the \
                 states; {begin}"
            )
        }
        Err(reason) => reason,
    }
}

/// Why signatures are not those of a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unfit {
    /// How near the nearest signature comes.
    nearness: Nearness,
    reason: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Nearness {
    /// It takes nothing like pictures, or there is none.
    Stranger,
    /// It takes pictures in another form.
    Pictures,
    /// It takes clips, and gives nothing that is known.
    Clips,
    /// It takes clips and states, which don't pair.
    States,
}

impl Unfit {
    fn new(nearness: Nearness, signature: &Signature, reason: &str) -> Self {
        Self { nearness, reason: format!("{reason} ({signature})") }
    }

    /// The nearest of several; there is none without a signature.
    fn nearest(all: impl IntoIterator<Item = Self>) -> Self {
        let none = || Self { nearness: Nearness::Stranger, reason: "it has no signature".into() };
        // Of equally near ones the first.
        all.into_iter()
            .reduce(|best, next| if next.nearness > best.nearness { next } else { best })
            .unwrap_or_else(none)
    }
}

impl std::fmt::Display for Unfit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.reason)
    }
}
