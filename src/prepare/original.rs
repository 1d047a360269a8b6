//! A model that is to be had in faster forms, and what these have to give.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use ndarray::{Array1, Array4, ArrayView4};

use super::graph::Floats;
use super::proof::{Expected, Fault};
use super::{Kept, PrepareError, Proof, UNKNOWN_SIZE, Wanted, own_size, record, variables};
use crate::cache::{Cache, Locked};
use crate::engine::EngineError;
use crate::engine::tensorflow::{Movinet, SessionConfig};
use crate::media::MediaError;
use crate::memory;
use crate::runtime::Runtime;
use crate::saved_model::{GRAPH, fingerprint};

/// Gives a clip `(frames, size, size, 3)`, float32 in [0, 1], of the size that it is given.
pub(super) type ClipOf<'a> = dyn Fn(usize) -> Result<Array4<f32>, MediaError> + 'a;

/// A model that is to be had in faster forms. What they are proved by is computed once, when the first of them is made: by
/// the files as they are, which takes seconds.
pub struct Original<'a> {
    pub(crate) runtime: &'a Runtime,
    pub(crate) cache: &'a Cache,
    pub(super) path: PathBuf,
    /// Its fingerprint.
    pub(crate) sha256: String,
    /// Height and width in pixels of the frames to prepare for, where they are known.
    pub(super) known_size: Option<usize>,
    /// Whether forms are to be made again although they are there.
    pub(crate) anew: bool,
    clip: &'a ClipOf<'a>,
    expected: OnceCell<Expected>,
    _held: Option<Locked>,
}

impl<'a> Original<'a> {
    /// The MoViNet in `source`, whose forms are kept in `cache`. `clip` gives a clip `(frames, size, size, 3)`, float32 in
    /// [0, 1], of the size that it is given; it is part of the proof.
    ///
    /// # Errors
    /// [`PrepareError::Model`] when there is none, or it cannot be read.
    pub fn new(
        runtime: &'a Runtime,
        cache: &'a Cache,
        source: impl AsRef<Path>,
        wanted: Wanted,
        clip: &'a dyn Fn(usize) -> Result<Array4<f32>, MediaError>,
    ) -> Result<Self, PrepareError> {
        let path = source.as_ref().to_owned();
        let held = cache.use_path(&path);
        // Says what is wrong with a folder that is no MoViNet.
        let sha256 = Movinet::check(&path).and_then(|()| fingerprint(&path).map_err(EngineError::Read));
        let sha256 = sha256.map_err(|source| PrepareError::Model { path: path.clone(), source })?;
        let mut known_size = wanted.size.or_else(|| own_size(&path)).or(wanted.usual_size);
        if let (None, false, Kept::Whole(kept)) = (known_size, wanted.anew, record::find(cache, runtime, &sha256)) {
            known_size = Some(kept.record.size);
        }
        let (anew, expected) = (wanted.anew, OnceCell::new());
        Ok(Self { runtime, cache, path, sha256, known_size, anew, clip, expected, _held: held })
    }

    /// Its folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Height and width in pixels of the frames that forms are made, proved and timed for.
    pub fn size(&self) -> usize {
        self.known_size.unwrap_or(UNKNOWN_SIZE)
    }

    /// What it gives on the clips of the proof.
    pub(super) fn expected(&self) -> Result<&Expected, PrepareError> {
        if let Some(expected) = self.expected.get() {
            return Ok(expected);
        }
        let clip = (self.clip)(self.size()).map_err(PrepareError::Clip)?;
        let reference = self.load()?;
        let expected = Expected::of(&reference, clip.view(), self.size()).map_err(|error| self.failed(error))?;
        Ok(self.expected.get_or_init(|| expected))
    }

    /// What `rewrite` makes of its graph; it is given that and what reads the values of variables.
    ///
    /// # Errors
    /// [`PrepareError::Unknown`] with what `rewrite` says.
    pub(super) fn rewritten<R>(
        &self,
        rewrite: impl FnOnce(&[u8], &dyn Fn(&[&str]) -> Result<Vec<Floats>, String>) -> Result<R, String>,
    ) -> Result<R, PrepareError> {
        let unreadable = |error| self.failed(EngineError::Read(error));
        let graph = fs_err::read(self.path.join(GRAPH)).map_err(unreadable)?;
        let reference = self.load()?;
        let rewritten = rewrite(&graph, &|readers| variables(&reference.saved_model(), readers));
        drop((graph, reference));
        memory::give_back();
        rewritten.map_err(|reason| PrepareError::Unknown { path: self.path.clone(), reason })
    }

    /// Proves a form: `logits` gives its logits of clips, none of those that it doesn't take.
    ///
    /// # Errors
    /// [`PrepareError::NotEqual`] where it parts from the original, [`PrepareError::Model`] where it fails.
    pub(crate) fn proved(
        &self,
        logits: impl Fn(ArrayView4<f32>) -> Result<Option<Vec<Array1<f32>>>, EngineError>,
    ) -> Result<Proof, PrepareError> {
        self.expected()?.prove(logits).map_err(|fault| match fault {
            Fault::Differ { input, reason } => PrepareError::NotEqual { path: self.path.clone(), input, reason },
            Fault::Failed(error) => self.failed(error),
        })
    }

    /// The files as they are, loaded.
    pub(super) fn load(&self) -> Result<Movinet, PrepareError> {
        Movinet::load(self.runtime, &self.path, SessionConfig::default()).map_err(|error| self.failed(error))
    }

    pub(super) fn failed(&self, source: EngineError) -> PrepareError {
        PrepareError::Model { path: self.path.clone(), source }
    }
}
