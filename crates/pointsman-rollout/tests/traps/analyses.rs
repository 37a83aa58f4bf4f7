//! A7: outcomes of analyses that mislead.

use pointsman_rollout::{
    Analysis, Canary, Command, Experiment, OnFailure, Outcome, Pause, PlanSpec, PlanStep, Strategy,
};

use crate::naive::{Inconclusive, Naive};
use crate::story::{Story, told_apart, told_apart_from};
use crate::{FOR_A_PERSON, baseline, canary, minutes, weight};

fn errors() -> Analysis {
    Analysis::of(["errors"])
}

fn measured_at_20(analysis: Analysis) -> PlanSpec {
    canary([weight(20), PlanStep::Analysis(analysis), weight(50), FOR_A_PERSON])
}

/// At 20, where it is measured.
fn measuring(story: &mut Story) -> Result<(), String> {
    story.release("v2").and_then(|()| story.calm())?;
    story.weighs("v2", 20)
}

fn measures(story: &Story, expected: &[&str]) -> Result<(), String> {
    let actual: Vec<&String> = story.cluster.running.values().flatten().collect();
    (actual == expected).then_some(()).ok_or_else(|| format!("it measures {actual:?}"))
}

/// ar#1329: a run that is stopped counts as a success.
#[test]
fn a_run_that_was_stopped_proves_nothing() {
    told_apart(
        measured_at_20(errors()),
        |story| {
            measuring(story)?;
            story.analysis(Outcome::Cancelled).and_then(|()| story.calm())?;
            story.weighs("v2", 20)?;
            story.analysis(Outcome::Successful).and_then(|()| story.calm())?;
            story.weighs("v2", 50)
        },
        "v2 has 50 and not 20",
    );
}

/// ar#943: an experiment is successful while a run of it fails later.
#[test]
fn an_experiment_fails_with_its_analysis() {
    let experiment = Experiment::new("compare", [baseline(0)]).with_duration(minutes(10));
    let experiment = PlanStep::Experiment(experiment.with_analysis(errors()));
    told_apart(
        canary([weight(20), experiment, weight(50), FOR_A_PERSON]),
        |story| {
            measuring(story)?;
            measures(story, &["errors"])?;
            story.later(601).and_then(|()| story.calm())?;
            story.weighs("v2", 20)?;
            story.analysis(Outcome::Failed)?;
            story.weighs("v2", 0)
        },
        "v2 has 50 and not 20",
    );
}

/// ar#3850: an inconclusive analysis does not hold the rollout.
#[test]
fn an_inconclusive_analysis_holds_and_the_pause_does_not_run_out() {
    let steps = [weight(20), PlanStep::Pause(Pause::of(minutes(1))), weight(50), FOR_A_PERSON];
    let beside = Canary::new(steps).with_background(errors(), 0);
    let mut spec = canary([]);
    spec.strategy = Strategy::Canary(beside);
    told_apart(
        spec,
        |story| {
            measuring(story)?;
            story.analysis(Outcome::Inconclusive)?;
            story.later(3_600).and_then(|()| story.calm())?;
            story.weighs("v2", 20)
        },
        "v2 has 50 and not 20",
    );
}

/// ar#3015: inconclusive, then promoted: it stays where it is.
#[test]
fn promoting_after_an_inconclusive_analysis_goes_on() {
    told_apart_from(
        |plan| Naive::new(plan).with_inconclusive(Inconclusive::Stays),
        measured_at_20(errors()),
        |story| {
            measuring(story)?;
            story.analysis(Outcome::Inconclusive)?;
            story.weighs("v2", 20)?;
            story.command(Command::Promote).and_then(|()| story.calm())?;
            story.weighs("v2", 50)
        },
        "v2 has 20 and not 50",
    );
}

/// ar#261: inconclusive, then promoted: it is measured again and again.
#[test]
fn promoting_after_an_inconclusive_analysis_measures_no_more() {
    told_apart(
        measured_at_20(errors()),
        |story| {
            measuring(story)?;
            story.analysis(Outcome::Inconclusive)?;
            // `resume` measures again, once.
            story.command(Command::Resume)?;
            measures(story, &["errors"])?;
            story.analysis(Outcome::Inconclusive)?;
            story.command(Command::Promote)?;
            measures(story, &[])
        },
        "it measures [\"errors\"]",
    );
}

/// ar#2866: to wait for a person rather than to abort.
#[test]
fn a_failure_may_hold_instead_of_aborting() {
    told_apart(
        measured_at_20(errors().with_on_failure(OnFailure::Hold)),
        |story| {
            measuring(story)?;
            story.analysis(Outcome::Failed).and_then(|()| story.calm())?;
            story.weighs("v2", 20)?;
            story.command(Command::Promote).and_then(|()| story.calm())?;
            story.weighs("v2", 50)
        },
        "v2 has 0 and not 20",
    );
}

/// ar#3220, ar#1203: the run of the step before goes on after `promote`, and that of the next does not begin.
#[test]
fn the_run_of_a_step_that_was_left_is_stopped() {
    let and_latency = PlanStep::Analysis(Analysis::of(["latency"]));
    told_apart(
        canary([weight(20), PlanStep::Analysis(errors()), and_latency, weight(50), FOR_A_PERSON]),
        |story| {
            measuring(story)?;
            story.command(Command::Promote)?;
            measures(story, &["latency"])
        },
        "it measures [\"errors\"]",
    );
}
