//! What a base network takes and gives.

use std::path::Path;

use crate::engine::EngineError;
use crate::movinet::recognise::{self, Signatures};
use crate::movinet::{DType, TensorSpec, fixed_frames};

/// What a base network takes and gives, as the signature says of the SavedModel that it was made of.
#[derive(Debug, Clone)]
pub(crate) struct Interface {
    /// The signature's name.
    pub signature: String,
    /// The clip.
    pub clip: TensorSpec,
    /// The logits.
    pub logits: TensorSpec,
}

impl Interface {
    /// That of the base network with these `signatures`; none where it is no base network, or isn't fed float32.
    pub fn of(signatures: &Signatures) -> Option<Self> {
        let found = recognise::base(signatures).ok()?;
        let signature = signatures.get(&found.name)?;
        let (clip, logits) = (signature.input(&found.image)?.clone(), signature.output(&found.logits)?.clone());
        (clip.dtype == DType::Float32).then_some(Self { signature: found.name, clip, logits })
    }

    /// Whether clips of so many frames, height and width are taken.
    pub(super) fn check(&self, [frames, height, width]: [usize; 3], path: &Path) -> Result<(), EngineError> {
        if let Some(takes) = fixed_frames(&self.clip).filter(|&takes| takes != frames) {
            return Err(EngineError::ClipLength { path: path.to_owned(), takes, got: frames });
        }
        let dims = [1, frames as u64, height as u64, width as u64, 3];
        match self.clip.accepts(DType::Float32, &dims) {
            true => Ok(()),
            false => Err(EngineError::Mismatch {
                signature: self.signature.clone(),
                tensor: self.clip.name.clone(),
                expected: self.clip.to_string(),
                got: format!("{} {dims:?}", DType::Float32),
            }),
        }
    }
}
