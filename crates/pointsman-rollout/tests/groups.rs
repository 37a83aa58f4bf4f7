//! Several components released together.

#![expect(clippy::panic, clippy::indexing_slicing, reason = "a test stops at what it does not expect")]

use std::collections::BTreeMap;

use pointsman_rollout::group::{
    GroupCommand, GroupEvent, GroupPlan, GroupRejected, GroupStatus, GroupStep, group_step,
};
use pointsman_rollout::{
    Analysis, Canary, Command, Effect, Event, Outcome, PlanSpec, PlanStep, State, Strategy, Version,
};
use pointsman_types::{Time, Weight};

struct Group {
    plan: GroupPlan,
    status: GroupStatus,
    last: Option<GroupStep>,
}

const NAMES: [&str; 2] = ["ratings", "reviews"];

impl Group {
    /// Both serve v1; reviews has one analysis more than ratings.
    fn serving() -> Self {
        let weights = [20, 60].map(|weight| PlanStep::SetWeight(Weight::new(weight)));
        let ratings = Canary::new(weights.clone());
        let mut steps = Vec::from(weights);
        steps.insert(1, PlanStep::Analysis(Analysis::of(["success-rate"])));
        let plan = GroupPlan::in_step([
            PlanSpec::new("reviews", Strategy::Canary(Canary::new(steps))),
            PlanSpec::new("ratings", Strategy::Canary(ratings)),
        ]);
        let mut group = Self { plan: plan.expect("valid"), status: GroupStatus::new(), last: None };
        group.release("v1");
        group.work(&NAMES);
        group
    }

    fn tell(&mut self, event: &GroupEvent) {
        let step = group_step(&self.plan, &self.status, event, Time::EPOCH).expect("has a place here");
        self.status = step.status.clone();
        self.last = Some(step);
    }

    fn release(&mut self, version: &'static str) {
        let versions = NAMES.map(|name| (name.to_owned(), Version::from_static(version)));
        self.tell(&GroupEvent::Released { versions: BTreeMap::from(versions) });
    }

    fn member(&mut self, component: &str, event: Event) {
        self.tell(&GroupEvent::Member { component: component.into(), event });
    }

    /// Carries the effects of these components out until they wait for something else.
    fn work(&mut self, components: &[&str]) {
        for _ in 0..50 {
            let effects = self.last.as_ref().map(|step| step.effects.clone()).unwrap_or_default();
            let reports = components.iter().flat_map(|name| {
                effects[*name].iter().filter_map(report).map(|event| ((*name).to_owned(), event))
            });
            let Some((component, event)) = reports.into_iter().next() else { return };
            self.member(&component, event);
        }
        panic!("it does not come to rest");
    }

    fn states(&self) -> [&'static str; 2] {
        NAMES.map(|name| self.status.member(name).state().name())
    }

    fn weights(&self) -> [u32; 2] {
        NAMES.map(|name| self.status.member(name).weight(&Version::from_static("v2")).value())
    }
}

fn report(effect: &Effect) -> Option<Event> {
    match effect {
        Effect::Scale { version, replicas } => {
            Some(Event::PodsChanged { version: version.clone(), replicas: *replicas, ready: *replicas })
        }
        Effect::ScaleToZero { version } => {
            Some(Event::PodsChanged { version: version.clone(), replicas: 0, ready: 0 })
        }
        Effect::SetSplit { change, .. } => Some(Event::SplitApplied { change: *change }),
        _ => None,
    }
}

#[test]
fn nobody_goes_on_to_a_share_before_all_have_the_last() {
    let mut group = Group::serving();
    group.release("v2");
    group.work(&["ratings"]);
    assert_eq!(group.weights(), [20, 0], "both were at the first barrier, reviews has no pod yet");
    assert_eq!(
        group.last.as_ref().expect("a step").waiting["ratings"].to_string(),
        "waiting for the group at `change 2`"
    );
    group.work(&NAMES);
    assert_eq!((group.weights(), group.states()), ([20, 20], ["Stepping", "Analysing"]));
    group.member("reviews", Event::AnalysisFinished { run: 1, outcome: Outcome::Successful });
    group.work(&NAMES);
    assert_eq!((group.weights(), group.states()), ([100, 100], ["Stable", "Stable"]));
}

#[test]
fn one_abort_is_one_for_all() {
    let mut group = Group::serving();
    group.release("v2");
    group.work(&NAMES);
    group.member("reviews", Event::AnalysisFinished { run: 1, outcome: Outcome::Failed });
    assert_eq!((group.weights(), group.states()), ([0, 0], ["Aborted", "Aborted"]));
    let State::Aborted(aborted) = group.status.member("ratings").state().clone() else { panic!("aborted") };
    assert_eq!(aborted.reason.to_string(), "another component of the group was aborted");

    let alone = GroupEvent::Member { component: "ratings".into(), event: Event::Commanded(Command::Retry) };
    let refused = group_step(&group.plan, &group.status, &alone, Time::EPOCH).expect_err("refused");
    assert_eq!(refused, GroupRejected::ForAll { command: "Retry" });
    group.work(&NAMES);
    group.tell(&GroupEvent::Commanded(GroupCommand::Retry));
    group.work(&NAMES);
    assert_eq!((group.weights(), group.states()), ([20, 20], ["Stepping", "Analysing"]));
}

#[test]
fn a_part_that_is_done_goes_back_when_another_is_aborted() {
    let mut group = Group::serving();
    group.release("v2");
    group.work(&NAMES);
    group.member("reviews", Event::AnalysisFinished { run: 1, outcome: Outcome::Successful });
    group.work(&["ratings"]);
    // Both wait for the promotion; then reviews is slow to promote.
    for _ in 0..20 {
        let reviews = group.status.member("reviews");
        if matches!(reviews.state(), State::Promoting(_)) {
            break;
        }
        group.work_once("reviews");
    }
    group.work(&["ratings"]);
    assert_eq!(group.states(), ["Stable", "Promoting"]);
    group.member("reviews", Event::Commanded(Command::Abort));
    group.work(&NAMES);
    assert_eq!((group.weights(), group.states()), ([0, 0], ["Stable", "Aborted"]));
}

impl Group {
    fn work_once(&mut self, component: &str) {
        let effects = self.last.as_ref().map(|step| step.effects.clone()).unwrap_or_default();
        if let Some(event) = effects[component].iter().find_map(report) {
            self.member(component, event);
        }
    }
}

#[test]
fn a_group_loads_as_it_was_saved() {
    let mut group = Group::serving();
    group.release("v2");
    group.work(&NAMES);
    let json = serde_json::to_string(&(&group.plan, &group.status)).expect("serialises");
    let (plan, status): (GroupPlan, GroupStatus) = serde_json::from_str(&json).expect("loads");
    assert_eq!((plan, status), (group.plan, group.status));
}

/// Its barriers are opened by nobody else.
#[test]
fn a_part_that_is_undone_alone_is_a_release_of_its_own() {
    let mut group = Group::serving();
    group.release("v2");
    group.work(&NAMES);
    group.member("reviews", Event::AnalysisFinished { run: 1, outcome: Outcome::Successful });
    group.work(&NAMES);
    assert_eq!(group.states(), ["Stable", "Stable"]);
    group.member("ratings", Event::Commanded(Command::Undo { to: None }));
    group.work(&NAMES);
    assert_eq!((group.weights(), group.states()), ([0, 100], ["Stable", "Stable"]));
}

#[test]
fn a_barrier_stays_shut_while_a_part_is_scaled_to_zero() {
    let mut group = Group::serving();
    group.release("v2");
    group.work(&NAMES);
    group.member("ratings", Event::Scaled { replicas: 0 });
    group.work(&NAMES);
    group.member("reviews", Event::AnalysisFinished { run: 1, outcome: Outcome::Successful });
    group.work(&NAMES);
    assert_eq!(group.weights(), [20, 20]);
    let waiting = &group.last.as_ref().expect("a step").waiting;
    assert_eq!(waiting["reviews"].to_string(), "waiting for the group at `change 2`");
    group.member("ratings", Event::Scaled { replicas: 1 });
    group.work(&NAMES);
    assert_eq!((group.weights(), group.states()), ([100, 100], ["Stable", "Stable"]));
}
