//! Deployments and pods.

use std::collections::BTreeMap;

use pointsman_manifest::Value;
use pointsman_types::IntOrString;

use crate::macros::message;
use crate::object::{Kind, ObjectMeta};

message! {
    /// So many pods of one template.
    Deployment {
        /// How many; none: 1.
        replicas / with_replicas: Option<i32> = "replicas",
        /// Which pods are its own.
        selector / with_selector: Option<LabelSelector> = "selector",
        /// What a pod looks like.
        template / with_template: Option<PodTemplate> = "template",
        /// How pods are replaced.
        strategy / with_strategy: Option<DeploymentStrategy> = "strategy",
        /// Seconds that a pod must be ready before it counts.
        min_ready_seconds / with_min_ready_seconds: i32 = "minReadySeconds",
        /// How many old replica sets are kept; none: 10.
        revision_history_limit / with_revision_history_limit: Option<i32> = "revisionHistoryLimit",
        /// Whether it rests.
        paused / with_paused: bool = "paused",
        /// Seconds without progress after which it counts as failed; none: 600.
        progress_deadline_seconds / with_progress_deadline_seconds: Option<i32> = "progressDeadlineSeconds",
    }
}

impl Kind for Deployment {
    const GROUP: &'static str = "apps";
    const VERSIONS: &'static [&'static str] = &["v1", "v1beta2", "v1beta1"];
    const KIND: &'static str = "Deployment";
}

message! {
    /// How pods are replaced.
    DeploymentStrategy {
        /// `RollingUpdate` or `Recreate`; empty: `RollingUpdate`.
        r#type / with_type: String = "type",
        /// Details of a rolling update.
        rolling_update / with_rolling_update: Option<RollingUpdate> = "rollingUpdate",
    }
}

message! {
    /// Details of a rolling update.
    RollingUpdate {
        /// How many may be missing; none: 25 %.
        max_unavailable / with_max_unavailable: Option<IntOrString> = "maxUnavailable",
        /// How many more there may be; none: 25 %.
        max_surge / with_max_surge: Option<IntOrString> = "maxSurge",
    }
}

message! {
    /// Which objects, by labels.
    LabelSelector {
        /// Labels that they have.
        match_labels / with_match_labels: BTreeMap<String, String> = "matchLabels",
        /// More conditions.
        match_expressions / with_match_expressions: Vec<LabelSelectorRequirement> = "matchExpressions",
    }
}

message! {
    /// A condition on a label.
    LabelSelectorRequirement {
        /// The label.
        key / with_key: String = "key",
        /// `In`, `NotIn`, `Exists`, `DoesNotExist`.
        operator / with_operator: String = "operator",
        /// Values.
        values / with_values: Vec<String> = "values",
    }
}

message! {
    /// What a pod looks like.
    PodTemplate {
        /// Its metadata.
        metadata / with_metadata: Option<ObjectMeta> = "metadata",
        /// What runs in it: only `containers` is looked into here, so the rest stays as it is.
        spec / with_spec: Value = "spec",
    }
}

/// A pod that runs.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Pod {
    /// What runs in it.
    pub spec: Value,
}

impl crate::field::Field for Pod {
    fn decode<'v>(value: &'v Value, _: &mut crate::decode::Decoder<'v>) -> Self {
        Self { spec: value.clone() }
    }

    fn to_value(&self) -> Value {
        self.spec.clone()
    }

    fn is_unset(&self) -> bool {
        self.spec.is_null()
    }
}

impl crate::field::Message for Pod {
    fn field_names() -> Vec<&'static str> {
        Vec::new()
    }
}

impl Kind for Pod {
    const GROUP: &'static str = "";
    const VERSIONS: &'static [&'static str] = &["v1"];
    const KIND: &'static str = "Pod";
}
