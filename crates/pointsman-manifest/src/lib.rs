//! Kubernetes manifests as lossless document trees.
//!
//! A [`Value`] is what a manifest says, with the order of its fields and with fields nobody knows. It is read from YAML as
//! Kubernetes reads it, or from JSON. This crate knows no kind of object: that is `pointsman-api`. It opens no files.

#![forbid(unsafe_code)]

mod document;
mod edit;
mod manifest;
mod number;
mod object;
mod parse_error;
mod read;
mod serde_value;
#[cfg(any(test, feature = "proptest"))]
pub mod strategies;
mod syntax;
mod value;
mod write;

pub use document::Document;
pub use edit::{EditError, Editor};
pub use manifest::Manifest;
pub use number::Number;
pub use object::Object;
pub use parse_error::ParseError;
pub use value::{Map, Value};
pub use write::to_yaml_documents;
