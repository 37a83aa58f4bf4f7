//! A small model of a cluster that does as it is told.

use std::collections::{BTreeMap, BTreeSet};

use pointsman_rollout::{Effect, Event, Plan, Version};
use pointsman_types::Split;

use crate::Law;

/// Workloads, subsets and routes of one component.
///
/// Shape: a route that was replaced stays in force at some proxies until the new one is settled. Pods are wanted unless it sees
/// [`Event::Scaled`] with 0.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cluster {
    pods: BTreeMap<Version, Pods>,
    /// Ready pods as they were reported last: all that a releaser can know.
    told: BTreeMap<Version, u32>,
    subsets: BTreeSet<Version>,
    /// Routes in force somewhere, the newest last.
    routes: Vec<Route>,
    /// Where an abort goes, ready or not: it is carried out when pods are there.
    refuge: Option<Version>,
    wanted: Wanted,
    /// The route that was asked for last. What was ready then may be named again when its pods are lost before it is written, by the same
    /// number or by another that shares the same: it waits for them.
    asked: Option<Route>,
}

/// Whether any pods are wanted of the component.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Wanted {
    #[default]
    Some,
    None,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Pods {
    asked: u32,
    ready: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Route {
    change: u64,
    split: Option<Split>,
    managed_to: Option<Version>,
}

impl Route {
    /// Versions that get requests.
    fn targets(&self) -> BTreeSet<Version> {
        let split = self.split.iter().flat_map(Split::iter);
        let weighted = split.filter(|(_, weight)| !weight.is_zero());
        weighted.filter_map(|(name, _)| Version::new(name).ok()).chain(self.managed_to.clone()).collect()
    }

    fn shares_as(&self, other: &Self) -> bool {
        (&self.split, &self.managed_to) == (&other.split, &other.managed_to)
    }

    /// Versions that are named, with weight 0 too.
    fn named(&self) -> BTreeSet<Version> {
        let split = self.split.iter().flat_map(Split::iter);
        split.filter_map(|(name, _)| Version::new(name).ok()).chain(self.managed_to.clone()).collect()
    }
}

impl Cluster {
    /// Without anything in it yet, for a component with the pods of that plan.
    #[must_use]
    pub fn of(plan: &Plan) -> Self {
        let mut cluster = Self::default();
        cluster.see(&Event::Scaled { replicas: plan.spec().replicas });
        cluster
    }

    /// Takes over what an event reports about it.
    pub fn see(&mut self, event: &Event) {
        match event {
            Event::PodsChanged { version, replicas, ready } => {
                self.pods.insert(version.clone(), Pods { asked: *replicas, ready: *ready });
                self.told.insert(version.clone(), *ready);
            }
            Event::VersionGone { version } => {
                self.pods.remove(version);
                self.told.remove(version);
            }
            Event::SplitSettled { change } => self.settle(*change),
            Event::Scaled { replicas } => {
                self.wanted = if *replicas == 0 { Wanted::None } else { Wanted::Some };
            }
            _ => {}
        }
    }

    /// Whether no pods are wanted.
    pub(crate) fn is_unwanted(&self) -> bool {
        self.wanted == Wanted::None
    }

    /// A version that has pods.
    pub(crate) fn with_pods(&self) -> Option<&Version> {
        self.pods.iter().find(|(_, pods)| pods.asked > 0).map(|(version, _)| version)
    }

    /// Whether an event reports a route that was never written. Late and double reports are true ones.
    #[must_use]
    pub fn is_untrue(&self, event: &Event) -> bool {
        let newest = self.routes.last().map_or(0, |route| route.change);
        matches!(event, Event::SplitApplied { change } | Event::SplitSettled { change } if *change > newest)
    }

    /// Every proxy has that change.
    pub fn settle(&mut self, change: u64) {
        if self.routes.last().is_some_and(|route| route.change == change) {
            let newest = self.routes.pop();
            self.routes = newest.into_iter().collect();
        }
    }

    /// Every proxy has what was written last.
    pub(crate) fn settle_newest(&mut self) {
        let newest = self.routes.pop();
        self.routes = newest.into_iter().collect();
    }

    /// Carries effects out in order, up to the first one that waits, or that requires pods which were ready when they were
    /// reported and are not any more: whoever carries effects out stops there. So it does on the way back from an abort, to the
    /// stable version given.
    ///
    /// # Errors
    ///
    /// The law that an effect breaks.
    pub fn carry_out(
        &mut self,
        effects: &[Effect],
        total: u32,
        aborted_to: Option<&Version>,
    ) -> Result<(), (Law, String)> {
        self.refuge = aborted_to.cloned();
        for effect in effects.iter().take_while(|effect| !effect.is_wait()) {
            self.apply(effect, total)?;
            if self.is_stopped_by(effect) {
                break;
            }
        }
        Ok(())
    }

    fn apply(&mut self, effect: &Effect, total: u32) -> Result<(), (Law, String)> {
        match effect {
            Effect::EnsureVersion { version, .. } => {
                self.pods.entry(version.clone()).or_default();
            }
            Effect::Scale { version, replicas } => self.scale(version, *replicas)?,
            Effect::ScaleToZero { version } if self.is_unwanted() => self.ask_for(version, 0),
            Effect::ScaleToZero { version } => {
                let why = format!("{version} is scaled to zero, though pods are wanted");
                return Err((Law::NothingNeededGoes, why));
            }
            Effect::RestartPods { version, at_most, .. } => self.restart(version, *at_most)?,
            Effect::EnsureSubset { version } => {
                self.subsets.insert(version.clone());
            }
            Effect::SetSplit { change, split, .. } => {
                if split.total() != total {
                    return Err((Law::WeightsAddUp, format!("{split} adds up to {}", split.total())));
                }
                self.route(*change, |route| route.split = Some(split.clone()))?;
            }
            Effect::SetRoutes { change, to, .. } => {
                self.route(*change, |route| route.managed_to = to.clone())?
            }
            Effect::RemoveSubset { version } => {
                if self.routes.iter().any(|route| route.named().contains(version)) {
                    return Err((Law::NothingNeededGoes, format!("a route still names {version}")));
                }
                self.subsets.remove(version);
            }
            Effect::RemoveVersion { version } => {
                if self.routes.iter().any(|route| route.named().contains(version)) {
                    return Err((Law::NothingNeededGoes, format!("a route still names {version}")));
                }
                self.pods.remove(version);
            }
            _ => {}
        }
        Ok(())
    }

    fn scale(&mut self, version: &Version, replicas: u32) -> Result<(), (Law, String)> {
        // Where no pod is ready, nothing is lost.
        if replicas == 0 && self.has_traffic(version) {
            return Err((Law::NothingNeededGoes, format!("{version} is scaled to 0 and has traffic")));
        }
        self.ask_for(version, replicas);
        Ok(())
    }

    /// Of a version with traffic some pod stays while others are made anew.
    fn restart(&self, version: &Version, at_most: u32) -> Result<(), (Law, String)> {
        let asked = self.pods.get(version).map_or(0, |pods| pods.asked);
        if at_most < asked || !self.has_traffic(version) {
            return Ok(());
        }
        let why = format!("all pods of {version} may be made anew at once, and it has traffic");
        Err((Law::NothingNeededGoes, why))
    }

    /// Whether requests get an answer from it, at some proxy.
    fn has_traffic(&self, version: &Version) -> bool {
        self.is_ready(version) && self.routes.iter().any(|route| route.targets().contains(version))
    }

    fn ask_for(&mut self, version: &Version, replicas: u32) {
        let pods = self.pods.entry(version.clone()).or_default();
        pods.asked = replicas;
        pods.ready = pods.ready.min(replicas);
    }

    /// Changes the newest route; the one before stays in force until the change is settled.
    fn route(&mut self, change: u64, set: impl FnOnce(&mut Route)) -> Result<(), (Law, String)> {
        let before = self.routes.last().cloned();
        let mut next = before.clone().unwrap_or(Route { change, split: None, managed_to: None });
        next.change = change;
        set(&mut next);
        if before.as_ref() == Some(&next) {
            return Ok(());
        }
        if self.is_unwanted() {
            return Err((Law::ZeroIsZero, "no pods are wanted, and the route changes".into()));
        }
        let had = before.as_ref().map(Route::targets).unwrap_or_default();
        let is_known = self.asked.as_ref().is_some_and(|asked| asked.shares_as(&next));
        for version in next.targets().into_iter().filter(|_| !is_known) {
            let told = self.told.get(&version).is_some_and(|ready| *ready > 0);
            // Traffic that a version has already may stay where nothing else is ready.
            // Where nothing at all is ready, no route is right.
            let refuge =
                self.refuge.as_ref() == Some(&version) || self.told.values().all(|ready| *ready == 0);
            if !told && !had.contains(&version) && !refuge {
                return Err((
                    Law::OnlyReadyPodsGetTraffic,
                    format!("{version} has no ready pod and gets traffic"),
                ));
            }
        }
        if let Some(version) = next.named().into_iter().find(|version| !self.subsets.contains(version)) {
            return Err((
                Law::OnlyReadyPodsGetTraffic,
                format!("{version} has no subset and is named by a route"),
            ));
        }
        self.asked = Some(next.clone());
        if !next.targets().iter().all(|version| had.contains(version) || self.is_ready(version)) {
            return Ok(());
        }
        if before.as_ref().is_some_and(|route| route.change == change) {
            self.routes.pop();
        }
        self.routes.push(next);
        Ok(())
    }

    fn is_ready(&self, version: &Version) -> bool {
        self.pods.get(version).is_some_and(|pods| pods.ready > 0)
    }

    /// Whether an effect that sets a route was not carried out, for want of pods.
    fn is_stopped_by(&self, effect: &Effect) -> bool {
        let written = |change: u64| self.routes.last().is_some_and(|route| route.change == change);
        match effect {
            Effect::SetSplit { change, .. } | Effect::SetRoutes { change, .. } => !written(*change),
            _ => false,
        }
    }

    /// The cluster reports what it has done: the next event, if there is one.
    pub(crate) fn report(
        &mut self,
        effects: &[Effect],
        told: &BTreeMap<Version, (u32, u32)>,
    ) -> Option<Event> {
        for (version, pods) in &mut self.pods {
            pods.ready = pods.asked;
            if told.get(version) != Some(&(pods.asked, pods.ready)) {
                let (replicas, ready) = (pods.asked, pods.ready);
                return Some(Event::PodsChanged { version: version.clone(), replicas, ready });
            }
        }
        match effects.last()? {
            Effect::AwaitPropagation { change, .. } => {
                self.settle(*change);
                Some(Event::SplitSettled { change: *change })
            }
            Effect::AwaitGone { version } => Some(Event::VersionGone { version: version.clone() }),
            _ => None,
        }
    }

    /// Whether every request goes to that version, at every proxy.
    #[must_use]
    pub fn is_all_on(&self, version: &Version) -> bool {
        self.routes.iter().all(|route| route.targets().iter().all(|target| target == version))
    }
}
