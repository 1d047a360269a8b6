//! The libraries that run models, loaded into the process; installed first where they aren't here and may be fetched.

use std::sync::Arc;

use super::{SessionBuilder, SessionError};
use crate::cache::Locked;
#[cfg(feature = "fetch")]
use crate::runtime;
use crate::runtime::{Library, Located, LocatedLiteRt, Places, Runtime, RuntimeError, obtain_litert};

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
pub(super) fn litert(builder: &SessionBuilder) -> Result<(Arc<Library>, Option<Locked>), SessionError> {
    let places = Places {
        named: builder.litert_library.clone(),
        library_path: builder.library_path.clone(),
        cache: builder.finder.cache.clone(),
    };
    Ok(obtain_litert(&places, || installed_litert(builder, &places), &*builder.finder.progress)?)
}

#[cfg(feature = "fetch")]
fn installed_litert(builder: &SessionBuilder, places: &Places) -> Result<LocatedLiteRt, RuntimeError> {
    let downloads = builder.finder.downloads.as_ref().ok_or(RuntimeError::LiteRtNotHere)?;
    runtime::install_litert(places, downloads, &*builder.finder.progress)
}

#[cfg(not(feature = "fetch"))]
fn installed_litert(_: &SessionBuilder, _: &Places) -> Result<LocatedLiteRt, RuntimeError> {
    Err(RuntimeError::LiteRtNotHere)
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
