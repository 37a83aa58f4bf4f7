//! What people suffer from, each a test by name that a naive implementation, kept beside it in [`naive`], fails.
//!
//! The threads are those of argoproj/argo-rollouts (ar), argoproj-labs/rollouts-plugin-trafficrouter-gatewayapi (gw) and
//! istio/istio (is). What concerns the user's own route objects is tested with `pointsman-render`.

#![expect(clippy::panic, reason = "a test stops at what it does not expect")]

mod analyses;
mod cluster;
mod managed_routes;
mod naive;
mod replicas;
mod switching;
mod trying;
mod weights;

use pointsman_rollout::{
    Canary, Command, Event, Outcome, Plan, PlanSpec, PlanStep, Status, Step, Strategy, Version, step,
};
use pointsman_types::{Time, Weight};

/// A rollout that is told things.
#[derive(Clone)]
struct Story {
    plan: Plan,
    status: Status,
    now: Time,
}

impl Story {
    /// Of which v1 serves.
    fn of(spec: PlanSpec) -> Self {
        let mut story =
            Self { plan: spec.build().expect("a valid plan"), status: Status::new(), now: Time::EPOCH };
        story.tell(Event::RevisionAdded { version: v1() });
        let size = story.plan.spec().replicas;
        story.pods("v1", size, size);
        story.settle();
        story
    }

    fn tell(&mut self, event: Event) -> Step {
        let answer = step(&self.plan, &self.status, &event, self.now);
        let answer = answer.unwrap_or_else(|why| panic!("{event}: {why}"));
        self.status = answer.status.clone();
        answer
    }

    fn command(&mut self, command: Command) -> Step {
        self.tell(Event::Commanded(command))
    }

    fn release(&mut self, version: &'static str) -> Step {
        self.tell(Event::RevisionAdded { version: Version::from_static(version) })
    }

    fn pods(&mut self, version: &'static str, replicas: u32, ready: u32) -> Step {
        self.tell(Event::PodsChanged { version: Version::from_static(version), replicas, ready })
    }

    fn analysis(&mut self, run: u64, outcome: Outcome) -> Step {
        self.tell(Event::AnalysisFinished { run, outcome })
    }

    /// What is asked for of the route is in force everywhere.
    fn settle(&mut self) {
        if self.status.settling() != pointsman_rollout::Settling::Settled {
            let change = self.status.change();
            self.tell(Event::SplitSettled { change });
        }
    }

    fn weight(&self, version: &'static str) -> u32 {
        self.status.weight(&Version::from_static(version)).value()
    }

    fn state(&self) -> &'static str {
        self.status.state().name()
    }
}

fn v1() -> Version {
    Version::from_static("v1")
}

fn v2() -> Version {
    Version::from_static("v2")
}

fn weight(weight: u32) -> PlanStep {
    PlanStep::SetWeight(Weight::new(weight))
}

fn canary(steps: impl IntoIterator<Item = PlanStep>) -> PlanSpec {
    PlanSpec::new("reviews", Strategy::Canary(Canary::new(steps)))
}
