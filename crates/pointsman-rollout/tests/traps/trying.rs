//! A1: a rollout cannot be tried without a cluster.

use pointsman_rollout::rehearsal::{Script, rehearse};
use pointsman_rollout::{Analysis, Experiment, OnFailure, PlanSpec, PlanStep};
use pointsman_types::Weight;

use crate::naive::lint::Lint;
use crate::{baseline, canary, minutes, weight};

/// Whoever says of a plan, before it runs, how it goes if that happens which stands in the script.
pub(crate) trait Seer {
    fn say(&self, spec: &PlanSpec, script: &Script) -> Vec<String>;
}

/// Ours says what is wrong, or tries it out.
struct Ours;

impl Seer for Ours {
    fn say(&self, spec: &PlanSpec, script: &Script) -> Vec<String> {
        let Ok(plan) = spec.clone().build() else {
            return spec.problems().iter().map(ToString::to_string).collect();
        };
        let rehearsal = rehearse(&plan, script);
        let mut said = vec![
            format!("it ends {:?}", rehearsal.ending()),
            format!("the canary has up to {}", rehearsal.greatest_weight()),
        ];
        said.extend(rehearsal.frames().last().map(|last| last.waiting.to_string()));
        said
    }
}

/// The same question to both: ours answers it, and the naive one does not.
fn told_apart(asked: fn(&dyn Seer) -> Result<(), String>) {
    assert_eq!(asked(&Ours), Ok(()), "ours");
    assert!(asked(&Lint).is_err(), "the naive one knows, too");
}

fn says(said: &[String], what: &str) -> Result<(), String> {
    said.iter()
        .any(|line| line.contains(what))
        .then_some(())
        .ok_or_else(|| format!("no `{what}` in {said:?}"))
}

/// A lint that knows nothing would be no opponent.
#[test]
fn both_see_what_is_wrong_with_a_step() {
    let both: [&dyn Seer; 2] = [&Ours, &Lint];
    for seer in both {
        let said = seer.say(&canary([weight(10), weight(120)]), &Script::new());
        assert_eq!(says(&said, "steps[1]"), Ok(()));
    }
}

/// ar#695: well formed, and without an end.
#[test]
fn a_release_that_never_ends_is_seen_before_it_runs() {
    told_apart(|seer| {
        let alone = canary([weight(10), PlanStep::Barrier("together".into()), weight(50)]);
        let said = seer.say(&alone, &Script::new());
        says(&said, "it ends Waiting")?;
        says(&said, "waiting for the group at `together`")
    });
}

/// ar#695: two plans of the same steps are not the same.
#[test]
fn what_a_failure_costs_is_seen_before_it_runs() {
    told_apart(|seer| {
        let check = || PlanStep::Analysis(Analysis::of(["errors"]));
        let failing = Script::new().with_failure_from(Weight::new(10));
        says(&seer.say(&canary([weight(10), weight(80), check()]), &failing), "the canary has up to 80")?;
        says(&seer.say(&canary([weight(10), check(), weight(80)]), &failing), "the canary has up to 10")
    });
}

/// ar#1617: a measurement is tried on a release that it does not stop.
#[test]
fn a_measurement_that_decides_nothing_is_seen_before_it_runs() {
    told_apart(|seer| {
        let with = |then| {
            let check = Analysis::of(["errors"]).with_on_failure(then);
            canary([weight(10), PlanStep::Analysis(check), weight(80)])
        };
        let failing = Script::new().with_failure_from(Weight::ZERO);
        says(&seer.say(&with(OnFailure::Continue), &failing), "it ends Promoted")?;
        says(&seer.say(&with(OnFailure::Abort), &failing), "it ends Aborted")
    });
}

/// ar#1187: each step is right, and they do not fit together.
#[test]
fn an_experiment_that_has_no_room_is_seen_before_it_runs() {
    told_apart(|seer| {
        let experiment = Experiment::new("compare", [baseline(10)]).with_duration(minutes(10));
        let crowded = canary([weight(95), PlanStep::Experiment(experiment)]);
        says(&seer.say(&crowded, &Script::new()), "steps[1]: the variants take 10 beside 95 of the canary")
    });
}
