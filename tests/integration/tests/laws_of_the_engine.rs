//! Pointsman's own engine keeps its laws, and a careless one is found out.

use std::collections::BTreeSet;

use pointsman_rollout::{Effect, Event, Plan, Version};
use pointsman_testing::{BrokenLaw, Engine, Law, Releaser, Report, check, strategies};
use pointsman_types::Time;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_engine_keeps_every_law(plan in strategies::plan(), events in strategies::events()) {
        if let Err(broken) = check(&plan, || Engine::new(&plan), &events) {
            return Err(TestCaseError::fail(broken.to_string()));
        }
    }
}

/// An engine that is told lies about pods: it believes that all of them are ready.
#[derive(Clone)]
struct Believer<'p>(Engine<'p>);

impl Releaser for Believer<'_> {
    fn tell(&mut self, event: &Event, now: Time) -> Option<Vec<Effect>> {
        let believed = match event {
            Event::PodsChanged { version, replicas, .. } => {
                Event::PodsChanged { version: version.clone(), replicas: *replicas, ready: *replicas }
            }
            other => other.clone(),
        };
        self.0.tell(&believed, now)
    }

    fn effects(&self) -> Vec<Effect> {
        self.0.effects()
    }

    fn wake(&self) -> Option<Time> {
        self.0.wake()
    }

    fn aborted_to(&self) -> Option<Version> {
        self.0.aborted_to()
    }
}

/// An engine that scales down before it moves the traffic.
#[derive(Clone)]
struct Hasty<'p>(Engine<'p>);

impl Releaser for Hasty<'_> {
    fn tell(&mut self, event: &Event, now: Time) -> Option<Vec<Effect>> {
        self.0.tell(event, now)?;
        Some(self.effects())
    }

    fn effects(&self) -> Vec<Effect> {
        let (waits, mut deeds): (Vec<_>, Vec<_>) = self.0.effects().into_iter().partition(Effect::is_wait);
        deeds.reverse();
        deeds.into_iter().chain(waits).collect()
    }

    fn wake(&self) -> Option<Time> {
        self.0.wake()
    }

    fn aborted_to(&self) -> Option<Version> {
        self.0.aborted_to()
    }
}

/// An engine that takes a route as settled everywhere the moment it is written.
#[derive(Clone)]
struct Impatient<'p>(Engine<'p>);

impl Releaser for Impatient<'_> {
    fn tell(&mut self, event: &Event, now: Time) -> Option<Vec<Effect>> {
        let mut all = self.0.tell(event, now)?;
        while let Some(Effect::AwaitPropagation { change, .. }) = all.last() {
            let settled = Event::SplitSettled { change: *change };
            all.pop();
            all.extend(self.0.tell(&settled, now)?);
        }
        Some(all)
    }

    fn effects(&self) -> Vec<Effect> {
        self.0.effects()
    }

    fn wake(&self) -> Option<Time> {
        self.0.wake()
    }

    fn aborted_to(&self) -> Option<Version> {
        self.0.aborted_to()
    }
}

/// The laws that break in three hundred made-up releases.
fn broken(check: impl Fn(&Plan, &[Event]) -> Result<Report, BrokenLaw>) -> BTreeSet<Law> {
    let mut runner = TestRunner::deterministic();
    let mut laws = BTreeSet::new();
    for _ in 0..300 {
        let plan = strategies::plan().new_tree(&mut runner).expect("a plan").current();
        let events = strategies::events().new_tree(&mut runner).expect("events").current();
        laws.extend(check(&plan, &events).err().map(|broken| broken.law));
    }
    laws
}

#[test]
fn an_engine_that_believes_in_pods_is_found_out() {
    let laws = broken(|plan, events| check(plan, || Believer(Engine::new(plan)), events));
    assert!(laws.contains(&Law::OnlyReadyPodsGetTraffic), "{laws:?}");
}

#[test]
fn an_engine_that_goes_the_wrong_way_round_is_found_out() {
    let laws = broken(|plan, events| check(plan, || Hasty(Engine::new(plan)), events));
    assert!(laws.contains(&Law::OnlyReadyPodsGetTraffic), "{laws:?}");
}

#[test]
fn an_engine_that_does_not_wait_for_proxies_is_found_out() {
    let laws = broken(|plan, events| check(plan, || Impatient(Engine::new(plan)), events));
    assert!(laws.contains(&Law::NothingNeededGoes), "{laws:?}");
}
