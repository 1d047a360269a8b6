//! LiteRT's library, loaded.

use std::mem::ManuallyDrop;
use std::sync::Arc;

use super::{Api, LocatedLiteRt};
use crate::runtime::RuntimeError;

/// LiteRT, loaded, with every function that is called. It stays in the process.
#[derive(Debug)]
pub struct Library {
    version: &'static str,
    api: Api,
}

impl Library {
    /// Loads `located`.
    ///
    /// # Errors
    /// [`RuntimeError::Load`] when the loader refuses it, [`RuntimeError::LiteRt`] with all functions that it lacks.
    pub fn load(located: &LocatedLiteRt) -> Result<Arc<Self>, RuntimeError> {
        let path = located.library();
        // SAFETY: it is LiteRT to the byte, whose initialisers touch nothing but its own memory.
        let library = unsafe { libloading::Library::new(path) }
            .map_err(|error| RuntimeError::Load { path: path.to_owned(), reason: error.to_string() })?;
        // Threads that used it have destructors in it, which run when they end.
        let library = ManuallyDrop::new(library);
        // SAFETY: it is the release whose functions have these types, and it is never unloaded.
        let api = unsafe { Api::resolve(&library) }.map_err(|missing| RuntimeError::LiteRt {
            path: path.to_owned(),
            reason: format!("it lacks {}", missing.join(", ")),
        })?;
        Ok(Arc::new(Self { version: located.version(), api }))
    }

    /// Its version, `2.3.0`.
    pub fn version(&self) -> &'static str {
        self.version
    }

    pub(crate) fn api(&self) -> &Api {
        &self.api
    }
}
