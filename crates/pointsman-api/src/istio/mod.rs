//! The API of Istio.

mod address;
pub mod extensions;
pub mod legacy;
pub mod mesh;
pub mod networking;
pub mod security;
pub mod telemetry;

use crate::macros::message;

message! {
    /// Which workloads: those that have all these labels; none given: all.
    ///
    /// Source: `istio.type.v1beta1.WorkloadSelector`.
    WorkloadSelector {
        /// The labels.
        match_labels / with_match_labels: std::collections::BTreeMap<String, String> = "matchLabels",
    }
}

message! {
    /// An object that a policy is attached to.
    ///
    /// Source: `istio.type.v1beta1.PolicyTargetReference`.
    PolicyTargetReference {
        /// Group; empty for the core of Kubernetes.
        group / with_group: String = "group",
        /// Kind.
        kind / with_kind: String = "kind",
        /// Name.
        name / with_name: String = "name",
        /// Namespace: must stay empty.
        namespace / with_namespace: String = "namespace",
    }
}
