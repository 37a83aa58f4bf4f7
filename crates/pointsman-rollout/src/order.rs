//! From how things shall be to what is done first: make before break.

use pointsman_types::Split;

use crate::goal::{self, Goal, Want};
use crate::state::State;
use crate::{Effect, Plan, PlanStep, Propagation, Settling, Status, Version, presence, restart};

/// What is to be done in this status, in order: derived from the plan and the status alone, so that nothing is lost by a
/// crash.
///
/// Make: create, scale up, let routes name it. Then the shares. Then wait until every proxy has them. Only then break:
/// let no route name it, scale down, remove. The list ends with at most one wait. Where no pods are wanted at all, all of them go and
/// nothing else happens, see [`Presence`](crate::Presence).
#[must_use]
pub fn effects(plan: &Plan, status: &Status) -> Vec<Effect> {
    towards(plan, status, &goal::of(plan, status))
}

/// What is to be done towards the goal of this status.
pub(crate) fn towards(plan: &Plan, status: &Status, goal: &Goal) -> Vec<Effect> {
    let mut list = Vec::new();
    measure(plan, status, &mut list);
    if goal::size(plan, status) == 0 {
        presence::to_zero(status, goal, &mut list);
        return list;
    }
    make(status, goal, &mut list);
    if status.route.settling != Settling::Settled {
        switch(plan, status, &mut list);
        return list;
    }
    break_off(plan, status, goal, &mut list);
    wait(status, goal, &mut list);
    list
}

fn measure(plan: &Plan, status: &Status, list: &mut Vec<Effect>) {
    for run in status.open_runs.iter().copied() {
        let Some(templates) = templates_of(plan, status, run) else {
            list.push(Effect::StopAnalysis { run });
            continue;
        };
        if let Some(update) = status.state.update() {
            list.push(Effect::StartAnalysis {
                run,
                templates: templates.to_vec(),
                canary: update.canary.clone(),
                stable: update.stable.clone(),
            });
        }
    }
}

/// What an open run measures; `None` when it is not wanted any more.
fn templates_of<'p>(plan: &'p Plan, status: &Status, run: u64) -> Option<&'p [String]> {
    if !status.is_wanted_run(run) {
        return None;
    }
    let update = status.state.update()?;
    if update.background == Some(run) {
        return plan.background().map(|background| background.analysis.templates.as_slice());
    }
    match plan.step_at(update.index) {
        Some(PlanStep::Analysis(analysis)) => Some(&analysis.templates),
        Some(PlanStep::Experiment(experiment)) => Some(&experiment.analysis.as_ref()?.templates),
        _ => None,
    }
}

fn make(status: &Status, goal: &Goal, list: &mut Vec<Effect>) {
    for Want { version, replicas, inherits, .. } in &goal.wants {
        let known = status.pods_of(version).replicas;
        if known.is_none() {
            list.push(Effect::EnsureVersion { version: version.clone(), inherits: inherits.clone() });
        }
        // What may still get requests is not scaled to nothing before its route has settled, known or not.
        let needed = *replicas > 0 || !status.route.live.contains(version);
        if needed && known.is_none_or(|known| known < *replicas) {
            list.push(Effect::Scale { version: version.clone(), replicas: *replicas });
        }
    }
}

fn switch(plan: &Plan, status: &Status, list: &mut Vec<Effect>) {
    let route = &status.route;
    let change = route.change;
    if route.settling == Settling::Asked {
        let in_split = route.shares.iter().map(|(version, _)| version);
        let named: Vec<&Version> = in_split
            .clone()
            .chain(route.managed_to.iter().filter(|to| in_split.clone().all(|v| v != *to)))
            .collect();
        list.extend(named.into_iter().map(|version| Effect::EnsureSubset { version: version.clone() }));
        // Before the split, so that a split that is written says that these are, too.
        if route.managed_changed || !route.managed.is_empty() {
            let (to, routes) = (route.managed_to.clone(), route.managed.clone());
            list.push(Effect::SetRoutes { change, to, routes });
        }
        let parts = route.shares.iter().map(|(version, weight)| (version.as_str(), *weight));
        // Shares of a checked plan are a split; an empty route has no change to ask for.
        if let Ok(split) = Split::new(parts) {
            list.push(Effect::SetSplit { change, split, pins: route.pins.as_deref().cloned() });
        }
    }
    let hold = match plan.spec().propagation {
        Propagation::Hold(hold) => Some(hold),
        Propagation::Observed => None,
    };
    list.push(Effect::AwaitPropagation { change, hold });
}

fn break_off(plan: &Plan, status: &Status, goal: &Goal, list: &mut Vec<Effect>) {
    for version in leftovers(status, goal) {
        list.push(Effect::RemoveSubset { version: version.clone() });
        list.push(Effect::RemoveVersion { version: version.clone() });
    }
    for Want { version, replicas, .. } in &goal.wants {
        let more = status.pods_of(version).replicas.is_some_and(|known| known > *replicas);
        if more && (*replicas > 0 || !status.route.live.contains(version)) {
            list.push(Effect::Scale { version: version.clone(), replicas: *replicas });
        }
    }
    list.extend(restart::next(plan, status, goal));
}

/// Versions that nothing wants any more and that no route names.
pub(crate) fn leftovers<'s>(status: &'s Status, goal: &'s Goal) -> impl Iterator<Item = &'s Version> {
    status.pods.keys().filter(|version| {
        goal.wants.iter().all(|want| want.version != **version)
            && !status.route.live.contains(*version)
            && status.route.shares.iter().all(|(named, _)| named != *version)
    })
}

/// Of pods that come in several scalings, those of the next are waited for.
fn awaited(want: &Want) -> u32 {
    want.needed.min(want.replicas)
}

fn wait(status: &Status, goal: &Goal, list: &mut Vec<Effect>) {
    if matches!(status.state, State::Stable(_) | State::Aborted(_)) {
        // At rest: nothing goes on when these pods are ready, so there is nothing to wait for.
    } else if let Some(want) = goal.wants.iter().find(|want| status.ready(&want.version) < awaited(want)) {
        list.push(Effect::AwaitReady { version: want.version.clone(), at_least: awaited(want) });
        return;
    }
    if let Some(version) = leftovers(status, goal).next() {
        list.push(Effect::AwaitGone { version: version.clone() });
    }
}
