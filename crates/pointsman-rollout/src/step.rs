//! The whole contract on one screen.

use pointsman_types::Time;

use crate::{Effect, Event, Plan, Rejected, Status, Waiting, Wake, advance, handle, order, waiting, wake};

/// The answer to one event.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Step {
    /// What to remember from now on. Save it before carrying out the effects.
    pub status: Status,
    /// What to do, in this order; replaces what an earlier step asked for.
    pub effects: Vec<Effect>,
    /// What it is waiting for.
    pub waiting: Waiting,
    /// When to call again with [`Event::TimePassed`] if nothing else happens.
    pub wake: Option<Wake>,
}

/// What follows when an event happens to a rollout.
///
/// Total and deterministic: every event in every state is handled or refused, and the same arguments give the same
/// answer. `status` is not touched, so a refused event loses nothing. After a crash [`effects`](crate::effects) gives the effects again.
/// Cost: O(steps + versions), a handful of allocations.
///
/// ```
/// use pointsman_rollout::{Effect, Event, PlanSpec, Status, Version, step};
/// use pointsman_types::Time;
///
/// let plan = PlanSpec::manual("reviews").build()?;
/// let first = Event::RevisionAdded { version: Version::new("v1")? };
/// let answer = step(&plan, &Status::new(), &first, Time::EPOCH)?;
/// assert_eq!(answer.effects.last(), Some(&Effect::AwaitReady { version: Version::new("v1")?, at_least: 1 }));
/// assert_eq!(answer.waiting.to_string(), "waiting for pods of v1: 0 of 1 ready");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Rejected`] says why the event has no place here; the table is in `TRANSITIONS.md`.
pub fn step(plan: &Plan, status: &Status, event: &Event, now: Time) -> Result<Step, Rejected> {
    let mut next = handle::event(plan, status, event, now)?;
    let goal = advance::all(plan, &mut next, status, now);
    Ok(Step {
        effects: order::towards(plan, &next, &goal),
        waiting: waiting::before(plan, &next, &goal),
        wake: wake(plan, &next),
        status: next,
    })
}
