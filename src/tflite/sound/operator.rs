//! Whether an operator has what it needs.

use super::super::file::TfLiteFault;
use super::super::graph::{DEQUANTIZE, Operator, QUANTIZE};
use super::fact::{FLOAT16, FLOAT32, Fact, INT8, INT16, INT32, INT64, UINT8};
use super::kind::{self, Kind, Options, Rule};
use super::{shape, window, wrong};

/// `ActivationFunctionType`s.
const ACTIVATIONS: std::ops::RangeInclusive<i8> = 0..=5;

/// Whether `operator` has what it needs, of what it takes and makes.
pub fn sound(operator: &Operator, inputs: &[Option<&Fact>], outputs: &[&Fact]) -> Result<(), TfLiteFault> {
    let Some(kind) = kind::of(operator.kind) else { return Ok(()) };
    let (least, most) = kind.inputs;
    let given = inputs.iter().take(least).flatten().count();
    if given < least || inputs.len() > most {
        return wrong(format!("has {given} of the inputs that it needs, and takes {}", inputs.len()));
    }
    if outputs.is_empty() || (outputs.len() > 1 && kind.rule != Rule::Any) {
        return wrong(format!("makes {} tensors", outputs.len()));
    }
    options(operator, kind)?;
    let data = data(kind.rule, inputs);
    types(operator.kind, kind.rule, &data, inputs, outputs)?;
    quantisation(operator.kind, kind.rule, &data, outputs[0])?;
    match kind.rule {
        Rule::Convolution | Rule::Depthwise | Rule::Pool => window::sound(operator, kind.rule, &data, outputs[0]),
        Rule::Any => Ok(()),
        rule => shape::sound(operator, rule, &data, inputs, outputs[0]),
    }
}

/// The operands of `inputs` that are worked on; the others say how.
fn data<'i, 'f>(rule: Rule, inputs: &[Option<&'i Fact<'f>>]) -> Vec<&'i Fact<'f>> {
    let count = match rule {
        Rule::Elements | Rule::Concatenation | Rule::Convolution | Rule::Depthwise | Rule::Connected => inputs.len(),
        _ => 1,
    };
    inputs.iter().take(count).flatten().copied().collect()
}

fn options(operator: &Operator, kind: &Kind) -> Result<(), TfLiteFault> {
    let got = (operator.options_kind, operator.options.is_some());
    let fits = match (kind.options, got) {
        (Options::Needed(wanted), (got, true)) => got == wanted,
        (Options::Free(wanted), (got, _)) => got == 0 || got == wanted,
        (Options::None, (got, _)) => got == 0,
        (Options::Needed(_), (_, false)) => false,
    };
    if !fits {
        return wrong(format!("has options of kind {}", got.0));
    }
    let activation = match kind.name {
        "ADD" | "SUB" | "MUL" | "DIV" | "FULLY_CONNECTED" => 0,
        "CONCATENATION" => 1,
        "CONV_2D" => 3,
        "DEPTHWISE_CONV_2D" => 4,
        "AVERAGE_POOL_2D" | "MAX_POOL_2D" => 5,
        _ => return Ok(()),
    };
    match operator.options.map(|options| options.i8(activation)).transpose()? {
        Some(activation) if !ACTIVATIONS.contains(&activation) => wrong(format!("has activation {activation}")),
        _ => Ok(()),
    }
}

/// Whether types are those that a kernel is there for.
fn types(
    number: i32,
    rule: Rule,
    data: &[&Fact],
    inputs: &[Option<&Fact>],
    outputs: &[&Fact],
) -> Result<(), TfLiteFault> {
    let (from, to) = (data[0].dtype, outputs[0].dtype);
    let fits = match (rule, number) {
        (Rule::Any, _) => true,
        (Rule::Conversion, DEQUANTIZE) => (data[0].is_quantised() || from == FLOAT16) && to == FLOAT32,
        (Rule::Conversion, QUANTIZE) => {
            (data[0].is_quantised() || matches!(from, FLOAT32 | INT32)) && outputs[0].is_quantised()
        }
        (Rule::Conversion, _) => true,
        (Rule::Convolution | Rule::Depthwise | Rule::Connected, _) => {
            let filter = data[1];
            let filter_fits = match from {
                FLOAT32 => filter.dtype == FLOAT32 || filter.is_quantised(),
                INT8 | UINT8 | INT16 => filter.is_quantised() && filter.dtype != INT16,
                _ => false,
            };
            let bias_fits = data.get(2).is_none_or(|bias| match from {
                FLOAT32 => bias.dtype == FLOAT32,
                INT16 => matches!(bias.dtype, INT32 | INT64),
                _ => bias.dtype == INT32,
            });
            from == to && filter_fits && bias_fits
        }
        _ => to == from && data.iter().all(|operand| operand.dtype == from),
    };
    let parameters = &inputs[data.len().min(inputs.len())..];
    let says = |parameter: &&Fact| matches!(parameter.dtype, INT32 | INT64);
    // The last input of PADV2 is a value.
    let many = matches!(rule, Rule::Any | Rule::Pad);
    if !fits || (!many && !parameters.iter().flatten().all(says)) {
        let numbers: Vec<_> = inputs.iter().flatten().map(|input| input.dtype).collect();
        return wrong(format!("takes tensors of types {numbers:?} and makes one of type {to}"));
    }
    Ok(())
}

/// Whether integers that are computed with stand for numbers.
fn quantisation(number: i32, rule: Rule, data: &[&Fact], output: &Fact) -> Result<(), TfLiteFault> {
    let computes = match rule {
        Rule::Elements | Rule::Convolution | Rule::Depthwise | Rule::Pool => true,
        Rule::Connected | Rule::Reduction | Rule::Concatenation => true,
        Rule::Conversion => matches!(number, DEQUANTIZE | QUANTIZE),
        _ => false,
    };
    let filter = |at: usize| at == 1 && matches!(rule, Rule::Convolution | Rule::Depthwise | Rule::Connected);
    if !computes {
        return Ok(());
    }
    let operands = data.iter().copied().enumerate().chain([(0, output)]);
    for (at, fact) in operands.filter(|(_, fact)| fact.is_quantised()) {
        let single = fact.scales.len() == 1 || (filter(at) && !fact.scales.is_empty()) || number == DEQUANTIZE;
        if !single || fact.scales.is_empty() {
            return wrong(format!("works on integers that have {} scales", fact.scales.len()));
        }
    }
    if output.is_quantised() { rescaled(number, data, output) } else { Ok(()) }
}

/// Whether sums of integers can be brought to the scale of `output`, which kernels take for granted: they end the process
/// where the factor is no fraction.
fn rescaled(number: i32, data: &[&Fact], output: &Fact) -> Result<(), TfLiteFault> {
    const ADD: i32 = 0;
    const SQUARED_DIFFERENCE: i32 = 99;
    let scale = |fact: &Fact| fact.scales.first().copied().map_or(1.0, f64::from);
    let twice = 2.0 * data.iter().map(|fact| scale(fact)).fold(0.0, f64::max);
    // Operands are shifted to the left by so many bits before.
    let factor = match number {
        ADD => twice / f64::from(1 << 20),
        SQUARED_DIFFERENCE => twice * twice / f64::from(1 << 14),
        _ => return Ok(()),
    };
    if factor < scale(output) {
        return Ok(());
    }
    wrong(format!("makes integers of scale {:e} of ones of {:e}", scale(output), twice / 2.0))
}
