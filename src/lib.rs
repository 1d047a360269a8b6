//! MoViNet video action recognition from TensorFlow's official SavedModels: the base network on a whole clip, the
//! stream network frame by frame, and how far the two agree, with the numbers of Python TensorFlow.
//!
//! `clip file -> frames -> model -> logits -> probabilities -> comparison -> report`
//!
//! ```no_run
//! use movinet_tf::clip::{Clip, Truncated};
//! use movinet_tf::fetch::Cache;
//! use movinet_tf::movinet::StreamModel;
//! use movinet_tf::runtime::{self, Places};
//! use movinet_tf::saved_model::SessionConfig;
//!
//! let places = Places { named: None, library_path: vec![], cache: Cache::new("cache") };
//! let located = runtime::find(&places)?.ok_or("no TensorFlow here")?;
//! let tensorflow = runtime::load(&located, false)?;
//! let model = StreamModel::load(&tensorflow, "a0-stream".as_ref(), SessionConfig::default())?;
//! let video = Clip::read("clip.gif".as_ref(), Truncated::Refuse)?.video(172);
//! for step in model.stream(video.view())? {
//!     println!("{:?}", step?.logits);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The library reads no setting from the environment, prints nothing and never ends the process; the program does.

pub mod catalog;
pub mod clip;
pub mod compare;
pub mod demo;
pub mod fetch;
pub mod media;
pub mod movinet;
pub mod predict;
pub mod prepare;
pub mod progress;
pub mod report;
pub mod runtime;
pub mod saved_model;
pub mod timeline;
pub mod verify;
