//! The small groups that are searched.

use std::collections::BTreeMap;

use pointsman_rollout::group::{GroupEvent, GroupPlan};
use pointsman_rollout::{
    Analysis, Canary, Pause, PlanSpec, PlanStep, Propagation, StableScale, Strategy, Version,
};
use pointsman_types::{Weight, duration::TimeDelta};

/// Names and groups.
pub(super) fn all() -> Vec<(&'static str, GroupPlan)> {
    let weight = |weight| PlanStep::SetWeight(Weight::new(weight));
    let canary = |name: &str, steps: Vec<PlanStep>| PlanSpec::new(name, Strategy::Canary(Canary::new(steps)));
    let together = GroupPlan::in_step([
        canary("reviews", vec![weight(50), PlanStep::Analysis(Analysis::of(["errors"]))])
            .with_propagation(Propagation::Observed),
        canary("ratings", vec![weight(50)]),
    ]);
    let barrier = |name: &str| PlanStep::Barrier(name.into());
    // One barrier is the first's alone, and one component waits for a person and for time.
    let apart = [
        canary("reviews", vec![barrier("own"), weight(20), barrier("both"), weight(60)])
            .with_stable_scale(StableScale::Dynamic)
            .with_propagation(Propagation::Hold(TimeDelta::from_secs(5))),
        canary(
            "ratings",
            vec![PlanStep::Pause(Pause::of(TimeDelta::from_secs(10))), barrier("both"), weight(100)],
        ),
    ];
    let apart = GroupPlan::new(apart.map(|spec| spec.build().expect("valid")));
    vec![
        ("a barrier before each share", together.expect("valid")),
        ("one barrier for both, one for one", apart.expect("valid")),
    ]
}

/// This version of both.
pub(super) fn released(plan: &GroupPlan, version: &Version) -> GroupEvent {
    let versions: BTreeMap<String, Version> =
        plan.members().map(|(name, _)| (name.to_owned(), version.clone())).collect();
    GroupEvent::Released { versions }
}
