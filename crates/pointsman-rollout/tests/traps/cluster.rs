//! A cluster in which every proxy may have any of the routes written since the last that all had.

use std::collections::{BTreeMap, BTreeSet};

use pointsman_rollout::{Effect, Version};

/// The pods of a version: how many are asked for, how many are ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Pods {
    pub(crate) asked: u32,
    pub(crate) ready: u32,
}

#[derive(Debug, Clone, Default)]
struct Route {
    shares: Vec<(Version, u32)>,
    managed: Vec<String>,
    managed_to: Option<Version>,
}

#[derive(Default)]
pub(crate) struct Cluster {
    pods: BTreeMap<Version, Pods>,
    subsets: BTreeSet<Version>,
    /// What one proxy or another has; the last is what is written.
    in_force: Vec<Route>,
    pub(crate) change: u64,
    /// Analyses that were started and not stopped, with what they measure.
    pub(crate) running: BTreeMap<u64, Vec<String>>,
    /// Whose pods were taken for which restart.
    restarts: BTreeSet<(u64, Version)>,
    /// Restarts that are over once all pods are ready.
    pub(crate) renewed: BTreeSet<(u64, Version)>,
    pub(crate) gone: BTreeSet<Version>,
    /// How often each version was scaled, and to how many pods.
    scalings: Vec<(Version, u32)>,
    fewest_ready: u32,
    /// Requests that an effect sent where nobody answers.
    dark: Vec<String>,
    /// Requests that an effect left with a name that nobody knows.
    dangling: Vec<String>,
}

impl Cluster {
    /// Carries effects out one after another, up to the first wait, and looks after each.
    pub(crate) fn carry_out(&mut self, effects: &[Effect]) {
        for effect in effects.iter().take_while(|effect| !effect.is_wait()) {
            let before = (self.sends_to_nobody(), self.names_nobody());
            self.carry_one_out(effect);
            let news = |now: BTreeSet<String>, before: &BTreeSet<String>| -> Vec<String> {
                now.difference(before).map(|what| format!("after `{effect}`: {what}")).collect()
            };
            // That is what zero is: somebody wants no pods at all.
            if !matches!(effect, Effect::ScaleToZero { .. }) {
                self.dark.extend(news(self.sends_to_nobody(), &before.0));
            }
            self.dangling.extend(news(self.names_nobody(), &before.1));
            self.fewest_ready = self.fewest_ready.min(self.all_ready());
        }
    }

    fn carry_one_out(&mut self, effect: &Effect) {
        match effect {
            Effect::Scale { version, replicas } => {
                // New pods are not ready yet; of fewer pods none is left that was not asked for.
                let pods = self.pods.entry(version.clone()).or_default();
                *pods = Pods { asked: *replicas, ready: pods.ready.min(*replicas) };
                self.scalings.push((version.clone(), *replicas));
            }
            Effect::ScaleToZero { version } => {
                self.pods.insert(version.clone(), Pods::default());
                self.scalings.push((version.clone(), 0));
            }
            Effect::RemoveVersion { version } => {
                let was_there = self.pods.remove(version);
                self.gone.extend(was_there.map(|_| version.clone()));
            }
            Effect::EnsureSubset { version } => {
                self.subsets.insert(version.clone());
            }
            Effect::RemoveSubset { version } => {
                self.subsets.remove(version);
            }
            Effect::SetSplit { split, change, .. } => {
                let share = |(name, weight): (&str, pointsman_types::Weight)| {
                    (Version::new(name).expect("a version"), weight.value())
                };
                let shares = split.iter().map(share).collect();
                self.in_force.push(Route { shares, ..self.written() });
                self.change = *change;
            }
            Effect::SetRoutes { to, routes, .. } => {
                let managed = routes.iter().map(|route| route.name.clone()).collect();
                self.in_force.push(Route { managed, managed_to: to.clone(), ..self.written() });
            }
            Effect::StartAnalysis { run, templates, .. } => {
                self.running.insert(*run, templates.clone());
            }
            Effect::StopAnalysis { run } => {
                self.running.remove(run);
            }
            Effect::RestartPods { restart, version, at_most } => self.restart(*restart, version, *at_most),
            _ => {}
        }
    }

    /// So many of its pods are missing until they are new.
    fn restart(&mut self, restart: u64, version: &Version, at_most: u32) {
        if self.restarts.insert((restart, version.clone())) {
            let asked = self.pods.get(version).map_or(0, |pods| pods.asked);
            self.set_ready(version, asked.saturating_sub(at_most));
            self.renewed.insert((restart, version.clone()));
        }
    }

    /// So many pods of a version are ready, whoever is to blame.
    pub(crate) fn set_ready(&mut self, version: &Version, ready: u32) {
        if let Some(pods) = self.pods.get_mut(version) {
            pods.ready = ready.min(pods.asked);
        }
    }

    /// Every proxy has the latest route.
    pub(crate) fn propagate(&mut self) {
        self.in_force = self.in_force.pop().into_iter().collect();
    }

    pub(crate) fn pods(&self) -> &BTreeMap<Version, Pods> {
        &self.pods
    }

    pub(crate) fn pods_of(&self, version: &'static str) -> Pods {
        self.pods.get(&Version::from_static(version)).copied().unwrap_or_default()
    }

    fn all_ready(&self) -> u32 {
        self.pods.values().map(|pods| pods.ready).sum()
    }

    /// Begins to look for how few pods are ready.
    pub(crate) fn watch(&mut self) {
        self.fewest_ready = self.all_ready();
        self.scalings.clear();
    }

    /// The fewest ready pods of all versions since it was watched.
    pub(crate) fn fewest_ready(&self) -> u32 {
        self.fewest_ready
    }

    /// To how many pods a version was scaled since it was watched.
    pub(crate) fn scalings(&self, version: &'static str) -> Vec<u32> {
        let of_version = self.scalings.iter().filter(|(scaled, _)| scaled.as_str() == version);
        of_version.map(|(_, replicas)| *replicas).collect()
    }

    fn written(&self) -> Route {
        self.in_force.last().cloned().unwrap_or_default()
    }

    /// The weight of a version in the route that is written.
    pub(crate) fn weight(&self, version: &'static str) -> u32 {
        let shares = self.written().shares;
        shares.iter().find(|(named, _)| named.as_str() == version).map_or(0, |(_, weight)| *weight)
    }

    pub(crate) fn total(&self) -> u32 {
        self.written().shares.iter().map(|(_, weight)| weight).sum()
    }

    /// The managed routes that are written, as `insiders to v2`.
    pub(crate) fn managed(&self) -> Vec<String> {
        let Route { managed, managed_to, .. } = self.written();
        let to = managed_to.map_or("nobody".into(), |version| version.to_string());
        managed.iter().map(|name| format!("{name} to {to}")).collect()
    }

    pub(crate) fn dark(&self) -> &[String] {
        &self.dark
    }

    pub(crate) fn dangling(&self) -> &[String] {
        &self.dangling
    }

    /// What was amiss before a story begins is none of its business.
    pub(crate) fn forgive(&mut self) {
        self.dark.clear();
        self.dangling.clear();
    }

    fn sends_to_nobody(&self) -> BTreeSet<String> {
        let is_ready = |version: &Version| self.pods.get(version).is_some_and(|pods| pods.ready > 0);
        let mut found = BTreeSet::new();
        for route in &self.in_force {
            for (version, weight) in route.shares.iter().filter(|(_, weight)| *weight > 0) {
                if !is_ready(version) {
                    found.insert(format!("a route sends {weight} to {version}, which has no ready pod"));
                }
            }
            if let Some(version) = route.managed_to.as_ref().filter(|to| !is_ready(to)) {
                found.insert(format!("a managed route leads to {version}, which has no ready pod"));
            }
        }
        found
    }

    fn names_nobody(&self) -> BTreeSet<String> {
        let shares = self.in_force.iter().flat_map(|route| route.shares.iter().map(|(version, _)| version));
        let named = shares.chain(self.in_force.iter().filter_map(|route| route.managed_to.as_ref()));
        let strange = named.filter(|version| !self.subsets.contains(*version));
        strange.map(|version| format!("a route names {version}, which is no subset")).collect()
    }
}
