//! What a lint says of a plan: each field by itself, as it is written.

use pointsman_rollout::rehearsal::Script;
use pointsman_rollout::{CanaryScale, Experiment, Pause, PlanSpec, PlanStep, Strategy};
use pointsman_types::duration::TimeDelta;

use crate::trying::Seer;

/// A lint.
pub(crate) struct Lint;

impl Seer for Lint {
    /// A script it has no use for: it plays nothing.
    fn say(&self, spec: &PlanSpec, _: &Script) -> Vec<String> {
        let Strategy::Canary(canary) = &spec.strategy else { return Vec::new() };
        let found = canary.steps.iter().enumerate().filter_map(|(index, step)| {
            let what = wrong_with(step)?;
            Some(format!("steps[{index}]: {what}"))
        });
        let component = spec.component.is_empty().then(|| "component: is needed".to_owned());
        component.into_iter().chain(found).collect()
    }
}

fn wrong_with(step: &PlanStep) -> Option<&'static str> {
    let is_wrong = match step {
        PlanStep::SetWeight(weight) => weight.value() > 100,
        PlanStep::SetCanaryScale(CanaryScale::Weight(weight)) => *weight > 100,
        PlanStep::Pause(Pause { duration }) => duration.is_some_and(|duration| duration < TimeDelta::ZERO),
        PlanStep::Analysis(analysis) => analysis.templates.is_empty(),
        PlanStep::Experiment(Experiment { name, variants, .. }) => {
            name.is_empty() || variants.is_empty() || variants.iter().any(|v| v.weight.value() > 100)
        }
        PlanStep::SetRoute(route) => route.name.is_empty(),
        PlanStep::Barrier(name) => name.is_empty(),
        _ => false,
    };
    is_wrong.then_some("is not allowed")
}
