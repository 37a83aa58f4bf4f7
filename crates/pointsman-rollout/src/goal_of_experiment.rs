//! The pods and shares of an experiment, on top of those of the update.

use pointsman_types::Weight;

use crate::goal::{Goal, Want, rising_is_safe};
use crate::state::{Experimenting, Update};
use crate::{Experiment, Plan, PlanStep, Role, State, Status, Unfinished, Version};

/// The experiment of the current step.
pub(crate) fn current<'p>(plan: &'p Plan, update: &Update) -> Option<&'p Experiment> {
    match plan.step_at(update.index) {
        Some(PlanStep::Experiment(experiment)) => Some(experiment),
        _ => None,
    }
}

/// Whether the version belongs to the experiment that runs.
pub(crate) fn is_variant(plan: &Plan, status: &Status, version: &Version) -> bool {
    let State::Experimenting(running) = &status.state else { return false };
    current(plan, &running.update)
        .is_some_and(|e| e.variants.iter().any(|variant| variant.version == *version))
}

/// Whether nothing but a person ends it.
pub(crate) fn waits_for_a_person(plan: &Plan, update: &Update) -> bool {
    current(plan, update).is_some_and(|running| running.duration.is_none() && running.analysis.is_none())
}

/// Whether it goes on until its analysis answers, though its time may be over.
pub(crate) fn awaits_answer(experiment: &Experiment, running: &Experimenting) -> bool {
    running.run.is_some() && experiment.unfinished == Unfinished::Awaited
}

/// The goal of the update with the variants beside it: their shares are taken from stable's, once all of them are ready.
pub(crate) fn with_variants(plan: &Plan, status: &Status, running: &Experimenting, mut goal: Goal) -> Goal {
    let Update { stable, canary, .. } = &running.update;
    let Some(experiment) = current(plan, &running.update) else { return goal };
    for variant in &experiment.variants {
        let inherits = match variant.copy_of {
            Role::Stable => stable,
            Role::Canary => canary,
        };
        goal.wants.push(Want {
            version: variant.version.clone(),
            replicas: variant.replicas,
            needed: variant.replicas,
            most: u32::MAX,
            inherits: Some(inherits.clone()),
        });
    }
    let all_ready =
        experiment.variants.iter().all(|variant| status.ready(&variant.version) >= variant.replicas);
    let in_place = goal.shares == goal.intended;
    goal.intended = shared(experiment, stable, goal.intended);
    if all_ready && in_place {
        goal.shares = rising_is_safe(status, shared(experiment, stable, goal.shares));
    }
    goal
}

/// The shares with those of the variants, if stable has so much to give.
fn shared(
    experiment: &Experiment,
    stable: &Version,
    shares: Vec<(Version, Weight)>,
) -> Vec<(Version, Weight)> {
    let taken: u32 = experiment.variants.iter().map(|variant| variant.weight.value()).sum();
    let rest =
        shares.iter().find(|(version, _)| version == stable).and_then(|(_, w)| w.value().checked_sub(taken));
    let (Some(rest), true) = (rest, taken > 0) else { return shares };
    let mut with: Vec<(Version, Weight)> = shares
        .into_iter()
        .map(
            |(version, weight)| {
                if version == *stable { (version, Weight::new(rest)) } else { (version, weight) }
            },
        )
        .collect();
    let variants = experiment.variants.iter().filter(|variant| !variant.weight.is_zero());
    with.extend(variants.map(|variant| (variant.version.clone(), variant.weight)));
    with
}
