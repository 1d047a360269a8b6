//! Telling what a shared library is before it is loaded: loading a truncated one ends the process with SIGBUS, and the
//! crate `tensorflow` panics at the first function that a library lacks.

use std::io::{ErrorKind, Read};
use std::path::Path;

use object::elf::{EM_AARCH64, EM_X86_64, FileHeader64, SHN_UNDEF, SHT_DYNSYM, gnu_hash};
use object::read::elf::{FileHeader, SectionHeader, SectionTable, Sym, SymbolTable, VersionTable};
use object::{Endianness, ReadCache, ReadRef};

/// What is looked for in the library itself: what every run calls, `TF_Version` first.
const IN_LIBRARY: [&str; 10] = [
    "TF_Version",
    "TF_LoadSessionFromSavedModel",
    "TF_NewGraph",
    "TF_NewSessionOptions",
    "TF_SetConfig",
    "TF_GraphOperationByName",
    "TF_SessionRun",
    "TF_CloseSession",
    "TF_DeleteSession",
    "TF_DeleteGraph",
];
/// What is in the library or in `libtensorflow_framework` beside it.
const IN_EITHER: [&str; 5] = ["TF_NewStatus", "TF_NewTensor", "TF_AllocateTensor", "TF_TensorData", "TF_NewBuffer"];

#[cfg(test)]
pub(super) mod made;

type Header = FileHeader64<Endianness>;

/// Why a file is not what can be loaded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    #[error("it is not a whole shared library")]
    NotWhole,
    #[error("it is for another kind of processor")]
    Processor,
    #[error("it lacks {0}")]
    Lacks(&'static str),
    #[error("{0}")]
    Unreadable(String),
}

/// Whether `library`, with `framework` beside it, is TensorFlow's C library, as far as its tables tell. Neither is loaded.
pub(super) fn check(library: &Path, framework: Option<&Path>) -> Result<(), Fault> {
    for path in [Some(library), framework].into_iter().flatten() {
        match is_whole(path) {
            Ok(true) => {}
            Ok(false) => return Err(Fault::NotWhole),
            Err(error) => return Err(Fault::Unreadable(error.to_string())),
        }
    }
    let lacking = |path: &Path, wanted: &[&'static str]| {
        let file = fs_err::File::open(path).map_err(|error| Fault::Unreadable(error.to_string()))?;
        exports(&ReadCache::new(file), wanted)
    };
    if let Some(name) = lacking(library, &IN_LIBRARY)?.first() {
        return Err(Fault::Lacks(name));
    }
    let in_framework = framework.map(|framework| lacking(framework, &IN_EITHER)).transpose()?;
    match (lacking(library, &IN_EITHER)?.first(), in_framework) {
        // Without a framework beside it, the dynamic loader may find one elsewhere.
        (None, _) | (Some(_), None) => Ok(()),
        (Some(_), Some(lacking)) => lacking.first().map_or(Ok(()), |name| Err(Fault::Lacks(name))),
    }
}

/// Those of `wanted` that the library in `data` does not export.
fn exports<'w, 'd>(data: impl ReadRef<'d>, wanted: &[&'w str]) -> Result<Vec<&'w str>, Fault> {
    let header = Header::parse(data).map_err(|_| Fault::NotWhole)?;
    let endian = header.endian().map_err(|_| Fault::NotWhole)?;
    let processor = if cfg!(target_arch = "x86_64") { EM_X86_64 } else { EM_AARCH64 };
    if cfg!(any(target_arch = "x86_64", target_arch = "aarch64")) && header.e_machine(endian) != processor {
        return Err(Fault::Processor);
    }
    let sections = header.sections(endian, data).map_err(|_| Fault::NotWhole)?;
    let symbols = sections.symbols(endian, data, SHT_DYNSYM).map_err(|_| Fault::NotWhole)?;
    let exported = |name: &&&str| {
        is_hashed(name, &sections, &symbols, endian, data).unwrap_or_else(|| {
            let is_it = |symbol: &<Header as FileHeader>::Sym| {
                symbol.st_shndx(endian) != SHN_UNDEF && symbol.name(endian, symbols.strings()) == Ok(name.as_bytes())
            };
            symbols.iter().any(is_it)
        })
    };
    Ok(wanted.iter().filter(|name| !exported(name)).copied().collect())
}

/// Whether `name` is in the table that the dynamic loader looks into; `None` where there is none. TensorFlow's library has
/// 200,000 names, in 40 MB.
fn is_hashed<'d, R: ReadRef<'d>>(
    name: &str,
    sections: &SectionTable<'d, Header, R>,
    symbols: &SymbolTable<'d, Header, R>,
    endian: Endianness,
    data: R,
) -> Option<bool> {
    let section = sections.iter().find(|section| matches!(section.gnu_hash_header(endian, data), Ok(Some(_))))?;
    let header = section.gnu_hash_header(endian, data).ok()??;
    if header.bucket_count.get(endian) == 0 || header.bloom_count.get(endian) == 0 {
        return None;
    }
    let (table, _) = section.gnu_hash(endian, data).ok()??;
    let (bytes, versions) = (name.as_bytes(), VersionTable::default());
    Some(table.find(endian, bytes, gnu_hash(bytes), None, symbols, &versions).is_some())
}

/// Whether `path` is a 64-bit little-endian ELF file that is as long as its header says.
///
/// The section headers stand at the end of a library, so a file that holds them all is whole.
fn is_whole(path: &Path) -> std::io::Result<bool> {
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

    fn all() -> Vec<&'static str> {
        IN_LIBRARY.iter().chain(&IN_EITHER).copied().collect()
    }

    #[test]
    fn a_library_with_the_functions_is_taken_alone_or_with_its_framework() {
        let folder = tempfile::tempdir().unwrap();
        let [whole, library, framework] =
            ["whole.so", "library.so", "framework.so"].map(|name| folder.path().join(name));
        fs_err::write(&whole, made::library(&all())).unwrap();
        fs_err::write(&library, made::library(&IN_LIBRARY)).unwrap();
        fs_err::write(&framework, made::library(&IN_EITHER)).unwrap();
        assert_eq!(check(&whole, None), Ok(()));
        assert_eq!(check(&library, Some(&framework)), Ok(()));
        assert_eq!(check(&library, Some(&whole)), Ok(()));
        assert_eq!(check(&library, Some(&library)), Err(Fault::Lacks("TF_NewStatus")));
        assert_eq!(check(&framework, Some(&framework)), Err(Fault::Lacks("TF_Version")));
    }

    #[test]
    fn the_first_function_that_a_library_lacks_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("library.so");
        fs_err::write(&path, made::library(&["TF_Version", "TfLiteVersion"])).unwrap();
        assert_eq!(check(&path, None), Err(Fault::Lacks("TF_LoadSessionFromSavedModel")));
        fs_err::write(&path, made::importing(&all())).unwrap();
        assert_eq!(check(&path, None), Err(Fault::Lacks("TF_Version")), "it only calls them");
        // A real library has the hash table.
        assert_eq!(check(&std::env::current_exe().unwrap(), None), Err(Fault::Lacks("TF_Version")));
    }

    #[test]
    fn a_library_of_another_processor_or_without_its_end_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("library.so");
        let library = made::library(&all());
        fs_err::write(&path, made::of_processor(&library, 8)).unwrap();
        assert_eq!(check(&path, None), Err(Fault::Processor));
        for length in [library.len() - 1, library.len() / 2, 10, 0] {
            fs_err::write(&path, &library[..length]).unwrap();
            assert_eq!(check(&path, None), Err(Fault::NotWhole), "{length} bytes");
        }
    }

    #[test]
    fn damaged_tables_are_no_panic() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("library.so");
        let library = made::library(&all());
        for at in 0..library.len() {
            for value in [0, 0x7F, 0xFF] {
                let mut damaged = library.clone();
                damaged[at] = value;
                fs_err::write(&path, damaged).unwrap();
                let _whatever = check(&path, None);
            }
        }
    }
}
