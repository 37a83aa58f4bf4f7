//! Kubernetes manifests as lossless document trees: text to values and back, and edits of the text in place.
//!
//! A [`Value`] is what a manifest says, with the order of its fields and with fields nobody knows. A [`Manifest`] is a text with
//! the [`Document`]s it holds, read as Kubernetes reads them, each with the places of its fields. An [`Editor`] changes single
//! places of the text and leaves comments, quotes, indentation and line breaks around them as they are.
//!
//! ```text
//! text ──► Manifest ──► Document ──► Value ──► to_yaml, to_json
//!             │            │           │
//!             │          span          └──► diff ──► JsonPatch, MergePatch
//!             └──► Editor ──► text
//! ```
//!
//! This crate knows no kind of object: typed views are `pointsman-api`, judgements `pointsman-validate`. It opens no files.
//!
//! ```
//! use pointsman_manifest::Manifest;
//! let text = "spec:\n  weight: 90   # most of it\n  mode: on\n";
//! let manifest = Manifest::parse_named("a.yaml", text)?;
//! let document = &manifest.documents()[0];
//! assert_eq!(document.value().to_json(), r#"{"spec":{"weight":90,"mode":true}}"#);
//! assert_eq!(document.span(&"spec.mode".parse()?).map(|span| (span.line, span.column)), Some((3, 9)));
//!
//! let mut editor = manifest.edit();
//! editor.set(0, &"spec.weight".parse()?, 80)?;
//! editor.set(0, &"spec.subset".parse()?, "v2")?;
//! assert_eq!(editor.text(), "spec:\n  weight: 80   # most of it\n  mode: on\n  subset: v2\n");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

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
