//! Telling whether a shared library is whole. Loading a truncated one ends the process with SIGBUS.

use std::io::{ErrorKind, Read};
use std::path::Path;

/// Whether `path` is a 64-bit little-endian ELF file that is as long as its header says.
///
/// The section headers stand at the end of a library, so a file that holds them all is whole.
pub(super) fn is_whole(path: &Path) -> std::io::Result<bool> {
    let mut header = [0u8; 64];
    let mut file = fs_err::File::open(path)?;
    match file.read_exact(&mut header) {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(false),
        other => other?,
    }
    if !header.starts_with(b"\x7fELF\x02\x01") {
        return Ok(false);
    }
    let number = |at: usize, width: usize| {
        header[at..at + width].iter().rev().fold(0u64, |value, &byte| value << 8 | u64::from(byte))
    };
    let sections_end = number(0x28, 8).saturating_add(number(0x3A, 2) * number(0x3C, 2));
    Ok(file.metadata()?.len() >= sections_end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_program_is_whole_and_half_of_it_is_not() {
        let program = fs_err::read(std::env::current_exe().unwrap()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        for (length, whole) in [(program.len(), true), (program.len() / 2, false), (10, false)] {
            let path = folder.path().join("library.so");
            fs_err::write(&path, &program[..length]).unwrap();
            assert_eq!(is_whole(&path).unwrap(), whole, "{length} bytes");
        }
    }
}
