//! Exhaustive search of small rollouts: every order of events, commands, pods coming and going, proxies learning late,
//! reports lost or told twice, and a crash of the executor between any two effects.
//!
//! What is abstracted: time is the order of timers (the next one fires, or not yet), replicas are none, some or all ready
//! (two of two), proxies have the written split or any split since the last that all of them had.

#![expect(clippy::panic, clippy::indexing_slicing, reason = "a test stops at what it does not expect")]

mod laws;
mod mutants;
mod plans;
mod table;
mod world;

use std::collections::{HashSet, VecDeque};

use self::laws::Violation;
use self::mutants::Mutant;
use self::world::{Move, World};
use pointsman_rollout::{Command, Event, Outcome, Plan, Version};

/// What a search found.
struct Found {
    states: usize,
    /// Whether every state was seen, or the bound was met.
    complete: bool,
    violation: Option<(Violation, Vec<Move>)>,
}

/// Goes through all states, those near an ordinary release first, up to `bound` of them.
fn search(plan: &Plan, mutant: Mutant, bound: usize) -> Found {
    let mut seen = HashSet::new();
    let mut queue = VecDeque::new();
    // How each state was first reached: its parent and the move.
    let mut trail: Vec<(usize, Move)> = Vec::new();
    for (world, what) in laws::ordinary_release(plan) {
        if seen.insert(world.key()) {
            trail.push((trail.len().saturating_sub(1), what));
            queue.push_back((world, trail.len() - 1));
        }
    }
    while let Some((world, id)) = queue.pop_front() {
        for what in moves(&world, plan) {
            let Some(next) = world.after(plan, mutant, &what) else { continue };
            let fresh = seen.insert(next.key());
            let broken = laws::check(plan, &world, &what, &next)
                .and_then(|()| if fresh { laws::comes_to_rest(plan, mutant, &next) } else { Ok(()) });
            if let Err(violation) = broken {
                let path = path_to(&trail, id, what);
                return Found { states: seen.len(), complete: false, violation: Some((violation, path)) };
            }
            if fresh {
                trail.push((id, what));
                queue.push_back((next, trail.len() - 1));
            }
            if seen.len() >= bound {
                return Found { states: seen.len(), complete: false, violation: None };
            }
        }
    }
    Found { states: seen.len(), complete: true, violation: None }
}

/// Shows every state that a search meets.
fn visit(plan: &Plan, mutant: Mutant, bound: usize, show: &mut dyn FnMut(&World)) {
    let mut seen = HashSet::new();
    let mut queue = VecDeque::new();
    for (world, _) in laws::ordinary_release(plan) {
        if seen.insert(world.key()) {
            queue.push_back(world);
        }
    }
    while let Some(world) = queue.pop_front() {
        show(&world);
        for what in moves(&world, plan) {
            let Some(next) = world.after(plan, mutant, &what) else { continue };
            if seen.len() < bound && seen.insert(next.key()) {
                queue.push_back(next);
            }
        }
    }
}

fn path_to(trail: &[(usize, Move)], mut id: usize, last: Move) -> Vec<Move> {
    let mut path = vec![last];
    while id != 0 {
        path.push(trail[id].1.clone());
        id = trail[id].0;
    }
    path.reverse();
    path
}

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
    all.extend(plans::commands(world, plan).into_iter().map(|command| Move::Tell(Event::Commanded(command))));
    all
}

#[test]
fn no_law_is_broken_in_any_state_of_small_plans() {
    let mut total = 0;
    for (name, plan, bound) in plans::all() {
        let found = search(&plan, Mutant::None, bound);
        assert_eq!(found.violation, None, "{name}");
        println!(
            "{name}: {} distinct states{}",
            found.states,
            if found.complete { ", all there are" } else { " (bound)" }
        );
        total += found.states;
    }
    println!("total: {total} distinct states");
    assert!(total > 100_000, "{total}");
}

#[test]
fn every_broken_law_is_found() {
    for mutant in Mutant::BROKEN {
        let found =
            plans::all().into_iter().find_map(|(_, plan, bound)| search(&plan, mutant, bound).violation);
        let (violation, path) = found.unwrap_or_else(|| panic!("{mutant:?} is not found"));
        println!("{mutant:?}: {violation} after {} moves", path.len());
    }
}
