//! The fields of Argo's objects that its decisions read, under the names of the manifests. Others are passed over.

use std::collections::BTreeMap;

use pointsman_types::Time;
use serde::Deserialize;

use super::{Amount, CanaryStep};

/// A `Rollout` as it stands in a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the fields are those of the manifest")]
pub struct Rollout {
    pub metadata: Metadata,
    pub spec: RolloutSpec,
    pub status: RolloutStatus,
}

/// `metadata`, as far as it is read.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the fields are those of the manifest")]
pub struct Metadata {
    pub name: String,
    pub generation: i64,
    pub labels: BTreeMap<String, String>,
    pub annotations: BTreeMap<String, String>,
}

/// `spec` of a `Rollout`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the fields are those of the manifest")]
pub struct RolloutSpec {
    pub replicas: Option<u32>,
    pub strategy: StrategySpec,
    pub paused: bool,
    pub restart_at: Option<Time>,
    pub progress_deadline_seconds: Option<i32>,
    pub revision_history_limit: Option<i32>,
    pub analysis: Option<AnalysisHistory>,
    /// The object that the pod template is taken from.
    pub workload_ref: Option<WorkloadRef>,
    /// The same, in the controller's memory.
    pub template_resolved_from_ref: bool,
}

/// `spec.analysis`: how many finished runs are kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the fields are those of the manifest")]
pub struct AnalysisHistory {
    pub successful_run_history_limit: Option<i32>,
    pub unsuccessful_run_history_limit: Option<i32>,
}

/// `spec.strategy`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the fields are those of the manifest")]
pub struct StrategySpec {
    pub canary: Option<CanarySpec>,
    pub blue_green: Option<BlueGreenSpec>,
}

/// `spec.strategy.canary`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the fields are those of the manifest")]
pub struct CanarySpec {
    pub max_surge: Option<Amount>,
    pub max_unavailable: Option<Amount>,
    /// None written is not the same as an empty list; see [`CanarySpec::steps`].
    pub steps: Option<Vec<CanaryStep>>,
    pub traffic_routing: Option<Routing>,
    pub analysis: Option<CanaryBackground>,
    pub dynamic_stable_scale: bool,
    pub min_pods_per_replica_set: Option<u32>,
    pub replica_progress_threshold: Option<ThresholdSpec>,
    pub abort_scale_down_delay_seconds: Option<i32>,
    pub scale_down_delay_seconds: Option<i32>,
}

/// `trafficRouting`: that it is there, what the weights add up to, and what nginx is told.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the fields are those of the manifest")]
pub struct Routing {
    pub max_traffic_weight: Option<u32>,
    pub nginx: Option<NginxRouting>,
}

/// `trafficRouting.nginx`, as far as it is read.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the fields are those of the manifest")]
pub struct NginxRouting {
    pub annotation_prefix: String,
}

/// `analysis` of a canary.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the fields are those of the manifest")]
pub struct CanaryBackground {
    pub starting_step: Option<u32>,
}

/// `workloadRef`, as far as it is read.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the fields are those of the manifest")]
pub struct WorkloadRef {
    pub name: String,
}

/// `postPromotionAnalysis`: that it is there.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PromotionAnalysis {}

/// `spec.strategy.blueGreen`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the fields are those of the manifest")]
pub struct BlueGreenSpec {
    pub active_service: String,
    pub preview_service: String,
    pub preview_replica_count: Option<u32>,
    pub auto_promotion_enabled: Option<bool>,
    pub auto_promotion_seconds: u32,
    pub max_unavailable: Option<Amount>,
    pub post_promotion_analysis: Option<PromotionAnalysis>,
    pub scale_down_delay_seconds: Option<i32>,
    pub abort_scale_down_delay_seconds: Option<i32>,
}

/// `replicaProgressThreshold`: of `type` `Percent` or `Pods`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the fields are those of the manifest")]
pub struct ThresholdSpec {
    #[serde(rename = "type")]
    pub kind: String,
    pub value: i64,
}

/// `status` of a `Rollout`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the fields are those of the manifest")]
pub struct RolloutStatus {
    pub phase: String,
    pub message: String,
    pub abort: bool,
    pub promote_full: bool,
    pub controller_pause: bool,
    pub pause_conditions: Vec<PauseCondition>,
    pub current_pod_hash: String,
    pub current_step_hash: String,
    pub current_step_index: Option<u32>,
    #[serde(rename = "stableRS")]
    pub stable_rs: String,
    pub replicas: u32,
    pub updated_replicas: u32,
    pub ready_replicas: u32,
    pub available_replicas: u32,
    pub observed_generation: String,
    pub workload_observed_generation: String,
    pub conditions: Vec<ConditionStatus>,
    pub blue_green: BlueGreenStatus,
    pub canary: CanaryStatus,
    pub restarted_at: Option<Time>,
}

/// An entry of `pauseConditions`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the fields are those of the manifest")]
pub struct PauseCondition {
    pub reason: String,
    pub start_time: Option<Time>,
}

/// An entry of `conditions`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the fields are those of the manifest")]
pub struct ConditionStatus {
    #[serde(rename = "type")]
    pub kind: String,
    pub reason: String,
    pub message: String,
    pub last_update_time: Option<Time>,
}

/// `status.canary`, as far as it is read.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the fields are those of the manifest")]
pub struct CanaryStatus {
    pub weights: Option<TrafficWeights>,
}

/// `status.blueGreen`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the fields are those of the manifest")]
pub struct BlueGreenStatus {
    pub active_selector: String,
    pub preview_selector: String,
    pub scale_up_preview_check_point: bool,
    pub post_promotion_analysis_run_status: Option<AnalysisRunStatus>,
}

/// How far an AnalysisRun is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the fields are those of the manifest")]
pub struct AnalysisRunStatus {
    pub status: String,
}

impl AnalysisRunStatus {
    /// Whether it has come to an end.
    #[must_use]
    pub fn is_completed(&self) -> bool {
        matches!(self.status.as_str(), "Successful" | "Failed" | "Error" | "Inconclusive")
    }
}

/// A ReplicaSet as it stands in a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the fields are those of the manifest")]
pub struct ReplicaSet {
    pub metadata: Metadata,
    pub spec: ReplicaSetSpec,
    pub status: ReplicaSetStatus,
}

/// `spec` of a ReplicaSet.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the fields are those of the manifest")]
pub struct ReplicaSetSpec {
    pub replicas: Option<u32>,
}

/// `status` of a ReplicaSet.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the fields are those of the manifest")]
pub struct ReplicaSetStatus {
    pub replicas: u32,
    pub ready_replicas: u32,
    pub available_replicas: u32,
}

/// `status.canary.weights`: what the router was last told.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the fields are those of the manifest")]
pub struct TrafficWeights {
    pub canary: TrafficWeight,
    pub stable: TrafficWeight,
}

/// One destination of `weights`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the fields are those of the manifest")]
pub struct TrafficWeight {
    pub weight: u32,
    pub pod_template_hash: String,
}

impl ReplicaSet {
    /// `rollouts-pod-template-hash`.
    #[must_use]
    pub fn hash(&self) -> &str {
        self.metadata.labels.get("rollouts-pod-template-hash").map_or("", String::as_str)
    }

    /// Whether both are one set, by their names.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.metadata.name == other.metadata.name
    }

    /// `spec.replicas`, by default 1.
    #[must_use]
    pub fn desired(&self) -> u32 {
        self.spec.replicas.unwrap_or(1)
    }
}

impl CanarySpec {
    /// Its steps, in order.
    #[must_use]
    pub fn steps(&self) -> &[CanaryStep] {
        self.steps.as_deref().unwrap_or_default()
    }
}

impl RolloutSpec {
    /// Whether another object has the pod template.
    #[must_use]
    pub const fn template_is_referenced(&self) -> bool {
        self.template_resolved_from_ref || self.workload_ref.is_some()
    }
}

impl Rollout {
    /// `spec.replicas`, by default 1.
    #[must_use]
    pub fn replicas(&self) -> u32 {
        self.spec.replicas.unwrap_or(1)
    }

    /// What weights add up to: 100 where nothing else is said.
    #[must_use]
    pub fn total_weight(&self) -> u32 {
        let routing = self.spec.strategy.canary.as_ref().and_then(|canary| canary.traffic_routing.as_ref());
        routing.and_then(|routing| routing.max_traffic_weight).unwrap_or(100)
    }

    /// Whether a route shares the traffic.
    #[must_use]
    pub fn is_routed(&self) -> bool {
        self.spec.strategy.canary.as_ref().is_some_and(|canary| canary.traffic_routing.is_some())
    }

    /// Whether the version that is wanted is the one that serves.
    #[must_use]
    pub fn is_promoted(&self) -> bool {
        self.status.stable_rs == self.status.current_pod_hash
    }
}
