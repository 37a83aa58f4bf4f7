//! Kubernetes manifests as lossless document trees.
//!
//! A [`Value`] is what a manifest says, with the order of its fields and with fields nobody knows. It is read from YAML as
//! Kubernetes reads it, or from JSON. This crate knows no kind of object: that is `pointsman-api`. It opens no files.

#![forbid(unsafe_code)]

mod number;
mod serde_value;
mod value;

pub use number::Number;
pub use value::{Map, Value};
