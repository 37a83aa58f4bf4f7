//! When to look again.

use pointsman_types::{Time, duration::TimeDelta};

use crate::state::{Aborted, Drain, Experimenting, Paused, Stable, State};
use crate::{Plan, Presence, Propagation, Settling, Status, goal_of_experiment};

/// When to call [`step`](crate::step) again with [`TimePassed`](crate::Event::TimePassed). Waking early, late or twice
/// does no harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Wake {
    /// When.
    pub at: Time,
    /// What is then over.
    pub reason: WakeReason,
}

/// What is over at a [`Wake`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum WakeReason {
    /// The hold after a change of the route.
    Propagation,
    /// A pause.
    Pause,
    /// An experiment.
    Experiment,
    /// The time that the version before stands by.
    Retirement,
    /// The time that an aborted canary keeps its pods.
    Drain,
    /// The time without progress that is allowed.
    Deadline,
}

/// When to call [`step`](crate::step) again if nothing else happens: derived from plan and status alone.
#[must_use]
pub fn wake(plan: &Plan, status: &Status) -> Option<Wake> {
    let state = match &status.state {
        // Nothing goes on before the pods are back.
        _ if !status.presence.is_present() => None,
        State::Paused(Paused { until: Some(until), .. }) => Some(due(just_after(*until), WakeReason::Pause)),
        State::Stable(Stable { standby: Some(standby), .. }) if !status.has_traffic(&standby.version) => {
            standby.until.map(|at| due(at, WakeReason::Retirement))
        }
        State::Experimenting(running @ Experimenting { update, ready_at: Some(ready_at), .. }) => {
            goal_of_experiment::current(plan, update)
                .filter(|experiment| !goal_of_experiment::awaits_answer(experiment, running))
                .and_then(|experiment| experiment.duration)
                .map(|duration| due(just_after(ready_at.plus(duration)), WakeReason::Experiment))
        }
        State::Aborted(Aborted { drain: Drain::Until(at), .. }) => Some(due(*at, WakeReason::Drain)),
        _ => None,
    };
    let deadline = deadline(plan, status).map(|at| due(just_after(at), WakeReason::Deadline));
    [settled_at(plan, status).map(|at| due(at, WakeReason::Propagation)), state, deadline]
        .into_iter()
        .flatten()
        .min_by_key(|wake| (wake.at, wake.reason))
}

const fn due(at: Time, reason: WakeReason) -> Wake {
    Wake { at, reason }
}

const fn just_after(at: Time) -> Time {
    at.plus(TimeDelta::from_nanos(1))
}

/// When the latest change of the route counts as settled, if time alone decides.
pub(crate) fn settled_at(plan: &Plan, status: &Status) -> Option<Time> {
    match (plan.spec().propagation, status.route.settling) {
        (Propagation::Hold(hold), Settling::Applied { at }) => Some(at.plus(hold)),
        _ => None,
    }
}

/// The last point in time without progress, where the deadline counts: not in waits that are meant.
pub(crate) fn deadline(plan: &Plan, status: &Status) -> Option<Time> {
    let counts = matches!(
        status.state,
        State::Starting(_)
            | State::Stepping(_)
            | State::Experimenting(Experimenting { ready_at: None, .. })
            | State::Promoting(_)
            | State::Returning(_)
    );
    let deadline = plan.spec().progress_deadline?;
    let counts = counts && status.presence != Presence::AtZero;
    let due = counts && status.late == crate::Lateness::InTime && !crate::advance::at_barrier(plan, status);
    due.then(|| status.progress.plus(deadline))
}
