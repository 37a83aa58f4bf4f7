//! Pointsman's own engine keeps its laws, and a careless one is found out.

use std::collections::BTreeSet;

use pointsman_rollout::{Effect, Event, Plan, Version};
use pointsman_testing::{BrokenLaw, Engine, Law, Releaser, Report, check, strategies};
use pointsman_types::{Split, Time, Weight};
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

/// An engine whose effects are bent, or that forgets what it was when it is loaded again.
#[derive(Clone)]
struct Bent<'p> {
    engine: Engine<'p>,
    bend: fn(Vec<Effect>, &Engine<'p>) -> Vec<Effect>,
    loaded: fn(&Engine<'p>) -> Option<Engine<'p>>,
}

impl<'p> Bent<'p> {
    fn new(plan: &'p Plan, bend: fn(Vec<Effect>, &Engine<'p>) -> Vec<Effect>) -> Self {
        Self { engine: Engine::new(plan), bend, loaded: |_| None }
    }
}

impl Releaser for Bent<'_> {
    fn tell(&mut self, event: &Event, now: Time) -> Option<Vec<Effect>> {
        self.engine.tell(event, now)?;
        Some(self.effects())
    }

    fn effects(&self) -> Vec<Effect> {
        (self.bend)(self.engine.effects(), &self.engine)
    }

    fn wake(&self) -> Option<Time> {
        self.engine.wake()
    }

    fn aborted_to(&self) -> Option<Version> {
        self.engine.aborted_to()
    }

    fn reloaded(&self) -> Option<Self> {
        Some(Self { engine: (self.loaded)(&self.engine)?, ..self.clone() })
    }

    fn allowed(&self) -> Option<(Version, Weight)> {
        self.engine.allowed()
    }
}

#[test]
fn an_engine_that_gives_more_than_its_step_is_found_out() {
    let all_at_once: fn(Vec<Effect>, &Engine<'_>) -> Vec<Effect> = |mut list, engine| {
        for effect in &mut list {
            if let (Effect::SetSplit { split, .. }, Some((canary, _))) = (effect, engine.allowed())
                && !split.weight(canary.as_str()).is_zero()
            {
                *split = Split::all_to(canary.as_str()).expect("a split");
            }
        }
        list
    };
    let laws = broken(|plan, events| check(plan, || Bent::new(plan, all_at_once), events));
    assert!(laws.contains(&Law::NoMoreThanTheStep), "{laws:?}");
}

#[test]
fn an_engine_that_is_never_content_is_found_out() {
    let no_pods: fn(Vec<Effect>, &Engine<'_>) -> Vec<Effect> = |list, _| {
        list.into_iter().filter(|effect| !matches!(effect, Effect::Scale { replicas: 1.., .. })).collect()
    };
    let laws = broken(|plan, events| check(plan, || Bent::new(plan, no_pods), events));
    assert!(laws.contains(&Law::ComesToRest), "{laws:?}");
}

#[test]
fn an_engine_that_keeps_pods_which_nobody_wants_is_found_out() {
    let keeps: fn(Vec<Effect>, &Engine<'_>) -> Vec<Effect> =
        |list, _| list.into_iter().filter(|effect| !matches!(effect, Effect::ScaleToZero { .. })).collect();
    let laws = broken(|plan, events| check(plan, || Bent::new(plan, keeps), events));
    assert!(laws.contains(&Law::ZeroIsZero), "{laws:?}");
}

#[test]
fn an_engine_that_scales_to_zero_unasked_is_found_out() {
    let empties: fn(Vec<Effect>, &Engine<'_>) -> Vec<Effect> = |list, _| {
        let to_zero = |effect| match effect {
            Effect::Scale { version, replicas: 0 } => Effect::ScaleToZero { version },
            other => other,
        };
        list.into_iter().map(to_zero).collect()
    };
    let laws = broken(|plan, events| check(plan, || Bent::new(plan, empties), events));
    assert!(laws.contains(&Law::NothingNeededGoes), "{laws:?}");
}

#[test]
fn an_engine_that_makes_all_pods_anew_at_once_is_found_out() {
    let at_once: fn(Vec<Effect>, &Engine<'_>) -> Vec<Effect> = |mut list, _| {
        for effect in &mut list {
            if let Effect::RestartPods { at_most, .. } = effect {
                *at_most = u32::MAX;
            }
        }
        list
    };
    let laws = broken(|plan, events| check(plan, || Bent::new(plan, at_once), events));
    assert_eq!(laws, BTreeSet::from([Law::NothingNeededGoes]));
}

#[test]
fn an_engine_that_forgets_when_it_is_restarted_is_found_out() {
    let laws = broken(|plan, events| {
        let new =
            || Bent { loaded: |engine| Some(Engine::new(engine.plan())), ..Bent::new(plan, |list, _| list) };
        check(plan, new, events)
    });
    assert_eq!(laws, BTreeSet::from([Law::SavingChangesNothing]));
}

#[test]
fn an_engine_that_counts_reports_is_found_out() {
    /// Takes every report of a pod for one pod more.
    #[derive(Clone)]
    struct Counting<'p>(Bent<'p>, u32);

    impl Releaser for Counting<'_> {
        fn tell(&mut self, event: &Event, now: Time) -> Option<Vec<Effect>> {
            self.0.tell(event, now)?;
            self.1 += u32::from(matches!(event, Event::PodsChanged { .. }));
            Some(self.effects())
        }

        fn effects(&self) -> Vec<Effect> {
            let mut list = self.0.effects();
            for effect in &mut list {
                if let Effect::AwaitReady { at_least, .. } = effect {
                    *at_least += self.1;
                }
            }
            list
        }

        fn wake(&self) -> Option<Time> {
            self.0.wake()
        }

        fn aborted_to(&self) -> Option<Version> {
            self.0.aborted_to()
        }
    }
    let laws = broken(|plan, events| check(plan, || Counting(Bent::new(plan, |list, _| list), 0), events));
    assert!(laws.contains(&Law::TwiceIsOnce), "{laws:?}");
}

fn plan_holding(strategy: pointsman_rollout::Strategy, seconds: i64) -> Plan {
    let hold = pointsman_types::duration::TimeDelta::from_secs(seconds);
    pointsman_rollout::PlanSpec::new("reviews", strategy)
        .with_propagation(pointsman_rollout::Propagation::Hold(hold))
        .build()
        .expect("a valid plan")
}

fn added(version: &'static str) -> Event {
    Event::RevisionAdded { version: Version::from_static(version) }
}

fn ready(version: &'static str, ready: u32) -> Event {
    Event::PodsChanged { version: Version::from_static(version), replicas: ready, ready }
}

/// The hold ends in the second in which the version that it waits for goes.
#[test]
fn what_time_has_brought_comes_before_what_is_told() {
    let plan = plan_holding(pointsman_rollout::Strategy::Manual(pointsman_rollout::Manual::default()), 2);
    let events = [
        added("v1"),
        ready("v1", 5),
        added("v3"),
        ready("v3", 1),
        Event::SplitApplied { change: 2 },
        ready("v1", 0),
        Event::VersionGone { version: Version::from_static("v1") },
    ];
    check(&plan, || Engine::new(&plan), &events).expect("every law");
}

/// The hold ends while the cluster reports what it has done after an abort.
#[test]
fn a_hold_that_began_before_an_abort_ends_behind_it() {
    let steps = [pointsman_rollout::PlanStep::SetWeight(Weight::new(1))];
    let canary = pointsman_rollout::Canary::new(steps);
    let plan = plan_holding(pointsman_rollout::Strategy::Canary(canary), 2);
    let events = [
        added("v1"),
        ready("v1", 5),
        Event::SplitSettled { change: 1 },
        added("v2"),
        ready("v2", 1),
        added("v1"),
        added("v2"),
        Event::SplitApplied { change: 3 },
        Event::Commanded(pointsman_rollout::Command::Abort),
    ];
    check(&plan, || Engine::new(&plan), &events).expect("every law");
}
