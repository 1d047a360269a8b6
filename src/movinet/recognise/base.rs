//! The base network's signature: a clip in, an answer out.

use super::answer::answer;
use super::{Nearness, Signatures, Unfit};
use crate::movinet::{Signature, TensorSpec, clip_input};

/// The base network's signature.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BaseSignature {
    pub name: String,
    /// The input that takes the clip.
    pub image: String,
    /// The output `(1, classes)`.
    pub logits: String,
}

/// The signature that takes a clip alone and gives an answer; `serving_default` before others.
///
/// # Errors
/// Why the nearest one isn't it.
pub(crate) fn base(signatures: &Signatures) -> Result<BaseSignature, Unfit> {
    let mut candidates: Vec<_> = signatures.values().collect();
    candidates.sort_by_key(|signature| signature.name != "serving_default");
    let mut unfit = Vec::new();
    for signature in candidates {
        match of(signature) {
            Ok(base) => return Ok(base),
            Err(fault) => unfit.push(fault),
        }
    }
    Err(Unfit::nearest(unfit))
}

fn of(signature: &Signature) -> Result<BaseSignature, Unfit> {
    let unfit = |nearness, reason: &str| Unfit::new(nearness, signature, reason);
    let [image] = signature.inputs.as_slice() else {
        return Err(unfit(Nearness::Stranger, "no signature takes a clip alone"));
    };
    if let Some(fault) = clip_input::fault(image) {
        let nearness = if clip_input::looks_like_pictures(image) { Nearness::Pictures } else { Nearness::Stranger };
        return Err(unfit(nearness, &fault));
    }
    let outputs: Vec<&TensorSpec> = signature.outputs.iter().collect();
    let logits = answer(&outputs).map_err(|fault| unfit(Nearness::Clips, &fault))?;
    Ok(BaseSignature { name: signature.name.clone(), image: image.name.clone(), logits: logits.name.clone() })
}
