//! LiteRT's objects, each with an owner that destroys it.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::path::Path;
use std::ptr::null_mut;
use std::sync::Arc;

use super::status::good;
use crate::engine::EngineError;
use crate::runtime::LiteRtLibrary;
use crate::runtime::litert::{CompiledModel, Environment, EnvironmentOption, Model, OpaqueOptions, Options};

/// The processor, a bit of what LiteRT calls accelerators.
const CPU: c_int = 1;
/// Of log lines, errors alone.
const ERRORS: i64 = 3;

/// What LiteRT works in.
#[derive(Debug)]
pub(super) struct OwnedEnvironment {
    pub raw: Environment,
    pub library: Arc<LiteRtLibrary>,
}

impl OwnedEnvironment {
    /// One that looks for no hardware but the processor, and is quiet.
    pub fn new(library: Arc<LiteRtLibrary>, path: &Path) -> Result<Self, EngineError> {
        let options = [
            EnvironmentOption::integer(EnvironmentOption::ACCELERATORS, CPU.into()),
            EnvironmentOption::integer(EnvironmentOption::LEAST_SEVERITY, ERRORS),
        ];
        let mut raw = null_mut();
        // SAFETY: so many options stand there, which are copied, and the handle is written to what can hold it.
        let status = unsafe { (library.api().create_environment)(options.len() as c_int, options.as_ptr(), &mut raw) };
        good(status, "begin with", path)?;
        Ok(Self { raw, library })
    }
}

impl Drop for OwnedEnvironment {
    fn drop(&mut self) {
        // SAFETY: it was created, is destroyed once, and whatever was made in it is gone: its owners hold this.
        unsafe { (self.library.api().destroy_environment)(self.raw) }
    }
}

/// A model, with the content of its file.
#[derive(Debug)]
pub(super) struct OwnedModel {
    pub raw: Model,
    pub environment: OwnedEnvironment,
    /// The model points into it.
    _file: Vec<u8>,
}

impl OwnedModel {
    /// The model in `file`, the content of the file at `path`. LiteRT verifies it.
    pub fn new(library: Arc<LiteRtLibrary>, file: Vec<u8>, path: &Path) -> Result<Self, EngineError> {
        let environment = OwnedEnvironment::new(library, path)?;
        let mut raw = null_mut();
        let create = environment.library.api().create_model;
        // SAFETY: so many bytes stand there, and `Self` keeps them, unmoved and unchanged, until the model is destroyed.
        let status = unsafe { create(environment.raw, file.as_ptr().cast(), file.len(), &mut raw) };
        good(status, "load", path)?;
        Ok(Self { raw, environment, _file: file })
    }
}

impl Drop for OwnedModel {
    fn drop(&mut self) {
        // SAFETY: it was created, is destroyed once, and what was compiled of it is gone: its owner holds this.
        unsafe { (self.environment.library.api().destroy_model)(self.raw) }
    }
}

/// A compiled model. Its fields are destroyed after it.
#[derive(Debug)]
pub(super) struct OwnedCompiledModel {
    pub raw: CompiledModel,
    pub model: OwnedModel,
}

// SAFETY: no handle of LiteRT's is bound to a thread, and each belongs to this alone.
unsafe impl Send for OwnedCompiledModel {}

impl OwnedCompiledModel {
    /// Compiles `model` for the processor, with so many threads.
    pub fn new(model: OwnedModel, threads: u16, path: &Path) -> Result<Self, EngineError> {
        let environment = &model.environment;
        let options = OwnedOptions::new(&environment.library, threads, path)?;
        let mut raw = null_mut();
        let create = environment.library.api().create_compiled_model;
        // SAFETY: all three handles are alive; `Self` keeps environment and model until the compiled model is destroyed,
        // and the options are only read meanwhile.
        let status = unsafe { create(environment.raw, model.raw, options.raw, &mut raw) };
        drop(options);
        good(status, "compile", path)?;
        Ok(Self { raw, model })
    }
}

impl Drop for OwnedCompiledModel {
    fn drop(&mut self) {
        // SAFETY: it was created, and is destroyed once, before what it was made of.
        unsafe { (self.model.environment.library.api().destroy_compiled_model)(self.raw) }
    }
}

/// How a model is compiled.
struct OwnedOptions<'l> {
    raw: Options,
    library: &'l LiteRtLibrary,
}

impl<'l> OwnedOptions<'l> {
    fn new(library: &'l LiteRtLibrary, threads: u16, path: &Path) -> Result<Self, EngineError> {
        let api = library.api();
        let mut raw = null_mut();
        // SAFETY: the handle is written to what can hold it.
        good(unsafe { (api.create_options)(&mut raw) }, "compile", path)?;
        let options = Self { raw, library };
        // SAFETY: the handle is alive.
        good(unsafe { (api.set_accelerators)(options.raw, CPU) }, "compile", path)?;
        let opaque = xnnpack(library, threads, path)?;
        // SAFETY: both handles are alive; where the call succeeds the options own the other one.
        let status = unsafe { (api.add_opaque_options)(options.raw, opaque) };
        if status != 0 {
            // SAFETY: nobody took it over.
            unsafe { (api.destroy_opaque_options)(opaque) }
        }
        good(status, "compile", path)?;
        Ok(options)
    }
}

impl Drop for OwnedOptions<'_> {
    fn drop(&mut self) {
        // SAFETY: they were created, and are destroyed once.
        unsafe { (self.library.api().destroy_options)(self.raw) }
    }
}

/// Options for XNNPACK, a text in TOML which they own.
fn xnnpack(library: &LiteRtLibrary, threads: u16, path: &Path) -> Result<OpaqueOptions, EngineError> {
    const NAME: &CStr = c"xnnpack";
    let text = CString::new(format!("num_threads = {threads}\n")).unwrap_or_default(); // no NUL is in it
    let text: *mut c_char = text.into_raw();
    let mut opaque = null_mut();
    let create = library.api().create_opaque_options;
    // SAFETY: name and text end with NUL, the name is copied, and the text is released by the function that belongs to it.
    let status = unsafe { create(NAME.as_ptr(), text.cast(), Some(release), &mut opaque) };
    if status != 0 {
        // SAFETY: nobody took it over.
        unsafe { release(text.cast()) }
    }
    good(status, "compile", path)?;
    Ok(opaque)
}

/// Releases a text that [`CString::into_raw`] gave.
unsafe extern "C" fn release(text: *mut c_void) {
    // SAFETY: whoever calls gives what `xnnpack` handed over, once.
    drop(unsafe { CString::from_raw(text.cast()) });
}
