//! Edits that are refused.

use pointsman_types::FieldPath;

/// Why an edit was refused. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EditError {
    /// There are fewer documents.
    #[error("there is no document {number}")]
    NoDocument {
        /// Which was asked for, from 0.
        number: usize,
    },
    /// The path leads nowhere.
    #[error("there is nothing at `{path}`")]
    Missing {
        /// Where.
        path: FieldPath,
    },
    /// A field was to be added to something else than a map.
    #[error("`{path}` is no map")]
    NoMap {
        /// Where.
        path: FieldPath,
    },
    /// An item was to be added to something else than a list, or beyond its end.
    #[error("`{path}` is no list, or a shorter one")]
    NoList {
        /// Where.
        path: FieldPath,
    },
    /// What stands there was written elsewhere and is repeated by an alias or a merge key.
    #[error("`{path}` comes from elsewhere through an alias or `<<`")]
    Borrowed {
        /// Where.
        path: FieldPath,
    },
    /// No way was found to change the text at this place without a change of what it says elsewhere.
    #[error("the text at `{path}` cannot be changed without changing something else")]
    Unsafe {
        /// Where.
        path: FieldPath,
    },
}

impl EditError {
    pub(super) fn missing(path: &FieldPath) -> Self {
        Self::Missing { path: path.clone() }
    }

    pub(super) fn unsafe_at(path: &FieldPath) -> Self {
        Self::Unsafe { path: path.clone() }
    }
}
