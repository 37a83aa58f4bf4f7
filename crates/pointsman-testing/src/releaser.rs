//! What can be tested: whatever turns events into effects.

use pointsman_rollout::{Effect, Event, Plan, State, Status, Version, effects, step, wake};
use pointsman_types::Time;

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
}
