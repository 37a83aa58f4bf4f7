//! How many pods.

use pointsman_types::Time;

use super::basic::{basic_counts, size_of};
use super::model::{ReplicaSet, Rollout, ThresholdSpec, TrafficWeights};
use super::weights::{Target, target};
use crate::replicas::{self, Counts, SetSize, for_scale_down};

pub(super) fn available(set: Option<&ReplicaSet>) -> u32 {
    set.map_or(0, |set| set.status.available_replicas)
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
    let min_pods = if rollout.is_routed() { min_pods } else { 0 };
    let with_min = |count| replicas::at_least(count, min_pods, size);
    let (mut canary, weight) = match target(rollout, new, stable) {
        // Where the pods are counted, no share is aimed at, and stable stays complete.
        Target::Replicas(count) => (count, 0),
        Target::Weight(weight) => (with_min(pods(weight)), weight),
    };
    if !canary_spec.is_some_and(|canary| canary.dynamic_stable_scale) {
        return Counts { canary, stable: size };
    }
    let mut stable = pods(total.saturating_sub(weight));
    if let Some(recorded) = recorded {
        stable = stable.max(pods(recorded.stable.weight));
        if rollout.status.abort {
            canary = canary.max(pods(recorded.canary.weight));
        }
    }
    Counts { canary: with_min(canary), stable: with_min(stable) }
}

/// How many pods the new version shall have; `None` without a strategy.
///
/// Source: `NewRSNewReplicas`.
#[must_use]
pub fn new_replicas(
    rollout: &Rollout,
    all: &[ReplicaSet],
    new: Option<&ReplicaSet>,
    recorded: Option<&TrafficWeights>,
) -> Option<u32> {
    if rollout.spec.strategy.blue_green.is_some() {
        return Some(preview_size(rollout, all, new));
    }
    rollout.spec.strategy.canary.as_ref()?;
    let is_stable = |set: &&ReplicaSet| !set.hash().is_empty() && set.hash() == rollout.status.stable_rs;
    let stable = new.filter(is_stable).or_else(|| all.iter().find(is_stable));
    if rollout.is_routed() {
        return Some(routed_counts(rollout, new, stable, recorded).canary);
    }
    let is_older =
        |set: &&ReplicaSet| stable.is_none_or(|stable| !stable.is(set)) && new.is_none_or(|new| !new.is(set));
    let older: Vec<ReplicaSet> = all.iter().filter(is_older).cloned().collect();
    Some(basic_counts(rollout, new, stable, &older).canary)
}

fn preview_size(rollout: &Rollout, all: &[ReplicaSet], new: Option<&ReplicaSet>) -> u32 {
    let (size, status) = (rollout.replicas(), &rollout.status);
    let preview = rollout.spec.strategy.blue_green.as_ref().and_then(|spec| spec.preview_replica_count);
    // The last one where several have the hash.
    let active = all.iter().rfind(|set| {
        !status.blue_green.active_selector.is_empty() && set.hash() == status.blue_green.active_selector
    });
    let (Some(preview), Some(active), false) = (preview, active, status.promote_full) else { return size };
    if new.is_none_or(|new| new.is(active)) {
        return size;
    }
    let is_new = new.is_some_and(|new| new.hash() == status.current_pod_hash);
    let is_paused = rollout.spec.paused || !status.pause_conditions.is_empty();
    let checked = status.blue_green.scale_up_preview_check_point;
    if is_new && checked && !is_paused { size } else { preview }
}

/// Whether the new version is complete enough for the pause before the switch.
///
/// Source: `ReadyForPause`.
#[must_use]
pub fn ready_for_pause(rollout: &Rollout, new: Option<&ReplicaSet>, all: &[ReplicaSet]) -> bool {
    let size = new_replicas(rollout, all, new, None);
    size.is_some_and(|size| all_desired_are_available(new, size))
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
        basic_counts(rollout, new, stable, older)
    };
    let canary_spec = rollout.spec.strategy.canary.as_ref();
    let threshold = canary_spec.and_then(|canary| canary.replica_progress_threshold.as_ref());
    let dynamic = routed && canary_spec.is_some_and(|canary| canary.dynamic_stable_scale);
    let is_created = |set: &ReplicaSet| set.desired() == aimed.stable && set.status.replicas == aimed.stable;
    let others_are_gone = routed || older.iter().all(|set| set.status.available_replicas == 0);
    threshold_is_met(threshold, new, aimed.canary)
        && (dynamic || stable.is_some_and(is_created))
        && others_are_gone
}

/// Whether enough pods of `desired` are available.
///
/// Source: `ReplicaProgressThresholdMet`.
#[must_use]
pub fn threshold_is_met(threshold: Option<&ThresholdSpec>, set: Option<&ReplicaSet>, desired: u32) -> bool {
    let threshold = threshold.filter(|threshold| threshold.value >= 0);
    let (Some(threshold), Some(set)) = (threshold, set) else {
        return all_desired_are_available(set, desired);
    };
    let available = i64::from(set.status.available_replicas);
    if threshold.kind != "Percent" {
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
    set.map_or(0, |set| for_scale_down(size_of(set), readiness == Readiness::Ignored))
}

/// Whether readiness counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Readiness {
    /// Only pods that are available count.
    Counts,
    /// All that are asked for count.
    Ignored,
}

/// Whether a version has pods and all of them are available. One that does not say how many has none.
///
/// Source: `IsReplicaSetAvailable`.
#[must_use]
pub fn is_available(set: Option<&ReplicaSet>) -> bool {
    set.is_some_and(|set| {
        let SetSize { replicas, ready } = size_of(set);
        set.spec.replicas.is_some_and(|replicas| replicas > 0) && ready > 0 && replicas <= ready
    })
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
    let due = rollout.spec.restart_at.filter(|at| *at < now);
    due.is_some() && rollout.status.restarted_at != due
}

#[cfg(test)]
mod tests {
    use super::super::{
        BlueGreenSpec, CanarySpec, CanaryStep, PauseCondition, ReplicaSet, Rollout, Routing, ScaleStep,
        ThresholdSpec,
    };
    use super::{Counts, at_desired_counts, new_replicas, routed_counts, threshold_is_met};

    fn set(name: &str, replicas: u32) -> ReplicaSet {
        let mut set = ReplicaSet::default();
        set.metadata.name = name.to_owned();
        set.metadata.labels.insert("rollouts-pod-template-hash".into(), name.to_owned());
        set.spec.replicas = Some(replicas);
        (set.status.replicas, set.status.available_replicas) = (replicas, replicas);
        set
    }

    fn canary(steps: Vec<CanaryStep>) -> Rollout {
        let mut rollout = Rollout::default();
        rollout.spec.replicas = Some(8);
        (rollout.status.stable_rs, rollout.status.current_pod_hash) = ("stable".into(), "new".into());
        rollout.spec.strategy.canary = Some(CanarySpec {
            steps: Some(steps),
            traffic_routing: Some(Routing::default()),
            dynamic_stable_scale: true,
            ..CanarySpec::default()
        });
        rollout
    }

    #[test]
    fn a_dynamic_stable_follows_the_steps_before_any_weight_is_recorded() {
        let rollout = canary(vec![CanaryStep { set_weight: Some(25), ..CanaryStep::default() }]);
        assert_eq!(routed_counts(&rollout, None, None, None), Counts { canary: 2, stable: 6 });
    }

    #[test]
    fn counted_canary_pods_leave_stable_complete() {
        let scale = Some(ScaleStep { replicas: Some(3), ..ScaleStep::default() });
        let rollout = canary(vec![CanaryStep {
            set_weight: Some(25),
            set_canary_scale: scale,
            ..CanaryStep::default()
        }]);
        assert_eq!(routed_counts(&rollout, None, None, None), Counts { canary: 3, stable: 8 });
    }

    #[test]
    fn a_stable_that_is_missing_is_not_as_wanted() {
        let mut rollout = canary(vec![CanaryStep { set_weight: Some(25), ..CanaryStep::default() }]);
        let arrived = |rollout: &Rollout, stable| {
            at_desired_counts(rollout, Some(&set("new", 2)), stable, &[set("older", 4)], None)
        };
        assert!(arrived(&rollout, None));
        if let Some(spec) = &mut rollout.spec.strategy.canary {
            spec.dynamic_stable_scale = false;
        }
        assert!(!arrived(&rollout, None));
        assert!(arrived(&rollout, Some(&set("stable", 8))));
    }

    #[test]
    fn a_threshold_of_nothing_is_not_met() {
        let threshold = ThresholdSpec { kind: "Percent".into(), value: 50 };
        assert!(!threshold_is_met(Some(&threshold), None, 0));
        assert!(threshold_is_met(Some(&threshold), Some(&set("new", 1)), 2));
    }

    #[test]
    fn a_paused_preview_keeps_its_size() {
        let mut rollout = Rollout::default();
        assert_eq!(new_replicas(&rollout, &[], None, None), None);
        rollout.spec.replicas = Some(8);
        rollout.spec.strategy.blue_green =
            Some(BlueGreenSpec { preview_replica_count: Some(2), ..BlueGreenSpec::default() });
        rollout.status.current_pod_hash = "new".into();
        rollout.status.blue_green.active_selector = "active".into();
        rollout.status.blue_green.scale_up_preview_check_point = true;
        let all = [set("active", 8), set("new", 2)];
        assert_eq!(new_replicas(&rollout, &all, all.get(1), None), Some(8));
        rollout.status.pause_conditions = vec![PauseCondition::default()];
        assert_eq!(new_replicas(&rollout, &all, all.get(1), None), Some(2));
    }
}
