//! The same search for a group: two components released together, every order of what happens to both, the executor of either dead
//! between any two of its effects, reports lost or told twice, one given up in any state of the other.
//!
//! The abstraction is that of the search of one component, twice: a [`World`](super::world::World) for each, whose status is that of the
//! group. Bounded are the components (two, of one pod each), the versions (three) and the distance: [`MOVES`] moves of any state of an
//! ordinary release of both, of whose own moves most lie between one component's and the other's. From each of these states a kind
//! world is followed to its rest.

mod laws;
mod model;
mod mutants;
mod plans;
mod world;

use pointsman_rollout::group::{GroupCommand, GroupEvent, GroupPlan};
use pointsman_rollout::{Command, Event, Version};

use self::model::Releases;
use self::mutants::Mutant;
use self::world::{Group, Move};
use super::world::Move as Alone;

/// How many moves away from an ordinary release is gone.
const MOVES: usize = 3;

/// All that can happen to a group.
fn moves(group: &Group, plan: &GroupPlan) -> Vec<Move> {
    let mut all = vec![Move::Wake];
    for (name, member) in plan.members() {
        let world = group.member(name);
        all.extend(super::moves(world, member).into_iter().filter_map(|what| of_member(name, what)));
    }
    for version in ["v1", "v2", "v3"].map(Version::from_static) {
        all.push(Move::Tell(plans::released(plan, &version)));
    }
    use GroupCommand::{Abort, Pause, Promote, Resume, Retry};
    let commands = [Promote, Pause, Resume, Abort, Retry];
    all.extend(commands.map(|command| Move::Tell(GroupEvent::Commanded(command))));
    all
}

/// What happens to one component of a group, as far as it can matter to others: what is said only of its own pods and holds is searched for it
/// alone. Time passes for all.
fn of_member(name: &str, what: Alone) -> Option<Move> {
    use Command::{Pause, Restart, Resume, Retire, Retry};
    match what {
        Alone::Wake | Alone::Tell(Event::Commanded(Retire { .. } | Restart | Pause | Resume | Retry)) => None,
        // `Undo` goes back to the first version.
        Alone::Tell(Event::RevisionAdded { version }) if version.as_str() != "v3" => None,
        Alone::Tell(event) => Some(Move::Tell(GroupEvent::Member { component: name.into(), event })),
        what => Some(Move::Member(name.into(), what)),
    }
}

#[test]
fn no_law_of_groups_is_broken() {
    let mut total = 0;
    for (name, plan) in plans::all() {
        let found = Releases::new(plan).searched(MOVES);
        if let Some(broken) = found.broken {
            panic!("{name}: {broken}");
        }
        println!(
            "{name}: {} distinct states, and {} at their edge",
            found.states,
            found.reached - found.states
        );
        total += found.states;
    }
    println!("total: {total} distinct states of groups within {MOVES} moves of an ordinary release");
    assert!(total > 50_000, "{total}");
}

#[test]
fn every_broken_group_is_found() {
    for mutant in Mutant::BROKEN {
        let found = plans::all().into_iter().find_map(|(name, plan)| {
            let broken = Releases::new(plan).with_mutant(mutant).broken(mutant.breaks(), MOVES)?;
            Some(format!("{name}: {broken}"))
        });
        println!("{mutant:?}: {}", found.unwrap_or_else(|| panic!("{mutant:?} is not found")));
    }
}
