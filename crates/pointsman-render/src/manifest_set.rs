//! A set of manifest files.

use std::collections::BTreeMap;

use pointsman_manifest::{Manifest, ParseError, Value};
use pointsman_types::{FieldPath, ObjectRef};

/// Manifest files: text by path.
///
/// Shape: paths are relative, with `/` between folders; files come in the order of their paths. Nothing is read from or written to a
/// disk: that is the caller's.
///
/// ```
/// use pointsman_render::ManifestSet;
/// let mut set = ManifestSet::new();
/// set.insert("service.yaml", "kind: Service\napiVersion: v1\nmetadata: {name: reviews}\n");
/// assert_eq!(set.objects()?[0].object_ref.name, "reviews");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ManifestSet {
    files: BTreeMap<String, String>,
}

/// An object and where it stands in a [`ManifestSet`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Located {
    /// The file.
    pub file: String,
    /// Which document of the file, from 0.
    pub document: usize,
    /// Where in the document: the root, or an item of a `List`.
    pub prefix: FieldPath,
    /// Which object.
    pub object_ref: ObjectRef,
    /// What it says.
    pub value: Value,
}

impl ManifestSet {
    /// No files.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file, or replaces the one of that path.
    pub fn insert(&mut self, path: impl Into<String>, text: impl Into<String>) {
        self.files.insert(path.into(), text.into());
    }

    /// Adds a file with one object.
    pub(crate) fn insert_object(&mut self, path: String, object: &Value) {
        self.files.insert(path, object.to_yaml());
    }

    /// Takes a file away.
    pub fn remove(&mut self, path: &str) -> Option<String> {
        self.files.remove(path)
    }

    /// The text of a file.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// Paths and texts in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// How many files.
    #[must_use]
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// All objects of all files, those of a `List` one by one.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, with line and column.
    pub fn objects(&self) -> Result<Vec<Located>, ParseError> {
        let mut objects = Vec::new();
        for (file, text) in &self.files {
            let manifest = Manifest::parse_named(file, text)?;
            for (document, read) in manifest.documents().iter().enumerate() {
                for object in read.objects() {
                    objects.push(Located {
                        file: file.clone(),
                        document,
                        prefix: object.path().clone(),
                        object_ref: object.object_ref(),
                        value: object.value().clone(),
                    });
                }
            }
        }
        Ok(objects)
    }
}

impl Located {
    /// The kind, where the group is the one given.
    pub(crate) fn is_kind(&self, group: &str, kind: &str) -> bool {
        self.object_ref.kind == kind && self.object_ref.group() == group
    }

    /// A path of the object as a path of its document.
    pub(crate) fn path(&self, inside: &FieldPath) -> FieldPath {
        self.prefix.clone().join(inside)
    }

    /// The text at a path; empty where there is none.
    pub(crate) fn text(&self, path: &str) -> &str {
        let path: FieldPath = path.parse().unwrap_or_default();
        self.value.at(&path).and_then(Value::as_str).unwrap_or_default()
    }
}
