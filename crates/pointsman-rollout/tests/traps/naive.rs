//! How one would write it in an afternoon: each function is what a controller does, or did, that ran into the thread.

use pointsman_rollout::{Effect, Experiment, ManagedRoute, Outcome, Plan, PlanStep, Status, Version};

/// Accepts what is well formed.
pub(crate) fn lint(plan: &Plan) -> bool {
    !plan.steps().is_empty()
}

/// Does everything at once, in the order in which one thinks of it: pods first, then the route. No waits.
pub(crate) fn everything_at_once(effects: Vec<Effect>) -> Vec<Effect> {
    effects.into_iter().filter(|effect| !effect.is_wait()).collect()
}

/// The route is written before what it names.
pub(crate) fn route_first(effects: Vec<Effect>) -> Vec<Effect> {
    let (mut first, rest): (Vec<Effect>, Vec<Effect>) =
        effects.into_iter().partition(|effect| matches!(effect, Effect::SetSplit { .. }));
    first.extend(rest);
    first
}

/// The weight of the step, where the step is one that sets a weight.
pub(crate) fn weight_of_step(plan: &Plan, index: usize) -> u32 {
    match plan.steps().get(index) {
        Some(PlanStep::SetWeight(weight)) => weight.value(),
        _ => 0,
    }
}

/// Who is to serve in the end gets everything.
pub(crate) fn weight_on_rollback(status: &Status) -> u32 {
    if status.state().name() == "Promoting" { 100 } else { 0 }
}

/// Each version has the share of its ready pods.
pub(crate) fn weights_by_ready(ready: [u32; 2]) -> [u32; 2] {
    let all = ready[0] + ready[1];
    ready.map(|ready| (ready * 100).checked_div(all).unwrap_or(0))
}

/// Stable has what the canary has not.
pub(crate) fn stable_beside(canary: u32, experiment: &Experiment) -> Vec<u32> {
    let variants = experiment.variants.iter().map(|variant| variant.weight.value());
    [100 - canary, canary].into_iter().chain(variants).collect()
}

/// The destinations of an experiment stay until the next weight is set.
pub(crate) fn destinations_after(status: &Status, experiment: &Experiment) -> Vec<Version> {
    let named = status.shares().iter().map(|(version, _)| version.clone());
    named.chain(experiment.variants.iter().map(|variant| variant.version.clone())).collect()
}

/// A managed route is written when its step is done.
pub(crate) fn routes_of_step(plan: &Plan, index: usize) -> Vec<ManagedRoute> {
    match plan.steps().get(index) {
        Some(PlanStep::SetRoute(route)) if !route.matches.is_empty() => vec![route.clone()],
        _ => Vec::new(),
    }
}

/// The routes that were written stay where they point to.
pub(crate) fn routes_stay(before: &Status) -> Vec<ManagedRoute> {
    before.managed_routes().to_vec()
}

/// The share of the pods, rounded.
pub(crate) fn pods_for(size: u32, weight: u32) -> u32 {
    (size * weight + 50) / 100
}

/// Pods as the weight in force says; a step that fixes their number counts only while it is done.
pub(crate) fn canary_pods_of_step(plan: &Plan, index: usize) -> u32 {
    use pointsman_rollout::CanaryScale;
    let size = plan.spec().replicas;
    if let Some(PlanStep::SetCanaryScale(CanaryScale::Replicas(count))) = plan.steps().get(index) {
        return *count;
    }
    let before = plan.steps().get(..=index).unwrap_or_default().iter().rev();
    let weight = before
        .filter_map(|step| if let PlanStep::SetWeight(w) = step { Some(w.value()) } else { None })
        .next();
    pods_for(size, weight.unwrap_or(0))
}

/// The canary goes as soon as it is given up.
pub(crate) fn pods_after_abort(stable: u32, _canary: u32) -> [u32; 2] {
    [stable, 0]
}

/// Stable goes as the canary is asked to come.
pub(crate) fn pods_while_growing(size: u32, canary_asked: u32) -> [u32; 2] {
    [size - canary_asked.min(size), canary_asked]
}

/// How much of the traffic the ready pods can take.
pub(crate) const fn share_of_ready(ready: u32, size: u32) -> Option<u32> {
    (100 * ready).checked_div(size)
}

/// An analysis passes unless it failed.
pub(crate) fn goes_on(outcome: Outcome) -> bool {
    !matches!(outcome, Outcome::Failed | Outcome::Error)
}

/// A pause is over when its time is.
pub(crate) const fn pause_is_over(elapsed_s: i64, duration_s: i64) -> bool {
    elapsed_s > duration_s
}

/// `promote` ends the pause, and nothing else.
pub(crate) fn promote_ends_only_pauses(status: &Status) -> bool {
    status.state().name() == "Paused"
}

/// An experiment is over when its time is, whatever its analysis will say.
pub(crate) const fn experiment_passes(is_over: bool, _analysis: Option<Outcome>) -> bool {
    is_over
}

/// The run of a step that was left is not looked at any more.
pub(crate) fn runs_stopped_after_promote() -> Vec<u64> {
    Vec::new()
}
