//! The tables of a model: tensors, operators, signatures.
//!
//! Source: `tensorflow/compiler/mlir/lite/schema/schema.fbs`; a field's number is its place there.

use super::flatbuffer::{Damaged, Table, Vector};
use crate::movinet::{DType, Quantisation};

/// The tables of a file that are looked at.
#[derive(Clone, Copy)]
pub struct Model<'f>(Table<'f>);

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

/// The operators that make numbers of quantised ones, and quantised ones of numbers.
const DEQUANTIZE: i32 = 6;
const QUANTIZE: i32 = 114;

impl<'f> Model<'f> {
    pub fn root(file: &'f [u8]) -> Result<Self, Damaged> {
        Table::root(file).map(Self)
    }

    pub fn signatures(self) -> Result<Vec<Signature<'f>>, Damaged> {
        let subgraphs = self.0.vector(2)?;
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
        self.0.vector(7)?.tables().map(signature).collect()
    }

    pub fn subgraphs(self) -> Result<Vec<Subgraph<'f>>, Damaged> {
        self.0.vector(2)?.tables().map(|table| Subgraph::new(table?)).collect()
    }

    /// Bytes of the values of buffer `index`, in the file.
    pub fn bytes_of_buffer(self, index: usize) -> Result<usize, Damaged> {
        Ok(self.0.vector(4)?.table(index)?.vector(0)?.len())
    }

    /// Which operator has the code `index`.
    fn operator(self, index: usize) -> Result<i32, Damaged> {
        let code = self.0.vector(1)?.table(index)?;
        // Files of before 127 operators have the byte alone, later ones the number.
        Ok(code.i32(3)?.max(i32::from(code.i8(0)?)))
    }
}

impl<'f> Subgraph<'f> {
    fn new(table: Table<'f>) -> Result<Self, Damaged> {
        Ok(Self { table, tensors: table.vector(0)? })
    }

    pub fn tensors(self) -> impl Iterator<Item = Result<Tensor, Damaged>> {
        (0..self.tensors.len()).map(move |index| self.tensor(index))
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

    /// The quantised tensors that numbers are made of or into, by the tensor of the numbers.
    pub fn quantised(self, model: Model<'f>) -> Result<Vec<(usize, Tensor)>, Damaged> {
        let mut found = Vec::new();
        for operator in self.table.vector(3)?.tables() {
            let operator = operator?;
            let kind = model.operator(operator.u32(0)? as usize)?;
            if !matches!(kind, DEQUANTIZE | QUANTIZE) {
                continue;
            }
            if let ([from], [to]) = (&operator.vector(1)?.numbers()?[..], &operator.vector(2)?.numbers()?[..]) {
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
