//! Exhaustive search of small rollouts with a model checker: every order of events, commands, pods coming and going, proxies
//! learning late, reports lost or told twice, and a crash of the executor between any two effects.
//!
//! [`model::Release`] is the engine as a `Model` of Stateright; the laws are its properties. What is abstracted: time is the order of timers
//! (the next one fires, or not yet), replicas are none, some or all ready (two of two), proxies have the written split or any split
//! since the last that all of them had. What is bounded: up to five steps, three versions, and the distance: everything that can
//! happen within [`plans::MOVES`] moves of *any* state of an ordinary release, or of one that is scaled to zero at a wait, so that what goes
//! wrong late is as near as what goes wrong at first. From each of these states a kind world is followed to its rest, however far that is. `POINTSMAN_SEARCH_MOVES` says another distance.
//!
//! Progress is a property of each state (a kind world comes to rest from there), not one of paths: in a space with loops
//! "eventually" of a checker by breadth cannot be relied on.

#![expect(clippy::panic, clippy::indexing_slicing, reason = "a test stops at what it does not expect")]

mod at_zero;
mod by_strategy;
mod group;
mod laws;
mod model;
mod mutants;
mod plans;
mod table;
mod ways;
mod world;

use self::model::Release;
use self::mutants::Mutant;
use self::world::{Move, World};
use pointsman_rollout::{Command, Event, Outcome, Plan, Version};

/// All that can happen in a world.
fn moves(world: &World, plan: &Plan) -> Vec<Move> {
    let mut all = vec![Move::Execute, Move::Crash, Move::Propagate, Move::Wake];
    for (version, pods) in &world.pods {
        all.push(Move::PodUp(version.clone()));
        all.push(Move::PodDown(version.clone()));
        let (replicas, ready) = (pods.spec, pods.ready);
        all.push(Move::Tell(Event::PodsChanged { version: version.clone(), replicas, ready }));
    }
    if world.change == world.status.change() {
        all.push(Move::Tell(Event::SplitApplied { change: world.change }));
        if world.in_force.len() == 1 {
            all.push(Move::Tell(Event::SplitSettled { change: world.change }));
        }
    }
    for (version, _) in world.status.pods().filter(|(version, _)| !world.pods.contains_key(*version)) {
        all.push(Move::Tell(Event::VersionGone { version: version.clone() }));
    }
    for version in ["v1", "v2", "v3"].map(Version::from_static) {
        all.push(Move::Tell(Event::RevisionAdded { version: version.clone() }));
        all.push(Move::Tell(Event::Commanded(Command::Retire { version })));
    }
    for run in world.status.open_runs() {
        for outcome in [Outcome::Successful, Outcome::Failed, Outcome::Inconclusive, Outcome::Cancelled] {
            all.push(Move::Tell(Event::AnalysisFinished { run, outcome }));
        }
    }
    let restart = world.status.restart();
    all.extend(restart.left().iter().map(|version| Move::Tell(restarted(restart.asked(), version))));
    all.extend(plans::autoscaled(plan).map(Move::Tell));
    all.extend(plans::commands(world, plan).into_iter().map(|command| Move::Tell(Event::Commanded(command))));
    all
}

fn restarted(restart: u64, version: &Version) -> Event {
    Event::Restarted { restart, version: version.clone() }
}

#[test]
fn no_law_is_broken_in_any_state_of_small_plans() {
    let mut total = 0;
    for (name, plan) in plans::all() {
        let found = Release::new(plan).searched(plans::moves());
        if let Some(broken) = found.broken {
            panic!("{name}: {broken}");
        }
        let edge = found.reached - found.states;
        println!("{name}: {} distinct states, and {edge} at their edge", found.states);
        total += found.states;
    }
    println!("total: {total} distinct states within {} moves of an ordinary release", plans::moves());
    assert!(total > 100_000, "{total}");
}

#[test]
fn every_broken_law_is_found() {
    for mutant in Mutant::BROKEN {
        let found = plans::all().into_iter().find_map(|(name, plan)| {
            let broken = Release::new(plan).with_mutant(mutant).broken(mutant.breaks(), plans::MOVES)?;
            Some(format!("{name}: {broken}"))
        });
        println!("{mutant:?}: {}", found.unwrap_or_else(|| panic!("{mutant:?} is not found")));
    }
}
