//! What it measures, and what follows.

use pointsman_rollout::{Analysis, Effect, Outcome, PlanStep, Strategy};

use super::Naive;

impl Naive {
    fn start(&mut self, analysis: &Analysis) -> (u64, Option<Effect>) {
        self.runs += 1;
        let versions = self.canary.clone().zip(self.stable.clone());
        let start = versions.map(|(canary, stable)| Effect::StartAnalysis {
            run: self.runs,
            templates: analysis.templates.clone(),
            canary,
            stable,
        });
        (self.runs, start)
    }

    /// The analysis of this step, if none is looked at yet; after `promote` the one of the step before still is
    /// (ar#3220, ar#1203).
    pub(super) fn begin_to_measure(&mut self) -> Vec<Effect> {
        if self.canary.is_none() || self.aborted || self.skipped.is_some() {
            return Vec::new();
        }
        let mut list = Vec::new();
        let beside = match &self.plan.spec().strategy {
            Strategy::Canary(canary) => canary.background.clone(),
            _ => None,
        };
        if let (Some(beside), None) = (beside, self.background)
            && self.index >= beside.starting_step as usize
        {
            let (run, start) = self.start(&beside.analysis);
            self.background = Some(run);
            list.extend(start);
        }
        let of_step = match self.step() {
            Some(PlanStep::Analysis(analysis)) => Some(analysis.clone()),
            Some(PlanStep::Experiment(experiment)) if self.experiment.is_some() => {
                experiment.analysis.clone()
            }
            _ => None,
        };
        if let (Some(analysis), None, false) = (of_step, self.run, self.held) {
            let (run, start) = self.start(&analysis);
            self.run = Some((run, None));
            list.extend(start);
        }
        list
    }

    pub(super) fn finished(&mut self, run: u64, outcome: Outcome) {
        let fails = matches!(outcome, Outcome::Failed | Outcome::Error);
        if self.background == Some(run) {
            self.aborted |= fails;
            // Begun again; the pause of a step goes on beside it (ar#3850).
            self.background = (outcome != Outcome::Inconclusive).then_some(run);
        } else if self.run.is_some_and(|(looked_at, _)| looked_at == run) {
            self.run = Some((run, Some(outcome)));
            // There is one answer to a failure (ar#2866).
            self.aborted |= fails;
            self.held |= outcome == Outcome::Inconclusive;
        }
    }

    /// A run is good unless it is bad: one that was stopped, too (ar#1329).
    pub(super) fn is_good(&self) -> bool {
        matches!(self.run, Some((_, Some(Outcome::Successful | Outcome::Cancelled))))
    }
}
