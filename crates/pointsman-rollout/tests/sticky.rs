//! Users who stay: who is marked when, and which plans can have it.

use pointsman_rollout::rehearsal::{Script, rehearse};
use pointsman_rollout::{
    Analysis, BlueGreen, Canary, Command, Event, Experiment, Keeps, ManagedRoute, Pins, Plan, PlanSpec,
    PlanStep, RequestMatch, Role, RouteAction, Status, Sticky, Strategy, Variant, Version, explain, step,
};
use pointsman_types::{IntOrString, Percent, Time, Weight, duration::TimeDelta};

fn sticky() -> Sticky {
    Sticky::by_cookie("reviews-version")
}

/// By hand, with v2 ready.
struct Story(Plan, Status);

impl Story {
    fn new(sticky: Sticky) -> Self {
        let plan = PlanSpec::manual("reviews").with_sticky(sticky).build().expect("valid");
        let mut story = Self(plan, Status::new());
        for version in ["v1", "v2"].map(Version::from_static) {
            story.tell(Event::RevisionAdded { version: version.clone() });
            story.tell(Event::PodsChanged { version, replicas: 1, ready: 1 });
            story.settle();
        }
        story
    }

    fn tell(&mut self, event: Event) {
        self.1 = step(&self.0, &self.1, &event, Time::EPOCH).expect("has a place").status;
    }

    fn settle(&mut self) {
        let change = self.1.change();
        if self.1.settling() != pointsman_rollout::Settling::Settled {
            self.tell(Event::SplitSettled { change });
        }
    }

    fn weight(&mut self, weight: u32) -> Option<(u64, Vec<u32>)> {
        self.tell(Event::Commanded(Command::SetWeight(Weight::new(weight))));
        self.settle();
        self.pins()
    }

    /// The number of the deal, and its weights.
    fn pins(&self) -> Option<(u64, Vec<u32>)> {
        let weights = |pins: &Pins| pins.weights.iter().map(|weight| weight.value()).collect();
        self.1.pins().map(|pins| (pins.deal, weights(pins)))
    }
}

#[test]
fn a_growing_weight_goes_on_with_the_deal_and_a_falling_one_begins_another() {
    let mut story = Story::new(sticky());
    assert_eq!(story.pins(), None);
    assert_eq!(story.weight(20), Some((2, vec![20])));
    assert_eq!(story.weight(50), Some((2, vec![20, 50])));
    assert_eq!(story.weight(50), Some((2, vec![20, 50])));
    assert_eq!(story.weight(30), Some((4, vec![30])));
    assert_eq!(story.weight(100), None, "whoever has everything needs no marks");
    assert_eq!(story.weight(0), None);
    assert_eq!(story.weight(20).map(|(_, weights)| weights), Some(vec![20]));
    story.tell(Event::Commanded(Command::Abort));
    assert_eq!(story.pins(), None);
}

#[test]
fn a_canary_whose_pods_are_gone_keeps_nobody() {
    let mut story = Story::new(sticky());
    let (first, _) = story.weight(20).expect("users stay");
    let pods = |ready| Event::PodsChanged { version: Version::from_static("v2"), replicas: 1, ready };
    story.tell(pods(0));
    assert_eq!(story.pins(), None);
    story.settle();
    story.tell(pods(1));
    let (second, weights) = story.pins().expect("users stay again");
    assert!(second > first, "all are dealt anew, since all were on stable");
    assert_eq!(weights, [20]);
}

#[test]
fn only_a_route_shared_by_weights_can_keep_users() {
    let steps = |steps: Vec<PlanStep>| PlanSpec::new("reviews", Strategy::Canary(Canary::new(steps)));
    let mirror = PlanStep::SetRoute(ManagedRoute {
        name: "copy".into(),
        matches: vec![RequestMatch::default()],
        action: RouteAction::Mirror(Percent::HUNDRED),
    });
    let variant = |weight| Variant {
        version: Version::from_static("baseline"),
        copy_of: Role::Stable,
        replicas: 1,
        weight: Weight::new(weight),
    };
    let experiment = |weight| PlanStep::Experiment(Experiment::new("e", [variant(weight)]));
    let weight = PlanStep::SetWeight(Weight::new(20));
    let by_replicas = Canary::new([weight.clone()]).by_replicas(IntOrString::Int(1), IntOrString::Int(0));
    for (spec, wrong) in [
        (PlanSpec::new("reviews", Strategy::BlueGreen(BlueGreen::new())), Some("moves all users at once")),
        (PlanSpec::new("reviews", Strategy::Canary(by_replicas)), Some("only by a route")),
        (steps(vec![weight.clone(), mirror.clone()]), Some("a mirror beside a weight")),
        (steps(vec![mirror, experiment(0)]), None),
        (steps(vec![experiment(10)]), Some("variants with traffic")),
        (steps(vec![weight]), None),
    ] {
        let problem = spec.with_sticky(sticky()).build().err().map(|problem| problem.to_string());
        assert_eq!(problem.is_some(), wrong.is_some(), "{problem:?}");
        assert!(problem.unwrap_or_default().contains(wrong.unwrap_or_default()), "{wrong:?}");
    }
    for bad in [
        Sticky::by_cookie(""),
        Sticky::by_cookie("a b"),
        Sticky::by_header("a:b"),
        sticky().with_stable_name("c=d"),
        sticky().with_max_age(TimeDelta::ZERO),
        sticky().with_max_age(TimeDelta::from_nanos(1_500_000_000)),
        sticky().with_attribute("Secure; Domain=evil"),
    ] {
        assert!(PlanSpec::manual("reviews").with_sticky(bad.clone()).build().is_err(), "{bad:?}");
    }
}

#[test]
fn marks_are_as_the_plan_says() {
    let with = |sticky: Sticky| {
        let [v1, v2] = ["v1", "v2"].map(Version::from_static);
        let pins = Pins::new(sticky, v1.clone(), v2.clone(), 7, [Weight::new(20)]);
        [v1, v2].map(|version| pins.mark(&version).map(|(name, value)| format!("{name}: {value}")))
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        with(sticky().with_stable_name("old").with_attribute("Secure").with_attribute("path=/shop")),
        [
            some("set-cookie: old=v1~7~20; Secure; path=/shop; Max-Age=86400"),
            some("set-cookie: reviews-version=v2~7; Secure; path=/shop; Max-Age=86400"),
        ]
    );
    assert_eq!(
        with(Sticky::by_header("X-Version").with_keeps(Keeps::Canary)),
        [None, some("x-version: v2~7")]
    );
}

#[test]
fn the_plan_says_who_stays_and_how_far_it_drifts() {
    let steps = [5, 50].map(|weight| PlanStep::SetWeight(Weight::new(weight)));
    let spec = PlanSpec::new("reviews", Strategy::Canary(Canary::new(steps)));
    let words = |sticky| explain(&spec.clone().with_sticky(sticky).build().expect("valid"));
    let both = "- users stay with the version that they met, by cookie `reviews-version` for 24h0m0s; a growing weight moves \
                only as many as it takes\n";
    assert!(words(sticky()).contains(both), "{}", words(sticky()));
    let drift = "by header `x-v`, which clients repeat, so their share drifts up: at the first weight of 5, after 10 requests each, \
                 40 of 100 are there\n";
    let canary = words(Sticky::by_header("x-v").with_keeps(Keeps::Canary));
    assert!(canary.contains(drift), "{canary}");
}

#[test]
fn twenty_weights_of_users_who_stay_fit_into_a_status() {
    let steps = (1..=20).flat_map(|n| {
        [PlanStep::SetWeight(Weight::new(n * 5 - 1)), PlanStep::Analysis(Analysis::of(["success-rate"]))]
    });
    let spec = PlanSpec::new("reviews", Strategy::Canary(Canary::new(steps)));
    let plan = spec.with_replicas(10).with_sticky(sticky()).build().expect("valid");
    let mut script = Script::new();
    script.horizon = TimeDelta::from_secs(20 * 61);
    let status = rehearse(&plan, &script).status().clone();
    assert!(status.pins().is_some_and(|pins| pins.weights.len() > 15), "{:?}", status.pins());
    let length = serde_json::to_string(&status).expect("is written").len();
    assert!(length < 2_048, "{length} bytes");
}
