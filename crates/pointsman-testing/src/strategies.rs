//! Plans and events for proptest.

use pointsman_rollout::{
    AbTest, Analysis, BlueGreen, Canary, CanaryScale, Command, Event, Increments, Manual, Outcome, Pause,
    Plan, PlanSpec, PlanStep, Propagation, RequestMatch, Sticky, Strategy as Way, TextMatch, Version,
};
use pointsman_types::{Weight, duration::TimeDelta};
use proptest::collection::vec;
use proptest::prelude::*;

/// Versions `v1`, `v2` and `v3`.
pub fn version() -> impl Strategy<Value = Version> {
    prop_oneof![Just("v1"), Just("v2"), Just("v3")].prop_map(Version::from_static)
}

fn plan_step() -> impl Strategy<Value = PlanStep> {
    prop_oneof![
        4 => (0_u32..=100).prop_map(|weight| PlanStep::SetWeight(Weight::new(weight))),
        2 => Just(PlanStep::Pause(Pause::FOR_A_PERSON)),
        1 => (1_i64..600).prop_map(|seconds| PlanStep::Pause(Pause::of(TimeDelta::from_secs(seconds)))),
        1 => (0_u32..5).prop_map(|replicas| PlanStep::SetCanaryScale(CanaryScale::Replicas(replicas))),
        1 => Just(PlanStep::SetCanaryScale(CanaryScale::MatchTraffic)),
        2 => Just(PlanStep::Analysis(Analysis::of(["success-rate"]))),
    ]
}

/// Each strategy that has a route.
fn way() -> impl Strategy<Value = Way> {
    let check = || Analysis::of(["success-rate"]);
    let seconds = || (0_i64..60).prop_map(TimeDelta::from_secs);
    let insiders = || RequestMatch::default().with_header("x-group", TextMatch::Exact("insider".into()));
    prop_oneof![
        1 => Just(Way::Manual(Manual::default())),
        5 => vec(plan_step(), 0..=5).prop_map(|steps| Way::Canary(Canary::new(steps))),
        1 => (1_u32..50, seconds()).prop_map(move |(step, interval)| {
            Way::Increments(Increments::even(step.max(20), 60, interval, check()))
        }),
        1 => (proptest::option::of(1_u32..3), seconds()).prop_map(move |(preview, delay)| {
            let mut way = BlueGreen::new().with_check_before(delay, check()).with_check_after(delay, check());
            way.preview_replicas = preview;
            Way::BlueGreen(way)
        }),
        1 => (1_u32..3, seconds()).prop_map(move |(iterations, interval)| {
            Way::AbTest(AbTest::new([insiders()], iterations, interval, check()))
        }),
    ]
}

/// Plans of every strategy that has a route, canaries of up to five steps, of one to five pods, a few of none.
pub fn plan() -> impl Strategy<Value = Plan> {
    let propagation = prop_oneof![
        (0_i64..10).prop_map(|seconds| Propagation::Hold(TimeDelta::from_secs(seconds))),
        Just(Propagation::Observed),
    ];
    let plan = |(way, replicas, propagation, stay): (Way, u32, Propagation, bool)| {
        let mut spec = PlanSpec::new("reviews", way).with_replicas(replicas).with_propagation(propagation);
        spec.sticky = stay.then(|| Sticky::by_cookie("reviews-version"));
        // Not every strategy can let users stay.
        spec.clone()
            .build()
            .or_else(|_| {
                spec.sticky = None;
                spec.build()
            })
            .ok()
    };
    let replicas = prop_oneof![14 => 1_u32..=5, 1 => Just(0)];
    (way(), replicas, propagation, any::<bool>()).prop_filter_map("a valid plan", plan)
}

/// Any event: reports that may be wrong, late or double, and all commands.
pub fn event() -> impl Strategy<Value = Event> {
    let outcome = prop_oneof![
        3 => Just(Outcome::Successful),
        1 => Just(Outcome::Failed),
        1 => Just(Outcome::Inconclusive),
        1 => Just(Outcome::Error),
    ];
    prop_oneof![
        4 => version().prop_map(|version| Event::RevisionAdded { version }),
        8 => (version(), 0_u32..=5, 0_u32..=5).prop_map(|(version, replicas, ready)| {
            Event::PodsChanged { version, replicas, ready: ready.min(replicas) }
        }),
        4 => (0_u64..8).prop_map(|change| Event::SplitApplied { change }),
        4 => (0_u64..8).prop_map(|change| Event::SplitSettled { change }),
        1 => version().prop_map(|version| Event::VersionGone { version }),
        3 => (0_u64..5, outcome).prop_map(|(run, outcome)| Event::AnalysisFinished { run, outcome }),
        1 => (0_u32..6).prop_map(|replicas| Event::Scaled { replicas }),
        1 => (0_u64..4, version()).prop_map(|(restart, version)| Event::Restarted { restart, version }),
        6 => command().prop_map(Event::Commanded),
        3 => Just(Event::TimePassed),
    ]
}

/// Any command.
pub fn command() -> impl Strategy<Value = Command> {
    prop_oneof![
        4 => Just(Command::Promote),
        2 => proptest::option::of(version()).prop_map(|confirmed| Command::TakeOver { confirmed }),
        3 => (0_u32..=120).prop_map(|weight| Command::SetWeight(Weight::new(weight))),
        1 => Just(Command::Pause),
        1 => Just(Command::Resume),
        2 => Just(Command::Abort),
        1 => Just(Command::Retry),
        1 => proptest::option::of(version()).prop_map(|to| Command::Undo { to }),
        1 => Just(Command::Restart),
        2 => version().prop_map(|version| Command::Retire { version }),
    ]
}

/// Sequences of events that begin with a first version.
pub fn events() -> impl Strategy<Value = Vec<Event>> {
    vec(event(), 0..60).prop_map(|mut events| {
        let version = Version::from_static("v1");
        events.insert(0, Event::RevisionAdded { version: version.clone() });
        events.insert(1, Event::PodsChanged { version, replicas: 5, ready: 5 });
        events
    })
}
