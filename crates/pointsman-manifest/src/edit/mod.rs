//! Edits of a text that leave everything around them as it was.

mod block;
mod change;
mod edit_error;
mod flow;
#[cfg(test)]
mod properties;
mod scan;
mod site;
mod splice;

use std::collections::BTreeMap;
use std::sync::Arc;

use pointsman_types::{FieldPath, Segment};

use crate::{Document, Manifest, ParseError, Value, read};
use change::Change;
pub use edit_error::EditError;

/// Changes a text place by place: comments, quotes, indentation and line breaks around each place stay byte by byte.
///
/// Documents are counted as [`Manifest::documents`] counts them. After each edit the text is read again and compared with the
/// same edit of the values; where they differ the edit is refused and nothing has changed. So an edit never does more than
/// it says, such as through an alias. Each costs O(bytes of its document).
///
/// ```
/// use pointsman_manifest::Manifest;
/// let manifest = Manifest::parse("route:\n- {host: a, weight: 90} # most\n- {host: b, weight: 10}\n")?;
/// let mut editor = manifest.edit();
/// editor.set(0, &"route[0].weight".parse()?, 80)?;
/// editor.set(0, &"route[1].weight".parse()?, 20)?;
/// assert_eq!(editor.text(), "route:\n- {host: a, weight: 80} # most\n- {host: b, weight: 20}\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Editor {
    manifest: Manifest,
    /// What was edited, by number: the document with all the text since the one before it.
    edited: BTreeMap<usize, Document>,
}

impl Manifest {
    /// Begins to edit it. The manifest itself stays as it is.
    #[must_use]
    pub fn edit(&self) -> Editor {
        Editor::new(self)
    }
}

impl Editor {
    /// Begins to edit a manifest.
    #[must_use]
    pub fn new(manifest: &Manifest) -> Self {
        Self { manifest: manifest.clone(), edited: BTreeMap::new() }
    }

    /// Replaces the value at a path, or adds the field (with maps on the way to it) where it is not there. An index one past
    /// the end of a list adds an item.
    ///
    /// # Errors
    ///
    /// Where the path leads through something that is no map or list, or through an alias or a merge key, or where the
    /// text cannot be changed without a change elsewhere.
    pub fn set(
        &mut self,
        document: usize,
        path: &FieldPath,
        value: impl Into<Value>,
    ) -> Result<(), EditError> {
        let value = value.into();
        let root = self.document(document)?.value();
        let mut known = FieldPath::root();
        for segment in path.segments() {
            let mut next = known.clone();
            next.push(segment.clone());
            if root.at(&next).is_none() {
                break;
            }
            known = next;
        }
        let rest = path.segments().get(known.segments().len()..).unwrap_or_default();
        let Some((first, deeper)) = rest.split_first() else {
            return self.apply(document, &Change::Replace { path: path.clone(), value });
        };
        let value = wrapped(deeper, value).ok_or_else(|| EditError::missing(path))?;
        match (first, root.at(&known)) {
            (Segment::Field(name), Some(Value::Map(_) | Value::Null)) => {
                self.apply(document, &Change::Add { map: known, name: name.clone(), value })
            }
            (Segment::Index(position), Some(Value::List(items))) if *position == items.len() => {
                self.apply(document, &Change::Insert { list: known, position: *position, value })
            }
            _ => Err(EditError::missing(path)),
        }
    }

    /// Takes out a field or an item. A map or list that loses its last one becomes `{}` or `[]`.
    ///
    /// # Errors
    ///
    /// As [`Editor::set`]; where there is nothing at the path; for a whole document.
    pub fn remove(&mut self, document: usize, path: &FieldPath) -> Result<(), EditError> {
        self.apply(document, &Change::Remove { path: path.clone() })
    }

    /// Puts an item into a list, before the one at `position`.
    ///
    /// # Errors
    ///
    /// As [`Editor::set`]; where there is no list at the path, or it is shorter.
    pub fn insert(
        &mut self,
        document: usize,
        list: &FieldPath,
        position: usize,
        value: impl Into<Value>,
    ) -> Result<(), EditError> {
        self.apply(document, &Change::Insert { list: list.clone(), position, value: value.into() })
    }

    /// Puts an item at the end of a list.
    ///
    /// # Errors
    ///
    /// As [`Editor::insert`].
    pub fn push(
        &mut self,
        document: usize,
        list: &FieldPath,
        value: impl Into<Value>,
    ) -> Result<(), EditError> {
        let items = self.document(document)?.value().at(list).ok_or_else(|| EditError::missing(list))?;
        let position = match items {
            Value::List(items) => items.len(),
            Value::Null => 0,
            _ => return Err(EditError::NoList { path: list.clone() }),
        };
        self.insert(document, list, position, value)
    }

    /// Makes a document say this, place by place: what stays equal keeps its text.
    ///
    /// # Errors
    ///
    /// As [`Editor::set`]; then nothing has changed.
    pub fn update(&mut self, document: usize, value: &Value) -> Result<(), EditError> {
        let before = self.edited.get(&document).cloned();
        let result = self.make(document, value);
        if result.is_err() {
            match before {
                Some(before) => self.edited.insert(document, before),
                None => self.edited.remove(&document),
            };
        }
        result
    }

    fn make(&mut self, document: usize, value: &Value) -> Result<(), EditError> {
        for change in crate::diff(self.document(document)?.value(), value) {
            match change {
                crate::Change::Removed { path, .. } => self.remove(document, &path)?,
                crate::Change::Replaced { path, after, .. } => self.set(document, &path, after)?,
                crate::Change::Added { path, value } => match (path.parent(), path.segments().last()) {
                    (Some(list), Some(Segment::Index(position))) => {
                        self.insert(document, &list, *position, value)?;
                    }
                    _ => self.set(document, &path, value)?,
                },
            }
        }
        Ok(())
    }

    /// What a document says with the edits so far.
    #[must_use]
    pub fn value(&self, document: usize) -> Option<&Value> {
        self.document(document).ok().map(Document::value)
    }

    /// The whole text with the edits so far. O(bytes).
    #[must_use]
    pub fn text(&self) -> String {
        let text = self.manifest.text();
        let mut out = String::with_capacity(text.len());
        let mut from = 0;
        for (number, document) in self.manifest.documents().iter().enumerate() {
            let end = document.byte_range().end;
            match self.edited.get(&number) {
                Some(edited) => out.push_str(edited.text()),
                None => out.push_str(text.get(from..end).unwrap_or_default()),
            }
            from = end;
        }
        out.push_str(text.get(from..).unwrap_or_default());
        out
    }

    /// The manifest with the edits. O(bytes).
    ///
    /// # Errors
    ///
    /// None is known: each document was read again after each edit.
    pub fn finish(&self) -> Result<Manifest, ParseError> {
        match self.manifest.name() {
            Some(name) => Manifest::parse_named(name, &self.text()),
            None => Manifest::parse(&self.text()),
        }
    }

    fn document(&self, number: usize) -> Result<&Document, EditError> {
        let document = self.edited.get(&number).or_else(|| self.manifest.documents().get(number));
        document.ok_or(EditError::NoDocument { number })
    }

    /// The text from the end of the document before to the end of this one.
    fn piece(&self, number: usize) -> &str {
        let documents = self.manifest.documents();
        let end = |number: usize| documents.get(number).map_or(0, |document| document.byte_range().end);
        let start = number.checked_sub(1).map_or(0, end);
        self.manifest.text().get(start..end(number)).unwrap_or_default()
    }

    fn apply(&mut self, number: usize, change: &Change) -> Result<(), EditError> {
        let mut wanted = self.document(number)?.value().clone();
        change.apply(&mut wanted)?;
        if let Some(document) = self.edited.get(&number) {
            let edited = edited(document, change, &wanted)?;
            self.edited.insert(number, edited);
            return Ok(());
        }
        let document = read_piece(self.piece(number)).ok_or_else(|| EditError::unsafe_at(change.path()))?;
        let edited = edited(&document, change, &wanted)?;
        self.edited.insert(number, edited);
        Ok(())
    }
}

/// The value inside maps of these names; `None` where a list would have to be made.
fn wrapped(segments: &[Segment], value: Value) -> Option<Value> {
    segments.iter().rev().try_fold(value, |inner, segment| match segment {
        Segment::Field(name) => Some(crate::Map::from_iter([(name.clone(), inner)]).into()),
        Segment::Index(_) => None,
    })
}

/// The one document of a text.
fn read_piece(text: &str) -> Option<Document> {
    let mut read = read::read(text).ok()?.into_iter();
    let (only, None) = (read.next()?, read.next()) else { return None };
    Some(Document::new(Arc::from(text), only))
}

/// Whether the whole document is a text, number, flag or null as JSON writes it; alone, it is read as YAML.
fn is_json_scalar(document: &Document) -> bool {
    Value::from_json(document.text()).is_ok_and(|value| value == *document.value())
}

/// The first way to write the change that reads as wanted.
fn edited(document: &Document, change: &Change, wanted: &Value) -> Result<Document, EditError> {
    let text = document.text();
    for splice in splice::ways(document, change)? {
        let Some(text_after) = splice.applied(text) else { continue };
        if text.ends_with('\n') && !text_after.ends_with('\n') {
            continue;
        }
        if let Some(after) = read_piece(&text_after)
            && after.value() == wanted
            && (!document.is_json() || after.is_json() || is_json_scalar(&after))
        {
            return Ok(after);
        }
    }
    Err(EditError::unsafe_at(change.path()))
}
