//! The graphic control that counts for each image of a GIF, where a file gives one image several.
//!
//! The format allows one. TensorFlow's decoder (giflib) then goes by the first, the `gif` crate by the last.

/// Transparent colour index of each image that begins in `bytes`, `None` where it has none.
///
/// Walks the blocks without decoding pixels, as far as the file is well formed.
pub(super) fn transparent_indices(bytes: &[u8]) -> Vec<Option<u8>> {
    let mut images = Vec::new();
    walk(bytes, &mut images);
    images
}

const SCREEN: usize = 13;
const IMAGE: usize = 10;

fn walk(bytes: &[u8], images: &mut Vec<Option<u8>>) -> Option<()> {
    let mut at = SCREEN + palette_len(*bytes.get(10)?);
    let mut control: Option<Option<u8>> = None;
    loop {
        match *bytes.get(at)? {
            0x21 => {
                if *bytes.get(at + 1)? == 0xF9 && control.is_none() {
                    let transparent = bytes.get(at + 3)? & 1 != 0;
                    control = Some(transparent.then_some(*bytes.get(at + 6)?));
                }
                at = after_sub_blocks(bytes, at + 2)?;
            }
            0x2C => {
                images.push(control.take().flatten());
                let code_size = at + IMAGE + palette_len(*bytes.get(at + 9)?);
                at = after_sub_blocks(bytes, code_size + 1)?;
            }
            _ => return None,
        }
    }
}

fn palette_len(flags: u8) -> usize {
    if flags & 0x80 != 0 { 3 << ((flags & 7) + 1) } else { 0 }
}

fn after_sub_blocks(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match usize::from(*bytes.get(at)?) {
            0 => return Some(at + 1),
            length => at += 1 + length,
        }
    }
}
