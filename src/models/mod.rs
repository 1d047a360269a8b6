//! Models by name or folder: finding them, or fetching them; the names of their classes; what they are.

mod card;
mod content;
#[cfg(feature = "demo")]
pub mod demo;
mod describe;
mod describe_tflite;
mod error;
mod finder;
mod health;
mod labels;
mod name;

pub use card::{CARD, Card, CardError, CardLabels};
pub use content::is_tflite;
pub(crate) use content::{fingerprint, signatures};
pub use describe::{
    FormDescription, ModelDescription, ModelKind, PreparedDescription, SCHEMA, SignatureDescription, StateDescription,
    StatesDescription, TensorDescription, WeightsDescription, describe,
};
pub use describe_tflite::describe_tflite;
pub use error::ModelError;
pub use finder::{LocatedModel, ModelFinder};
pub use health::damage;
pub use labels::LabelSource;
pub use name::{PairName, pair_names};
