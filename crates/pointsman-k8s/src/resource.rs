//! Kinds of `pointsman-api` as resources.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::{Metadata, NamespaceResourceScope, Resource};
use pointsman_api::istio::networking::{
    DestinationRule, EnvoyFilter, Gateway, ProxyConfig, ServiceEntry, Sidecar, VirtualService, WorkloadEntry,
    WorkloadGroup,
};
use pointsman_api::{Decoded, Kind, Object};
use pointsman_manifest::{Map, Value};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::Error as _};

use crate::{NotConvertible, from_k8s, to_k8s};

/// A kind with the names that an API server asks for.
pub trait KubeKind: Kind {
    /// Group and version.
    const API_VERSION: &'static str;
    /// The version.
    const VERSION: &'static str;
    /// The kind in the plural, in lower case.
    const PLURAL: &'static str;
}

macro_rules! kube_kinds {
    ($($type:ident: $api_version:literal, $version:literal, $plural:literal;)*) => {$(
        impl KubeKind for $type {
            const API_VERSION: &'static str = $api_version;
            const VERSION: &'static str = $version;
            const PLURAL: &'static str = $plural;
        }
    )*};
}

kube_kinds! {
    VirtualService: "networking.istio.io/v1", "v1", "virtualservices";
    DestinationRule: "networking.istio.io/v1", "v1", "destinationrules";
    Gateway: "networking.istio.io/v1", "v1", "gateways";
    ServiceEntry: "networking.istio.io/v1", "v1", "serviceentries";
    Sidecar: "networking.istio.io/v1", "v1", "sidecars";
    WorkloadEntry: "networking.istio.io/v1", "v1", "workloadentries";
    WorkloadGroup: "networking.istio.io/v1", "v1", "workloadgroups";
    ProxyConfig: "networking.istio.io/v1beta1", "v1beta1", "proxyconfigs";
    EnvoyFilter: "networking.istio.io/v1alpha3", "v1alpha3", "envoyfilters";
}

/// An object of a kind of `pointsman-api` with the real `ObjectMeta`: what `kube::Api` lists, watches and applies.
///
/// ```
/// use k8s_openapi::{Metadata, Resource};
/// use pointsman_api::{Object, istio::networking::VirtualService};
/// use pointsman_k8s::K8s;
///
/// let object = Object::new("default", "reviews", VirtualService::new().with_hosts(vec!["reviews".to_owned()]));
/// let resource = K8s::from_object(&object)?;
/// assert_eq!(resource.metadata().name.as_deref(), Some("reviews"));
/// assert_eq!(<K8s<VirtualService> as Resource>::URL_PATH_SEGMENT, "virtualservices");
/// assert_eq!(resource.to_object()?.value, object);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct K8s<T> {
    /// Who it is.
    pub metadata: ObjectMeta,
    /// What it says.
    pub spec: T,
    /// What is observed of it.
    pub status: Value,
}

impl<T: KubeKind> K8s<T> {
    /// An object with its metadata carried over.
    ///
    /// # Errors
    ///
    /// Metadata that Kubernetes does not read, such as a time that is none.
    pub fn from_object(object: &Object<T>) -> Result<Self, NotConvertible> {
        let metadata = Value::from_serialize(&object.metadata).unwrap_or_default();
        Ok(Self { metadata: to_k8s(&metadata)?, spec: object.spec.clone(), status: object.status.clone() })
    }

    /// The object without Kubernetes types, with what was found on reading its metadata.
    ///
    /// # Errors
    ///
    /// Metadata without JSON form.
    pub fn to_object(&self) -> Result<Decoded<Object<T>>, NotConvertible> {
        Ok(Object::from_value(&self.to_value()?))
    }

    fn to_value(&self) -> Result<Value, NotConvertible> {
        let mut fields = Map::new();
        fields.insert("apiVersion", T::API_VERSION);
        fields.insert("kind", T::KIND);
        fields.insert("metadata", from_k8s(&self.metadata)?);
        fields.insert("spec", self.spec.to_value());
        if !self.status.is_null() {
            fields.insert("status", self.status.clone());
        }
        Ok(Value::Map(fields))
    }
}

impl<T: KubeKind> Resource for K8s<T> {
    const API_VERSION: &'static str = T::API_VERSION;
    const GROUP: &'static str = T::GROUP;
    const KIND: &'static str = T::KIND;
    const VERSION: &'static str = T::VERSION;
    const URL_PATH_SEGMENT: &'static str = T::PLURAL;
    type Scope = NamespaceResourceScope;
}

impl<T: KubeKind> Metadata for K8s<T> {
    type Ty = ObjectMeta;

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

impl<T: KubeKind> Serialize for K8s<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_value().map_err(S::Error::custom)?.serialize(serializer)
    }
}

impl<'de, T: KubeKind> Deserialize<'de> for K8s<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let metadata = value.get("metadata").cloned().unwrap_or_else(|| Value::Map(Map::new()));
        let metadata = to_k8s(&metadata).map_err(D::Error::custom)?;
        let object = Object::<T>::from_value(&value).ok().map_err(|findings| {
            let first = findings.iter().find(|finding| finding.is_error());
            D::Error::custom(first.map(ToString::to_string).unwrap_or_default())
        })?;
        Ok(Self { metadata, spec: object.spec, status: object.status })
    }
}
