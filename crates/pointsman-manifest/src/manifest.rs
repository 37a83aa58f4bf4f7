//! A text of documents.

use std::sync::Arc;

use crate::{Document, Object, ParseError, read};

/// A text and the documents it holds.
///
/// Shape: documents that say nothing (empty, comments only, `null`) are left out. A text that begins with `{` or `[` is read as
/// JSON where it is JSON: one document or several, one after another or between `---`. Everything else is YAML as Kubernetes
/// reads it: `on`, `yes` and `y` are booleans, `0644` is 420, dates stay texts, names of fields become texts, `<<` sets the
/// fields of other maps where it stands. Cheap to clone.
///
/// ```
/// use pointsman_manifest::Manifest;
/// let manifest = Manifest::parse("kind: Service\nmetadata: {name: reviews}\n---\n# nothing\n---\nmode: 0644\n")?;
/// let [service, other] = manifest.documents() else { panic!() };
/// assert_eq!(service.object_ref().to_string(), "Service reviews");
/// assert_eq!(other.value().get("mode").and_then(|mode| mode.as_i64()), Some(420));
/// # Ok::<(), pointsman_manifest::ParseError>(())
/// ```
///
/// *Source:* `sigs.k8s.io/yaml` at 742f5e6. Stricter where it hides mistakes: a field twice in one map and a number without JSON
/// form are errors.
#[derive(Debug, Clone)]
pub struct Manifest {
    name: Option<Arc<str>>,
    text: Arc<str>,
    documents: Arc<Vec<Document>>,
}

impl Manifest {
    /// Reads a text. O(bytes); what aliases repeat is limited to a few times the text.
    ///
    /// # Errors
    ///
    /// Where it is neither YAML nor JSON, has a field twice, nests deeper than 256, or repeats itself by aliases without
    /// end.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        Self::read(None, text)
    }

    /// Reads a text; errors tell the name of its file.
    ///
    /// # Errors
    ///
    /// As [`Manifest::parse`].
    pub fn parse_named(name: &str, text: &str) -> Result<Self, ParseError> {
        Self::read(Some(name), text)
    }

    fn read(name: Option<&str>, text: &str) -> Result<Self, ParseError> {
        let read = read::read(text)
            .map_err(|failure| ParseError::new(name, text, failure.place, failure.message))?;
        let text: Arc<str> = text.into();
        let documents =
            read.into_iter().map(|read| Document::new(Arc::clone(&text), read)).collect::<Vec<_>>().into();
        Ok(Self { name: name.map(Into::into), text, documents })
    }

    /// The name of its file, where one was given.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The whole text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The documents in order.
    #[must_use]
    pub fn documents(&self) -> &[Document] {
        &self.documents
    }

    /// The documents, without the text.
    #[must_use]
    pub fn into_documents(self) -> Vec<Document> {
        Arc::unwrap_or_clone(self.documents)
    }

    /// The objects in order: each document, or the items of a document that is a list of objects (`List`, `ServiceList`).
    pub fn objects(&self) -> impl Iterator<Item = Object<'_>> {
        self.documents.iter().flat_map(Document::objects)
    }
}
