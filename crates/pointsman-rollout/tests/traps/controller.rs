//! What a story is told to.

use pointsman_rollout::{Effect, Event, Plan, Status, step};
use pointsman_types::Time;

/// Whoever decides: ours, or the naive one.
pub(crate) trait Controller {
    /// What is to be done, in order, now that this has happened; or why it gives up.
    fn tell(&mut self, event: &Event, now: Time) -> Result<Vec<Effect>, String>;
}

/// Ours. It is started anew for each event, and knows no more than the plan and the saved status.
pub(crate) struct Ours {
    plan: Plan,
    saved: String,
}

impl Ours {
    pub(crate) fn new(plan: Plan) -> Self {
        let saved = serde_json::to_string(&Status::new()).expect("serialises");
        Self { plan, saved }
    }
}

impl Controller for Ours {
    fn tell(&mut self, event: &Event, now: Time) -> Result<Vec<Effect>, String> {
        let status: Status = serde_json::from_str(&self.saved).map_err(|error| error.to_string())?;
        let answer = step(&self.plan, &status, event, now).map_err(|why| why.to_string())?;
        self.saved = serde_json::to_string(&answer.status).map_err(|error| error.to_string())?;
        Ok(answer.effects)
    }
}
