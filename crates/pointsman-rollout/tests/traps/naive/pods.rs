//! How many pods it asks for.

use pointsman_rollout::{CanaryScale, Effect, PlanStep, Retirement, StableScale, Version};
use pointsman_types::{Time, duration::TimeDelta};

use super::Naive;

/// How long the pods of a version that was replaced stay.
const STAY: TimeDelta = TimeDelta::from_secs(30);

impl Naive {
    pub(super) fn is_dynamic(&self) -> bool {
        self.plan.spec().stable_scale == StableScale::Dynamic
    }

    /// Stable's and the canary's pods.
    fn targets(&self) -> (u32, u32) {
        let size = self.size();
        let weight = self.weight_of(self.index + 1);
        if self.canary.is_none() {
            return (size, 0);
        }
        if self.plan.bounds(size).is_some() {
            // What was given up goes, what is asked for makes room, whoever is ready (ar#777, ar#2050).
            return match () {
                () if self.aborted => (size, 0),
                () if self.step().is_none() || self.skipped.is_some() => (0, size),
                () => (size - rounded(size, weight), rounded(size, weight)),
            };
        }
        let stable = if self.is_dynamic() { size - size * self.recorded / 100 } else { size };
        let canary = match self.scale_in_force() {
            _ if self.aborted => 0,
            _ if self.step().is_none() || self.skipped.is_some() => size,
            Some(CanaryScale::Replicas(count)) => count,
            Some(CanaryScale::Weight(weight)) => (size * weight).div_ceil(100),
            // One step, one pass: between a fixed number and the next weight it is that of the last (ar#3501, ar#4233).
            Some(CanaryScale::MatchTraffic) | None => (size * weight).div_ceil(100),
        };
        (stable, canary)
    }

    /// Whether the canary has the pods that the step wants.
    pub(super) fn has_its_pods(&self) -> bool {
        let pods = self.canary.as_ref().and_then(|canary| self.pods.get(canary)).copied();
        let pods = pods.unwrap_or_default();
        let (_, wanted) = self.targets();
        (pods.asked, pods.ready) == (wanted, wanted)
    }

    pub(super) fn scale(&mut self, version: Version, replicas: u32) -> Option<Effect> {
        let before = self.scaled.insert(version.clone(), replicas);
        (before.unwrap_or(0) != replicas).then_some(Effect::Scale { version, replicas })
    }

    pub(super) fn scale_pods(&mut self, now: Time) -> Vec<Effect> {
        let (of_stable, of_canary) = self.targets();
        let leaves = self.leaving.iter().filter(|(_, at)| now >= *at).map(|(version, _)| version.clone());
        let leaves: Vec<Version> = leaves.collect();
        let mut list = Vec::new();
        if let Some(stable) = self.stable.clone().filter(|stable| !leaves.contains(stable)) {
            list.extend(self.scale(stable, of_stable));
        }
        if let Some(canary) = self.canary.clone() {
            list.extend(self.scale(canary, of_canary));
        }
        if let Some(PlanStep::Experiment(experiment)) = self.step().cloned() {
            list.extend(experiment.variants.into_iter().filter_map(|v| self.scale(v.version, v.replicas)));
        }
        list.extend(leaves.into_iter().filter_map(|version| self.scale(version, 0)));
        list
    }

    /// A version that is replaced has so long to go, counted from the end of the steps (ar#2050).
    pub(super) fn let_go(&mut self, version: Version, now: Time) {
        let after = match self.plan.spec().retirement {
            Retirement::OnCommand => STAY,
            Retirement::After(delay) => delay,
        };
        if self.leaving.iter().all(|(leaving, _)| *leaving != version) {
            self.leaving.push((version, now.plus(after)));
        }
    }
}

/// The share of the pods, to the next whole one (ar#1713).
fn rounded(size: u32, weight: u32) -> u32 {
    (size * weight + 50) / 100
}
