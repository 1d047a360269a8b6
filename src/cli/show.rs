//! `movinet-tf show`.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use movinet_tf::movinet::{Movinet, MovinetError, StreamModel};
use movinet_tf::prepare::{self, Prepared};
use movinet_tf::report::model::{
    ModelDescription, PreparedDescription, SCHEMA, SignatureDescription, StateDescription, StatesDescription,
    TensorDescription,
};
use movinet_tf::report::{json, model};
use movinet_tf::saved_model::{SavedModel, SessionConfig, Signature, Tensor, TensorSpec, fingerprint};

use super::exit::Exit;
use super::{Context, models, run};

const EXAMPLES: &str = "\
Examples:
  movinet-tf show demo-stream
  movinet-tf show a2-stream --size 224           its states' shapes and memory at this size
  movinet-tf show ~/models/movinet_a0_stream --json | jq .states.bytes";

/// Show what a model is: signatures, states, size, parameters, where it comes from, whether it is prepared
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// A SavedModel folder, or a name: a0-base to a5-stream, demo-base, demo-stream
    model: PathBuf,
    /// Height and width in pixels of the frames whose states are shown [default: the model's own]
    #[arg(long, value_name = "PIXELS", value_parser = clap::value_parser!(u16).range(1..=4096))]
    size: Option<u16>,
    /// Print it as JSON
    #[arg(long)]
    json: bool,
}

/// A loaded model of any kind.
enum Loaded {
    Movinet(Box<Movinet>),
    Other(SavedModel),
}

impl Arguments {
    pub(super) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        let chosen = models::any_model(&self.model, context)?;
        context.hold(&chosen.path);
        let runtime = run::tensorflow(context)?;
        let config = SessionConfig::default();
        let loaded = match Movinet::load(&runtime, &chosen.path, config) {
            Err(MovinetError::NotAMovinet { .. }) => Loaded::Other(SavedModel::load(&runtime, &chosen.path, config)?),
            loaded => Loaded::Movinet(Box::new(loaded?)),
        };
        let (kind, saved_model, states) = match &loaded {
            Loaded::Movinet(model) => match model.as_ref() {
                Movinet::Base(model) => ("base", model.saved_model(), None),
                Movinet::Stream(model) => {
                    let size = self.size.map(usize::from).or(chosen.size).or_else(|| run::own_size(model));
                    ("stream", model.saved_model(), size.map(|size| states(model, size)).transpose()?)
                }
            },
            Loaded::Other(model) => ("other", model, None),
        };
        let sha256 = fingerprint(&chosen.path)?;
        let prepared = prepare::find(&context.cache, &runtime, &sha256)
            .or_else(|| prepare::at(chosen.prepared.as_deref()?, &runtime, &sha256));
        let description = ModelDescription {
            schema: SCHEMA,
            name: chosen.name,
            kind,
            source: chosen.source,
            sha256,
            bytes: bytes_of(&chosen.path)?,
            parameters: prepare::parameters(&chosen.path)?,
            prepared: prepared.map(|Prepared { path, record }| PreparedDescription { path, proof: record.proof }),
            tensorflow: runtime.version().to_owned(),
            signatures: saved_model.signatures().values().map(signature).collect(),
            states,
            path: chosen.path,
        };
        let mut output = context.terminal.results();
        match self.json {
            true => json::write(&description, &mut output)?,
            false => model::write(&description, &mut output)?,
        }
        output.flush()?;
        Ok(Exit::Done)
    }
}

fn signature(signature: &Signature) -> SignatureDescription {
    let tensors = |specs: &[TensorSpec]| {
        let tensor = |spec: &TensorSpec| TensorDescription {
            name: spec.name.clone(),
            dtype: spec.dtype.to_string(),
            shape: spec.shape.clone(),
            tensor: spec.tensor(),
        };
        specs.iter().map(tensor).collect()
    };
    SignatureDescription {
        name: signature.name.clone(),
        inputs: tensors(&signature.inputs),
        outputs: tensors(&signature.outputs),
    }
}

/// The states as `init_states` makes them for one frame of `size`.
fn states(model: &StreamModel, size: usize) -> Result<StatesDescription, MovinetError> {
    let made = model.init_states(1, size, size)?;
    let described = |(name, tensor): (_, &Tensor)| {
        const BYTES: u64 = 4; // float32 and int32 alike
        let shape = tensor.dims().to_vec();
        StateDescription {
            name,
            dtype: tensor.dtype().to_string(),
            bytes: shape.iter().product::<u64>() * BYTES,
            shape,
        }
    };
    let mut states: Vec<_> = model.state_names().into_iter().zip(made.tensors()).map(described).collect();
    states.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(StatesDescription { size, bytes: states.iter().map(|state| state.bytes).sum(), states })
}

/// Bytes of all files of a folder.
fn bytes_of(folder: &Path) -> std::io::Result<u64> {
    let mut bytes = 0;
    for entry in fs_err::read_dir(folder)? {
        let path = entry?.path();
        let metadata = fs_err::metadata(&path)?;
        bytes += if metadata.is_dir() { bytes_of(&path)? } else { metadata.len() };
    }
    Ok(bytes)
}
