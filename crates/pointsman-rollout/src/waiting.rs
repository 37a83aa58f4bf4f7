//! Why a rollout is where it is.

use pointsman_types::{Time, Weight};

use crate::goal::{self, Goal};
use crate::order::leftovers;
use crate::state::{
    AbortReason, Aborted, Analysing, Drain, Held, HoldReason, Paused, Retiring, Stable, State,
};
use crate::{Plan, PlanStep, Settling, Status, Version, goal_of_experiment, wake};

/// Why a rollout is where it is: which gate it stands before, since when, until when, and what opens it.
///
/// `Display` says it in one line, [`opens`](Self::opens) what would open it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Waiting {
    /// The gate.
    pub gate: Gate,
    /// Since when it stands there: the last time that anything moved.
    pub since: Time,
    /// When time alone opens the gate, or ends the patience.
    pub until: Option<Time>,
    /// The version whose pods are made anew meanwhile, or are next: that holds no step up.
    pub restarting: Option<Version>,
}

/// What a rollout can wait for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Gate {
    /// Nothing: it is at rest until there is a new version.
    AtRest,
    /// The first version.
    FirstVersion,
    /// Somebody who wants pods again: none are wanted, and traffic goes nowhere.
    ScaledToZero {
        /// So many of all versions are still asked for.
        left: u32,
    },
    /// Pods.
    Pods {
        /// Of which version.
        version: Version,
        /// So many are ready.
        ready: u32,
        /// So many must be.
        needed: u32,
    },
    /// A version that should get traffic has no pod that is ready, so the traffic stays where it is.
    NoPodToRouteTo {
        /// Which.
        version: Version,
        /// Its share, once it can.
        weight: Weight,
    },
    /// The route.
    Propagation {
        /// The number of the split.
        change: u64,
    },
    /// A pause with an end.
    Pause,
    /// A pause for a person.
    Person,
    /// An analysis run.
    Analysis {
        /// Its number.
        run: u64,
    },
    /// An experiment.
    Experiment {
        /// Its name.
        name: String,
    },
    /// A version that has more pods than it shall.
    ScaleDown {
        /// Which.
        version: Version,
        /// So many it has.
        replicas: u32,
        /// So many it may have.
        most: u32,
    },
    /// A hold.
    Hold {
        /// Why.
        reason: HoldReason,
    },
    /// The other components of the group.
    Barrier {
        /// Its name.
        name: String,
    },
    /// The time for which the version before stands by, or a person.
    Retirement {
        /// Which version goes then.
        version: Version,
    },
    /// A version being removed.
    Removal {
        /// Which.
        version: Version,
    },
    /// An update was aborted; a person, or a new version.
    Decision {
        /// The version that was given up.
        version: Version,
        /// Why.
        reason: AbortReason,
    },
}

/// What a rollout waits for: derived from plan and status alone, as [`step`](crate::step) says it.
#[must_use]
pub fn waiting(plan: &Plan, status: &Status) -> Waiting {
    before(plan, status, &goal::of(plan, status))
}

/// Which gate stands before the goal of this status.
pub(crate) fn before(plan: &Plan, status: &Status, goal: &Goal) -> Waiting {
    let (gate, until) = gate(plan, status, goal);
    let until = until.or_else(|| wake::deadline(plan, status));
    Waiting { gate, since: since(status), until, restarting: status.restart.left.first().cloned() }
}

fn since(status: &Status) -> Time {
    match &status.state {
        State::Paused(Paused { since, .. })
        | State::Held(Held { since, .. })
        | State::Analysing(Analysing { since, .. }) => *since,
        _ => status.progress,
    }
}

/// The gate, and when time alone opens it.
fn gate(plan: &Plan, status: &Status, goal: &Goal) -> (Gate, Option<Time>) {
    match &status.state {
        State::Empty => return (Gate::FirstVersion, None),
        _ if goal::size(plan, status) == 0 => {
            let left = status.pods.values().filter_map(|pods| pods.replicas).sum();
            return (Gate::ScaledToZero { left }, None);
        }
        State::Held(held) => return (Gate::Hold { reason: held.reason }, None),
        State::Analysing(analysing) => return (Gate::Analysis { run: analysing.run }, None),
        State::Paused(Paused { until: until @ Some(_), .. }) => return (Gate::Pause, *until),
        _ => {}
    }
    if let Some(gate) = unreached(status, goal) {
        return (gate, wake::settled_at(plan, status));
    }
    match &status.state {
        State::Paused(_) => (Gate::Person, None),
        State::Experimenting(running) if goal_of_experiment::waits_for_a_person(plan, &running.update) => {
            (Gate::Person, None)
        }
        State::Experimenting(running) => {
            let name = goal_of_experiment::current(plan, &running.update).map_or("", |running| &running.name);
            (Gate::Experiment { name: name.to_owned() }, wake::wake(plan, status).map(|wake| wake.at))
        }
        State::Stable(Stable { standby: Some(standby), .. }) => {
            (Gate::Retirement { version: standby.version.clone() }, standby.until)
        }
        State::Aborted(Aborted { update, reason, drain, .. }) => {
            let until = if let Drain::Until(until) = drain { Some(*until) } else { None };
            (Gate::Decision { version: update.canary.clone(), reason: *reason }, until)
        }
        State::Retiring(Retiring { old, .. }) => (Gate::Removal { version: old.clone() }, None),
        State::Stepping(update) => match plan.step_at(update.index) {
            Some(PlanStep::Barrier(name)) => (Gate::Barrier { name: name.clone() }, None),
            _ => (Gate::AtRest, None),
        },
        _ => leftovers(status, goal)
            .next()
            .map_or((Gate::AtRest, None), |version| (Gate::Removal { version: version.clone() }, None)),
    }
}

/// What of the goal is not reached, the first in the order of the effects.
fn unreached(status: &Status, goal: &Goal) -> Option<Gate> {
    if status.route.settling != Settling::Settled {
        return Some(Gate::Propagation { change: status.route.change });
    }
    let lacking = |want: &&goal::Want| {
        let pods = status.pods_of(&want.version);
        pods.ready < want.needed || (want.needed > 0 && pods.replicas.is_none_or(|r| r < want.replicas))
    };
    if let Some(want) = goal.wants.iter().find(lacking) {
        let ready = status.ready(&want.version);
        // All are ready and more are asked for: the report of the new number is what is missing.
        let needed = if ready < want.needed { want.needed } else { want.replicas.max(want.needed) };
        return Some(Gate::Pods { version: want.version.clone(), ready, needed });
    }
    let excess = |want: &&goal::Want| status.pods_of(&want.version).replicas.unwrap_or(0) > want.most;
    if let Some(want) = goal.wants.iter().find(excess) {
        let replicas = status.pods_of(&want.version).replicas.unwrap_or(0);
        return Some(Gate::ScaleDown { version: want.version.clone(), replicas, most: want.most });
    }
    let short = |(version, weight): &&(Version, Weight)| *weight > status.weight(version);
    let (version, weight) = goal.intended.iter().find(short).filter(|_| goal.shares != goal.intended)?;
    Some(Gate::NoPodToRouteTo { version: version.clone(), weight: *weight })
}

impl Waiting {
    /// What would open the gate.
    #[must_use]
    pub fn opens(&self) -> String {
        match &self.gate {
            Gate::AtRest => "a new version".into(),
            Gate::FirstVersion => "a first version".into(),
            Gate::ScaledToZero { .. } => "a number of replicas above 0".into(),
            Gate::Pods { version, needed, .. } => {
                format!("{needed} ready pods of {version}, an abort, or a new version")
            }
            Gate::NoPodToRouteTo { version, .. } => format!("a ready pod of {version}"),
            Gate::Propagation { .. } => {
                "the answer that every proxy has the split, or the end of the hold".into()
            }
            Gate::Pause => "time, `resume` or `promote`".into(),
            Gate::Person => "`promote`, `take over` or `abort` by a person".into(),
            Gate::Analysis { run } => format!("the outcome of analysis {run}"),
            Gate::Experiment { name } => format!("the end of experiment `{name}`, or `promote`"),
            Gate::ScaleDown { version, most, .. } => format!("no more than {most} pods of {version}"),
            Gate::Hold { reason: HoldReason::Commanded } => "`resume` or `abort` by a person".into(),
            Gate::Hold { .. } => "`resume` (measure again), `promote` (go on) or `abort` by a person".into(),
            Gate::Barrier { name } => format!("all other components of the group at `{name}`"),
            Gate::Retirement { version } => format!("`retire {version}` by a person, or its time"),
            Gate::Removal { version } => format!("the report that {version} is gone"),
            Gate::Decision { version, .. } => format!("`retry`, a new version, or `retire {version}`"),
        }
    }
}

impl std::fmt::Display for Waiting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.gate {
            Gate::AtRest => f.write_str("at rest"),
            Gate::FirstVersion => f.write_str("waiting for a first version"),
            Gate::ScaledToZero { left } => {
                f.write_str("scaled to zero by request: traffic goes nowhere until it is scaled up")?;
                if *left > 0 { write!(f, ", {left} pods are left") } else { Ok(()) }
            }
            Gate::Pods { version, ready, needed } => {
                write!(f, "waiting for pods of {version}: {ready} of {needed} ready")
            }
            Gate::NoPodToRouteTo { version, weight } => {
                write!(f, "{version} has no ready pod, so it cannot get its share of {weight} yet")
            }
            Gate::Propagation { change } => {
                write!(f, "waiting until every proxy has change {change} of the route")
            }
            Gate::Pause => f.write_str("paused by the plan"),
            Gate::Person => f.write_str("waiting for a person"),
            Gate::Analysis { run } => write!(f, "waiting for analysis {run}"),
            Gate::Experiment { name } => write!(f, "experiment `{name}` runs"),
            Gate::ScaleDown { version, replicas, most } => {
                write!(f, "waiting until {version} has {most} pods instead of {replicas}")
            }
            Gate::Hold { reason: HoldReason::Commanded } => f.write_str("held by a person"),
            Gate::Hold { reason: HoldReason::Inconclusive } => {
                f.write_str("held: the analysis could not say")
            }
            Gate::Hold { reason: HoldReason::AnalysisFailed } => f.write_str("held: the analysis failed"),
            Gate::Barrier { name } => write!(f, "waiting for the group at `{name}`"),
            Gate::Retirement { version } => write!(f, "{version} stands by"),
            Gate::Removal { version } => write!(f, "waiting until {version} is gone"),
            Gate::Decision { version, reason } => write!(f, "{version} was aborted: {reason}"),
        }?;
        if let Some(until) = self.until {
            write!(f, ", until {until}")?;
        }
        match &self.restarting {
            Some(version) => write!(f, "; pods of {version} are made anew"),
            None => Ok(()),
        }
    }
}
