//! What can be tested: whatever turns events into effects.

use pointsman_rollout::state::{Analysing, Paused};
use pointsman_rollout::{Effect, Event, Plan, PlanStep, State, Status, Version, effects, step, wake};
use pointsman_types::{Time, Weight};

/// The logic of a release: told of events, it says what is to be done.
pub trait Releaser {
    /// Tells it of an event. `None`: it refuses the event, and nothing has changed.
    fn tell(&mut self, event: &Event, now: Time) -> Option<Vec<Effect>>;

    /// What is to be done now; the same as the last answer, also after a crash.
    fn effects(&self) -> Vec<Effect>;

    /// When it wants to be told that time has passed.
    fn wake(&self) -> Option<Time>;

    /// The stable version, where a release was aborted.
    fn aborted_to(&self) -> Option<Version>;

    /// The same, saved and loaded again as after a restart. `None`, the default: it keeps nothing that could be lost, or this is
    /// not to be looked at.
    fn reloaded(&self) -> Option<Self>
    where
        Self: Sized,
    {
        None
    }

    /// The version that is released, and the greatest share that its present step allows. `None`, the default: no step binds it,
    /// as when a person has said to take over.
    fn allowed(&self) -> Option<(Version, Weight)> {
        None
    }
}

/// Pointsman's own engine.
#[derive(Debug, Clone)]
pub struct Engine<'p> {
    plan: &'p Plan,
    status: Status,
}

impl<'p> Engine<'p> {
    /// At the beginning of a plan.
    #[must_use]
    pub fn new(plan: &'p Plan) -> Self {
        Self { plan, status: Status::new() }
    }

    /// The plan by which it works.
    #[must_use]
    pub const fn plan(&self) -> &'p Plan {
        self.plan
    }

    /// What it remembers.
    #[must_use]
    pub const fn status(&self) -> &Status {
        &self.status
    }
}

impl Releaser for Engine<'_> {
    fn tell(&mut self, event: &Event, now: Time) -> Option<Vec<Effect>> {
        let answer = step(self.plan, &self.status, event, now).ok()?;
        self.status = answer.status;
        Some(answer.effects)
    }

    fn effects(&self) -> Vec<Effect> {
        effects(self.plan, &self.status)
    }

    fn wake(&self) -> Option<Time> {
        wake(self.plan, &self.status).map(|wake| wake.at)
    }

    fn aborted_to(&self) -> Option<Version> {
        match self.status.state() {
            State::Aborted(aborted) => Some(aborted.update.stable.clone()),
            _ => None,
        }
    }

    fn reloaded(&self) -> Option<Self> {
        let saved = serde_json::to_string(&self.status).ok()?;
        Some(Self { plan: self.plan, status: serde_json::from_str(&saved).ok()? })
    }

    fn allowed(&self) -> Option<(Version, Weight)> {
        let (State::Stepping(update)
        | State::Paused(Paused { update, .. })
        | State::Analysing(Analysing { update, .. })) = self.status.state()
        else {
            return None;
        };
        // Where stable has no pod left, what it had stays where it can be served.
        if self.status.ready(&update.stable) == 0 {
            return None;
        }
        let weight =
            |step: &PlanStep| if let PlanStep::SetWeight(weight) = step { Some(*weight) } else { None };
        let steps = self.plan.steps().iter().take(update.index as usize + 1);
        let of_steps = steps.filter_map(weight).next_back();
        Some((update.canary.clone(), update.by_hand.or(of_steps).unwrap_or(Weight::ZERO)))
    }
}
