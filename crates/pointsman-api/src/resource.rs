//! Any object: of a kind that is modelled, or not.

use pointsman_manifest::Value;
use pointsman_types::{Code, Diagnostic, ObjectRef};

use crate::core::{Deployment, EndpointSlice, Pod, Service};
use crate::decode::{Decoded, Decoder, NO_OBJECT};
use crate::istio::extensions::{TrafficExtension, WasmPlugin};
use crate::istio::networking::{
    DestinationRule, EnvoyFilter, Gateway, ProxyConfig, ServiceEntry, Sidecar, VirtualService, WorkloadEntry,
    WorkloadGroup,
};
use crate::istio::security::{AuthorizationPolicy, PeerAuthentication, RequestAuthentication};
use crate::istio::telemetry::Telemetry;
use crate::object::{Kind, Object, ObjectMeta, group_and_version, object_ref_of};

/// A version of a kind that is not read.
pub const UNKNOWN_VERSION: Code = Code::from_static("PA0108");

macro_rules! resources {
    ($($kind:ident),* $(,)?) => {
        /// An object of any kind.
        ///
        /// Shape: the kinds that are modelled have a variant each; everything else is the document as it is.
        ///
        /// ```
        /// use pointsman_api::Resource;
        /// use pointsman_manifest::Value;
        /// let document = Value::from_json(r#"{"apiVersion": "networking.istio.io/v1", "kind": "VirtualService",
        ///     "metadata": {"name": "reviews"}, "spec": {"hosts": ["reviews"]}}"#)?;
        /// let read = Resource::from_value(&document);
        /// assert!(matches!(&read.value, Resource::VirtualService(service) if service.spec.hosts == ["reviews"]));
        /// assert_eq!(read.value.to_value(), document);
        /// # Ok::<(), Box<dyn std::error::Error>>(())
        /// ```
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        pub enum Resource {
            $(
                #[doc = concat!("Of the kind `", stringify!($kind), "`.")]
                $kind(Box<Object<$kind>>),
            )*
            /// Of a kind or version that is not modelled: its document.
            Other(Value),
        }

        impl Resource {
            /// Reads a document as what it says it is. O(size); the kind is found in O(kinds).
            ///
            /// Another kind is no finding. A version that is not read is a warning, a document without `apiVersion` or `kind`
            /// an error; both are left as they are.
            #[must_use]
            pub fn from_value(value: &Value) -> Decoded<Self> {
                let named = object_ref_of(value);
                let (group, version) = group_and_version(&named.api_version);
                $(
                    if named.kind == $kind::KIND && group == $kind::GROUP {
                        if !$kind::VERSIONS.contains(&version) {
                            return unread::<$kind>(value, named.clone());
                        }
                        let read = Object::<$kind>::from_value(value);
                        return Decoded { value: Self::$kind(Box::new(read.value)), findings: read.findings };
                    }
                )*
                other(value, named)
            }

            /// Which object it is.
            #[must_use]
            pub fn object_ref(&self) -> ObjectRef {
                match self {
                    $( Self::$kind(object) => object.object_ref(), )*
                    Self::Other(value) => object_ref_of(value),
                }
            }

            /// As a document.
            #[must_use]
            pub fn to_value(&self) -> Value {
                match self {
                    $( Self::$kind(object) => object.to_value(), )*
                    Self::Other(value) => value.clone(),
                }
            }

            /// Its metadata, where its kind is modelled.
            #[must_use]
            pub fn metadata(&self) -> Option<&ObjectMeta> {
                match self {
                    $( Self::$kind(object) => Some(&object.metadata), )*
                    Self::Other(_) => None,
                }
            }

            /// Group, versions and kind of all that is modelled.
            #[must_use]
            pub fn kinds() -> Vec<(&'static str, &'static [&'static str], &'static str)> {
                vec![$( ($kind::GROUP, $kind::VERSIONS, $kind::KIND) ),*]
            }
        }

        $(
            impl From<Object<$kind>> for Resource {
                fn from(object: Object<$kind>) -> Self {
                    Self::$kind(Box::new(object))
                }
            }
        )*
    };
}

resources! {
    VirtualService, DestinationRule, Gateway, ServiceEntry, Sidecar, WorkloadEntry, WorkloadGroup, ProxyConfig,
    EnvoyFilter, PeerAuthentication, RequestAuthentication, AuthorizationPolicy, Telemetry, WasmPlugin,
    TrafficExtension, Service, Deployment, Pod, EndpointSlice,
}

fn unread<T: Kind>(value: &Value, named: ObjectRef) -> Decoded<Resource> {
    let message = format!("version `{}` of `{}` is not known", named.api_version, T::KIND);
    let versions: Vec<_> = T::VERSIONS.iter().map(|version| format!("`{}/{version}`", T::GROUP)).collect();
    let mut decoder = Decoder::new(named);
    let finding =
        Diagnostic::warning(UNKNOWN_VERSION, message).with_help(format!("write {}", versions.join(" or ")));
    decoder.in_field("apiVersion", |decoder| decoder.report(finding));
    Decoded { value: Resource::Other(value.clone()), findings: decoder.into_findings() }
}

fn other(value: &Value, named: ObjectRef) -> Decoded<Resource> {
    let missing: Vec<_> = [("apiVersion", &named.api_version), ("kind", &named.kind)]
        .into_iter()
        .filter(|(_, text)| text.is_empty())
        .map(|(name, _)| format!("`{name}`"))
        .collect();
    let mut decoder = Decoder::new(named);
    if !missing.is_empty() {
        let message = format!("the document has no {}", missing.join(" and no "));
        decoder.report(
            Diagnostic::error(NO_OBJECT, message)
                .with_help("an object begins with `apiVersion`, `kind` and `metadata`"),
        );
    }
    Decoded { value: Resource::Other(value.clone()), findings: decoder.into_findings() }
}

impl serde::Serialize for Resource {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_value().serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Decoded<Resource> {
        Resource::from_value(&Value::from_json(text).unwrap())
    }

    fn findings(text: &str) -> Vec<String> {
        read(text).findings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn each_kind_is_read_in_each_of_its_versions() {
        for (group, versions, kind) in Resource::kinds() {
            for version in versions {
                let api_version =
                    if group.is_empty() { (*version).to_owned() } else { format!("{group}/{version}") };
                let text = format!(
                    r#"{{"apiVersion": "{api_version}", "kind": "{kind}", "metadata": {{"name": "a", "namespace": "b"}}}}"#
                );
                let read = read(&text);
                assert!(!matches!(read.value, Resource::Other(_)), "{kind} {api_version}");
                assert_eq!(read.value.object_ref(), ObjectRef::new(&api_version, kind, "b", "a"));
                assert_eq!(read.value.metadata().unwrap().name, "a");
                assert!(read.findings.is_empty());
            }
        }
    }

    #[test]
    fn what_is_not_modelled_stays_as_it_is() {
        let text =
            r#"{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"x": "y"}}"#;
        let read = read(text);
        assert_eq!(read.value.to_value(), Value::from_json(text).unwrap());
        assert!(read.findings.is_empty());
        // Another group's kind of the same name.
        assert!(findings(r#"{"apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway"}"#).is_empty());
    }

    #[test]
    fn unknown_versions_and_nameless_documents_are_findings() {
        assert_eq!(
            findings(
                r#"{"apiVersion": "security.istio.io/v2", "kind": "PeerAuthentication", "metadata": {"name": "a"}}"#
            ),
            [
                "warning[PA0108]: PeerAuthentication a apiVersion: version `security.istio.io/v2` of `PeerAuthentication` is not known"
            ]
        );
        assert_eq!(
            findings(r#"{"kind": "Gateway"}"#),
            ["error[PA0107]: Gateway  the document has no `apiVersion`"]
        );
        assert_eq!(findings("[]"), ["error[PA0107]: the document has no `apiVersion` and no `kind`"]);
    }
}
