//! Throws events at a releaser and watches the laws.

use std::collections::BTreeMap;

use pointsman_rollout::{Effect, Event, Plan, Propagation, Version};
use pointsman_types::{Time, Weight, duration::TimeDelta};

use crate::{Cluster, Releaser, rest};

/// A law of releases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Law {
    /// Weights add up to the total of the plan.
    WeightsAddUp,
    /// No change of a route gives traffic to what is not ready, or names what cannot be named.
    OnlyReadyPodsGetTraffic,
    /// Pods and subsets go only when no route needs them.
    NothingNeededGoes,
    /// An abort ends with all traffic on the stable version.
    AbortEndsOnStable,
    /// Carrying a list out twice is carrying it out once.
    EffectsAreIdempotent,
    /// The same events give the same answers.
    SameEventsSameAnswers,
    /// No split gives the released version more than its step allows.
    NoMoreThanTheStep,
    /// A report that is told twice is told once.
    TwiceIsOnce,
    /// Whoever dies between two effects and begins the list again comes to the same cluster.
    CrashesLoseNothing,
    /// What is saved and loaded again wants the same and answers the same.
    SavingChangesNothing,
    /// With a cluster that does as it is told and a person who says to go on, a release comes to rest.
    ComesToRest,
    /// Where no pods are wanted there are none in the end, and no route changes meanwhile.
    ZeroIsZero,
}

/// A law that does not hold, and how it came to that.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{law:?} is broken after event {after} ({event:?}): {why}")]
#[non_exhaustive]
pub struct BrokenLaw {
    /// The law.
    pub law: Law,
    /// Which event of the sequence, from 0; its length for what shows only at the end.
    pub after: usize,
    /// The event.
    pub event: Option<Event>,
    /// In words.
    pub why: String,
}

/// What happened to a sequence of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Report {
    /// Events that had a place.
    pub handled: usize,
    /// Events that were refused.
    pub refused: usize,
    /// Events that were not told, since they report a route that was never written.
    pub untrue: usize,
    /// Whether an abort was followed to its end.
    pub aborted: usize,
}

/// Throws a sequence of events at a releaser and carries out what it answers.
///
/// A second releaser is told the same, and must answer the same. Each event comes one second after the one before. After each
/// event that leaves an aborted release, a copy of the world is followed with a cluster that does as it is told.
///
/// # Errors
///
/// The first law that breaks.
pub fn check<R: Releaser + Clone>(
    plan: &Plan,
    new: impl Fn() -> R,
    events: &[Event],
) -> Result<Report, BrokenLaw> {
    let total = plan.spec().total_weight;
    let (mut releaser, mut twin) = (new(), new());
    let mut cluster = Cluster::of(plan);
    let mut told = BTreeMap::new();
    let mut report = Report::default();
    let mut now = Time::EPOCH;
    let mut applied = None;
    for (after, event) in events.iter().enumerate() {
        let broken = |law, why| BrokenLaw { law, after, event: Some(event.clone()), why };
        now = now.plus(TimeDelta::from_secs(1));
        if cluster.is_untrue(event) {
            report.untrue += 1;
            continue;
        }
        let answer = releaser.tell(event, now);
        if answer != twin.tell(event, now) {
            return Err(broken(Law::SameEventsSameAnswers, "two releasers answer differently".into()));
        }
        let Some(effects) = answer else {
            report.refused += 1;
            continue;
        };
        report.handled += 1;
        cluster.see(event);
        // A plan that waits a fixed time takes the end of it as the sign that all proxies have the route.
        if let (Event::SplitApplied { change }, Propagation::Hold(hold)) = (event, plan.spec().propagation)
            && applied.is_none_or(|(other, _)| other != *change)
        {
            applied = Some((*change, now.plus(hold)));
        }
        if let Some((change, _)) = applied.filter(|(_, at)| *at <= now) {
            cluster.settle(change);
        }
        rest::remember(&mut told, event);
        let refuge = releaser.aborted_to();
        let checked = is_within_step(&releaser, &effects)
            .and_then(|()| is_told_once(&releaser, event, now))
            .and_then(|()| is_saved(&mut releaser, &effects))
            .and_then(|()| survives_crashes(&cluster, &effects, total, refuge.as_ref()))
            .and_then(|()| cluster.carry_out(&effects, total, refuge.as_ref()));
        checked.map_err(|(law, why)| broken(law, why))?;
        let once = cluster.clone();
        cluster.carry_out(&effects, total, refuge.as_ref()).map_err(|(law, why)| broken(law, why))?;
        if once != cluster {
            return Err(broken(Law::EffectsAreIdempotent, "the second time changed something".into()));
        }
        if let Some(stable) = refuge {
            report.aborted += 1;
            let end = rest::follow(plan, releaser.clone(), cluster.clone(), told.clone(), applied, now);
            let end = end.map_err(|(law, why)| broken(law, why))?;
            if !end.is_all_on(&stable) {
                return Err(broken(Law::AbortEndsOnStable, format!("not all traffic is on {stable}")));
            }
        }
    }
    let at_end = |(law, why)| BrokenLaw { law, after: events.len(), event: None, why };
    rest::comes_to_rest(plan, releaser, cluster, now).map_err(at_end)?;
    Ok(report)
}

pub(crate) type Broken = (Law, String);

fn is_within_step<R: Releaser>(releaser: &R, effects: &[Effect]) -> Result<(), Broken> {
    let Some((version, allowed)) = releaser.allowed() else { return Ok(()) };
    let shares = effects
        .iter()
        .find_map(|effect| if let Effect::SetSplit { split, .. } = effect { Some(split) } else { None });
    let has = shares.map_or(Weight::ZERO, |split| split.weight(version.as_str()));
    if has <= allowed {
        return Ok(());
    }
    Err((Law::NoMoreThanTheStep, format!("{version} gets {has}, its step allows {allowed}")))
}

/// Reports say how things are, so a second one says nothing new; it may be refused. Commands and new versions are not reports.
fn is_told_once<R: Releaser + Clone>(releaser: &R, event: &Event, now: Time) -> Result<(), Broken> {
    if matches!(event, Event::Commanded(_) | Event::RevisionAdded { .. } | Event::BarrierOpened { .. }) {
        return Ok(());
    }
    let mut again = releaser.clone();
    let answer = again.tell(event, now);
    if answer.is_none_or(|answer| answer == releaser.effects()) {
        return Ok(());
    }
    Err((Law::TwiceIsOnce, "told a second time it wants something else".into()))
}

/// It goes on as the one that was loaded, so that what comes later is compared, too.
fn is_saved<R: Releaser>(releaser: &mut R, effects: &[Effect]) -> Result<(), Broken> {
    let Some(loaded) = releaser.reloaded() else { return Ok(()) };
    let same = loaded.effects() == effects
        && (loaded.wake(), loaded.aborted_to()) == (releaser.wake(), releaser.aborted_to());
    *releaser = loaded;
    if same {
        Ok(())
    } else {
        Err((Law::SavingChangesNothing, "loaded again it wants something else".into()))
    }
}

fn survives_crashes(
    cluster: &Cluster,
    effects: &[Effect],
    total: u32,
    refuge: Option<&Version>,
) -> Result<(), Broken> {
    let mut whole = cluster.clone();
    whole.carry_out(effects, total, refuge)?;
    for (done, _) in effects.iter().enumerate() {
        let mut died = cluster.clone();
        died.carry_out(effects.get(..done).unwrap_or_default(), total, refuge)?;
        died.carry_out(effects, total, refuge)?;
        if died != whole {
            return Err((
                Law::CrashesLoseNothing,
                format!("dead after {done} effects, it comes to another cluster"),
            ));
        }
    }
    Ok(())
}
