//! Whether a rollout moves, rests, or has run out of time.

use pointsman_types::{Time, duration::TimeDelta};

use super::defaults;
use super::model::{ReplicaSet, Rollout, RolloutStatus};
use super::weights::current_step;

/// Whether something moved from the status of `rollout` to `new`.
///
/// Source: `RolloutProgressing`.
#[must_use]
pub fn is_progressing(rollout: &Rollout, new: &RolloutStatus) -> bool {
    let old = &rollout.status;
    let of_strategy = if rollout.spec.strategy.canary.is_some() {
        let steps = new.current_step_index.zip(old.current_step_index);
        (&new.stable_rs, &new.current_step_hash) != (&old.stable_rs, &old.current_step_hash)
            || steps.is_some_and(|(new, old)| new != old)
    } else if rollout.spec.strategy.blue_green.is_some() {
        (&new.blue_green.active_selector, &new.blue_green.preview_selector)
            != (&old.blue_green.active_selector, &old.blue_green.preview_selector)
    } else {
        false
    };
    let outdated = |status: &RolloutStatus| i64::from(status.replicas) - i64::from(status.updated_replicas);
    of_strategy
        || new.updated_replicas != old.updated_replicas
        || outdated(new) < outdated(old)
        || new.ready_replicas > old.ready_replicas
        || new.available_replicas > old.available_replicas
}

/// Whether the wanted version runs complete and alone. The generation is the one that was observed before.
///
/// Source: `RolloutHealthy`.
#[must_use]
pub fn is_healthy(rollout: &Rollout, new: &RolloutStatus) -> bool {
    let size = rollout.replicas();
    let done = match (&rollout.spec.strategy.blue_green, &rollout.spec.strategy.canary) {
        (Some(spec), None) => {
            new.blue_green.active_selector == new.current_pod_hash
                && (spec.preview_service.is_empty()
                    || new.blue_green.preview_selector == new.current_pod_hash)
        }
        (_, Some(canary)) => {
            let steps_done = canary.steps().is_empty()
                || new.current_step_index.is_none_or(|index| index as usize == canary.steps().len());
            steps_done && is_completed(new) && new.replicas == size
        }
        (None, None) => true,
    };
    done && new.updated_replicas == size
        && new.available_replicas == size
        && rollout.status.observed_generation == rollout.metadata.generation.to_string()
}

/// Whether the wanted version is the one that serves.
///
/// Source: `RolloutCompleted`.
#[must_use]
pub fn is_completed(status: &RolloutStatus) -> bool {
    !status.stable_rs.is_empty() && status.stable_rs == status.current_pod_hash
}

/// Whether nothing moved for longer than the deadline.
///
/// Source: `RolloutTimedOut`.
#[must_use]
pub fn is_timed_out(rollout: &Rollout, new: &RolloutStatus, now: Time) -> bool {
    let Some(condition) = new.conditions.iter().find(|condition| condition.kind == "Progressing") else {
        return false;
    };
    match condition.reason.as_str() {
        "ProgressDeadlineExceeded" => true,
        "RolloutAborted" | "RolloutPaused" => false,
        _ => {
            let deadline = TimeDelta::from_secs(i64::from(defaults::progress_deadline_seconds(rollout)));
            // Never updated is long ago.
            condition.last_update_time.is_none_or(|at| at.plus(deadline) < now)
        }
    }
}

/// Whether the status speaks of the spec as it is now. A generation that is no number (older releases wrote a hash) counts
/// as observed.
///
/// Source: `isGenerationObserved`.
#[must_use]
pub fn is_generation_observed(rollout: &Rollout) -> bool {
    let observed = rollout.status.observed_generation.parse::<i64>();
    observed.map_or(true, |observed| observed >= rollout.metadata.generation)
}

/// Whether the status speaks of the workload that the spec refers to as it is now. What is no number counts as observed.
///
/// Source: `isWorkloadGenerationObserved`.
#[must_use]
pub fn is_workload_generation_observed(rollout: &Rollout) -> bool {
    let annotation = rollout.metadata.annotations.get("rollout.argoproj.io/workload-generation");
    let generation = annotation.and_then(|text| text.parse::<i32>().ok());
    let observed = rollout.status.workload_observed_generation.parse::<i32>().ok();
    generation.zip(observed).is_none_or(|(generation, observed)| generation == observed)
}

/// Whether the canary is being given up, so that only stable has to be ready before traffic moves: after an abort, or
/// where a stable that scales is on its way back.
///
/// Source: `AbortOrDynamicRollbackToStable`.
#[must_use]
pub fn gives_up_canary(rollout: &Rollout, sets: &[ReplicaSet], stable_hash: &str) -> bool {
    if rollout.status.abort {
        return true;
    }
    let dynamic = rollout.spec.strategy.canary.as_ref().is_some_and(|canary| canary.dynamic_stable_scale);
    let recorded = rollout.status.canary.weights.as_ref();
    let stable = sets.iter().find(|set| set.hash() == stable_hash);
    rollout.is_promoted()
        && rollout.is_routed()
        && dynamic
        && recorded.zip(stable).is_some_and(|(recorded, stable)| {
            recorded.canary.pod_template_hash != stable.hash()
                && stable.status.available_replicas < rollout.replicas()
        })
}

/// Whether the weight is to be verified at the load balancer: during an update, at a step that sets one and at its end.
///
/// Source: `ShouldVerifyWeight`.
#[must_use]
pub fn verifies_weight(rollout: &Rollout, desired_weight: u32) -> bool {
    if rollout.status.stable_rs.is_empty() || rollout.is_promoted() {
        return false;
    }
    match current_step(rollout) {
        Some((_, step)) => step.set_weight.is_some(),
        None => desired_weight == rollout.total_weight(),
    }
}

#[cfg(test)]
mod tests {
    use pointsman_types::Time;

    use super::super::model::{CanarySpec, ConditionStatus, Rollout, RolloutStatus};
    use super::{is_healthy, is_progressing, is_timed_out, verifies_weight};

    fn canary() -> Rollout {
        let mut rollout = Rollout::default();
        rollout.spec.strategy.canary = Some(CanarySpec::default());
        rollout
    }

    #[test]
    fn a_first_step_is_no_progress_and_a_later_one_is() {
        let mut rollout = canary();
        let new = RolloutStatus { current_step_index: Some(2), ..RolloutStatus::default() };
        assert!(!is_progressing(&rollout, &new));
        rollout.status.current_step_index = Some(1);
        assert!(is_progressing(&rollout, &new));
    }

    #[test]
    fn the_generation_that_counts_is_the_one_observed_before() {
        let mut rollout = canary();
        rollout.metadata.generation = 3;
        let new = RolloutStatus {
            stable_rs: "a".into(),
            current_pod_hash: "a".into(),
            replicas: 1,
            updated_replicas: 1,
            available_replicas: 1,
            observed_generation: "3".into(),
            ..RolloutStatus::default()
        };
        assert!(!is_healthy(&rollout, &new));
        rollout.status.observed_generation = "3".into();
        assert!(is_healthy(&rollout, &new));
    }

    #[test]
    fn what_was_never_updated_has_timed_out() {
        let progressing = ConditionStatus { kind: "Progressing".into(), ..ConditionStatus::default() };
        let new = RolloutStatus { conditions: vec![progressing], ..RolloutStatus::default() };
        assert!(is_timed_out(&canary(), &new, Time::from_secs(0)));
    }

    #[test]
    fn a_promoted_rollout_has_no_weight_to_verify() {
        let mut rollout = canary();
        (rollout.status.stable_rs, rollout.status.current_pod_hash) = ("a".into(), "b".into());
        assert!(verifies_weight(&rollout, 100) && !verifies_weight(&rollout, 99));
        rollout.status.current_pod_hash = "a".into();
        assert!(!verifies_weight(&rollout, 100));
    }
}
