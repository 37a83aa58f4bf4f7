//! What follows from a status by itself: steps that are in effect, times that are over.

use pointsman_types::Time;

use crate::goal::{self, Goal};
use crate::plan::{AbortScaleDown, OnDeadline, Retirement};
use crate::state::{
    AbortReason, Aborted, Analysing, Drain, Experimenting, Held, Inner, Paused, Promoting, PromotionReason,
    Retiring, Stable, Standby, Starting, State, Update,
};
use crate::{
    Lateness, Pins, Plan, PlanStep, Presence, Settling, Status, Version, goal_of_experiment, presence,
    restart, wake,
};

/// The most versions that `history` remembers.
const HISTORY: usize = 10;

/// Brings a status forward until it has to wait, notes when it last moved, and answers its goal.
pub(crate) fn all(plan: &Plan, status: &mut Status, before: &Status, now: Time) -> Goal {
    // Each round but the last takes a step or leaves a state for good; a rollout that ends in Stable does not begin again.
    let rounds = plan.steps().len() * 2 + 16;
    let mut last = None;
    for _ in 0..rounds {
        let goal = goal::of(plan, status);
        let asked = ask_for_route(status, &goal);
        let settled = settle_by_time(plan, status, now);
        if !once(plan, status, &goal, now) {
            // A goal counts for the status that it was made of.
            last = (!asked && !settled).then_some(goal);
            break;
        }
    }
    if has_progressed(status, before) {
        status.progress = now;
        status.late = Lateness::InTime;
    }
    if wake::deadline(plan, status).is_some_and(|deadline| now > deadline) {
        be_late(plan, status, now);
        last = None;
    }
    let goal = last.unwrap_or_else(|| goal::of(plan, status));
    restart::forget_gone(status, &goal);
    goal
}

fn has_progressed(status: &Status, before: &Status) -> bool {
    let ready = |status: &Status| -> u64 { status.pods.values().map(|pods| u64::from(pods.ready)).sum() };
    status.state != before.state
        || (status.route.change, status.route.settling) != (before.route.change, before.route.settling)
        || status.pods.len() < before.pods.len()
        || ready(status) > ready(before)
}

fn be_late(plan: &Plan, status: &mut Status, now: Time) {
    let update = status.state.update().cloned();
    match (plan.spec().on_deadline, update) {
        (OnDeadline::Abort, Some(update)) => {
            status.state = State::Aborted(Aborted {
                update,
                reason: AbortReason::DeadlineExceeded,
                since: now,
                drain: Drain::Waiting,
            });
            status.progress = now;
            let goal = goal::of(plan, status);
            ask_for_route(status, &goal);
        }
        _ => status.late = Lateness::Late,
    }
}

/// Notes a change of the route, if there is one. From now on the versions in it may get traffic.
fn ask_for_route(status: &mut Status, goal: &Goal) -> bool {
    let route = &mut status.route;
    let pinned = route.pins.as_deref().filter(|pins| pins.is_on());
    if route.shares == goal.shares
        && route.managed == goal.managed
        && route.managed_to == goal.managed_to
        && pinned == goal.pins.as_ref()
    {
        return false;
    }
    route.change += 1;
    route.managed_changed |= route.managed != goal.managed || route.managed_to != goal.managed_to;
    route.shares.clone_from(&goal.shares);
    route.managed.clone_from(&goal.managed);
    route.managed_to.clone_from(&goal.managed_to);
    let taken_away = || route.pins.as_deref().map(Pins::taken_away);
    route.pins = goal.pins.clone().or_else(taken_away).map(Box::new);
    route.settling = Settling::Asked;
    let destinations = route.destinations();
    route.live.extend(destinations);
    true
}

/// A hold that is over says that every proxy has the route.
pub(crate) fn settle_by_time(plan: &Plan, status: &mut Status, now: Time) -> bool {
    let is_over = wake::settled_at(plan, status).is_some_and(|at| now >= at);
    if is_over {
        status.route.settle();
    }
    is_over
}

/// Whether a goal is reached: its pods ready, its shares in force everywhere.
pub(crate) fn is_reached(status: &Status, goal: &Goal) -> bool {
    status.route.settling == Settling::Settled
        && goal.shares == goal.intended
        && goal.wants.iter().all(|want| {
            let pods = status.pods_of(&want.version);
            let enough = want.needed == 0 || pods.replicas.is_some_and(|replicas| replicas >= want.replicas);
            pods.ready >= want.needed && enough && pods.replicas.unwrap_or(0) <= want.most
        })
}

/// Whether who serves is known: at zero it is at once, since there is nothing to wait for.
fn is_decided(status: &Status, goal: &Goal) -> bool {
    status.presence == Presence::AtZero || is_reached(status, goal)
}

/// Whether the pods are back; that is a move of its own.
fn come_back(status: &mut Status, goal: &Goal) -> bool {
    let is_back = is_reached(status, goal);
    if is_back {
        status.presence = Presence::Present;
    }
    is_back
}

/// One move, if there is one to make.
fn once(plan: &Plan, status: &mut Status, goal: &Goal, now: Time) -> bool {
    match status.presence {
        Presence::Present => {}
        Presence::AtZero if presence::is_decided_at_zero(&status.state) => {}
        Presence::AtZero => return false,
        Presence::ComingBack => return come_back(status, goal),
    }
    start_background(plan, status);
    let next = match &status.state {
        State::Empty | State::Held(_) | State::Analysing(_) => None,
        State::Starting(Starting { version }) => is_reached(status, goal)
            .then(|| State::Stable(Stable { version: version.clone(), standby: None })),
        State::Stable(Stable { version, standby: Some(Standby { version: old, until: Some(until) }) }) => {
            (now >= *until && !status.has_traffic(old))
                .then(|| State::Retiring(Retiring { stable: version.clone(), old: old.clone() }))
        }
        State::Stable(_) => None,
        State::Stepping(update) => stepping(plan, status, goal, update, now),
        State::Paused(Paused { update, until, .. }) => {
            until.is_some_and(|until| now > until).then(|| next_step(update))
        }
        State::Experimenting(running) => experimenting(plan, status, goal, running, now),
        State::Promoting(Promoting { update, .. }) => {
            is_decided(status, goal).then(|| promoted(plan, update, now))
        }
        State::Aborted(aborted) => drain(plan, status, aborted, now),
        State::Returning(returning) => {
            let off =
                status.route.settling == Settling::Settled && !status.route.live.contains(&returning.from);
            off.then(|| State::Stable(Stable { version: returning.stable.clone(), standby: None }))
        }
        State::Retiring(Retiring { stable, old }) => (!status.pods.contains_key(old))
            .then(|| State::Stable(Stable { version: stable.clone(), standby: None })),
    };
    let Some(next) = next else { return false };
    if let (State::Stable(Stable { version, .. }), State::Starting(_) | State::Promoting(_)) =
        (&next, &status.state)
    {
        remember(&mut status.history, version);
    }
    if status.run < newest_run(&next) {
        status.run += 1;
        status.open_runs.insert(status.run);
    }
    if let State::Experimenting(running) = &next
        && let Some(experiment) = goal_of_experiment::current(plan, &running.update)
    {
        for variant in &experiment.variants {
            status.pods.entry(variant.version.clone()).or_default();
        }
    }
    status.state = next;
    true
}

fn newest_run(state: &State) -> u64 {
    match state {
        State::Analysing(analysing) => analysing.run,
        State::Experimenting(running) => running.run.unwrap_or(0),
        _ => 0,
    }
}

/// Begins to count when all variants are ready and have their shares; ends after its time, when its analysis has answered.
fn experimenting(
    plan: &Plan,
    status: &Status,
    goal: &Goal,
    running: &Experimenting,
    now: Time,
) -> Option<State> {
    let experiment = goal_of_experiment::current(plan, &running.update)?;
    let Some(ready_at) = running.ready_at else {
        let run = experiment.analysis.as_ref().map(|_| status.run + 1);
        let begun = Experimenting { ready_at: Some(now), run, ..running.clone() };
        return is_reached(status, goal).then_some(State::Experimenting(begun));
    };
    let over = experiment.duration.is_some_and(|duration| now > ready_at.plus(duration));
    (over && !goal_of_experiment::awaits_answer(experiment, running)).then(|| next_step(&running.update))
}

fn remember(history: &mut Vec<Version>, version: &Version) {
    history.retain(|other| other != version);
    history.insert(0, version.clone());
    history.truncate(HISTORY);
}

fn start_background(plan: &Plan, status: &mut Status) {
    let Some(background) = plan.background() else { return };
    let run = status.run + 1;
    let (State::Stepping(update)
    | State::Paused(Paused { update, .. })
    | State::Analysing(Analysing { update, .. })
    | State::Experimenting(Experimenting { update, .. })) = &mut status.state
    else {
        return;
    };
    if update.background.is_none() && update.index >= background.starting_step {
        update.background = Some(run);
        status.run = run;
        status.open_runs.insert(run);
    }
}

pub(crate) fn next_step(update: &Update) -> State {
    State::Stepping(Update { index: update.index.saturating_add(1), ..update.clone() })
}

fn stepping(plan: &Plan, status: &Status, goal: &Goal, update: &Update, now: Time) -> Option<State> {
    let Some(step) = plan.step_at(update.index) else {
        return Some(State::Promoting(Promoting {
            update: update.clone(),
            reason: PromotionReason::StepsDone,
        }));
    };
    match step {
        PlanStep::SetWeight(_) | PlanStep::SetCanaryScale(_) | PlanStep::SetRoute(_) => {
            is_reached(status, goal).then(|| next_step(update))
        }
        PlanStep::Pause(pause) => Some(State::Paused(Paused {
            update: update.clone(),
            since: now,
            until: pause.duration.map(|duration| now.plus(duration)),
        })),
        PlanStep::Analysis(_) => {
            Some(State::Analysing(Analysing { update: update.clone(), run: status.run + 1, since: now }))
        }
        PlanStep::Experiment(_) => {
            Some(State::Experimenting(Experimenting { update: update.clone(), ready_at: None, run: None }))
        }
        PlanStep::Barrier(_) => None,
    }
}

/// Whether it waits for the others of its group.
pub(crate) fn at_barrier(plan: &Plan, status: &Status) -> bool {
    matches!(&status.state, State::Stepping(update) if matches!(plan.step_at(update.index), Some(PlanStep::Barrier(_))))
}

fn promoted(plan: &Plan, update: &Update, now: Time) -> State {
    let until = match plan.spec().retirement {
        Retirement::OnCommand => None,
        Retirement::After(delay) => Some(now.plus(delay)),
    };
    State::Stable(Stable {
        version: update.canary.clone(),
        standby: Some(Standby { version: update.stable.clone(), until }),
    })
}

fn drain(plan: &Plan, status: &Status, aborted: &Aborted, now: Time) -> Option<State> {
    let Update { stable, canary, .. } = &aborted.update;
    let off = status.route.settling == Settling::Settled && !status.route.live.contains(canary);
    let complete = status.ready(stable) >= goal::size(plan, status);
    let drain = match (aborted.drain, plan.spec().abort_scale_down) {
        (Drain::Waiting, AbortScaleDown::Never) if off => Drain::Kept,
        (Drain::Waiting, AbortScaleDown::After(delay)) if off && complete => Drain::Until(now.plus(delay)),
        (Drain::Until(until), _) if now >= until => Drain::Down,
        _ => return None,
    };
    Some(State::Aborted(Aborted { drain, ..aborted.clone() }))
}

/// What goes on after a hold.
pub(crate) fn resumed(held: &Held) -> State {
    let update = held.update.clone();
    match &held.inner {
        Inner::Stepping => State::Stepping(update),
        Inner::Paused { since, until } => State::Paused(Paused { update, since: *since, until: *until }),
        Inner::Analysing { run, since } => State::Analysing(Analysing { update, run: *run, since: *since }),
        Inner::Analysed => next_step(&update),
    }
}
