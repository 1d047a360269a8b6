//! A compiled model's signature: what it takes and gives, in LiteRT's order, buffers for each, and a run.

use std::ffi::{CStr, c_char};
use std::path::Path;
use std::ptr::{null, null_mut};
use std::sync::{Arc, Mutex, PoisonError};

use super::buffer::Buffer;
use super::handle::OwnedCompiledModel;
use super::status::good;
use crate::engine::EngineError;
use crate::runtime::LiteRtLibrary;
use crate::runtime::litert::{Api, CompiledModel, Requirements, Signature, Status, Tensor, TensorType};
use crate::tflite::Role;

/// A tensor of a signature.
#[derive(Debug, Clone)]
pub(super) struct Port {
    /// Its name in the signature.
    pub name: String,
    of: TensorType,
    /// Bytes that LiteRT asks for.
    required: usize,
}

/// One signature of a compiled model.
#[derive(Debug)]
pub(super) struct CompiledSignature {
    index: usize,
    /// In the order in which LiteRT takes them.
    pub inputs: Vec<Port>,
    /// In the order in which LiteRT gives them.
    pub outputs: Vec<Port>,
    library: Arc<LiteRtLibrary>,
    /// One run at a time: the model has tensors of its own in between.
    model: Mutex<OwnedCompiledModel>,
}

/// What asks for the name, the tensor, and the room of a port.
type Ask = (
    unsafe extern "C" fn(Signature, usize, *mut *const c_char) -> Status,
    unsafe extern "C" fn(Signature, usize, *mut Tensor) -> Status,
    unsafe extern "C" fn(CompiledModel, usize, usize, *mut Requirements) -> Status,
);

impl CompiledSignature {
    /// The signature called `name` of `model`, whose file is at `path`.
    pub fn new(model: OwnedCompiledModel, name: &str, path: &Path) -> Result<Self, EngineError> {
        let library = Arc::clone(&model.model.environment.library);
        let api = *library.api();
        let mut count = 0;
        // SAFETY: here and below, every handle is alive, being or belonging to `model`; results are written to what can hold
        // them, and texts, which belong to the model and end with NUL, are copied at once.
        good(unsafe { (api.count_signatures)(model.model.raw, &mut count) }, "load", path)?;
        let mut present = Vec::new();
        for index in 0..count {
            let (mut signature, mut text) = (null_mut(), null());
            // SAFETY: as above; the index is below the count.
            good(unsafe { (api.signature)(model.model.raw, index, &mut signature) }, "load", path)?;
            // SAFETY: as above.
            good(unsafe { (api.signature_name)(signature, &mut text) }, "load", path)?;
            // SAFETY: as above.
            let found = unsafe { copied(text) };
            if found == name {
                let inputs = ports(&api, &model, index, signature, Role::Input, path)?;
                let outputs = ports(&api, &model, index, signature, Role::Output, path)?;
                return Ok(Self { index, inputs, outputs, library, model: Mutex::new(model) });
            }
            present.push(found);
        }
        Err(EngineError::NoSignature { path: path.to_owned(), wanted: name.to_owned(), present })
    }

    /// A buffer of `bytes` that serves as any of `ports`.
    pub fn buffer(&self, ports: &[&Port], bytes: usize, path: &Path) -> Result<Buffer, EngineError> {
        let required = ports.iter().map(|port| port.required).max().unwrap_or_default();
        let of = ports.first().map_or_else(TensorType::default, |port| port.of);
        Buffer::new(Arc::clone(&self.library), &of, bytes, required, path)
    }

    /// Runs the signature on `buffers`: `inputs` and `outputs` say, in the order of its ports, which of them serves as which.
    pub fn run(
        &self,
        buffers: &mut [Buffer],
        inputs: &[usize],
        outputs: &[usize],
        path: &Path,
    ) -> Result<(), EngineError> {
        let mut handles = |which: &[usize], ports: &[Port]| {
            let raw = which.iter().zip(ports).filter_map(|(&at, port)| {
                let buffer = buffers.get_mut(at)?;
                (buffer.room() >= port.required).then(|| buffer.raw())
            });
            let raw: Vec<_> = raw.collect();
            let (got, expected) = (raw.len(), ports.len());
            if got == expected { Ok(raw) } else { Err(EngineError::Size { what: "tensors", got, expected }) }
        };
        let (mut taken, mut given) = (handles(inputs, &self.inputs)?, handles(outputs, &self.outputs)?);
        let model = self.model.lock().unwrap_or_else(PoisonError::into_inner);
        let run = self.library.api().run;
        // SAFETY: the compiled model is alive and runs nothing else; the buffers are alive and borrowed mutably, as many as
        // the signature has, each with as much room as was asked for it.
        let status =
            unsafe { run(model.raw, self.index, taken.len(), taken.as_mut_ptr(), given.len(), given.as_mut_ptr()) };
        good(status, "run", path)
    }
}

/// The inputs or outputs of a signature, by the order of LiteRT, which is that of neither names nor file.
fn ports(
    api: &Api,
    model: &OwnedCompiledModel,
    at: usize,
    signature: Signature,
    role: Role,
    path: &Path,
) -> Result<Vec<Port>, EngineError> {
    let (count, (name, tensor, requirements)): (_, Ask) = match role {
        Role::Input => (api.count_inputs, (api.input_name, api.input_tensor, api.input_requirements)),
        Role::Output => (api.count_outputs, (api.output_name, api.output_tensor, api.output_requirements)),
    };
    let mut length = 0;
    // SAFETY: the signature belongs to the model, and the number is written to what can hold it.
    good(unsafe { count(signature, &mut length) }, "load", path)?;
    let port = |index| {
        let (mut text, mut handle, mut of) = (null(), null_mut(), TensorType::default());
        let (mut asked, mut required) = (null_mut(), 0);
        // SAFETY: the signature belongs to the model, the index is below the count, and results are written to what can hold
        // them.
        good(unsafe { name(signature, index, &mut text) }, "load", path)?;
        // SAFETY: as above.
        good(unsafe { tensor(signature, index, &mut handle) }, "load", path)?;
        // SAFETY: the tensor belongs to the model.
        good(unsafe { (api.tensor_type)(handle, &mut of) }, "load", path)?;
        // SAFETY: as above; what is asked belongs to the compiled model.
        good(unsafe { requirements(model.raw, at, index, &mut asked) }, "load", path)?;
        // SAFETY: as above.
        good(unsafe { (api.bytes_required)(asked, &mut required) }, "load", path)?;
        // SAFETY: the text belongs to the model and ends with NUL.
        Ok(Port { name: unsafe { copied(text) }, of, required })
    };
    (0..length).map(port).collect()
}

/// A text of LiteRT's.
///
/// # Safety
/// It ends with NUL, or there is none.
unsafe fn copied(text: *const c_char) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: the caller says so.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}
