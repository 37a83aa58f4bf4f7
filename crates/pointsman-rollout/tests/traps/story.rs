//! One harness for both: what is told to a controller, and what becomes of its cluster.

use std::collections::BTreeMap;

use pointsman_rollout::{Command, Event, Outcome, Plan, PlanSpec, Version};
use pointsman_types::{Time, duration::TimeDelta};

use crate::cluster::{Cluster, Pods};
use crate::controller::{Controller, Ours};
use crate::naive::Naive;

/// A controller and its cluster.
pub(crate) struct Story {
    controller: Box<dyn Controller>,
    pub(crate) cluster: Cluster,
    now: Time,
    /// What the controller knows of the pods.
    told: BTreeMap<Version, Pods>,
    settled: u64,
}

/// Ours lives through the story; the naive controller comes to grief in it, with these words.
pub(crate) fn told_apart(spec: PlanSpec, story: fn(&mut Story) -> Result<(), String>, grief: &str) {
    told_apart_from(Naive::new, spec, story, grief);
}

/// With a naive controller of another age.
pub(crate) fn told_apart_from(
    naive: fn(Plan) -> Naive,
    spec: PlanSpec,
    story: fn(&mut Story) -> Result<(), String>,
    grief: &str,
) {
    let plan = spec.build().expect("a valid plan");
    let mut ours = Story::of(Box::new(Ours::new(plan.clone())));
    assert_eq!(story(&mut ours), Ok(()), "ours");
    assert_eq!((ours.nothing_is_dark(), ours.nothing_dangles()), (Ok(()), Ok(())), "ours");
    let mut naive = Story::of(Box::new(naive(plan)));
    let met = story(&mut naive).expect_err("the naive one lives through it, too");
    assert!(met.contains(grief), "the naive one meets something else: {met}");
}

impl Story {
    /// Of which nothing has happened yet.
    pub(crate) fn of_nothing(controller: Box<dyn Controller>) -> Self {
        Self { controller, cluster: Cluster::default(), now: Time::EPOCH, told: BTreeMap::new(), settled: 0 }
    }

    /// In which v1 serves.
    pub(crate) fn of(controller: Box<dyn Controller>) -> Self {
        let mut story = Self::of_nothing(controller);
        story.release("v1").and_then(|()| story.calm()).expect("v1 serves");
        story.cluster.forgive();
        story.cluster.watch();
        story
    }

    pub(crate) fn tell(&mut self, event: Event) -> Result<(), String> {
        let effects = self.controller.tell(&event, self.now)?;
        self.cluster.carry_out(&effects);
        Ok(())
    }

    pub(crate) fn release(&mut self, version: &'static str) -> Result<(), String> {
        self.tell(Event::RevisionAdded { version: Version::from_static(version) })
    }

    pub(crate) fn command(&mut self, command: Command) -> Result<(), String> {
        self.tell(Event::Commanded(command))
    }

    /// The newest of the analyses comes to its end.
    pub(crate) fn analysis(&mut self, outcome: Outcome) -> Result<(), String> {
        let (run, _) = self.cluster.running.pop_last().ok_or("nothing is measured")?;
        self.tell(Event::AnalysisFinished { run, outcome })
    }

    pub(crate) fn later(&mut self, seconds: i64) -> Result<(), String> {
        self.now = self.now.plus(TimeDelta::from_secs(seconds));
        self.tell(Event::TimePassed)
    }

    /// So many pods of a version are ready, of those that are asked for.
    pub(crate) fn ready(&mut self, version: &'static str, ready: u32) -> Result<(), String> {
        self.cluster.set_ready(&Version::from_static(version), ready);
        self.report().map(|_| ())
    }

    /// All pods of a version that are asked for are ready.
    pub(crate) fn up(&mut self, version: &'static str) -> Result<(), String> {
        self.ready(version, u32::MAX)
    }

    /// Every proxy has what is written.
    pub(crate) fn settle(&mut self) -> Result<(), String> {
        self.cluster.propagate();
        let change = self.cluster.change;
        if change == self.settled {
            return Ok(());
        }
        self.settled = change;
        self.tell(Event::SplitSettled { change })
    }

    /// All that comes by itself, until nothing more comes.
    pub(crate) fn calm(&mut self) -> Result<(), String> {
        for _ in 0..200 {
            if !self.report()? && !self.something_comes()? {
                return Ok(());
            }
        }
        Err("it does not come to rest".into())
    }

    fn something_comes(&mut self) -> Result<bool, String> {
        let waits = |(version, pods): (&Version, &Pods)| (pods.ready < pods.asked).then(|| version.clone());
        if let Some(version) = self.cluster.pods().iter().find_map(waits) {
            self.cluster.set_ready(&version, u32::MAX);
        } else if self.settled != self.cluster.change {
            self.settle()?;
        } else if let Some(version) = self.cluster.gone.pop_first() {
            self.told.remove(&version);
            self.tell(Event::VersionGone { version })?;
        } else if let Some((restart, version)) = self.cluster.renewed.pop_first() {
            self.tell(Event::Restarted { restart, version })?;
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// Tells what is not known yet of the pods; answers whether there was anything.
    fn report(&mut self) -> Result<bool, String> {
        let mut news = false;
        while let Some((version, pods)) = self.not_told() {
            self.told.insert(version.clone(), pods);
            self.tell(Event::PodsChanged { version, replicas: pods.asked, ready: pods.ready })?;
            news = true;
        }
        Ok(news)
    }

    fn not_told(&self) -> Option<(Version, Pods)> {
        let news = self.cluster.pods().iter().find(|(version, pods)| self.told.get(*version) != Some(pods));
        news.map(|(version, pods)| (version.clone(), *pods))
    }

    /// No effect sent a request where nobody answers.
    pub(crate) fn nothing_is_dark(&self) -> Result<(), String> {
        self.cluster.dark().first().map_or(Ok(()), |what| Err(what.clone()))
    }

    /// No effect left a request with a name that nobody knows.
    pub(crate) fn nothing_dangles(&self) -> Result<(), String> {
        self.cluster.dangling().first().map_or(Ok(()), |what| Err(what.clone()))
    }

    /// The weight of a version is as it should be.
    pub(crate) fn weighs(&self, version: &'static str, weight: u32) -> Result<(), String> {
        let actual = self.cluster.weight(version);
        let is_right = actual == weight;
        is_right.then_some(()).ok_or_else(|| format!("{version} has {actual} and not {weight}"))
    }
}
