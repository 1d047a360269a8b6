//! Wheels of Python packages, known to the byte.

/// A wheel for one kind of machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WheelBuild {
    /// Operating system, as Rust calls it.
    pub os: &'static str,
    /// Processor, as Rust calls it.
    pub processor: &'static str,
    /// What pip calls the two.
    pub platform: &'static str,
    /// Length of the wheel in bytes.
    pub bytes: u64,
    /// SHA-256 of the wheel.
    pub sha256: &'static str,
}
