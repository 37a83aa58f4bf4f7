//! How it gets from step to step.

use pointsman_rollout::{Effect, Pause, PlanStep};
use pointsman_types::Time;

use super::Naive;

impl Naive {
    /// To the next step. The analysis that is looked at stays the same: it is over, or will be.
    pub(super) fn go_on(&mut self) {
        self.index = (self.index + 1).min(self.end());
        self.paused = None;
        self.experiment = None;
    }

    /// Whether something changed, so that it is to be looked at once more.
    pub(super) fn advance(&mut self, now: Time, list: &mut Vec<Effect>) -> bool {
        if self.canary.is_none() || self.aborted {
            return false;
        }
        let Some(step) = self.step().filter(|_| self.skipped.is_none()).cloned() else {
            return self.replace(now, list);
        };
        let is_done = match step {
            PlanStep::SetWeight(_) | PlanStep::SetCanaryScale(_) => self.has_its_pods(),
            PlanStep::SetRoute(_) => true,
            PlanStep::Pause(pause) => self.is_over(pause, now),
            PlanStep::Analysis(_) => self.is_good(),
            PlanStep::Experiment(experiment) => {
                let all_there = experiment.variants.iter().all(|v| self.ready(&v.version) >= v.replicas);
                if self.experiment.is_none() && all_there {
                    self.experiment = Some(now);
                    return true;
                }
                // Over is over, whatever is still measured (ar#943).
                let over = self.experiment.zip(experiment.duration).is_some_and(|(at, d)| now > at.plus(d));
                let is_done = over || (self.experiment.is_some() && self.is_good());
                if is_done {
                    // The pods go with the experiment, the weights with the next look at the route (ar#4890).
                    let variants = experiment.variants.into_iter();
                    list.extend(variants.filter_map(|variant| self.scale(variant.version, 0)));
                }
                is_done
            }
            _ => false,
        };
        if is_done {
            self.run = None;
            self.go_on();
        }
        is_done
    }

    fn is_over(&mut self, pause: Pause, now: Time) -> bool {
        let since = *self.paused.get_or_insert(now);
        pause.duration.is_some_and(|duration| now > since.plus(duration))
    }

    /// The canary is stable once it is complete.
    fn replace(&mut self, now: Time, list: &mut Vec<Effect>) -> bool {
        let Some((stable, canary)) = self.stable.clone().zip(self.canary.clone()) else { return false };
        self.let_go(stable.clone(), now);
        if self.ready(&canary) < self.size() {
            return false;
        }
        self.stable = Some(canary.clone());
        self.canary = None;
        self.history.push(canary);
        self.restart_steps();
        // No name stands for the old version any more (ar#4195).
        list.push(Effect::RemoveSubset { version: stable });
        true
    }
}
