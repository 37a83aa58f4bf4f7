//! The laws of groups.

use std::sync::Arc;

use pointsman_rollout::group::{GroupCommand, GroupEvent, GroupPlan};
use pointsman_rollout::{
    Command, Event, Gate, Outcome, Plan, PlanStep, State, Status, Version, waiting, wake,
};

use super::mutants::Mutant;
use super::plans;
use super::world::{Group, Move};
use crate::laws::{add_up, cluster_move};
use crate::ways::{Next, Ways};
use crate::world::{Move as Alone, World};

/// The laws by name.
pub(super) const DARK: &str = "no request is sent where no pod is ready";
pub(super) const DANGLING: &str = "no route names what is no subset";
pub(super) const BARRIER: &str = "nobody passes a barrier before all have come to it";
pub(super) const ALL: &str = "one that is given up is given up by all";
pub(super) const STABLE: &str = "what is given up ends on stable, in every component";
pub(super) const REST: &str = "every state has a way to rest";
pub(super) const ADD_UP: &str = "weights add up";
pub(super) const SAVED: &str = "a saved status is the same";

/// Which law a move broke.
pub(super) fn of_move(plan: &GroupPlan, before: &Group, what: &Move, after: &Group) -> Option<&'static str> {
    if let Move::Member(name, Alone::Execute) = what {
        let (before, after) = (before.member(name), after.member(name));
        if after.dark().difference(&before.dark()).next().is_some() {
            return Some(DARK);
        }
        if after.dangling().difference(&before.dangling()).next().is_some() {
            return Some(DANGLING);
        }
    }
    plan.members()
        .filter(|(name, _)| !is_word_to(what, name))
        .any(|(name, member)| !comes_last(plan, (name, member), before, after))
        .then_some(BARRIER)
}

/// Whether somebody says that a component shall go on, whatever others do.
fn is_word_to(what: &Move, name: &str) -> bool {
    match what {
        Move::Tell(GroupEvent::Member {
            component,
            event: Event::Commanded(_) | Event::RevisionAdded { .. },
        }) => component == name,
        Move::Tell(GroupEvent::Commanded(_) | GroupEvent::Released { .. }) => true,
        _ => false,
    }
}

fn index(status: &Status) -> Option<(&Version, usize)> {
    status.state().update().map(|update| (&update.canary, update.index as usize))
}

fn barriers(plan: &Plan) -> impl Iterator<Item = (usize, &str)> {
    plan.steps().iter().enumerate().filter_map(|(index, step)| match step {
        PlanStep::Barrier(name) => Some((index, name.as_str())),
        _ => None,
    })
}

/// Where a component has passed barriers, all others that are under way have come to them.
fn comes_last(plan: &GroupPlan, (name, member): (&str, &Plan), before: &Group, after: &Group) -> bool {
    let (Some((version, from)), Some((same, to))) =
        (index(&before.member(name).status), index(&after.member(name).status))
    else {
        return true;
    };
    let passed = barriers(member).filter(|(at, _)| version == same && (from..to).contains(at));
    let has_come = |barrier: &str| {
        let others = plan.members().filter(|(other, _)| *other != name && is_under_way(after, other));
        others.into_iter().all(|(other, other_plan)| {
            let place = barriers(other_plan).find(|(_, name)| *name == barrier);
            let at = index(&after.member(other).status).map_or(usize::MAX, |(_, at)| at);
            place.is_none_or(|(place, _)| at >= place)
        })
    };
    passed.into_iter().all(|(_, barrier)| has_come(barrier))
}

fn is_under_way(group: &Group, name: &str) -> bool {
    let state = group.member(name).status.state();
    let released = group.status.released().find(|(component, _)| *component == name);
    released.is_some_and(|(_, version)| state.canary() == Some(version))
        && !matches!(state, State::Aborted(_) | State::Promoting(_))
}

/// The parts of the present release, with their versions.
fn parts(group: &Group) -> impl Iterator<Item = (&World, &Version)> {
    group.status.released().map(|(name, version)| (group.member(name), version))
}

fn is_given_up(group: &Group) -> bool {
    let aborted = |(world, version): (&World, &Version)| {
        matches!(world.status.state(), State::Aborted(_)) && world.status.state().canary() == Some(version)
    };
    parts(group).any(aborted)
}

/// Where one part is given up, no other goes on, and none is left serving if it served another version before.
pub(super) fn is_one_for_all(group: &Group) -> bool {
    let is_off = |(world, version): (&World, &Version)| {
        let status = &world.status;
        let has_before = status.history().iter().any(|served| served != version);
        match status.state() {
            State::Aborted(_) => true,
            State::Stable(stable) => stable.version != *version || !has_before,
            state => state.canary() != Some(version),
        }
    };
    !is_given_up(group) || parts(group).all(is_off)
}

pub(super) fn adds_up(plan: &GroupPlan, group: &Group) -> bool {
    plan.members().all(|(name, plan)| add_up(plan, group.member(name)))
}

pub(super) fn survives_saving(group: &Group) -> bool {
    let saved = serde_json::to_string(&group.status);
    saved.ok().and_then(|saved| serde_json::from_str(&saved).ok()) == Some(group.status.clone())
}

/// With a kind world and a willing person every state comes to rest.
pub(super) fn is_rest(ways: &Ways<Group>, plan: &GroupPlan, mutant: Mutant, group: &Group) -> bool {
    let rests =
        |world: &World| matches!(world.status.state(), State::Stable(_) | State::Empty | State::Aborted(_));
    end(ways, plan, mutant, group).is_some_and(|end| end.members.values().all(rests))
}

/// Where a release is given up, all of its parts come to rest with all traffic on stable, at every proxy.
pub(super) fn is_on_stable(ways: &Ways<Group>, plan: &GroupPlan, mutant: Mutant, group: &Group) -> bool {
    let is_back = |(world, _): (&World, &Version)| {
        let stable = world.status.state().stable();
        world
            .in_force
            .iter()
            .flat_map(|config| &config.shares)
            .all(|(version, weight)| Some(version) == stable || weight.is_zero())
    };
    !is_given_up(group) || end(ways, plan, mutant, group).is_some_and(|end| parts(&end).all(is_back))
}

/// Where a kind world leads to.
fn end(ways: &Ways<Group>, plan: &GroupPlan, mutant: Mutant, group: &Group) -> Option<Arc<Group>> {
    ways.end(group, |group| match kind_move(plan, mutant, group) {
        None => Next::Nothing,
        Some(what) => group.after(plan, mutant, &what).map_or(Next::Lost, Next::World),
    })
}

/// The states of a release of the second version of both in which nothing goes wrong.
pub(super) fn ordinary_release(plan: &GroupPlan) -> Vec<Group> {
    let mut states = vec![Group::new(plan)];
    for version in ["v1", "v2"].map(Version::from_static) {
        states.drain(..states.len() - 1);
        let mut what = Some(Move::Tell(plans::released(plan, &version)));
        while let (Some(this), Some(group)) = (what.take(), states.last()) {
            let next = group.after(plan, Mutant::None, &this).expect("an ordinary move is possible");
            what = kind_move(plan, Mutant::None, &next);
            states.push(next);
        }
    }
    states
}

/// What a kind world does next; `None` when there is nothing left to do.
fn kind_move(plan: &GroupPlan, mutant: Mutant, group: &Group) -> Option<Move> {
    let of_cluster = plan.members().find_map(|(name, member)| {
        super::of_member(name, cluster_move(member, mutant.of_member(), group.member(name))?)
    });
    let answered = || {
        plan.members().find_map(|(name, _)| {
            let run = group.member(name).status.open_runs().next()?;
            let event = Event::AnalysisFinished { run, outcome: Outcome::Successful };
            Some(Move::Tell(GroupEvent::Member { component: name.into(), event }))
        })
    };
    let time = || plan.members().any(|(name, plan)| wake(plan, &group.member(name).status).is_some());
    of_cluster
        .or_else(answered)
        .or_else(|| time().then_some(Move::Wake))
        .or_else(|| willing_person(plan, group))
}

fn willing_person(plan: &GroupPlan, group: &Group) -> Option<Move> {
    plan.members().find_map(|(name, plan)| match waiting(plan, &group.member(name).status).gate {
        Gate::Person => Some(Move::Tell(GroupEvent::Commanded(GroupCommand::Promote))),
        Gate::Hold { .. } => {
            let event = Event::Commanded(Command::Promote);
            Some(Move::Tell(GroupEvent::Member { component: name.into(), event }))
        }
        _ => None,
    })
}
