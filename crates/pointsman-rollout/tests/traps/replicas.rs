//! A6: replica maths that surprises.

use pointsman_rollout::rehearsal::{Ending, Frame, Script, rehearse};
use pointsman_rollout::replicas::{for_weight, share_that_fits};
use pointsman_rollout::{
    Analysis, Canary, CanaryScale, Command, Pause, PlanSpec, PlanStep, StableScale, Strategy,
};
use pointsman_types::{IntOrString, Weight};

use crate::{Story, canary, naive, v2, weight};

/// ar#1713: few replicas and many steps.
#[test]
fn a_share_above_zero_has_a_pod() {
    for size in 1..=5 {
        for weight in 1..=100 {
            assert!(for_weight(size, weight, 100, 0) >= 1, "{weight} of {size}");
        }
    }
    assert_eq!(naive::pods_for(3, 10), 0);
}

/// ar#3501, ar#4233: a pod dropped and made again when a fixed number of pods ends.
#[test]
fn leaving_a_fixed_number_of_pods_drops_none() {
    let steps = [
        PlanStep::SetCanaryScale(CanaryScale::Replicas(3)),
        PlanStep::Pause(Pause::of(pointsman_types::duration::TimeDelta::from_secs(60))),
        weight(30),
        PlanStep::SetCanaryScale(CanaryScale::MatchTraffic),
        weight(60),
    ];
    let plan = canary(steps).with_replicas(10).build().expect("valid");
    let rehearsal = rehearse(&plan, &Script::new());
    let canary_pods = |frame: &Frame| {
        let pods = frame.pods.iter().find(|pods| pods.version == v2());
        pods.map_or(0, |pods| pods.replicas)
    };
    let counts: Vec<u32> = rehearsal.frames().iter().map(canary_pods).collect();
    assert!(counts.is_sorted(), "{counts:?}");
    let naive: Vec<u32> =
        (0..plan.steps().len()).map(|index| naive::canary_pods_of_step(&plan, index)).collect();
    assert!(!naive.is_sorted(), "{naive:?}");
}

/// Without a route: ten pods of which two may be missing, and two more may come.
fn by_replicas(steps: impl IntoIterator<Item = PlanStep>) -> PlanSpec {
    let canary = Canary::new(steps).by_replicas(IntOrString::Int(2), IntOrString::Int(2));
    PlanSpec::new("reviews", Strategy::Canary(canary)).with_replicas(10)
}

fn fewest_ready(spec: PlanSpec, script: &Script) -> (u32, Ending) {
    let rehearsal = rehearse(&spec.build().expect("valid"), script);
    let ready = |frame: &Frame| frame.pods.iter().map(|pods| pods.ready).sum::<u32>();
    (rehearsal.frames().iter().map(ready).min().unwrap_or(0), rehearsal.ending())
}

/// ar#777: maxUnavailable is ignored when an analysis fails.
#[test]
fn a_failed_analysis_leaves_enough_pods() {
    let steps = [weight(80), PlanStep::Analysis(Analysis::of(["errors"]))];
    let failing = Script::new().with_outcome(1, pointsman_rollout::Outcome::Failed);
    let (fewest, ending) = fewest_ready(by_replicas(steps), &failing);
    assert_eq!(ending, Ending::Aborted);
    assert!(fewest >= 8, "{fewest}");
    assert!(naive::pods_after_abort(2, 8).iter().sum::<u32>() < 8);
}

/// ar#2050: stable is drained while the canary lacks pods.
#[test]
fn stable_stays_until_the_canary_is_there() {
    let (fewest, ending) = fewest_ready(by_replicas([weight(50), weight(90)]), &Script::new());
    assert_eq!(ending, Ending::Promoted);
    assert!(fewest >= 8, "{fewest}");
    // None of the new pods is ready yet.
    assert!(naive::pods_while_growing(10, 5)[0] < 8);
}

/// ar#3686: a division by nothing when all traffic is given to a component without pods.
#[test]
fn a_component_without_pods_can_be_taken_over() {
    let spec = canary([weight(50), PlanStep::Pause(Pause::FOR_A_PERSON)]).with_replicas(0);
    let mut story = Story::of(spec.with_stable_scale(StableScale::Dynamic));
    story.release("v2");
    story.command(Command::TakeOver { confirmed: Some(v2()) });
    assert_eq!(story.state(), "Stable");
    assert_eq!(share_that_fits(0, 0, Weight::new(100)), Weight::new(100));
    assert_eq!(naive::share_of_ready(0, 0), None);
}
