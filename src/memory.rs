//! Memory that the process holds and doesn't use.

/// Gives freed memory back to the system. The allocator would keep what TensorFlow held of a model, several times its
/// size, while the next one is loaded.
pub(crate) fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: it may be called at any time, and touches freed memory alone.
    unsafe {
        libc::malloc_trim(0);
    }
}
