//! What a model is, for people: signatures, states, size, where it comes from.

use std::io::{self, Write};

use anstyle::Style;

use super::text;
use crate::models::{
    Card, CardLabels, FormDescription, ModelDescription, ModelKind, PreparedDescription, StatesDescription,
    TensorDescription,
};
use crate::prepare::Parameters;
use crate::shown::shown;

const HEAD: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();

/// Writes `model` to `output`, with ANSI styles.
///
/// # Errors
/// Whatever `output` says.
pub fn write(model: &ModelDescription, output: &mut dyn Write) -> io::Result<()> {
    let kind = match (model.kind, &model.weights) {
        (ModelKind::Base, None) => "a MoViNet, base",
        (ModelKind::Stream, None) => "a MoViNet, stream",
        (ModelKind::Other, None) => "a SavedModel that is no MoViNet that can run here",
        (ModelKind::Stream, Some(_)) => "a MoViNet, stream, in TF Lite's format: LiteRT runs it",
        (ModelKind::Base, Some(_)) => "a MoViNet, base, in TF Lite's format, which does not run here",
        (ModelKind::Other, Some(_)) => "a TF Lite file that is no MoViNet that can run here",
    };
    writeln!(output, "{HEAD}{}{HEAD:#}: {kind}", shown(&model.name))?;
    writeln!(output, "  why         {}", shown(&model.why))?;
    let place = if model.weights.is_none() { "folder" } else { "file  " };
    writeln!(output, "  {place}      {}", shown(&model.path.to_string_lossy()))?;
    writeln!(output, "  source      {}", shown(&model.source.to_string()))?;
    writeln!(output, "  sha256      {}", model.sha256)?;
    writeln!(output, "  on disk     {}", size(model.bytes))?;
    let Parameters { numbers, variables } = model.parameters;
    match &model.weights {
        None => writeln!(output, "  parameters  {numbers} in {variables} variables")?,
        Some(kinds) => {
            let kinds: Vec<_> = kinds.iter().map(|kind| format!("{} {}", kind.numbers, kind.dtype)).collect();
            writeln!(output, "  weights     {} in {variables} tensors", kinds.join(", "))?;
        }
    }
    write_card(&model.card, output)?;
    match &model.prepared {
        None if model.kind == ModelKind::Other || model.weights.is_some() => {}
        None => writeln!(output, "  prepared    no: movinet-tf prepare {}", shown(&model.path.to_string_lossy()))?,
        Some(PreparedDescription { path, proof }) => writeln!(
            output,
            "  prepared    equal on {} predictions within {:.1e} of the largest logit\n              {}",
            proof.predictions,
            proof.max_relative,
            shown(&path.to_string_lossy())
        )?,
    }
    for (form, what, run) in [(&model.tflite, "TF Lite", "a step"), (&model.openvino, "OpenVINO", "a clip")] {
        let Some(FormDescription { path, size, proof, seconds, seconds_by_tensorflow }) = form else { continue };
        writeln!(
            output,
            "  {what:<11} at {size}x{size}, equal on {} predictions within {:.1e} of the largest logit; {} {run}, {} by TensorFlow\n              {}",
            proof.predictions,
            proof.max_relative,
            text::seconds(*seconds),
            text::seconds(*seconds_by_tensorflow),
            shown(&path.to_string_lossy())
        )?;
    }
    for signature in &model.signatures {
        writeln!(output, "\n{HEAD}signature '{}'{HEAD:#}", shown(&signature.name))?;
        write_tensors(output, "in", &signature.inputs)?;
        write_tensors(output, "out", &signature.outputs)?;
    }
    model.states.as_ref().map_or(Ok(()), |states| write_states(states, output))
}

/// What is known beside the files, where anything is.
fn write_card(card: &Card, output: &mut dyn Write) -> io::Result<()> {
    let mut known = Vec::new();
    known.extend(card.size.map(|size| format!("{size}x{size} pixels")));
    known.extend(card.fps.map(|fps| format!("{fps} frames a second")));
    known.extend(card.output.map(|reading| format!("gives {reading}")));
    match &card.labels {
        None => {}
        Some(CardLabels::Names(names)) => known.push(format!("{} labels", names.len())),
        Some(CardLabels::File(path)) => known.push(format!("labels in '{}'", shown(&path.to_string_lossy()))),
    }
    if known.is_empty() { Ok(()) } else { writeln!(output, "  known       {}", known.join(", ")) }
}

fn write_tensors(output: &mut dyn Write, role: &str, tensors: &[TensorDescription]) -> io::Result<()> {
    let width = |text: fn(&TensorDescription) -> String| tensors.iter().map(|t| text(t).len()).max().unwrap_or(0);
    let (names, types) = (width(|tensor| shown(&tensor.name).into_owned()), width(type_of));
    for tensor in tensors {
        let (name, shape) = (shown(&tensor.name), type_of(tensor));
        writeln!(output, "  {role:<3}  {name:<names$}  {shape:<types$}  {FAINT}{}{FAINT:#}", shown(&tensor.tensor))?;
    }
    Ok(())
}

fn type_of(tensor: &TensorDescription) -> String {
    match &tensor.shape {
        None => format!("{} of any rank", tensor.dtype),
        Some(shape) => {
            let dims: Vec<_> = shape.iter().map(|dim| dim.map_or("?".into(), |dim| dim.to_string())).collect();
            format!("{} ({})", tensor.dtype, dims.join(", "))
        }
    }
}

fn write_states(described: &StatesDescription, output: &mut dyn Write) -> io::Result<()> {
    let StatesDescription { size: pixels, bytes, states } = described;
    writeln!(output, "\n{HEAD}states at {pixels}x{pixels}{HEAD:#}: {}, {}", states.len(), size(*bytes))?;
    let mut before = String::new();
    for state in states {
        let place = state.name.place();
        let place_once = if place == before { "".into() } else { shown(&place) };
        let dims: Vec<_> = state.shape.iter().map(u64::to_string).collect();
        let shape = format!("{} ({})", state.dtype, dims.join(", "));
        writeln!(
            output,
            "  {place_once:<18}  {:<20}  {shape:<30}  {:>9}",
            shown(state.name.kind()),
            size(state.bytes)
        )?;
        before = place;
    }
    Ok(())
}

/// `4 B`, `12 kB`, `3.4 MB`.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.0} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::Origin;
    use crate::models::{Card, SCHEMA, SignatureDescription, StateDescription};
    use crate::movinet::StateName;
    use crate::prepare::Proof;

    #[test]
    fn a_stream_model_is_described() {
        let tensor = |name: &str, shape: Option<Vec<Option<u64>>>| TensorDescription {
            name: name.into(),
            dtype: "float32".into(),
            shape,
            tensor: format!("call_{name}:0"),
        };
        let state = |name: &str, shape: Vec<u64>| StateDescription {
            name: StateName::parse(name),
            dtype: "float32".into(),
            bytes: shape.iter().product::<u64>() * 4,
            shape,
        };
        let states = vec![
            state("state_block0_layer0_stream_buffer", vec![1, 2, 43, 43, 40]),
            state("state_block0_layer0_pool_buffer", vec![1, 1, 1, 1, 40]),
        ];
        let model = ModelDescription {
            schema: SCHEMA,
            name: "a0-stream".into(),
            kind: ModelKind::Stream,
            why: "signature 'call' takes a frame as 'image' and 2 states".into(),
            card: Card::of_size(172),
            path: "models/a0".into(),
            source: Origin::Cache,
            sha256: "0".repeat(64),
            bytes: 34_000_000,
            parameters: Parameters { numbers: 3_100_000, variables: 312 },
            weights: None,
            prepared: None,
            tflite: Some(FormDescription {
                path: "cache/prepared/a0-litert/model.tflite".into(),
                size: 172,
                proof: Proof { predictions: 39, max_difference: 1e-6, max_relative: 1.2e-6 },
                seconds: 0.0021,
                seconds_by_tensorflow: 0.0038,
            }),
            openvino: None,
            tensorflow: Some("2.18.1".into()),
            signatures: vec![SignatureDescription {
                name: "call".into(),
                inputs: vec![tensor("image", Some(vec![None, None, None, None, Some(3)])), tensor("state", None)],
                outputs: vec![tensor("logits", Some(vec![None, Some(600)]))],
            }],
            states: Some(StatesDescription { size: 172, bytes: 591_840, states }),
        };
        let mut output = Vec::new();
        write(&model, &mut anstream::StripStream::new(&mut output)).unwrap();
        insta::assert_snapshot!(String::from_utf8(output).unwrap());
    }
}
