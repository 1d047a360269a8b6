//! The name of a sampling rule as an array of NumPy's: fixed-length bytes, which Python gives as such.

use std::io::{Read, Write};

use ndarray_npy::{ReadDataError, ReadableElement, WritableElement, WriteDataError};
use py_literal::Value;

#[cfg(feature = "report")]
use crate::media::Sampling;

/// The longest name has so many letters.
const LONGEST: usize = 9;

/// A name, filled up with zeros.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Name(Vec<u8>);

impl Name {
    /// Of a rule.
    #[cfg(feature = "report")]
    pub fn of(sampling: Sampling) -> Self {
        let mut name = sampling.to_string().into_bytes();
        name.resize(LONGEST, 0);
        Self(name)
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(String::from_utf8_lossy(&self.0).trim_end_matches('\0'))
    }
}

impl WritableElement for Name {
    fn type_descriptor() -> Value {
        Value::String(format!("|S{LONGEST}"))
    }

    fn write<W: Write>(&self, mut writer: W) -> Result<(), WriteDataError> {
        Ok(writer.write_all(&self.0)?)
    }

    fn write_slice<W: Write>(slice: &[Self], mut writer: W) -> Result<(), WriteDataError> {
        slice.iter().try_for_each(|name| name.write(&mut writer))
    }
}

impl ReadableElement for Name {
    /// Reads one name of any length; as many as a clip has.
    fn read_to_end_exact_vec<R: Read>(
        mut reader: R,
        descriptor: &Value,
        count: usize,
    ) -> Result<Vec<Self>, ReadDataError> {
        let is_bytes = matches!(descriptor, Value::String(kind) if kind.trim_start_matches('|').starts_with('S'));
        if !is_bytes || count != 1 {
            return Err(ReadDataError::WrongDescriptor(descriptor.clone()));
        }
        let mut name = Vec::new();
        reader.read_to_end(&mut name)?;
        Ok(vec![Self(name)])
    }
}
