//! What happens in a rehearsal, and how fast.

use pointsman_types::{SplitMix64, Weight, duration::TimeDelta};

use crate::{Event, Outcome};

/// What happens in a rehearsal, and how fast.
///
/// Shape: times are counted from the moment the new version appears.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Script {
    /// From scaling up to ready pods. Default 10 s.
    pub pods_ready_after: TimeDelta,
    /// From writing a route to every proxy having it. Default 1 s.
    pub route_after: TimeDelta,
    /// How long an analysis takes. Default 60 s.
    pub analysis_takes: TimeDelta,
    /// Analyses fail while the canary has at least this weight; zero: always. One beside the steps goes on until then. Default:
    /// never.
    pub failure_from: Option<Weight>,
    /// How a run ends, by its number, before `failure_from` is asked.
    pub outcomes: Vec<(u64, Outcome)>,
    /// A person goes on after so long wherever one is waited for. Default 5 min; `None`: nobody comes.
    pub person_after: Option<TimeDelta>,
    /// What else happens.
    pub events: Vec<(TimeDelta, Event)>,
    /// Delays vary and pods are lost at random, the same for the same number.
    pub seed: Option<u64>,
    /// How long is looked at. Default 30 days.
    pub horizon: TimeDelta,
}

impl Script {
    /// A kind world: all goes well.
    #[must_use]
    pub fn new() -> Self {
        Self {
            pods_ready_after: TimeDelta::from_secs(10),
            route_after: TimeDelta::from_secs(1),
            analysis_takes: TimeDelta::from_secs(60),
            failure_from: None,
            outcomes: Vec::new(),
            person_after: Some(TimeDelta::from_secs(300)),
            events: Vec::new(),
            seed: None,
            horizon: TimeDelta::from_secs(30 * 24 * 3600),
        }
    }

    /// With analyses that fail while the canary has at least this weight.
    #[must_use]
    pub const fn with_failure_from(mut self, weight: Weight) -> Self {
        self.failure_from = Some(weight);
        self
    }

    /// With this end of the run of that number.
    #[must_use]
    pub fn with_outcome(mut self, run: u64, outcome: Outcome) -> Self {
        self.outcomes.push((run, outcome));
        self
    }

    /// With this event, so long after the new version appeared.
    #[must_use]
    pub fn with_event(mut self, after: TimeDelta, event: Event) -> Self {
        self.events.push((after, event));
        self
    }

    /// With nobody who says to go on.
    #[must_use]
    pub const fn with_nobody(mut self) -> Self {
        self.person_after = None;
        self
    }

    /// With a person who says to go on after so long.
    #[must_use]
    pub const fn with_person_after(mut self, delay: TimeDelta) -> Self {
        self.person_after = Some(delay);
        self
    }

    /// With pods that are ready so long after they are asked for.
    #[must_use]
    pub const fn with_pods_ready_after(mut self, delay: TimeDelta) -> Self {
        self.pods_ready_after = delay;
        self
    }

    /// With delays that vary and pods that are lost at random.
    #[must_use]
    pub const fn with_seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    pub(super) fn outcome(&self, run: u64, weight: Weight) -> Outcome {
        let said = self.outcomes.iter().find(|(number, _)| *number == run).map(|(_, outcome)| *outcome);
        said.unwrap_or_else(|| match self.failure_from {
            Some(from) if weight >= from => Outcome::Failed,
            _ => Outcome::Successful,
        })
    }
}

impl Default for Script {
    fn default() -> Self {
        Self::new()
    }
}

/// The dice of a rehearsal; without a seed every delay is as the script says.
pub(super) struct Dice(Option<SplitMix64>);

impl Dice {
    pub(super) fn of(script: &Script) -> Self {
        Self(script.seed.map(SplitMix64::new))
    }

    /// Between half of the delay and twice of it.
    pub(super) fn vary(&mut self, delay: TimeDelta) -> TimeDelta {
        let Some(dice) = &mut self.0 else { return delay };
        let nanos = delay.nanos().max(0);
        let share = i64::try_from(dice.below(1_501)).unwrap_or(0) + 500;
        TimeDelta::from_nanos((nanos / 1_000).saturating_mul(share))
    }

    /// Once in so many times, and never without a seed.
    pub(super) fn once_in(&mut self, times: u64) -> bool {
        self.0.as_mut().is_some_and(|dice| dice.below(times) == 0)
    }
}
