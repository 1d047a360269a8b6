//! What `variables.index` tells of the variables: their shapes, and how long the files of their values are.

use std::path::Path;

use prost::Message;

use super::files::{INDEX, VARIABLES};
use super::proto::{BundleEntry, BundleHeader};
use super::table;

/// What the index of a SavedModel's variables tells.
#[derive(Debug, PartialEq)]
pub(super) struct Index {
    /// The least length in bytes of each file of values.
    lengths: Vec<u64>,
    /// Number of kernels of 3D convolutions, `(frames, height, width, in, out)`, among the variables.
    kernels: usize,
    /// Bytes of all variables.
    bytes: u64,
}

impl Index {
    /// Reads the content of `variables.index`; `None` where it is damaged.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        const MOST: usize = 1 << 16;
        let mut entries = table::entries(bytes)?.into_iter();
        let (first, header) = entries.next()?;
        if !first.is_empty() {
            return None; // the header has the empty key
        }
        let shards = usize::try_from(BundleHeader::decode(header.as_slice()).ok()?.shards).ok()?;
        let mut lengths = vec![0u64; (1..=MOST).contains(&shards).then_some(shards)?];
        const KERNEL_RANK: usize = 5;
        let (mut kernels, mut bytes) = (0, 0u64);
        for (_, entry) in entries {
            let entry = BundleEntry::decode(entry.as_slice()).ok()?;
            let end = u64::try_from(entry.offset).ok()?.checked_add(u64::try_from(entry.size).ok()?)?;
            bytes = bytes.saturating_add(entry.size as u64);
            let length = lengths.get_mut(usize::try_from(entry.shard).ok()?)?;
            *length = end.max(*length);
            kernels += usize::from(entry.shape.is_some_and(|shape| shape.dims.len() == KERNEL_RANK));
        }
        Some(Self { lengths, kernels, bytes })
    }

    /// The first file of values in the SavedModel `folder` that is shorter than its variables, and why.
    pub fn shortened(&self, folder: &Path) -> Option<String> {
        let shards = self.lengths.len();
        self.lengths.iter().enumerate().find_map(|(shard, &wanted)| {
            let name = format!("{VARIABLES}/variables.data-{shard:05}-of-{shards:05}");
            match fs_err::metadata(folder.join(&name)) {
                Err(_) => Some(format!("it has no {name}")),
                Ok(found) if found.len() < wanted => {
                    Some(format!("its {name} has {} bytes, and {INDEX} knows of {wanted}", found.len()))
                }
                Ok(_) => None,
            }
        })
    }
}

/// Number of kernels of 3D convolutions among the variables of the SavedModel in `folder`, and bytes of all variables.
#[cfg(feature = "fetch")]
pub(crate) fn weights(folder: &Path) -> Option<(usize, u64)> {
    Index::parse(&fs_err::read(folder.join(INDEX)).ok()?).map(|index| (index.kernels, index.bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITTEN: &[u8] = crate::saved_model::example::INDEX;

    #[test]
    fn the_index_knows_how_long_the_values_are() {
        let index = Index::parse(WRITTEN).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let values = folder.path().join("variables/variables.data-00000-of-00001");
        assert!(index.shortened(folder.path()).unwrap().starts_with("it has no variables/variables.data-00000"));
        fs_err::create_dir(folder.path().join(VARIABLES)).unwrap();
        let whole = crate::saved_model::example::VALUES;
        assert_eq!((index.lengths[0], index.kernels), (whole as u64, 0));
        fs_err::write(&values, vec![0; whole]).unwrap();
        assert_eq!(index.shortened(folder.path()), None);
        fs_err::write(&values, vec![0; whole - 1]).unwrap();
        assert!(index.shortened(folder.path()).unwrap().contains(&format!("{} bytes", whole - 1)));
    }

    #[test]
    fn a_damaged_index_is_none_and_never_a_panic() {
        for length in 0..WRITTEN.len() {
            assert_eq!(Index::parse(&WRITTEN[..length]), None);
        }
        let mut random = fastrand::Rng::with_seed(1);
        for _ in 0..20_000 {
            let mut bytes = WRITTEN.to_vec();
            for _ in 0..random.usize(1..4) {
                let at = random.usize(..bytes.len());
                bytes[at] ^= 1 << random.u8(..8);
            }
            let _ = Index::parse(&bytes);
        }
    }
}
