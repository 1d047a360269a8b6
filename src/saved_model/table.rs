//! The sorted table of keys and values that `variables.index` is.
//!
//! Source: `tensorflow/core/lib/io/format.cc` and `block.cc`, which are LevelDB's. A footer of 48 bytes points to a block
//! of pointers to blocks; in a block, a key says how many bytes it shares with the one before it.

const FOOTER: usize = 48;
const MAGIC: [u8; 8] = 0xDB47_7524_8B80_FB57_u64.to_le_bytes();
/// Behind each block: whether it is compressed, and a checksum, which TensorFlow checks when it loads.
const UNCOMPRESSED: u8 = 0;

/// The entries of the table `bytes`, in the order of their keys; `None` where it is damaged, or compressed, which
/// TensorFlow doesn't do.
pub(super) fn entries(bytes: &[u8]) -> Option<Vec<(Vec<u8>, Vec<u8>)>> {
    let footer = bytes.get(bytes.len().checked_sub(FOOTER)?..)?;
    if !footer.ends_with(&MAGIC) {
        return None;
    }
    let mut reader = footer;
    let _meta = (varint(&mut reader)?, varint(&mut reader)?);
    let mut entries = Vec::new();
    for (_, handle) in block(bytes, &mut reader)? {
        entries.extend(block(bytes, &mut handle.as_slice())?);
    }
    Some(entries)
}

/// The entries of the block that `handle`, its offset and length, points to.
fn block(bytes: &[u8], handle: &mut &[u8]) -> Option<Vec<(Vec<u8>, Vec<u8>)>> {
    let (offset, length) = (usize::try_from(varint(handle)?).ok()?, usize::try_from(varint(handle)?).ok()?);
    let end = offset.checked_add(length)?;
    let block = bytes.get(offset..end)?;
    if *bytes.get(end)? != UNCOMPRESSED {
        return None;
    }
    let restarts = u32::from_le_bytes(*block.last_chunk()?) as usize;
    let mut rest = block.get(..block.len().checked_sub(restarts.checked_add(1)?.checked_mul(4)?)?)?;
    let mut entries: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    while !rest.is_empty() {
        let [shared, own, length] = [varint(&mut rest)?, varint(&mut rest)?, varint(&mut rest)?];
        let before = entries.last().map_or(&[][..], |(key, _)| key);
        let mut key = before.get(..usize::try_from(shared).ok()?)?.to_vec();
        key.extend_from_slice(take(&mut rest, own)?);
        entries.push((key, take(&mut rest, length)?.to_vec()));
    }
    Some(entries)
}

fn take<'a>(rest: &mut &'a [u8], length: u64) -> Option<&'a [u8]> {
    let (taken, after) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    *rest = after;
    Some(taken)
}

fn varint(rest: &mut &[u8]) -> Option<u64> {
    prost::encoding::decode_varint(rest).ok()
}
