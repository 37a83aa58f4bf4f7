//! How the cluster shall be, given what is known: the one place where strategies become pods and shares.

use pointsman_types::Weight;

use crate::plan::StableScale;
use crate::state::{Aborted, Drain, Promoting, Retiring, Returning, Stable, Starting, State, Update};
use crate::{
    CanaryScale, ManagedRoute, Pins, Plan, PlanStep, Presence, Status, Version, goal_by_replicas,
    goal_of_experiment, pins, presence, replicas,
};

/// How the cluster shall be.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Goal {
    /// Versions that shall exist; all others shall go.
    pub(crate) wants: Vec<Want>,
    /// How the route shall share the traffic now.
    pub(crate) shares: Vec<(Version, Weight)>,
    /// How it shall share it once the wanted pods are ready.
    pub(crate) intended: Vec<(Version, Weight)>,
    /// The managed routes, now.
    pub(crate) managed: Vec<ManagedRoute>,
    /// Where they point.
    pub(crate) managed_to: Option<Version>,
    /// Who stays where they are, now.
    pub(crate) pins: Option<Pins>,
}

/// One version that shall exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Want {
    pub(crate) version: Version,
    pub(crate) replicas: u32,
    /// So many must be ready before the rollout goes on.
    pub(crate) needed: u32,
    /// No more than so many may be left before the rollout goes on.
    pub(crate) most: u32,
    pub(crate) inherits: Option<Version>,
}

/// How the cluster shall be.
pub(crate) fn of(plan: &Plan, status: &Status) -> Goal {
    let goal = match plan.bounds(size(plan, status)) {
        Some(bounds) => goal_by_replicas::of(plan, status, bounds),
        None => routed(plan, status),
    };
    let mut goal = match &status.state {
        State::Experimenting(running) => goal_of_experiment::with_variants(plan, status, running, goal),
        _ => goal,
    };
    if size(plan, status) == 0 {
        return presence::at_zero(status, goal);
    }
    if status.presence == Presence::ComingBack {
        presence::coming_back(plan, status, &mut goal);
    }
    goal.pins = pins::wanted(plan, status, &goal);
    goal
}

fn routed(plan: &Plan, status: &Status) -> Goal {
    match &status.state {
        State::Empty => Goal::default(),
        State::Starting(Starting { version }) => alone(plan, status, version),
        State::Stable(Stable { version, standby: None }) => alone(plan, status, version),
        State::Retiring(Retiring { stable, .. }) => alone(plan, status, stable),
        State::Stable(Stable { version, standby: Some(standby) }) => {
            beside(plan, status, version, &standby.version)
        }
        State::Returning(Returning { stable, from }) => back(plan, status, stable, from),
        State::Aborted(aborted) => aborted_goal(plan, status, aborted),
        State::Promoting(Promoting { update, .. }) => {
            update_goal(plan, status, update, promoted(plan, status))
        }
        State::Stepping(update) => stepping(plan, status, update),
        State::Paused(paused) => stepping(plan, status, &paused.update),
        State::Analysing(analysing) => stepping(plan, status, &analysing.update),
        State::Held(held) => stepping(plan, status, &held.update),
        State::Experimenting(running) => stepping(plan, status, &running.update),
    }
}

/// The replicas of the whole component.
pub(crate) fn size(plan: &Plan, status: &Status) -> u32 {
    status.replicas.unwrap_or(plan.spec().replicas)
}

fn total(plan: &Plan) -> Weight {
    Weight::new(plan.spec().total_weight)
}

/// One version with all pods and all traffic.
fn alone(plan: &Plan, status: &Status, version: &Version) -> Goal {
    let want = complete(plan, status, version);
    let intended = vec![(version.clone(), total(plan))];
    let enough = status.ready(version) >= want.needed;
    let shares = if enough { rising_is_safe(status, intended.clone()) } else { status.route.shares.clone() };
    Goal { wants: vec![want], shares, intended, managed: Vec::new(), managed_to: None, pins: None }
}

/// One version serves, the one before stands by with its pods and without traffic.
fn beside(plan: &Plan, status: &Status, version: &Version, standby: &Version) -> Goal {
    let intended = vec![(standby.clone(), Weight::ZERO), (version.clone(), total(plan))];
    Goal {
        wants: vec![as_it_is(status, standby), complete(plan, status, version)],
        shares: rising_is_safe(status, intended.clone()),
        intended,
        managed: Vec::new(),
        managed_to: None,
        pins: None,
    }
}

/// All traffic back to stable, the other version to be removed once it is off it.
fn back(plan: &Plan, status: &Status, stable: &Version, from: &Version) -> Goal {
    let weight = leaving_weight(plan, status, stable, from);
    let intended = shares_of(plan, stable, from, Weight::ZERO);
    let mut wants = vec![complete(plan, status, stable)];
    if !weight.is_zero() || status.route.live.contains(from) {
        wants.push(as_it_is(status, from));
    }
    Goal {
        wants,
        shares: rising_is_safe(status, shares_of(plan, stable, from, weight)),
        intended,
        managed: Vec::new(),
        managed_to: None,
        pins: None,
    }
}

fn aborted_goal(plan: &Plan, status: &Status, aborted: &Aborted) -> Goal {
    let Update { stable, canary, .. } = &aborted.update;
    let mut goal = back(plan, status, stable, canary);
    goal.wants.retain(|want| want.version != *canary);
    let replicas = match aborted.drain {
        Drain::Down => 0,
        Drain::Waiting | Drain::Until(_) | Drain::Kept => status.pods_of(canary).replicas.unwrap_or(0),
    };
    goal.wants.push(Want {
        version: canary.clone(),
        replicas,
        needed: 0,
        most: u32::MAX,
        inherits: Some(stable.clone()),
    });
    goal
}

/// Traffic leaves a version: at once, or as fast as a stable version that was scaled down grows again.
fn leaving_weight(plan: &Plan, status: &Status, stable: &Version, from: &Version) -> Weight {
    match plan.spec().stable_scale {
        StableScale::Full => Weight::ZERO,
        StableScale::Dynamic => {
            let room = replicas::share_that_fits(status.ready(stable), size(plan, status), total(plan));
            let rest = total(plan).value().saturating_sub(room.value());
            Weight::new(rest.min(status.weight(from).value()))
        }
    }
}

struct Aim {
    weight: Weight,
    replicas: u32,
    managed: Vec<ManagedRoute>,
}

fn promoted(plan: &Plan, status: &Status) -> Aim {
    Aim { weight: total(plan), replicas: size(plan, status), managed: Vec::new() }
}

fn stepping(plan: &Plan, status: &Status, update: &Update) -> Goal {
    let steps = plan.steps_until(update.index);
    let weight = update.by_hand.unwrap_or_else(|| weight_in_force(steps));
    let managed = managed_in_force(steps);
    let replicas = canary_replicas(plan, status, steps, weight);
    // Where there is traffic there is a pod.
    let serves = !weight.is_zero() || !managed.is_empty();
    let aim = Aim { weight, replicas: replicas.max(u32::from(serves)), managed };
    update_goal(plan, status, update, aim)
}

pub(crate) fn weight_in_force(steps: &[PlanStep]) -> Weight {
    steps
        .iter()
        .rev()
        .find_map(|step| if let PlanStep::SetWeight(weight) = step { Some(*weight) } else { None })
        .unwrap_or(Weight::ZERO)
}

fn canary_replicas(plan: &Plan, status: &Status, steps: &[PlanStep], weight: Weight) -> u32 {
    let spec = plan.spec();
    let scale = steps.iter().rev().find_map(|step| match step {
        PlanStep::SetCanaryScale(scale) => Some(*scale),
        _ => None,
    });
    let of_weight = |weight: Weight| {
        replicas::for_weight(size(plan, status), weight.value(), spec.total_weight, spec.min_pods)
    };
    match scale {
        Some(CanaryScale::Replicas(count)) => count,
        Some(CanaryScale::Weight(weight)) => of_weight(Weight::new(weight)),
        Some(CanaryScale::MatchTraffic) | None => of_weight(weight),
    }
}

pub(crate) fn managed_in_force(steps: &[PlanStep]) -> Vec<ManagedRoute> {
    let mut routes: Vec<ManagedRoute> = Vec::new();
    for step in steps {
        let PlanStep::SetRoute(route) = step else { continue };
        routes.retain(|other| other.name != route.name);
        if !route.matches.is_empty() {
            routes.push(route.clone());
        }
    }
    routes
}

fn update_goal(plan: &Plan, status: &Status, update: &Update, aim: Aim) -> Goal {
    let Update { stable, canary, .. } = update;
    let (ready, weight) = (status.ready(canary), aim.weight);
    let serves = !weight.is_zero() || !aim.managed.is_empty();
    let needed = replicas::needed(plan.spec().threshold, aim.replicas).max(u32::from(serves));
    let now = if ready == 0 {
        Weight::ZERO
    } else if ready < needed {
        weight.min(status.weight(canary))
    } else {
        weight
    };
    let managed = if ready == 0 {
        Vec::new()
    } else if ready < needed || now < weight {
        status.route.managed.clone()
    } else {
        aim.managed
    };
    let intended = shares_of(plan, stable, canary, weight);
    let shares = rising_is_safe(status, shares_of(plan, stable, canary, now));
    let stable_replicas = stable_replicas(plan, status, stable, weight);
    let wants = vec![
        Want {
            version: stable.clone(),
            replicas: stable_replicas,
            needed: 0,
            most: u32::MAX,
            inherits: None,
        },
        Want {
            version: canary.clone(),
            replicas: aim.replicas,
            needed,
            most: u32::MAX,
            inherits: Some(stable.clone()),
        },
    ];
    let managed_to = (!managed.is_empty()).then(|| canary.clone());
    Goal { wants, shares, intended, managed, managed_to, pins: None }
}

/// Stable keeps what its share needs: that of the goal, and that which the route still gives it.
fn stable_replicas(plan: &Plan, status: &Status, stable: &Version, canary_weight: Weight) -> u32 {
    let (spec, size) = (plan.spec(), size(plan, status));
    match spec.stable_scale {
        StableScale::Full => size,
        StableScale::Dynamic => {
            let rest = spec.total_weight.saturating_sub(canary_weight.value());
            let weight = rest.max(status.weight(stable).value());
            replicas::for_weight(size, weight, spec.total_weight, spec.min_pods)
        }
    }
}

pub(crate) fn complete(plan: &Plan, status: &Status, version: &Version) -> Want {
    let replicas = size(plan, status);
    let needed = replicas::needed(plan.spec().threshold, replicas).max(u32::from(replicas > 0));
    Want { version: version.clone(), replicas, needed, most: u32::MAX, inherits: None }
}

fn as_it_is(status: &Status, version: &Version) -> Want {
    let replicas = status.pods_of(version).replicas.unwrap_or(0);
    Want { version: version.clone(), replicas, needed: 0, most: u32::MAX, inherits: None }
}

/// Stable is always named; the canary once it has a share.
fn shares_of(plan: &Plan, stable: &Version, canary: &Version, weight: Weight) -> Vec<(Version, Weight)> {
    let rest = total(plan).value().saturating_sub(weight.value());
    let mut shares = vec![(stable.clone(), Weight::new(rest))];
    if !weight.is_zero() {
        shares.push((canary.clone(), weight));
    }
    shares
}

/// These shares, unless one would rise at a version without ready pods: then those there are.
pub(crate) fn rising_is_safe(status: &Status, shares: Vec<(Version, Weight)>) -> Vec<(Version, Weight)> {
    let unsafe_rise =
        shares.iter().any(|(version, weight)| *weight > status.weight(version) && status.ready(version) == 0);
    if unsafe_rise { status.route.shares.clone() } else { shares }
}
