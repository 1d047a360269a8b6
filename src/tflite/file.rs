//! A TF Lite file, read.

use std::collections::{BTreeMap, HashMap};
use std::io::Read;
use std::path::Path;

use super::flatbuffer::Damaged;
use super::graph::{Model, Subgraph};
use crate::movinet::{DType, Quantisation, Signature, TensorSpec, integers};

/// What stands behind the first four bytes of every file.
pub(crate) const IDENTIFIER: &[u8; 4] = b"TFL3";
/// Bytes before its end.
const HEAD: u64 = 8;
/// The ending of the files' names.
const ENDING: &str = "tflite";
/// The most bytes that a file may have: those of a flatbuffer, whose distances have 32 bits and a sign.
const MOST: u64 = 2 << 30;

/// Why a file is no TF Lite model.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TfLiteFault {
    /// The message names the file.
    #[error(transparent)]
    Read(#[from] std::io::Error),
    #[error("it is no TF Lite file: the identifier TFL3 is not at its beginning")]
    Stranger,
    #[error("it is no TF Lite file, but a folder, a pipe or a device")]
    NoFile,
    #[error("it is no TF Lite file: it has {0} bytes, and those have {MOST} at most")]
    Large(u64),
    #[error("its tables lead out of the file, which may be cut short")]
    Damaged,
    /// The file is whole, and what it says cannot be run.
    #[error("{0}")]
    Graph(String),
}

impl From<Damaged> for TfLiteFault {
    fn from(_: Damaged) -> Self {
        Self::Damaged
    }
}

/// What a TF Lite file tells.
#[derive(Debug)]
pub(crate) struct TfLiteFile {
    /// By name.
    pub signatures: BTreeMap<String, Signature>,
    /// Elements and number of the tensors whose values are in the file, by type.
    pub weights: BTreeMap<String, (u64, usize)>,
    /// Inputs and outputs of numbers that quantised ones are made of, or that are made of such, by signature and name: the
    /// least and the greatest number that those can stand for.
    pub rails: HashMap<(String, Role, String), (f32, f32)>,
    /// Which tensor of its graph each input and output of a signature is, by signature and name.
    pub tensors: HashMap<(String, Role, String), usize>,
}

/// Whether something is taken or given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Role {
    Input,
    Output,
}

/// Whether `path` is a TF Lite file: by what is in it, or else by its name.
pub(crate) fn is_tflite(path: &Path) -> bool {
    let by_content = || {
        let mut head = [0; 8];
        let mut file = fs_err::File::open(path).ok()?;
        file.read_exact(&mut head).ok()?;
        Some(head.ends_with(IDENTIFIER))
    };
    let by_name = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case(ENDING));
    !path.is_dir() && (by_name || (path.is_file() && by_content() == Some(true)))
}

/// The content of the TF Lite file at `path`, as far as its size and its first bytes tell that it is one.
///
/// # Errors
/// Why it is none.
pub(crate) fn content(path: &Path) -> Result<Vec<u8>, TfLiteFault> {
    // Before it is opened: a pipe would be waited for.
    let metadata = fs_err::metadata(path)?;
    if !metadata.is_file() {
        return Err(TfLiteFault::NoFile);
    }
    if metadata.len() > MOST {
        return Err(TfLiteFault::Large(metadata.len()));
    }
    let mut file = fs_err::File::open(path)?.take(MOST);
    let mut content = Vec::new();
    file.by_ref().take(HEAD).read_to_end(&mut content)?;
    if !is_headed(&content) {
        return Err(TfLiteFault::Stranger);
    }
    content.reserve_exact(usize::try_from(metadata.len()).unwrap_or_default());
    file.read_to_end(&mut content)?;
    Ok(content)
}

/// Whether `content` begins as a TF Lite file does.
fn is_headed(content: &[u8]) -> bool {
    content.get(4..8) == Some(IDENTIFIER)
}

/// The signatures, by name, of the TF Lite file at `path`.
///
/// # Errors
/// Why it is none.
pub(crate) fn signatures(path: &Path) -> Result<BTreeMap<String, Signature>, TfLiteFault> {
    Ok(read(&content(path)?)?.signatures)
}

/// What `file`, the content of a TF Lite file, tells.
///
/// # Errors
/// Why it is none.
pub(crate) fn read(file: &[u8]) -> Result<TfLiteFile, TfLiteFault> {
    if !is_headed(file) {
        return Err(TfLiteFault::Stranger);
    }
    let model = Model::root(file)?;
    let (mut signatures, mut rails, mut tensors) = (BTreeMap::new(), HashMap::new(), HashMap::new());
    for signature in model.signatures()? {
        let name = signature.name;
        let quantised = signature.subgraph.quantised(model)?;
        for (role, list) in [(Role::Input, &signature.inputs), (Role::Output, &signature.outputs)] {
            for (tensor, index) in list {
                let inside = quantised.iter().find(|(numbers, _)| numbers == index);
                if let Some(rail) = inside.and_then(|(_, inside)| reach(inside.dtype, inside.quantisation?)) {
                    rails.insert((name.clone(), role, tensor.clone()), rail);
                }
            }
            tensors.extend(list.iter().map(|(tensor, index)| ((name.clone(), role, tensor.clone()), *index)));
        }
        let specs = |list: Vec<(String, usize)>| -> Result<Vec<_>, Damaged> {
            let mut specs: Vec<_> =
                list.into_iter().map(|named| spec(signature.subgraph, named)).collect::<Result<_, _>>()?;
            specs.sort_by(|a, b| a.name.cmp(&b.name));
            Ok(specs)
        };
        let (inputs, outputs) = (specs(signature.inputs)?, specs(signature.outputs)?);
        signatures.insert(name.clone(), Signature { name, inputs, outputs });
    }
    Ok(TfLiteFile { signatures, weights: weights(model)?, rails, tensors })
}

fn spec(subgraph: Subgraph, (name, index): (String, usize)) -> Result<TensorSpec, Damaged> {
    let tensor = subgraph.tensor(index)?;
    let at = (format!("tensor {index}"), 0);
    Ok(TensorSpec { name, dtype: tensor.dtype, shape: Some(tensor.shape), quantisation: tensor.quantisation, at })
}

/// The least and the greatest number that integers of this type can stand for.
fn reach(dtype: DType, quantisation: Quantisation) -> Option<(f32, f32)> {
    let (least, greatest) = integers(dtype)?;
    Some((quantisation.number(least), quantisation.number(greatest)))
}

fn weights(model: Model) -> Result<BTreeMap<String, (u64, usize)>, Damaged> {
    let mut weights: BTreeMap<String, (u64, usize)> = BTreeMap::new();
    for subgraph in model.subgraphs()? {
        for tensor in subgraph.tensors() {
            let tensor = tensor?;
            if !model.buffer(tensor.buffer)?.is_empty() {
                let elements = tensor.shape.iter().flatten().fold(1u64, |product, dim| product.saturating_mul(*dim));
                let of_type = weights.entry(tensor.dtype.to_string()).or_default();
                *of_type = (of_type.0.saturating_add(elements), of_type.1 + 1);
            }
        }
    }
    Ok(weights)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_file_of_a_models_size_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("large.tflite");
        fs_err::File::create(&path).unwrap().file().set_len(MOST + 1).unwrap();
        assert!(matches!(content(&path), Err(TfLiteFault::Large(bytes)) if bytes == MOST + 1));
        fs_err::File::create(&path).unwrap().file().set_len(MOST).unwrap();
        assert!(matches!(content(&path), Err(TfLiteFault::Stranger)));
        assert!(matches!(content(folder.path()), Err(TfLiteFault::NoFile)));
        assert!(matches!(content(&folder.path().join("none")), Err(TfLiteFault::Read(_))));
    }
}
