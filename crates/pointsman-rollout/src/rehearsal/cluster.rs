//! The cluster of a rehearsal: it does what it is told, and says later what became of it.

use std::collections::{BTreeMap, BTreeSet};

use pointsman_types::{Time, duration::TimeDelta};

use super::frame::PodCount;
use super::script::{Dice, Script};
use crate::{Effect, Event, Plan, Propagation, Version};

/// What will happen when; of what happens at one time, what was said first comes first.
#[derive(Default)]
pub(super) struct Agenda {
    coming: BTreeMap<(Time, u64), (Author, Event)>,
    said: u64,
}

/// Who says that something will happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Author {
    Script,
    Cluster,
    /// Somebody who was waited for.
    Person,
}

impl Agenda {
    pub(super) fn add(&mut self, at: Time, event: Event) {
        self.add_by(Author::Cluster, at, event);
    }

    pub(super) fn add_by(&mut self, author: Author, at: Time, event: Event) {
        self.said += 1;
        self.coming.insert((at, self.said), (author, event));
    }

    pub(super) fn next_time(&self) -> Option<Time> {
        self.coming.first_key_value().map(|((at, _), _)| *at)
    }

    pub(super) fn take(&mut self) -> Option<(Time, Event)> {
        self.coming.pop_first().map(|((at, _), (_, event))| (at, event))
    }

    /// Nobody is waited for any more.
    pub(super) fn forget_person(&mut self) {
        self.coming.retain(|_, (author, _)| *author != Author::Person);
    }

    /// Takes the cluster's own reports of pods back: newer ones follow.
    fn forget_pods_of(&mut self, version: &Version) {
        self.coming.retain(|_, (author, event)| {
            *author != Author::Cluster
                || !matches!(event, Event::PodsChanged { version: other, .. } if other == version)
        });
    }
}

#[derive(Default)]
pub(super) struct Cluster {
    pods: BTreeMap<Version, (u32, u32)>,
    change: u64,
    runs: BTreeSet<u64>,
    stopped: BTreeSet<u64>,
    /// Whose pods were made anew, and by which restart.
    restarted: BTreeSet<(u64, Version)>,
}

impl Cluster {
    /// The pods of each version, as they are.
    pub(super) fn pods(&self) -> Vec<PodCount> {
        let count = |(version, (replicas, ready)): (&Version, &(u32, u32))| PodCount {
            version: version.clone(),
            replicas: *replicas,
            ready: *ready,
        };
        self.pods.iter().map(count).collect()
    }

    /// Notes what is told of pods, by the cluster itself or by the script.
    pub(super) fn see(&mut self, event: &Event) {
        if let Event::PodsChanged { version, replicas, ready } = event
            && let Some(pods) = self.pods.get_mut(version)
        {
            *pods = (*replicas, *ready);
        }
    }

    /// Carries effects out, up to the first wait.
    pub(super) fn carry_out(
        &mut self,
        plan: &Plan,
        list: &[Effect],
        (script, dice): (&Script, &mut Dice),
        agenda: &mut Agenda,
        now: Time,
    ) {
        for effect in list.iter().take_while(|effect| !effect.is_wait()) {
            match effect {
                Effect::EnsureVersion { version, .. } => {
                    self.pods.entry(version.clone()).or_default();
                }
                Effect::Scale { version, replicas } => {
                    let delay = dice.vary(script.pods_ready_after);
                    self.scale(version, *replicas, delay, dice, agenda, now);
                }
                Effect::ScaleToZero { version } => {
                    self.scale(version, 0, TimeDelta::ZERO, dice, agenda, now);
                }
                Effect::SetSplit { change, .. } if *change != self.change => {
                    self.change = *change;
                    agenda.add(now, Event::SplitApplied { change: *change });
                    if plan.spec().propagation == Propagation::Observed {
                        let at = now.plus(dice.vary(script.route_after));
                        agenda.add(at, Event::SplitSettled { change: *change });
                    }
                }
                Effect::StartAnalysis { run, .. } if self.runs.insert(*run) => {
                    // How it ends is decided when it does.
                    let at = now.plus(dice.vary(script.analysis_takes));
                    agenda
                        .add(at, Event::AnalysisFinished { run: *run, outcome: crate::Outcome::Successful });
                }
                Effect::StopAnalysis { run } if self.stopped.insert(*run) => {
                    agenda
                        .add(now, Event::AnalysisFinished { run: *run, outcome: crate::Outcome::Cancelled });
                }
                Effect::RestartPods { restart, version, at_most }
                    if self.restarted.insert((*restart, version.clone())) =>
                {
                    let after = now.plus(dice.vary(script.pods_ready_after));
                    self.lose(version, *at_most, after, agenda, now);
                    agenda.add(after, Event::Restarted { restart: *restart, version: version.clone() });
                }
                Effect::RemoveVersion { version } if self.pods.remove(version).is_some() => {
                    agenda.forget_pods_of(version);
                    agenda.add(now, Event::VersionGone { version: version.clone() });
                }
                _ => {}
            }
        }
    }

    /// So many pods are missing until then.
    fn lose(&self, version: &Version, at_most: u32, until: Time, agenda: &mut Agenda, now: Time) {
        let Some((replicas, ready)) = self.pods.get(version).copied().filter(|_| at_most > 0) else { return };
        let report = |ready| Event::PodsChanged { version: version.clone(), replicas, ready };
        agenda.add(now, report(ready.min(replicas.saturating_sub(at_most))));
        agenda.add(until, report(ready));
    }

    fn scale(
        &mut self,
        version: &Version,
        replicas: u32,
        delay: TimeDelta,
        dice: &mut Dice,
        agenda: &mut Agenda,
        now: Time,
    ) {
        let Some((asked, ready)) = self.pods.get_mut(version) else { return };
        if *asked == replicas && replicas > 0 {
            return;
        }
        *asked = replicas;
        *ready = (*ready).min(replicas);
        let left = *ready;
        agenda.forget_pods_of(version);
        let report = |ready| Event::PodsChanged { version: version.clone(), replicas, ready };
        agenda.add(now, report(left));
        if left < replicas {
            agenda.add(now.plus(delay), report(replicas));
        }
        if replicas > 0 && dice.once_in(4) {
            // Pods are lost for a while.
            agenda.add(now.plus(delay).plus(delay), report(0));
            agenda.add(now.plus(delay).plus(delay).plus(delay), report(replicas));
        }
    }
}
