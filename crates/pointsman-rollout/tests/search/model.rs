//! A plan and its small world as a model for the checker.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use pointsman_rollout::Plan;
use stateright::{Checker, HasDiscoveries, Model, Property};

use super::laws::{self, Ends, Law};
use super::mutants::Mutant;
use super::world::{Move, World};

/// What is told of each state.
pub(super) type Show = Box<dyn Fn(&Plan, &World) + Send + Sync>;

/// One plan, carried out by one engine.
pub(super) struct Release {
    plan: Plan,
    mutant: Mutant,
    show: Option<Show>,
    /// States of which every law was looked at.
    looked_at: AtomicUsize,
    ends: Ends,
    /// Laws that were found broken.
    broken: Mutex<BTreeSet<&'static str>>,
}

/// A world, and the law that the move into it broke.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Reached {
    pub(super) world: World,
    pub(super) broken: Option<Law>,
}

impl Release {
    pub(super) fn new(plan: Plan) -> Self {
        Self {
            plan,
            mutant: Mutant::None,
            show: None,
            looked_at: AtomicUsize::new(0),
            ends: Ends::default(),
            broken: Mutex::default(),
        }
    }

    pub(super) fn with_mutant(self, mutant: Mutant) -> Self {
        Self { mutant, ..self }
    }

    pub(super) fn with_show(self, show: impl Fn(&Plan, &World) + Send + Sync + 'static) -> Self {
        Self { show: Some(Box::new(show)), ..self }
    }

    /// Goes through everything that can happen within so many moves of an ordinary release, until a law is broken.
    pub(super) fn searched(self, moves: usize) -> Found {
        self.searched_for(HasDiscoveries::AnyFailures, moves)
    }

    /// Looks for the shortest way to break that law.
    pub(super) fn broken(self, law: &'static str, moves: usize) -> Option<Counterexample> {
        let found = self.searched_for(HasDiscoveries::AnyOf([law].into()), moves);
        found.broken.filter(|broken| broken.law == law)
    }

    /// Whether a law is kept. Only the first time that one is not is told, since the checker would take the last for the shortest.
    fn keeps(&self, law: &'static str, holds: bool) -> bool {
        holds || !self.broken.lock().expect("nobody panicked").insert(law)
    }

    fn searched_for(self, what: HasDiscoveries, moves: usize) -> Found {
        // The checker counts the first state as one, and does not look at the states of its greatest depth.
        let checker = self.checker().target_max_depth(moves + 2).finish_when(what.clone()).spawn_bfs().join();
        let wanted = |law: &'static str| match &what {
            HasDiscoveries::AnyOf(laws) => laws.contains(law),
            _ => true,
        };
        let broken = checker.discoveries().into_iter().filter(|(law, _)| wanted(law));
        let broken = broken.min_by_key(|(law, path)| (path.clone().into_actions().len(), *law));
        Found {
            states: checker.model().looked_at.load(Ordering::Relaxed),
            reached: checker.unique_state_count(),
            broken: broken.map(|(law, path)| Counterexample::of(law, path.into_vec())),
        }
    }
}

impl Model for Release {
    type State = Reached;
    type Action = Move;

    fn init_states(&self) -> Vec<Reached> {
        let ordinary = laws::ordinary_release(&self.plan).into_iter().map(|(world, _)| world);
        let all = ordinary.chain(laws::release_through_zero(&self.plan));
        all.map(|world| Reached { world, broken: None }).collect()
    }

    fn actions(&self, state: &Reached, actions: &mut Vec<Move>) {
        if state.broken.is_none() {
            actions.extend(super::moves(&state.world, &self.plan));
        }
    }

    fn next_state(&self, last: &Reached, what: Move) -> Option<Reached> {
        let world = last.world.after(&self.plan, self.mutant, &what)?;
        let broken = laws::of_move(&self.plan, &last.world, &what, &world);
        Some(Reached { world, broken })
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let law = Property::<Self>::always;
        let mut all = vec![
            law(laws::DARK, |m, s| m.keeps(laws::DARK, s.broken != Some(Law::NothingIsDark))),
            law(laws::DANGLING, |m, s| m.keeps(laws::DANGLING, s.broken != Some(Law::NothingDangles))),
            law(laws::STAY, |m, s| m.keeps(laws::STAY, s.broken != Some(Law::EnoughStay))),
            law(laws::TWICE, |m, s| m.keeps(laws::TWICE, s.broken != Some(Law::TwiceIsOnce))),
            law(laws::ADD_UP, |m, s| m.keeps(laws::ADD_UP, laws::add_up(&m.plan, &s.world))),
            law(laws::STEP, |m, s| m.keeps(laws::STEP, laws::is_within_step(&m.plan, &s.world))),
            law(laws::PINS, |m, s| m.keeps(laws::PINS, laws::pins_what_shares(&m.plan, &s.world))),
            law(laws::STILL, |m, s| m.keeps(laws::STILL, s.broken != Some(Law::StillAtZero))),
            law(laws::PODS, |m, s| m.keeps(laws::PODS, s.broken != Some(Law::PodsFirst))),
            law(laws::ZERO, |m, s| m.keeps(laws::ZERO, m.ends.is_emptied(&m.plan, m.mutant, &s.world))),
            law(laws::SAVED, |m, s| m.keeps(laws::SAVED, laws::survives_saving(&s.world))),
            law(laws::ABORT, |m, s| m.keeps(laws::ABORT, m.ends.is_on_stable(&m.plan, m.mutant, &s.world))),
            law(laws::REST, |m, s| {
                m.looked_at.fetch_add(1, Ordering::Relaxed);
                m.keeps(laws::REST, m.ends.is_rest(&m.plan, m.mutant, &s.world))
            }),
        ];
        if self.show.is_some() {
            all.push(law("every state is shown", |m, s| {
                m.show.iter().for_each(|show| show(&m.plan, &s.world));
                true
            }));
        }
        all
    }
}

/// What a search found.
pub(super) struct Found {
    /// States of which every law was looked at.
    pub(super) states: usize,
    /// States that a move led to, those at the edge included, into which no law was broken on the way.
    pub(super) reached: usize,
    pub(super) broken: Option<Counterexample>,
}

/// The shortest way to a broken law.
#[derive(Debug, PartialEq)]
pub(super) struct Counterexample {
    pub(super) law: &'static str,
    /// Where the ordinary release stood.
    from: String,
    pub(super) moves: Vec<Move>,
}

impl Counterexample {
    fn of(law: &'static str, path: Vec<(Reached, Option<Move>)>) -> Self {
        let from = path.first().map(|(state, _)| state.world.status.state().name()).unwrap_or_default();
        Self { law, from: from.into(), moves: path.into_iter().filter_map(|(_, what)| what).collect() }
    }
}

impl std::fmt::Display for Counterexample {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "not \"{}\": from `{}` of a release", self.law, self.from)?;
        self.moves.iter().try_for_each(|what| write!(f, ", {what}"))
    }
}
