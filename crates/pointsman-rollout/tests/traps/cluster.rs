//! A cluster in which every proxy may have any of the routes written since the last that all had.

use std::collections::{BTreeMap, BTreeSet};

use pointsman_rollout::{Effect, Version};

type Shares = BTreeMap<String, u32>;

#[derive(Default)]
pub(crate) struct Cluster {
    pods: BTreeMap<Version, u32>,
    subsets: BTreeSet<Version>,
    /// What one proxy or another has.
    in_force: Vec<Shares>,
}

impl Cluster {
    /// Carries effects out one after another, up to the first wait, and looks after each.
    pub(crate) fn carry_out(&mut self, effects: &[Effect]) -> Result<(), String> {
        for effect in effects.iter().take_while(|effect| !effect.is_wait()) {
            match effect {
                Effect::Scale { version, replicas } => {
                    // New pods are not ready yet; of fewer pods none is left that was not asked for.
                    let ready = self.pods.entry(version.clone()).or_default();
                    *ready = (*ready).min(*replicas);
                }
                Effect::RemoveVersion { version } => {
                    self.pods.remove(version);
                }
                Effect::EnsureSubset { version } => {
                    self.subsets.insert(version.clone());
                }
                Effect::RemoveSubset { version } => {
                    self.subsets.remove(version);
                }
                Effect::SetSplit { split, .. } => {
                    let shares = split.iter().map(|(name, weight)| (name.to_owned(), weight.value()));
                    self.in_force.push(shares.collect());
                }
                _ => {}
            }
            self.look().map_err(|what| format!("after `{effect}`: {what}"))?;
        }
        Ok(())
    }

    pub(crate) fn ready(&mut self, version: &'static str, ready: u32) {
        self.pods.insert(Version::from_static(version), ready);
    }

    /// Every proxy has the latest route.
    pub(crate) fn propagate(&mut self) {
        self.in_force = self.in_force.pop().into_iter().collect();
    }

    /// No request meets a version without pods or without a name.
    fn look(&self) -> Result<(), String> {
        for (name, weight) in self.in_force.iter().flatten() {
            let version = Version::new(name).map_err(|error| error.to_string())?;
            if !self.subsets.contains(&version) {
                return Err(format!("a route names {name}, which is no subset"));
            }
            if *weight > 0 && self.pods.get(&version).is_none_or(|ready| *ready == 0) {
                return Err(format!("a route sends {weight} to {name}, which has no ready pod"));
            }
        }
        Ok(())
    }
}
