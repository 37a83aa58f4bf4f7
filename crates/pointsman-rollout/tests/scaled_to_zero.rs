//! Scaled to zero by request in the middle of a release, and back.

use pointsman_rollout::{
    Analysis, Canary, Command, Effect, Event, Gate, Outcome, Pause, Plan, PlanSpec, PlanStep, Presence,
    Status, Step, Strategy, Version, effects, step, waiting,
};
use pointsman_types::{Time, Weight, duration::TimeDelta};

struct Release {
    plan: Plan,
    status: Status,
    now: Time,
}

/// 20 %, an analysis, ten minutes, 60 %; four pods.
fn spec() -> PlanSpec {
    let steps = [
        PlanStep::SetWeight(Weight::new(20)),
        PlanStep::Analysis(Analysis::of(["errors"])),
        PlanStep::Pause(Pause::of(TimeDelta::from_secs(600))),
        PlanStep::SetWeight(Weight::new(60)),
        PlanStep::Pause(Pause::FOR_A_PERSON),
    ];
    PlanSpec::new("reviews", Strategy::Canary(Canary::new(steps))).with_replicas(4)
}

impl Release {
    /// The canary has 20 %, and is measured.
    fn analysing() -> Self {
        let plan = spec().build().expect("valid");
        let mut release = Self { plan, status: Status::new(), now: Time::EPOCH };
        release.tell(Event::RevisionAdded { version: v1() });
        release.pods("v1", 4, 4);
        release.tell(Event::SplitApplied { change: 1 });
        release.tell(Event::RevisionAdded { version: v2() });
        release.pods("v2", 1, 1);
        release.tell(Event::SplitApplied { change: 2 });
        assert_eq!(release.state(), "Analysing");
        release
    }

    /// The canary has 20 %, and the pause runs.
    fn paused() -> Self {
        let mut release = Self::analysing();
        release.tell(Event::AnalysisFinished { run: 1, outcome: Outcome::Successful });
        assert_eq!(release.state(), "Paused");
        release
    }

    /// No pods are wanted, and there are none.
    fn at_zero(mut self) -> Self {
        self.tell(Event::Scaled { replicas: 0 });
        self.pods("v1", 0, 0);
        self.pods("v2", 0, 0);
        self
    }

    fn tell(&mut self, event: Event) -> Step {
        let answer = step(&self.plan, &self.status, &event, self.now).expect("has a place here");
        self.status = answer.status.clone();
        answer
    }

    fn pods(&mut self, version: &'static str, replicas: u32, ready: u32) -> Step {
        self.tell(Event::PodsChanged { version: Version::from_static(version), replicas, ready })
    }

    fn wait(&mut self, seconds: i64) -> Step {
        self.now = self.now.plus(TimeDelta::from_secs(seconds));
        self.tell(Event::TimePassed)
    }

    fn state(&self) -> &'static str {
        self.status.state().name()
    }

    fn weights(&self) -> [u32; 2] {
        [v1(), v2()].map(|version| self.status.weight(&version).value())
    }

    fn says(&self) -> String {
        waiting(&self.plan, &self.status).to_string()
    }
}

fn v1() -> Version {
    Version::from_static("v1")
}

fn v2() -> Version {
    Version::from_static("v2")
}

#[test]
fn all_pods_go_and_the_status_says_why() {
    let mut release = Release::paused();
    let asked = release.tell(Event::Scaled { replicas: 0 });
    assert_eq!(asked.effects, [v1(), v2()].map(|version| Effect::ScaleToZero { version }));
    assert!(asked.effects.iter().all(|effect| effect.requires().is_empty()), "traffic is no reason not to");
    assert_eq!(asked.waiting.gate, Gate::ScaledToZero { left: 5 });
    assert_eq!(
        asked.waiting.to_string(),
        "scaled to zero by request: traffic goes nowhere until it is scaled up, 5 pods are left"
    );
    release.pods("v1", 0, 0);
    let done = release.pods("v2", 0, 0);
    assert_eq!((done.effects, release.weights()), (vec![], [80, 20]));
    assert_eq!(release.says(), "scaled to zero by request: traffic goes nowhere until it is scaled up");
    assert_eq!(done.waiting.opens(), "a number of replicas above 0");
}

#[test]
fn nothing_goes_on_meanwhile() {
    let mut release = Release::paused().at_zero();
    let later = release.wait(10_000);
    assert_eq!((later.wake, later.effects), (None, vec![]));
    assert_eq!((release.status.presence(), release.weights()), (Presence::AtZero, [80, 20]));
    assert_eq!(release.status.state().update().map(|update| update.index), Some(2));
}

#[test]
fn a_verdict_on_no_pods_does_not_count() {
    let mut release = Release::analysing();
    let asked = release.tell(Event::Scaled { replicas: 0 });
    assert_eq!(asked.effects.first(), Some(&Effect::StopAnalysis { run: 1 }));
    release.tell(Event::AnalysisFinished { run: 1, outcome: Outcome::Failed });
    release.tell(Event::Scaled { replicas: 4 });
    release.pods("v1", 4, 4);
    let back = release.pods("v2", 1, 1);
    assert_eq!(release.state(), "Analysing");
    assert!(matches!(&back.effects[..], [Effect::StartAnalysis { run: 2, .. }]), "{:?}", back.effects);
}

#[test]
fn scaled_up_again_pods_come_first() {
    let mut release = Release::paused().at_zero();
    release.wait(10_000);
    let up = release.tell(Event::Scaled { replicas: 4 });
    assert_eq!(
        up.effects,
        [
            Effect::Scale { version: v1(), replicas: 4 },
            Effect::Scale { version: v2(), replicas: 1 },
            Effect::AwaitReady { version: v1(), at_least: 4 },
        ]
    );
    assert_eq!(release.says(), "waiting for pods of v1: 0 of 4 ready");
    // A share leaves the version without pods while the other has some.
    release.pods("v1", 4, 1);
    assert_eq!((release.weights(), release.state()), ([100, 0], "Stepping"));
    release.tell(Event::SplitApplied { change: 3 });
    release.pods("v2", 1, 1);
    assert_eq!((release.weights(), release.state()), ([80, 20], "Stepping"));
    release.tell(Event::SplitApplied { change: 4 });
    assert_eq!(release.says(), "waiting for pods of v1: 1 of 4 ready");
    release.pods("v1", 4, 4);
    // The ten minutes are counted with pods.
    assert_eq!((release.state(), release.wait(600).waiting.gate), ("Paused", Gate::Pause));
    release.wait(1);
    release.pods("v2", 3, 3);
    assert_eq!(release.weights(), [40, 60]);
}

#[test]
fn what_a_person_says_at_zero_is_done_with_pods() {
    let mut release = Release::paused().at_zero();
    let aborted = release.tell(Event::Commanded(Command::Abort));
    assert_eq!((aborted.effects, release.weights(), release.state()), (vec![], [80, 20], "Aborted"));
    assert_eq!(aborted.waiting.gate, Gate::ScaledToZero { left: 0 });
    let up = release.tell(Event::Scaled { replicas: 4 });
    assert_eq!(up.effects.first(), Some(&Effect::Scale { version: v1(), replicas: 4 }));
    assert_eq!(release.weights(), [80, 20]);
    release.pods("v1", 4, 1);
    assert_eq!(release.weights(), [100, 0]);
}

/// ar#1774 after zero: whoever waits for the pods of a bad version has a way on.
#[test]
fn a_stable_version_that_does_not_come_back_is_left_by_taking_over() {
    let mut release = Release::paused().at_zero();
    release.tell(Event::Scaled { replicas: 4 });
    release.pods("v1", 4, 0);
    release.pods("v2", 1, 1);
    release.wait(10_000);
    assert_eq!(
        (release.state(), release.says().as_str()),
        ("Stepping", "waiting for pods of v1: 0 of 4 ready")
    );
    release.tell(Event::Commanded(Command::TakeOver { confirmed: Some(v2()) }));
    release.pods("v2", 4, 4);
    release.tell(Event::SplitApplied { change: 3 });
    assert_eq!((release.state(), release.weights()), ("Stable", [0, 100]));
}

#[test]
fn a_plan_that_says_0_is_a_request_too() {
    let mut release = Release::paused();
    release.plan = spec().with_replicas(0).build().expect("valid");
    let asked = release.tell(Event::TimePassed);
    assert_eq!(asked.effects, [v1(), v2()].map(|version| Effect::ScaleToZero { version }));
    assert_eq!(asked.effects, effects(&release.plan, &release.status));
    release.pods("v1", 0, 0);
    release.plan = spec().build().expect("valid");
    assert_eq!(release.tell(Event::TimePassed).status.presence(), Presence::ComingBack);
}

#[test]
fn it_is_remembered() {
    let mut release = Release::paused().at_zero();
    release.tell(Event::Scaled { replicas: 4 });
    let saved = serde_json::to_string(&release.status).expect("is written");
    assert_eq!(serde_json::from_str::<Status>(&saved).expect("loads"), release.status);
    assert!(saved.contains(r#""presence":"comingBack""#), "{saved}");
}
