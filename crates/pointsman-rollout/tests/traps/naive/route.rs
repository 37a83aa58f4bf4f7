//! What it writes into the route.

use pointsman_rollout::{CanaryScale, Effect, PlanStep, Version};
use pointsman_types::{Split, Weight};

use super::{Naive, Skipped};

impl Naive {
    /// The canary's weight now.
    fn weight(&self) -> Result<u32, String> {
        let Some(canary) = &self.canary else { return Ok(0) };
        let ready = self.ready(canary);
        if self.aborted || ready == 0 {
            return Ok(0);
        }
        match self.skipped {
            // All to who shall have it in the end, who may have a pod or two (ar#3941).
            Some(Skipped::ByRollback) => return Ok(100),
            // As much as its pods can take, of no pods at all (ar#3686).
            Some(Skipped::ByCommand) if self.is_dynamic() => {
                return (100 * ready).checked_div(self.size()).ok_or_else(|| "it divides by zero".into());
            }
            Some(Skipped::ByCommand) => return Ok(self.recorded),
            None => {}
        }
        match self.step() {
            // Begun with nothing, and set by the steps that there are (ar#1718).
            None => Ok(0),
            // A canary that is being set up has no traffic yet (ar#4642).
            Some(PlanStep::SetCanaryScale(_)) if !self.has_its_pods() => Ok(0),
            Some(PlanStep::SetWeight(_)) if !self.has_its_pods() => Ok(self.weight_of(self.index)),
            Some(_) => Ok(self.weight_of(self.index + 1)),
        }
    }

    /// The weight that the steps before this one set last.
    pub(super) fn weight_of(&self, end: usize) -> u32 {
        let steps = self.plan.steps().get(..end.min(self.end())).unwrap_or_default();
        let set = |step: &PlanStep| if let PlanStep::SetWeight(w) = step { Some(w.value()) } else { None };
        steps.iter().rev().find_map(set).unwrap_or(0)
    }

    /// How many canary pods are fixed by the steps.
    pub(super) fn scale_in_force(&self) -> Option<CanaryScale> {
        let steps = self.plan.steps().get(..=self.index).unwrap_or(self.plan.steps());
        let set = |step: &PlanStep| {
            if let PlanStep::SetCanaryScale(scale) = step { Some(*scale) } else { None }
        };
        steps.iter().rev().find_map(set)
    }

    /// The weights of an experiment, while it runs.
    fn variants(&self) -> Vec<(Version, u32)> {
        match (self.step(), self.experiment) {
            (Some(PlanStep::Experiment(experiment)), Some(_)) => {
                let variants = experiment.variants.iter().filter(|variant| !variant.weight.is_zero());
                variants.map(|variant| (variant.version.clone(), variant.weight.value())).collect()
            }
            _ => Vec::new(),
        }
    }

    pub(super) fn write_route(&mut self) -> Result<Vec<Effect>, String> {
        let Some(stable) = self.stable.clone() else { return Ok(Vec::new()) };
        if self.plan.bounds(self.size()).is_some() {
            return Ok(Vec::new());
        }
        let mut list = Vec::new();
        let names = (stable, self.canary.clone());
        // First the names, with the weight that they have; then the weight (ar#4775).
        if self.pointed.as_ref() != Some(&names) {
            self.pointed = Some(names);
            list.extend(self.write_shares(self.recorded));
        }
        self.recorded = self.weight()?;
        list.extend(self.write_shares(self.recorded));
        list.extend(self.write_managed());
        Ok(list)
    }

    fn write_shares(&mut self, weight: u32) -> Vec<Effect> {
        let Some((stable, canary)) = self.pointed.clone() else { return Vec::new() };
        let weight = if canary.is_some() { weight } else { 0 };
        // What the canary has not is stable's, whatever an experiment has (gw#225, gw#124).
        let mut shares = vec![(stable, 100 - weight)];
        shares.extend(canary.filter(|_| weight > 0).map(|canary| (canary, weight)));
        shares.extend(self.variants());
        if shares == self.written {
            return Vec::new();
        }
        self.written.clone_from(&shares);
        self.change += 1;
        let parts = shares.iter().map(|(version, weight)| (version.as_str(), Weight::new(*weight)));
        let split = Split::new(parts).expect("somebody has traffic");
        let subsets = shares.iter().map(|(version, _)| Effect::EnsureSubset { version: version.clone() });
        // The VirtualService, then the DestinationRule (is#8420, is#6335).
        std::iter::once(Effect::SetSplit { change: self.change, split, pins: None }).chain(subsets).collect()
    }

    /// The managed routes are written while their step is, and taken away when the canary has no pods; nobody looks
    /// again (ar#4716, ar#4486, gw#147).
    fn write_managed(&mut self) -> Vec<Effect> {
        // Where there is no canary there is nothing to do for one (ar#2526, gw#90).
        let Some(canary) = self.canary.clone() else { return Vec::new() };
        if self.ready(&canary) == 0 || self.aborted {
            let had = !std::mem::take(&mut self.managed).is_empty();
            let none = Effect::SetRoutes { change: self.change, to: None, routes: Vec::new() };
            return had.then_some(none).into_iter().collect();
        }
        let Some(PlanStep::SetRoute(route)) = self.step().cloned() else { return Vec::new() };
        self.managed.retain(|other| other.name != route.name);
        if !route.matches.is_empty() {
            self.managed.push(route);
        }
        let to = (!self.managed.is_empty()).then_some(canary);
        vec![Effect::SetRoutes { change: self.change, to, routes: self.managed.clone() }]
    }
}
