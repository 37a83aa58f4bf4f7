//! A group and its two small worlds as a model for the checker.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use pointsman_rollout::group::GroupPlan;
use stateright::{Checker, HasDiscoveries, Model, Property};

use super::laws;
use super::mutants::Mutant;
use super::world::{Group, Move};
use crate::ways::Ways;

/// One group, carried out by one engine.
pub(super) struct Releases {
    plan: GroupPlan,
    mutant: Mutant,
    looked_at: AtomicUsize,
    ways: Ways<Group>,
    broken: Mutex<BTreeSet<&'static str>>,
}

/// A group, and the law that the move into it broke.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Reached {
    group: Group,
    broken: Option<&'static str>,
}

/// What a search found.
pub(super) struct Found {
    /// States of which every law was looked at.
    pub(super) states: usize,
    /// States that a move led to, those at the edge included.
    pub(super) reached: usize,
    /// A broken law and the shortest way to it.
    pub(super) broken: Option<String>,
}

impl Releases {
    pub(super) fn new(plan: GroupPlan) -> Self {
        Self {
            plan,
            mutant: Mutant::None,
            looked_at: AtomicUsize::new(0),
            ways: Ways::default(),
            broken: Mutex::default(),
        }
    }

    pub(super) fn with_mutant(self, mutant: Mutant) -> Self {
        Self { mutant, ..self }
    }

    /// Goes through everything that can happen within so many moves of an ordinary release, until a law is broken.
    pub(super) fn searched(self, moves: usize) -> Found {
        self.searched_for(HasDiscoveries::AnyFailures, moves)
    }

    /// Looks for the shortest way to break that law.
    pub(super) fn broken(self, law: &'static str, moves: usize) -> Option<String> {
        self.searched_for(HasDiscoveries::AnyOf([law].into()), moves)
            .broken
            .filter(|broken| broken.contains(law))
    }

    /// Whether a law is kept; only the first time that one is not is told, which is the shortest way.
    fn keeps(&self, law: &'static str, holds: bool) -> bool {
        holds || !self.broken.lock().expect("nobody panicked").insert(law)
    }

    fn searched_for(self, what: HasDiscoveries, moves: usize) -> Found {
        let checker = self.checker().target_max_depth(moves + 2).finish_when(what.clone()).spawn_bfs().join();
        let wanted = |law: &'static str| match &what {
            HasDiscoveries::AnyOf(laws) => laws.contains(law),
            _ => true,
        };
        let ways = checker.discoveries().into_iter().filter(|(law, _)| wanted(law));
        let ways = ways.map(|(law, path)| (law, path.into_actions()));
        let broken = ways.min_by_key(|(law, way)| (way.len(), *law)).map(|(law, way)| {
            let way: Vec<String> = way.iter().map(ToString::to_string).collect();
            format!("not \"{law}\": {}", way.join(", "))
        });
        Found {
            states: checker.model().looked_at.load(Ordering::Relaxed),
            reached: checker.unique_state_count(),
            broken,
        }
    }
}

impl Model for Releases {
    type State = Reached;
    type Action = Move;

    fn init_states(&self) -> Vec<Reached> {
        let ordinary = laws::ordinary_release(&self.plan);
        ordinary.into_iter().map(|group| Reached { group, broken: None }).collect()
    }

    fn actions(&self, state: &Reached, actions: &mut Vec<Move>) {
        if state.broken.is_none() {
            actions.extend(super::moves(&state.group, &self.plan));
        }
    }

    fn next_state(&self, last: &Reached, what: Move) -> Option<Reached> {
        let group = last.group.after(&self.plan, self.mutant, &what)?;
        let broken = laws::of_move(&self.plan, &last.group, &what, &group);
        Some(Reached { group, broken })
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let law = Property::<Self>::always;
        vec![
            law(laws::DARK, |m, s| m.keeps(laws::DARK, s.broken != Some(laws::DARK))),
            law(laws::DANGLING, |m, s| m.keeps(laws::DANGLING, s.broken != Some(laws::DANGLING))),
            law(laws::BARRIER, |m, s| m.keeps(laws::BARRIER, s.broken != Some(laws::BARRIER))),
            law(laws::ALL, |m, s| m.keeps(laws::ALL, laws::is_one_for_all(&s.group))),
            law(laws::ADD_UP, |m, s| m.keeps(laws::ADD_UP, laws::adds_up(&m.plan, &s.group))),
            law(laws::SAVED, |m, s| m.keeps(laws::SAVED, laws::survives_saving(&s.group))),
            law(laws::STABLE, |m, s| {
                m.keeps(laws::STABLE, laws::is_on_stable(&m.ways, &m.plan, m.mutant, &s.group))
            }),
            law(laws::REST, |m, s| {
                m.looked_at.fetch_add(1, Ordering::Relaxed);
                m.keeps(laws::REST, laws::is_rest(&m.ways, &m.plan, m.mutant, &s.group))
            }),
        ]
    }
}
