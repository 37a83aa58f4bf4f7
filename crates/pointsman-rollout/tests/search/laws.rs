//! The laws.

use std::collections::BTreeSet;

use pointsman_types::Weight;

use super::mutants::Mutant;
use super::world::{Move, World};
use pointsman_rollout::state::{State, Update};
use pointsman_rollout::{
    Command, Event, Gate, Outcome, Plan, PlanStep, Settling, Status, Version, waiting, wake,
};

/// A law that does not hold, in words.
pub(super) type Violation = String;

/// What must hold after each move.
pub(super) fn check(plan: &Plan, before: &World, what: &Move, after: &World) -> Result<(), Violation> {
    if *what == Move::Execute {
        if let Some(version) = after.dark().difference(&before.dark()).next() {
            return Err(format!("a route sends traffic to {version}, which has no ready pod"));
        }
        if let Some(version) = after.dangling().difference(&before.dangling()).next() {
            return Err(format!("a route names {version}, which has no subset"));
        }
    }
    if *what == Move::Execute {
        availability(plan, before, after)?;
    }
    weights(plan, &after.status)
}

/// Without a route, scaling down leaves as many ready pods as must be there, if what was reported is still true.
fn availability(plan: &Plan, before: &World, after: &World) -> Result<(), Violation> {
    let size = plan.spec().replicas;
    let Some(bounds) = plan.bounds(size) else { return Ok(()) };
    let told = |(version, pods): (&Version, &super::world::RealPods)| {
        let known = before.status.pods_of(version);
        (known.replicas, known.ready) == (Some(pods.spec), pods.ready)
    };
    let ready = |world: &World| -> u32 { world.pods.values().map(|pods| pods.ready).sum() };
    let least = size.saturating_sub(bounds.unavailable).min(ready(before));
    if before.pods.iter().all(told) && ready(after) < least {
        return Err(format!("{} pods are ready, {least} must be", ready(after)));
    }
    Ok(())
}

/// They add up, and the canary has no more than its step allows.
fn weights(plan: &Plan, status: &Status) -> Result<(), Violation> {
    let total: u64 = status.shares().iter().map(|(_, weight)| u64::from(weight.value())).sum();
    if !status.shares().is_empty() && total != u64::from(plan.spec().total_weight) {
        return Err(format!("the weights add up to {total}"));
    }
    let (State::Stepping(update) | State::Paused(pointsman_rollout::state::Paused { update, .. })) =
        status.state()
    else {
        return Ok(());
    };
    let allowed = allowed(plan, update);
    let has = status.weight(&update.canary);
    if has > allowed && status.settling() == Settling::Settled && status.ready(&update.stable) > 0 {
        return Err(format!("the canary has {has}, its step allows {allowed}"));
    }
    Ok(())
}

fn allowed(plan: &Plan, update: &Update) -> Weight {
    let steps = &plan.steps()[..plan.steps().len().min(update.index as usize + 1)];
    let set = steps.iter().rev().find_map(|s| if let PlanStep::SetWeight(w) = s { Some(*w) } else { None });
    update.by_hand.or(set).unwrap_or(Weight::ZERO)
}

/// With a kind world and a willing person every state comes to rest; an aborted one with all traffic on stable.
pub(super) fn comes_to_rest(plan: &Plan, mutant: Mutant, world: &World) -> Result<(), Violation> {
    let mut world = world.clone();
    let aborted = match world.status.state() {
        State::Aborted(aborted) => Some(aborted.update.stable.clone()),
        _ => None,
    };
    for _ in 0..400 {
        let Some(what) = kind_move(plan, mutant, &world) else { return at_rest(&world, aborted.as_ref()) };
        match world.after(plan, mutant, &what) {
            Some(next) => world = next,
            None => return Err(format!("{what:?} is refused in {}", world.status.state().name())),
        }
    }
    Err(format!("no rest after 400 moves: {}", world.status.state().name()))
}

/// The states of a release in which nothing goes wrong, each with the move that led there.
pub(super) fn ordinary_release(plan: &Plan) -> Vec<(World, Move)> {
    let mut states = vec![(World::new(), Move::Crash)];
    for version in ["v1", "v2"].map(Version::from_static) {
        let mut what = Some(Move::Tell(Event::RevisionAdded { version }));
        while let (Some(this), Some((world, _))) = (what.take(), states.last()) {
            let next = world.after(plan, Mutant::None, &this).expect("an ordinary move is possible");
            what = kind_move(plan, Mutant::None, &next);
            states.push((next, this));
        }
    }
    states
}

fn at_rest(world: &World, aborted: Option<&Version>) -> Result<(), Violation> {
    let Some(stable) = aborted else {
        return match *world.status.state() {
            State::Stable(_) | State::Empty | State::Aborted(_) => Ok(()),
            ref state => Err(format!("it rests in {}", state.name())),
        };
    };
    let on_stable = |config: &super::world::Config| {
        config.managed_to.is_none()
            && config.shares.iter().all(|(version, weight)| version == stable || weight.is_zero())
    };
    if world.in_force.iter().all(on_stable) { Ok(()) } else { Err("an abort does not end on stable".into()) }
}

/// What a kind world does next; `None` when there is nothing left to do.
fn kind_move(plan: &Plan, mutant: Mutant, world: &World) -> Option<Move> {
    if let Some((version, _)) = world.pods.iter().find(|(_, pods)| pods.ready < pods.spec) {
        return Some(Move::PodUp(version.clone()));
    }
    for (version, known) in world.status.pods() {
        let Some(real) = world.pods.get(version) else { continue };
        if (known.replicas, known.ready) != (Some(real.spec), real.ready) {
            let (replicas, ready) = (real.spec, real.ready);
            return Some(Move::Tell(Event::PodsChanged { version: version.clone(), replicas, ready }));
        }
    }
    if world.after(plan, mutant, &Move::Execute).is_some_and(|next| next != *world) {
        return Some(Move::Execute);
    }
    if world.in_force.len() > 1 {
        return Some(Move::Propagate);
    }
    if world.change == world.status.change() && world.status.settling() != Settling::Settled {
        return Some(Move::Tell(Event::SplitSettled { change: world.change }));
    }
    let gone: BTreeSet<&Version> = world
        .status
        .pods()
        .map(|(version, _)| version)
        .filter(|version| !world.pods.contains_key(*version))
        .collect();
    if let Some(version) = gone.into_iter().next() {
        return Some(Move::Tell(Event::VersionGone { version: version.clone() }));
    }
    if let Some(run) = world.status.open_runs().next() {
        return Some(Move::Tell(Event::AnalysisFinished { run, outcome: Outcome::Successful }));
    }
    willing_person(plan, world)
}

fn willing_person(plan: &Plan, world: &World) -> Option<Move> {
    let at = waiting(plan, &world.status);
    match &at.gate {
        Gate::Person | Gate::Hold { .. } if plan.is_manual() => {
            let version = world.status.state().canary().cloned();
            Some(Move::Tell(Event::Commanded(Command::TakeOver { confirmed: version })))
        }
        Gate::Person | Gate::Hold { .. } => Some(Move::Tell(Event::Commanded(Command::Promote))),
        Gate::Barrier { name } => Some(Move::Tell(Event::BarrierOpened { name: name.clone() })),
        _ => wake(plan, &world.status).map(|_| Move::Wake),
    }
}
