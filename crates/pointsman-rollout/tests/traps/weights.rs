//! A3: weights wrong for a moment, or not summing.

use pointsman_rollout::{CanaryScale, Command, Experiment, PlanStep};

use crate::story::{Story, told_apart};
use crate::{FOR_A_PERSON, baseline, canary, minutes, take_over, weight};

/// ar#4642: all traffic to stable while pods are added in mid-update.
#[test]
fn scaling_the_canary_leaves_its_share_alone() {
    let scale = PlanStep::SetCanaryScale(CanaryScale::Weight(100));
    told_apart(
        canary([weight(50), FOR_A_PERSON, scale, weight(60)]),
        |story| {
            story.release("v2").and_then(|()| story.calm())?;
            story.command(Command::Promote)?;
            story.weighs("v2", 50)?;
            story.ready("v2", 3)?;
            story.weighs("v2", 50)?;
            story.up("v2")?;
            story.weighs("v2", 60)
        },
        "v2 has 0 and not 50",
    );
}

/// ar#1718: all traffic to stable after the last step.
#[test]
fn after_the_last_step_the_share_does_not_fall() {
    told_apart(
        canary([weight(50)]),
        |story| {
            story.release("v2")?;
            story.ready("v2", 2).and_then(|()| story.settle())?;
            story.weighs("v2", 50)?;
            story.ready("v2", 3)?;
            story.weighs("v2", 50)?;
            story.calm()?;
            story.weighs("v2", 100)
        },
        "v2 has 0 and not 50",
    );
}

/// ar#3941: all traffic to a version that is still scaling, on a rollback within the window.
#[test]
fn a_rollback_moves_traffic_when_pods_are_there() {
    told_apart(
        canary([weight(50)]).with_rollback_window(2),
        |story| {
            story.release("v2").and_then(|()| story.calm())?;
            story.weighs("v2", 100)?;
            // v1 is made anew.
            story.later(3_600).and_then(|()| story.ready("v1", 0))?;
            story.release("v1")?;
            story.ready("v1", 1).and_then(|()| story.settle())?;
            story.weighs("v1", 0)?;
            story.calm()?;
            story.weighs("v1", 100)
        },
        "v1 has 100 and not 0",
    );
}

/// The share that is written is whole, and stable's what the others leave.
fn stable_has(story: &Story, weight: u32) -> Result<(), String> {
    let total = story.cluster.total();
    (total == 100).then_some(()).ok_or_else(|| format!("the shares add up to {total}"))?;
    story.weighs("v1", weight)
}

/// gw#225, gw#124: stable's weight with a canary and an experiment.
#[test]
fn shares_add_up_with_an_experiment() {
    let experiment = Experiment::new("compare", [baseline(10)]).with_duration(minutes(10));
    told_apart(
        canary([weight(20), PlanStep::Experiment(experiment), weight(50), FOR_A_PERSON]),
        |story| {
            story.release("v2").and_then(|()| story.calm())?;
            story.weighs("baseline", 10)?;
            stable_has(story, 70)?;
            story.later(601).and_then(|()| story.calm())?;
            stable_has(story, 50)
        },
        "the shares add up to 110",
    );
}

/// ar#4890: the end of an experiment leaves a destination that is not there any more.
#[test]
fn the_end_of_an_experiment_leaves_no_destination_behind() {
    let experiment = Experiment::new("compare", [baseline(10)]).with_duration(minutes(10));
    told_apart(
        canary([weight(20), PlanStep::Experiment(experiment), weight(50), FOR_A_PERSON]),
        |story| {
            story.release("v2").and_then(|()| story.calm())?;
            story.cluster.forgive();
            story.later(601)?;
            story.nothing_is_dark()?;
            story.calm()?;
            story.nothing_is_dark()?;
            story.weighs("baseline", 0)?;
            story.command(take_over("v2")).and_then(|()| story.calm())?;
            story.weighs("v2", 100)
        },
        "after `scale baseline to 0`: a route sends 10 to baseline, which has no ready pod",
    );
}
