//! OpenVINO's objects, each with an owner that frees it.

use std::ffi::{CStr, CString, c_char};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr::{null, null_mut};
use std::sync::Arc;

use super::status::good;
use super::tensor::OwnedTensor;
use crate::catalog::EngineLibrary;
use crate::engine::EngineError;
use crate::runtime::OpenVinoLibrary;
use crate::runtime::openvino::{CompiledModel, Core, Model, Property, Request};

/// The device.
const PROCESSOR: &CStr = c"CPU";

/// What OpenVINO works in.
#[derive(Debug)]
pub(super) struct OwnedCore {
    raw: Core,
    pub library: Arc<OpenVinoLibrary>,
}

// SAFETY: OpenVINO's objects are bound to no thread, and may be used by several at once, but for requests.
unsafe impl Send for OwnedCore {}
// SAFETY: as above.
unsafe impl Sync for OwnedCore {}

impl OwnedCore {
    /// One whose networks run in float32 on so many threads, all cores where nothing is said.
    pub fn new(library: Arc<OpenVinoLibrary>, threads: Option<u16>, path: &Path) -> Result<Self, EngineError> {
        let mut raw = null_mut();
        // SAFETY: the handle is written to what can hold it.
        let status = unsafe { (library.api().create_core)(&mut raw) };
        good(&library, status, "begin with", path)?;
        let core = Self { raw, library };
        // By itself it takes half precision where the processor has it.
        core.set(c"INFERENCE_PRECISION_HINT", c"f32", path)?;
        // One clip at a time, by all threads.
        core.set(c"NUM_STREAMS", c"1", path)?;
        let Some(threads) = threads else { return Ok(core) };
        let threads = CString::new(threads.to_string()).unwrap_or_default();
        core.set(c"INFERENCE_NUM_THREADS", &threads, path)?;
        Ok(core)
    }

    fn set(&self, key: &CStr, value: &CStr, path: &Path) -> Result<(), EngineError> {
        let property = Property { key: key.as_ptr(), value: value.as_ptr() };
        // SAFETY: the core is alive, one property stands there, and its texts are only read.
        let status = unsafe { (self.library.api().set_properties)(self.raw, PROCESSOR.as_ptr(), 1, &property) };
        good(&self.library, status, "set up", path)
    }
}

impl Drop for OwnedCore {
    fn drop(&mut self) {
        // SAFETY: it was created, and is freed once; what was made in it is gone: its owners hold this.
        unsafe { (self.library.api().free_core)(self.raw) }
    }
}

/// A network that was read.
pub(super) struct OwnedModel<'c> {
    raw: Model,
    core: &'c OwnedCore,
}

impl<'c> OwnedModel<'c> {
    /// The network in the file at `path`.
    pub fn read(core: &'c OwnedCore, path: &Path) -> Result<Self, EngineError> {
        let (mut raw, name) = (null_mut(), text(path)?);
        // SAFETY: the core is alive, the name ends with a zero, and without a second one its weights are in the file.
        let status = unsafe { (core.library.api().read_model)(core.raw, name.as_ptr(), null(), &mut raw) };
        good(&core.library, status, "read", path)?;
        Ok(Self { raw, core })
    }
}

impl Drop for OwnedModel<'_> {
    fn drop(&mut self) {
        // SAFETY: it was created, and is freed once.
        unsafe { (self.core.library.api().free_model)(self.raw) }
    }
}

/// A compiled network. Its core is freed after it.
#[derive(Debug)]
pub(super) struct OwnedCompiledModel {
    raw: CompiledModel,
    pub core: OwnedCore,
    /// What it was loaded from: its constants are there.
    _saved: Vec<u8>,
}

// SAFETY: it is bound to no thread, and making requests of it, all that is done with it, may be done by several at once.
unsafe impl Send for OwnedCompiledModel {}
// SAFETY: as above.
unsafe impl Sync for OwnedCompiledModel {}

impl OwnedCompiledModel {
    /// The network in the file at `path`, compiled.
    pub fn of(core: OwnedCore, path: &Path) -> Result<Self, EngineError> {
        let model = OwnedModel::read(&core, path)?;
        let mut raw = null_mut();
        let compile = core.library.api().compile_model;
        // SAFETY: core and model are alive, and no property follows.
        let status = unsafe { compile(core.raw, model.raw, PROCESSOR.as_ptr(), 0, null(), &mut raw) };
        good(&core.library, status, "compile", path)?;
        drop(model);
        Ok(Self { raw, core, _saved: Vec::new() })
    }

    /// What was [saved](Self::save) before; `path` is where it came from.
    pub fn saved(core: OwnedCore, saved: Vec<u8>, path: &Path) -> Result<Self, EngineError> {
        let mut raw = null_mut();
        let import = core.library.api().import_model;
        let content: *const c_char = saved.as_ptr().cast();
        // SAFETY: the core is alive, and so many bytes stand there, which `Self` keeps, unmoved and unchanged, until the network
        // is freed.
        let status = unsafe { import(core.raw, content, saved.len(), PROCESSOR.as_ptr(), &mut raw) };
        good(&core.library, status, "load", path)?;
        Ok(Self { raw, core, _saved: saved })
    }

    /// Writes it to the file at `path`, which OpenVINO of this release reads on processors like this one.
    pub fn save(&self, path: &Path) -> Result<(), EngineError> {
        let name = text(path)?;
        // SAFETY: the network is alive, and the name ends with a zero.
        let status = unsafe { (self.core.library.api().export_model)(self.raw, name.as_ptr()) };
        good(&self.core.library, status, "save", path)
    }
}

impl Drop for OwnedCompiledModel {
    fn drop(&mut self) {
        // SAFETY: it was created, and is freed once, before its core.
        unsafe { (self.core.library.api().free_compiled_model)(self.raw) }
    }
}

/// A run of a network: what goes in and comes out.
#[derive(Debug)]
pub(super) struct OwnedRequest {
    raw: Request,
    library: Arc<OpenVinoLibrary>,
}

// SAFETY: it is bound to no thread.
unsafe impl Send for OwnedRequest {}

impl OwnedRequest {
    /// A run of `model`, which is fed `input`. The tensor shares its memory with OpenVINO.
    pub fn new(model: &OwnedCompiledModel, input: &OwnedTensor, path: &Path) -> Result<Self, EngineError> {
        let library = &model.core.library;
        let mut raw = null_mut();
        // SAFETY: the network is alive.
        let status = unsafe { (library.api().create_request)(model.raw, &mut raw) };
        good(library, status, "begin with", path)?;
        let request = Self { raw, library: Arc::clone(library) };
        // SAFETY: both are alive; OpenVINO holds the tensor's memory from here on by itself.
        let status = unsafe { (library.api().set_input)(request.raw, input.raw()) };
        good(library, status, "feed", path)?;
        Ok(request)
    }

    /// Runs it, and gives what comes out.
    pub fn run(&mut self, path: &Path) -> Result<OwnedTensor, EngineError> {
        // SAFETY: it is alive, and used here alone.
        let status = unsafe { (self.library.api().infer)(self.raw) };
        good(&self.library, status, "run", path)?;
        let mut raw = null_mut();
        // SAFETY: it is alive, and has run.
        let status = unsafe { (self.library.api().output)(self.raw, &mut raw) };
        good(&self.library, status, "take the output of", path)?;
        // SAFETY: it was made for this caller.
        unsafe { OwnedTensor::of(raw, Arc::clone(&self.library), path) }
    }
}

impl Drop for OwnedRequest {
    fn drop(&mut self) {
        // SAFETY: it was created, and is freed once.
        unsafe { (self.library.api().free_request)(self.raw) }
    }
}

/// `path` as OpenVINO takes it.
fn text(path: &Path) -> Result<CString, EngineError> {
    CString::new(path.as_os_str().as_bytes()).map_err(|_| EngineError::Library {
        library: EngineLibrary::OpenVino,
        path: path.to_owned(),
        what: "read",
        reason: "its name holds a zero".into(),
    })
}
