//! The libraries that run models, loaded into the process; installed first where they aren't here and may be fetched.

use std::sync::Arc;

use super::{SessionBuilder, SessionError};
use crate::cache::Locked;
use crate::catalog::EngineLibrary;
#[cfg(feature = "fetch")]
use crate::runtime;
use crate::runtime::{
    LiteRtLibrary, Located, LocatedLibrary, OpenVinoLibrary, Places, Runtime, RuntimeError, obtain_library,
};

/// TensorFlow, installed first where it isn't here and may be fetched, and kept from removal.
pub(super) fn tensorflow(builder: &SessionBuilder) -> Result<(Runtime, Option<Locked>), SessionError> {
    let loader = builder.loader.as_ref().ok_or(SessionError::NoLoader)?;
    let places = Places {
        named: builder.library.clone(),
        library_path: builder.library_path.clone(),
        cache: builder.finder.cache.clone(),
    };
    let (runtime, held) = loader.obtain(&places, || installed(builder, &places))?;
    for other in runtime.passed_over() {
        builder.finder.progress.warning(&format!("passed over: {other}"));
    }
    Ok((runtime, held))
}

/// LiteRT, installed first where it isn't here and may be fetched, and kept from removal.
pub(super) fn litert(builder: &SessionBuilder) -> Result<(Arc<LiteRtLibrary>, Option<Locked>), SessionError> {
    let (located, held) = engine_library(builder, EngineLibrary::LiteRt)?;
    Ok((LiteRtLibrary::load(&located)?, held))
}

/// OpenVINO, installed first where it isn't here and may be fetched, and kept from removal.
pub(super) fn openvino(builder: &SessionBuilder) -> Result<(Arc<OpenVinoLibrary>, Option<Locked>), SessionError> {
    let (located, held) = engine_library(builder, EngineLibrary::OpenVino)?;
    Ok((OpenVinoLibrary::load(&located)?, held))
}

fn engine_library(
    builder: &SessionBuilder,
    which: EngineLibrary,
) -> Result<(LocatedLibrary, Option<Locked>), RuntimeError> {
    let places = Places {
        named: builder.engine_libraries.get(&which).cloned(),
        library_path: builder.library_path.clone(),
        cache: builder.finder.cache.clone(),
    };
    obtain_library(which, &places, || installed_beside(builder, which, &places), &*builder.finder.progress)
}

#[cfg(feature = "fetch")]
fn installed_beside(
    builder: &SessionBuilder,
    which: EngineLibrary,
    places: &Places,
) -> Result<LocatedLibrary, RuntimeError> {
    let downloads = builder.finder.downloads.as_ref().ok_or(RuntimeError::EngineLibraryNotHere { which })?;
    runtime::install_library(which, places, downloads, &*builder.finder.progress)
}

#[cfg(not(feature = "fetch"))]
fn installed_beside(_: &SessionBuilder, which: EngineLibrary, _: &Places) -> Result<LocatedLibrary, RuntimeError> {
    Err(RuntimeError::EngineLibraryNotHere { which })
}

#[cfg(feature = "fetch")]
fn installed(builder: &SessionBuilder, places: &Places) -> Result<Located, RuntimeError> {
    let downloads = builder.finder.downloads.as_ref().ok_or(RuntimeError::NotHere)?;
    runtime::installed(places, downloads, &*builder.finder.progress)
}

#[cfg(not(feature = "fetch"))]
fn installed(_: &SessionBuilder, _: &Places) -> Result<Located, RuntimeError> {
    Err(RuntimeError::NotHere)
}
