//! Pods made anew: of every version, one after another, beside whatever step runs.

use pointsman_rollout::{
    Approval, BlueGreen, Canary, Command, Effect, Event, Experiment, Pause, Plan, PlanSpec, PlanStep,
    Rejected, Role, Status, Strategy, Variant, Version, Waiting, effects, step, waiting,
};
use pointsman_types::{IntOrString, Time, Weight};

fn version(name: &str) -> Version {
    Version::new(name).expect("a version")
}

fn tell(plan: &Plan, status: &mut Status, event: Event) {
    *status = step(plan, status, &event, Time::EPOCH).expect("has a place").status;
}

/// Lets the cluster do as it is told, until it waits for somebody. Restarts are left to the test.
fn followed(plan: &Plan, status: &mut Status) {
    for _ in 0..100 {
        let asked = effects(plan, status);
        let news = asked.iter().find_map(|effect| match effect {
            Effect::Scale { version, replicas } => {
                let version = version.clone();
                Some(Event::PodsChanged { version, replicas: *replicas, ready: *replicas })
            }
            Effect::AwaitPropagation { change, .. } => Some(Event::SplitSettled { change: *change }),
            Effect::RemoveVersion { version } => Some(Event::VersionGone { version: version.clone() }),
            _ => None,
        });
        let Some(news) = news else { return };
        tell(plan, status, news);
    }
    unreachable!("it comes to rest");
}

/// At the first wait of a release of `v2` beside `v1`.
fn in_mid_release(plan: &Plan) -> Status {
    let mut status = Status::new();
    for name in ["v1", "v2"] {
        tell(plan, &mut status, Event::RevisionAdded { version: version(name) });
        followed(plan, &mut status);
    }
    status
}

/// The pods that are to be made anew now, and how many may be missing.
fn made_anew(plan: &Plan, status: &Status) -> Option<(String, u32)> {
    effects(plan, status).into_iter().find_map(|effect| match effect {
        Effect::RestartPods { version, at_most, .. } => Some((version.to_string(), at_most)),
        _ => None,
    })
}

/// All that are made anew, in order.
fn restarted(plan: &Plan, status: &mut Status) -> Vec<(String, u32)> {
    tell(plan, status, Event::Commanded(Command::Restart));
    let mut all = Vec::new();
    while let Some((name, at_most)) = made_anew(plan, status) {
        let restart = status.restart().asked();
        tell(plan, status, Event::Restarted { restart, version: version(&name) });
        all.push((name, at_most));
    }
    all
}

fn canary(steps: impl IntoIterator<Item = PlanStep>) -> PlanSpec {
    PlanSpec::new("reviews", Strategy::Canary(Canary::new(steps))).with_replicas(8)
}

fn paused() -> Plan {
    let steps = [PlanStep::SetWeight(Weight::new(25)), PlanStep::Pause(Pause::FOR_A_PERSON)];
    canary(steps).build().expect("a plan")
}

fn list<const N: usize>(all: [(&str, u32); N]) -> Vec<(String, u32)> {
    all.map(|(name, at_most)| (name.to_owned(), at_most)).into()
}

#[test]
fn stable_comes_first_then_the_canary_and_nothing_else_moves() {
    let plan = paused();
    let mut status = in_mid_release(&plan);
    let before = (status.state().clone(), status.shares().to_vec());
    assert_eq!(restarted(&plan, &mut status), list([("v1", 2), ("v2", 1)]));
    assert_eq!((status.state().clone(), status.shares().to_vec()), before);
    assert_eq!(status.restart().done(), 1);
}

#[test]
fn of_a_single_pod_the_new_one_comes_first() {
    let plan = PlanSpec::manual("reviews").build().expect("a plan");
    let mut status = in_mid_release(&plan);
    assert_eq!(restarted(&plan, &mut status), list([("v1", 0), ("v2", 0)]));
}

#[test]
fn a_preview_and_the_one_that_stands_by_are_made_anew_too() {
    let blue_green = BlueGreen::new().with_preview_replicas(2).with_promotion(Approval::ByPerson);
    let spec = PlanSpec::new("reviews", Strategy::BlueGreen(blue_green)).with_replicas(4);
    let plan = spec.build().expect("a plan");
    let mut status = in_mid_release(&plan);
    assert_eq!(status.state().name(), "Paused");
    assert_eq!(restarted(&plan, &mut status), list([("v1", 1), ("v2", 1)]));
    tell(&plan, &mut status, Event::Commanded(Command::TakeOver { confirmed: Some(version("v2")) }));
    followed(&plan, &mut status);
    assert_eq!(status.state().name(), "Stable");
    assert_eq!(restarted(&plan, &mut status), list([("v2", 1), ("v1", 1)]));
}

#[test]
fn an_experiment_keeps_its_pods() {
    let baseline =
        Variant { version: version("baseline"), copy_of: Role::Stable, replicas: 1, weight: Weight::ZERO };
    let steps =
        [PlanStep::SetWeight(Weight::new(25)), PlanStep::Experiment(Experiment::new("e", [baseline]))];
    let plan = canary(steps).build().expect("a plan");
    let mut status = in_mid_release(&plan);
    assert_eq!(status.state().name(), "Experimenting");
    assert_eq!(status.ready(&version("baseline")), 1);
    assert_eq!(restarted(&plan, &mut status), list([("v1", 2), ("v2", 1)]));
}

#[test]
fn without_a_route_no_more_are_missing_than_may_be() {
    let by_replicas = |surge, unavailable| {
        let steps = [PlanStep::SetWeight(Weight::new(50)), PlanStep::Pause(Pause::FOR_A_PERSON)];
        let bound = IntOrString::Int;
        let canary = Canary::new(steps).by_replicas(bound(surge), bound(unavailable));
        PlanSpec::new("reviews", Strategy::Canary(canary)).with_replicas(4).build().expect("a plan")
    };
    let (generous, strict) = (by_replicas(1, 2), by_replicas(1, 0));
    assert_eq!(restarted(&generous, &mut in_mid_release(&generous)), list([("v1", 2), ("v2", 2)]));
    assert_eq!(restarted(&strict, &mut in_mid_release(&strict)), list([("v1", 0), ("v2", 0)]));
    // What is missing elsewhere counts, and where there may be no new pod first nothing happens before it is back.
    let full = by_replicas(0, 1);
    let mut status = in_mid_release(&full);
    tell(&full, &mut status, Event::PodsChanged { version: version("v2"), replicas: 2, ready: 1 });
    tell(&full, &mut status, Event::Commanded(Command::Restart));
    assert_eq!(made_anew(&full, &status), None);
    tell(&full, &mut status, Event::PodsChanged { version: version("v2"), replicas: 2, ready: 2 });
    assert_eq!(made_anew(&full, &status), Some(("v1".into(), 1)));
}

#[test]
fn a_new_version_does_not_call_it_off_and_has_new_pods() {
    let plan = paused();
    let mut status = in_mid_release(&plan);
    tell(&plan, &mut status, Event::Commanded(Command::Restart));
    tell(&plan, &mut status, Event::RevisionAdded { version: version("v3") });
    followed(&plan, &mut status);
    assert_eq!(status.restart().left(), [version("v1")]);
    assert_eq!(made_anew(&plan, &status), Some(("v1".into(), 2)));
}

#[test]
fn it_is_over_when_no_pods_are_wanted() {
    let plan = paused();
    let mut status = in_mid_release(&plan);
    tell(&plan, &mut status, Event::Commanded(Command::Restart));
    tell(&plan, &mut status, Event::Scaled { replicas: 0 });
    for name in ["v1", "v2"] {
        tell(&plan, &mut status, Event::PodsChanged { version: version(name), replicas: 0, ready: 0 });
    }
    assert_eq!(status.restart().done(), 1);
}

#[test]
fn what_was_said_before_it_was_asked_again_does_not_count() {
    let plan = paused();
    let mut status = in_mid_release(&plan);
    tell(&plan, &mut status, Event::Commanded(Command::Restart));
    tell(&plan, &mut status, Event::Commanded(Command::Restart));
    let late = |restart, name| Event::Restarted { restart, version: version(name) };
    let refused = Rejected::Stale { what: "restart", number: 1, current: 2 };
    assert_eq!(step(&plan, &status, &late(1, "v1"), Time::EPOCH), Err(refused));
    tell(&plan, &mut status, late(2, "v1"));
    assert!(step(&plan, &status, &late(2, "v1"), Time::EPOCH).is_err(), "it was told already");
    assert_eq!(status.restart().left(), [version("v2")]);
}

#[test]
fn whoever_waits_hears_of_it() {
    let plan = paused();
    let mut status = in_mid_release(&plan);
    tell(&plan, &mut status, Event::Commanded(Command::Restart));
    let Waiting { restarting, .. } = waiting(&plan, &status);
    assert_eq!(restarting, Some(version("v1")));
    assert_eq!(waiting(&plan, &status).to_string(), "waiting for a person; pods of v1 are made anew");
}
