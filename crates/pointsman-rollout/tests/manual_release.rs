//! The manual two-step release: 20 %, raise, take over, remove the old version; and the same with an abort.

use pointsman_rollout::{
    Command, Effect, Event, Gate, Plan, PlanSpec, Rejected, Status, Step, Version, effects, step,
};
use pointsman_types::{Time, Weight};

struct Release {
    plan: Plan,
    status: Status,
}

impl Release {
    fn new() -> Self {
        let plan = PlanSpec::manual("reviews").build().expect("valid");
        let mut release = Self { plan, status: Status::new() };
        release.tell(Event::RevisionAdded { version: v1() });
        release.ready("v1");
        release.settle();
        release
    }

    fn with_canary() -> Self {
        let mut release = Self::new();
        release.tell(Event::RevisionAdded { version: v2() });
        release.ready("v2");
        release
    }

    fn at_20_percent() -> Self {
        let mut release = Self::with_canary();
        release.command(Command::SetWeight(Weight::new(20)));
        release.settle();
        release
    }

    fn tell(&mut self, event: Event) -> Step {
        let answer = step(&self.plan, &self.status, &event, Time::EPOCH).expect("has a place here");
        self.status = answer.status.clone();
        answer
    }

    fn command(&mut self, command: Command) -> Step {
        self.tell(Event::Commanded(command))
    }

    fn refused(&self, command: Command) -> Rejected {
        step(&self.plan, &self.status, &Event::Commanded(command), Time::EPOCH).expect_err("refused")
    }

    fn ready(&mut self, version: &'static str) -> Step {
        self.tell(Event::PodsChanged { version: Version::from_static(version), replicas: 1, ready: 1 })
    }

    fn settle(&mut self) -> Step {
        let change = self.status.change();
        self.tell(Event::SplitApplied { change })
    }

    fn todo(&self) -> Vec<String> {
        effects(&self.plan, &self.status).iter().map(Effect::to_string).collect()
    }
}

fn v1() -> Version {
    Version::from_static("v1")
}

fn v2() -> Version {
    Version::from_static("v2")
}

#[test]
fn the_first_version_gets_traffic_when_it_is_ready() {
    let mut release =
        Release { plan: PlanSpec::manual("reviews").build().expect("valid"), status: Status::new() };
    release.tell(Event::RevisionAdded { version: v1() });
    assert_eq!(release.todo(), ["create v1", "scale v1 to 1", "wait until 1 pods of v1 are ready"]);
    release.ready("v1");
    assert_eq!(
        release.todo(),
        ["let routes name v1", "share the traffic v1:100", "wait 0s until every proxy has it"]
    );
    assert_eq!(release.settle().waiting.gate, Gate::AtRest);
    assert!(release.todo().is_empty());
}

#[test]
fn a_canary_that_is_not_ready_gets_nothing() {
    let mut release = Release::new();
    let answer = release.tell(Event::RevisionAdded { version: v2() });
    assert_eq!(
        release.todo(),
        ["create v2, as v1 where nothing else is said", "scale v2 to 1", "wait until 1 pods of v2 are ready"]
    );
    assert_eq!(answer.waiting.to_string(), "waiting for pods of v2: 0 of 1 ready");
    assert_eq!(release.ready("v2").waiting.gate, Gate::Person);
    assert_eq!(release.status.weight(&v2()), Weight::ZERO);
}

#[test]
fn twenty_percent_then_more_then_all_then_v1_goes() {
    let mut release = Release::with_canary();
    release.command(Command::SetWeight(Weight::new(20)));
    assert_eq!(
        release.todo(),
        [
            "let routes name v1",
            "let routes name v2",
            "share the traffic v1:80 v2:20",
            "wait 0s until every proxy has it"
        ]
    );
    release.settle();
    release.command(Command::SetWeight(Weight::new(50)));
    release.settle();

    assert_eq!(
        release.refused(Command::TakeOver { confirmed: None }),
        Rejected::NeedsConfirmation { version: v2() }
    );
    assert_eq!(
        release.refused(Command::TakeOver { confirmed: Some(v1()) }),
        Rejected::OtherVersion { named: v1(), actual: v2() }
    );
    release.command(Command::TakeOver { confirmed: Some(v2()) });
    assert!(release.todo().contains(&"share the traffic v1:0 v2:100".to_owned()));
    let answer = release.settle();
    assert_eq!(answer.waiting.gate, Gate::Retirement { version: v1() });
    assert!(answer.effects.is_empty(), "{:?}", answer.effects);

    assert_eq!(release.refused(Command::Retire { version: v2() }), Rejected::HasTraffic { version: v2() });
    release.command(Command::Retire { version: v1() });
    assert!(release.todo().contains(&"share the traffic v2:100".to_owned()));
    release.settle();
    assert_eq!(release.todo(), ["let no route name v1", "remove v1", "wait until v1 is gone"]);
    let answer = release.tell(Event::VersionGone { version: v1() });
    assert_eq!(answer.waiting.gate, Gate::AtRest);
    assert!(answer.effects.is_empty());
}

#[test]
fn an_abort_moves_the_traffic_before_it_touches_the_pods() {
    let mut release = Release::at_20_percent();
    let answer = release.command(Command::Abort);
    assert_eq!(
        release.todo(),
        ["let routes name v1", "share the traffic v1:100", "wait 0s until every proxy has it"]
    );
    assert_eq!(answer.wake, None);
    let answer = release.settle();
    assert!(answer.effects.is_empty(), "{:?}", answer.effects);
    let wake = answer.wake.expect("the pods stay a while");
    let answer = step(&release.plan, &release.status, &Event::TimePassed, wake.at).expect("time passes");
    assert_eq!(answer.effects, [Effect::Scale { version: v2(), replicas: 0 }]);
    assert_eq!(
        release.refused(Command::Abort).to_string(),
        "`Abort` has nothing to act on in state `Aborted`: it was aborted already"
    );
}

#[test]
fn a_weight_above_the_total_is_refused() {
    let release = Release::with_canary();
    assert_eq!(
        release.refused(Command::SetWeight(Weight::new(120))),
        Rejected::WeightTooLarge { weight: Weight::new(120), total: 100 }
    );
}

#[test]
fn a_canary_whose_pods_are_gone_loses_its_traffic_until_they_are_back() {
    let mut release = Release::at_20_percent();
    release.tell(Event::PodsChanged { version: v2(), replicas: 1, ready: 0 });
    assert!(release.todo().contains(&"share the traffic v1:100".to_owned()));
    release.settle();
    release.ready("v2");
    assert!(release.todo().contains(&"share the traffic v1:80 v2:20".to_owned()));
}
