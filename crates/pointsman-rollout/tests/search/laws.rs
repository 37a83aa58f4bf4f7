//! The laws.

use std::sync::Arc;

use pointsman_types::{Time, Weight};

use super::at_zero;
use super::by_strategy;
use super::mutants::Mutant;
use super::ways::{Next, Ways};
use super::world::{Move, World};
use pointsman_rollout::state::{Paused, State, Update};
use pointsman_rollout::{
    Command, Effect, Event, Gate, Outcome, Plan, PlanStep, Settling, Status, Version, effects, step, waiting,
    wake,
};

/// A law that a move can break.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Law {
    NothingIsDark,
    NothingDangles,
    EnoughStay,
    TwiceIsOnce,
    StillAtZero,
    PodsFirst,
}

/// The laws by name.
pub(super) const DARK: &str = "no request is sent where no pod is ready";
pub(super) const DANGLING: &str = "no route names what is no subset";
pub(super) const STAY: &str = "without a route enough pods stay ready";
pub(super) const TWICE: &str = "a report told twice is told once";
pub(super) const ADD_UP: &str = "weights add up";
pub(super) const STEP: &str = "no weight is above its step's";
pub(super) const PINS: &str = "users stay only while two versions share the traffic";
pub(super) const SAVED: &str = "a saved status is the same";
pub(super) const ABORT: &str = "an abort ends on stable";
pub(super) const REST: &str = "every state has a way to rest";
pub(super) const ZERO: &str = "where no pods are wanted, none are left";
pub(super) const STILL: &str = "at zero nothing goes on by itself";
pub(super) const PODS: &str = "after zero pods come before steps";

/// Which law a move broke.
pub(super) fn of_move(plan: &Plan, before: &World, what: &Move, after: &World) -> Option<Law> {
    match what {
        _ if !at_zero::is_still(plan, before, what, after) => Some(Law::StillAtZero),
        _ if !at_zero::brings_pods_first(before, what, after) => Some(Law::PodsFirst),
        // The one exception: nobody wants any pods of it.
        Move::Execute
            if !at_zero::wants_none(plan, before)
                && after.dark().difference(&before.dark()).next().is_some() =>
        {
            Some(Law::NothingIsDark)
        }
        Move::Execute if after.dangling().difference(&before.dangling()).next().is_some() => {
            Some(Law::NothingDangles)
        }
        Move::Execute if !enough_stay(plan, before, after) => Some(Law::EnoughStay),
        Move::Tell(event) if !is_once(plan, before, event) => Some(Law::TwiceIsOnce),
        _ => None,
    }
}

/// Without a route, scaling down leaves as many ready pods as must be there, if what was reported is still true.
fn enough_stay(plan: &Plan, before: &World, after: &World) -> bool {
    let size = plan.spec().replicas;
    let Some(bounds) = plan.bounds(size).filter(|_| !at_zero::wants_none(plan, before)) else { return true };
    let told = |(version, pods): (&Version, &super::world::RealPods)| {
        let known = before.status.pods_of(version);
        (known.replicas, known.ready) == (Some(pods.spec), pods.ready)
    };
    let ready = |world: &World| -> u32 { world.pods.values().map(|pods| pods.ready).sum() };
    let least = size.saturating_sub(bounds.unavailable).min(ready(before));
    !before.pods.iter().all(told) || ready(after) >= least
}

/// A report that comes a second time changes nothing more; it may be refused.
fn is_once(plan: &Plan, before: &World, event: &Event) -> bool {
    if matches!(event, Event::Commanded(_) | Event::RevisionAdded { .. } | Event::BarrierOpened { .. }) {
        return true;
    }
    let tell = |status: &Status| step(plan, status, event, Time::EPOCH).ok().map(|answer| answer.status);
    let Some(once) = tell(&before.status) else { return true };
    tell(&once).is_none_or(|twice| twice == once)
}

pub(super) fn add_up(plan: &Plan, world: &World) -> bool {
    let shares = world.status.shares();
    let total: u64 = shares.iter().map(|(_, weight)| u64::from(weight.value())).sum();
    shares.is_empty() || total == u64::from(plan.spec().total_weight)
}

/// While it steps, the canary has no more than its step allows.
pub(super) fn is_within_step(plan: &Plan, world: &World) -> bool {
    let status = &world.status;
    let (State::Stepping(update) | State::Paused(Paused { update, .. })) = status.state() else {
        return true;
    };
    let is_free = status.settling() != Settling::Settled
        || status.ready(&update.stable) == 0
        || at_zero::wants_none(plan, world);
    is_free || status.weight(&update.canary) <= allowed(plan, update)
}

/// Users stay while an update shares the traffic between its two versions, and are dealt at its present weight.
pub(super) fn pins_what_shares(plan: &Plan, world: &World) -> bool {
    let status = &world.status;
    let Some(pins) = status.pins().filter(|_| !at_zero::wants_none(plan, world)) else { return true };
    let shares = |version: &Version| !status.weight(version).is_zero();
    shares(&pins.stable)
        && pins.weight() == status.weight(&pins.canary)
        && pins.weights.is_sorted_by(|a, b| a < b)
        && !matches!(status.state(), State::Aborted(_) | State::Stable(_))
}

pub(super) fn survives_saving(world: &World) -> bool {
    let saved = serde_json::to_string(&world.status);
    saved.ok().and_then(|saved| serde_json::from_str(&saved).ok()) == Some(world.status.clone())
}

fn allowed(plan: &Plan, update: &Update) -> Weight {
    let steps = &plan.steps()[..plan.steps().len().min(update.index as usize + 1)];
    let set = steps.iter().rev().find_map(|s| if let PlanStep::SetWeight(w) = s { Some(*w) } else { None });
    update.by_hand.or(set).unwrap_or(Weight::ZERO)
}

/// Where kind worlds lead to.
#[derive(Default)]
pub(super) struct Ends(Ways<World>);

impl Ends {
    /// With a kind world and a willing person every state comes to rest.
    pub(super) fn is_rest(&self, plan: &Plan, mutant: Mutant, world: &World) -> bool {
        let Some(end) = self.of(plan, mutant, world) else { return false };
        let rests = matches!(end.status.state(), State::Stable(_) | State::Empty | State::Aborted(_));
        rests || matches!(world.status.state(), State::Aborted(_))
    }

    /// An aborted release comes to rest with all traffic on stable, at every proxy.
    pub(super) fn is_on_stable(&self, plan: &Plan, mutant: Mutant, world: &World) -> bool {
        let State::Aborted(aborted) = world.status.state() else { return true };
        let stable = &aborted.update.stable;
        let on_stable = |config: &super::world::Config| {
            config.managed_to.is_none()
                && config.shares.iter().all(|(version, weight)| version == stable || weight.is_zero())
        };
        self.of(plan, mutant, world).is_some_and(|end| end.in_force.iter().all(on_stable))
    }

    /// Nobody wants pods again before there are none: what ends at zero kept some.
    pub(super) fn is_emptied(&self, plan: &Plan, mutant: Mutant, world: &World) -> bool {
        let is_left = |end: Arc<World>| at_zero::wants_none(plan, &end) && !end.is_without_pods();
        !at_zero::wants_none(plan, world) || !self.of(plan, mutant, world).is_some_and(is_left)
    }

    /// Where a kind world leads to; `None` when it comes to no end.
    fn of(&self, plan: &Plan, mutant: Mutant, world: &World) -> Option<Arc<World>> {
        self.0.end(world, |world| match kind_move(plan, mutant, world) {
            None => Next::Nothing,
            Some(what) => world.after(plan, mutant, &what).map_or(Next::Lost, Next::World),
        })
    }
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

/// The states of a release that is scaled to zero at its first wait, and of one at its last, until pods are wanted again.
pub(super) fn release_through_zero(plan: &Plan) -> Vec<World> {
    let ordinary = ordinary_release(plan).into_iter().map(|(world, _)| world);
    let waits: Vec<World> = ordinary.filter(by_strategy::is_wait).collect();
    let scaled = |world: &World, replicas| {
        world.after(plan, Mutant::None, &Move::Tell(Event::Scaled { replicas })).expect("is never refused")
    };
    let mut states = Vec::new();
    for wait in waits.first().into_iter().chain(waits.last()) {
        let mut next = Some(scaled(wait, 0));
        while let Some(world) = next.take() {
            next = cluster_move(plan, Mutant::None, &world)
                .and_then(|what| world.after(plan, Mutant::None, &what));
            states.push(world);
        }
        states.extend(states.last().map(|empty| scaled(empty, plan.spec().replicas)));
    }
    states
}

/// What a kind world does next; `None` when there is nothing left to do.
fn kind_move(plan: &Plan, mutant: Mutant, world: &World) -> Option<Move> {
    if let Some(what) = cluster_move(plan, mutant, world) {
        return Some(what);
    }
    if let Some(run) = world.status.open_runs().next() {
        return Some(Move::Tell(Event::AnalysisFinished { run, outcome: Outcome::Successful }));
    }
    willing_person(plan, world)
}

/// What the cluster does, if nobody says or measures anything.
pub(super) fn cluster_move(plan: &Plan, mutant: Mutant, world: &World) -> Option<Move> {
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
    // Of one that a route still names it is heard already.
    let gone = world.status.pods().filter(|(version, _)| !world.pods.contains_key(*version));
    let mut news = gone.map(|(version, _)| Move::Tell(Event::VersionGone { version: version.clone() }));
    if let Some(what) = news.find(|what| world.after(plan, mutant, what).is_some_and(|next| next != *world)) {
        return Some(what);
    }
    effects(plan, &world.status).iter().find_map(|effect| match effect {
        Effect::RestartPods { restart, version, .. } => Some(Move::Tell(super::restarted(*restart, version))),
        _ => None,
    })
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
        _ if wake(plan, &world.status).is_some() => Some(Move::Wake),
        // Whoever wanted no pods has none, and wants some again: until then nothing can serve.
        _ => (at_zero::wants_none(plan, world) && world.is_without_pods())
            .then(|| Move::Tell(Event::Scaled { replicas: plan.spec().replicas })),
    }
}
