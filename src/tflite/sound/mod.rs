//! Whether a file's graphs can be run at all: LiteRT ends the process, or worse, on some that contradict themselves.
//!
//! `file -> tensors (fact.rs) -> operators in their order (operator.rs, kind.rs, shape.rs, window.rs) -> signatures`
//!
//! What is checked is what its kernels take for granted; what an operator that is not known here needs is left to them.

mod fact;
mod kind;
mod operator;
mod shape;
#[cfg(test)]
mod tests;
mod window;

use fact::Fact;

use super::file::TfLiteFault;
use super::flatbuffer::Damaged;
use super::graph::{Model, Signature, Subgraph};

/// Whether every graph of `file`, the content of a TF Lite file, is one that can be run.
///
/// # Errors
/// What contradicts itself.
pub(crate) fn sound(file: &[u8]) -> Result<(), TfLiteFault> {
    let model = Model::root(file)?;
    for subgraph in model.subgraphs()? {
        operators(model, subgraph)?;
    }
    model.signatures()?.iter().try_for_each(signature)
}

/// Whether every operator of `subgraph` finds what it needs, where the ones before it ran.
fn operators(model: Model, subgraph: Subgraph) -> Result<(), TfLiteFault> {
    let facts = (0..subgraph.count()).map(|index| Fact::new(model, subgraph, index)).collect::<Result<Vec<_>, _>>()?;
    // Whether a tensor has values.
    let mut filled: Vec<bool> = facts.iter().map(Fact::is_given).collect();
    for index in subgraph.inputs()? {
        let place = place(index, facts.len(), "the graph takes")?;
        if std::mem::replace(&mut filled[place], true) {
            return wrong(format!("the graph takes tensor {index}, which has values or is taken already"));
        }
    }
    for (at, found) in subgraph.operators(model)?.enumerate() {
        let found = found?;
        let name = || match kind::of(found.kind) {
            Some(kind) => format!("operator {at} ({})", kind.name),
            None => format!("operator {at}"),
        };
        let mut inputs = Vec::new();
        for &index in &found.inputs {
            inputs.push(match index {
                -1 => None,
                index => {
                    let place = place(index, facts.len(), &format!("{} takes", name()))?;
                    if !filled[place] {
                        return wrong(format!("{} takes tensor {index}, which nothing has made before it", name()));
                    }
                    Some(&facts[place])
                }
            });
        }
        let mut outputs = Vec::new();
        for &index in &found.outputs {
            let place = place(index, facts.len(), &format!("{} makes", name()))?;
            if std::mem::replace(&mut filled[place], true) {
                return wrong(format!("{} makes tensor {index}, which has values already", name()));
            }
            outputs.push(&facts[place]);
        }
        operator::sound(&found, &inputs, &outputs).or_else(|fault| match fault {
            TfLiteFault::Graph(reason) => wrong(format!("{} {reason}", name())),
            other => Err(other),
        })?;
    }
    for index in subgraph.outputs()? {
        let place = place(index, facts.len(), "the graph gives")?;
        if !filled[place] || facts[place].content.is_some() {
            return wrong(format!("the graph gives tensor {index}, which no operator makes"));
        }
    }
    Ok(())
}

/// Whether `signature` names what its graph takes and gives.
fn signature(signature: &Signature) -> Result<(), TfLiteFault> {
    let indices = |named: &[(String, usize)]| {
        let mut indices: Vec<_> = named.iter().map(|(_, index)| *index as i64).collect();
        indices.sort_unstable();
        indices
    };
    let (mut takes, gives) = (signature.subgraph.inputs()?, signature.subgraph.outputs()?);
    takes.sort_unstable();
    if indices(&signature.inputs) != takes.into_iter().map(i64::from).collect::<Vec<_>>() {
        return wrong(format!("signature '{}' takes other tensors than its graph", signature.name));
    }
    let named = |index: &i64| gives.iter().any(|given| i64::from(*given) == *index);
    if !indices(&signature.outputs).iter().all(named) {
        return wrong(format!("signature '{}' gives tensors that its graph doesn't", signature.name));
    }
    Ok(())
}

/// Tensor `index` as a place among `length` ones.
fn place(index: i32, length: usize, what: &str) -> Result<usize, TfLiteFault> {
    let place = usize::try_from(index).ok().filter(|&place| place < length);
    place.map_or_else(|| wrong(format!("{what} tensor {index}, and there are {length}")), Ok)
}

/// The graph is not sound, for this `reason`.
fn wrong<T>(reason: String) -> Result<T, TfLiteFault> {
    Err(TfLiteFault::Graph(reason))
}
