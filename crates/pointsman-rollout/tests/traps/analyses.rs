//! A7: outcomes of analyses that mislead.

use pointsman_rollout::{
    Analysis, Command, Effect, Event, Experiment, OnFailure, Outcome, Pause, PlanSpec, PlanStep, Role,
    Variant, Version, effects,
};
use pointsman_types::{Time, Weight, duration::TimeDelta};

use crate::{Story, canary, naive, weight};

fn analysing(analysis: Analysis) -> Story {
    let mut story = Story::of(canary([weight(20), PlanStep::Analysis(analysis), weight(50)]));
    story.release("v2");
    story.pods("v2", 1, 1);
    story.settle();
    assert_eq!(story.state(), "Analysing");
    story
}

/// ar#1329: a run that is stopped counts as a success.
#[test]
fn a_run_that_was_stopped_proves_nothing() {
    let mut story = analysing(Analysis::of(["errors"]));
    story.analysis(1, Outcome::Cancelled);
    assert_eq!((story.state(), story.weight("v2")), ("Analysing", 20), "it is measured again");
    assert!(naive::goes_on(Outcome::Cancelled));
}

/// ar#943: an experiment is successful while a run of it fails later.
#[test]
fn an_experiment_fails_with_its_analysis() {
    let variant = Variant {
        version: Version::from_static("baseline"),
        copy_of: Role::Stable,
        replicas: 1,
        weight: Weight::ZERO,
    };
    let experiment = Experiment::new("e", [variant]).with_analysis(Analysis::of(["errors"]));
    let mut story = Story::of(canary([PlanStep::Experiment(experiment), weight(50)]));
    story.release("v2");
    story.pods("baseline", 1, 1);
    story.settle();
    story.now = Time::from_secs(3_600);
    story.tell(Event::TimePassed);
    assert_eq!(story.state(), "Experimenting", "it lasts as long as its analysis");
    story.analysis(1, Outcome::Failed);
    assert_eq!(story.state(), "Aborted");
    assert!(naive::experiment_passes(true, Some(Outcome::Failed)));
}

/// ar#3850: an inconclusive analysis does not hold the rollout.
#[test]
fn an_inconclusive_analysis_holds_and_the_pause_does_not_run_out() {
    let steps = [weight(20), PlanStep::Pause(Pause::of(TimeDelta::from_secs(60))), weight(50)];
    let beside = pointsman_rollout::Canary::new(steps).with_background(Analysis::of(["errors"]), 0);
    let strategy = pointsman_rollout::Strategy::Canary(beside);
    let mut story = Story::of(PlanSpec::new("reviews", strategy));
    story.release("v2");
    story.pods("v2", 1, 1);
    story.settle();
    story.analysis(1, Outcome::Inconclusive);
    story.now = Time::from_secs(3_600);
    story.tell(Event::TimePassed);
    assert_eq!((story.state(), story.weight("v2")), ("Held", 20));
    assert!(naive::pause_is_over(3_600, 60));
}

/// ar#3015, ar#261: inconclusive, then promoted: stuck, or round and round.
#[test]
fn promoting_after_an_inconclusive_analysis_goes_on_once() {
    let mut story = analysing(Analysis::of(["errors"]));
    story.analysis(1, Outcome::Inconclusive);
    assert_eq!(story.state(), "Held");
    assert!(!naive::promote_ends_only_pauses(&story.status), "the naive one stays where it is");
    story.command(Command::Promote);
    story.settle();
    assert!(
        story.status.state().update().is_none_or(|update| update.index >= 2),
        "{:?}",
        story.status.state()
    );
    // And `resume` measures again, once.
    let mut story = analysing(Analysis::of(["errors"]));
    story.analysis(1, Outcome::Inconclusive);
    let answer = story.command(Command::Resume);
    let started = |effect: &&Effect| matches!(effect, Effect::StartAnalysis { run: 2, .. });
    assert_eq!((story.state(), answer.effects.iter().filter(started).count()), ("Analysing", 1));
}

/// ar#2866: to wait for a person rather than to abort.
#[test]
fn a_failure_may_hold_instead_of_aborting() {
    let mut story = analysing(Analysis::of(["errors"]).with_on_failure(OnFailure::Hold));
    let answer = story.analysis(1, Outcome::Failed);
    assert_eq!((story.state(), story.weight("v2")), ("Held", 20));
    assert_eq!(answer.waiting.to_string(), "held: the analysis failed");
    assert!(!naive::goes_on(Outcome::Failed), "the naive one knows only one answer to a failure");
}

/// ar#3220, ar#1203: the run of the step before goes on after `promote`.
#[test]
fn the_run_of_a_step_that_was_left_is_stopped() {
    let mut story = analysing(Analysis::of(["errors"]));
    story.command(Command::Promote);
    let stopped: Vec<u64> = effects(&story.plan, &story.status)
        .iter()
        .filter_map(|effect| if let Effect::StopAnalysis { run } = effect { Some(*run) } else { None })
        .collect();
    assert_eq!(stopped, [1]);
    assert_ne!(naive::runs_stopped_after_promote(), stopped);
    let weight = story.weight("v2");
    story.analysis(1, Outcome::Failed);
    assert_eq!(
        (story.state() == "Aborted", story.weight("v2")),
        (false, weight),
        "its answer is not asked for"
    );
}
