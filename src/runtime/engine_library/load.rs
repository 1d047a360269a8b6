//! Loading a library that runs models beside TensorFlow into the process, where it stays.

use std::mem::ManuallyDrop;

use super::LocatedLibrary;
use crate::catalog::EngineLibrary;
use crate::runtime::RuntimeError;

/// Loads `located`, which has to be `which`, and gives what `resolve` makes of it: its functions.
///
/// # Errors
/// [`RuntimeError::Load`] when the loader refuses it, [`RuntimeError::NoEngineLibrary`] when it is another one, or with all
/// functions that `resolve` misses.
pub(in crate::runtime) fn load<F>(
    which: EngineLibrary,
    located: &LocatedLibrary,
    resolve: impl FnOnce(&libloading::Library) -> Result<F, Vec<&'static str>>,
) -> Result<F, RuntimeError> {
    let path = located.file();
    let refused = |reason| RuntimeError::NoEngineLibrary { which, path: path.to_owned(), reason };
    if located.which() != which {
        return Err(refused(format!("it is {}", located.which())));
    }
    // SAFETY: it is the known release, whose initialisers touch nothing but its own memory.
    let library = unsafe { libloading::Library::new(path) }
        .map_err(|error| RuntimeError::Load { path: path.to_owned(), reason: error.to_string() })?;
    // Threads that used it have destructors in it, which run when they end.
    let library = ManuallyDrop::new(library);
    resolve(&library).map_err(|missing| refused(format!("it lacks {}", missing.join(", "))))
}
