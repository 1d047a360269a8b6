//! Fetching, against a server on loopback that plays TensorFlow Hub and Kaggle and everything that can go wrong.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test fails by panic and says what it passes over")]

mod archives;
mod caches;
mod processes;
#[path = "../support/mod.rs"]
mod support;
mod tflite;
mod transfers;
mod world;
