//! MoViNet video action recognition from TensorFlow's official SavedModels: the base network on a whole clip, the
//! stream network frame by frame, and how far the two agree, with the numbers of Python TensorFlow.
//!
//! `source -> frames -> engine -> logits -> probabilities -> comparison -> report`
//!
//! ```
//! use movinet_tf::engine::{Engine, fake};
//! use movinet_tf::{FrameSource, MadeSource, Session};
//! use std::sync::Arc;
//!
//! // Two networks that know colours stand for models here: see below.
//! let (base, stream) = (Arc::new(fake::FakeBase), Arc::new(fake::FakeStream::default()));
//! let session = Session::builder().networks(Engine::Fake, Some(base), Some(stream)).build()?;
//!
//! let red_then_blue = || MadeSource::new(12, 90, 160, 10.0).with_colors([[[255, 0, 0]; 9], [[0, 0, 255]; 9]].concat());
//! let comparison = session.compare(red_then_blue())?;
//! assert_eq!(comparison.base.top[0].label, "red");
//! assert_eq!(comparison.stream.last.top[0].label, "blue");
//!
//! for step in session.stream(red_then_blue())? {
//!     let step = step?;
//!     println!("{:?}: {}", step.time, session.top(step.logits.view())?[0].label);
//! }
//! # Ok::<(), movinet_tf::SessionError>(())
//! ```
//!
//! With models and a clip:
//!
//! ```no_run
//! use movinet_tf::{GifSource, Loader, LogLines, Session, Truncated};
//!
//! // SAFETY: first thing in main, no other thread runs yet.
//! let loader = unsafe { Loader::new(LogLines::Hidden) };
//! let session = Session::builder().tensorflow(&loader).base("a0/base").stream("a0/stream").build()?;
//! let comparison = session.compare(GifSource::open("clip.gif", Truncated::Refuse)?)?;
//! println!("{}", comparison.base.top[0].label);
//! # Ok::<(), movinet_tf::SessionError>(())
//! ```
//!
//! The library reads no setting from the environment, prints nothing and never ends the process; the program does. What
//! changes the process beyond its own memory says so: [`Loader::new`] and [`runtime::filter_log_lines`].
//!
//! | feature | adds |
//! |-|-|
//! | `demo` | the bundled pair of models and clip |
//! | `fetch` | downloads of models, labels and TensorFlow |
//! | `verify` | references as NPZ files |
//! | `report` | text, JSON, NPZ, plots, animations, pages; with `verify` |
//! | `batch` | many clips: lists of them, and rows of what they are |
//! | `parquet` | both as Parquet files; with `batch` |
//! | `cli` (default) | all of them, and the program |

pub mod answer;
#[cfg(feature = "batch")]
pub mod batch;
pub mod bench;
pub mod cache;
pub mod catalog;
mod causes;
pub mod compare;
pub mod engine;
#[cfg(feature = "export")]
pub mod export;
#[cfg(any(feature = "demo", feature = "fetch"))]
pub mod fetch;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod hash;
mod labels;
pub mod media;
mod memory;
pub mod models;
pub mod movinet;
#[cfg(any(feature = "arrays", feature = "verify"))]
mod npy_header;
#[cfg(feature = "pictures")]
mod numbered;
pub mod paths;
pub mod predict;
pub mod prepare;
mod process;
pub mod progress;
#[cfg(feature = "report")]
pub mod report;
pub mod runtime;
pub mod saved_model;
pub mod session;
pub mod shown;
mod tflite;
pub mod timeline;
#[cfg(feature = "verify")]
pub mod verify;

pub use compare::Comparison;
pub use media::{ArraySource, AtRate, Frame, FrameRate, FrameSource, GifSource, MadeSource, MediaError, Truncated};
pub use models::PairName;
pub use ndarray;
pub use predict::{Guess, Labels};
pub use runtime::{Loader, LogLines};
pub use session::{EngineChoice, Session, SessionBuilder, SessionError};

/// Compiles the program in the documentation of the library.
#[cfg(doctest)]
#[doc = include_str!("../docs/library.md")]
struct LibraryDocument;
