//! A tensor's memory, which LiteRT reads and writes while a step runs.

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::path::Path;
use std::ptr::{NonNull, null_mut};
use std::sync::Arc;

use super::status::good;
use crate::engine::EngineError;
use crate::runtime::LiteRtLibrary;
use crate::runtime::litert::{TensorBuffer, TensorType};

/// What LiteRT asks of memory that it is given.
const ALIGNMENT: usize = 64;
/// XNNPACK may read a little beyond a tensor's end.
const BEYOND: usize = 128;

/// Memory of this process, at first zeros, as LiteRT's kind of buffer.
#[derive(Debug)]
pub(super) struct Buffer {
    raw: TensorBuffer,
    memory: NonNull<u8>,
    layout: Layout,
    /// Bytes of the tensor.
    bytes: usize,
    library: Arc<LiteRtLibrary>,
}

// SAFETY: memory and handle belong to this alone, and neither is bound to a thread. LiteRT uses them only in
// `CompiledModel::run`, which has them mutably.
unsafe impl Send for Buffer {}
// SAFETY: what can be done through a shared reference only reads the memory.
unsafe impl Sync for Buffer {}

/// A type whose every pattern of bits is a value.
pub(super) trait Element: Copy {}
impl Element for f32 {}
impl Element for i32 {}
impl Element for i8 {}
impl Element for u8 {}

impl Buffer {
    /// Room for a tensor of `bytes`, for which LiteRT asks `required` ones.
    pub fn new(
        library: Arc<LiteRtLibrary>,
        of: &TensorType,
        bytes: usize,
        required: usize,
        path: &Path,
    ) -> Result<Self, EngineError> {
        let room = bytes.max(required);
        let no_room = || EngineError::Memory { what: "a tensor".into(), dims: vec![(room / 4) as u64] };
        let layout = room.checked_add(BEYOND).and_then(|size| Layout::from_size_align(size, ALIGNMENT).ok());
        let layout = layout.ok_or_else(no_room)?;
        // SAFETY: the layout is not empty.
        let memory = NonNull::new(unsafe { alloc_zeroed(layout) }).ok_or_else(no_room)?;
        let mut buffer = Self { raw: null_mut(), memory, layout, bytes, library };
        let create = buffer.library.api().create_buffer;
        // SAFETY: the memory is aligned as is asked, of at least so many bytes, and stays until the handle is destroyed;
        // without a function to release it, LiteRT never does.
        let status = unsafe { create(of, memory.as_ptr().cast(), room, None, &mut buffer.raw) };
        good(status, "make room for", path)?;
        Ok(buffer)
    }

    /// The handle, for a run.
    pub fn raw(&mut self) -> TensorBuffer {
        self.raw
    }

    /// Bytes that LiteRT may use.
    pub fn room(&self) -> usize {
        self.layout.size() - BEYOND
    }

    /// The tensor's values.
    pub fn values<T: Element>(&self) -> &[T] {
        // SAFETY: the memory holds so many bytes, was zeros at first, is aligned for any element, and is written by nobody as
        // long as `self` is borrowed.
        unsafe { std::slice::from_raw_parts(self.memory.as_ptr().cast(), self.bytes / size_of::<T>()) }
    }

    /// The tensor's values, to be written.
    pub fn values_mut<T: Element>(&mut self) -> &mut [T] {
        // SAFETY: as above, and nobody else reads them meanwhile.
        unsafe { std::slice::from_raw_parts_mut(self.memory.as_ptr().cast(), self.bytes / size_of::<T>()) }
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        if !self.raw.is_null() {
            // SAFETY: it was created, and is destroyed once.
            unsafe { (self.library.api().destroy_buffer)(self.raw) }
        }
        // SAFETY: it was allocated with this layout, and the handle to it is gone.
        unsafe { dealloc(self.memory.as_ptr(), self.layout) }
    }
}
