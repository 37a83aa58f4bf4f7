//! How the cluster shall be where only the numbers of pods share the traffic.

use crate::goal::{Goal, Want, complete, size};
use crate::replicas::{self, BasicCanary, Bounds, SetSize, approximate, basic_canary};
use crate::state::{Aborted, Promoting, Retiring, Returning, Stable, Starting, State};
use crate::{Plan, Status, Version, goal_of_experiment};

/// As [`goal::of`](crate::goal::of), without a route.
pub(crate) fn of(plan: &Plan, status: &Status, bounds: Bounds) -> Goal {
    let total = plan.spec().total_weight;
    let wants = match &status.state {
        State::Empty => Vec::new(),
        State::Starting(Starting { version })
        | State::Stable(Stable { version, standby: None })
        | State::Retiring(Retiring { stable: version, .. }) => vec![complete(plan, status, version)],
        State::Stable(Stable { version, standby: Some(standby) }) => {
            vec![none_of(&standby.version), complete(plan, status, version)]
        }
        State::Returning(Returning { stable, from: canary })
        | State::Aborted(Aborted { update: crate::state::Update { stable, canary, .. }, .. }) => {
            both(plan, status, bounds, (stable, canary), 0)
        }
        State::Promoting(Promoting { update, .. }) => {
            both(plan, status, bounds, (&update.stable, &update.canary), total)
        }
        state => state.update().map_or_else(Vec::new, |update| {
            let weight = crate::goal::weight_in_force(plan.steps_until(update.index)).value();
            both(plan, status, bounds, (&update.stable, &update.canary), weight)
        }),
    };
    let mut goal = Goal { wants, ..Goal::default() };
    drain_others(plan, status, bounds, &mut goal.wants);
    goal
}

fn none_of(version: &Version) -> Want {
    Want { version: version.clone(), replicas: 0, needed: 0, most: 0, inherits: None }
}

fn set_size(status: &Status, version: &Version) -> SetSize {
    let pods = status.pods_of(version);
    SetSize { replicas: pods.replicas.unwrap_or(0), ready: pods.ready }
}

/// Versions that are left from before: not those, and none of a running experiment, whose pods are not counted.
fn others<'s>(
    plan: &'s Plan,
    status: &'s Status,
    wanted: &'s [&'s Version],
) -> impl Iterator<Item = (&'s Version, SetSize)> {
    let is_other = |version: &&Version| {
        wanted.iter().all(|wanted| wanted != version)
            && !goal_of_experiment::is_variant(plan, status, version)
    };
    status.pods.keys().filter(is_other).map(|version| (version, set_size(status, version)))
}

fn both(
    plan: &Plan,
    status: &Status,
    bounds: Bounds,
    (stable, canary): (&Version, &Version),
    weight: u32,
) -> Vec<Want> {
    let (size, total) = (size(plan, status), plan.spec().total_weight);
    let counts = basic_canary(&BasicCanary {
        size,
        weight,
        total,
        bounds,
        canary: set_size(status, canary),
        stable: Some(set_size(status, stable)),
        others: others(plan, status, &[stable, canary]).map(|(_, set)| set.replicas).sum(),
    });
    let end = approximate(size, weight, total, bounds.surge);
    let needed = replicas::needed(plan.spec().threshold, end.canary).max(u32::from(end.canary > 0));
    vec![
        Want {
            version: stable.clone(),
            replicas: counts.stable,
            needed: 0,
            most: end.stable,
            inherits: None,
        },
        Want {
            version: canary.clone(),
            replicas: counts.canary,
            needed,
            most: end.canary,
            inherits: Some(stable.clone()),
        },
    ]
}

/// Versions that nothing wants any more go as fast as pods may be missing; those without pods are left over.
fn drain_others(plan: &Plan, status: &Status, bounds: Bounds, wants: &mut Vec<Want>) {
    let least = size(plan, status).saturating_sub(bounds.unavailable);
    let counts = |version: &Version| !goal_of_experiment::is_variant(plan, status, version);
    let ready: u32 =
        status.pods.iter().filter(|(version, _)| counts(version)).map(|(_, pods)| pods.ready).sum();
    let mut budget = ready.saturating_sub(least);
    let wanted: Vec<Version> = wants.iter().map(|want| want.version.clone()).collect();
    let wanted: Vec<&Version> = wanted.iter().collect();
    for (version, set) in others(plan, status, &wanted) {
        let serving = set.replicas.min(set.ready);
        let down = serving.min(budget);
        budget -= down;
        if set.replicas > 0 {
            wants.push(Want { replicas: serving - down, ..none_of(version) });
        }
    }
}
