//! Hashes of files.

use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

/// Adds the content of the file at `path` to `hash`.
///
/// # Errors
/// When the file cannot be read; the message names it.
pub fn add_file(hash: &mut Sha256, path: &Path) -> io::Result<()> {
    let mut file = fs_err::File::open(path)?;
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(()),
            count => hash.update(&buffer[..count]),
        }
    }
}

/// SHA-256 of the file at `path`.
///
/// # Errors
/// When the file cannot be read; the message names it.
pub fn of_file(path: &Path) -> io::Result<String> {
    let mut hash = Sha256::new();
    add_file(&mut hash, path)?;
    Ok(finish(hash))
}

/// The finished hash as lower-case hexadecimal digits.
pub fn finish(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
