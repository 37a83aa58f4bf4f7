//! The laws of a component that is scaled to zero.

use pointsman_rollout::{Event, Plan, State};

use super::world::{Move, World};

/// Whether no pods are wanted of the component.
pub(super) fn wants_none(plan: &Plan, world: &World) -> bool {
    world.status.replicas().unwrap_or(plan.spec().replicas) == 0
}

/// At zero the route stays as it is, and reports and time move nothing.
pub(super) fn is_still(plan: &Plan, before: &World, what: &Move, after: &World) -> bool {
    let routes = |world: &World| (world.written.clone(), world.status.shares().to_vec());
    !(wants_none(plan, before) && wants_none(plan, after))
        || (routes(before) == routes(after) && (is_word(what) || place(before) == place(after)))
}

/// After zero no step is taken before the serving version has pods again.
pub(super) fn brings_pods_first(before: &World, what: &Move, after: &World) -> bool {
    let is_bound = matches!(before.status.state(), State::Stepping(_) | State::Held(_));
    let stable = before.status.state().stable();
    !before.after_zero
        || !is_bound
        || is_word(what)
        // Whose pods do not come back in time is given up.
        || matches!(after.status.state(), State::Aborted(_))
        || place(before) == place(after)
        || stable.is_some_and(|stable| after.status.ready(stable) > 0)
}

/// What somebody wants: it counts at zero, too.
fn is_word(what: &Move) -> bool {
    matches!(what, Move::Tell(Event::Commanded(_) | Event::RevisionAdded { .. } | Event::Scaled { .. }))
}

/// State and step, without times.
fn place(world: &World) -> (&'static str, Option<u32>) {
    let state = world.status.state();
    (state.name(), state.update().map(|update| update.index))
}
