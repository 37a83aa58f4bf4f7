//! What the steps of a plan can and cannot detect, said before the release starts.
//!
//! ```
//! use pointsman_judge::power::{Target, Traffic};
//! use pointsman_judge::sequential::Risk;
//! use pointsman_rollout::power::Study;
//! use pointsman_rollout::{Canary, Pause, PlanSpec, PlanStep, Strategy};
//! use pointsman_types::{Weight, duration::TimeDelta};
//!
//! let steps = [PlanStep::SetWeight(Weight::new(5)), PlanStep::Pause(Pause::of(TimeDelta::from_secs(60)))];
//! let plan = PlanSpec::new("reviews", Strategy::Canary(Canary::new(steps))).build()?;
//! let doubling = Target::new(2.0, Risk::FIVE_PERCENT, 0.9)?;
//! let study = Study::new(Traffic::new(20.0, 0.01)?, doubling);
//! let findings = study.review(&plan);
//! assert!(findings[0].message.starts_with(
//!     "at 5 % of 20 requests a second this step cannot see a doubling of errors in a minute"
//! ));
//! let longer = study.shortest(&plan)?.build()?;
//! assert_eq!(study.review(&longer), []);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use pointsman_judge::power::{PlannedStep, Target, Traffic, Undetectable, weakness};
use pointsman_types::duration::TimeDelta;
use pointsman_types::{Diagnostic, FieldPath, Weight};

use crate::{Canary, Increments, Pause, Plan, PlanSpec, PlanStep, Strategy, Unfinished, replicas};

/// What is assumed of a release: its traffic, what is to be detected, how long an analysis takes.
///
/// Each share is looked at by itself, as if the judge began anew with it, and against a baseline that is measured at the
/// same time: a canary with all of the traffic or none has none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Study {
    traffic: Traffic,
    target: Target,
    analysis: TimeDelta,
}

/// How long a plan keeps the canary at one share of the traffic.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Hold {
    /// Which step sets the share, as [`Plan::steps`] counts.
    pub step: usize,
    /// The share, above 0 and below 1. Where numbers of pods make it, the one that they make.
    pub share: f64,
    /// How long at least; `None` when it is a person who goes on.
    pub lasts: Option<TimeDelta>,
    /// The step that sets another share, or the end.
    end: usize,
}

impl Study {
    /// With this traffic, of this regression. Analyses take no time of their own.
    #[must_use]
    pub const fn new(traffic: Traffic, target: Target) -> Self {
        Self { traffic, target, analysis: TimeDelta::ZERO }
    }

    /// With analyses that take so long.
    #[must_use]
    pub const fn with_analysis(mut self, length: TimeDelta) -> Self {
        self.analysis = length;
        self
    }

    /// The shares of a plan, in order, each with how long it lasts: pauses, experiments and analyses.
    ///
    /// Requests that routes send to the canary whatever its share, and copies of requests, are not counted.
    #[must_use]
    pub fn holds(&self, plan: &Plan) -> Vec<Hold> {
        let mut holds: Vec<Hold> = Vec::new();
        let mut weight = Weight::ZERO;
        for (step, instruction) in plan.steps().iter().enumerate() {
            match instruction {
                PlanStep::SetWeight(next) if *next != weight => {
                    let share = share_of(plan, *next);
                    holds.push(Hold { step, share, lasts: Some(TimeDelta::ZERO), end: step });
                    weight = *next;
                }
                _ => {}
            }
            if let Some(hold) = holds.last_mut() {
                hold.lasts = hold.lasts.zip(self.lasts(instruction)).map(|(sum, more)| plus(sum, more));
                hold.end = step + 1;
            }
        }
        holds.retain(|hold| hold.share > 0.0 && hold.share < 1.0);
        holds
    }

    /// `None` when it waits for a person.
    fn lasts(&self, step: &PlanStep) -> Option<TimeDelta> {
        match step {
            PlanStep::Pause(pause) => pause.duration,
            PlanStep::Analysis(_) => Some(self.analysis),
            PlanStep::Experiment(experiment) => match (experiment.duration, &experiment.analysis) {
                (Some(duration), Some(_)) if experiment.unfinished == Unfinished::Awaited => {
                    Some(duration.max(self.analysis))
                }
                (Some(duration), _) => Some(duration),
                (None, Some(_)) => Some(self.analysis),
                (None, None) => None,
            },
            _ => Some(TimeDelta::ZERO),
        }
    }

    /// The steps that cannot see what they should; the path of a finding is `steps[i]`, that which sets the share. Codes are
    /// those of [`pointsman_judge::power::review`]. A share that a person ends is not judged.
    #[must_use]
    pub fn review(&self, plan: &Plan) -> Vec<Diagnostic> {
        let finding = |hold: &Hold| {
            let planned = PlannedStep::new(hold.share, hold.lasts?).ok()?;
            let finding = weakness(&planned, &self.traffic, &self.target)?;
            Some(finding.at(FieldPath::root().field("steps").index(hold.step)))
        };
        self.holds(plan).iter().filter_map(finding).collect()
    }

    /// The same plan with pauses as short as they can be so that each share sees the regression: shorter ones grow, longer
    /// ones shrink, missing ones come directly after their share. Shares that a person ends stay as they are, and so do
    /// plans without written-out shares.
    ///
    /// # Errors
    /// A share at which no pause is long enough.
    pub fn shortest(&self, plan: &Plan) -> Result<PlanSpec, Undetectable> {
        let mut spec = plan.spec().clone();
        match &mut spec.strategy {
            Strategy::Canary(canary) => self.fit_canary(plan, canary)?,
            Strategy::Increments(increments) => self.fit_increments(plan, increments)?,
            Strategy::BlueGreen(_) | Strategy::AbTest(_) | Strategy::Manual(_) => {}
        }
        Ok(spec)
    }

    /// From the end, so that what is put in moves no place that is still to come.
    fn fit_canary(&self, plan: &Plan, canary: &mut Canary) -> Result<(), Undetectable> {
        for hold in self.holds(plan).iter().rev().filter(|hold| hold.lasts.is_some()) {
            let left = minus(self.needed(hold)?, self.without_pauses(plan, hold));
            let pauses = hold.steps(plan).filter(|(_, step)| matches!(step, PlanStep::Pause(_)));
            let mut pauses: Vec<usize> = pauses.map(|(at, _)| at).collect();
            // What looks back on the whole stretch stands behind its last pause.
            if let Some(last) = pauses.pop() {
                set_pause(canary, last, left);
                pauses.iter().for_each(|at| set_pause(canary, *at, TimeDelta::ZERO));
            } else if left > TimeDelta::ZERO {
                insert_pause(canary, hold.step + 1, left);
            }
        }
        Ok(())
    }

    /// One interval serves all weights.
    fn fit_increments(&self, plan: &Plan, increments: &mut Increments) -> Result<(), Undetectable> {
        let holds = self.holds(plan);
        let timed = holds.iter().filter(|hold| hold.lasts.is_some());
        let left = timed.map(|hold| Ok(minus(self.needed(hold)?, self.without_pauses(plan, hold))));
        if let Some(longest) = left.collect::<Result<Vec<_>, _>>()?.into_iter().max() {
            increments.interval = longest;
        }
        Ok(())
    }

    fn without_pauses(&self, plan: &Plan, hold: &Hold) -> TimeDelta {
        let others = hold.steps(plan).filter(|(_, step)| !matches!(step, PlanStep::Pause(_)));
        others.filter_map(|(_, step)| self.lasts(step)).fold(TimeDelta::ZERO, plus)
    }

    fn needed(&self, hold: &Hold) -> Result<TimeDelta, Undetectable> {
        self.target.duration(hold.share, &self.traffic).ok_or(Undetectable { share: hold.share })
    }
}

impl Hold {
    /// What happens at this share.
    fn steps<'a>(&self, plan: &'a Plan) -> impl Iterator<Item = (usize, &'a PlanStep)> {
        plan.steps().iter().enumerate().take(self.end).skip(self.step)
    }
}

fn set_pause(canary: &mut Canary, at: usize, length: TimeDelta) {
    if let Some(step) = canary.steps.get_mut(at) {
        *step = PlanStep::Pause(Pause::of(length));
    }
}

fn insert_pause(canary: &mut Canary, at: usize, length: TimeDelta) {
    canary.steps.insert(at, PlanStep::Pause(Pause::of(length)));
    if let Some(background) = &mut canary.background
        && background.starting_step as usize >= at
    {
        background.starting_step += 1;
    }
}

#[expect(clippy::cast_precision_loss, reason = "nothing, below 2^53")]
fn share_of(plan: &Plan, weight: Weight) -> f64 {
    let spec = plan.spec();
    let (canary, all) = match plan.bounds(spec.replicas) {
        Some(bounds) => {
            let total = spec.total_weight;
            let pods = replicas::approximate(spec.replicas, weight.value(), total, bounds.surge);
            (pods.canary, u64::from(pods.canary) + u64::from(pods.stable))
        }
        None => (weight.value(), u64::from(spec.total_weight)),
    };
    if all == 0 { 0.0 } else { f64::from(canary) / all as f64 }
}

fn plus(a: TimeDelta, b: TimeDelta) -> TimeDelta {
    TimeDelta::from_nanos(a.nanos().saturating_add(b.nanos()))
}

fn minus(a: TimeDelta, b: TimeDelta) -> TimeDelta {
    TimeDelta::from_nanos(a.nanos().saturating_sub(b.nanos()).max(0))
}

#[cfg(test)]
mod tests {
    use pointsman_judge::sequential::Risk;
    use pointsman_types::IntOrString;

    use super::*;
    use crate::{Analysis, Background, Traffic as Sharing};

    fn study() -> Study {
        let doubling = Target::new(2.0, Risk::FIVE_PERCENT, 0.9).unwrap();
        Study::new(Traffic::new(200.0, 0.02).unwrap(), doubling)
    }

    fn weight(weight: u32) -> PlanStep {
        PlanStep::SetWeight(Weight::new(weight))
    }

    fn pause(seconds: i64) -> PlanStep {
        PlanStep::Pause(Pause::of(TimeDelta::from_secs(seconds)))
    }

    fn analysis() -> PlanStep {
        PlanStep::Analysis(Analysis::of(["errors"]))
    }

    fn plan(canary: Canary) -> Plan {
        PlanSpec::new("reviews", Strategy::Canary(canary)).with_replicas(4).build().unwrap()
    }

    fn places(findings: &[Diagnostic]) -> Vec<(String, String)> {
        findings.iter().map(|found| (found.code.to_string(), found.path.to_string())).collect()
    }

    #[test]
    fn weak_steps_are_named_by_their_place() {
        let steps = [
            weight(5),
            pause(60),
            weight(20),
            PlanStep::Pause(Pause::FOR_A_PERSON),
            weight(40),
            pause(300),
            weight(50),
            weight(100),
            pause(1),
        ];
        let found = study().review(&plan(Canary::new(steps)));
        assert_eq!(
            places(&found),
            [("PM0620".into(), "steps[0]".into()), ("PM0621".into(), "steps[6]".into())]
        );
        assert!(
            found[0].message.starts_with(
                "at 5 % of 200 requests a second this step cannot see a doubling of errors in a minute"
            ),
            "{}",
            found[0].message
        );
    }

    #[test]
    fn analyses_and_several_pauses_add_up() {
        let steps = [weight(5), pause(60), analysis(), pause(30), weight(5), pause(10)];
        let holds = study().with_analysis(TimeDelta::from_secs(100)).holds(&plan(Canary::new(steps)));
        assert_eq!(holds.len(), 1);
        assert_eq!((holds[0].step, holds[0].lasts), (0, Some(TimeDelta::from_secs(200))));
    }

    #[test]
    fn pods_make_the_share_where_there_is_no_route() {
        let mut canary = Canary::new([weight(5), pause(60)]);
        canary.traffic =
            Sharing::ByReplicas { max_surge: IntOrString::Int(0), max_unavailable: IntOrString::Int(1) };
        assert_eq!(study().holds(&plan(canary))[0].share, 0.25);
    }

    #[test]
    fn the_shortest_plan_sees_what_it_should_and_not_a_second_less_would() {
        let study = study().with_analysis(TimeDelta::from_secs(20));
        let mut canary = Canary::new([
            weight(5),
            analysis(),
            weight(20),
            pause(1),
            analysis(),
            pause(90_000),
            weight(50),
            PlanStep::Pause(Pause::FOR_A_PERSON),
        ]);
        canary.background = Some(Background { analysis: Analysis::of(["errors"]), starting_step: 2 });
        let before = plan(canary);
        let spec = study.shortest(&before).unwrap();
        let after = spec.clone().build().unwrap();
        assert_eq!(study.review(&after), []);
        assert_eq!(after.steps().len(), before.steps().len() + 1);
        assert_eq!(after.steps()[3], weight(20));
        assert_eq!(after.background().map(|background| background.starting_step), Some(3));
        assert_eq!((&after.steps()[4], after.steps().last()), (&pause(0), before.steps().last()));
        for at in [1, 6] {
            let Strategy::Canary(mut canary) = spec.strategy.clone() else { unreachable!() };
            let PlanStep::Pause(Pause { duration: Some(length) }) = canary.steps[at] else { unreachable!() };
            set_pause(&mut canary, at, minus(length, TimeDelta::from_secs(1)));
            assert_eq!(study.review(&plan(canary)).len(), 1, "{at}");
        }
    }

    #[test]
    fn increments_get_one_interval_for_all() {
        let check = Analysis::of(["errors"]);
        let increments = Increments::even(10, 50, TimeDelta::from_secs(10), check);
        let plan = PlanSpec::new("reviews", Strategy::Increments(increments)).build().unwrap();
        assert_eq!(study().review(&plan).len(), 5);
        let after = study().shortest(&plan).unwrap().build().unwrap();
        assert_eq!(study().review(&after), []);
        let nobody = Study::new(
            Traffic::new(1.0, 1e-12).unwrap(),
            Target::new(1.01, Risk::FIVE_PERCENT, 0.9).unwrap(),
        );
        assert!(nobody.shortest(&plan).is_err());
    }
}
