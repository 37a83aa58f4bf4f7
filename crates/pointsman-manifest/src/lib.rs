//! Kubernetes manifests as lossless document trees.
//!
//! A [`Value`] is what a manifest says, with the order of its fields and with fields nobody knows. It is read from YAML as
//! Kubernetes reads it, or from JSON. This crate knows no kind of object: that is `pointsman-api`. It opens no files.

#![forbid(unsafe_code)]

mod diff;
mod document;
mod edit;
mod json_patch;
mod manifest;
mod map;
mod merge_patch;
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

pub use diff::{Change, diff};
pub use document::Document;
pub use edit::{EditError, Editor};
pub use json_patch::{JsonPatch, Operation, PatchError};
pub use manifest::Manifest;
pub use map::{IntoIter, Map};
pub use merge_patch::MergePatch;
pub use number::Number;
pub use object::Object;
pub use parse_error::ParseError;
pub use value::Value;
pub use write::to_yaml_documents;
