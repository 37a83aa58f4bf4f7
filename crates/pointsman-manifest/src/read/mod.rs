//! From text to documents.

mod base64;
mod build;
mod events;
mod json;
mod json_syntax;
#[cfg(test)]
mod properties;
mod scalar;

use std::ops::Range;

use pointsman_types::Span;

use crate::Value;
use crate::syntax::Syntax;

pub(crate) use json::read_json;
pub(crate) use json_syntax::json_syntax;
pub(crate) use scalar::resolve_plain;

/// How deep lists and maps may nest.
///
/// Kubernetes objects stay far below; it bounds the stack that walks over values need.
pub(crate) const MAX_DEPTH: usize = 256;

/// One document as it was read.
pub(crate) struct Read {
    pub(crate) value: Value,
    /// `None` for JSON, which is looked at again when someone asks for a place.
    pub(crate) syntax: Option<Syntax>,
    pub(crate) bytes: Range<usize>,
}

/// What is wrong and where.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) message: String,
    pub(crate) place: Span,
}

/// All documents of a text that say something.
pub(crate) fn read(text: &str) -> Result<Vec<Read>, Failure> {
    match read_json(text) {
        Some(Ok(documents)) => Ok(documents),
        Some(Err(of_json)) => read_yaml(text).map_err(|of_yaml| {
            if looks_like_json(text) && of_json.place.start > of_yaml.place.start { of_json } else { of_yaml }
        }),
        None => read_yaml(text),
    }
}

/// Whether what follows the first bracket could be JSON.
fn looks_like_json(text: &str) -> bool {
    let inner = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']).get(1..).unwrap_or_default();
    inner.trim_start().starts_with(['"', '{', '[', '}', ']'])
}

fn read_yaml(text: &str) -> Result<Vec<Read>, Failure> {
    let mut documents = Vec::new();
    let mut events = events::Documents::new(text);
    while let Some(document) = events.next_document()? {
        let bytes = document.bytes.clone();
        let (value, syntax) = build::build(document, text)?;
        if !value.is_null() {
            documents.push(Read { value, syntax: Some(syntax), bytes });
        }
    }
    Ok(documents)
}
