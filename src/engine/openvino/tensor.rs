//! OpenVINO's tensors of float32.

use std::ffi::c_int;
use std::path::Path;
use std::ptr::{NonNull, null_mut};
use std::sync::Arc;

use super::status::good;
use crate::engine::EngineError;
use crate::runtime::OpenVinoLibrary;
use crate::runtime::openvino::{FLOAT32, Shape, Tensor};

/// What is done with an output.
const OUTPUT: &str = "read the output of";

/// A tensor, which frees what is its own.
#[derive(Debug)]
pub(super) struct OwnedTensor {
    raw: Tensor,
    dims: Vec<u64>,
    library: Arc<OpenVinoLibrary>,
}

// SAFETY: it is bound to no thread.
unsafe impl Send for OwnedTensor {}
// SAFETY: what can be done through a shared reference only reads it.
unsafe impl Sync for OwnedTensor {}

impl OwnedTensor {
    /// A tensor of zeros for `what`.
    ///
    /// # Errors
    /// [`EngineError::Memory`] when there is no room for it.
    pub fn zeros(library: &Arc<OpenVinoLibrary>, what: &str, dims: &[usize]) -> Result<Self, EngineError> {
        let no_room = || EngineError::Memory { what: what.into(), dims: dims.iter().map(|&dim| dim as u64).collect() };
        let mut sizes: Vec<i64> = dims.iter().filter_map(|&dim| i64::try_from(dim).ok()).collect();
        let count = dims.iter().try_fold(size_of::<f32>(), |bytes, &dim| bytes.checked_mul(dim));
        if sizes.len() != dims.len() || count.is_none_or(|bytes| isize::try_from(bytes).is_err()) {
            return Err(no_room());
        }
        let shape = Shape { rank: sizes.len() as i64, dims: sizes.as_mut_ptr() };
        let mut raw = null_mut();
        // SAFETY: so many dimensions stand there, which are only read, and their product is a length that memory can have.
        let status = unsafe { (library.api().create_tensor)(FLOAT32, shape, &mut raw) };
        if status != 0 {
            return Err(no_room());
        }
        let dims = dims.iter().map(|&dim| dim as u64).collect();
        let mut tensor = Self { raw, dims, library: Arc::clone(library) };
        tensor.values_mut().fill(0.0);
        Ok(tensor)
    }

    /// The owner of `raw`, what a network gave; `path` is that of the network.
    ///
    /// # Errors
    /// [`EngineError`] when it is not of float32.
    ///
    /// # Safety
    /// It was made for the caller, who lets go of it.
    pub unsafe fn of(raw: Tensor, library: Arc<OpenVinoLibrary>, path: &Path) -> Result<Self, EngineError> {
        let mut tensor = Self { raw, dims: Vec::new(), library };
        let (api, mut kind) = (tensor.library.api(), 0 as c_int);
        // SAFETY: it is alive, and the type is written to what can hold it.
        good(&tensor.library, unsafe { (api.tensor_type)(raw, &mut kind) }, OUTPUT, path)?;
        if kind != FLOAT32 {
            return Err(EngineError::Logits { path: path.to_owned(), got: Vec::new() });
        }
        let mut shape = Shape { rank: 0, dims: null_mut() };
        // SAFETY: as above.
        good(&tensor.library, unsafe { (api.tensor_shape)(raw, &mut shape) }, OUTPUT, path)?;
        if !shape.dims.is_null() {
            let rank = usize::try_from(shape.rank).unwrap_or_default();
            // SAFETY: so many dimensions stand there until they are freed.
            let dims = unsafe { std::slice::from_raw_parts(shape.dims, rank) };
            tensor.dims = dims.iter().map(|&dim| u64::try_from(dim).unwrap_or_default()).collect();
        }
        // SAFETY: it was made for this caller, and is freed once.
        unsafe { (tensor.library.api().free_shape)(&mut shape) };
        Ok(tensor)
    }

    pub fn raw(&self) -> Tensor {
        self.raw
    }

    pub fn dims(&self) -> &[u64] {
        &self.dims
    }

    /// Its values in row-major order.
    pub fn values(&self) -> &[f32] {
        let (data, count) = self.data();
        // SAFETY: it holds so many values of this type, and nobody writes to them as long as it is borrowed.
        unsafe { std::slice::from_raw_parts(data, count) }
    }

    /// The same, to be written.
    pub fn values_mut(&mut self) -> &mut [f32] {
        let (data, count) = self.data();
        // SAFETY: as above, and nobody else reads them meanwhile.
        unsafe { std::slice::from_raw_parts_mut(data, count) }
    }

    /// Where its values begin, and how many they are; none where OpenVINO gives no memory.
    fn data(&self) -> (*mut f32, usize) {
        let mut data = null_mut();
        // SAFETY: it is alive; where there is no data the pointer stays null.
        unsafe { (self.library.api().tensor_data)(self.raw, &mut data) };
        match data.is_null() {
            true => (NonNull::dangling().as_ptr(), 0),
            false => (data.cast(), self.dims.iter().product::<u64>() as usize),
        }
    }
}

impl Drop for OwnedTensor {
    fn drop(&mut self) {
        // SAFETY: it was created, and is freed once.
        unsafe { (self.library.api().free_tensor)(self.raw) }
    }
}
