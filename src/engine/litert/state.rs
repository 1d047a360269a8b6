//! A state between two steps: what is swapped, and what is requantised.

use super::buffer::Buffer;
use super::rail::Rail;
use crate::engine::{StateValues, StateView};
use crate::movinet::{DType, Quantisation, StateName, integers};

/// A state and where it goes in and comes out.
#[derive(Debug, Clone)]
pub(super) struct State {
    pub name: StateName,
    pub dims: Vec<u64>,
    pub dtype: DType,
    /// Its places among the inputs and the outputs.
    pub places: (usize, usize),
    /// What its integers stand for where it goes in and where it comes out.
    pub quantisation: Option<(Quantisation, Quantisation)>,
    /// Whether it comes out as it went in, from the same tensor.
    pub passes: bool,
    /// The numbers that it cannot go beyond, where there are any.
    pub rail: Option<Rail>,
}

impl State {
    /// Makes `buffer` what a clip begins with.
    pub fn begin(&self, buffer: &mut Buffer) {
        match (self.dtype, self.quantisation) {
            (DType::Int8, Some((quantisation, _))) => {
                let zero = quantisation.integer(0.0, integers(self.dtype).unwrap_or_default());
                buffer.values_mut::<i8>().fill(zero as i8);
            }
            (DType::UInt8, Some((quantisation, _))) => {
                let zero = quantisation.integer(0.0, integers(self.dtype).unwrap_or_default());
                buffer.values_mut::<u8>().fill(zero as u8);
            }
            _ => buffer.values_mut::<u8>().fill(0),
        }
    }

    /// Makes of what came out, in `buffer`, what goes in next.
    pub fn requantise(&self, buffer: &mut Buffer) {
        let Some((to, from)) = self.quantisation.filter(|(to, from)| to != from) else { return };
        let range = integers(self.dtype).unwrap_or_default();
        match self.dtype {
            DType::Int8 => {
                let table = table(from, to, range);
                buffer.values_mut::<i8>().iter_mut().for_each(|v| *v = table[(i32::from(*v) - range.0) as usize] as i8);
            }
            DType::UInt8 => {
                let table = table(from, to, range);
                buffer.values_mut::<u8>().iter_mut().for_each(|v| *v = table[usize::from(*v)] as u8);
            }
            _ => {}
        }
    }

    /// The state in `buffer`, which goes in next.
    pub fn view<'a>(&'a self, buffer: &'a Buffer) -> Option<StateView<'a>> {
        let values = match (self.dtype, self.quantisation) {
            (DType::Float32, _) => StateValues::Float32(buffer.values()),
            (DType::Int32, _) => StateValues::Int32(buffer.values()),
            (DType::Int8, Some((quantisation, _))) => StateValues::Int8(buffer.values(), quantisation),
            (DType::UInt8, Some((quantisation, _))) => StateValues::UInt8(buffer.values(), quantisation),
            _ => return None,
        };
        Some(StateView { name: self.name.clone(), dims: &self.dims, values })
    }
}

/// What each integer of `range` becomes that stood for a number by `from` and is to stand for it by `to`.
fn table(from: Quantisation, to: Quantisation, range: (i32, i32)) -> [i32; 256] {
    std::array::from_fn(|offset| to.integer(from.number(range.0 + offset as i32), range))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_what_they_are_between_two_scales() {
        let range = integers(DType::Int8).unwrap();
        let (from, to) = (Quantisation::new(0.1, -128).unwrap(), Quantisation::new(0.05, 0).unwrap());
        let table = table(from, to, range);
        let requantised = |integer: i32| table[(integer - range.0) as usize];
        // 0 by the zero points, 1.0, and what the other cannot hold.
        assert_eq!([-128, -118, 127].map(requantised), [0, 20, 127]);
    }
}
