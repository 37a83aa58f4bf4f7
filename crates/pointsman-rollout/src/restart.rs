//! Pods made anew without a new version.

use crate::goal::{self, Goal};
use crate::{Effect, Plan, Rejected, Status, Version, goal_of_experiment};

/// Asks for the pods of every version: stable's first, then the canary's, then those that served before, the oldest first. The
/// pods of an experiment are younger than its step, and go with it.
///
/// Source: `rollout/restart.go` of Argo Rollouts. Differs: a new version does not call it off, since an abort would lead back to
/// pods that somebody wanted to be rid of.
pub(crate) fn ask(plan: &Plan, status: &mut Status) {
    let mut left: Vec<Version> = Vec::new();
    let now = status.state.stable().into_iter().chain(status.state.canary());
    for version in now.chain(status.history.iter().rev()).chain(status.pods.keys()) {
        if !left.contains(version) && !goal_of_experiment::is_variant(plan, status, version) {
            left.push(version.clone());
        }
    }
    status.restart.asked += 1;
    status.restart.left = left;
}

/// Notes that the pods of a version are new.
pub(crate) fn note(status: &mut Status, restart: u64, version: &Version) -> Result<(), Rejected> {
    let known = &mut status.restart;
    if restart != known.asked || !known.left.contains(version) {
        return Err(Rejected::Stale { what: "restart", number: restart, current: known.asked });
    }
    known.left.retain(|other| other != version);
    Ok(())
}

/// What has no pods, or goes anyhow, has none to make anew: those that come are new.
pub(crate) fn forget_gone(status: &mut Status, goal: &Goal) {
    let pods = &status.pods;
    let is_there = |version: &Version| pods.get(version).is_some_and(|pods| pods.replicas != Some(0));
    let is_wanted = |version: &Version| goal.wants.iter().any(|want| want.version == *version);
    let restart = &mut status.restart;
    restart.left.retain(|version| is_there(version) && is_wanted(version));
    if restart.left.is_empty() {
        restart.done = restart.asked;
    }
}

/// The next pods to make anew: one version after another.
pub(crate) fn next(plan: &Plan, status: &Status, goal: &Goal) -> Option<Effect> {
    let replicas_of = |version: &Version| {
        let want = goal.wants.iter().find(|want| want.version == *version)?;
        status.pods_of(version).replicas.map(|known| known.min(want.replicas)).filter(|count| *count > 0)
    };
    let mut left = status.restart.left.iter();
    let (version, replicas) = left.find_map(|version| Some((version, replicas_of(version)?)))?;
    let at_most = at_most(plan, status, version, replicas)?;
    Some(Effect::RestartPods { restart: status.restart.asked, version: version.clone(), at_most })
}

/// How many pods of a version may be missing meanwhile; `None` while too many of others are.
///
/// Where a route shares the traffic each version has what its share needs, so it loses a quarter of its own, and never all.
fn at_most(plan: &Plan, status: &Status, version: &Version, replicas: u32) -> Option<u32> {
    let size = goal::size(plan, status);
    let Some(bounds) = plan.bounds(size) else {
        return Some((replicas / 4).max(1).min(replicas.saturating_sub(1)));
    };
    let others = || status.pods.iter().filter(|(other, _)| *other != version);
    let (asked, ready) = others().fold((replicas, replicas), |(asked, ready), (_, pods)| {
        (asked.saturating_add(pods.replicas.unwrap_or(0)), ready.saturating_add(pods.ready))
    });
    let at_most = ready.saturating_add(bounds.unavailable).saturating_sub(size.max(asked)).min(replicas);
    // A new pod can come before an old one goes only where there may be one more.
    (at_most > 0 || bounds.surge > 0).then_some(at_most)
}
