//! Which step, which weight.

use super::counts::available;
use super::defaults::{Delay, abort_scale_down_delay};
use super::model::{CanarySpec, ReplicaSet, Rollout};
use super::steps::{CanaryStep, ExperimentStep};
use crate::replicas;

/// How many pods the canary shall have: so many, or as many as a share needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Target {
    /// So many.
    Replicas(u32),
    /// This share, of the total weight.
    Weight(u32),
}

fn canary(rollout: &Rollout) -> Option<&CanarySpec> {
    rollout.spec.strategy.canary.as_ref()
}

/// The current step and its index; none when there are no steps or all are done.
///
/// Source: `GetCurrentCanaryStep`.
#[must_use]
pub fn current_step(rollout: &Rollout) -> Option<(usize, &CanaryStep)> {
    let index = current_step_index(rollout)?;
    canary(rollout)?.steps().get(index).map(|step| (index, step))
}

/// The index of the current step, also when all are done; none when there are no steps.
///
/// Source: `GetCurrentCanaryStep`.
#[must_use]
pub fn current_step_index(rollout: &Rollout) -> Option<usize> {
    let steps = canary(rollout).filter(|canary| !canary.steps().is_empty());
    steps.map(|_| rollout.status.current_step_index.unwrap_or(0) as usize)
}

/// The steps up to the current one, the current one first.
fn back_from_current(rollout: &Rollout) -> impl Iterator<Item = &CanaryStep> {
    let done = current_step(rollout).map_or(0, |(index, _)| index + 1);
    let steps = canary(rollout).map_or(&[][..], CanarySpec::steps);
    steps.iter().take(done).rev()
}

/// The weight in force by the steps: 0 when aborted, all when there is no current step, else that of the nearest
/// `setWeight` at or before it.
///
/// Source: `GetCurrentSetWeight`.
#[must_use]
pub fn set_weight(rollout: &Rollout) -> u32 {
    if rollout.status.abort {
        return 0;
    }
    if current_step(rollout).is_none() {
        return rollout.total_weight();
    }
    back_from_current(rollout).find_map(|step| step.set_weight).unwrap_or(0)
}

/// The experiment in force: of the current step or the nearest before it.
///
/// Source: `GetCurrentExperimentStep`.
#[must_use]
pub fn current_experiment(rollout: &Rollout) -> Option<&ExperimentStep> {
    back_from_current(rollout).find_map(|step| step.experiment.as_ref())
}

/// Whether the background analysis has not begun yet.
///
/// Source: `BeforeStartingStep`.
#[must_use]
pub fn before_starting_step(rollout: &Rollout) -> bool {
    let starting = canary(rollout).and_then(|canary| canary.analysis.as_ref()?.starting_step);
    starting.zip(current_step_index(rollout)).is_some_and(|(starting, index)| index < starting as usize)
}

/// The number of canary pods that is aimed at.
///
/// Source: `GetCanaryReplicasOrWeight`.
#[must_use]
pub fn target(rollout: &Rollout, new: Option<&ReplicaSet>, stable: Option<&ReplicaSet>) -> Target {
    let status = &rollout.status;
    if status.promote_full || status.stable_rs.is_empty() || rollout.is_promoted() {
        return Target::Weight(rollout.total_weight());
    }
    scale_in_force(rollout).unwrap_or_else(|| Target::Weight(desired_canary_weight(rollout, new, stable)))
}

/// The `setCanaryScale` in force: only with a route, and after an abort only when the pods are to stay for ever.
fn scale_in_force(rollout: &Rollout) -> Option<Target> {
    let stays = abort_scale_down_delay(rollout) == Delay::Never;
    if !rollout.is_routed() || (rollout.status.abort && !stays) {
        return None;
    }
    let scale = back_from_current(rollout).find_map(|step| step.set_canary_scale.as_ref())?;
    if scale.match_traffic_weight {
        return None;
    }
    scale.replicas.map(Target::Replicas).or(scale.weight.map(Target::Weight))
}

/// The share that the canary shall have: that of the steps, and after an abort with a stable that was scaled down the
/// largest step that what stable lacks still needs.
///
/// Source: `GetDesiredCanaryWeight`.
#[must_use]
pub fn desired_canary_weight(
    rollout: &Rollout,
    new: Option<&ReplicaSet>,
    stable: Option<&ReplicaSet>,
) -> u32 {
    let (Some(canary), true) = (canary(rollout), rollout.status.abort) else { return set_weight(rollout) };
    let (true, Some(new), Some(stable)) = (canary.dynamic_stable_scale, new, stable) else { return 0 };
    let size = rollout.replicas();
    let lacking = size.saturating_sub(available(Some(stable)));
    let explicit_delay = matches!(abort_scale_down_delay(rollout), Delay::Set(_));
    let held = if explicit_delay { lacking } else { lacking.max(available(Some(new))) };
    let total = rollout.total_weight();
    let weights = canary.steps().iter().rev().filter_map(|step| step.set_weight);
    weights.into_iter().find(|weight| replicas::for_weight(size, *weight, total, 0) < held).unwrap_or(0)
}
