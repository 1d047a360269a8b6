//! Small shared libraries, to be looked at and not to be loaded.

/// A library that exports `names`.
pub fn library(names: &[&str]) -> Vec<u8> {
    with_symbols(names, 1)
}

/// A library that calls functions called `names`, which are in others.
pub fn importing(names: &[&str]) -> Vec<u8> {
    with_symbols(names, 0)
}

/// The same for the processor of this number.
pub fn of_processor(library: &[u8], machine: u16) -> Vec<u8> {
    let mut other = library.to_vec();
    other[18..20].copy_from_slice(&machine.to_le_bytes());
    other
}

/// A header, the names, their symbols, and two section headers after an empty one.
fn with_symbols(names: &[&str], section: u16) -> Vec<u8> {
    const HEADER: usize = 64;
    let mut strings = vec![0];
    let mut symbols = vec![0; 24];
    for name in names {
        symbols.extend((strings.len() as u32).to_le_bytes());
        symbols.extend([0x12, 0]); // a global function
        symbols.extend(section.to_le_bytes());
        symbols.extend([0; 16]);
        strings.extend(name.bytes().chain([0]));
    }
    strings.resize(strings.len().next_multiple_of(8), 0);
    let sections = HEADER + strings.len() + symbols.len();
    let machine: u16 = if cfg!(target_arch = "x86_64") { 62 } else { 183 };
    let mut file = b"\x7fELF\x02\x01\x01".to_vec();
    file.resize(16, 0);
    file.extend([3, 0]); // a shared object
    file.extend(machine.to_le_bytes());
    file.extend(1u32.to_le_bytes());
    for offset in [0, 0, sections as u64] {
        file.extend(offset.to_le_bytes());
    }
    file.extend([0; 4]);
    for number in [HEADER as u16, 56, 0, 64, 3, 1] {
        file.extend(number.to_le_bytes());
    }
    let (strings_at, symbols_at) = (HEADER as u64, (HEADER + strings.len()) as u64);
    let lengths = (strings.len() as u64, symbols.len() as u64);
    file.extend(strings);
    file.extend(symbols);
    file.extend([0; 64]);
    file.extend(section_header(3, strings_at, lengths.0, 0, 0));
    file.extend(section_header(11, symbols_at, lengths.1, 1, 24));
    file
}

fn section_header(kind: u32, at: u64, length: u64, link: u32, entry: u64) -> Vec<u8> {
    let mut header = [0, kind].map(u32::to_le_bytes).concat();
    header.extend([0, 0, at, length].map(u64::to_le_bytes).concat());
    header.extend([link, 1].map(u32::to_le_bytes).concat());
    header.extend([8, entry].map(u64::to_le_bytes).concat());
    header
}
