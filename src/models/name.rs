//! Names of pairs of models.

use std::str::FromStr;

use crate::catalog::{self, Family, UnknownModel};

/// A pair of models, base and stream, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PairName {
    /// A member of the official family: `a0` to `a5`.
    Family(&'static Family),
    /// The bundled demo: `demo`.
    #[cfg(feature = "demo")]
    Demo,
    /// The engine without a model: `fake`.
    Fake,
}

/// Names by which pairs are known, but for the fake one, which is for tests.
pub fn pair_names() -> impl Iterator<Item = &'static str> {
    catalog::FAMILY.iter().map(|family| family.name).chain(cfg!(feature = "demo").then_some("demo"))
}

impl FromStr for PairName {
    type Err = UnknownModel;

    fn from_str(name: &str) -> Result<Self, UnknownModel> {
        match name.to_ascii_lowercase().as_str() {
            #[cfg(feature = "demo")]
            "demo" => Ok(Self::Demo),
            "fake" => Ok(Self::Fake),
            other => catalog::family(other).map(Self::Family),
        }
    }
}
