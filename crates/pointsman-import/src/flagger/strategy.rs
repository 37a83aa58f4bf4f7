//! From numbers to a strategy.

use pointsman_rollout::{AbTest, Analysis, BlueGreen, Canary, CanaryScale, Increments, Manual, Strategy};
use pointsman_types::{
    Percent,
    duration::{TimeDelta, go},
};

use super::Reading;
use super::hooks::Hooks;
use crate::codes::{BAD_VALUE, DIFFERS, MISSING, NOT_CARRIED};
use crate::field::Field;

/// The shortest interval, and the one where nothing that can be read is said.
const FLOOR: i64 = 10;
const INTERVAL: i64 = 60;

impl Reading<'_, '_> {
    pub(super) fn strategy(&mut self, spec: &Field<'_>, analysis: &Field<'_>) -> Strategy {
        let skip = spec.get("skipAnalysis");
        if self.notes.flag(&skip) == Some(true) {
            self.notes.info(
                DIFFERS,
                &skip,
                "the new version takes over as soon as it is ready, without a check",
            );
            return Strategy::Canary(Canary::default());
        }
        if !analysis.is_there() {
            self.notes.warning(MISSING, analysis, "nothing says how it is released: it is released by hand");
            return Strategy::Manual(Manual::default());
        }
        self.notes.only(analysis, ANALYSIS);
        let interval = self.interval(&analysis.get("interval"));
        let hooks = self.hooks(&analysis.get("webhooks"));
        let check = self.check(analysis, &hooks);
        let iterations = self.notes.count(&analysis.get("iterations")).unwrap_or(0);
        let matches = self.matches(&analysis.get("match"));
        match (iterations, matches.is_empty()) {
            (0, no_match) => {
                if !no_match {
                    let message =
                        "without `iterations` the weights share all requests, also those that do not match";
                    self.notes.warning(NOT_CARRIED, &analysis.get("match"), message);
                }
                self.increments(analysis, interval, check, &hooks)
            }
            (count, true) => self.blue_green(analysis, (count, interval), &check, &hooks),
            (count, false) => {
                let mut test = AbTest::new(matches, count, interval, check.clone());
                test.first = hooks.first(&check);
                test.before_promotion = hooks.before_promotion();
                Strategy::AbTest(test)
            }
        }
    }

    fn interval(&mut self, field: &Field<'_>) -> TimeDelta {
        let read = field.as_str().map(go::parse);
        match read {
            Some(Ok(interval)) if interval < TimeDelta::from_secs(FLOOR) => {
                self.notes.info(DIFFERS, field, "the shortest interval is 10 seconds");
                TimeDelta::from_secs(FLOOR)
            }
            Some(Ok(interval)) => interval,
            Some(Err(_)) => {
                self.notes.warning(BAD_VALUE, field, "this is no duration: one minute is taken");
                TimeDelta::from_secs(INTERVAL)
            }
            None => TimeDelta::from_secs(INTERVAL),
        }
    }

    /// What is measured after each interval; so many failures are forgiven as are below the threshold.
    fn check(&mut self, analysis: &Field<'_>, hooks: &Hooks) -> Analysis {
        let threshold = self.notes.count(&analysis.get("threshold")).unwrap_or(0).max(1);
        let mut templates = hooks.rollout.clone();
        templates.extend(self.metrics(&analysis.get("metrics")));
        Analysis::of(templates).with_forgiven(threshold - 1)
    }

    fn increments(
        &mut self,
        analysis: &Field<'_>,
        interval: TimeDelta,
        check: Analysis,
        hooks: &Hooks,
    ) -> Strategy {
        let mut increments = Increments::new(self.weights(analysis), interval, check.clone());
        increments.canary_scale = Some(CanaryScale::Weight(100));
        increments.promotion_step =
            self.notes.count(&analysis.get("stepWeightPromotion")).filter(|step| *step > 0);
        increments.mirror = self.mirror(analysis);
        increments.first = hooks.first(&check);
        increments.before_each = hooks.before_each();
        increments.before_promotion = hooks.before_promotion();
        Strategy::Increments(increments)
    }

    /// The weights that a canary passes: multiples of `stepWeight` up to the greatest, or `stepWeights`.
    fn weights(&mut self, analysis: &Field<'_>) -> Vec<u32> {
        let listed = analysis.get("stepWeights");
        let mut weights = Vec::new();
        for item in self.notes.items(&listed) {
            weights.extend(self.notes.count(&item).map(|weight| weight.min(100)));
        }
        let max = analysis.get("maxWeight");
        let greatest = self.notes.count(&max).filter(|max| *max > 0).unwrap_or(100).min(100);
        let greatest = weights.last().copied().unwrap_or(greatest);
        match self.notes.count(&analysis.get("stepWeight")) {
            Some(step) if step > 0 => {
                let even = Increments::even(step, greatest, TimeDelta::ZERO, Analysis::of::<&str>([]));
                if !greatest.is_multiple_of(step) {
                    let message = format!("the last weight is {greatest}; Flagger goes one step beyond");
                    self.notes.info(DIFFERS, &analysis.get("stepWeight"), message);
                }
                return even.weights;
            }
            _ => {}
        }
        if weights.is_empty() {
            let message = format!(
                "without `stepWeight` and `stepWeights` Flagger never moves: one step to {greatest} is taken"
            );
            self.notes.warning(DIFFERS, analysis, message);
            weights.push(greatest);
        }
        // Flagger takes the entry after the present weight, so one that does not grow has no effect.
        let before = weights.len();
        let mut highest = 0;
        weights.retain(|weight| {
            let grows = *weight > highest;
            highest = highest.max(*weight);
            grows
        });
        if weights.len() < before {
            self.notes.warning(BAD_VALUE, &listed, "weights that do not grow are left out");
        }
        weights
    }

    fn mirror(&mut self, analysis: &Field<'_>) -> Option<Percent> {
        if self.notes.flag(&analysis.get("mirror")) != Some(true) {
            return None;
        }
        let share = self.notes.count(&analysis.get("mirrorWeight")).filter(|share| *share > 0);
        Some(Percent::new(share.unwrap_or(100).min(100)).unwrap_or(Percent::HUNDRED))
    }

    fn blue_green(
        &mut self,
        analysis: &Field<'_>,
        (iterations, interval): (u32, TimeDelta),
        check: &Analysis,
        hooks: &Hooks,
    ) -> Strategy {
        let mut strategy = BlueGreen::new();
        strategy.mirror = self.mirror(analysis);
        strategy.before = hooks.first(check);
        // More is refused with the plan; a list is not made of it.
        for _ in 0..iterations.min(1_001) {
            strategy = strategy.with_check_before(interval, check.clone());
        }
        if let Some(gate) = hooks.before_promotion() {
            strategy = strategy.with_check_before(TimeDelta::ZERO, gate);
        }
        Strategy::BlueGreen(strategy)
    }
}

const ANALYSIS: &[&str] = &[
    "alerts",
    "canaryReadyThreshold",
    "interval",
    "iterations",
    "match",
    "maxWeight",
    "metrics",
    "mirror",
    "mirrorWeight",
    "primaryReadyThreshold",
    "sessionAffinity",
    "stepWeight",
    "stepWeightPromotion",
    "stepWeights",
    "threshold",
    "webhooks",
];
