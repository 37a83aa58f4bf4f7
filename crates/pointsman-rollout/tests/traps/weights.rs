//! A3: weights wrong for a moment, or not summing.

use pointsman_rollout::{
    Canary, CanaryScale, Command, Experiment, Pause, PlanSpec, PlanStep, Role, State, Strategy, Variant,
    Version,
};
use pointsman_types::Weight;

use crate::{Story, canary, naive, weight};

fn index(story: &Story) -> usize {
    story.status.state().update().map_or(0, |update| update.index as usize)
}

/// ar#4642: all traffic to stable while pods are added in mid-update.
#[test]
fn scaling_the_canary_leaves_its_share_alone() {
    let scale = PlanStep::SetCanaryScale(CanaryScale::Replicas(4));
    let mut story = Story::of(canary([weight(50), scale, weight(60)]).with_replicas(4));
    story.release("v2");
    story.pods("v2", 2, 2);
    story.settle();
    assert_eq!(index(&story), 1, "two of four pods are there");
    assert_eq!(story.weight("v2"), 50);
    assert_eq!(naive::weight_of_step(&story.plan, index(&story)), 0, "the naive one falls to nothing");
}

/// ar#1718: all traffic to stable after the last step.
#[test]
fn after_the_last_step_the_share_does_not_fall() {
    let mut story = Story::of(canary([weight(50)]).with_replicas(4));
    story.release("v2");
    story.pods("v2", 2, 2);
    story.settle();
    assert_eq!((story.state(), story.weight("v2")), ("Promoting", 50), "two more pods come first");
    assert_eq!(naive::weight_of_step(&story.plan, index(&story)), 0);
}

/// ar#3941: all traffic to a version that is still scaling, on a rollback within the window.
#[test]
fn a_rollback_moves_traffic_when_pods_are_there() {
    let spec = canary([weight(50), PlanStep::Pause(Pause::FOR_A_PERSON)]).with_replicas(4);
    let mut story = Story::of(spec.with_rollback_window(2));
    story.release("v2");
    story.pods("v2", 2, 2);
    story.settle();
    story.command(Command::TakeOver { confirmed: Some(crate::v2()) });
    story.pods("v2", 4, 4);
    story.settle();
    story.command(Command::Undo { to: None });
    story.pods("v1", 4, 0);
    assert!(matches!(story.status.state(), State::Promoting(_)));
    assert_eq!(story.weight("v1"), 0);
    assert_eq!(naive::weight_on_rollback(&story.status), 100);
}

/// ar#3141: a total of 0, which a webhook rejects.
#[test]
fn no_route_ever_has_a_total_of_nothing() {
    let mut story = Story::of(canary([weight(50)]).with_replicas(1));
    story.release("v2");
    story.pods("v2", 1, 0);
    story.pods("v1", 1, 0);
    let total: u32 = story.status.shares().iter().map(|(_, weight)| weight.value()).sum();
    assert_eq!(total, 100, "where nobody is ready the route stays as it is");
    assert_eq!(naive::weights_by_ready([0, 0]).iter().sum::<u32>(), 0);
}

fn experiment() -> Experiment {
    let variant = Variant {
        version: Version::from_static("v1-baseline"),
        copy_of: Role::Stable,
        replicas: 1,
        weight: Weight::new(10),
    };
    Experiment::new("compare", [variant])
}

fn with_experiment() -> Story {
    let steps = [weight(10), PlanStep::Experiment(experiment()), weight(20)];
    let mut story = Story::of(PlanSpec::new("reviews", Strategy::Canary(Canary::new(steps))));
    story.release("v2");
    story.pods("v2", 1, 1);
    story.settle();
    story.pods("v1-baseline", 1, 1);
    story.settle();
    story
}

/// gw#225, gw#124: stable's weight with a canary and an experiment.
#[test]
fn shares_add_up_with_an_experiment() {
    let story = with_experiment();
    let shares: Vec<u32> = story.status.shares().iter().map(|(_, weight)| weight.value()).collect();
    assert_eq!(shares, [80, 10, 10]);
    assert_eq!(naive::stable_beside(10, &experiment()).iter().sum::<u32>(), 110);
}

/// ar#4890: the end of an experiment writes a destination that is not there any more.
#[test]
fn the_end_of_an_experiment_leaves_no_destination_behind() {
    let mut story = with_experiment();
    story.command(Command::Promote);
    let gone = Version::from_static("v1-baseline");
    assert!(story.status.shares().iter().all(|(version, _)| *version != gone));
    assert!(naive::destinations_after(&story.status, &experiment()).contains(&gone));
}
