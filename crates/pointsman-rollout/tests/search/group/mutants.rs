//! Groups that break one law each: the search has to find every one of them.

use pointsman_rollout::group::{GroupEvent, GroupPlan, GroupStatus, group_step};
use pointsman_rollout::{Event, PlanStep, State, Status, step};
use pointsman_types::Time;

use super::laws;
use crate::mutants::Mutant as Alone;

/// What is done wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Mutant {
    /// Nothing.
    None,
    /// Opens a barrier for whoever comes first.
    OpensForTheFirst,
    /// Lets the others go on when one is given up.
    GivesUpOneAlone,
    /// Never opens a barrier.
    KeepsBarriersShut,
    /// Scales down what is given up before the traffic has left.
    ScalesDownFirst,
    /// Leaves the traffic of what is given up where it is.
    KeepsTheTraffic,
}

impl Mutant {
    pub(super) const BROKEN: [Self; 5] = [
        Self::OpensForTheFirst,
        Self::GivesUpOneAlone,
        Self::KeepsBarriersShut,
        Self::ScalesDownFirst,
        Self::KeepsTheTraffic,
    ];

    /// The law that it breaks.
    pub(super) const fn breaks(self) -> &'static str {
        match self {
            Self::OpensForTheFirst => laws::BARRIER,
            Self::GivesUpOneAlone => laws::ALL,
            Self::KeepsBarriersShut | Self::None => laws::REST,
            Self::ScalesDownFirst => laws::DARK,
            Self::KeepsTheTraffic => laws::STABLE,
        }
    }

    /// What is wrong in the engine of each component.
    pub(super) const fn of_member(self) -> Alone {
        match self {
            Self::ScalesDownFirst => Alone::ScalesDownFirst,
            Self::KeepsTheTraffic => Alone::KeepsTheTrafficOnAbort,
            _ => Alone::None,
        }
    }

    /// What this engine would remember after an event; `None` when it refuses it.
    pub(super) fn step(
        self,
        plan: &GroupPlan,
        status: &GroupStatus,
        event: &GroupEvent,
        now: Time,
    ) -> Option<GroupStatus> {
        let next = group_step(plan, status, event, now).ok()?.status;
        match (self, event) {
            (Self::OpensForTheFirst, _) => Some(opened(plan, next, now)),
            (Self::GivesUpOneAlone, GroupEvent::Member { component, .. })
                if is_given_up(&next.member(component)) =>
            {
                Some(with_member(status, component, &next.member(component)))
            }
            (Self::KeepsBarriersShut, GroupEvent::Member { component, event }) => {
                let alone = step(plan.member(component)?, &status.member(component), event, now).ok()?;
                Some(with_member(status, component, &alone.status))
            }
            _ => Some(next),
        }
    }
}

fn is_given_up(status: &Status) -> bool {
    matches!(status.state(), State::Aborted(_))
}

/// Every barrier at which somebody stands is opened.
fn opened(plan: &GroupPlan, mut status: GroupStatus, now: Time) -> GroupStatus {
    for (name, member) in plan.members() {
        let standing = status.member(name);
        let State::Stepping(update) = standing.state() else { continue };
        let Some(PlanStep::Barrier(barrier)) = member.steps().get(update.index as usize) else { continue };
        let event = Event::BarrierOpened { name: barrier.clone() };
        if let Ok(answer) = step(member, &standing, &event, now) {
            status = with_member(&status, name, &answer.status);
        }
    }
    status
}

/// The group with another status of one component.
fn with_member(status: &GroupStatus, component: &str, member: &Status) -> GroupStatus {
    let mut saved = serde_json::to_value(status).expect("is written");
    saved["members"][component] = serde_json::to_value(member).expect("is written");
    serde_json::from_value(saved).expect("loads")
}
