//! The tables of a model: tensors, operators, signatures.
//!
//! Source: `tensorflow/compiler/mlir/lite/schema/schema.fbs`; a field's number is its place there.

use super::flatbuffer::{Damaged, Table, Vector};
use crate::movinet::{DType, Quantisation};

/// The tables of a file that are looked at.
#[derive(Clone, Copy)]
pub struct Model<'f> {
    table: Table<'f>,
    file: &'f [u8],
}

/// One graph of a model.
#[derive(Clone, Copy)]
pub struct Subgraph<'f> {
    table: Table<'f>,
    tensors: Vector<'f>,
}

/// What is known of a tensor.
#[derive(Debug, Clone)]
pub struct Tensor {
    pub dtype: DType,
    /// Dimensions, `None` for those that vary.
    pub shape: Vec<Option<u64>>,
    pub quantisation: Option<Quantisation>,
    /// Which of the model's buffers has its values; an empty one where they are computed.
    pub buffer: usize,
}

/// What a signature calls a tensor, and which one that is.
pub type Named = (String, usize);

/// A signature: its name, what it takes, what it gives, and the graph behind it.
pub struct Signature<'f> {
    pub name: String,
    pub inputs: Vec<Named>,
    pub outputs: Vec<Named>,
    pub subgraph: Subgraph<'f>,
}

/// An operator of a graph.
pub struct Operator<'f> {
    /// `BuiltinOperator`.
    pub kind: i32,
    /// Which tensors it takes, -1 for one that is left out.
    pub inputs: Vec<i32>,
    /// Which tensors it makes.
    pub outputs: Vec<i32>,
    /// `BuiltinOptions`, 0 where it has none.
    pub options_kind: i8,
    pub options: Option<Table<'f>>,
}

/// The operators that make numbers of quantised ones, and quantised ones of numbers.
pub const DEQUANTIZE: i32 = 6;
pub const QUANTIZE: i32 = 114;

impl<'f> Model<'f> {
    pub fn root(file: &'f [u8]) -> Result<Self, Damaged> {
        Ok(Self { table: Table::root(file)?, file })
    }

    pub fn signatures(self) -> Result<Vec<Signature<'f>>, Damaged> {
        let subgraphs = self.table.vector(2)?;
        let signature = |table: Result<Table<'f>, Damaged>| {
            let table = table?;
            let named = |table: Result<Table<'f>, Damaged>| {
                let table = table?;
                Ok((table.text(0)?.to_owned(), table.u32(1)? as usize))
            };
            Ok(Signature {
                name: table.text(2)?.to_owned(),
                inputs: table.vector(0)?.tables().map(named).collect::<Result<_, _>>()?,
                outputs: table.vector(1)?.tables().map(named).collect::<Result<_, _>>()?,
                subgraph: Subgraph::new(subgraphs.table(table.u32(4)? as usize)?)?,
            })
        };
        self.table.vector(7)?.tables().map(signature).collect()
    }

    pub fn subgraphs(self) -> Result<Vec<Subgraph<'f>>, Damaged> {
        self.table.vector(2)?.tables().map(|table| Subgraph::new(table?)).collect()
    }

    /// The values of buffer `index`, as they are in the file; none where they are computed.
    pub fn buffer(self, index: usize) -> Result<&'f [u8], Damaged> {
        let buffer = self.table.vector(4)?.table(index)?;
        // Files of more than 2 GiB have values behind their tables, where these numbers say.
        let [from, length] =
            [buffer.u64(1)?, buffer.u64(2)?].map(|number| usize::try_from(number).map_err(|_| Damaged));
        match (from?, length?) {
            (0 | 1, _) => buffer.vector(0)?.bytes(),
            (from, length) => self.file.get(from..from.checked_add(length).ok_or(Damaged)?).ok_or(Damaged),
        }
    }

    /// Which operator has the code `index`.
    fn kind(self, index: usize) -> Result<i32, Damaged> {
        let code = self.table.vector(1)?.table(index)?;
        // Files of before 127 operators have the byte alone, later ones the number.
        Ok(code.i32(3)?.max(i32::from(code.i8(0)?)))
    }
}

impl<'f> Subgraph<'f> {
    fn new(table: Table<'f>) -> Result<Self, Damaged> {
        Ok(Self { table, tensors: table.vector(0)? })
    }

    pub fn tensors(self) -> impl Iterator<Item = Result<Tensor, Damaged>> {
        (0..self.count()).map(move |index| self.tensor(index))
    }

    pub fn tensor(self, index: usize) -> Result<Tensor, Damaged> {
        let table = self.tensors.table(index)?;
        let signature = table.vector(7)?.numbers()?;
        let shape = if signature.is_empty() { table.vector(0)?.numbers()? } else { signature };
        Ok(Tensor {
            dtype: dtype(table.i8(1)?),
            shape: shape.into_iter().map(|dim| u64::try_from(dim).ok()).collect(),
            quantisation: table.table(4)?.map(quantisation).transpose()?.flatten(),
            buffer: table.u32(2)? as usize,
        })
    }

    /// The table of the tensor `index`.
    pub fn stored(self, index: usize) -> Result<Table<'f>, Damaged> {
        self.tensors.table(index)
    }

    /// How many tensors there are.
    pub fn count(self) -> usize {
        self.tensors.len()
    }

    /// The tensors that are given.
    pub fn inputs(self) -> Result<Vec<i32>, Damaged> {
        self.table.vector(1)?.numbers()
    }

    /// The tensors that are asked for.
    pub fn outputs(self) -> Result<Vec<i32>, Damaged> {
        self.table.vector(2)?.numbers()
    }

    /// The operators, in the order in which they run.
    pub fn operators(self, model: Model<'f>) -> Result<impl Iterator<Item = Result<Operator<'f>, Damaged>>, Damaged> {
        Ok(self.table.vector(3)?.tables().map(move |operator| {
            let operator = operator?;
            Ok(Operator {
                kind: model.kind(operator.u32(0)? as usize)?,
                inputs: operator.vector(1)?.numbers()?,
                outputs: operator.vector(2)?.numbers()?,
                options_kind: operator.i8(3)?,
                options: operator.table(4)?,
            })
        }))
    }

    /// The quantised tensors that numbers are made of or into, by the tensor of the numbers.
    pub fn quantised(self, model: Model<'f>) -> Result<Vec<(usize, Tensor)>, Damaged> {
        let mut found = Vec::new();
        for operator in self.operators(model)? {
            let Operator { kind, inputs, outputs, .. } = operator?;
            if let (DEQUANTIZE | QUANTIZE, [from], [to]) = (kind, &inputs[..], &outputs[..]) {
                let index = |number: &i32| usize::try_from(*number).map_err(|_| Damaged);
                let (from, to) = (index(from)?, index(to)?);
                found.push(if kind == DEQUANTIZE { (to, self.tensor(from)?) } else { (from, self.tensor(to)?) });
            }
        }
        Ok(found)
    }
}

/// What a whole tensor's integers stand for; `None` where it has no or several scales.
fn quantisation(table: Table) -> Result<Option<Quantisation>, Damaged> {
    let (scales, zero_points) = (table.vector(2)?, table.vector(3)?);
    if scales.len() != 1 || zero_points.len() > 1 {
        return Ok(None);
    }
    let zero_point = if zero_points.len() == 1 { zero_points.i64(0)? } else { 0 };
    Ok(i32::try_from(zero_point).ok().and_then(|zero_point| Quantisation::new(scales.f32(0).ok()?, zero_point)))
}

fn dtype(number: i8) -> DType {
    match number {
        0 => DType::Float32,
        1 => DType::Other("float16"),
        2 => DType::Int32,
        3 => DType::UInt8,
        4 => DType::Other("int64"),
        5 => DType::Other("string"),
        6 => DType::Other("bool"),
        7 => DType::Other("int16"),
        9 => DType::Int8,
        10 => DType::Other("float64"),
        17 => DType::Other("int4"),
        _ => DType::Other("another type"),
    }
}
