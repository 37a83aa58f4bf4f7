//! A plan tried out in a scripted cluster.

use pointsman_rollout::rehearsal::{Ending, Script, rehearse};
use pointsman_rollout::{Analysis, Canary, Pause, PlanSpec, PlanStep, Strategy};
use pointsman_types::{IntOrString, Weight, duration::TimeDelta};

fn steps() -> Vec<PlanStep> {
    let pause = |seconds| PlanStep::Pause(Pause::of(TimeDelta::from_secs(seconds)));
    vec![PlanStep::SetWeight(Weight::new(20)), pause(600), PlanStep::SetWeight(Weight::new(60)), pause(600)]
}

#[test]
fn an_analysis_beside_the_steps_fails_when_the_weight_is_reached() {
    let canary = Canary::new(steps()).with_background(Analysis::of(["errors"]), 0);
    let plan = PlanSpec::new("reviews", Strategy::Canary(canary)).with_replicas(5).build().expect("valid");
    assert_eq!(rehearse(&plan, &Script::new()).ending(), Ending::Promoted);
    let failing = rehearse(&plan, &Script::new().with_failure_from(Weight::new(40)));
    assert_eq!((failing.ending(), failing.greatest_weight()), (Ending::Aborted, Weight::new(60)));
    let never = rehearse(&plan, &Script::new().with_failure_from(Weight::new(101)));
    assert_eq!(never.ending(), Ending::Promoted);
}

#[test]
fn without_a_route_ready_pods_are_the_shares() {
    let canary = Canary::new([steps(), vec![PlanStep::Analysis(Analysis::of(["errors"]))]].concat());
    let canary = canary.by_replicas(IntOrString::Int(1), IntOrString::Int(0));
    let plan = PlanSpec::new("reviews", Strategy::Canary(canary)).with_replicas(5).build().expect("valid");
    let failing = rehearse(&plan, &Script::new().with_failure_from(Weight::new(50)));
    assert_eq!((failing.ending(), failing.greatest_weight()), (Ending::Aborted, Weight::new(60)));
    for frame in failing.frames() {
        assert_eq!(frame.shares.iter().map(|(_, weight)| weight.value()).sum::<u32>(), 100, "{frame:?}");
    }
}
