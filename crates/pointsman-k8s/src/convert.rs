//! Documents to types of `k8s-openapi` and back.

use pointsman_manifest::{ParseError, Value};
use pointsman_render::{ManifestSet, RenderError};
use pointsman_types::ObjectRef;
use serde::{Serialize, de::DeserializeOwned};

/// Why a document and a type of `k8s-openapi` do not fit.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotConvertible {
    /// The document does not have the form of the type.
    #[error("{object}: {message}")]
    Form {
        /// Which object.
        object: ObjectRef,
        /// What does not fit.
        message: String,
    },
    /// A file cannot be read.
    #[error(transparent)]
    Parse(#[from] ParseError),
    /// A set cannot be read.
    #[error(transparent)]
    Render(#[from] RenderError),
}

/// A document as a type of `k8s-openapi`. Fields that the type does not have are lost: keep the document where they matter.
///
/// # Errors
///
/// The document does not have the form of the type.
pub fn to_k8s<K: DeserializeOwned>(document: &Value) -> Result<K, NotConvertible> {
    let form = |error: serde_json::Error| NotConvertible::Form {
        object: document.object_ref(),
        message: error.to_string(),
    };
    // Through text, since types of k8s-openapi read borrowed names.
    serde_json::from_str(&document.to_json()).map_err(form)
}

/// A value of `k8s-openapi` as a document.
///
/// # Errors
///
/// The value has no JSON form.
pub fn from_k8s<K: Serialize>(object: &K) -> Result<Value, NotConvertible> {
    let form = |error: serde_json::Error| NotConvertible::Form {
        object: ObjectRef::default(),
        message: error.to_string(),
    };
    let text = serde_json::to_string(object).map_err(form)?;
    Value::from_json(&text).map_err(form)
}

/// All objects of one kind in a set, as their type of `k8s-openapi`.
///
/// # Errors
///
/// A file that cannot be read, or an object that does not have the form of the type.
pub fn objects<K: k8s_openapi::Resource + DeserializeOwned>(
    set: &ManifestSet,
) -> Result<Vec<K>, NotConvertible> {
    let objects = set.objects()?;
    let wanted = objects.iter().filter(|object| {
        object.object_ref.kind == K::KIND && object.object_ref.api_version == K::API_VERSION
    });
    wanted.map(|object| to_k8s(&object.value)).collect()
}
