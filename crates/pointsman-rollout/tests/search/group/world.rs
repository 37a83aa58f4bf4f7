//! Two small worlds under one status.

use std::collections::BTreeMap;

use pointsman_rollout::group::{GroupEvent, GroupPlan, GroupStatus};
use pointsman_rollout::wake;
use pointsman_types::Time;

use super::mutants::Mutant;
use crate::world::{Move as Alone, World};

/// One state of the search. The status of each world is that of the group.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Group {
    pub(super) status: GroupStatus,
    pub(super) members: BTreeMap<String, World>,
}

/// One thing that happens.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Move {
    /// To pods, proxies or the executor of one component.
    Member(String, Alone),
    Tell(GroupEvent),
    Wake,
}

impl std::fmt::Display for Move {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Member(name, what) => write!(f, "{name}: {what}"),
            Self::Tell(GroupEvent::Member { component, event }) => {
                write!(f, "{component}: told that {event}")
            }
            Self::Tell(event) => write!(f, "told {event:?}"),
            Self::Wake => f.write_str("the next timer fires"),
        }
    }
}

impl Group {
    pub(super) fn new(plan: &GroupPlan) -> Self {
        let members = plan.members().map(|(name, _)| (name.to_owned(), World::new())).collect();
        Self { status: GroupStatus::new(), members }
    }

    pub(super) fn member(&self, name: &str) -> &World {
        self.members.get(name).expect("a component of the plan")
    }

    /// The group after a move; `None` when the move is not possible or refused.
    pub(super) fn after(&self, plan: &GroupPlan, mutant: Mutant, what: &Move) -> Option<Self> {
        let mut next = self.clone();
        let mut now = Time::EPOCH;
        match what {
            Move::Member(name, what) => {
                let world = self.member(name).after(plan.member(name)?, mutant.of_member(), what)?;
                next.members.insert(name.clone(), world);
            }
            Move::Tell(event) => next.tell(plan, mutant, event, now)?,
            Move::Wake => {
                let timers = plan.members().filter_map(|(name, plan)| wake(plan, &self.member(name).status));
                now = timers.map(|wake| wake.at).min()?;
                next.tell(plan, mutant, &GroupEvent::TimePassed, now)?;
            }
        }
        next.normalise(now);
        Some(next)
    }

    fn tell(&mut self, plan: &GroupPlan, mutant: Mutant, event: &GroupEvent, now: Time) -> Option<()> {
        self.status = mutant.step(plan, &self.status, event, now)?;
        for (name, world) in &mut self.members {
            let status = self.status.member(name);
            if status != world.status {
                world.at = 0;
                world.status = status;
            }
        }
        Some(())
    }

    fn normalise(&mut self, now: Time) {
        self.status = std::mem::take(&mut self.status).canonical(now);
        for world in self.members.values_mut() {
            world.normalise(now);
        }
    }
}
