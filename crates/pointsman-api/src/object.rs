//! Objects: a kind, metadata and what it says.

use std::collections::BTreeMap;

use pointsman_manifest::{Map, Value};
use pointsman_types::{Diagnostic, ObjectRef};

use crate::decode::{Decoded, Decoder, NO_OBJECT};
use crate::field::{Field, Message};
use crate::macros::message;

message! {
    /// Who an object is.
    ///
    /// Source: `ObjectMeta` of Kubernetes. Names are unique per kind and namespace.
    ObjectMeta {
        /// Name.
        name / with_name: String = "name",
        /// The beginning of a name that the server completes.
        generate_name / with_generate_name: String = "generateName",
        /// Namespace; empty for what stands in none, or where none is said.
        namespace / with_namespace: String = "namespace",
        /// Labels.
        labels / with_labels: BTreeMap<String, String> = "labels",
        /// Annotations.
        annotations / with_annotations: BTreeMap<String, String> = "annotations",
        /// When the server made it, RFC 3339.
        creation_timestamp / with_creation_timestamp: String = "creationTimestamp",
        /// When it is to go.
        deletion_timestamp / with_deletion_timestamp: String = "deletionTimestamp",
        /// Seconds it has left then.
        deletion_grace_period_seconds / with_deletion_grace_period_seconds: Option<i64> = "deletionGracePeriodSeconds",
        /// The server's number for this version of the object.
        resource_version / with_resource_version: String = "resourceVersion",
        /// The server's number for this version of the spec.
        generation / with_generation: i64 = "generation",
        /// The server's name for this object.
        uid / with_uid: String = "uid",
        /// What owns it.
        owner_references / with_owner_references: Vec<Value> = "ownerReferences",
        /// What must be done before it goes.
        finalizers / with_finalizers: Vec<String> = "finalizers",
        /// An address that the server ignores.
        self_link / with_self_link: String = "selfLink",
        /// Who set which field.
        managed_fields / with_managed_fields: Vec<Value> = "managedFields",
    }
}

/// A kind of object: its names, and where its fields stand.
pub trait Kind: Message {
    /// The group; empty for the core of Kubernetes.
    const GROUP: &'static str;
    /// The versions that are read, the one that is written first.
    const VERSIONS: &'static [&'static str];
    /// The kind.
    const KIND: &'static str;
    /// Whether the fields stand in `spec` (or beside `metadata`).
    const IN_SPEC: bool = true;
}

/// An object of a kind.
///
/// Shape: a typed view of a document. Fields that the API does not know are not in it: to change an object of somebody's own,
/// edit its document, which keeps them.
///
/// ```
/// use pointsman_api::{Object, istio::networking::VirtualService};
/// use pointsman_manifest::Value;
/// let document = Value::from_json(r#"{"apiVersion": "networking.istio.io/v1beta1", "kind": "VirtualService",
///     "metadata": {"name": "reviews"}, "spec": {"hosts": ["reviews"], "htpp": []}}"#)?;
/// let read = Object::<VirtualService>::from_value(&document);
/// assert_eq!(read.value.spec.hosts, ["reviews"]);
/// assert_eq!(read.findings[0].to_string(),
///     "warning[PA0102]: VirtualService reviews spec.htpp: unknown field `htpp`");
/// assert_eq!(read.findings[0].help, "did you mean `http`?");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Object<T> {
    /// Group and version as written.
    pub api_version: String,
    /// Who it is.
    pub metadata: ObjectMeta,
    /// What it says.
    pub spec: T,
    /// What is observed of it.
    pub status: Value,
}

impl<T: Kind> Object<T> {
    /// An object of that name and namespace, in the version of the kind that is written.
    pub fn new(namespace: impl Into<String>, name: impl Into<String>, spec: T) -> Self {
        let metadata = ObjectMeta::new().with_name(name).with_namespace(namespace);
        Self { api_version: api_version::<T>(), metadata, spec, status: Value::Null }
    }

    /// With that metadata.
    #[must_use]
    pub fn with_metadata(mut self, metadata: ObjectMeta) -> Self {
        self.metadata = metadata;
        self
    }

    /// Which object it is.
    #[must_use]
    pub fn object_ref(&self) -> ObjectRef {
        ObjectRef::new(&self.api_version, T::KIND, &self.metadata.namespace, &self.metadata.name)
    }

    /// Whether a document says that it is of this kind, in a version that is read.
    #[must_use]
    pub fn is_kind_of(value: &Value) -> bool {
        let text = |name| value.get(name).and_then(Value::as_str).unwrap_or_default();
        let (group, version) = group_and_version(text("apiVersion"));
        text("kind") == T::KIND && group == T::GROUP && T::VERSIONS.contains(&version)
    }

    /// Reads a document. What could not be read has its default; the findings say so.
    #[must_use]
    pub fn from_value(value: &Value) -> Decoded<Self> {
        let mut decoder = Decoder::new(object_ref_of(value));
        let object = Self::decode(value, &mut decoder);
        Decoded { value: object, findings: decoder.into_findings() }
    }

    fn decode<'v>(value: &'v Value, decoder: &mut Decoder<'v>) -> Self {
        let mut object = Self {
            api_version: String::new(),
            metadata: ObjectMeta::default(),
            spec: T::default(),
            status: Value::Null,
        };
        let Some(fields) = decoder.map(value) else { return object };
        if !Self::is_kind_of(value) {
            let message = format!("the document is not a `{}` of `{}`", T::KIND, api_version::<T>());
            decoder.report(Diagnostic::error(NO_OBJECT, message));
        }
        let mut rest = Map::new();
        for (name, value) in fields.iter() {
            match name {
                "kind" => {}
                "apiVersion" => {
                    object.api_version = decoder.in_field(name, |decoder| String::decode(value, decoder))
                }
                "metadata" if value.is_null() => {}
                "metadata" => {
                    object.metadata = decoder.in_field(name, |decoder| ObjectMeta::decode(value, decoder))
                }
                "spec" if T::IN_SPEC && value.is_null() => {}
                "spec" if T::IN_SPEC => {
                    object.spec = decoder.in_field(name, |decoder| T::decode(value, decoder))
                }
                "status" => object.status = value.clone(),
                _ if T::IN_SPEC => {
                    decoder.unknown_field(
                        name,
                        ["apiVersion", "kind", "metadata", "spec", "status"].into_iter(),
                    );
                }
                _ => {
                    rest.insert(name, value.clone());
                }
            }
        }
        if !T::IN_SPEC {
            let rest = Value::Map(rest);
            let mut inner = Decoder::new(object_ref_of(value));
            object.spec = T::decode(&rest, &mut inner);
            decoder.extend(inner);
        }
        object
    }

    /// As a document: `apiVersion`, `kind`, `metadata`, then what it says, without what is not set.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut fields = Map::new();
        fields.insert("apiVersion", self.api_version.as_str());
        fields.insert("kind", T::KIND);
        fields.insert("metadata", self.metadata.to_value());
        match self.spec.to_value() {
            Value::Map(inner) if !T::IN_SPEC => {
                for (name, value) in inner {
                    fields.insert(name, value);
                }
            }
            spec => {
                fields.insert("spec", spec);
            }
        }
        if !self.status.is_null() {
            fields.insert("status", self.status.clone());
        }
        Value::Map(fields)
    }

    /// The same in another kind's place.
    #[must_use]
    pub fn map<U: Kind>(self, change: impl FnOnce(T) -> U) -> Object<U> {
        Object {
            api_version: api_version::<U>(),
            metadata: self.metadata,
            spec: change(self.spec),
            status: self.status,
        }
    }
}

/// `group/version` of the version that is written.
#[must_use]
pub fn api_version<T: Kind>() -> String {
    let version = T::VERSIONS.first().copied().unwrap_or_default();
    if T::GROUP.is_empty() { version.to_owned() } else { format!("{}/{version}", T::GROUP) }
}

/// The two parts of an `apiVersion`; the group of `v1` is empty.
#[must_use]
pub fn group_and_version(api_version: &str) -> (&str, &str) {
    api_version.split_once('/').unwrap_or(("", api_version))
}

/// Which object a document is about, as far as it says so.
#[must_use]
pub fn object_ref_of(value: &Value) -> ObjectRef {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    let metadata = value.get("metadata");
    ObjectRef::new(
        text(value.get("apiVersion")),
        text(value.get("kind")),
        text(metadata.and_then(|metadata| metadata.get("namespace"))),
        text(metadata.and_then(|metadata| metadata.get("name"))),
    )
}

impl<T: Kind> serde::Serialize for Object<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_value().serialize(serializer)
    }
}

impl<'de, T: Kind> serde::Deserialize<'de> for Object<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Self::from_value(&value).ok().map_err(|findings| {
            let first = findings.iter().find(|finding| finding.is_error());
            serde::de::Error::custom(first.map(ToString::to_string).unwrap_or_default())
        })
    }
}
