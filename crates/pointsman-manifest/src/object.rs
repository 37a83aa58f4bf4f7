//! One object of a document.

use pointsman_types::{Diagnostic, FieldPath, ObjectRef, Span};

use crate::{Document, Value};

/// One object: a whole document, or an item of one that is a list of objects.
#[derive(Debug, Clone)]
pub struct Object<'a> {
    document: &'a Document,
    path: FieldPath,
    value: &'a Value,
}

impl<'a> Object<'a> {
    /// The objects of a document, lists in lists opened too.
    pub(crate) fn all_of(document: &'a Document) -> Vec<Self> {
        let mut objects = Vec::new();
        let whole = Self { document, path: FieldPath::root(), value: document.value() };
        let mut open = vec![whole];
        while let Some(object) = open.pop() {
            match items(object.value) {
                // The last is opened first, since this is a stack.
                Some(items) => open.extend(items.iter().enumerate().rev().map(|(position, value)| Self {
                    document,
                    path: object.path.clone().field("items").index(position),
                    value,
                })),
                None => objects.push(object),
            }
        }
        objects
    }

    /// What it says.
    #[must_use]
    pub const fn value(&self) -> &'a Value {
        self.value
    }

    /// The document that holds it.
    #[must_use]
    pub const fn document(&self) -> &'a Document {
        self.document
    }

    /// Where it stands in the document: empty for the whole, `items[3]` in a list.
    #[must_use]
    pub const fn path(&self) -> &FieldPath {
        &self.path
    }

    /// Which object it is.
    #[must_use]
    pub fn object_ref(&self) -> ObjectRef {
        self.value.object_ref()
    }

    /// Where the value stands that a path from this object leads to.
    #[must_use]
    pub fn span(&self, path: &FieldPath) -> Option<Span> {
        self.document.span(&self.path.clone().join(path))
    }
}

impl Object<'_> {
    /// Says of each finding about this object where in the text it is: the place of its path, or of the nearest part on the way
    /// to it that is there.
    ///
    /// ```
    /// use pointsman_manifest::Manifest;
    /// use pointsman_types::{Code, Diagnostic};
    /// let manifest = Manifest::parse("kind: Service\nspec:\n  ports: none\n")?;
    /// let mut findings = [Diagnostic::error(Code::from_static("XX0001"), "no list").at("spec.ports[0]".parse()?)];
    /// manifest.objects().next().expect("an object").locate(&mut findings);
    /// let place = findings[0].span.expect("a place");
    /// assert_eq!((place.line, place.column), (3, 10));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn locate(&self, findings: &mut [Diagnostic]) {
        for finding in findings {
            let mut path = Some(finding.path.clone());
            while let Some(here) = path {
                finding.span = self.span(&here);
                if finding.span.is_some() {
                    break;
                }
                path = here.parent();
            }
        }
    }
}

/// The items of a list of objects: its kind is `List` or ends so.
fn items(value: &Value) -> Option<&[Value]> {
    let kind = value.get("kind")?.as_str()?;
    if kind.ends_with("List") { value.get("items")?.as_list() } else { None }
}
