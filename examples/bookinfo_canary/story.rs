//! The loop around a rollout: events in, effects carried out, stages written and counted.

use std::collections::BTreeMap;

use pointsman_judge::{Evidence, Judge, Threshold, Verdict};
use pointsman_render::{Located, ManifestSet, Release, Stage, stages_of};
use pointsman_rollout::{Effect, Event, Gate, Outcome, Plan, Status, Step, Version, step};
use pointsman_types::Time;

use crate::Failure;
use crate::folder::RunFolder;
use crate::requests::{self, Counted};

/// A release on its way.
pub(crate) struct Story {
    pub(crate) name: String,
    plan: Plan,
    status: Status,
    release: Release,
    now: Time,
    /// Pods that the manifests ask for and those that are ready, by version.
    pods: BTreeMap<Version, Pods>,
    last: Option<Step>,
    ordered: Vec<Stage>,
    said: Vec<String>,
    pub(crate) stages: Vec<StageRecord>,
    seed: u64,
}

#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Pods {
    pub(crate) asked: u32,
    pub(crate) ready: u32,
    reported: bool,
}

/// What is kept of a stage.
#[derive(Debug, Clone)]
pub(crate) struct StageRecord {
    pub(crate) folder: String,
    pub(crate) title: String,
    pub(crate) state: String,
    pub(crate) waiting: String,
    pub(crate) opens: String,
    pub(crate) ordered: Vec<Stage>,
    /// The order of the first application: why, and which objects.
    pub(crate) apply: Vec<(&'static str, Vec<String>)>,
    /// What people and judges said.
    pub(crate) said: Vec<String>,
    pub(crate) shares: Vec<(String, u32)>,
    pub(crate) pods: Vec<(String, Pods)>,
    pub(crate) counted: Counted,
}

impl Story {
    pub(crate) fn new(name: &str, plan: Plan, release: Release) -> Self {
        Self {
            name: name.to_owned(),
            plan,
            status: Status::new(),
            release,
            now: Time::EPOCH,
            pods: BTreeMap::new(),
            last: None,
            ordered: Vec::new(),
            said: Vec::new(),
            stages: Vec::new(),
            seed: 1,
        }
    }

    pub(crate) fn release(&self) -> &Release {
        &self.release
    }

    /// Tells the rollout what happened, and carries out what follows.
    pub(crate) fn tell(&mut self, event: &Event) -> Result<(), Failure> {
        let answer =
            step(&self.plan, &self.status, event, self.now).map_err(|refused| refused.to_string())?;
        self.status = answer.status.clone();
        let stages = self.release.carry_out(&answer.effects).map_err(|error| error.to_string())?;
        for stage in stages {
            self.see(&stage.effect);
            // Effects are asked for again until they are seen to be done: only what is new is kept.
            let seen = self.ordered.iter().any(|other| other.effect == stage.effect);
            if !seen {
                self.ordered.push(stage);
            }
        }
        self.last = Some(answer);
        Ok(())
    }

    /// Commands that the rollout must refuse: the words of the refusal.
    pub(crate) fn refused(&mut self, event: &Event) -> Result<(), Failure> {
        match step(&self.plan, &self.status, event, self.now) {
            Err(refused) => {
                self.said.push(format!("{}: refused: {refused}", event.name()));
                Ok(())
            }
            Ok(_) => Err(format!("`{}` should have been refused", event.name())),
        }
    }

    pub(crate) fn say(&mut self, words: impl Into<String>) {
        self.said.push(words.into());
    }

    fn see(&mut self, effect: &Effect) {
        match effect {
            Effect::Scale { version, replicas } => {
                let pods = self.pods.entry(version.clone()).or_default();
                if pods.asked != *replicas || !pods.reported {
                    *pods = Pods { asked: *replicas, ready: pods.ready.min(*replicas), reported: false };
                }
            }
            Effect::RemoveVersion { version } => {
                self.pods.remove(version);
            }
            _ => {}
        }
    }

    /// The pods of a version become so many, of which so many are ready.
    pub(crate) fn pods_become(&mut self, version: &Version, ready: u32) -> Result<(), Failure> {
        let pods = self.pods.entry(version.clone()).or_default();
        (pods.ready, pods.reported) = (ready, true);
        let event = Event::PodsChanged { version: version.clone(), replicas: pods.asked, ready };
        self.tell(&event)
    }

    /// Lets the cluster do all it was asked for, until a person or a judge is needed.
    pub(crate) fn settle(&mut self) -> Result<(), Failure> {
        // Bounded, so that a mistake in this loop cannot hang it.
        for _ in 0..100 {
            let unreported = self.pods.iter().find(|(_, pods)| !pods.reported);
            if let Some((version, asked)) = unreported.map(|(version, pods)| (version.clone(), pods.asked)) {
                self.pods_become(&version, asked)?;
                continue;
            }
            let Some(last) = &self.last else { return Ok(()) };
            match last.effects.last() {
                Some(Effect::AwaitGone { version }) => {
                    let event = Event::VersionGone { version: version.clone() };
                    self.tell(&event)?;
                }
                Some(Effect::AwaitPropagation { change, .. }) => {
                    let event = Event::SplitApplied { change: *change };
                    self.tell(&event)?;
                    self.pass_hold()?;
                }
                _ => return Ok(()),
            }
        }
        Err("the release does not come to rest".into())
    }

    /// Waits as long as the route takes to reach every proxy.
    fn pass_hold(&mut self) -> Result<(), Failure> {
        let Some(last) = &self.last else { return Ok(()) };
        if let (Gate::Propagation { .. }, Some(wake)) = (&last.waiting.gate, last.wake) {
            self.now = wake.at;
            self.tell(&Event::TimePassed)?;
        }
        Ok(())
    }

    /// Lets time pass until the rollout wants to be called.
    pub(crate) fn pass_time(&mut self) -> Result<(), Failure> {
        let wake = self.last.as_ref().and_then(|last| last.wake);
        if let Some(wake) = wake {
            self.now = wake.at;
            self.say(format!("time passes: it is {} now", self.now));
            self.tell(&Event::TimePassed)?;
        }
        Ok(())
    }

    /// Judges the canary by numbers that were measured, and reports the outcome of the running analysis.
    pub(crate) fn measure(&mut self, numbers: &Evidence) -> Result<(), Failure> {
        let Some(Gate::Analysis { run }) = self.last.as_ref().map(|last| last.waiting.gate.clone()) else {
            return Err("no analysis is running".into());
        };
        let judges = [
            ("errors at most 1 %", Threshold::max_error_share(0.01)),
            ("latency at most 250 ms at 99 %", Threshold::max_latency_ms(0.99, 250.0)),
        ];
        let mut outcome = Outcome::Successful;
        for (name, judge) in judges {
            let judge = judge.map_err(|invalid| invalid.to_string())?;
            let (_, verdict) = judge.update(&Default::default(), numbers);
            let value = judge.value(numbers).map_or_else(|| "no value".into(), |value| format!("{value:.3}"));
            self.say(format!("judge: {name}: measured {value}: {verdict:?}"));
            outcome = match verdict {
                Verdict::Pass => outcome,
                Verdict::Fail => Outcome::Failed,
                _ if outcome == Outcome::Successful => Outcome::Inconclusive,
                _ => outcome,
            };
        }
        self.tell(&Event::AnalysisFinished { run, outcome })
    }

    /// Ends a stage: writes the manifests, reads them back, and counts where requests go.
    pub(crate) fn end_stage(
        &mut self,
        folder: &mut RunFolder,
        name: &str,
        title: &str,
    ) -> Result<(), Failure> {
        let number = self.stages.len() + 1;
        let place = match self.name.as_str() {
            "" => format!("{number:02}-{name}"),
            story => format!("{story}/{number:02}-{name}"),
        };
        let read = folder.write_stage(&place, self.release.manifests())?;
        if read != *self.release.manifests() {
            return Err(format!("{place}: what was read is not what was written"));
        }
        let ready = self.pods.iter().map(|(version, pods)| (version.to_string(), pods.ready)).collect();
        let target = (self.release.namespace(), self.release.component());
        // What is there from the beginning is applied in the order of kinds.
        let is_fresh = number == 1 && self.ordered.iter().all(|stage| stage.changes.is_empty());
        let apply = if is_fresh { apply_order(&read)? } else { Vec::new() };
        let counted = requests::count(&read, target, &ready, self.seed)?;
        self.seed += requests::REQUESTS;
        let waiting = self.last.as_ref().map(|last| last.waiting.clone());
        let shares =
            self.status.shares().iter().map(|(version, weight)| (version.to_string(), weight.value()));
        self.stages.push(StageRecord {
            folder: place,
            title: title.to_owned(),
            state: self.status.state().name().to_owned(),
            waiting: waiting.as_ref().map(ToString::to_string).unwrap_or_default(),
            opens: waiting.map(|waiting| waiting.opens()).unwrap_or_default(),
            ordered: std::mem::take(&mut self.ordered),
            apply,
            said: std::mem::take(&mut self.said),
            shares: shares.collect(),
            pods: self.pods.iter().map(|(version, pods)| (version.to_string(), *pods)).collect(),
            counted,
        });
        Ok(())
    }
}

/// What is applied before what, the first time.
fn apply_order(set: &ManifestSet) -> Result<Vec<(&'static str, Vec<String>)>, Failure> {
    let stages = stages_of(set).map_err(|error| error.to_string())?;
    let name = |object: &Located| format!("{} {}", object.object_ref.kind, object.object_ref.name);
    Ok(stages.iter().map(|stage| (stage.why, stage.objects.iter().map(name).collect())).collect())
}
