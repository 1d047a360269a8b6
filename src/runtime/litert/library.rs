//! LiteRT's library, loaded.

use std::sync::Arc;

use super::{Api, LocatedLiteRt};
use crate::runtime::RuntimeError;

/// LiteRT, loaded, with every function that is called. It stays as long as one of these is there.
#[derive(Debug)]
pub struct Library {
    version: &'static str,
    api: Api,
    /// The functions are in it.
    _library: libloading::Library,
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
        // SAFETY: it is the release whose functions have these types, and `Self` keeps it loaded beside them.
        let api = unsafe { Api::resolve(&library) }.map_err(|missing| RuntimeError::LiteRt {
            path: path.to_owned(),
            reason: format!("it lacks {}", missing.join(", ")),
        })?;
        Ok(Arc::new(Self { version: located.version(), api, _library: library }))
    }

    /// Its version, `2.3.0`.
    pub fn version(&self) -> &'static str {
        self.version
    }

    pub(crate) fn api(&self) -> &Api {
        &self.api
    }
}
