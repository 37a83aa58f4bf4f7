//! Kind worlds: where a release comes to when the cluster does as it is told.

use std::collections::{BTreeMap, BTreeSet};

use pointsman_rollout::{Command, Effect, Event, Outcome, Plan, Version};
use pointsman_types::{Time, duration::TimeDelta};

use crate::laws::Broken;
use crate::{Cluster, Law, Releaser};

/// Lets the cluster do as it is told, and a person say to go on wherever nothing else does.
pub(crate) fn comes_to_rest<R: Releaser>(
    plan: &Plan,
    mut releaser: R,
    mut cluster: Cluster,
    mut now: Time,
) -> Result<(), Broken> {
    let total = plan.spec().total_weight;
    // Whatever was lost of what it was told: it is told anew how things are.
    let mut told = BTreeMap::new();
    let mut runs = BTreeSet::new();
    cluster.settle_newest();
    for _ in 0..1_000 {
        let effects = releaser.effects();
        cluster.carry_out(&effects, total, releaser.aborted_to().as_ref())?;
        // Its proxies learn at once, so that a hold is never over before they did.
        cluster.settle_newest();
        now = now.plus(TimeDelta::from_secs(1));
        let run = effects.iter().find_map(|effect| match effect {
            Effect::StartAnalysis { run, .. } | Effect::StopAnalysis { run } if runs.insert(*run) => {
                Some(*run)
            }
            _ => None,
        });
        let restart = effects.iter().find_map(|effect| match effect {
            Effect::RestartPods { restart, version, .. } => {
                Some(Event::Restarted { restart: *restart, version: version.clone() })
            }
            _ => None,
        });
        let event = if let Some(event) = cluster.report(&effects, &told) {
            event
        } else if let Some(run) = run {
            Event::AnalysisFinished { run, outcome: Outcome::Successful }
        } else if let Some(event) = restart {
            event
        } else if let Some(at) = releaser.wake() {
            now = now.max(at);
            Event::TimePassed
        } else {
            wanted_again(plan, &cluster)?.unwrap_or(Event::Commanded(Command::Promote))
        };
        remember(&mut told, &event);
        cluster.see(&event);
        let is_refused = releaser.tell(&event, now).is_none();
        if is_refused && event == Event::Commanded(Command::Promote) {
            return match releaser.effects().into_iter().find(Effect::is_wait) {
                Some(wait) => Err((Law::ComesToRest, format!("it would `{wait}` for ever"))),
                None => Ok(()),
            };
        }
    }
    Err((Law::ComesToRest, "after 1000 events more it does not rest".into()))
}

pub(crate) fn remember(told: &mut BTreeMap<Version, (u32, u32)>, event: &Event) {
    match event {
        Event::PodsChanged { version, replicas, ready } => {
            told.insert(version.clone(), (*replicas, *ready));
        }
        Event::VersionGone { version } => {
            told.remove(version);
        }
        _ => {}
    }
}

/// Lets the cluster do as it is told until nothing is left to do.
pub(crate) fn follow<R: Releaser>(
    plan: &Plan,
    mut releaser: R,
    mut cluster: Cluster,
    mut told: BTreeMap<Version, (u32, u32)>,
    applied: Option<(u64, Time)>,
    mut now: Time,
) -> Result<Cluster, Broken> {
    let total = plan.spec().total_weight;
    // Bounded, so that a releaser that never comes to rest cannot hang a test.
    for _ in 0..200 {
        let effects = releaser.effects();
        cluster.carry_out(&effects, total, releaser.aborted_to().as_ref())?;
        now = now.plus(TimeDelta::from_secs(1));
        let event = if let Some(event) = cluster.report(&effects, &told) {
            event
        } else if let Some(at) = releaser.wake() {
            now = now.max(at);
            Event::TimePassed
        } else if let Some(event) = wanted_again(plan, &cluster)? {
            event
        } else {
            break;
        };
        // A hold that began before ends in the meantime, whatever is told then.
        if let Some((change, _)) = applied.filter(|(_, at)| *at <= now) {
            cluster.settle(change);
        }
        remember(&mut told, &event);
        cluster.see(&event);
        if releaser.tell(&event, now).is_none() {
            break;
        }
    }
    Ok(cluster)
}

/// Where no pods are wanted and nothing else is left to do: some are wanted again, now that there are none.
fn wanted_again(plan: &Plan, cluster: &Cluster) -> Result<Option<Event>, Broken> {
    if !cluster.is_unwanted() {
        return Ok(None);
    }
    match cluster.with_pods() {
        Some(version) => Err((Law::ZeroIsZero, format!("no pods are wanted, and {version} keeps some"))),
        None => Ok(Some(Event::Scaled { replicas: plan.spec().replicas.max(1) })),
    }
}
