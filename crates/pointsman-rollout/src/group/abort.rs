//! One abort for all.

use pointsman_types::Time;

use crate::state::{AbortReason, Stable, State};
use crate::{
    Command, Event, Plan, Rejected, Status, Step, Version, advance, effects, handle, step, waiting, wake,
};

/// Gives one component's part of a release up, because another's was; `None` when there is nothing to give up.
///
/// A part on its way is aborted. One that is done goes back at once to the version before, if there was one.
pub(super) fn give_up(plan: &Plan, status: &Status, version: &Version, now: Time) -> Option<Status> {
    match status.state() {
        State::Aborted(_) => None,
        state if state.canary() == Some(version) => {
            let update = state.update()?.clone();
            let mut next = status.clone();
            handle::abort(&mut next, update, AbortReason::Group, now);
            advance::all(plan, &mut next, status, now);
            Some(next)
        }
        State::Stable(Stable { version: serving, .. }) if serving == version => {
            go_back(plan, status, now).ok().map(|step| step.status)
        }
        _ => None,
    }
}

fn go_back(plan: &Plan, status: &Status, now: Time) -> Result<Step, Rejected> {
    let undone = step(plan, status, &Event::Commanded(Command::Undo { to: None }), now)?;
    let confirmed = undone.status.state().canary().cloned();
    if confirmed.is_none() || matches!(undone.status.state(), State::Promoting(_)) {
        return Ok(undone);
    }
    step(plan, &undone.status, &Event::Commanded(Command::TakeOver { confirmed }), now)
}

pub(super) fn answer_of(plan: &Plan, status: &Status) -> Step {
    Step {
        effects: effects(plan, status),
        waiting: waiting(plan, status),
        wake: wake(plan, status),
        status: status.clone(),
    }
}
