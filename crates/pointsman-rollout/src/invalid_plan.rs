//! What can be wrong with a plan.

use pointsman_types::{IntOrString, Weight, duration::TimeDelta};

use crate::plan::{MAX_REPLICAS, MAX_STEPS, MAX_TOTAL_WEIGHT};
use crate::{
    CanaryScale, ManagedRoute, Pause, PlanSpec, PlanStep, RouteAction, Strategy, Threshold, Traffic, compile,
    goal,
};

/// What is wrong with a plan. `at` says where: `steps[2]`, `replicas`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{at}: {what}")]
pub struct InvalidPlan {
    /// The field.
    pub at: String,
    /// What is wrong there, with the value.
    pub what: String,
}

fn problem(at: impl Into<String>, what: impl Into<String>) -> InvalidPlan {
    InvalidPlan { at: at.into(), what: what.into() }
}

/// All that is wrong, in the order of the fields.
pub(crate) fn problems(spec: &PlanSpec) -> Vec<InvalidPlan> {
    let mut found = Vec::new();
    if spec.component.is_empty() {
        found.push(problem("component", "a component needs a name"));
    }
    check_numbers(spec, &mut found);
    check_strategy(spec, &mut found);
    found.extend(spec.sticky.iter().flat_map(crate::Sticky::problems).map(|what| problem("sticky", what)));
    // Writing a strategy down as steps is bounded only when its numbers are.
    if found.is_empty() {
        let steps = compile::steps_of(&spec.strategy, spec.total_weight);
        if steps.len() > MAX_STEPS {
            found.push(problem("steps", format!("{} steps are more than {MAX_STEPS}", steps.len())));
        }
        for (index, step) in steps.iter().enumerate() {
            check_step(spec, &format!("steps[{index}]"), step, &mut found);
            check_room(spec, &steps, index, &mut found);
        }
        check_sticky(spec, &steps, &mut found);
    }
    found
}

fn check_numbers(spec: &PlanSpec, found: &mut Vec<InvalidPlan>) {
    if spec.replicas > MAX_REPLICAS {
        found.push(problem("replicas", format!("`{}` is more than {MAX_REPLICAS}", spec.replicas)));
    }
    if spec.total_weight == 0 || spec.total_weight > MAX_TOTAL_WEIGHT {
        found.push(problem(
            "totalWeight",
            format!("`{}` is not between 1 and {MAX_TOTAL_WEIGHT}", spec.total_weight),
        ));
    }
    if spec.min_pods > MAX_REPLICAS {
        found.push(problem("minPods", format!("`{}` is more than {MAX_REPLICAS}", spec.min_pods)));
    }
    if let Threshold::Percent(percent) = spec.threshold
        && percent > 100
    {
        found.push(problem("threshold", format!("`{percent}` is more than 100 percent")));
    }
    if spec.progress_deadline.is_some_and(|deadline| deadline <= TimeDelta::ZERO) {
        found.push(problem("progressDeadline", "a deadline must be longer than nothing"));
    }
}

fn check_strategy(spec: &PlanSpec, found: &mut Vec<InvalidPlan>) {
    match &spec.strategy {
        Strategy::Canary(canary) => {
            if let Traffic::ByReplicas { max_surge, max_unavailable } = canary.traffic {
                check_bounds(max_surge, max_unavailable, found);
            }
            if let Some(background) = &canary.background
                && canary.steps.len() < background.starting_step as usize
            {
                found.push(problem(
                    "background.startingStep",
                    format!(
                        "there is no step {}: the plan has {}",
                        background.starting_step,
                        canary.steps.len()
                    ),
                ));
            }
        }
        Strategy::Increments(increments) => {
            if increments.weights.is_empty() {
                found.push(problem("weights", "without any weight the canary never gets traffic"));
            }
            if !increments.weights.is_sorted_by(|a, b| a < b) {
                found.push(problem("weights", "each weight must be above the one before"));
            }
            if increments.interval < TimeDelta::ZERO {
                found.push(problem("interval", "must not be negative"));
            }
        }
        Strategy::AbTest(test) => {
            if test.iterations == 0 || test.iterations as usize > MAX_STEPS {
                found.push(problem(
                    "iterations",
                    format!("`{}` is not between 1 and {MAX_STEPS}", test.iterations),
                ));
            }
            if test.matches.is_empty() {
                found.push(problem("matches", "without a match no request goes to the new version"));
            }
        }
        Strategy::BlueGreen(_) | Strategy::Manual(_) => {}
    }
}

fn check_bounds(max_surge: IntOrString, max_unavailable: IntOrString, found: &mut Vec<InvalidPlan>) {
    let number = |value| match value {
        IntOrString::Int(number) | IntOrString::Percent(number) => number,
    };
    for (at, value) in [("maxSurge", max_surge), ("maxUnavailable", max_unavailable)] {
        if number(value) < 0 {
            found.push(problem(at, format!("`{value}` is negative")));
        }
    }
    if number(max_surge) == 0 && number(max_unavailable) == 0 {
        found.push(problem("maxSurge", "maxSurge and maxUnavailable must not both be 0"));
    }
}

fn check_step(spec: &PlanSpec, at: &str, step: &PlanStep, found: &mut Vec<InvalidPlan>) {
    match step {
        PlanStep::SetWeight(weight) => check_weight(spec, at, *weight, found),
        PlanStep::SetCanaryScale(scale) => check_scale(spec, at, *scale, found),
        PlanStep::Pause(Pause { duration: Some(duration) }) if *duration < TimeDelta::ZERO => {
            found.push(problem(at, format!("a pause of `{duration}` is negative")));
        }
        PlanStep::Analysis(analysis) if analysis.templates.is_empty() => {
            found.push(problem(at, "an analysis needs something to measure"));
        }
        PlanStep::Experiment(experiment) => check_experiment(spec, at, experiment, found),
        PlanStep::SetRoute(route) => check_route(spec, at, route, found),
        PlanStep::Barrier(name) if name.is_empty() => found.push(problem(at, "a barrier needs a name")),
        PlanStep::Pause(_) | PlanStep::Analysis(_) | PlanStep::Barrier(_) => {}
    }
}

fn check_weight(spec: &PlanSpec, at: &str, weight: Weight, found: &mut Vec<InvalidPlan>) {
    if weight.value() > spec.total_weight {
        found.push(problem(at, format!("weight {weight} is above the total of {}", spec.total_weight)));
    }
}

fn check_scale(spec: &PlanSpec, at: &str, scale: CanaryScale, found: &mut Vec<InvalidPlan>) {
    if is_by_replicas(spec) {
        found.push(problem(
            at,
            "the number of canary pods can be fixed only where a route shares the traffic",
        ));
    }
    match scale {
        CanaryScale::Replicas(count) if count > MAX_REPLICAS => {
            found.push(problem(at, format!("{count} replicas are more than {MAX_REPLICAS}")));
        }
        CanaryScale::Weight(weight) => check_weight(spec, at, Weight::new(weight), found),
        CanaryScale::Replicas(_) | CanaryScale::MatchTraffic => {}
    }
}

fn check_experiment(spec: &PlanSpec, at: &str, experiment: &crate::Experiment, found: &mut Vec<InvalidPlan>) {
    if experiment.variants.is_empty() {
        found.push(problem(at, "an experiment needs at least one variant"));
    }
    let total: u64 = experiment.variants.iter().map(|v| u64::from(v.weight.value())).sum();
    if total > u64::from(spec.total_weight) {
        found.push(problem(at, format!("the variants take {total} of {}", spec.total_weight)));
    }
    for variant in &experiment.variants {
        if variant.replicas == 0 && !variant.weight.is_zero() {
            found.push(problem(at, format!("variant `{}` has traffic but no pods", variant.version)));
        }
        if variant.replicas > MAX_REPLICAS {
            found.push(problem(at, format!("{} replicas are more than {MAX_REPLICAS}", variant.replicas)));
        }
    }
}

/// Variants take their shares from stable's: there must be so much of it.
fn check_room(spec: &PlanSpec, steps: &[PlanStep], index: usize, found: &mut Vec<InvalidPlan>) {
    let Some((PlanStep::Experiment(experiment), before)) = steps.get(..=index).and_then(<[_]>::split_last)
    else {
        return;
    };
    let canary = u64::from(goal::weight_in_force(before).value());
    let variants: u64 = experiment.variants.iter().map(|v| u64::from(v.weight.value())).sum();
    let total = u64::from(spec.total_weight);
    // What is too much by itself is said already.
    if variants > 0 && canary <= total && variants <= total && canary + variants > total {
        let what =
            format!("the variants take {variants} beside {canary} of the canary: together more than {total}");
        found.push(problem(format!("steps[{index}]"), what));
    }
}

fn check_route(spec: &PlanSpec, at: &str, route: &ManagedRoute, found: &mut Vec<InvalidPlan>) {
    if route.name.is_empty() {
        found.push(problem(at, "a managed route needs a name"));
    }
    if is_by_replicas(spec) {
        found.push(problem(at, "a managed route needs a route to stand in"));
    }
}

/// Users can stay only where a route deals them by a weight, and nobody else deals them.
fn check_sticky(spec: &PlanSpec, steps: &[PlanStep], found: &mut Vec<InvalidPlan>) {
    if spec.sticky.is_none() {
        return;
    }
    match &spec.strategy {
        Strategy::BlueGreen(_) => found.push(problem("sticky", "blue-green moves all users at once")),
        Strategy::AbTest(_) => found.push(problem("sticky", "an A/B test tells users apart by itself")),
        _ if is_by_replicas(spec) => found.push(problem("sticky", "users can stay only by a route")),
        _ => {}
    }
    for (index, step) in steps.iter().enumerate() {
        let (at, steps) = (format!("steps[{index}]"), steps.get(..=index).unwrap_or_default());
        let mirrors = |route: &ManagedRoute| matches!(route.action, RouteAction::Mirror(_));
        match step {
            PlanStep::Experiment(e) if e.variants.iter().any(|variant| !variant.weight.is_zero()) => {
                found.push(problem(at, "variants with traffic would deal users who stay"));
            }
            _ if !goal::weight_in_force(steps).is_zero()
                && goal::managed_in_force(steps).iter().any(mirrors) =>
            {
                found.push(problem(at, "a mirror beside a weight takes requests before users can stay"));
            }
            _ => {}
        }
    }
}

fn is_by_replicas(spec: &PlanSpec) -> bool {
    matches!(&spec.strategy, Strategy::Canary(canary) if matches!(canary.traffic, Traffic::ByReplicas { .. }))
}
