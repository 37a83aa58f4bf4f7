//! A small world: pods, proxies that learn late, an executor that can die between any two effects.

use std::collections::{BTreeMap, BTreeSet};

use pointsman_types::{Time, Weight};

use super::at_zero;
use super::mutants::Mutant;
use pointsman_rollout::{Condition, Effect, Event, Plan, Rejected, Status, Version, effects, step, wake};

/// Shares by version, and where the managed routes point.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(super) struct Config {
    pub(super) shares: Vec<(Version, Weight)>,
    pub(super) managed_to: Option<Version>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) struct RealPods {
    pub(super) spec: u32,
    pub(super) ready: u32,
}

/// One state of the search.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct World {
    pub(super) status: Status,
    /// How far the executor is in the list that the status gives.
    pub(super) at: usize,
    pub(super) pods: BTreeMap<Version, RealPods>,
    pub(super) subsets: BTreeSet<Version>,
    /// What is written in the cluster.
    pub(super) written: Config,
    pub(super) change: u64,
    /// What one proxy or another still has.
    pub(super) in_force: BTreeSet<Config>,
    /// No pods were wanted, and none of the serving version is known to be ready since.
    pub(super) after_zero: bool,
    /// Versions of which pods were taken for the restart under way.
    pub(super) made_anew: BTreeSet<Version>,
}

/// One thing that happens.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Move {
    Execute,
    Crash,
    PodUp(Version),
    PodDown(Version),
    Propagate,
    Tell(Event),
    Wake,
}

impl std::fmt::Display for Move {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Execute => f.write_str("the next effect is carried out"),
            Self::Crash => f.write_str("the executor dies"),
            Self::PodUp(version) => write!(f, "a pod of {version} is ready"),
            Self::PodDown(version) => write!(f, "a pod of {version} is lost"),
            Self::Propagate => f.write_str("every proxy has the route"),
            Self::Tell(event) => write!(f, "told that {event}"),
            Self::Wake => f.write_str("the next timer fires"),
        }
    }
}

impl World {
    pub(super) fn new() -> Self {
        Self {
            status: Status::new(),
            at: 0,
            pods: BTreeMap::new(),
            subsets: BTreeSet::new(),
            written: Config::default(),
            change: 0,
            in_force: BTreeSet::from([Config::default()]),
            after_zero: false,
            made_anew: BTreeSet::new(),
        }
    }

    /// Versions that get traffic at some proxy and have no pod that is ready.
    pub(super) fn dark(&self) -> BTreeSet<&Version> {
        let used = self.in_force.iter().flat_map(|config| {
            let weighted =
                config.shares.iter().filter(|(_, weight)| !weight.is_zero()).map(|(version, _)| version);
            weighted.chain(&config.managed_to)
        });
        used.filter(|version| self.ready(version) == 0).collect()
    }

    /// Versions that some proxy names without a subset.
    pub(super) fn dangling(&self) -> BTreeSet<&Version> {
        let named = self
            .in_force
            .iter()
            .flat_map(|config| config.shares.iter().map(|(version, _)| version).chain(&config.managed_to));
        named.filter(|version| !self.subsets.contains(*version)).collect()
    }

    pub(super) fn is_without_pods(&self) -> bool {
        self.pods.values().all(|pods| pods.spec == 0)
    }

    pub(super) fn ready(&self, version: &Version) -> u32 {
        self.pods.get(version).map_or(0, |pods| pods.ready)
    }

    /// The world after a move; `None` when the move is not possible or refused.
    pub(super) fn after(&self, plan: &Plan, mutant: Mutant, what: &Move) -> Option<Self> {
        let mut next = self.clone();
        let mut now = Time::EPOCH;
        match what {
            Move::Execute => next.execute(plan, mutant)?,
            Move::Crash if self.at > 0 => next.at = 0,
            Move::Crash => return None,
            Move::PodUp(version) => {
                let pods = next.pods.get_mut(version).filter(|pods| pods.ready < pods.spec)?;
                pods.ready += 1;
            }
            Move::PodDown(version) => {
                let pods = next.pods.get_mut(version).filter(|pods| pods.ready > 0)?;
                pods.ready -= 1;
            }
            Move::Propagate if self.in_force.len() > 1 => next.propagate(),
            Move::Propagate => return None,
            Move::Tell(event) => next.tell(plan, mutant, event, Time::EPOCH).ok()?,
            Move::Wake => {
                now = wake(plan, &self.status)?.at;
                next.tell(plan, mutant, &Event::TimePassed, now).ok()?;
            }
        }
        next.normalise(now);
        Some(next)
    }

    /// Makes the state space finite: times become distances, counters become ranks.
    pub(super) fn normalise(&mut self, now: Time) {
        self.change = match self.change {
            0 => 0,
            change if change == self.status.change() => 2,
            _ => 1,
        };
        self.status = std::mem::take(&mut self.status).canonical(now);
        self.made_anew.retain(|version| self.status.restart().left().contains(version));
    }

    pub(super) fn propagate(&mut self) {
        self.in_force = BTreeSet::from([self.written.clone()]);
    }

    pub(super) fn tell(
        &mut self,
        plan: &Plan,
        mutant: Mutant,
        event: &Event,
        now: Time,
    ) -> Result<(), Rejected> {
        let answer = step(plan, &self.status, event, now)?;
        assert_eq!(
            answer.effects,
            effects(plan, &answer.status),
            "effects are derived from the status alone"
        );
        if answer.status != self.status {
            self.at = 0;
        }
        if answer.status.restart().asked() != self.status.restart().asked() {
            self.made_anew.clear();
        }
        self.status = mutant.remembers(answer.status);
        let serves = |status: &Status| status.state().stable().is_none_or(|stable| status.ready(stable) > 0);
        self.after_zero = at_zero::wants_none(plan, self) || (self.after_zero && !serves(&self.status));
        Ok(())
    }

    /// Carries out the next effect, if it is a deed and its preconditions hold.
    fn execute(&mut self, plan: &Plan, mutant: Mutant) -> Option<()> {
        let list = mutant.of(effects(plan, &self.status), &self.status);
        let effect = list.get(self.at)?;
        if effect.is_wait() || !effect.requires().iter().all(|c| mutant.ignores(c) || self.holds(c)) {
            return None;
        }
        self.carry_out(effect);
        self.at += 1;
        Some(())
    }

    pub(super) fn holds(&self, condition: &Condition) -> bool {
        let without = |version: &Version| self.in_force.iter().all(|config| !config.sends_to(version));
        match condition {
            Condition::Ready { version, at_least } => self.ready(version) >= *at_least,
            Condition::SubsetExists { version } => self.subsets.contains(version),
            Condition::WithoutTraffic { version } => without(version),
            Condition::Unreferenced { version } => {
                self.in_force.iter().all(|config| config.shares.iter().all(|(named, _)| named != version))
                    && without(version)
            }
            _ => false,
        }
    }

    pub(super) fn carry_out(&mut self, effect: &Effect) {
        match effect {
            Effect::EnsureVersion { version, .. } => {
                self.pods.entry(version.clone()).or_default();
            }
            Effect::Scale { version, replicas } => {
                if let Some(pods) = self.pods.get_mut(version) {
                    *pods = RealPods { spec: *replicas, ready: pods.ready.min(*replicas) };
                }
            }
            Effect::ScaleToZero { version } => {
                self.pods.entry(version.clone()).and_modify(|pods| *pods = RealPods::default());
            }
            Effect::RestartPods { version, at_most, .. } if self.made_anew.insert(version.clone()) => {
                if let Some(pods) = self.pods.get_mut(version) {
                    pods.ready = pods.ready.min(pods.spec.saturating_sub(*at_most));
                }
            }
            Effect::EnsureSubset { version } => {
                self.subsets.insert(version.clone());
            }
            Effect::RemoveSubset { version } => {
                self.subsets.remove(version);
            }
            Effect::RemoveVersion { version } => {
                self.pods.remove(version);
            }
            Effect::SetSplit { change, split, .. } => {
                let named = |(name, weight): (&str, Weight)| (Version::new(name).expect("a version"), weight);
                self.written.shares = split.iter().map(named).collect();
                self.change = *change;
                self.in_force.insert(self.written.clone());
            }
            Effect::SetRoutes { to, .. } => {
                self.written.managed_to.clone_from(to);
                self.in_force.insert(self.written.clone());
            }
            _ => {}
        }
    }
}

impl Config {
    fn sends_to(&self, version: &Version) -> bool {
        self.managed_to.as_ref() == Some(version)
            || self.shares.iter().any(|(named, weight)| named == version && !weight.is_zero())
    }
}
