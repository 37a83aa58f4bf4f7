//! A controller as one writes it first, and as the controllers of the threads were at the time.
//!
//! It goes over spec and status in passes: write the route, scale the pods, look whether the step is done, and again
//! until nothing changes. It carries an ordinary release through. Each place where it stumbles says in which thread.

pub(crate) mod lint;
mod measure;
mod pods;
mod route;
mod steps;

use std::collections::BTreeMap;

use pointsman_rollout::{Command, Effect, Event, ManagedRoute, Outcome, Plan, PlanStep, Version};
use pointsman_types::Time;

use crate::cluster::Pods;
use crate::controller::Controller;

/// Why the steps are over before they are done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Skipped {
    ByCommand,
    ByRollback,
}

/// What becomes of an analysis that could not say, when a person goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Inconclusive {
    /// It is done again (ar#261).
    Again,
    /// It stays the answer of its step (ar#3015).
    Stays,
}

pub(crate) struct Naive {
    plan: Plan,
    /// How many pods are wanted.
    size: u32,
    inconclusive: Inconclusive,
    stable: Option<Version>,
    canary: Option<Version>,
    index: usize,
    aborted: bool,
    skipped: Option<Skipped>,
    /// When the pause of this step began.
    paused: Option<Time>,
    /// Waits for a person because of an analysis.
    held: bool,
    /// The analysis that is looked at, and its answer.
    run: Option<(u64, Option<Outcome>)>,
    background: Option<u64>,
    /// Counts the runs.
    runs: u64,
    /// When the experiment of this step had its pods.
    experiment: Option<Time>,
    /// Pods as they are reported.
    pods: BTreeMap<Version, Pods>,
    /// Pods as they were asked for.
    scaled: BTreeMap<Version, u32>,
    /// Versions that go, and when.
    leaving: Vec<(Version, Time)>,
    /// The canary's weight as last written.
    recorded: u32,
    /// Whom the names in the route stand for.
    pointed: Option<(Version, Option<Version>)>,
    /// The shares as last written.
    written: Vec<(Version, u32)>,
    change: u64,
    restarts: u64,
    managed: Vec<ManagedRoute>,
    history: Vec<Version>,
}

impl Naive {
    pub(crate) fn new(plan: Plan) -> Self {
        Self {
            size: plan.spec().replicas,
            plan,
            inconclusive: Inconclusive::Again,
            stable: None,
            canary: None,
            index: 0,
            aborted: false,
            skipped: None,
            paused: None,
            held: false,
            run: None,
            background: None,
            runs: 0,
            experiment: None,
            pods: BTreeMap::new(),
            scaled: BTreeMap::new(),
            leaving: Vec::new(),
            recorded: 0,
            pointed: None,
            written: Vec::new(),
            change: 0,
            restarts: 0,
            managed: Vec::new(),
            history: Vec::new(),
        }
    }

    /// With an answer that stays, or does not.
    pub(crate) fn with_inconclusive(mut self, inconclusive: Inconclusive) -> Self {
        self.inconclusive = inconclusive;
        self
    }

    fn size(&self) -> u32 {
        self.size
    }

    fn ready(&self, version: &Version) -> u32 {
        self.pods.get(version).map_or(0, |pods| pods.ready)
    }

    fn step(&self) -> Option<&PlanStep> {
        self.plan.steps().get(self.index)
    }

    fn end(&self) -> usize {
        self.plan.steps().len()
    }

    fn note(&mut self, event: &Event) -> Vec<Effect> {
        match event {
            Event::RevisionAdded { version } => return self.released(version),
            Event::Scaled { replicas } => self.size = *replicas,
            Event::PodsChanged { version, replicas, ready } => {
                self.pods.insert(version.clone(), Pods { asked: *replicas, ready: *ready });
            }
            Event::AnalysisFinished { run, outcome } => self.finished(*run, *outcome),
            Event::Commanded(Command::Restart) => return self.evicted(),
            Event::Commanded(command) => self.commanded(command),
            _ => {}
        }
        Vec::new()
    }

    fn released(&mut self, version: &Version) -> Vec<Effect> {
        let Some(stable) = &self.stable else {
            // The first version is stable at once, before it has a pod (ar#2507).
            self.stable = Some(version.clone());
            self.history.push(version.clone());
            return Vec::new();
        };
        let is_back = stable == version;
        let recently = self.history.iter().rev().skip(1).take(self.plan.spec().rollback_window as usize);
        let skipped = recently.clone().any(|served| served == version).then_some(Skipped::ByRollback);
        let before = if is_back { self.canary.take() } else { self.canary.replace(version.clone()) };
        self.leaving.retain(|(leaving, _)| leaving != version);
        self.restart_steps();
        self.skipped = skipped;
        // Whoever was on the way before has nothing to do any more (ar#3898).
        before.map(|abandoned| self.scale(abandoned, 0)).into_iter().flatten().collect()
    }

    fn restart_steps(&mut self) {
        self.index = 0;
        self.aborted = false;
        self.skipped = None;
        self.paused = None;
        self.held = false;
        self.run = None;
        self.background = None;
        self.experiment = None;
    }

    /// One pod of each at a time, be it the only one (ar#4716).
    fn evicted(&mut self) -> Vec<Effect> {
        self.restarts += 1;
        let evict = |version: &Version| Effect::RestartPods {
            restart: self.restarts,
            version: version.clone(),
            at_most: (self.size / 4).max(1),
        };
        self.stable.iter().chain(&self.canary).map(evict).collect()
    }

    fn commanded(&mut self, command: &Command) {
        match command {
            // Either a wait is over or the step is: nothing else was waited for.
            Command::Promote | Command::Resume if self.held => {
                self.held = false;
                if self.inconclusive == Inconclusive::Again {
                    self.run = None;
                }
            }
            Command::Promote => self.go_on(),
            Command::Resume if self.paused.is_some() => self.go_on(),
            Command::TakeOver { confirmed: Some(_) } => self.skipped = Some(Skipped::ByCommand),
            Command::Abort if self.canary.is_some() => self.aborted = true,
            Command::Undo { .. } => {
                let before = self.history.iter().rev().nth(1).cloned();
                before.into_iter().for_each(|version| drop(self.released(&version)));
            }
            Command::Retry => self.restart_steps(),
            _ => {}
        }
    }

    fn pass(&mut self, now: Time) -> Result<(Vec<Effect>, bool), String> {
        let mut list = self.begin_to_measure();
        list.extend(self.write_route()?);
        list.extend(self.scale_pods(now));
        let moved = self.advance(now, &mut list);
        Ok((list, moved))
    }
}

impl Controller for Naive {
    fn tell(&mut self, event: &Event, now: Time) -> Result<Vec<Effect>, String> {
        let mut list = self.note(event);
        for _ in 0..100 {
            let (more, moved) = self.pass(now)?;
            list.extend(more);
            if !moved {
                return Ok(list);
            }
        }
        Err("it goes round and round".into())
    }
}
