//! When an experiment is over that has both a duration and an analysis.

use pointsman_rollout::rehearsal::{Ending, Rehearsal, Script, rehearse};
use pointsman_rollout::{
    Analysis, Canary, Event, Experiment, Outcome, PlanSpec, PlanStep, Role, Strategy, Unfinished, Variant,
    Version,
};
use pointsman_types::{Weight, duration::TimeDelta};

/// Ten seconds of an experiment; the script decides how long it is measured.
fn tried(unfinished: Unfinished, script: &Script) -> Rehearsal {
    let baseline = Variant {
        version: Version::from_static("baseline"),
        copy_of: Role::Stable,
        replicas: 1,
        weight: Weight::new(10),
    };
    let experiment = Experiment::new("compare", [baseline])
        .with_duration(TimeDelta::from_secs(10))
        .with_analysis(Analysis::of(["errors"]))
        .with_unfinished(unfinished);
    let steps = [PlanStep::SetWeight(Weight::new(10)), PlanStep::Experiment(experiment)];
    let plan = PlanSpec::new("reviews", Strategy::Canary(Canary::new(steps))).build().expect("a plan");
    rehearse(&plan, script)
}

fn failing() -> Script {
    Script::new().with_outcome(1, Outcome::Failed)
}

#[test]
fn an_analysis_that_takes_longer_is_waited_for() {
    let good = tried(Unfinished::Awaited, &Script::new());
    assert_eq!(good.ending(), Ending::Promoted);
    assert!(good.lasted() > TimeDelta::from_secs(60), "{}", good.lasted());
    assert_eq!(tried(Unfinished::Awaited, &failing()).ending(), Ending::Aborted);
    // Nothing is to be done at the end of the time, so nobody is woken for it.
    let woken = good.frames().iter().filter(|frame| frame.event == Event::TimePassed).count();
    assert_eq!(woken, 0);
}

#[test]
fn an_analysis_that_is_shorter_leaves_the_time_as_it_is() {
    let mut quick = Script::new();
    quick.analysis_takes = TimeDelta::from_secs(5);
    let good = tried(Unfinished::Awaited, &quick);
    assert_eq!(good.ending(), Ending::Promoted);
    let answered = good.frames().iter().find(|frame| matches!(frame.event, Event::AnalysisFinished { .. }));
    assert_eq!(answered.map(|frame| frame.state.name()), Some("Experimenting"));
}

#[test]
fn an_analysis_without_an_end_of_its_own_can_be_stopped() {
    let stopped = tried(Unfinished::Stopped, &failing());
    assert_eq!(stopped.ending(), Ending::Promoted);
    let outcomes: Vec<Outcome> = stopped
        .frames()
        .iter()
        .filter_map(
            |f| if let Event::AnalysisFinished { outcome, .. } = f.event { Some(outcome) } else { None },
        )
        .collect();
    assert_eq!(outcomes.first(), Some(&Outcome::Cancelled));
}
