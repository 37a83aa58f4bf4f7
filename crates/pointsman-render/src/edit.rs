//! Edits of the files of a set.

use pointsman_manifest::{Document, Manifest, Value};
use pointsman_types::FieldPath;

use crate::{Located, ManifestSet, RenderError};

/// One change inside an object; paths begin at the object.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Edit {
    /// The field has this value; it is added where it is missing.
    Set(FieldPath, Value),
    /// The list has one more item, at that position.
    Insert(FieldPath, usize, Value),
    /// The field or item is gone.
    Remove(FieldPath),
}

/// Carries out the edits of one object in its file's text, in order.
pub(crate) fn carry_out(set: &mut ManifestSet, object: &Located, edits: &[Edit]) -> Result<(), RenderError> {
    let file = &object.file;
    let text = set.get(file).unwrap_or_default();
    let fail =
        |error: &dyn std::fmt::Display| RenderError::Edit { file: file.clone(), message: error.to_string() };
    let manifest = Manifest::parse_named(file, text)?;
    let mut editor = manifest.edit();
    for edit in edits {
        let done = match edit {
            Edit::Set(path, value) => editor.set(object.document, &object.path(path), value.clone()),
            Edit::Insert(list, position, value) => {
                editor.insert(object.document, &object.path(list), *position, value.clone())
            }
            Edit::Remove(path) => editor.remove(object.document, &object.path(path)),
        };
        done.map_err(|error| fail(&error))?;
    }
    set.insert(file.clone(), editor.text());
    Ok(())
}

/// Takes an object out of its file; a file without objects goes.
pub(crate) fn remove_object(set: &mut ManifestSet, object: &Located) -> Result<(), RenderError> {
    let file = &object.file;
    let text = set.get(file).unwrap_or_default();
    let manifest = Manifest::parse_named(file, text)?;
    if manifest.objects().count() <= 1 {
        set.remove(file);
        return Ok(());
    }
    if object.prefix.is_root() {
        let text = without_document(&manifest, object.document);
        set.insert(file.clone(), text);
        return Ok(());
    }
    let mut editor = manifest.edit();
    let removed = editor.remove(object.document, &object.prefix);
    removed.map_err(|error| RenderError::Edit { file: file.clone(), message: error.to_string() })?;
    set.insert(file.clone(), editor.text());
    Ok(())
}

/// The text without a document. Comments at the head of the file stay: they speak of all of it.
fn without_document(manifest: &Manifest, document: usize) -> String {
    let text = manifest.text();
    let Some(range) = manifest.documents().get(document).map(Document::byte_range) else {
        return text.to_owned();
    };
    let before = text.get(..range.start).unwrap_or_default();
    let gone = text.get(range.clone()).unwrap_or_default();
    let after = text.get(range.end..).unwrap_or_default();
    let is_head = |line: &&str| line.trim().is_empty() || line.trim_start().starts_with('#');
    let head: String =
        if document == 0 { gone.split_inclusive('\n').take_while(is_head).collect() } else { String::new() };
    format!("{before}{head}{after}")
}
