//! Whether a rollout moves, rests, or has run out of time.

use pointsman_types::{Time, duration::TimeDelta};

use super::defaults;
use super::model::{Rollout, RolloutStatus};
use super::weights::current_step;

/// Whether something moved from the status of `rollout` to `new`.
///
/// Source: `RolloutProgressing`.
#[must_use]
pub fn is_progressing(rollout: &Rollout, new: &RolloutStatus) -> bool {
    let old = &rollout.status;
    let of_strategy = if rollout.spec.strategy.canary.is_some() {
        (&new.stable_rs, new.current_step_index, &new.current_step_hash)
            != (&old.stable_rs, old.current_step_index, &old.current_step_hash)
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

/// Whether the wanted version runs complete and alone.
///
/// Source: `RolloutHealthy`.
#[must_use]
pub fn is_healthy(rollout: &Rollout, new: &RolloutStatus) -> bool {
    let size = rollout.replicas();
    let done = match (&rollout.spec.strategy.blue_green, &rollout.spec.strategy.canary) {
        (Some(spec), _) => {
            new.blue_green.active_selector == new.current_pod_hash
                && (spec.preview_service.is_empty()
                    || new.blue_green.preview_selector == new.current_pod_hash)
        }
        (None, Some(canary)) => {
            let steps_done = canary.steps.is_empty()
                || new.current_step_index.is_none_or(|index| index as usize == canary.steps.len());
            steps_done && is_completed(new) && new.replicas == size
        }
        (None, None) => true,
    };
    done && new.updated_replicas == size
        && new.available_replicas == size
        && new.observed_generation == rollout.metadata.generation.to_string()
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
            condition.last_update_time.is_some_and(|at| at.plus(deadline) < now)
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

/// Whether the weight is to be verified at the load balancer.
///
/// Source: `ShouldVerifyWeight`.
#[must_use]
pub fn verifies_weight(rollout: &Rollout, desired_weight: u32) -> bool {
    if rollout.status.stable_rs.is_empty() {
        return false;
    }
    match current_step(rollout) {
        Some((_, step)) => step.set_weight.is_some(),
        None => desired_weight == rollout.total_weight(),
    }
}
