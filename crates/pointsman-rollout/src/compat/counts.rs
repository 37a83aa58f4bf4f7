//! How many pods.

use pointsman_types::Time;

use super::defaults;
use super::model::{ReplicaSet, Rollout, ThresholdSpec, TrafficWeights};
use super::weights::{Target, desired_canary_weight, target};
use crate::replicas::{self, BasicCanary, Counts, SetSize, approximate, basic_canary};

pub(super) fn available(set: Option<&ReplicaSet>) -> u32 {
    set.map_or(0, |set| set.status.available_replicas)
}

fn size_of(set: Option<&ReplicaSet>) -> SetSize {
    set.map_or_else(SetSize::default, |set| SetSize {
        replicas: set.desired(),
        ready: set.status.available_replicas,
    })
}

/// The next scaling of a canary without a route.
///
/// Source: `CalculateReplicaCountsForBasicCanary`.
#[must_use]
pub fn basic_counts(
    rollout: &Rollout,
    new: Option<&ReplicaSet>,
    stable: Option<&ReplicaSet>,
    older: &[ReplicaSet],
) -> Counts {
    let distinct = stable.filter(|stable| new.is_none_or(|new| new.hash() != stable.hash()));
    basic_canary(&BasicCanary {
        size: rollout.replicas(),
        weight: basic_weight(rollout, new, stable),
        total: rollout.total_weight(),
        bounds: defaults::bounds(rollout),
        canary: size_of(new),
        stable: distinct.map(|stable| size_of(Some(stable))),
        others: older.iter().map(ReplicaSet::desired).sum(),
    })
}

fn basic_weight(rollout: &Rollout, new: Option<&ReplicaSet>, stable: Option<&ReplicaSet>) -> u32 {
    match target(rollout, new, stable) {
        Target::Weight(weight) => weight,
        Target::Replicas(_) => 0,
    }
}

/// The numbers of pods where a route shares the traffic.
///
/// Source: `CalculateReplicaCountsForTrafficRoutedCanary`.
#[must_use]
pub fn routed_counts(
    rollout: &Rollout,
    new: Option<&ReplicaSet>,
    stable: Option<&ReplicaSet>,
    recorded: Option<&TrafficWeights>,
) -> Counts {
    let (size, total) = (rollout.replicas(), rollout.total_weight());
    let canary_spec = rollout.spec.strategy.canary.as_ref();
    let min_pods = canary_spec.and_then(|canary| canary.min_pods_per_replica_set).unwrap_or(0);
    let pods = |weight| replicas::for_weight(size, weight, total, 0);
    let with_min = |count| replicas::at_least(count, min_pods, size);
    let (canary, weight) = match target(rollout, new, stable) {
        Target::Replicas(count) => (count, desired_canary_weight(rollout, new, stable)),
        Target::Weight(weight) => (with_min(pods(weight)), weight),
    };
    let dynamic = canary_spec.is_some_and(|canary| canary.dynamic_stable_scale);
    let (true, Some(recorded)) = (dynamic, recorded) else { return Counts { canary, stable: size } };
    let stable = pods(total.saturating_sub(weight)).max(pods(recorded.stable.weight));
    let canary = if rollout.status.abort { canary.max(pods(recorded.canary.weight)) } else { canary };
    Counts { canary: with_min(canary), stable: with_min(stable) }
}

/// How many pods the new version shall have.
///
/// Source: `NewRSNewReplicas`.
#[must_use]
pub fn new_replicas(
    rollout: &Rollout,
    all: &[ReplicaSet],
    new: Option<&ReplicaSet>,
    recorded: Option<&TrafficWeights>,
) -> u32 {
    if rollout.spec.strategy.blue_green.is_some() {
        return preview_size(rollout, all, new);
    }
    if rollout.spec.strategy.canary.is_none() {
        return 0;
    }
    let stable = all.iter().find(|set| set.hash() == rollout.status.stable_rs);
    if rollout.is_routed() {
        return routed_counts(rollout, new, stable, recorded).canary;
    }
    let is_older = |set: &&ReplicaSet| {
        stable.is_none_or(|stable| stable.hash() != set.hash())
            && new.is_none_or(|new| new.hash() != set.hash())
    };
    let older: Vec<ReplicaSet> = all.iter().filter(is_older).cloned().collect();
    basic_counts(rollout, new, stable, &older).canary
}

fn preview_size(rollout: &Rollout, all: &[ReplicaSet], new: Option<&ReplicaSet>) -> u32 {
    let (size, status) = (rollout.replicas(), &rollout.status);
    let preview = rollout.spec.strategy.blue_green.as_ref().and_then(|spec| spec.preview_replica_count);
    let active = all.iter().find(|set| {
        !status.blue_green.active_selector.is_empty() && set.hash() == status.blue_green.active_selector
    });
    let (Some(preview), Some(active), false) = (preview, active, status.promote_full) else { return size };
    if new.is_none_or(|new| new.hash() == active.hash()) {
        return size;
    }
    let is_new = new.is_some_and(|new| new.hash() == status.current_pod_hash);
    let checked = status.blue_green.scale_up_preview_check_point;
    if !is_new || !checked || rollout.spec.paused { preview } else { size }
}

/// Whether the new version is complete enough for the pause before the switch.
///
/// Source: `ReadyForPause`.
#[must_use]
pub fn ready_for_pause(rollout: &Rollout, new: Option<&ReplicaSet>, all: &[ReplicaSet]) -> bool {
    let size = new_replicas(rollout, all, new, None);
    new.is_some_and(|new| new.desired() == size && new.status.available_replicas == size)
}

/// Whether the pods are as many as the current step wants.
///
/// Source: `AtDesiredReplicaCountsForCanary`.
#[must_use]
pub fn at_desired_counts(
    rollout: &Rollout,
    new: Option<&ReplicaSet>,
    stable: Option<&ReplicaSet>,
    older: &[ReplicaSet],
    recorded: Option<&TrafficWeights>,
) -> bool {
    let routed = rollout.is_routed();
    let aimed = if routed {
        routed_counts(rollout, new, stable, recorded)
    } else {
        let weight = basic_weight(rollout, new, stable);
        approximate(rollout.replicas(), weight, rollout.total_weight(), defaults::max_surge(rollout))
    };
    let canary_spec = rollout.spec.strategy.canary.as_ref();
    let threshold = canary_spec.and_then(|canary| canary.replica_progress_threshold.as_ref());
    let dynamic = routed && canary_spec.is_some_and(|canary| canary.dynamic_stable_scale);
    let stable_is_right = dynamic
        || stable.is_none_or(|set| set.desired() == aimed.stable && set.status.replicas == aimed.stable);
    let others_are_gone = routed || older.iter().all(|set| set.status.available_replicas == 0);
    threshold_is_met(threshold, new, aimed.canary) && stable_is_right && others_are_gone
}

/// Whether enough pods of `desired` are available.
///
/// Source: `ReplicaProgressThresholdMet`.
#[must_use]
pub fn threshold_is_met(threshold: Option<&ThresholdSpec>, set: Option<&ReplicaSet>, desired: u32) -> bool {
    let Some(threshold) = threshold.filter(|threshold| threshold.value >= 0) else {
        return all_desired_are_available(set, desired);
    };
    let available = i64::from(available(set));
    if threshold.kind == "Pods" {
        return available >= threshold.value;
    }
    desired == 0 || available.saturating_mul(100) >= threshold.value.saturating_mul(i64::from(desired))
}

/// Whether exactly `desired` pods are asked for and available.
///
/// Source: `allDesiredAreAvailable`.
#[must_use]
pub fn all_desired_are_available(set: Option<&ReplicaSet>, desired: u32) -> bool {
    set.is_some_and(|set| set.desired() == desired && set.status.available_replicas == desired)
}

/// How many pods of a version count when others are scaled down: those available, or all when readiness is ignored.
///
/// Source: `GetReplicasForScaleDown`.
#[must_use]
pub fn counted_for_scale_down(set: Option<&ReplicaSet>, readiness: Readiness) -> u32 {
    let size = size_of(set);
    if readiness == Readiness::Ignored || size.replicas < size.ready { size.replicas } else { size.ready }
}

/// Whether readiness counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Readiness {
    /// Only pods that are available count.
    Counts,
    /// All that are asked for count.
    Ignored,
}

/// Whether a version has pods and all of them are available.
///
/// Source: `IsReplicaSetAvailable`.
#[must_use]
pub fn is_available(set: Option<&ReplicaSet>) -> bool {
    let size = size_of(set);
    size.ready > 0 && size.replicas <= size.ready
}

/// Whether a version has an available pod.
///
/// Source: `IsReplicaSetPartiallyAvailable`.
#[must_use]
pub fn is_partially_available(set: Option<&ReplicaSet>) -> bool {
    available(set) > 0
}

/// Whether a version is to be scaled down at some time.
///
/// Source: `HasScaleDownDeadline`.
#[must_use]
pub fn has_scale_down_deadline(set: Option<&ReplicaSet>) -> bool {
    set.and_then(|set| set.metadata.annotations.get("scale-down-deadline")).is_some_and(|at| !at.is_empty())
}

/// Whether pods are to be made anew.
///
/// Source: `NeedsRestart`.
#[must_use]
pub fn needs_restart(rollout: &Rollout, now: Time) -> bool {
    let due = rollout.spec.restart_at.filter(|at| *at <= now);
    due.is_some() && rollout.status.restarted_at != due
}
