//! LiteRT's library, loaded.

use std::sync::Arc;

use super::Api;
use crate::catalog::EngineLibrary;
use crate::runtime::{LocatedLibrary, RuntimeError, engine_library};

/// LiteRT, loaded, with every function that is called. It stays in the process.
#[derive(Debug)]
pub struct LiteRtLibrary {
    api: Api,
}

impl LiteRtLibrary {
    /// Loads `located`.
    ///
    /// # Errors
    /// [`RuntimeError::Load`] when the loader refuses it, [`RuntimeError::NoEngineLibrary`] when it is another one, or with
    /// all functions that it lacks.
    pub fn load(located: &LocatedLibrary) -> Result<Arc<Self>, RuntimeError> {
        // SAFETY: it is the release whose functions have these types, and it is never unloaded.
        let resolve = |library: &libloading::Library| unsafe { Api::resolve(library) };
        let api = engine_library::load(EngineLibrary::LiteRt, located, resolve)?;
        Ok(Arc::new(Self { api }))
    }

    pub(crate) fn api(&self) -> &Api {
        &self.api
    }
}
